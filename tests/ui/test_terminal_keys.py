"""What terminals send, as keys: by their documentation, and through a real tmux with every key of every keymap."""

import os
import selectors
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from catgem_tui.config import assets
from catgem_tui.config.keymap import Keymap
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.terminal.keypad import TOLD, Keypad
from catgem_tui.terminal.parsing import KeypadParser
from catgem_tui.ui import actions
from catgem_tui.ui.keys import know_chords
from tests.swallowed import KEPT, survives

ROOT = Path(__file__).resolve().parents[2]
KEYMAPS = sorted(assets.keymaps())
PATIENCE = 60.0
IN_A_CALL = (
    "offer.accept", "offer.decline", "call.hold", "call.conference", "contact.transfer", "phone.mute", "phone.hang_up",
    "contact.finish", "contact.park", "contact.extend", "contact.next", "contact.previous", "call.pause_recording",
    "call.digits", "caller.abuse", "contact.emergency", "protocol.check", "message.send", "show.notes",
    "directory.search", "record.call", "record.send", "presence.choose", "palette",
)  # fmt: skip


def keymap(name: str) -> Keymap:
    return load_keymap(assets.keymaps()[name], actions.RULES)


def keys_of(sent: str) -> list[str]:
    know_chords()
    return [event.key for event in XTermParser().feed(sent) if isinstance(event, events.Key)]


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1bnNo", ["alt+n", "N", "o"]),
        ("\x1bn\x1b[A", ["alt+n", "up"]),
        ("\x1bs\x1bn", ["alt+s", "alt+n"]),
        ("\x1b\x1b[A\x1bOP", ["escape", "up", "f1"]),
        ("\x1bf\x1bb", ["ctrl+right", "ctrl+left"]),
    ],
)
def test_what_follows_a_chord_at_once_is_no_part_of_it(sent: str, keys: list[str]) -> None:
    assert keys_of(sent) == keys


CSI = "\x1b["
ABOVE_F5 = [f"{CSI}{number}~" for number in (17, 18, 19, 20, 21, 23, 24)]
"""F6 to F12 of VT220 and all that follow it."""
FUNCTION_KEYS = {
    "xterm, VTE, tmux, iTerm2, Windows Terminal (ctlseqs, PC-Style Function Keys)": [
        "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", f"{CSI}15~", *ABOVE_F5,
    ],
    "the Linux console (console_codes(4))": [f"{CSI}[{letter}" for letter in "ABCDE"] + ABOVE_F5,
    "PuTTY as it comes, and rxvt (PuTTY's manual, 4.4.3)": [f"{CSI}{number}~" for number in range(11, 16)] + ABOVE_F5,
}  # fmt: skip


@pytest.mark.parametrize("terminal", FUNCTION_KEYS)
def test_function_keys_of(terminal: str) -> None:
    assert keys_of("".join(FUNCTION_KEYS[terminal])) == [f"f{number}" for number in range(1, 13)]


KEYPADS = {
    "xterm, tmux (ctlseqs, VT220-Style Function Keys)": (
        Keypad.XTERM, [f"\x1bO{letter}" for letter in "pqrstuvwxynojmkM"]
    ),
    "the Linux console, PuTTY (console_codes(4))": (
        Keypad.CONSOLE, [f"\x1bO{letter}" for letter in "pqrstuvwxynQRSlM"]
    ),
    "kitty, with Num Lock on (its keyboard protocol)": (
        Keypad.UNTOLD, [f"{CSI}{code};129;{ord(sign)}u" for code, sign in enumerate("0123456789./*-+", 57399)]
        + [f"{CSI}57414u"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("terminal", KEYPADS)
def test_the_keypad_of(terminal: str) -> None:
    keypad, sent = KEYPADS[terminal]
    told = list(KeypadParser(keypad, lambda: True).feed("".join(sent)))
    assert [(event.key, event.character) for event in told if isinstance(event, events.Key)] == list(TOLD.items())
    untold = list(KeypadParser(Keypad.XTERM, lambda: False).feed("".join(sent[:10])))
    assert [event.key for event in untold if isinstance(event, events.Key)] == list("0123456789")


def test_the_arrows_with_ctrl_of_putty_as_it_comes() -> None:
    know_chords()
    sent = "".join(f"\x1bO{letter}{CSI}{letter}" for letter in "ABCD")
    arrived = [
        event.key for event in KeypadParser(Keypad.UNTOLD, lambda: False).feed(sent) if isinstance(event, events.Key)
    ]
    assert arrived == ["ctrl+up", "up", "ctrl+down", "down", "ctrl+right", "right", "ctrl+left", "left"]


def test_what_is_no_key_of_the_keypad_stays_what_it_is() -> None:
    sent = f"{CSI}57419u{CSI}57399;5u5\x1bOP{CSI}A"  # KP_UP (Num Lock off), Ctrl with KP_0, the digit above the letters
    told = KeypadParser(Keypad.XTERM, lambda: True).feed(sent)
    assert [event.key for event in told if isinstance(event, events.Key)] == ["up", "ctrl+0", "5", "f1", "up"]
    assert not list(KeypadParser(Keypad.CONSOLE, lambda: True).feed("\x1bOP")), "Num Lock itself"


# --- what is swallowed on the way ---


@pytest.mark.parametrize("name", KEYMAPS)
def test_what_is_needed_in_a_call_has_a_key_that_arrives_everywhere(name: str) -> None:
    keys = keymap(name).keys
    lost = [action for action in IN_A_CALL if not any(survives(key) for key in keys[action])]
    assert lost == []


def test_the_keymap_for_screen_readers_keeps_away_from_theirs() -> None:
    shipped = keymap("screen-reader")
    keys = [key for each in (shipped.keys, shipped.lists, shipped.fields) for keys in each.values() for key in keys]
    strokes = {stroke for key in keys for stroke in key.split()[:1]}
    assert all(len(stroke) > 1 for stroke in strokes)
    assert not [stroke for stroke in strokes if stroke.startswith("alt+") or stroke in {"insert", "f10", "f11", "f12"}]
    assert strokes & KEPT <= {"f1", "ctrl+n", "ctrl+q", "ctrl+s"}


# --- through tmux ---

_NAMES = {"space": "Space", "enter": "Enter", "escape": "Escape", "tab": "Tab", "up": "Up", "down": "Down",
          "left": "Left", "right": "Right", "home": "Home", "end": "End", "pageup": "PPage", "pagedown": "NPage",
          "insert": "IC", "delete": "DC", "underscore": "_", "backslash": "\\"}  # fmt: skip
MARK = "~"
"""A key that no keymap has, sent between the others."""


def in_tmux(stroke: str) -> str:
    """A stroke as ``tmux send-keys`` names it."""
    *modifiers, last = stroke.split("+") if len(stroke) > 1 else [stroke]
    if stroke.startswith("kp_"):
        return "KP" + TOLD[stroke]
    name = _NAMES.get(last, last.upper() if last[:1] == "f" and last[1:].isdigit() else last)
    return "".join({"ctrl": "C-", "alt": "M-", "shift": "S-"}[each] for each in modifiers) + name


def tmux(folder: Path, *arguments: str) -> str:
    command = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


class Record:
    """The lines that the recorder writes, each waited for."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.rest = b""
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.handle, selectors.EVENT_READ)

    def lines_until(self, last: str) -> list[str]:
        found: list[str] = []
        while True:
            while b"\n" in self.rest:
                line, self.rest = self.rest.split(b"\n", 1)
                if line.decode() == last:
                    return found
                found.append(line.decode())
            assert self.selector.select(PATIENCE), f"{last} did not come; came: {found}"
            self.rest += os.read(self.handle, 65536)

    def close(self) -> None:
        self.selector.close()
        os.close(self.handle)


def meanings(shipped: Keymap) -> dict[str, set[str]]:
    """What each key is for, as the recorder writes it."""
    found: dict[str, set[str]] = {}
    for section in ("keys", "lists", "fields"):
        for name, keys in getattr(shipped, section).items():
            for key in keys:
                found.setdefault(key, set()).add(f"{section} {name}")
    return found


@pytest.mark.require_program("tmux")
@pytest.mark.parametrize("name", KEYMAPS)
def test_every_key_arrives_through_tmux(name: str, tmp_path: Path) -> None:
    wanted = meanings(keymap(name))
    assert not any(MARK in key for key in wanted)
    record = Record(tmp_path / "record")
    command = f"cd '{ROOT}' && exec '{sys.executable}' -m tests.ui.key_recorder '{tmp_path / 'record'}' {name}"
    tmux(tmp_path, "new-session", "-d", "-x", "80", "-y", "24", command)
    try:
        record.lines_until("ready")
        got = {}
        # A lone Escape is told from the beginning of a sequence by what follows it, so that it goes by itself.
        together = [key for key in wanted if key != "escape"]
        strokes = [in_tmux(stroke) for key in together for stroke in (*key.split(), MARK)]
        tmux(tmp_path, "send-keys", MARK, *(stroke.replace(";", "\\;") for stroke in strokes))
        record.lines_until(f"stroke {MARK}")
        for key in together:
            got[key] = set(record.lines_until(f"stroke {MARK}"))
        if "escape" in wanted:
            tmux(tmp_path, "send-keys", "Escape")
            record.lines_until("fields leave")
            got["escape"] = {"fields leave"}
        assert {key: names - got[key] for key, names in wanted.items() if names - got[key]} == {}
    finally:
        tmux(tmp_path, "kill-server")
        record.close()


@pytest.fixture
def workstation(tmp_path: Path) -> Iterator[Path]:
    """The real program in a tmux, at its login form, with the keys of Emacs; ``tmux wait-for gone`` tells its end."""
    settings = tmp_path / "catgem.toml"
    settings.write_text(
        f'[workstation]\nkeymap = "emacs-like"\ncentral = "http://127.0.0.1:9"\ndata = "{tmp_path / "data"}"\n',
        encoding="utf-8",
    )
    socket = tmp_path / "tmux"
    command = (
        f"cd '{ROOT}' && HOME='{tmp_path}' PYTHONPATH=. '{sys.executable}' -m catgem_tui --settings '{settings}';"
        f" echo $? > '{tmp_path / 'status'}'; tmux -S '{socket}' wait-for -S gone"
    )
    tmux(tmp_path, "new-session", "-d", "-x", "80", "-y", "24", command)
    yield tmp_path
    subprocess.run(["tmux", "-S", socket, "kill-server"], capture_output=True, check=False)


def shown(folder: Path, words: str) -> str:
    """The screen, once it shows these words."""
    import time

    end = time.monotonic() + PATIENCE
    while words not in (screen := tmux(folder, "capture-pane", "-p")):
        assert time.monotonic() < end, screen
        time.sleep(0.05)  # tmux tells nobody of a changed screen but a client in control mode
    return screen


@pytest.mark.require_program("tmux")
def test_the_real_program_by_its_keys(workstation: Path) -> None:
    shown(workstation, "Intro entra · F1 ayuda · ^X ^C sale")
    tmux(workstation, "send-keys", "C-x")
    shown(workstation, "^X …")
    tmux(workstation, "send-keys", "q")
    shown(workstation, "^X q no inicia nada aquí")
    tmux(workstation, "send-keys", "F1")
    shown(workstation, "MANUAL")
    tmux(workstation, "send-keys", "C-g")
    shown(workstation, "Contraseña")
    tmux(workstation, "send-keys", "C-x", "C-c")
    tmux(workstation, "wait-for", "gone")
    assert (workstation / "status").read_text().strip() == "0"
