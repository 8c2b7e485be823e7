"""What a keymap may say, and every reason to refuse it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import GIVE_UP, SECTIONS, ActionRule, Keymap, Written, is_keypad, is_text

_LONGEST = 4
"""Strokes of a key."""
_MOVES = "up|down|left|right|home|end|pageup|pagedown"
_STROKE = re.compile(
    r"f(?:[1-9]|1\d|2[0-4])|space|enter|tab|escape|backspace|delete|insert"
    rf"|(?:shift\+|ctrl\+)?(?:{_MOVES})|shift\+tab|(?:shift|ctrl)\+delete|ctrl\+shift\+(?:up|down|left|right|home|end)"
    r"|kp_(?:\d|decimal|divide|multiply|subtract|add|enter)|ctrl\+(?:[a-z]|@|backslash|right_square_bracket|circumflex_accent|underscore|f(?:[1-9]|1[0-2]))|alt\+[a-z]"
)
"""The strokes that terminals send without an extension of their own: ASCII's control characters, Alt as Escape before
a letter, and the function and editing keys of xterm's ctlseqs; and the keypad's, which are characters elsewhere."""
_CHORD = re.compile(r"(?:(?:ctrl|alt|shift|super|hyper|meta)\+)+\S+")
TAKEN = frozenset(
    {"enter", "tab", "shift+tab", "escape", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"}
    | {"backspace", "delete", "space", "ctrl+j"}
)
"""Strokes that fields, lists and dialogs need for themselves; Space may begin a sequence."""
SAME_TO_A_TERMINAL = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+[": "escape",
    "ctrl+space": "ctrl+@",
    "alt+enter": "enter",
    "alt+b": "ctrl+left",
    "alt+f": "ctrl+right",
    **{f"shift+f{number}": f"f{number + 12}" for number in range(1, 13)},
    **{f"alt+{digit}": sign for digit, sign in zip("1234567890", "¡™£¢∞§¶•ªº", strict=True)},
}
"""Chords that a terminal sends as another key, or that are read as one."""


class Meaning(Struct, frozen=True):
    """What a key is to do, and which file says so."""

    section: str
    """``keys``, ``lists``, ``fields`` or ``left``."""
    name: str
    place: str
    depth: int
    """The file's place among those that extend each other."""


def check(written: Sequence[Written], rules: Mapping[str, ActionRule]) -> Keymap:
    """The keymap of these files, each of which goes before those in front of it. Raises FileFault."""
    return _Checker(written, rules).check()


class _Checker:
    def __init__(self, written: Sequence[Written], rules: Mapping[str, ActionRule]) -> None:
        self.written = written
        self.rules = rules
        self.said: dict[str, dict[str, tuple[tuple[str, ...], int]]] = {section: {} for section in ("keys", *SECTIONS)}
        """Keys and the file that gives them, by section and name."""

    def check(self) -> Keymap:
        for depth, written in enumerate(self.written):
            self.take(written, depth)
        self.refuse_clashes()
        self.refuse_unreachable()
        said = {section: {name: keys for name, (keys, _depth) in of.items()} for section, of in self.said.items()}
        last = self.written[-1]
        counts = next((each.table["counts"] for each in reversed(self.written) if "counts" in each.table), False)
        return Keymap(str(last.table.get("name", last.path.stem)), **said, counts=counts)

    def take(self, written: Written, depth: int) -> None:
        for key, value in written.table.items():
            if key == "counts" and not isinstance(value, bool):
                raise written.fault("", key, _("write true or false"))
            if key not in {"name", "extends", "counts", *self.said}:
                section = key if isinstance(value, dict) else ""
                reason = _(
                    "a keymap has only “name”, “extends”, “counts”, “[keys]”, “[lists]”, “[fields]” and “[left]”"
                )
                raise written.fault(section, "" if section else key, reason)
            if key in self.said and not isinstance(value, dict):
                raise written.fault("", key, _("write it as a section: [%s]") % key)
        if "keys" not in written.table and not depth:
            raise FileFault(written.path, 0, "keys", _("the section [keys] is missing"))
        for section, said in self.said.items():
            for name, value in written.table.get(section, {}).items():
                said[name] = (self.keys_of(written, section, name, value), depth)

    def keys_of(self, written: Written, section: str, name: str, value: object) -> tuple[str, ...]:
        known = SECTIONS.get(section, self.rules)
        if name not in known:
            if section == "keys":
                raise written.fault(section, name, _("there is no such action"))
            words = {"section": section, "known": ", ".join(known)}
            raise written.fault(section, name, _("[%(section)s] has only: %(known)s") % words)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
            raise written.fault(section, name, _('give one key or a list of them, as in ["f2"]'))
        for number, key in enumerate(listed):
            reason = refusal(section, name, key)
            if not reason and key in listed[:number]:
                reason = _("“%s” is listed twice") % key
            if reason:
                raise written.fault(section, name, reason, key)
        own = SECTIONS[section][name] if section in SECTIONS else ""
        return tuple(" ".join(key.split()) for key in listed if key != own)

    def meanings(self) -> Iterator[tuple[str, Meaning]]:
        """Every key with what it is to do, those of the basic files first."""
        for depth in range(len(self.written)):
            for section, said in self.said.items():
                for name, (keys, of) in said.items():
                    if of == depth:
                        place = self.rules[name].place if section == "keys" else ""
                        for key in keys:
                            yield key, Meaning(section, name, place, of)

    def refuse_clashes(self) -> None:
        used: dict[str, list[Meaning]] = {}
        for key, meaning in self.meanings():
            for other in used.setdefault(key, []):
                if meet(meaning, other) and {meaning.section, other.section} != {"lists", "fields"}:
                    words = {"key": key, "other": other.name}
                    raise self.fault(meaning, _("“%(key)s” already starts “%(other)s”") % words, key)
            used[key].append(meaning)
        for key, meanings in used.items():
            strokes = key.split()
            for prefix in (" ".join(strokes[:count]) for count in range(1, len(strokes))):
                self.refuse_hidden(key, meanings, prefix, used.get(prefix, []))

    def refuse_hidden(self, key: str, long: list[Meaning], prefix: str, short: list[Meaning]) -> None:
        """A key that has done something already can begin no other."""
        for one in long:
            for other in short:
                if meet(one, other) or other.section == "left":
                    words = {"key": key, "prefix": prefix, "other": other.name}
                    if one.depth >= other.depth:
                        reason = _("“%(key)s” is out of reach: “%(prefix)s” alone already starts “%(other)s”") % words
                        raise self.fault(one, reason, key)
                    words["other"] = one.name
                    reason = _("“%(prefix)s” begins “%(key)s”, which starts “%(other)s”") % words
                    raise self.fault(other, reason, prefix)

    def refuse_unreachable(self) -> None:
        for action, rule in self.rules.items():
            chosen, depth = self.said["keys"].get(action, ((), len(self.written) - 1))
            if not chosen and not rule.keyless:
                raise self.written[depth].fault("keys", action, _("no key starts this action"))
            if chosen and rule.while_typing and all(is_text(key) or is_keypad(key) for key in chosen):
                reason = _("needs a key that does not begin with a character, to be within reach while writing")
                raise self.written[depth].fault("keys", action, reason)

    def fault(self, meaning: Meaning, reason: str, value: str) -> FileFault:
        return self.written[meaning.depth].fault(meaning.section, meaning.name, reason, value)


def meet(one: Meaning, other: Meaning) -> bool:
    """Whether both may be meant at one place: what is in ``[lists]`` and ``[fields]`` is everywhere, and what is in
    ``[left]`` goes before all else in a field that was left."""
    if "left" in {one.section, other.section}:
        return one.section == other.section
    return one.place == other.place or "" in {one.place, other.place}


def refusal(section: str, name: str, key: str) -> str:
    """Why something cannot have this key, in a sentence; empty if it can."""
    strokes = key.split()
    if not strokes:
        return _("“%s” is no key") % key
    if len(strokes) > _LONGEST:
        return _("“%(key)s” has more than %(most)d strokes") % {"key": key, "most": _LONGEST}
    unsendable = next(filter(None, map(_unsendable, strokes)), "")
    ending = next((stroke for stroke in strokes[1:] if stroke in GIVE_UP), "")
    if ending:
        return _("“%s” gives up what was begun and cannot be a part of it") % ending
    if section == "fields" and is_text(key):
        return _("“%s” is a character: in a field it is text") % key
    if section == "left" and not is_text(key):
        return _("“%s” does not begin with a character: that belongs into [fields]") % key
    return unsendable or _taken(section, name, strokes)


def _taken(section: str, name: str, strokes: list[str]) -> str:
    """Space may begin a sequence, Escape leave a field, and a move have the key that is its own anyway."""
    first, alone = strokes[0], len(strokes) == 1
    own = SECTIONS[section][name] if section in SECTIONS else ""
    allowed = first in {own, "escape" if name == "leave" else ""} if alone else first == "space"
    return _("“%s” is needed by fields and lists") % first if first in TAKEN and not allowed else ""


def _unsendable(stroke: str) -> str:
    if stroke in SAME_TO_A_TERMINAL:
        words = {"key": stroke, "other": SAME_TO_A_TERMINAL[stroke]}
        return _("terminals send “%(key)s” as “%(other)s”") % words
    if (len(stroke) == 1 and stroke.isprintable()) or _STROKE.fullmatch(stroke):
        return ""
    if _CHORD.fullmatch(stroke):
        return _("terminals cannot send “%s”") % stroke
    return _("“%s” is no key") % stroke
