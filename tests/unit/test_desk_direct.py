"""Calls that one made: read, remembered, waiting, two at a time, joined, handed on; and the keys of the keypad."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.desk.model import Model
from catgem_tui.desk.numbers import Number, Unreadable, address_of, read
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState
from catgem_tui.phone import port
from catgem_tui.phone.fake import Exchange, FakePhone
from catgem_tui.phone.port import SOUND, CallState, DigitsBy, EngineSettings, Gate
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel, Refusal
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.model import Call, Contact
from tests.desk_talk import ANA, URI, Talk, contact, with_phone
from tests.phone_set import PATIENCE, Set

DIAL = "sip:{number}@192.0.2.10:5070"


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        (" 722 555-01.00 ", "7225550100", ""),
        ("722 555 0100 ext. 104", "7225550100", "104"),
        ("tel:+52-722-555-0100;ext=104", "+527225550100", "104"),
        ("TEL:%2B527225550100", "+527225550100", ""),
        ("tel:7225550100;phone-context=+52", "7225550100", ""),
        ("<sip:ana@192.0.2.10>", "sip:ana@192.0.2.10", ""),
        ("sips:7225550100@192.0.2.10:5061;transport=tls", "sips:7225550100@192.0.2.10:5061;transport=tls", ""),
        ("*72", "*72", ""),
    ],
)
def test_what_is_typed_or_pasted_is_read(text: str, number: str, extension: str) -> None:
    assert read(text, DIAL) == Number(number, extension)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "nothing_to_call"),
        ("12", "no_number"),
        ("1-800-FLORES", "letters_in_number"),
        ("tel:1-800-FLORES", "letters_in_number"),
        ("tel:7225550100;ext=x", "no_number"),
        ("722 555 0100 y 722 555 0101", "letters_in_number"),
        ("722 555 0100\r\nVia: x", "letters_in_number"),
        ("sip:ana@198.51.100.7", "other_exchange"),
        ("sip:ana@192.0.2.100", "other_exchange"),
        ("sip:ana:secreto@192.0.2.10", "no_number"),
        ("sip:ana@192.0.2.10?Replaces=x", "no_number"),
        ("sip:192.0.2.10", "no_number"),
        ("sip:áná@192.0.2.10", "no_number"),
    ],
)
def test_what_cannot_be_dialled_is_refused_by_its_reason(text: str, code: str) -> None:
    assert read(text, DIAL) == Unreadable(code)


def test_the_sharp_key_is_escaped_in_an_address() -> None:
    assert address_of("*72#", DIAL) == "sip:*72%23@192.0.2.10:5070"
    assert address_of("sip:ana@192.0.2.10", DIAL) == "sip:ana@192.0.2.10"


def able() -> Talk:
    talk = with_phone(Talk())
    talk.model = replace(talk.model, view=replace(talk.view, phone=replace(talk.view.phone, dial=DIAL)))
    return talk


def dial(talk: Talk, number: str, name: str = "") -> str:
    """Somebody is called and answers; returns the call."""
    talk.hears(intents.CallNumber(number, name=name))
    call = next(command.call for command in talk.phones() if isinstance(command, port.Dial))
    talk.now += 1
    talk.hears(port.CallChanged(call=call, state=CallState.CONFIRMED, media=True))
    return call


def held(talk: Talk) -> dict[str, bool]:
    return {call.id: call.held for call in talk.view.phone.calls}


# --- the history ---


def test_whom_one_called_is_remembered_newest_first_and_once() -> None:
    talk = able()
    for number in ("7225550100", "7225550101", "7225550100"):
        dial(talk, number, "Registro Civil" if number.endswith("0") else "")
        talk.hears(intents.HangUpOutgoing())
        for call in talk.view.phone.calls:
            talk.hears(port.CallChanged(call=call.id, state=CallState.ENDED, by_us=True))
    assert [(each.number, each.name) for each in talk.view.dialled] == [
        ("7225550100", "Registro Civil"),
        ("7225550101", ""),
    ]
    talk.hears(intents.CallNumber("722 555 0100"))
    assert talk.view.dialled[0].name == "Registro Civil", "by hand it keeps its name"


def test_no_more_than_fifty_are_remembered_and_refused_ones_never() -> None:
    talk = able()
    for number in range(60):
        talk.hears(intents.CallNumber(f"72255500{number:02d}"))
        for call in talk.view.phone.calls:
            talk.hears(port.CallChanged(call=call.id, state=CallState.ENDED, code=486))
    talk.hears(intents.CallNumber("marque"))
    assert len(talk.view.dialled) == 50
    assert talk.view.dialled[0].number == "7225550059"


def test_the_next_process_remembers_it_for_the_same_user() -> None:
    talk = able().hears(intents.CallNumber("7225550100 ext 9"))
    (kept,) = talk.wants(effects.KeepText)
    later = Talk(online=False).hears(happenings.LoggedIn(ANA, (), (kept,)))
    assert later.view.dialled == talk.view.dialled
    broken = replace_text(kept, "{")
    assert Talk(online=False).hears(happenings.LoggedIn(ANA, (), (broken,))).view.dialled == ()


def replace_text(text: effects.KeepText, body: str) -> effects.KeepText:
    return effects.KeepText(text.contact, text.field, body)


def test_after_a_new_login_numbers_can_still_be_called() -> None:
    talk = able().hears(intents.Logout()).hears(happenings.LoggedIn(ANA))
    assert talk.view.phone.dial == DIAL
    assert talk.view.dialled == (), "it was another's until it is restored"


# --- waiting ---


def test_waiting_they_hear_music_and_nothing_of_us() -> None:
    talk = able()
    call = dial(talk, "7225550100")
    talk.hears(intents.HoldOutgoing())
    quiet, hold, music = talk.phones()
    assert quiet == port.Disconnect(source=SOUND, sink=call), "before anything else"
    assert hold == port.Hold(call=call)
    assert isinstance(music, port.Play)
    assert (music.loop, music.to, Path(music.path).is_file()) == (True, (call,), True)
    talk.hears(port.CallChanged(call=call, state=CallState.CONFIRMED, held=True))
    assert held(talk) == {call: True}
    talk.hears(intents.HoldOutgoing())
    assert talk.phones() == [
        port.StopPlaying(player=music.player),
        port.Resume(call=call),
        port.Connect(source=SOUND, sink=call),
    ]


def test_a_telephone_that_does_not_hold_gives_the_microphone_back() -> None:
    talk = able()
    call = dial(talk, "7225550100")
    talk.hears(intents.HoldOutgoing())
    talk.hears(happenings.PhoneFailed(port.Hold(call=call), "sip"))
    assert port.Connect(source=SOUND, sink=call) in talk.phones()
    assert (held(talk), talk.notices()) == ({call: False}, ["phone_refused"])


def test_a_second_call_has_the_first_wait_and_one_goes_between_them() -> None:
    talk = able()
    first, second = dial(talk, "7225550100"), dial(talk, "7225550101")
    assert held(talk) == {first: True, second: False}
    talk.hears(intents.HoldOutgoing())
    assert held(talk) == {first: False, second: True}
    talk.hears(intents.CallNumber("7225550102"))
    assert talk.notices() == ["in_another_call"], "two are enough"
    talk.hears(intents.HangUpOutgoing())
    assert talk.phones() == [port.HangUp(call=first)], "the one that is spoken in"


def beside_a_citizen(*, hold: bool) -> Talk:
    talk = able().hears_snapshot(citizen(hold=hold))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="7221112233", dialled="070", token="t1"))
    return talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True))


def citizen(*, hold: bool) -> Contact:
    return contact("c1", channel=Channel.CALL, call=Call(held=hold, advisor_leg=True))


def test_one_goes_between_the_citizen_and_whom_one_called() -> None:
    talk = beside_a_citizen(hold=True)
    call = dial(talk, "7225550100")
    talk.hears(commands.Unhold(contact="c1"))
    assert (talk.sends(), port.Hold(call=call) in talk.phones()) == ([commands.Unhold(contact="c1")], True)
    talk.hears_contact(citizen(hold=False))
    talk.hears(commands.Hold(contact="c1"))
    assert talk.phones() == [], "not before the citizen hears nothing"
    talk.is_answered(commands.Hold)
    assert port.Resume(call=call) in talk.phones()
    assert held(talk)[call] is False


def test_the_citizen_not_on_hold_after_all_whom_one_called_goes_on_waiting() -> None:
    talk = beside_a_citizen(hold=True)
    call = dial(talk, "7225550100")
    talk.hears(commands.Unhold(contact="c1")).is_answered(commands.Unhold)
    talk.hears_contact(citizen(hold=False))
    talk.hears(commands.Hold(contact="c1")).is_answered(commands.Hold, Refusal.WRONG_STATE)
    assert (held(talk)[call], talk.model.resuming) == (True, "")


def test_a_call_that_waits_is_no_poor_line() -> None:
    talk = able()
    first, second = dial(talk, "7225550100"), dial(talk, "7225550101")
    good = {"codec": "G722", "round_trip_ms": 2.0, "jitter_ms": 1.0, "loss": 0.0, "mos": 4.4}
    talk.hears(port.QualityMeasured(call=second, **good))
    talk.hears(port.QualityMeasured(call=first, **{**good, "loss": 1.0, "mos": 1.0}))
    assert talk.view.phone.quality is not None
    assert talk.view.phone.quality.mos == 4.4


# --- three, and handing on ---


def test_three_hear_each_other_and_part_again() -> None:
    talk = able()
    first, second = dial(talk, "7225550100"), dial(talk, "7225550101")
    talk.hears(intents.JoinOutgoing())
    both = [port.Connect(source=first, sink=second), port.Connect(source=second, sink=first)]
    assert port.Resume(call=first) in talk.phones()
    assert talk.phones()[-2:] == both
    assert talk.view.phone.joined
    talk.hears(intents.HoldOutgoing())
    assert talk.phones()[:2] == [port.Disconnect(source=first, sink=second), port.Disconnect(source=second, sink=first)]
    assert (held(talk), talk.view.phone.joined) == ({first: True, second: False}, False)
    talk.hears(intents.JoinOutgoing())
    talk.hears(port.CallChanged(call=first, state=CallState.ENDED, code=200))
    assert not talk.view.phone.joined
    talk.hears(intents.JoinOutgoing())
    assert talk.phones() == [], "with one there is nothing to join"


def test_a_call_is_handed_on_to_a_number() -> None:
    talk = able()
    call = dial(talk, "7225550100", "Registro Civil")
    talk.hears(intents.HandOnOutgoing("722 555 0199", name="Módulo"))
    assert talk.phones() == [port.Transfer(call=call, uri="sip:7225550199@192.0.2.10:5070")]
    assert [each.handing for each in talk.view.phone.calls] == ["Módulo"]
    assert talk.hears(intents.HandOnOutgoing("911")).phones() == [], "once"
    talk.hears(port.TransferChanged(call=call, code=100))
    assert talk.notices() == []
    talk.hears(port.TransferChanged(call=call, code=200, reason="OK"))
    assert talk.phones() == [port.HangUp(call=call)], "the rest is up to us"
    assert talk.notices() == ["handed_on"]


def test_the_two_that_one_called_are_left_with_each_other() -> None:
    talk = able()
    first, second = dial(talk, "7225550100", "Registro Civil"), dial(talk, "7225550101", "Tesorería")
    talk.hears(intents.HandOnOutgoing())
    assert talk.phones() == [port.Transfer(call=first, to=second)]
    talk.hears(port.TransferChanged(call=first, code=202))
    assert talk.phones() == [port.HangUp(call=first), port.HangUp(call=second)]
    assert talk.view.notices[0].args["name"] == "Tesorería"


@pytest.mark.parametrize("answer", [603, "sip"])
def test_who_is_not_handed_on_stays_and_it_is_said(answer: int | str) -> None:
    talk = able()
    call = dial(talk, "7225550100")
    (asked,) = talk.hears(intents.HandOnOutgoing("7225550199")).phones()
    if isinstance(answer, int):
        talk.hears(port.TransferChanged(call=call, code=answer, reason="Decline"))
    else:
        talk.hears(happenings.PhoneFailed(asked, answer))
    assert talk.notices() == ["not_handed_on"]
    assert talk.view.notices[0].args == {"name": "7225550199"}, "and no word of the protocol's"
    assert [(each.state, each.handing) for each in talk.view.phone.calls] == [(CallState.CONFIRMED, "")]
    assert talk.phones() == []


def test_of_whom_nothing_is_told_stays_and_can_be_handed_on_again() -> None:
    talk = able()
    call = dial(talk, "7225550100")
    talk.hears(intents.HandOnOutgoing("7225550199", name="Módulo"))
    talk.hears(port.TransferChanged(call=call, code=0))
    assert talk.notices() == ["handing_untold"]
    assert [(each.state, each.handing) for each in talk.view.phone.calls] == [(CallState.CONFIRMED, "")]
    talk.hears(port.TransferChanged(call=call, code=200))
    assert talk.phones() == [], "too late: the call was taken back"
    (again,) = talk.hears(intents.HandOnOutgoing("7225550199")).phones()
    assert isinstance(again, port.Transfer)


@pytest.mark.parametrize("by_us", [True, False])
def test_who_leaves_for_whom_one_handed_them_on_to_is_said_to(by_us: bool) -> None:
    talk = able()
    call = dial(talk, "7225550100")
    talk.hears(intents.HandOnOutgoing("7225550199", name="Módulo"))
    talk.hears(port.CallChanged(call=call, state=CallState.ENDED, code=200, by_us=by_us))
    assert (talk.view.phone.calls, talk.notices()) == ((), [] if by_us else ["left_to_call"])


def test_to_what_is_no_number_nobody_is_handed_on() -> None:
    talk = able()
    dial(talk, "7225550100")
    talk.hears(intents.HandOnOutgoing("sip:x@198.51.100.7"))
    assert (talk.phones(), talk.notices()) == ([], ["other_exchange"])


# --- the keypad ---


def test_digits_go_the_way_that_the_settings_say_and_into_the_call_one_speaks_in() -> None:
    talk = able()
    talk.model = replace(talk.model, view=replace(talk.view, phone=replace(talk.view.phone, digits=DigitsBy.INFO)))
    first, second = dial(talk, "7225550100"), dial(talk, "7225550101")
    talk.hears(intents.SendDigits("A"))
    assert talk.phones() == [port.SendDigits(call=second, digits="A", by=DigitsBy.INFO)]
    talk.hears(intents.HoldOutgoing()).hears(intents.SendDigits("1"))
    assert talk.phones() == [port.SendDigits(call=first, digits="1", by=DigitsBy.INFO)]
    assert [call.typed for call in talk.view.phone.calls] == ["1", "A"]


def test_while_whom_one_called_waits_digits_go_to_the_citizen() -> None:
    talk = beside_a_citizen(hold=True)
    dial(talk, "7225550100")
    talk.hears(intents.Focus("c1")).hears(commands.Unhold(contact="c1"))
    talk.hears(intents.SendDigits("5"))
    assert talk.phones() == [port.SendDigits(call="k1", digits="5")]


async def test_holding_joining_and_parting_are_taken_by_a_telephone(tmp_path: Path) -> None:
    exchange = Exchange()
    office = Set(FakePhone(EngineSettings(gate=Gate.OPEN), exchange=exchange))
    host = (await office.start()).uri.partition("@")[2]
    phone = FakePhone(exchange=exchange)
    desk = Desk("http://127.0.0.1:9", tmp_path, phone, dial=f"sip:{{number}}@{host}", digits=DigitsBy.INFO)
    await desk.start()
    await desk.wait_for(lambda s: bool(s.phone.uri), PATIENCE)
    for number in ("7225550100", "7225550101"):
        desk.do(intents.CallNumber(number))
        arrived = await office.next(port.CallArrived, dialled=number)
        await office.do(port.Answer(call=arrived.call))
        await desk.wait_for(lambda s: s.phone.calls[-1].state is CallState.CONFIRMED, PATIENCE)
    first, second = (call.id for call in desk.state.phone.calls)
    await desk.wait_for(lambda s: [c.held for c in s.phone.calls] == [True, False] and s.phone.calls[1].media, PATIENCE)
    assert phone.list_sources(first) == {f"music-{first}"}
    desk.do(intents.JoinOutgoing())
    await desk.wait_for(lambda s: all(c.media and not c.held for c in s.phone.calls), PATIENCE)
    assert phone.list_sources(first) == {second, SOUND}
    assert phone.list_sources(second) == {first, SOUND}
    desk.do(intents.HangUpOutgoing())
    await desk.wait_for(lambda s: not s.phone.calls, PATIENCE)
    assert [each.number for each in desk.state.dialled] == ["7225550101", "7225550100"]
    await desk.close()
    await office.stop()


# --- direct calls, which come by the exchange ---


def come(talk: Talk, call: str = "d1") -> Talk:
    return talk.hears(port.CallArrived(call=call, caller="201", name="Registro Civil", dialled="ana"))


def test_a_direct_call_rings_is_answered_and_waits_like_any_other() -> None:
    talk = come(able())
    (call,) = talk.view.phone.calls
    assert (call.number, call.name, call.incoming, call.state) == ("201", "Registro Civil", True, CallState.RINGING)
    assert commands.SetPhone(uri=URI, engaged=True) in talk.sends()
    talk.hears(intents.AnswerDirect())
    assert port.Answer(call="d1", sound=True) in talk.phones()
    talk.hears(port.CallChanged(call="d1", state=CallState.CONFIRMED, media=True)).hears(intents.HoldOutgoing())
    assert held(talk) == {"d1": True}
    talk.hears(intents.HangUpOutgoing()).hears(port.CallChanged(call="d1", state=CallState.ENDED, by_us=True))
    assert not talk.view.phone.calls
    assert not talk.view.notices


def test_a_direct_call_never_interrupts_a_call_and_is_told_as_missed() -> None:
    talk = able()
    dial(talk, "7225550100")
    talk.phones()
    come(talk)
    assert port.HangUp(call="d1", code=486) in talk.phones()
    assert len(talk.view.phone.calls) == 1
    assert [notice.code for notice in talk.view.notices] == ["direct_missed"]


@pytest.mark.parametrize("name", ["", "7225550100"])
def test_a_missed_direct_call_without_a_name_is_told_by_its_number_once(name: str) -> None:
    talk = able()
    dial(talk, "7225550110")
    talk.hears(port.CallArrived(call="d1", caller="7225550100", name=name, dialled="ana"))
    (told,) = talk.view.notices
    assert (told.code, told.args["number"]) == ("direct_missed_number", "7225550100")


def test_a_direct_call_that_nobody_takes_is_told_one_that_was_declined_is_not() -> None:
    talk = come(able())
    talk.hears(port.CallChanged(call="d1", state=CallState.ENDED, code=487))
    assert [notice.code for notice in talk.view.notices] == ["direct_missed"]
    come(talk, "d2")
    assert not talk.view.notices
    talk.hears(intents.HangUpOutgoing())
    assert port.HangUp(call="d2", code=486) in talk.phones()
    talk.hears(port.CallChanged(call="d2", state=CallState.ENDED, code=486, by_us=True))
    assert not talk.view.notices


def test_a_direct_call_finds_nobody_before_the_login() -> None:
    talk = Talk(online=False)
    talk.model = Model(view=DeskState())
    talk.hears(port.Ready(uri=URI))
    come(talk)
    assert port.HangUp(call="d1", code=480) in talk.phones()
    assert not talk.view.phone.calls
