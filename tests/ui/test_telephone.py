"""Asking, handing on, dialling and the keypad, by keys; what all sides see."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import (
    AnswerColleague,
    CallNumber,
    HandOnOutgoing,
    HangUpOutgoing,
    HoldOutgoing,
    JoinOutgoing,
    LeaveColleague,
    SendDigits,
    SetAutoAnswer,
)
from catgem_tui.desk.state import DeskState, Dialled, Line, Quality
from catgem_tui.phone.port import DigitsBy
from catgem_tui.protocol.commands import (
    CompleteTransfer,
    Conference,
    Consult,
    EndConsult,
    Hold,
    Swap,
    Transfer,
)
from catgem_tui.protocol.enums import RecordKind, Side
from catgem_tui.protocol.model import Record
from catgem_tui.ui import actions, wording
from catgem_tui.ui.lines import plain, width_of
from catgem_tui.ui.panes.strips import PhoneStrip
from catgem_tui.ui.panes.telephone import people
from catgem_tui.ui.screens.keypad import Keypad, into
from catgem_tui.ui.screens.whom import WhomDialog
from tests.ui import scenes
from tests.ui import telephone_scenes as telephone
from tests.ui.scenes import NOW
from tests.ui.stage import LARGE, SMALL, opened

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])

# --- asking and handing on ---


@SIZES
async def test_a_colleague_is_asked_first(size: tuple[int, int]) -> None:
    async with opened(telephone.SERVING, size) as stage:
        await stage.press("f4")
        assert "María Fernanda Quiroz" in stage.seen()
        assert "Raúl Ortega" not in stage.seen(), "not on duty"
        await stage.write("luis")
        await stage.press("enter")
        assert "Consultar primero" in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == [Consult(contact="c-call", advisor="u-2")]


async def test_offices_of_a_kind_are_told_apart_by_their_place() -> None:
    places = ("Almoloya de Juárez", "Almoloya del Río")
    hits = tuple(
        Record(id=place, kind=RecordKind.OFFICE, title=f"Oficialía 01 del Registro Civil de {place}",
               phone="7225550110", extension=f"10{number}", municipality=place, revision=1)
        for number, place in enumerate(places)
    )  # fmt: skip
    found = replace(telephone.SERVING.directory, hits=hits)
    async with opened(replace(telephone.SERVING, directory=found), LARGE) as stage:
        await stage.press("f4")
        seen = "".join(stage.seen().split())
        for number, place in enumerate(places):
            assert f"…{place.replace(' ', '')}7225550110ext.10{number}" in seen


async def test_or_handed_on_at_once_and_esc_goes_back_to_whom() -> None:
    async with opened(telephone.SERVING) as stage:
        await stage.press("f4")
        await stage.write("luis")
        await stage.press("enter", "escape")
        assert isinstance(stage.app.screen, WhomDialog)
        assert stage.app.screen.field.value == "luis", "what was typed is there"
        await stage.press("enter", "down", "enter")
        assert stage.take_done() == [Transfer(contact="c-call", advisor="u-2")]


@pytest.mark.parametrize(
    ("typed", "number"),
    [("722 555 01 99", "7225550199"), ("tel:+52-722-555-0199", "+527225550199"), ("oficialía 02", "7225550190")],
)
async def test_an_outside_number_is_typed_pasted_or_found_by_its_name(typed: str, number: str) -> None:
    async with opened(telephone.SERVING) as stage:
        await stage.press("f4")
        stage.app.screen.query_one("Input").value = typed  # type: ignore[attr-defined]
        await stage.press("enter", "enter")
        assert stage.take_done() == [Consult(contact="c-call", number=number)]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("sip:ana@198.51.100.7", "de otro lugar"),
        ("1-800-flores", "lleva letras"),
        ("12", "no es un número"),
        ("zutano", "se llama «zutano»"),
    ],
)
async def test_what_cannot_be_called_is_said_where_it_is_typed_and_stays(typed: str, words: str) -> None:
    async with opened(telephone.SERVING) as stage:
        await stage.press("f4")
        await stage.write(typed)
        assert words in stage.seen()
        await stage.press("enter")
        assert stage.app.screen.query_one("Input").value == typed  # type: ignore[attr-defined]
        assert stage.take_done() == []


async def test_where_the_lines_cannot_call_outside_no_number_is_offered() -> None:
    inside = replace(telephone.SERVING, settings=scenes.SETTINGS)
    async with opened(inside) as stage:
        await stage.press("f4")
        await stage.write("7225550199")
        assert "Nada así en la lista" in stage.seen()
        await stage.press("enter", "escape")
        assert stage.take_done() == []


async def test_a_chat_goes_to_whom_one_chooses_and_nobody_is_asked() -> None:
    async with opened(replace(telephone.SERVING, focus="c-chat")) as stage:
        await stage.press("f4")
        await stage.write("luis")
        await stage.press("enter")
        assert stage.take_done()[-1] == Transfer(contact="c-chat", advisor="u-2")


@SIZES
async def test_during_a_consultation_it_is_said_who_is_there_and_how_to_go_on(size: tuple[int, int]) -> None:
    async with opened(telephone.consulting(), size) as stage:
        seen = stage.seen()
        assert "HABLA CON  María Fernanda Quiroz" in seen
        assert "ESPERA  722 555 0134  con música" in seen
        await stage.press("f3", "alt+j", "f4", "alt+c")
        assert stage.take_done() == [
            Swap(contact="c-call"),
            Conference(contact="c-call"),
            CompleteTransfer(contact="c-call"),
            EndConsult(contact="c-call"),
        ]


async def test_while_it_rings_there_one_can_only_go_back() -> None:
    async with opened(telephone.consulting(connected=False)) as stage:
        assert "LLAMANDO A  María Fernanda Quiroz" in stage.seen()
        await stage.press("f3", "alt+j", "f4")
        assert stage.take_done() == []
        await stage.press("alt+c")
        assert stage.take_done() == [EndConsult(contact="c-call")]


async def test_all_three() -> None:
    async with opened(telephone.consulting(Side.ALL), LARGE) as stage:
        assert "LOS TRES  722 555 0134, María Fernanda Quiroz y usted" in stage.seen()
        await stage.press("alt+j")
        assert stage.take_done() == []


async def test_with_the_citizen_again_the_other_one_waits() -> None:
    async with opened(telephone.consulting(Side.CITIZEN), LARGE) as stage:
        assert "HABLA CON  722 555 0134" in stage.seen()
        assert "ESPERA  María Fernanda Quiroz  con música" in stage.seen()


# --- being asked ---


@SIZES
async def test_a_question_is_a_band_and_takes_no_key_from_what_is_written(size: tuple[int, int]) -> None:
    async with opened(telephone.ASKED, size) as stage:
        assert "CONSULTA  pregunta Luis Hernández" in stage.seen()
        await stage.write("!")
        await stage.press("f2")
        assert stage.take_done()[-1] == AnswerColleague("c-theirs")
        await stage.press("f12")
        assert stage.take_done() == [LeaveColleague("c-theirs")]


async def test_what_is_asked_is_read_and_not_written() -> None:
    async with opened(telephone.READING) as stage:
        seen = stage.seen()
        assert "SOLO LECTURA" in seen
        assert "la CURP no coincide" in seen
        assert "HABLA CON  Luis Hernández" in seen
        await stage.press("alt+s", "alt+n")
        await stage.write("mío")
        stage.screen.middle.protocol.focus()
        await stage.press("enter", "f4", "f3")
        assert stage.take_done() == []
        assert stage.screen.middle.notes.text == telephone.THEIRS.notes
        await stage.press("ctrl+n")
        await stage.press("f8")
        assert LeaveColleague("c-theirs") in stage.take_done()


async def test_when_it_becomes_mine_who_handed_it_on_is_said_and_notes_are_written() -> None:
    async with opened(telephone.READING) as stage:
        await stage.put(replace(telephone.HANDED, focus="c-call"))
        assert "la transfirió Luis Hernández" in stage.seen()
        assert not stage.screen.middle.notes.read_only


async def test_an_offer_says_who_hands_it_on_and_when_it_answers_itself() -> None:
    async with opened(telephone.OFFERED_BY, LARGE) as stage:
        assert "transfiere Luis Hernán" in stage.seen()
        back = replace(
            telephone.OFFERED_BY.contacts["c-offer"], handed_by=scenes.IDLE.user.name, accepted_at=scenes.NOW
        )
        await stage.put(scenes.with_contact(telephone.OFFERED_BY, back))
        assert "regresa" in stage.seen()
        assert "transfiere" not in stage.seen()
        assert "se contesta sola en 0:03" in stage.seen()
        assert "autocontesta" in stage.seen()
        await stage.press("alt+u")
        assert stage.take_done() == [SetAutoAnswer(0.0)]


async def test_answering_by_itself_is_switched_on_with_the_usual_pause() -> None:
    async with opened(replace(scenes.IDLE, phone=replace(scenes.PHONE, auto_usual=5.0))) as stage:
        await stage.press("alt+u")
        assert stage.take_done() == [SetAutoAnswer(5.0)]


# --- dialling ---


async def test_a_number_is_dialled_by_hand() -> None:
    idle = replace(telephone.SERVING, contacts={}, focus="", phone=replace(telephone.SERVING.phone, calls=()))
    async with opened(idle) as stage:
        await stage.press("alt+l")
        await stage.write("722 555 0199 ext 7")
        await stage.press("enter")
        assert stage.take_done() == [CallNumber("7225550199", "7")]
        await stage.press("alt+l")
        assert "Oficialía 02" in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == [CallNumber("7225550190", "104", "Oficialía 02")], "whom one called last"
        await stage.press("alt+l")
        await stage.write("5550190")
        await stage.press("down", "enter")
        assert stage.take_done()[-1] == CallNumber("7225550190", "104", "Oficialía 02"), "found by its digits"


async def test_our_own_exchange_s_addresses_can_be_pasted() -> None:
    idle = replace(telephone.SERVING, contacts={}, focus="", phone=replace(telephone.SERVING.phone, calls=()))
    async with opened(idle) as stage:
        await stage.press("alt+l")
        await stage.write("sip:cabina@192.0.2.10")
        await stage.press("enter")
        assert stage.take_done() == [CallNumber("sip:cabina@192.0.2.10")]


async def test_with_a_citizen_on_the_line_the_centre_calls() -> None:
    async with opened(telephone.SERVING) as stage:
        await stage.press("alt+t")
        await stage.press("enter")
        assert "Consultar primero" in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == [Consult(contact="c-call", number="7225550100")]


async def test_calls_of_one_s_own_wait_are_joined_handed_on_and_ended() -> None:
    async with opened(telephone.TWO_CALLS) as stage:
        seen = stage.seen()
        assert "HABLA CON  Dirección General 722 555 0110" in seen
        assert "ESPERA  Oficialía 01 del Registro Civil 722 555 0100  con música" in seen
        await stage.press("f3", "alt+j", "alt+c", "alt+d", "enter")
        assert stage.take_done() == [HoldOutgoing(), JoinOutgoing(), HangUpOutgoing(), HandOnOutgoing()]
        await stage.press("alt+d")
        await stage.write("7225550199")
        await stage.press("enter")
        assert stage.take_done() == [HandOnOutgoing("7225550199")]


async def test_beside_a_citizen_f3_goes_between_the_two() -> None:
    call = telephone.made("7225550100", "Oficialía 01", held=True)
    phone = replace(telephone.SERVING.phone, calls=(*telephone.SERVING.phone.calls, call))
    async with opened(replace(telephone.SERVING, phone=phone)) as stage:
        assert "F3 alternar" in stage.seen()
        await stage.press("f3")
        assert stage.take_done() == [Hold(contact="c-call")]


@pytest.mark.parametrize("line", [Line.OFFLINE, Line.REPLACED])
@pytest.mark.parametrize("state", [telephone.consulting(Side.ALL), telephone.READING], ids=["asking", "asked"])
def test_nobody_is_said_to_be_spoken_with_once_the_call_is_cut_off_and_central_does_not_tell(
    state: DeskState, line: Line
) -> None:
    assert people(state, NOW) != []
    assert people(replace(state, line=line, phone=replace(state.phone, calls=())), NOW) == []


@pytest.mark.parametrize("typed", ["722 5550190 LICENCIAS", "sip:7225550190@elsewhere.example"])
async def test_nobody_is_called_for_the_digits_in_what_was_refused(typed: str) -> None:
    async with opened(telephone.SERVING) as stage:
        await stage.press("alt+l")
        await stage.write(typed)
        await stage.press("enter")
        assert stage.take_done() == []
        assert isinstance(stage.app.screen, WhomDialog)
        assert typed in stage.seen().replace("\n", " ")


async def test_the_number_that_was_typed_goes_before_others_that_hold_it() -> None:
    longer = (Dialled("7225550100", "104", at=NOW - 60), Dialled("7225550100", at=NOW - 600))
    async with opened(replace(telephone.SERVING, contacts={}, focus="", dialled=longer)) as stage:
        await stage.press("alt+l")
        await stage.write("(722) 555.01 00")
        await stage.press("enter")
        assert stage.take_done() == [CallNumber("7225550100")]


# --- the keypad ---


@SIZES
async def test_the_keypad_shows_what_was_sent_and_where_to(size: tuple[int, int]) -> None:
    async with opened(telephone.TWO_CALLS, size) as stage:
        await stage.press("ctrl+g")
        assert isinstance(stage.app.screen, Keypad)
        await stage.press("1", "x", "asterisk", "number_sign", "a", "D")
        assert stage.take_done() == [SendDigits(key) for key in "1*#AD"]
        seen = stage.seen()
        assert "Enviado  1*#AD" in seen
        assert "Dirección General" in seen
        assert "RFC 4733" in seen
        await stage.press("escape")
        assert not isinstance(stage.app.screen, Keypad)


HELD = scenes.with_contact(telephone.SERVING, replace(scenes.CALL, call=replace(scenes.CALL.call, held=True)))
UNANSWERED = replace(telephone.consulting(connected=False), phone=replace(scenes.IN_CALL, dial="sip:{number}@x"))


@pytest.mark.parametrize("state", [HELD, UNANSWERED], ids=["held", "unanswered"])
async def test_keys_that_nobody_hears_are_not_said_to_be_sent(state: DeskState) -> None:
    async with opened(state) as stage:
        await stage.press("ctrl+g", "1")
        assert stage.take_done() == []
        assert "Nadie oye las teclas ahora" in stage.seen()
        assert "Enviado  –" in stage.seen()
        await stage.put(telephone.SERVING)
        assert "va de inmediato a la llamada" in stage.seen()
        await stage.press("2")
        assert stage.take_done() == [SendDigits("2")]
        assert "Enviado  2" in stage.seen()


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (telephone.consulting(), "María Fernanda Quiroz"),
        (telephone.consulting(Side.ALL), "María Fernanda Quiroz"),
        (telephone.consulting(Side.CITIZEN), wording.citizen(scenes.CALL)),
        (telephone.READING, "Luis Hernández"),
        (HELD, ""),
    ],
)
def test_whom_the_keys_go_to(state: DeskState, name: str) -> None:
    assert into(state) == name


async def test_the_keypad_says_when_keys_travel_as_info() -> None:
    state = replace(telephone.TWO_CALLS, phone=replace(telephone.TWO_CALLS.phone, digits=DigitsBy.INFO))
    async with opened(state) as stage:
        await stage.press("ctrl+g")
        assert "SIP INFO" in stage.seen()


# --- the strip ---


def strip(state: DeskState, width: int) -> str:
    pane = PhoneStrip()
    (line,) = pane.lines(pane.take(state, NOW), width)
    assert width_of(line) <= width
    return plain(line)


@pytest.mark.parametrize("width", [58, 78, 98, 158])
@pytest.mark.parametrize("muted", [False, True])
def test_the_strip_is_never_cut_in_a_call(width: int, muted: bool) -> None:
    quality = Quality(codec="G722", round_trip_ms=118.0, jitter_ms=22.0, loss=0.07, mos=3.1)
    phone = replace(scenes.IN_CALL, muted=muted, quality=quality, auto_answer=3.0)
    two = replace(telephone.TWO_CALLS, phone=replace(phone, calls=telephone.TWO_CALLS.phone.calls))
    states = [replace(scenes.BUSY, phone=phone), replace(telephone.consulting(), phone=phone)]
    for state in [*states, *([two] if width > 60 else [])]:
        told = strip(state, width)
        assert not told.endswith("…")
        assert "G.722 mala" in told, "the codec and the plain word stay"
        assert ("CERRADO" in told) is muted


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({}, "G.722"),
        ({"loss": 0.0, "mos": 4.3}, "G.722 buena 4.3  pérdida 0 %"),
        ({"loss": 0.0, "mos": 4.3, "round_trip_ms": 18.0}, "G.722 buena 4.3  ida y vuelta 18 ms  pérdida 0 %"),
    ],
)
def test_the_strip_says_nothing_of_what_nobody_measured_yet(known: dict[str, float], told: str) -> None:
    phone = replace(scenes.IN_CALL, quality=Quality("G722", **known))
    assert f" {told} " in f"{strip(replace(scenes.BUSY, phone=phone), 158)} "


def test_the_strip_says_who_waits_where_there_is_room() -> None:
    assert "con María Fernanda Quiroz, la persona usuaria espera" in strip(telephone.consulting(), 158)
    assert "en consulta" in strip(telephone.consulting(), 58)
    assert "micrófono abierto" in strip(scenes.BUSY, 158)


def test_what_is_told_of_a_call_can_be_done() -> None:
    """Nothing of another's contact is at hand while it is read, but to leave it."""
    at_hand = {action.id for action in actions.at_hand(telephone.READING, "desk")}
    assert not at_hand & {"contact.transfer", "call.hold", "protocol.check", "show.notes", "contact.extend"}
    assert {"contact.finish", "call.digits", "phone.mute"} <= at_hand
