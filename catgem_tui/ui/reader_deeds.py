"""What the actions of screen-reader mode do."""

from catgem_tui.config.i18n import _
from catgem_tui.ui.work import Work


def tell_whereabouts(work: Work) -> None:
    """Of use in either mode."""
    from catgem_tui.ui.covering import allowed
    from catgem_tui.ui.reader.describing import lying
    from catgem_tui.ui.reader.facts import whereabouts
    from catgem_tui.ui.reader.page import FactsPage

    now, screen = work.state.now(work.clock()), work.screen
    facts = whereabouts(
        work.state, now, work.where, work.keymap, over=lying(screen), may=lambda action: allowed(screen, action)
    )
    work.ask(FactsPage(_("Where am I"), facts), lambda _nothing: None)


def say_again(work: Work) -> None:
    """Without screen-reader mode there is no line that could say it."""
    if work.reader is not None:
        work.reader.again(work.screen)
    else:
        list_announcements(work)


def list_announcements(work: Work) -> None:
    """The newest first."""
    from catgem_tui.ui.reader.page import FactsPage

    if work.reader is None:
        told = [_("Announcements are made in screen-reader mode; the action “Screen reader” begins it.")]
    else:
        told = work.reader.heard or [_("Nothing yet.")]
    work.ask(FactsPage(_("Announcements"), told), lambda _nothing: None)


DEEDS = {
    "reader.switch": lambda work: work.switch_reader(),
    "reader.where": tell_whereabouts,
    "reader.again": say_again,
    "reader.list": list_announcements,
}
