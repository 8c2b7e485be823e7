"""No sound without words: whatever this workstation lets a person hear, the screen shows and screen-reader mode says,
and a setting silences it. A new sound fails here until its words are given."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

import catgem_tui
from catgem_tui.central.voice.prompts import FOLDER as PROMPTS
from catgem_tui.config import assets
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.desk import intents
from catgem_tui.desk.reducers.telephone import SOUNDS
from catgem_tui.desk.state import DeskState
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.model import Call, Citizen
from catgem_tui.ui import actions
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.reader import news
from tests.desk_talk import BETO, Talk, contact, offered_call, talking, with_phone
from tests.ui.stage import LARGE, opened

SOURCE = Path(catgem_tui.__file__).parent
HEARD_HERE = ("desk", "ui", "terminal", "doctor", "commands", "config")
"""The rooms that may let the person at this workstation hear something."""
PRIMITIVES = {
    "desk.reducers.telephone.start_ringing",
    "desk.reducers.telephone.chime",
    "desk.reducers.telephone.signal",
}
"""What plays a sound for those who have a reason to; the reasons are what has words."""
OF_THEIR_OWN = {
    "desk.reducers.sound.try_out": "the person asks for it on the page of the sound, and hears that it works",
    "desk.reducers.direct.set_aside": "the music for whoever waits; nobody hears it here",
    "doctor.sound._chirp": "the doctor says beforehand what it plays, and afterwards what it heard",
}
"""Sounds that tell nothing."""
PROMPT_WORDS = {
    "greeting": "", "waiting": "", "survey": "", "thanks": "", "closed": "", "music": "",
    "ringing": "the consultation: “Se consulta a …; llamando”", "outside": "the outside telephone's state",
    "beep": "the offer, or the call that the person took",
}  # fmt: skip
"""What the lines play: nothing where citizens hear it alone, else what tells the advisor the same."""


@dataclass(frozen=True)
class Heard:
    """``begins`` is the desk just before, ``happens`` what it hears; then ``plays`` is played, the screen has ``seen``
    and screen-reader mode says ``said``. With ``silenced`` in the desk's model nothing is played."""

    begins: Callable[[], Talk]
    happens: Callable[[Talk], Any]
    plays: str
    seen: str
    said: str
    silenced: dict[str, bool] = field(default_factory=dict)


ALOUD, SIGNALS = {"ring_aloud": False}, {"signals": False}
OFFERED_CHAT = contact(state=ContactState.OFFERED, citizen=Citizen(name="Marisol"))


def _offers(talk: Talk, number: str) -> Talk:
    """A call is offered, and rings here."""
    talk.hears_contact(replace(offered_call(f"c{number}"), citizen=Citizen(phone="7225550177")))
    talk.hears_event(CallExpected(contact=f"c{number}", token=f"t{number}"))
    return talk.hears(port.CallArrived(call=f"k{number}", caller="1", dialled="catgem", token=f"t{number}"))


def _talking() -> Talk:
    return talking().hears(port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True))


def _ends_and_is_offered(talk: Talk) -> Talk:
    """While one speaks another call is offered; then the first is over, and the other rings."""
    return _offers(talk, "2").hears(port.CallChanged(call="k1", state=CallState.ENDED))


def _alone() -> Talk:
    return with_phone(Talk()).hears(intents.SetAutoAnswer(3.0))


def _muted() -> Talk:
    talk = talking().hears(intents.SetMute(muted=True))
    for level in (0.0, *[0.9] * 4):
        talk.hears(port.LevelsMeasured(microphone=level, loudspeaker=0.0))
    return talk


def _floor() -> Talk:
    return with_phone(Talk(BETO, contact(channel=Channel.CALL, advisor="u1", call=Call(advisor_leg=True))))


WORDS: dict[str, list[Heard]] = {
    "desk.reducers.telephone.ring": [
        Heard(lambda: with_phone(Talk()), lambda talk: _offers(talk, "1"), "ring.wav", "OFERTA  LLAMADA",
              "Se ofrece: Llamada, 722 555 0177", ALOUD),
        Heard(talking, lambda talk: _offers(talk, "2"), "ring.wav", "OFERTA  LLAMADA",
              "Se ofrece: Llamada, 722 555 0177", ALOUD),
    ],
    "desk.reducers.telephone.change_call": [
        Heard(talking, _ends_and_is_offered, "ring.wav", "OFERTA  LLAMADA", "Se ofrece: Llamada, 722 555 0177", ALOUD),
    ],
    "desk.reducers.direct.arrive": [
        Heard(lambda: with_phone(Talk()),
              lambda talk: talk.hears(port.CallArrived(call="k9", caller="7225550100", dialled="ana", token="")),
              "ring.wav", "722 555 0100", "llamada directa", ALOUD),
    ],
    "desk.reducers.contacts.take_contact": [
        Heard(lambda: with_phone(Talk()), lambda talk: talk.hears_contact(OFFERED_CHAT), "ring.wav", "Marisol",
              "Se ofrece: Chat, Marisol", ALOUD),
    ],
    "desk.reducers.guarding.alert": [
        Heard(_floor, lambda talk: talk.hears_contact(replace(next(iter(talk.view.contacts.values())), emergency=True)),
              "ring.wav", "EMERGENCIA", "EMERGENCIA", ALOUD),
    ],
    "desk.reducers.alone.begin": [
        Heard(_alone, lambda talk: talk.hears_contact(offered_call()), "alone.wav", "se contesta sola",
              "se contesta sola después de 3 segundos", SIGNALS),
    ],
    "desk.reducers.telephone.mute": [
        Heard(_talking, lambda talk: talk.hears(intents.SetMute(muted=True)), "closed.wav", "CERRADO",
              "Micrófono cerrado", SIGNALS),
        Heard(lambda: _talking().hears(intents.SetMute(muted=True)),
              lambda talk: talk.hears(intents.SetMute(muted=False)),
              "open.wav", "abierto", "Micrófono abierto", SIGNALS),
    ],
    "desk.reducers.unheard.measure": [
        Heard(_muted, lambda talk: talk.hears(port.LevelsMeasured(microphone=0.9, loudspeaker=0.0)), "unheard.wav",
              "no se le oye", "No se le oye", SIGNALS),
    ],
}  # fmt: skip
CASES = [pytest.param(case, id=f"{site.rsplit('.', 2)[-1]}-{number}") for site, cases in WORDS.items()
         for number, case in enumerate(cases)]  # fmt: skip


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


def _plays(call: ast.Call) -> bool:
    """Whether this call lets somebody hear something."""
    match call.func:
        case ast.Name(id="Play" | "start_ringing" | "chime" | "signal"):
            return True
        case ast.Attribute(attr="Play" | "start_ringing" | "chime" | "bell"):
            return True
        case ast.Attribute(attr="signal", value=ast.Name(id="telephone")):
            return True
    return False


def sites() -> set[str]:
    """Every function that does, as ``room.module.function``."""
    found = set()
    for room in HEARD_HERE:
        for path in (SOURCE / room).rglob("*.py"):
            module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
            for name, function in _functions(ast.parse(path.read_text())):
                if any(isinstance(node, ast.Call) and _plays(node) for node in ast.walk(function)):
                    found.add(f"{module}.{name}")
    return found


def _played(talk: Talk) -> list[str]:
    return [command.path.rsplit("/", 1)[-1] for command in talk.phones() if isinstance(command, port.Play)]


def _begin(case: Heard, **fields: bool) -> Talk:
    talk = case.begins()
    talk.model = replace(talk.model, ring_file="/sounds/ring.wav", **fields)
    return talk


def _said(before: DeskState, after: DeskState) -> str:
    keymap = KeysInForce(load_keymap(assets.keymaps()["default"], actions.RULES))
    return " ".join(each.words for each in news.changes(before, after, keymap))


def test_every_sound_has_its_words() -> None:
    assert sites() - PRIMITIVES == {*WORDS, *OF_THEIR_OWN}


def test_every_file_of_a_sound_is_known() -> None:
    played = {case.plays for cases in WORDS.values() for case in cases}
    assert {path.name for path in SOUNDS.glob("*.wav")} == {*played, "music.wav"}
    assert {path.stem for path in PROMPTS.glob("*.wav")} == set(PROMPT_WORDS)


def test_the_bell_rings_for_what_the_screen_offers_alone() -> None:
    """``tell_offer`` sounds the alarm, whose words are those of the offer on the screen."""
    bells = {
        path.relative_to(SOURCE).as_posix() for path in (SOURCE / "ui").rglob("*.py") if r'"\a"' in path.read_text()
    }
    assert bells == {"ui/alarm.py"}
    sounding = {
        (path.relative_to(SOURCE).as_posix(), name)
        for path in (SOURCE / "ui").rglob("*.py")
        for name, function in _functions(ast.parse(path.read_text()))
        if "self.alarm.sound(" in ast.unparse(function)
    }
    assert sounding == {("ui/in_step.py", "tell_offer")}


@pytest.mark.parametrize("case", CASES)
async def test_a_sound_is_seen_and_said(case: Heard) -> None:
    talk = _begin(case)
    before = talk.view
    case.happens(talk)
    assert case.plays in _played(talk)
    assert case.said in _said(before, talk.view)
    async with opened(talk.view, LARGE) as stage:
        assert case.seen in stage.seen()


@pytest.mark.parametrize("case", CASES)
def test_a_sound_can_be_switched_off_and_its_words_stay(case: Heard) -> None:
    talk = _begin(case, **case.silenced)
    before = talk.view
    case.happens(talk)
    assert _played(talk) == []
    assert case.said in _said(before, talk.view)
