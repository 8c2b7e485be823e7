"""Keymaps: which keys start which action, read from ``keymaps/*.toml`` and checked before they are used.

A key is a character (``/``), a name (``f2``, ``pagedown``) or a chord (``ctrl+f``, ``alt+1``). Characters start an
action only where no text is being written; everything else works everywhere.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from catgem_tui.config.fault import FileFault, line_of, line_of_syntax_error
from catgem_tui.config.i18n import _

_KEY = re.compile(r"(?:(?:ctrl|alt|shift)\+)*(?:[a-z0-9_]+|[^\s,])")
TAKEN = frozenset(
    {"enter", "tab", "shift+tab", "escape", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"}
    | {"backspace", "delete", "space", "ctrl+j"}
)
"""Keys that fields, lists and dialogs need for themselves."""
SAME_TO_A_TERMINAL = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+[": "escape",
    "alt+enter": "enter",
    "alt+b": "ctrl+left",
    "alt+f": "ctrl+right",
    **{f"alt+{digit}": sign for digit, sign in zip("1234567890", "¡™£¢∞§¶•ªº", strict=True)},
}
"""Chords that a terminal sends as another key."""


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

    def first(self, action: str) -> str:
        """The key to show for an action; empty if it has none."""
        return next(iter(self.keys.get(action, ())), "")


def is_text(key: str) -> bool:
    """Whether pressing the key while writing puts a character into the text."""
    return len(key) == 1


def load_keymap(path: Path, rules: Mapping[str, ActionRule]) -> Keymap:
    """Read and check one keymap file. Raises FileFault with the first mistake found."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        from catgem_tui.config.explanation import explain_unreadable

        raise explain_unreadable(path, error) from error
    except tomllib.TOMLDecodeError as error:
        raise FileFault(path, line_of_syntax_error(error), "", _("not valid TOML (%s)") % error) from error
    return _Checker(path, text, rules).check(table)


class _Checker:
    def __init__(self, path: Path, text: str, rules: Mapping[str, ActionRule]) -> None:
        self.path = path
        self.text = text
        self.rules = rules

    def check(self, table: Mapping[str, Any]) -> Keymap:
        for key in table:
            if key not in {"name", "keys"}:
                raise self.fault(key, _("a keymap has only “name” and “[keys]”"))
        section = table.get("keys")
        if not isinstance(section, dict):
            raise self.fault("keys", _("the section [keys] is missing"))
        keys = {action: self.keys_of(action, value) for action, value in section.items()}
        self.refuse_clashes(keys)
        self.refuse_unreachable(keys)
        return Keymap(name=str(table.get("name", self.path.stem)), keys=keys)

    def keys_of(self, action: str, value: object) -> tuple[str, ...]:
        if action not in self.rules:
            raise self.fault(action, _("there is no such action"))
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
            raise self.fault(action, _('give one key or a list of them, as in ["f2"]'))
        for key in listed:
            if not _KEY.fullmatch(key):
                raise self.fault(action, _("“%s” is no key") % key, key)
            if key in TAKEN:
                raise self.fault(action, _("“%s” is needed by fields and lists") % key, key)
            if key in SAME_TO_A_TERMINAL:
                words = {"key": key, "other": SAME_TO_A_TERMINAL[key]}
                raise self.fault(action, _("terminals send “%(key)s” as “%(other)s”") % words, key)
        return tuple(listed)

    def refuse_clashes(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        used: dict[str, list[str]] = {}
        for action, chosen in keys.items():
            for key in chosen:
                for other in used.setdefault(key, []):
                    if self.meet(action, other):
                        raise self.fault(
                            action, _("“%(key)s” already starts “%(other)s”") % {"key": key, "other": other}, key
                        )
                used[key].append(action)

    def meet(self, one: str, other: str) -> bool:
        places = {self.rules[one].place, self.rules[other].place}
        return len(places) == 1 or "" in places

    def refuse_unreachable(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        for action, rule in self.rules.items():
            chosen = keys.get(action, ())
            if not chosen and not rule.keyless:
                raise self.fault(action, _("no key starts this action"))
            if chosen and rule.while_typing and all(is_text(key) for key in chosen):
                raise self.fault(action, _("needs a key that is not a character, to be within reach while writing"))

    def fault(self, key: str, reason: str, value: str = "") -> FileFault:
        return FileFault(self.path, line_of(self.text, key, value), key, reason)
