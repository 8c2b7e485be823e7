"""The conversation: chat lines with how far they have come, or mails with their headers, as safe text."""

from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import Author, Channel, Delivery
from catgem_tui.protocol.model import Message
from catgem_tui.ui import figures, wording
from catgem_tui.ui.lines import EMPTY, Line, Span, cell, line, paragraph, safe, shorten, span, spread, wrap
from catgem_tui.ui.widgets.lines import Pane

_MARKS: dict[Delivery, Span] = {Delivery.PENDING: ("…", "delivery.pending"), Delivery.FAILED: ("×", "delivery.failed")}


class Conversation(Pane):
    """A chat follows its newest line unless one has scrolled up to read; mails begin with the newest."""

    can_focus = True
    DEFAULT_CSS = "Conversation { height: 1fr; overflow-y: auto; scrollbar-gutter: stable; }"

    def __init__(self) -> None:
        super().__init__(id="conversation")
        self.away = False
        """Whether one has scrolled away from the newest to read."""

    def take(self, state: DeskState, now: float) -> Any:
        contact = state.focused
        if contact is None or contact.channel is Channel.CALL:
            return ("", Channel.CALL, (), "", False)
        return (
            contact.id,
            contact.channel,
            state.messages.get(contact.id, ()),
            wording.citizen(contact),
            contact.id in state.typing,
        )

    def draw(self, state: DeskState, now: float) -> None:
        if self.slice is not None and self.slice[0] != state.focus:
            self.away = False
        super().draw(state, now)

    def redraw(self) -> None:
        super().redraw()
        if not self.away:
            self.call_after_refresh(self.go_to_newest)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value >= self.max_scroll_y:
            self.away = False
        elif new_value < old_value:
            self.away = True

    def go_to_newest(self) -> None:
        """The end of a chat, the beginning of the mails."""
        if self.slice is not None and self.slice[1] is Channel.MAIL:
            self.scroll_home(animate=False, immediate=True)
        else:
            self.scroll_end(animate=False, immediate=True)
        self.away = False

    def lines(self, slice_: Any, width: int) -> list[Line]:
        _id, channel, messages, who, typing = slice_
        if channel is Channel.CALL:
            return []
        if not messages:
            return [line((_("No messages yet."), "dim"))]
        if channel is Channel.MAIL:
            return [drawn for message in reversed(messages) for drawn in _mail(message, width)]
        drawn: list[Line] = []
        before: Message | None = None
        for message in messages:
            drawn += _chat(message, who, width, before)
            before = message
        return [*drawn, line(span(_("%s is writing…") % who, "dim"))] if typing else drawn


def _chat(message: Message, who: str, width: int, before: Message | None) -> list[Line]:
    """Clock and name in columns of their own, said once for what one author writes in a minute."""
    name_width = 12 if width >= 56 else 8
    margin = 6 + name_width + 1
    if message.author is Author.SYSTEM:
        return [
            (cell(figures.clock(message.sent_at) if not number else "", "dim", 6), span(part, "dim"))
            for number, part in enumerate(wrap(message.text, width - 6))
        ]
    ours = message.author is Author.ADVISOR
    clock = figures.clock(message.sent_at)
    goes_on = before is not None and before.author is message.author and figures.clock(before.sent_at) == clock
    name = "" if goes_on else _("You") if ours else shorten(message.name or who, name_width)
    told: list[Line] = []
    for number, part in enumerate(wrap(message.text, max(8, width - margin - 2))):
        head: Line = (
            cell(clock if not number and not goes_on else "", "dim", 6),
            cell(name if not number else "", "dim" if ours else "bright", name_width),
            (" ", "text"),
        )
        told.append((*head, (part, "text")))
    if message.delivery is Delivery.PENDING:
        told[-1] = (*told[-1], (" …", "delivery.pending"))
    elif message.delivery is Delivery.FAILED:
        told.append((cell("", "text", margin), ("× " + _("not sent"), "delivery.failed")))
    return told


def _mail(message: Message, width: int) -> list[Line]:
    """Headers, then the text; nothing is ever fetched to show it."""
    ours = message.author is Author.ADVISOR
    headers = message.mail
    sender = _("You") if ours else (headers.sender if headers else "") or message.name
    mark = _MARKS.get(message.delivery) if ours else None
    state = {Delivery.PENDING: _("being sent"), Delivery.FAILED: _("not sent")}.get(message.delivery, "")
    when: list[Span] = [mark, (f" {state}  ", mark[1])] if mark else []
    when.append((f"{figures.day(message.sent_at)} {figures.clock(message.sent_at)}", "dim"))
    whose = span(sender, "dim" if ours else "bright") if sender else (_("nobody is named"), "dim")
    told: list[Line] = [spread(((_("From") + "  ", "dim"), whose), when, width)]
    if headers and headers.subject:
        told.append(line((_("Subject") + "  ", "dim"), span(headers.subject, "bright")))
    for name, kind, size in headers.attachments if headers else ():
        told.append(line((_("Attached") + "  ", "dim"), span(f"{name}  {kind}  {figures.size(size)}")))
    return [*told, EMPTY, *paragraph(safe(message.text).strip("\n"), width), EMPTY]
