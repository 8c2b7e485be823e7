"""Keys that do not arrive: the person presses every one that the keymap uses, in any order."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from catgem_tui.config import assets, paths
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _, ngettext
from catgem_tui.config.keymap import read_keymap
from catgem_tui.config.keymap_extension import lineage
from catgem_tui.desk.remembered import chosen
from catgem_tui.doctor.dialogue import Dialogue, Mute, open_dialogue
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well
from catgem_tui.terminal.capabilities import find_keypad
from catgem_tui.terminal.keypad import TOLD, Keypad, sequences, switch

_FUNCTION = ("OP", "OQ", "OR", "OS", "[15~", "[17~", "[18~", "[19~", "[20~", "[21~", "[23~", "[24~")
"""F1 to F12 as xterm sends them."""
_CONSOLE = ("[[A", "[[B", "[[C", "[[D", "[[E")
_OLD = ("[11~", "[12~", "[13~", "[14~")
_ARROWS = {"up": "A", "down": "B", "right": "C", "left": "D"}
_PRINTED = {"up": "↑", "down": "↓", "right": "→", "left": "←"}
_MODIFIERS = {"shift": 2, "alt": 3, "ctrl": 5}
_EVERYWHERE = frozenset({"enter", "tab", "space", "escape", "backspace"})
"""Strokes that arrive if anything does; Enter also ends the trial."""
_MORE = "  …"
_END = re.compile(rb"[\r\n]")
_PROTOCOL = re.compile(rb"\x1b\[\?\d+u")
QUIET = 0.1
"""Seconds after which a sequence that began is complete."""


async def examine(subject: Subject) -> Found:
    dialogue = open_dialogue()
    if dialogue is None:
        sentence = _("Without a terminal no keys can be pressed.")
        return Found(findings=(warning("keys.absent", sentence, _("Run catgem doctor keys in a terminal.")),))
    settings = subject.settings
    wanted = read_keys(find_keymap(chosen(settings.workstation_data, "keymap", settings.workstation.keymap)))
    keypad = find_keypad(subject.environment)
    own = [key for key in wanted if key in TOLD]
    told = _("Press each of these keys once, in any order. Enter ends; those that are left did not arrive.")
    async with dialogue:
        by_protocol = bool(own) and await _has_protocol(dialogue)
        if keypad is Keypad.UNTOLD or by_protocol:
            wanted = [key for key in wanted if key not in TOLD]
        dialogue.write((switch(keypad, on=True) if own else "").encode() + told.encode() + b"\r\n")
        try:
            arrived, strange = await _listen(dialogue, wanted, keypad)
        finally:
            dialogue.write((switch(keypad, on=False) if own else "").encode() + b"\r\n")
    found = judge([key for key in wanted if key not in TOLD], arrived, strange)
    return Found(findings=(*_judge_keypad(own, arrived, keypad, by_protocol=by_protocol), *found.findings),
                 measured=found.measured)  # fmt: skip


async def _has_protocol(dialogue: Dialogue) -> bool:
    """Whether the terminal knows the keyboard protocol of kitty, by which the keypad has codes of its own."""
    try:
        answer, _seconds = await dialogue.ask(b"\x1b[?u")
    except Mute:
        return False
    return bool(_PROTOCOL.search(answer))


def _judge_keypad(own: list[str], arrived: set[str], keypad: Keypad, *, by_protocol: bool) -> list[Finding]:
    """Nothing of a keymap that has nothing on the keypad."""
    if not own:
        return []
    if by_protocol:
        return [well("keys.keypad", _("The terminal tells the keypad's keys from the others (keyboard protocol)."))]
    if keypad is not Keypad.UNTOLD and arrived.intersection(own):
        return [well("keys.keypad", _("The terminal tells the keypad's keys from the others (application keypad)."))]
    sentence = _("The keypad's digits come as the digits above the letters: while you write they are text.")
    return [warning("keys.keypad", sentence, _("Ins leaves the field, and the digits are the call's."))]


def find_keymap(name: str) -> Path:
    return assets.keymaps(paths.config_folder() / "keymaps").get(name) or Path(name).expanduser()


def read_keys(keymap: Path) -> list[str]:
    """Every stroke of its keys and of those it extends, but characters, which arrive if anything does; in the keymap's
    order. A keymap that cannot be read has none: the workstation says what is wrong with it."""
    try:
        written = lineage(read_keymap(keymap), assets.keymaps(paths.config_folder() / "keymaps"))
    except FileFault:
        return []
    tables = [each.table.get("keys", {}) for each in written]
    said = {action: keys for table in tables if isinstance(table, dict) for action, keys in table.items()}
    listed = (key for keys in said.values() for key in ([keys] if isinstance(keys, str) else keys))
    strokes = (stroke for key in listed if isinstance(key, str) for stroke in key.split())
    return list(dict.fromkeys(stroke for stroke in strokes if len(stroke) > 1 and stroke not in _EVERYWHERE))


def judge(wanted: list[str], arrived: set[str], strange: list[str]) -> Found:
    missing = [key for key in wanted if key not in arrived]
    measured = {"arrived": sorted(arrived), "missing": missing, "strange": strange}
    if not arrived and not strange:
        sentence = _("No key was pressed: they were not tried.")
        return Found(
            findings=(warning("keys.not_tried", sentence, _("Try them: catgem doctor keys")),), measured=measured
        )
    if not missing:
        return Found(findings=(well("keys.all", _("All keys of the keymap arrive.")),), measured=measured)
    sentence = ngettext("This key did not arrive: %s.", "These keys did not arrive: %s.", len(missing))
    remedy = _(
        "Something before the program takes them: terminal, tmux, window manager. Free them there, or choose others."
    )
    if strange:
        remedy += " " + _("Instead came: %s.") % ", ".join(strange)
    if any(key.startswith("alt+") for key in missing):
        remedy += " " + _("For Alt: have the terminal send Esc with it (“Meta sends escape”, “Option as Meta”).")
    return Found(
        findings=(fault("keys.missing", sentence % ", ".join(map(name_of, missing)), remedy),), measured=measured
    )


def sequences_of(key: str) -> tuple[bytes, ...]:
    """What terminals send for it, the same for all but some; none for a key that is not known here."""
    *modifiers, base = key.split("+")
    if not modifiers and (number := re.fullmatch(r"f(\d+)", base)):
        place = int(number[1]) - 1
        forms = [table[place] for table in (_FUNCTION, _CONSOLE, _OLD) if place < len(table)]
        return tuple(f"\x1b{form}".encode() for form in forms)
    if base in _ARROWS:
        modifier = 1 + sum(_MODIFIERS[name] - 1 for name in modifiers)
        if modifiers == ["ctrl"]:
            return tuple(f"\x1b{form}{_ARROWS[base]}".encode() for form in ("[1;5", "O"))  # the latter is PuTTY's
        return (f"\x1b[1;{modifier}{_ARROWS[base]}".encode(),) if modifiers else (f"\x1b[{_ARROWS[base]}".encode(),)
    if number := re.fullmatch(r"f(\d+)", base):
        return _modified_function(int(number[1]), modifiers)
    letter = base.upper() if "shift" in modifiers else base
    byte = letter.encode() if len(letter) == 1 else b""
    if "ctrl" in modifiers and byte:
        byte = bytes([byte[0] & 0x1F])
    return ((b"\x1b" + byte if "alt" in modifiers else byte),) if byte else ()


def _modified_function(number: int, modifiers: Iterable[str]) -> tuple[bytes, ...]:
    modifier = 1 + sum(_MODIFIERS[name] - 1 for name in modifiers)
    form = _FUNCTION[number - 1]
    if form.startswith("O"):
        return (f"\x1b[1;{modifier}{form[1]}".encode(),)
    return (f"\x1b{form[:-1]};{modifier}~".encode(),)


async def _listen(dialogue: Dialogue, wanted: list[str], keypad: Keypad) -> tuple[set[str], list[str]]:
    """What arrived of the wanted, and what else came."""
    known = {sequence: key for key in wanted for sequence in sequences_of(key)}
    known |= {sequence.encode(): key for sequence, key in sequences(keypad).items() if key in wanted}
    arrived: set[str] = set()
    strange: list[str] = []
    while len(arrived) < len(wanted):
        _show(dialogue, [key for key in wanted if key not in arrived])
        await dialogue.wait()
        await asyncio.sleep(QUIET)
        keys, rest = take_apart(dialogue.take(), known)
        arrived |= keys
        if _END.search(rest):
            break
        if rest:
            strange.append(rest.decode("utf-8", "replace").replace("\x1b", "Esc "))
    return arrived, strange


def take_apart(came: bytes, known: Mapping[bytes, str]) -> tuple[set[str], bytes]:
    """The keys in what came, and what is none: a quick hand presses several at once."""
    sequences = b"|".join(re.escape(sequence) for sequence in sorted(known, key=len, reverse=True))
    found = re.findall(sequences, came) if known else []
    return {known[sequence] for sequence in found}, re.sub(sequences, b"", came) if known else came


def _show(dialogue: Dialogue, left: list[str]) -> None:
    """In one line, as many as it holds; the others come up as these are pressed."""
    text, room = f"{len(left)}:", dialogue.size.columns - len(_MORE) - 1
    for number, name in enumerate(map(name_of, left), 1):
        longer = f"{text}  {name}"
        if len(longer) > room + (len(_MORE) if number == len(left) else 0):
            text += _MORE
            break
        text = longer
    dialogue.write(b"\r\x1b[2K" + text.encode())


def name_of(key: str) -> str:
    """As it is printed on a keyboard: ``Ctrl+S``, ``F2``, ``↑``; the keypad's as ``Num 5``."""
    if key in TOLD:
        return f"Num {TOLD[key].strip() or 'Enter'}"
    return "+".join(_PRINTED.get(part, part.capitalize()) for part in key.split("+"))
