"""Actions while something lies over the place: they work as they are meant, or are refused in words, and never do
anything below that nobody sees."""

from catgem_tui.ui.screens.card import RecordCard
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.screens.page import PageScreen
from catgem_tui.ui.work import Work

OVER_ALL = frozenset({
    "offer.accept", "offer.decline", "call.hold", "call.conference", "call.pause_recording", "contact.emergency",
    "phone.mute", "phone.hang_up", "line.reconnect", "notice.dismiss", "directory.fetch", "transfer.stop",
    "reader.switch", "reader.where", "reader.again", "reader.list", "screen.repaint", "logout", "help", "quit",
})  # fmt: skip
"""What is told on lines that stay in sight, closes what lies over the place, or lies over everything itself."""
ON_THE_PLACE = frozenset({
    "contact.park", "contact.finish", "contact.extend", "contact.next", "contact.previous", "message.send",
    "protocol.check", "show.contact", "show.citizen", "show.contacts", "show.queue", "show.notes",
    "directory.search", "directory.filter", "phone.auto_answer", "place.switch",
    "floor.listen", "floor.whisper", "floor.barge", "floor.leave",
    "keep.lists", "keep.mark", "keep.mark_all", "keep.mark_none",
})  # fmt: skip
"""What is done with what the place shows. All others open something of their own."""


def allowed(screen: object, action: str) -> bool:
    """Whether the action may be done over what lies on top, or closes it."""
    if not isinstance(screen, Overlay) or isinstance(screen, FormScreen | PageScreen) or action in OVER_ALL:
        return True
    if action in ON_THE_PLACE:
        return screen.reads or isinstance(screen, RecordCard)
    return screen.carries


def refusal(work: Work, action: str) -> str:
    """Why the action is refused over what lies on top; empty where it may be done. What is only read is closed for what
    is done with the place."""
    if not allowed(work.screen, action):
        return work.keymap.close_first
    if (
        action in ON_THE_PLACE
        and isinstance(work.screen, Overlay)
        and (work.screen.reads or isinstance(work.screen, RecordCard))
    ):
        work.close_card()
        return refusal(work, action)
    return ""
