"""How far long work is, as a bar and in words."""

from catgem_tui.config.i18n import N_, _
from catgem_tui.desk.state import PAUSED, DirectoryView
from catgem_tui.ui import figures
from catgem_tui.ui.lines import Span

FULL, EMPTY = "█", "░"
"""Without colours and in ASCII (``glyphs``) they still differ; screen-reader mode leaves them out of its sentences."""
CELLS = 10

_STAGES = {"fetching": N_("fetching %s"), "filling": N_("putting in place %s")}
"""By ``DirectoryView.stage``: what is done, with how much of it."""


def bar(done: int, total: int, cells: int = CELLS) -> str:
    """So much of so much, in whole cells: it changes seldom, and by one cell. Only what is all there is full."""
    filled = min(cells, cells * done // total)
    return FULL * filled + EMPTY * (cells - filled)


def measure(done: int, total: int) -> str:
    """The bar and its share in words; empty while it is not known of how much."""
    return f"{bar(done, total)} {figures.percent(min(done, total) / total)}" if total else ""


def fetching(directory: DirectoryView) -> str:
    """How far the copy of the whole directory is; empty while it is not made."""
    done, total = directory.progress
    if directory.problem == PAUSED:
        return _("stopped %s") % measure(done, total) if total else _("stopped")
    return _(_STAGES[directory.stage]) % measure(done, total) if directory.stage in _STAGES and total else ""


def missing(directory: DirectoryView) -> Span:
    """What to know of a search in a copy that is not whole, a sentence; empty where it is whole."""
    if directory.complete:
        return ("", "text")
    if directory.problem == PAUSED:
        words = _("The directory is not all here: its fetching was stopped. “%s”, among the actions, goes on with it.")
        return (words % _("Fetch directory"), "sla.warning")
    return (_("The directory is not all here yet: there may be more than is found."), "text")
