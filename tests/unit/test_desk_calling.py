"""Calling a number of the directory: what can be dialled, and the call beside the citizen's."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from catgem_tui.config.fault import FileFault
from catgem_tui.config.settings import parse
from catgem_tui.desk import effects, happenings, intents
from catgem_tui.desk.numbers import numbers_of
from catgem_tui.desk.runtime import Desk
from catgem_tui.phone import port
from catgem_tui.phone.fake import Exchange, FakePhone
from catgem_tui.phone.port import CallState, EngineSettings, Gate
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.model import Call
from catgem_tui.protocol.numbers import normalise
from tests.desk_talk import URI, Talk, contact, offered_call, with_phone
from tests.phone_set import PATIENCE, Set

DIAL = "sip:{number}@192.0.2.10"
CIVIL = intents.CallNumber("722 555 0100", "104", "Registro Civil", "r1")


@pytest.mark.parametrize(
    ("phone", "extension", "found"),
    [
        ("7225550100", "", ["7225550100"]),
        ("(722) 555-01 00", "", ["7225550100"]),
        ("+52 722 555 0100", "", ["+527225550100"]),
        ("070", "", ["070"]),
        ("722 555 0100 ext. 104", "", ["7225550100/104", "7225550100"]),
        ("722 555 0100 extensiones 104 y 105", "", ["7225550100/104", "7225550100/105", "7225550100"]),
        ("722 555 0100", "104, 105", ["7225550100/104", "7225550100/105", "7225550100"]),
        ("722 555 0100 y 722 555 0101 ext 7", "", ["7225550100", "7225550101/7", "7225550101"]),
        ("55 1234 5678 / 55 1234 5679", "", ["5512345678", "5512345679"]),
        ("722 555 0100, 722 555 0100", "", ["7225550100"]),
        ("sin teléfono", "", []),
        ("", "104", []),
        ("12", "", []),
        ("1" * 40, "", []),
        ("٧٢٢٥٥٥٠١٠٠", "", []),
    ],
)
def test_numbers_are_read_as_people_write_them(phone: str, extension: str, found: list[str]) -> None:
    assert ["/".join(filter(None, each)) for each in numbers_of(phone, extension)] == found


def test_a_field_of_numbers_without_end_gives_a_few_choices() -> None:
    assert len(numbers_of(" / ".join(f"722555{n:04d}" for n in range(5000)))) == 12


@pytest.mark.parametrize("text", ["", "marque", "555 0100 0101 0102 0103", "sip:x@y", "12", "722\r\nVia: x"])
def test_what_is_no_number_is_not_dialled(text: str) -> None:
    assert normalise(text) == ""


def talk_with(*contacts: Any, dial: str = DIAL) -> Talk:
    talk = with_phone(Talk())
    talk.model = replace(talk.model, view=replace(talk.view, phone=replace(talk.view.phone, dial=dial)))
    return talk.hears_snapshot(*contacts) if contacts else talk


def call_of(talk: Talk) -> str:
    (dialled,) = [command for command in talk.phones() if isinstance(command, port.Dial)]
    return dialled.call


def test_a_call_is_on_the_screen_calling_before_the_telephone_is_told() -> None:
    talk = talk_with()
    talk.hears(CIVIL)
    (call,) = talk.view.phone.calls
    assert (call.state, call.number, call.name) == (CallState.DIALLING, "7225550100", "Registro Civil")
    assert talk.phones() == [port.Dial(call=call.id, uri="sip:7225550100@192.0.2.10", sound=True)]
    assert talk.wants(effects.UseRecord) == [effects.UseRecord("r1")], "what is called is found sooner"


def test_the_extension_follows_the_answer_unless_it_was_typed() -> None:
    talk = talk_with()
    call = call_of(talk.hears(CIVIL))
    talk.hears(port.CallChanged(call=call, state=CallState.RINGING))
    assert talk.wants(effects.Later) == []
    talk.hears(port.CallChanged(call=call, state=CallState.CONFIRMED, media=True))
    assert [later.event for later in talk.wants(effects.Later)] == [happenings.ExtensionDue(call)]
    talk.hears(happenings.ExtensionDue(call))
    assert talk.phones() == [port.SendDigits(call=call, digits="104")]
    talk.hears(happenings.ExtensionDue(call))
    assert talk.phones() == [], "once"
    talk.hears(intents.SendDigits("9"))
    assert talk.phones() == [port.SendDigits(call=call, digits="9")], "tones go to whom one called"


def test_hanging_up_ends_the_call_that_was_made_and_no_contact() -> None:
    held = contact("c1", channel=Channel.CALL, call=Call(held=True))
    talk = talk_with(held)
    call = call_of(talk.hears(CIVIL))
    talk.hears(intents.HangUpOutgoing())
    assert (talk.phones(), talk.sends()) == ([port.HangUp(call=call)], [])
    talk.hears(port.CallChanged(call=call, state=CallState.ENDED, by_us=True))
    assert (talk.view.phone.calls, talk.notices()) == ((), [])


@pytest.mark.parametrize(
    ("intent", "dial", "code"),
    [
        (intents.CallNumber("", name="Registro Civil"), DIAL, "nothing_to_call"),
        (CIVIL, "", "no_dial_rule"),
        (intents.CallNumber("marque", name="Registro Civil", record="r1"), DIAL, "wrong_number"),
        (intents.CallNumber("marque"), DIAL, "letters_in_number"),
        (intents.CallNumber("12"), DIAL, "no_number"),
        (intents.CallNumber("sip:ana@198.51.100.7"), DIAL, "other_exchange"),
    ],
)
def test_what_cannot_be_called_is_said(intent: intents.CallNumber, dial: str, code: str) -> None:
    talk = talk_with(dial=dial).hears(intent)
    assert (talk.notices(), talk.phones(), talk.view.phone.calls) == ([code], [], ())


def test_without_a_telephone_it_is_said() -> None:
    talk = talk_with().hears(port.EngineStopped(reason="signal 9")).hears(CIVIL)
    assert "no_telephone" in talk.notices()
    assert talk.phones() == []


def in_call(talk: Talk, *, held: bool) -> Talk:
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="7221112233", dialled="070", token="t1"))
    talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True))
    return talk.hears_contact(contact("c1", channel=Channel.CALL, call=Call(held=held)))


def test_beside_a_citizen_it_is_refused_until_the_citizen_is_on_hold() -> None:
    talk = in_call(talk_with(contact("c1", channel=Channel.CALL, call=Call())), held=False)
    talk.hears(CIVIL)
    assert (talk.notices(), talk.phones()) == (["in_another_call"], [])
    talk.hears_contact(contact("c1", channel=Channel.CALL, call=Call(held=True)))
    call = call_of(talk.hears(CIVIL))
    assert talk.notices() == [], "what was said is over"
    talk.hears(intents.CallNumber("911"))
    assert (talk.notices(), talk.phones()) == (["in_another_call"], []), "one at a time"
    talk.hears(commands.Unhold(contact="c1"))
    assert talk.sends() == [commands.Unhold(contact="c1")]
    assert talk.phones() == [port.HangUp(call=call)], "who was called does not hear the citizen"


def test_answering_a_citizen_ends_the_call_that_was_made() -> None:
    talk = talk_with()
    call = call_of(talk.hears(CIVIL))
    talk.hears(port.CallChanged(call=call, state=CallState.CONFIRMED, media=True))
    talk.hears_contact(offered_call())
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="7221112233", dialled="070", token="t1"))
    talk.hears(intents.AcceptOffer("c1"))
    assert port.Answer(call="k1", sound=True) in talk.phones()
    assert port.HangUp(call=call) in talk.phones()


@pytest.mark.parametrize(
    ("code", "notice"),
    [
        (486, "called_busy"),
        (404, "called_unknown"),
        (480, "called_unanswered"),
        (603, "called_declined"),
        (503, "called_failed"),
    ],
)
def test_why_a_call_did_not_come_about_is_said(code: int, notice: str) -> None:
    talk = talk_with()
    call = call_of(talk.hears(CIVIL))
    talk.hears(port.CallChanged(call=call, state=CallState.ENDED, code=code))
    assert (talk.notices(), talk.view.phone.calls) == ([notice], ())


def test_central_knows_while_a_call_of_one_s_own_lasts() -> None:
    talk = talk_with()
    call = call_of(talk.hears(CIVIL))
    assert talk.sends() == [commands.SetPhone(uri=URI, engaged=True)]
    assert talk.hears(port.CallChanged(call=call, state=CallState.CONFIRMED, media=True)).sends() == []
    assert talk.hears(port.CallChanged(call=call, state=CallState.ENDED, code=200)).sends() == [
        commands.SetPhone(uri=URI)
    ]


def test_who_was_called_hanging_up_is_no_news_and_no_contact_s_end() -> None:
    talk = talk_with()
    call = call_of(talk.hears(CIVIL))
    talk.hears(port.CallChanged(call=call, state=CallState.CONFIRMED, media=True))
    talk.hears(port.CallChanged(call=call, state=CallState.ENDED, code=200))
    assert (talk.notices(), talk.wants(effects.Later)) == ([], [])
    assert talk.sends() == [commands.SetPhone(uri=URI)]


def test_what_the_telephone_would_not_dial_is_said() -> None:
    talk = talk_with()
    talk.hears(CIVIL)
    (dialled,) = talk.phones()
    talk.hears(happenings.PhoneFailed(dialled, "too_many_calls"))
    assert (talk.notices(), talk.view.phone.calls) == (["called_full"], ())
    talk.hears(CIVIL)
    (dialled,) = talk.phones()
    talk.hears(happenings.PhoneFailed(dialled, "sip"))
    assert (talk.notices(), talk.view.phone.calls) == (["called_failed"], ())


async def test_a_number_is_called_through_the_telephone(tmp_path: Path) -> None:
    exchange = Exchange()
    office = Set(FakePhone(EngineSettings(gate=Gate.OPEN), exchange=exchange))
    host = (await office.start()).uri.partition("@")[2]
    desk = Desk("http://127.0.0.1:9", tmp_path, FakePhone(exchange=exchange), dial=f"sip:{{number}}@{host}")
    await desk.start()
    await desk.wait_for(lambda s: bool(s.phone.uri), PATIENCE)
    desk.do(CIVIL)
    assert [call.state for call in desk.state.phone.calls] == [CallState.DIALLING], "at once"
    arrived = await office.next(port.CallArrived, dialled="7225550100")
    await office.do(port.Answer(call=arrived.call))
    await desk.wait_for(lambda s: [call.state for call in s.phone.calls] == [CallState.CONFIRMED], PATIENCE)
    desk.do(intents.SendDigits("1"))
    await office.next(port.DigitReceived, digit="1")
    desk.do(intents.HangUpOutgoing())
    await office.state(arrived.call, CallState.ENDED)
    await desk.wait_for(lambda s: not s.phone.calls, PATIENCE)
    await desk.close()
    await office.stop()


@pytest.mark.parametrize("dial", ["sip:{number}@192.0.2.10", "sips:9{number}@pbx.example.mx:5061;transport=tls", ""])
def test_the_settings_say_how_a_number_is_called(dial: str) -> None:
    assert parse(f'[workstation.phone]\ndial = "{dial}"\n', Path("catgem.toml")).workstation.phone.dial == dial


@pytest.mark.parametrize("dial", ["192.0.2.10", "sip:@pbx", "tel:{number}", "sip:{numero}@pbx", "sip:{number} @pbx"])
def test_a_wrong_way_to_call_is_told_with_its_line(dial: str) -> None:
    with pytest.raises(FileFault) as caught:
        parse(f'[workstation.phone]\ndial = "{dial}"\n', Path("catgem.toml"))
    assert (caught.value.line, caught.value.key) == (2, "workstation.phone.dial")
    assert "sip:{number}@" in str(caught.value)
