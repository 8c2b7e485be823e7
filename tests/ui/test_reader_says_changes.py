"""What changes is said in screen-reader mode, or there is a reason why not: each field of the desk is here."""

from typing import Any

import pytest
from msgspec.structs import fields, replace

from catgem_tui.config import assets
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.desk.keeping import Draft, KeepingView
from catgem_tui.desk.state import (
    DeskState,
    DirectoryView,
    Examination,
    Finding,
    Line,
    Notice,
    PhoneCall,
    PhoneStatus,
    PhoneView,
    Quality,
    Registration,
    Severity,
)
from catgem_tui.phone.port import CallState, Registered
from catgem_tui.protocol.enums import AdvisorState, Author, ContactState, Monitoring, OutsideState, Presence, Side
from catgem_tui.protocol.model import Advisor, Call, Contact
from catgem_tui.ui import actions
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.reader import floor_news, news
from catgem_tui.ui.reader.announcements import Announcements, News
from catgem_tui.ui.reader.following import Following
from tests.ui import scenes
from tests.ui.scenes import BUSY, CALL, FLOOR, FORM, IDLE, KEEPING, NOW
from tests.ui.telephone_scenes import ASKED as ASKED_ABOUT
from tests.ui.telephone_scenes import TWO_CALLS, consulting

SHOWN, CLOCK, LISTS, VOLATILE, OTHER = (
    "one looks at it when one wants to, and is led there by what is said",
    "an instant: what it belongs to is said when it begins",
    "a list that one goes through; how many there are is said where it was asked for",
    "it changes many times a second, or with each letter",
    "it is part of something else that is said",
)
QUIET: dict[type, dict[str, str]] = {
    DeskState: {
        **dict.fromkeys(("central", "practice", "clock_offset", "settings", "secrets", "user"), SHOWN),
        **dict.fromkeys(("history", "colleagues", "dialled"), LISTS),
        **dict.fromkeys(("notes", "drafts", "typing", "unsent"), VOLATILE),
        **dict.fromkeys(("sides", "answering"), CLOCK),
        **dict.fromkeys(("summary", "answered", "guard"), SHOWN),
    },
    PhoneView: {
        **dict.fromkeys(("uri", "sound", "sound_problem", "dial", "digits", "auto_usual"), SHOWN),
        **dict.fromkeys(("microphone", "loudspeaker"), VOLATILE),
        "card": "the page of the sound shows it, and a notice tells of a device that is gone",
    },
    PhoneCall: {
        "since": CLOCK,
        **dict.fromkeys(("id", "contact", "media", "number", "name", "incoming", "extension", "consulting"), OTHER),
        "typed": "the keypad says each key",
    },
    Contact: {
        **dict.fromkeys(("arrived_at", "state_since", "offer_expires_at", "accepted_at", "ended_at", "waiting_since"),
                        CLOCK),
        **dict.fromkeys(("id", "folio", "channel", "queue", "subject", "priority", "requirements", "head_start",
                         "citizen", "survey", "disposition", "outcome"), SHOWN),
        **dict.fromkeys(("notes", "notes_revision", "draft"), VOLATILE),
        "messages": "the messages themselves are said",
        "unread": "the messages themselves are said",
        "advisor": OTHER,
        "handed_by": "the offer tells it",
    },
    Call: {
        **dict.fromkeys(("held_since", "recording_paused_since"), CLOCK),
        **dict.fromkeys(("dialled", "sound", "recording_paused_for"), SHOWN),
        "not_reached": "a notice tells it",
        "advisor_leg": "the call that is connected is heard, and one that is not is on the telephone's line",
    },
    Advisor: {
        "since": CLOCK,
        **dict.fromkeys(("user", "presence", "contacts"), OTHER),
        **dict.fromkeys(("reason", "next_reason", "outside_phone"), OTHER),
        "phone_ready": "of oneself the telephone tells it; of others it is in their row",
        "outside_muted": "said as the microphone's, while that telephone is on the line",
    },
    DirectoryView: {
        **dict.fromkeys(("facets", "log", "log_of", "log_missing", "near", "card", "gone"), LISTS),
        **dict.fromkeys(("marks", "reasons", "milliseconds", "query", "answered"), OTHER),
        "stage": "the fetching is said by its quarters, and that it is all here",
        **dict.fromkeys(("records", "syncing"), "it goes on all day; a first download is said by its quarters"),
    },
    KeepingView: {
        **dict.fromkeys(("counts", "work", "candidates", "beside", "log", "log_of", "log_wanted", "log_more",
                         "log_waits", "published", "currency", "measured", "proposal", "problem"), LISTS),
        "open": "the form that opens says its first field",
        "transfer": "that it begins is said, and what came of it",
    },
    Draft: {
        **dict.fromkeys(("id", "base", "purpose", "others", "report", "whole", "stored", "stored_path", "request"),
                        OTHER),
        "form": VOLATILE,
        **dict.fromkeys(("clashed", "theirs"), OTHER),
    },
}  # fmt: skip


def _phone(state: DeskState, **changes: Any) -> DeskState:
    return replace(state, phone=replace(state.phone, **changes))


def _call_of(desk: DeskState, number: int, /, **changes: Any) -> DeskState:
    calls = list(desk.phone.calls)
    calls[number] = replace(calls[number], **changes)
    return _phone(desk, calls=tuple(calls))


def _contact(**changes: Any) -> DeskState:
    return scenes.with_contact(BUSY, replace(CALL, **changes))


def _central(**changes: Any) -> DeskState:
    assert CALL.call is not None
    return _contact(call=replace(CALL.call, **changes))


def _me(**changes: Any) -> DeskState:
    assert IDLE.me is not None
    return replace(IDLE, me=replace(IDLE.me, **changes))


def _advisor(**changes: Any) -> DeskState:
    return replace(FLOOR, advisors={**FLOOR.advisors, "u-3": replace(FLOOR.advisors["u-3"], **changes)})


def _directory(**changes: Any) -> DeskState:
    return replace(IDLE, directory=replace(IDLE.directory, **changes))


def _copying(**changes: Any) -> DeskState:
    return _directory(**{"stage": "fetching", "progress": (50, 100), "complete": False, **changes})


def _draft(**changes: Any) -> DeskState:
    draft = replace(FORM.keeping.drafts["r1"], **changes)
    return replace(FORM, keeping=replace(FORM.keeping, drafts={"r1": draft}))


def _keeping(**changes: Any) -> DeskState:
    return replace(KEEPING, keeping=replace(KEEPING.keeping, **changes))


def _editing(record: str, *names: str) -> DeskState:
    return replace(FORM, keeping=replace(FORM.keeping, editors={record: names}))


def _written(contact: str, text: str) -> DeskState:
    """The citizen has written, in a contact that is not at hand."""
    written = replace(scenes.IN_CHAT.messages[contact][-1], id="m-new", author=Author.CITIZEN, text=text)
    before = scenes.IN_CHAT.messages
    return replace(scenes.IN_CHAT, messages={**before, contact: (*before[contact], written)})


def _registered(state: Registered) -> DeskState:
    return _phone(IDLE, registration=Registration("pbx.centro.example", state, NOW))


def _wrap_up(ends: float) -> DeskState:
    contact = replace(scenes.WRAP_UP.contacts["c-call"], wrap_up_ends_at=ends)
    return scenes.with_contact(scenes.WRAP_UP, contact)


LISTENING = PhoneCall(id="p9", contact="f1", state=CallState.CONFIRMED, since=NOW, monitoring=Monitoring.LISTEN)
GOOD, BAD = (Quality("G722", 20.0, 2.0, 0.0, score) for score in (4.4, 2.1))
HEARD = _phone(BUSY, calls=(replace(BUSY.phone.calls[0], media=True),), quality=GOOD)
LISTENED = _phone(FLOOR, calls=(LISTENING,))

Change = tuple[DeskState, DeskState, str]
"""Before, after, and what has to be said."""
SAID: dict[type, dict[str, Change]] = {
    DeskState: {
        "line": (replace(BUSY, line=Line.OFFLINE), replace(BUSY, unsent=2), "línea lista; 2 cosas por enviar"),
        "me": (IDLE, _me(state=AdvisorState.PAUSED), "En pausa"),
        "contacts": (IDLE, scenes.OFFERED, "Se ofrece: Llamada, 722 555 0199"),
        "messages": (scenes.IN_CHAT, _written("c-mail", "¿Ya salió?"), "Correo de"),
        "focus": (BUSY, replace(BUSY, focus="c-chat"), "En curso: Chat, Marisol"),
        "advisors": (FLOOR, _advisor(connected=False), "María Fernanda Quiroz se quedó sin línea."),
        "shown": (replace(ASKED_ABOUT, shown={}), ASKED_ABOUT, "Luis Hernández consulta sobre: Llamada"),
        "phone": (IDLE, _phone(IDLE, status=PhoneStatus.DOWN), "El teléfono no funciona"),
        "directory": (IDLE, _directory(problem="disk"), "Directorio: "),
        "keeping": (KEEPING, _keeping(marks={"r1": scenes.RECORDS[0]}), "1 registro elegido."),
        "examination": (replace(IDLE, examination=Examination(going=("disk",))), replace(IDLE, examination=Examination(
                        found={"disk": (Finding("warning", "Queda poco lugar."),)})), "0 fallas; 1 aviso"),
        "notices": (IDLE, replace(IDLE, notices=(Notice(9, "disk_full", Severity.ERROR),)), "disco"),
    },
    PhoneView: {
        "status": (IDLE, _phone(IDLE, status=PhoneStatus.RESTARTING), "Teléfono"),
        "muted": (BUSY, _phone(BUSY, muted=True), "Micrófono cerrado"),
        "unheard": (BUSY, _phone(BUSY, muted=True, unheard=True), "No se le oye: el micrófono está cerrado"),
        "joined": (TWO_CALLS, _phone(TWO_CALLS, joined=True), "Los tres se oyen."),
        "auto_answer": (IDLE, _phone(IDLE, auto_answer=3.0), "se contestan solas después de 3 segundos"),
        "calls": (FLOOR, _phone(FLOOR, calls=(LISTENING,)), "Escuchando: nadie le oye"),
        "quality": (HEARD, _phone(HEARD, quality=BAD), "La voz es mala."),
        "registration": (_registered(Registered.YES), _registered(Registered.UNREACHABLE), "Sin registro"),
    },
    PhoneCall: {
        "state": (_call_of(TWO_CALLS, 1, state=CallState.RINGING), TWO_CALLS, "en llamada"),
        "monitoring": (LISTENED, _call_of(LISTENED, 0, monitoring=Monitoring.WHISPER), "solo le oye quien atiende"),
        "held": (TWO_CALLS, _call_of(TWO_CALLS, 1, held=True), "en espera"),
        "holds_us": (TWO_CALLS, _call_of(TWO_CALLS, 1, holds_us=True), "le tiene en espera"),
        "handing": (TWO_CALLS, _call_of(TWO_CALLS, 1, handing="Luis"), "Se pasa la llamada a Luis"),
    },
    Contact: {
        "state": (BUSY, _contact(state=ContactState.WRAP_UP, wrap_up_ends_at=NOW + 60), "trabajo posterior hasta"),
        "wrap_up_ends_at": (scenes.WRAP_UP, _wrap_up(NOW + 105), "trabajo posterior hasta"),
        "citizen_present": (BUSY, _contact(citizen_present=False), "colgó"),
        "call": (BUSY, _central(held=True), "en espera"),
        "steps": (BUSY, _contact(steps=(*CALL.steps, "need")), "Protocolo: 3 de 6"),
        "emergency": (BUSY, _contact(emergency=True), "emergencia"),
        "warned": (BUSY, _contact(warned=True), "advertida"),
    },
    Call: {
        "held": (BUSY, _central(held=True), "en espera"),
        "recording": (BUSY, _central(recording=False), "La llamada no se graba."),
        "recording_paused": (BUSY, _central(recording_paused=True), "Grabación en pausa."),
        "consultation": (consulting(), consulting(Side.ALL), "Los tres se oyen, con María Fernanda Quiroz."),
        "monitors": (BUSY, _central(monitors=(("u9", Monitoring.WHISPER),)), "habla coordinación, solo a usted"),
    },
    Advisor: {
        "state": (FLOOR, _advisor(state=AdvisorState.NOT_RESPONDING), "María Fernanda Quiroz no responde."),
        "connected": (FLOOR, _advisor(connected=False), "María Fernanda Quiroz se quedó sin línea."),
        "next_presence": (IDLE, _me(next_presence=Presence.PAUSED), "Pausa tras esta atención"),
        "outside_state": (IDLE, _me(outside_phone="722", outside_state=OutsideState.LOST), "teléfono externo; 722"),
    },
    DirectoryView: {
        "hits": (_directory(query="acta", answered="ac", hits=()), _directory(query="acta", answered="acta",
                 hits=scenes.RECORDS), "4 resultados, primero"),
        "problem": (IDLE, _directory(problem="disk"), "Directorio: "),
        "progress": (_copying(progress=(20, 100)), _copying(progress=(60, 100)), "50"),
        "complete": (_copying(), _directory(complete=True), "El directorio está"),
    },
    KeepingView: {
        "drafts": (FORM, _draft(newer=True), "Alguien"),
        "editors": (FORM, _editing("r1", "Luis Peña"), "Luis Peña"),
        "marks": (KEEPING, _keeping(marks={"r1": scenes.RECORDS[0]}), "1 registro elegido."),
    },
    Draft: {
        "sending": (FORM, _draft(sending="change"), "Se está guardando."),
        "faults": (_draft(faults=()), FORM, "No se guardó: hay que corregir 1 campo."),
        "conflicts": (FORM, _draft(conflicts=scenes.CLASHED.keeping.drafts["r1"].conflicts), "los mismos campos"),
        "similar": (FORM, _draft(similar=(scenes.TWIN,)), "Oficialia 1 Registro Civil Toluca"),
        "newer": (FORM, _draft(newer=True), "Alguien"),
    },
}  # fmt: skip
CASES = [
    pytest.param(case, id=f"{shown.__name__}-{name}") for shown, said in SAID.items() for name, case in said.items()
]


def changes(before: DeskState, after: DeskState) -> list[News]:
    return news.changes(before, after, KeysInForce(load_keymap(assets.keymaps()["default"], actions.RULES)))


def said(before: DeskState, after: DeskState) -> str:
    return " ".join(each.words for each in changes(before, after))


@pytest.mark.parametrize("shown", SAID, ids=lambda shown: shown.__name__)
def test_each_field_is_said_or_has_a_reason_not_to_be(shown: type) -> None:
    names = {each.name for each in fields(shown)}
    assert names == SAID[shown].keys() | QUIET[shown].keys()
    assert not SAID[shown].keys() & QUIET[shown].keys()


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_said(case: Change) -> None:
    before, after, words = case
    assert words in said(before, after)
    assert said(after, after) == ""


def test_the_floor_hears_once_that_somebody_waits_too_long() -> None:
    assert floor_news.lateness(0, floor_news.late(FLOOR, NOW)) == "1 atención espera demasiado."
    assert floor_news.lateness(1, 2) == ""
    assert floor_news.lateness(2, 0) == "Ya nadie espera demasiado."


def test_a_sound_that_is_bad_is_said_again_when_it_is_good() -> None:
    bad = _phone(HEARD, quality=BAD)
    assert said(bad, bad) == ""
    assert "La voz vuelve a ser buena." in said(bad, HEARD)
    assert said(HEARD, _phone(HEARD, quality=replace(GOOD, mos=3.7))) == ""


def test_that_one_listens_is_said_once_and_that_it_is_over_without_it() -> None:
    ringing = _call_of(LISTENED, 0, state=CallState.RINGING)
    assert "nadie le oye" in said(FLOOR, ringing)
    assert said(ringing, LISTENED) == ""
    over = said(LISTENED, FLOOR)
    assert "Llamada terminada" in over
    assert "nadie le oye" not in over


def test_what_presses_is_said_before_what_waits() -> None:
    kept = Announcements()
    kept.add([News("", "un mensaje"), News("", "otro mensaje"), News("offer", "Se ofrece", pressing=True)])
    assert kept.take(lambda words: len(words) < 20) == ("Se ofrece.", 2)


def test_that_it_was_not_saved_is_said_before_news_that_wait() -> None:
    kept = Announcements()
    kept.add([News("", "Termina el 11 de diciembre: Convenio con el INE")])
    kept.add(changes(_draft(faults=()), FORM))
    assert kept.take(lambda words: len(words) < 50) == ("No se guardó: hay que corregir 1 campo.", 1)


def test_words_that_are_too_long_are_said_in_parts() -> None:
    kept = Announcements()
    kept.add([News("", "uno dos tres cuatro cinco")])
    parts = []
    while kept.left:
        assert kept.take(lambda words: len(words) < 12) == kept.take(lambda words: len(words) < 12), "until it is shown"
        parts.append(kept.take(lambda words: len(words) < 12))
        kept.shown()
    assert parts == [("uno dos …", 1), ("tres …", 1), ("cuatro …", 1), ("cinco.", 0)]


def test_of_many_keys_each_is_named_once() -> None:
    following = Following()
    following.begin(["Control L …", "A uno", "B dos", "C tres"])
    room = lambda words: len(words) < 20  # noqa: E731 - as the line of announcements measures
    assert following.next(room, "F1") == "Control L … A uno (2 más: F1)"
    assert following.next(room, "F1") == "B dos; C tres"
    assert following.next(room, "F1") == "Control L … A uno (2 más: F1)"
