"""Pasting: what would drive the terminal is taken out; a text that no field is made for is refused, whole and in words,
before a field is busy with it for seconds."""

import re
import unicodedata
from typing import TYPE_CHECKING

from textual import events

from catgem_tui.config.i18n import _
from catgem_tui.ui.lines import safe

if TYPE_CHECKING:
    from catgem_tui.ui.app import WorkstationApp

LONGEST = 20_000
"""Characters: some ten pages. The search, which needs no more than its line, cuts what is shorter by itself."""
_TERMINAL = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])?|[\x00-\x08\x0b-\x1f\x7f]"
"""What tells a terminal to do something (ECMA-48, 5.4), colours above all, and controls that are no line's end."""


def clean(text: str) -> str:
    """The text as words: with its line ends, without anything that is no text, and accents composed with their letters
    where there is such a character (Unicode TR 15, NFC), as if it had been typed."""
    words = re.sub(_TERMINAL, "", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", safe(words))


class PasteGate:
    """Says until the next key what was refused; what was in the field stays as it was."""

    def __init__(self, work: "WorkstationApp") -> None:
        self.work = work
        self.sentence = ""
        self.told: list[str] = []
        """The faults among which it is told."""

    def passes(self, event: events.Event) -> bool:
        """Whether the event may go on to the field that has the focus; a pasted text does as words."""
        if isinstance(event, events.Key) and self.sentence:
            self.tell("")
        if not isinstance(event, events.Paste) or event.is_forwarded:
            return True
        if len(event.text) <= LONGEST:
            event.text = clean(event.text)
            return True
        words = {"given": f"{len(event.text):,}", "most": f"{LONGEST:,}"}
        self.tell(
            _("What you pasted is too long (%(given)s characters, at most %(most)s): nothing of it was taken.") % words
        )
        return False

    def tell(self, sentence: str) -> None:
        from catgem_tui.ui.panes.notices import Notices

        if self.sentence in self.told:
            self.told.remove(self.sentence)
        here = self.work.screen.query(Notices).first(Notices) if self.work.screen.query(Notices) else None
        self.sentence, self.told = sentence, here.faults if here is not None else self.work.faults
        if sentence:
            self.told.append(sentence)
        self.work.draw()
        if here is not None:
            here.draw(self.work.state, self.work.state.now(self.work.clock()))
