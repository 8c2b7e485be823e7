"""The telephone's keys: each digit typed goes into the call at once, or to nobody, and then it is not sent."""

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from catgem_tui.config.i18n import N_, _
from catgem_tui.desk.state import DeskState, PhoneCall
from catgem_tui.phone.port import CallState, DigitsBy
from catgem_tui.protocol.enums import Side
from catgem_tui.ui import figures, wording
from catgem_tui.ui.keys import key_name, keyed
from catgem_tui.ui.lines import Line, line, paragraph, span
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.dialogs import Dialog
from catgem_tui.ui.widgets.lines import Lines

KEYS = ("123A", "456B", "789C", "*0#D")
UNHEARD = N_("Nobody hears the keys now, so they are not sent: nobody has answered yet, or the call is on hold.")
_MOST = 30


class Keypad(Dialog):
    """Enter sends the extension of whoever is called, while nothing was typed; else it leaves, as Esc does."""

    def __init__(self, desk: Desk, send: Callable[[str], None], extension: str = "") -> None:
        super().__init__()
        self.desk = desk
        self.send = send
        self.sent = ""
        self.extension = extension
        self.unsubscribe: Callable[[], None] = lambda: None
        self.drawn_for = ""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="digits")

    def on_mount(self) -> None:
        self.query_one("#digits", Lines).read_by_ear()
        self.unsubscribe = self.desk.subscribe(self.take)

    def on_unmount(self) -> None:
        self.unsubscribe()

    def take(self, state: DeskState) -> None:
        """While it lies here they may answer, or be asked to wait."""
        if into(state) != self.drawn_for and self.is_mounted:
            self.draw()

    def fill(self) -> None:
        self.draw()

    def draw(self) -> None:
        lines = self.query_one("#digits", Lines)
        width = lines.text_width
        if width <= 0:
            return
        self.drawn_for = whom = into(self.desk.state)
        waiting = whom and self.extension and not self.sent
        words = _("%(key)s sends the extension: %(digits)s") % {"key": key_name("enter"), "digits": self.extension}
        last = self.sent[-1:]
        way = _("as events in the sound (RFC 4733)") if self._by is DigitsBy.RFC_4733 else _("as SIP INFO")
        lines.show(
            [
                line((_("Keypad"), "accent"), span("   " + whom, "bright")),
                *(
                    paragraph(_("What you type goes into the call at once: 0 to 9, * and #, A to D."), width, "dim")
                    if whom
                    else paragraph(_(UNHEARD), width, "sla.warning")
                ),
                (),
                *(_row(keys, last) for keys in KEYS),
                (),
                line((_("Sent") + "  ", "dim"), (self.sent or "–", "bright")),
                line((_("They travel") + "  ", "dim"), (way, "text")),
                *([line((words, "bright"))] if waiting else ()),
                line((keyed(self).keymap.said(_("%(back)s goes back")), "dim")),
            ]
        )

    @property
    def _by(self) -> DigitsBy:
        return self.desk.state.phone.digits

    def type(self, digits: str) -> None:
        lines = self.query_one("#digits", Lines)
        if not into(self.desk.state):
            if lines.reader is not None:
                lines.reader.say(self, _(UNHEARD))
            return
        self.sent = (self.sent + digits)[-_MOST:]
        self.send(digits)
        self.draw()
        if lines.reader is not None:
            lines.reader.say(self, lines.reader.keys(digits))

    def on_key(self, event: events.Key) -> None:
        key = (event.character or "").upper()
        if key and key in "".join(KEYS):
            event.stop()
            self.type(key)
        elif event.key == "enter":
            event.stop()
            if self.extension and not self.sent:
                self.type(self.extension)
            else:
                self.dismiss("")


def _row(keys: str, last: str) -> Line:
    return line("  ", *(span(f" {key}  ", "accent" if key == last else "text") for key in keys))


def into(state: DeskState) -> str:
    """Who hears the keys that are pressed; empty: nobody."""
    spoken: PhoneCall | None = next(
        (call for call in state.phone.calls if call.number and call.state is CallState.CONFIRMED and not call.held),
        None,
    )
    if spoken is not None:
        return spoken.name or figures.telephone(spoken.number)
    contact = state.focused
    if contact is None or contact.call is None:
        return ""
    asked, shown = contact.call.consultation, state.shown.get(contact.id)
    with_citizen = asked is None or asked.side is not Side.CONSULTED
    if shown is not None:
        return shown.by if asked is not None and asked.side is not Side.CITIZEN else ""
    if asked is not None and asked.connected and asked.side is not Side.CITIZEN:
        return wording.consulted(asked)
    return wording.citizen(contact) if with_citizen and not contact.call.held else ""
