"""Emergencies, abusive callers and the block list on the desk."""

from msgspec.structs import replace

from catgem_tui.desk import effects
from catgem_tui.desk.happenings import ErrandDone
from catgem_tui.desk.intents import ShowBlocked
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.desk.state import DeskState, GuardView, Line
from catgem_tui.protocol.commands import BlockCaller, CallEmergency, UnblockCaller
from catgem_tui.protocol.enums import Refusal
from catgem_tui.protocol.events import BlockedChanged, ContactChanged
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import Struct
from catgem_tui.protocol.session import Answered, EventArrived, SignalArrived
from tests.ui import scenes

NOW = scenes.NOW


def asked(view: DeskState, body: Struct) -> tuple[Model, str]:
    """The desk after it asked central for this, and the command's id."""
    model, found = reduce(Model(view=replace(view, line=Line.ONLINE)), body, NOW)
    sent = [effect for effect in found if isinstance(effect, effects.Transmit) and effect.body == body]
    assert len(sent) == 1
    return model, sent[0].id


def codes(model: Model) -> list[str]:
    return [notice.code for notice in model.view.notices]


def answered(view: DeskState, body: Struct, refused: Refused | None = None) -> tuple[Model, tuple[effects.Effect, ...]]:
    model, command = asked(replace(view, notices=()), body)
    return reduce(model, Answered(to=command, refused=refused), NOW)


def test_whether_an_emergency_is_handed_on_or_stays_is_said() -> None:
    body = CallEmergency(contact=scenes.CALL.id)
    assert codes(answered(scenes.BUSY, body)[0]) == ["emergency_marked"]
    outside = replace(scenes.SETTINGS, calls_out=True, emergency="911")
    assert codes(answered(replace(scenes.BUSY, settings=outside), body)[0]) == ["emergency_handed"]
    assert codes(answered(replace(scenes.BUSY, settings=outside), CallEmergency(contact="c-chat"))[0]) == [
        "emergency_marked"
    ]


def test_the_floor_learns_of_an_emergency_once_and_hears_it() -> None:
    marked = replace(scenes.FLOOR_CONTACTS["f1"], emergency=True)
    model = Model(view=replace(scenes.FLOOR, notices=()))
    event = EventArrived(topic="floor", seq=1, body=ContactChanged(contact=marked))
    model, found = reduce(model, event, NOW)
    assert [(n.code, n.args["who"]) for n in model.view.notices] == [("emergency_called", "Ana López Reyes")]
    assert any(isinstance(effect, effects.Telephone) for effect in found), "no sound"
    model, found = reduce(replace(model, view=replace(model.view, notices=())), event, NOW)
    assert (codes(model), found) == ([], ())


def test_what_a_refusal_means_for_a_block_is_said() -> None:
    body = BlockCaller(contact=scenes.CALL.id, until=NOW + 60, reason="ofensas")
    for code, told in (
        (Refusal.NOT_WARNED, "not_warned"),
        (Refusal.NO_SUCH_TARGET, "number_withheld"),
        (Refusal.TOO_LONG, "block_too_long"),
    ):
        assert codes(answered(scenes.BUSY, body, Refused(code=code, args={"hours": 24}))[0]) == [told]


def test_a_number_that_was_let_in_again_is_told_and_that_the_list_is_another_is_known() -> None:
    model, found = answered(scenes.FLOOR, UnblockCaller(number="7225550134"))
    assert codes(model) == ["caller_unblocked"]
    assert [type(effect) for effect in found] == [effects.Later]  # when it leaves
    model, found = reduce(model, SignalArrived(BlockedChanged()), NOW)
    assert (model.view.guard.changed, found) == (1, ()), "only who looks at the list fetches it"


def test_the_list_is_kept_when_it_cannot_be_fetched_again() -> None:
    one = Blocked(phone="7225550134", until=NOW + 60, at=NOW, by="Ana")
    model, found = reduce(Model(view=scenes.FLOOR), ShowBlocked(), NOW)
    assert found == (effects.RunErrand(effects.FetchBlocked()),)
    model, _ = reduce(model, ErrandDone(effects.FetchBlocked(), (one,)), NOW)
    assert model.view.guard == GuardView(blocked=(one,))
    model, _ = reduce(model, ErrandDone(effects.FetchBlocked(), failure="unreachable"), NOW)
    assert model.view.guard == GuardView(blocked=(one,), problem="unreachable")
