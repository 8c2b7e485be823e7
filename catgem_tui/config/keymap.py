"""Keymaps: which keys start which action, read from ``keymaps/*.toml`` and checked before they are used.

A stroke is a character (``/``), a name (``f2``, ``space``, ``kp_5`` on the keypad) or a chord (``ctrl+f``, ``alt+n``);
a key is one stroke, or several with spaces between them (``ctrl+x ctrl+s``, ``g d``). What begins with a character
works only where no text is being written; everything else works everywhere, the keypad's keys on the desk alone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from catgem_tui.config.fault import FileFault
from catgem_tui.config.reading import read_toml

LISTS = {
    "up": "up",
    "down": "down",
    "left": "left",
    "right": "right",
    "page_up": "pageup",
    "page_down": "pagedown",
    "first": "home",
    "last": "end",
    "choose": "enter",
    "back": "escape",
    "next": "tab",
    "previous": "shift+tab",
    "write": "",
}
"""What ``[lists]`` may give keys to: moves in every list, table, page and dialog, and the key that always does it;
``write`` goes back into the field that ``leave`` left."""
FIELDS = {
    "left": "left",
    "right": "right",
    "up": "up",
    "down": "down",
    "word_left": "ctrl+left",
    "word_right": "ctrl+right",
    "start": "home",
    "end": "end",
    "delete_left": "backspace",
    "delete_right": "delete",
    "delete_word": "ctrl+w",
    "delete_to_start": "ctrl+u",
    "delete_to_end": "ctrl+k",
    "cut": "ctrl+x",
    "copy": "ctrl+c",
    "paste": "ctrl+v",
    "undo": "ctrl+z",
    "redo": "ctrl+y",
    "leave": "",
}
"""The same for ``[fields]``, while text is being written; after ``leave`` characters are keys, not text."""
LEFT = dict.fromkeys((
    "word_right", "word_left", "word_end", "start", "end", "first_line", "last_line",
    "delete_left", "delete_right", "delete_word_left", "delete_word_right", "delete_word_end",
    "delete_to_start", "delete_to_end", "delete_line", "change_word", "change_to_end", "change_line",
    "write_after", "write_at_start", "write_at_end", "undo",
), "")  # fmt: skip
"""What ``[left]`` may give characters to: what they do to the text of a field after ``leave``, before anything else
that they might start."""
SECTIONS: Mapping[str, Mapping[str, str]] = {"lists": LISTS, "fields": FIELDS, "left": LEFT}
GIVE_UP = frozenset({"escape", "ctrl+g"})
"""Strokes that end a sequence of keys without doing anything."""


class ActionRule(Struct, frozen=True):
    """What a keymap has to respect of one action."""

    place: str
    """Where the action is: two actions with different places may share a key, unless one is everywhere (``""``)."""
    while_typing: bool = False
    """The action must be within reach while text is being written."""
    keyless: bool = False
    """The action is in the palette and may go without a key."""


class Keymap(Struct, frozen=True):
    name: str
    keys: Mapping[str, tuple[str, ...]]
    """Keys by action."""
    lists: Mapping[str, tuple[str, ...]] = {}
    """Keys by move, those that always do it left out."""
    fields: Mapping[str, tuple[str, ...]] = {}
    """Keys by what they do in a field, the same."""
    left: Mapping[str, tuple[str, ...]] = {}
    """Keys by what they do in a field that was left."""
    counts: bool = False
    """Whether digits say how often the next move or change is to be done, where no text is being written."""

    @property
    def names_keypad(self) -> bool:
        """Whether it has something for the keypad alone."""
        sections = (self.keys, self.lists, self.fields)
        return any(is_keypad(key) for section in sections for keys in section.values() for key in keys)

    def first(self, action: str) -> str:
        """The key to show for an action; empty if it has none."""
        return next(iter(self.keys.get(action, ())), "")


class Written(Struct, frozen=True):
    """A keymap's file as it was read."""

    path: Path
    text: str
    table: Mapping[str, Any]

    def fault(self, section: str, key: str, reason: str, value: str = "") -> FileFault:
        """A mistake in it, with its line."""
        from catgem_tui.config.toml_lines import find_line

        path = [part for part in (section, *key.split(".")) if part]
        return FileFault(self.path, find_line(self.text, path, value), key or section, reason)


def is_text(key: str) -> bool:
    """Whether pressing the key while writing puts a character into the text; of a sequence, its first stroke."""
    stroke = key.split(" ", 1)[0]
    return len(stroke) == 1 or stroke == "space"


def is_keypad(key: str) -> bool:
    """Whether the key, or its first stroke, is one of the keypad's, which not every terminal tells from characters."""
    return key.startswith("kp_")


def read_keymap(path: Path) -> Written:
    """Raises FileFault for what is no readable TOML file."""
    return Written(path, *read_toml(path))
