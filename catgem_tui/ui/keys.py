"""Keys: from the keymap to Textual's bindings, and their names on the screen."""

import string
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType

from catgem_tui.config.i18n import N_, _
from catgem_tui.config.keymap import Keymap, is_text
from catgem_tui.ui.actions import ACTIONS

_NAMES = {"escape": N_("Esc"), "enter": N_("Enter"), "tab": N_("Tab"), "space": N_("Space"),
          "backspace": N_("Backspace"), "up": "↑", "down": "↓",
          "left": "←", "right": "→", "pageup": N_("PgUp"), "pagedown": N_("PgDn")}  # fmt: skip


@dataclass(frozen=True)
class _Chord:
    """As much of a member of Textual's ``Keys`` as its parser looks at."""

    value: str


def bindings(keymap: Keymap) -> list[BindingType]:
    """What each key does; what a key may do in several places is tried in the order of the actions.

    Chords come before the field that has the focus; characters only where no field takes them. ^C leaves, unless the
    keymap has it do something else.
    """
    made: list[BindingType] = []
    for action in ACTIONS:
        for key in keymap.keys.get(action.id, ()):
            made.append(Binding(key, f"perform('{action.id}')", show=False, priority=not is_text(key)))
    if not any("ctrl+c" in keys for keys in keymap.keys.values()):
        made.append(("ctrl+c", "perform('quit')"))
    return made


def know_chords() -> None:
    """Have Textual take Alt with a letter as soon as it arrives.

    By itself it waits 0.1 s for more, and takes what is typed meanwhile for a part of the chord: notes written fast
    after Alt+N would be a message to the citizen.
    """
    known = cast(MutableMapping[str, Any], ANSI_SEQUENCES_KEYS)
    for letter in string.ascii_lowercase:
        known.setdefault(f"\x1b{letter}", (_Chord(f"alt+{letter}"),))


def key_name(key: str) -> str:
    """How a key is written: ``F2``, ``^F``, ``Alt+1``, ``?``."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    name = _NAMES.get(last)
    words = _(name) if name else (last.upper() if len(key) > 1 else last)
    for modifier in reversed(modifiers):
        words = f"^{words}" if modifier == "ctrl" else f"{modifier.capitalize()}+{words}"
    return words
