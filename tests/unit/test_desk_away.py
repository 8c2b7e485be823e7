"""A telephone on another computer: its calls live on while it is out of reach, and are taken up again."""

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.desk.model import Model
from catgem_tui.desk.state import PhoneStatus, PhoneView
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.session import Welcomed
from tests.desk_talk import ANA, URI, Talk, contact, with_phone

CALL = contact(channel=Channel.CALL)
ARRIVED = port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1", headers={"X-Catgem-Contact": "c1"})
CONFIRMED = port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True)
KEPT = port.KeptCall(changed=CONFIRMED, arrived=ARRIVED)


def talking() -> Talk:
    talk = with_phone(Talk(ANA, CALL)).hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(ARRIVED)
    return talk.hears(CONFIRMED)


def elsewhere(talk: Talk) -> Talk:
    """As a workstation is that was started anew and has not reached the telephone yet."""
    view = talk.model.view
    talk.model = Model(view=type(view)(**{**_fields(view), "phone": PhoneView(status=PhoneStatus.AWAY)}))
    return talk


def _fields(view: object) -> dict[str, object]:
    return {name: getattr(view, name) for name in view.__struct_fields__}  # type: ignore[attr-defined]


def test_central_is_not_told_that_a_telephone_with_a_call_is_gone() -> None:
    talk = talking().hears(port.EngineAway(code="away"))
    assert talk.sends() == []
    assert (talk.view.phone.status, [call.contact for call in talk.view.phone.calls]) == (PhoneStatus.AWAY, ["c1"])
    assert talk.notices() == ["phone_away"]
    talk.hears(port.Ready(uri=URI, calls=(KEPT,)))
    assert talk.sends() == [commands.SetPhone(uri=URI)]
    assert (talk.view.phone.status, talk.notices()) == (PhoneStatus.READY, [])
    assert [(call.id, call.contact, call.state) for call in talk.view.phone.calls] == [("k1", "c1", CONFIRMED.state)]


def test_an_idle_telephone_that_is_out_of_reach_is_offered_nothing() -> None:
    talk = with_phone(Talk(ANA)).hears(port.EngineAway(code="away"))
    assert talk.sends() == [commands.SetPhone(uri="")]
    assert talk.hears(port.Ready(uri=URI)).sends() == [commands.SetPhone(uri=URI)]


def test_a_call_that_ended_meanwhile_is_over() -> None:
    talk = talking().hears(port.EngineAway(code="away"))
    talk.hears(port.Ready(uri=URI))
    assert talk.view.phone.calls == ()
    assert effects.Later(2.0, happenings.CallLeft("c1")) in talk.effects


def test_when_the_contact_ends_meanwhile_central_is_told_that_no_telephone_is_there() -> None:
    talk = talking().hears(port.EngineAway(code="away"))
    talk.hears_contact(contact(channel=Channel.CALL, state=ContactState.WRAP_UP))
    assert talk.sends() == [commands.SetPhone(uri="")]
    assert talk.view.phone.calls == ()


def test_a_workstation_started_anew_takes_the_call_up_by_its_contact() -> None:
    talk = elsewhere(Talk(ANA, CALL))
    talk.hears(Welcomed(user=ANA.id, now=5000.0))
    assert talk.sends() == []
    talk.hears_snapshot(CALL)
    assert talk.sends() == [], "the call lives, as central knows"
    talk.hears(port.Ready(uri=URI, calls=(KEPT,), muted=True))
    assert talk.sends() == [commands.SetPhone(uri=URI)]
    assert talk.view.phone.muted
    assert port.Mute(muted=True) in talk.phones()
    assert [(call.contact, call.state, call.media) for call in talk.view.phone.calls] == [("c1", CONFIRMED.state, True)]


def test_a_workstation_without_calls_says_at_once_that_its_telephone_is_not_there() -> None:
    talk = elsewhere(Talk(ANA))
    talk.hears(Welcomed(user=ANA.id, now=5000.0))
    talk.hears_snapshot()
    assert talk.sends() == [commands.SetPhone(uri="")]


def test_a_call_that_began_to_ring_meanwhile_rings() -> None:
    talk = with_phone(Talk(ANA, contact("c1", ContactState.OFFERED, channel=Channel.CALL)))
    talk.hears(port.EngineAway(code="away"))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    ringing = port.KeptCall(changed=port.CallChanged(call="k1", state=CallState.RINGING), arrived=ARRIVED)
    talk.hears(port.Ready(uri=URI, calls=(ringing,)))
    assert any(isinstance(command, port.Play) for command in talk.phones())
    assert [call.contact for call in talk.view.phone.calls] == ["c1"]
    assert port.Answer(call="k1", sound=True) in talk.hears(intents.AcceptOffer("c1")).phones()


def test_a_number_that_was_called_from_here_is_taken_up_with_its_number() -> None:
    dialled = port.Dial(call="out-1", uri="sip:7225550134@192.0.2.10")
    changed = port.CallChanged(call="out-1", state=CallState.CONFIRMED, media=True)
    talk = elsewhere(Talk(ANA)).hears(
        port.Ready(uri=URI, calls=(port.KeptCall(changed=changed, dialled=dialled),)),
    )
    assert [call.number for call in talk.view.phone.calls] == ["7225550134"]
    assert talk.hears(intents.HangUpOutgoing()).phones() == [port.HangUp(call="out-1")]


def test_each_reason_is_a_notice_of_its_own() -> None:
    talk = elsewhere(Talk(ANA))
    for code, notice in (("refused", "phone_stranger"), ("version", "phone_version"), ("away", "phone_away")):
        talk.hears(happenings.PhoneUnavailable(code))
        assert talk.notices() == [notice]
    talk.hears(port.EngineAway(code="replaced"))
    assert talk.notices() == ["phone_taken"]
