"""Keys: the keymap in force, Textual's bindings from it, and how keys are written on the screen."""

import string
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType
from textual.widget import Widget

from catgem_tui.config.i18n import N_, _, pgettext
from catgem_tui.config.keymap import FIELDS, LISTS, Keymap, is_keypad, is_text
from catgem_tui.terminal.keypad import TOLD
from catgem_tui.ui.actions import ACTIONS
from catgem_tui.ui.lines import Line

_NAMES = {"escape": N_("Esc"), "enter": N_("Enter"), "tab": N_("Tab"), "space": N_("Space"),
          "backspace": N_("Backspace"), "delete": N_("Del"), "insert": N_("Ins"), "home": N_("Home"),
          "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": N_("PgUp"), "pagedown": N_("PgDn"),
          "backslash": "\\", "right_square_bracket": "]", "circumflex_accent": "^", "underscore": "_"}  # fmt: skip


_KEYPAD_NAMES = {".": "full_stop", "/": "slash", "*": "asterisk", "-": "minus", "+": "plus", "\r": "enter"}
"""What Textual calls the keys that are no digits where nobody tells the keypad's from others."""


class KeysInForce:
    """The keymap that is used now. Whoever names keys on the screen holds this one, and asks it at each drawing."""

    def __init__(self, keymap: Keymap) -> None:
        self.use(keymap)

    def use(self, keymap: Keymap) -> None:
        self.keymap = keymap
        used = (*keymap.keys.values(), *keymap.fields.values())
        self.begun = frozenset(key.split()[0] for keys in used for key in keys)
        """The strokes with which keys of actions and of fields begin: they do nothing else any more in a field."""

    @property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """Keys by action."""
        return self.keymap.keys

    def first(self, action: str) -> str:
        """The key to show for an action; empty if it has none."""
        return self.keymap.first(action)

    def name(self, action: str) -> str:
        """How the key to show for an action is written; empty if it has none."""
        return key_name(self.first(action))

    def moves(self, move: str) -> tuple[str, ...]:
        """The keys of a move in lists and dialogs: the keymap's, then the one that always does it."""
        own = LISTS[move]
        return (*self.keymap.lists.get(move, ()), *((own,) if own else ()))

    def move(self, move: str) -> str:
        """How the key to show for a move is written: one that works while text is being written too."""
        return key_name(next((key for key in self.moves(move) if not is_text(key)), ""))

    @property
    def close_first(self) -> str:
        """Why an action of the place is refused over something."""
        return _("close this first (%s)") % self.move("back")

    def said(self, words: str) -> str:
        """The words with the keys of the moves that they name: ``%(choose)s``, ``%(back)s``."""
        return words % {move: self.move(move) for move in LISTS}

    def commands(self, command: str) -> tuple[str, ...]:
        """The keys of what ``[fields]`` does."""
        given, own = self.keymap.fields.get(command, ()), FIELDS[command]
        return (*given, own) if own and own not in self.begun else given


class Keyed(Protocol):
    """The application, for what names its keys."""

    keymap: KeysInForce

    @property
    def key_line(self) -> Line:
        """What to say of keys before the hints: what may follow, or what went wrong; mostly nothing."""
        ...

    def tell_outcome(self, words: str) -> None:
        """Say until the next key what this one came to, where nothing on the screen shows it."""
        ...

    @property
    def following(self) -> bool:
        """Whether a stroke waits for what follows it, which is told alone."""
        ...

    @property
    def commanding(self) -> bool:
        """Whether a field has the focus and characters are keys all the same."""
        ...


def keyed(widget: Widget) -> Keyed:
    """The keys in force where this widget is."""
    return cast(Keyed, widget.app)


@dataclass(frozen=True)
class _Chord:
    """As much of a member of Textual's ``Keys`` as its parser looks at."""

    value: str


def bindings(keymap: Keymap) -> list[BindingType]:
    """What each key of one stroke does; what it may do in several places is tried in the order of the actions.

    Chords come before the field that has the focus; characters only where no field takes them. ^C leaves, unless the
    keymap has it do something else.
    """
    made: list[BindingType] = []
    for action in ACTIONS:
        for key in keymap.keys.get(action.id, ()):
            if " " not in key and not is_keypad(key):
                written = "comma" if key == "," else key  # Textual separates keys with it
                made.append(Binding(written, f"perform('{action.id}')", show=False, priority=not is_text(key)))
    if not any("ctrl+c" in keys for keys in (*keymap.keys.values(), *keymap.fields.values(), *keymap.lists.values())):
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


def as_character(event: events.Key) -> events.Key:
    """A key of the keypad as the character that it is."""
    character = TOLD[event.key]
    return events.Key(_KEYPAD_NAMES.get(character, character), character)


def stroke_of(event: events.Key) -> str:
    """A pressed key as keymaps write it."""
    if (
        event.key == "space"
        or "+" in event.key
        or is_keypad(event.key)
        or not event.is_printable
        or event.character is None
    ):
        return event.key
    return event.character


def key_name(key: str) -> str:
    """How a key is written: ``F2``, ``^F``, ``Alt+N``, ``?``, ``^X ^S``."""
    return " ".join(_stroke_name(stroke) for stroke in key.split())


def _stroke_name(stroke: str) -> str:
    if is_keypad(stroke):
        return _("Num %s") % (TOLD[stroke].strip() or _("Enter"))
    *modifiers, last = stroke.split("+") if len(stroke) > 1 else [stroke]
    if last == "end":
        words = pgettext("key", "End")  # as an action's name it is another word
    else:
        name = _NAMES.get(last)
        words = _(name) if name else (last.upper() if len(stroke) > 1 else last)
    for modifier in reversed(modifiers):
        words = f"^{words}" if modifier == "ctrl" else f"{modifier.capitalize()}+{words}"
    return words
