"""Text being written for a contact: shows what the desk holds, tells every change, never overwrites newer typing."""

from collections import deque
from collections.abc import Callable

from textual import events
from textual.widgets import TextArea
from textual.widgets.text_area import Location

from catgem_tui.ui.lines import safe
from catgem_tui.ui.widgets.long_text import LongText, location

Emit = Callable[[str, str], None]
"""(contact, text as it now stands)"""


class Draft(LongText):
    """A text area that belongs to one contact at a time."""

    DEFAULT_CSS = """
    Draft {
        border: none; border-left: solid $on-rule; padding: 0 1 0 0; height: 3;
        background: $on-field; color: $slot-bright; scrollbar-size: 1 1;
    }
    Draft:focus { border: none; border-left: solid $on-accent; }
    """

    def __init__(self, emit: Emit, *, id: str, placeholder: str = "") -> None:  # noqa: A002 - Textual's word
        super().__init__(
            id=id, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False, placeholder=placeholder
        )
        self.emit = emit
        self.contact = ""
        self.known = ""
        """The text that the desk has been told, or has told us."""
        self.echoes: deque[str] = deque(maxlen=256)
        """Texts told to the desk that have not come back in a state yet."""
        self.desk_text = ""
        self.cursors: dict[str, Location] = {}

    def sync(self, contact: str, text: str) -> None:
        """Take what the state says: another contact's text, or this one's when somebody else changed it."""
        clean = safe(text)
        if contact != self.contact:
            self.flush()
            self.cursors[self.contact] = self.cursor_location
            self.contact = contact
            self.echoes.clear()
            self._load(clean)
            self.move_cursor(self.cursors.get(contact, self.document.end))
        elif clean != self.desk_text:
            if clean in self.echoes:
                while self.echoes.popleft() != clean:
                    pass
            elif clean != self.text:
                after = self.text[self.place :]
                self._load(clean)
                # What was put before the cursor's place, or at it, leaves the cursor before what it stood before.
                place = len(clean) - len(after.lstrip()) if after.strip() and clean.endswith(after.lstrip()) else None
                self.move_cursor(self.document.end if place is None else location(clean, place))
        self.desk_text = clean

    def _load(self, text: str) -> None:
        self.known = text
        self.load_text(text)

    def flush(self) -> None:
        """Tell the desk what is here, if it does not know it."""
        if self.contact and self.text != self.known:
            self.known = self.text
            self.echoes.append(self.known)
            self.emit(self.contact, self.known)

    def hand_over(self) -> str:
        """The text to send, leaving an empty field."""
        text = self.text
        # The same text again is no echo any more: it was refused, and comes back.
        self.echoes.clear()
        self.desk_text = ""
        self._load("")
        return text

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.flush()


class Composer(Draft):
    """Where a chat line or a mail is written. In a chat Enter sends, in a mail it starts a new line."""

    def __init__(self, emit: Emit, send: Callable[[], None]) -> None:
        super().__init__(emit, id="composer")
        self.send = send
        self.enter_sends = True

    async def on_key(self, event: events.Key) -> None:
        """Here and not in a binding of the application: what was typed before must have arrived in the text."""
        if event.key in {"ctrl+j", "alt+enter"}:
            event.prevent_default().stop()
            self.insert("\n")
        elif event.key == "enter" and self.enter_sends:
            event.prevent_default().stop()
            self.send()
