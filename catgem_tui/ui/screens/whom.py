"""Whom to call, to ask or to hand on to: chosen from those there are, or typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from catgem_tui.config.i18n import _
from catgem_tui.desk.numbers import Number, Unreadable, numbers_of, read
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import AdvisorState
from catgem_tui.protocol.model import Colleague, Record
from catgem_tui.ui import figures, wording
from catgem_tui.ui.records import place_in, title_of
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, matching
from catgem_tui.ui.screens.overlay import Remembered

_MOST_RECORDS = 8
_SIGNS_OF_A_NUMBER = frozenset("0123456789+*#(<")


@dataclass(frozen=True, slots=True)
class Target:
    """Exactly one of ``advisor``, ``queue`` and ``number`` is set."""

    advisor: str = ""
    queue: str = ""
    number: str = ""
    extension: str = ""
    name: str = ""

    @property
    def words(self) -> str:
        told = figures.telephone(self.number) if self.number else ""
        extension = _("ext. %s") % self.extension if self.extension else ""
        return " ".join(part for part in (self.name, told, extension) if part)


@dataclass(frozen=True, slots=True)
class Whom(Choice):
    """A choice that is somebody."""

    target: Target = Target()


def colleagues(state: DeskState) -> list[Choice]:
    """Whoever can take something soonest first."""
    order = sorted(state.colleagues, key=lambda each: (each.state is not AdvisorState.AVAILABLE, each.name))
    return [
        Whom(f"advisor:{each.id}", each.name, _state(each), target=Target(advisor=each.id, name=each.name))
        for each in order
        if each.state is not AdvisorState.OFFLINE
    ]


def _state(colleague: Colleague) -> str:
    words = _(wording.ADVISOR_STATES[colleague.state]).lower()
    return words if colleague.phone_ready else f"{words}, " + _("no telephone")


def queues(state: DeskState) -> list[Choice]:
    options = state.settings.queues if state.settings else ()
    named = [(each.id, wording.label(each)) for each in options]
    return [Whom(f"queue:{key}", name, _("queue"), target=Target(queue=key, name=name)) for key, name in named]


def numbers(state: DeskState, record: Record | None) -> list[Choice]:
    """Those called before, those of the record at hand and of what the search finds; each once."""
    found = [_whom(Number(each.number, each.extension), each.name, _("called before")) for each in state.dialled]
    for each in (*([record] if record is not None else ()), *state.directory.hits[:_MOST_RECORDS]):
        title = title_of(each)
        found += [
            _whom(number, title, place=place_in(each, title)) for number in numbers_of(each.phone, each.extension)
        ]
    unique: dict[str, Choice] = {}
    for whom in found:
        unique.setdefault(whom.id, whom)
    return list(unique.values())


def _whom(number: Number, name: str, remark: str = "", place: str = "") -> Whom:
    """By its name where it has one, the number then stands beside it."""
    target = Target(number=number.digits, extension=number.extension, name=name)
    told = Target(number=number.digits, extension=number.extension).words
    key = f"number:{number.digits};{number.extension}"
    beside = " · ".join(filter(None, (told if name else "", remark)))
    return Whom(key, name or told, beside, place=place, target=target)


class WhomDialog(ChoiceDialog):
    """With ``typed`` also a number that is in no list; ``dial`` says which SIP addresses are ours."""

    DEFAULT_CSS = ChoiceDialog.DEFAULT_CSS.replace("ChoiceDialog", "WhomDialog")

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        remembered: Remembered | None = None,
        explanation: str = "",
        *,
        typed: bool = False,
        dial: str = "",
        placeholder: str = "",
        empty: str = "",
    ) -> None:
        super().__init__(title, choices, remembered, explanation)
        self.typed = typed
        self.dial = dial
        self.empty = empty
        if typed:
            self.field.placeholder = placeholder or _("type to find, or a number")

    def matches(self, typed: str) -> Sequence[Choice]:
        digits = "".join(filter(str.isdigit, typed))
        found = matching(self.choices, typed)
        # What has letters besides is a name or an address: who is called must not be guessed from the digits in it.
        if len(digits) > 2 and not any(map(str.isalpha, typed)):
            found += [each for each in self.choices if digits in _digits(each) and each not in found]
        if not self.typed:
            return found
        first = self._read(typed, found)
        return [*first, *(each for each in found if each not in first)]

    def _read(self, typed: str, found: Sequence[Choice]) -> list[Choice]:
        """What is typed as a number, or why it is none."""
        text = typed.strip()
        if not text:
            return []
        number = read(text, self.dial)
        if isinstance(number, Number):
            whom = _whom(number, "", _("as typed"))
            return [next((each for each in found if each.id == whom.id), whom)]
        if text[0] in _SIGNS_OF_A_NUMBER or text.lower().startswith(("tel:", "sip:", "sips:")):
            return [_reason(number, text)]
        # Otherwise it is a name, and who looks for somebody is not told how numbers are written.
        missing = _("Nobody in the list is called “%(name)s”: type another name, or a number.") % {"name": text}
        return [] if found else [Choice("", missing, slot="sla.warning")]

    def nothing(self) -> str:
        return self.empty if self.empty and not self.field.value else super().nothing()

    def target(self, chosen: str) -> Target | None:
        """Who was chosen."""
        known = (each for each in self.matches(self.field.value) if isinstance(each, Whom))
        return next((each.target for each in known if each.id == chosen), None)


def _digits(choice: Choice) -> str:
    return "".join(filter(str.isdigit, choice.target.number)) if isinstance(choice, Whom) else ""


def _reason(why: Unreadable, text: str) -> Choice:
    sentence = _(wording.NOTICES[why.code])
    return Choice("", sentence % {"number": text} if "%(" in sentence else sentence, slot="sla.warning")
