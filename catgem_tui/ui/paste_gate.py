"""The gate for what is pasted: a text that no field is made for is refused, whole and in words, before a field is busy
with it for seconds."""

from textual import events

from catgem_tui.config.i18n import _
from catgem_tui.ui.pasted import clean
from catgem_tui.ui.places import Places

LONGEST = 20_000
"""Characters: some ten pages. The search, which needs no more than its line, cuts what is shorter by itself."""


class PasteGate:
    """Says until the next key what was refused; what was in the field stays as it was."""

    def __init__(self, app: Places) -> None:
        self._app = app
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
        from catgem_tui.ui.panes.notices import Notices  # with all of its words, which the first paint does without

        if self.sentence in self.told:
            self.told.remove(self.sentence)
        here = self._app.screen.query(Notices).first(Notices) if self._app.screen.query(Notices) else None
        self.sentence, self.told = sentence, here.faults if here is not None else self._app.faults
        if sentence:
            self.told.append(sentence)
        self._app.draw()
        if here is not None:
            here.draw(self._app.state, self._app.state.now(self._app.clock()))
