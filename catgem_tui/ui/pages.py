"""The pages of the directory's keepers: opening them, and what their keys do."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import platformdirs

from catgem_tui.config.i18n import N_, _
from catgem_tui.desk.effects import ExportLog
from catgem_tui.desk.intents import AskKeeping, CancelErrand
from catgem_tui.desk.state import DeskState
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.currency import CurrencyScreen
from catgem_tui.ui.screens.dialogs import TextDialog
from catgem_tui.ui.screens.log import LogScreen
from catgem_tui.ui.screens.overlay import Overlay, Remembered
from catgem_tui.ui.screens.page import PageScreen


class Pages(Protocol):
    """What pages need of the application."""

    desk: Desk
    keymap: KeysInForce
    clock: Callable[[], float]

    @property
    def state(self) -> DeskState: ...
    def page_at_hand(self) -> PageScreen | None: ...
    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None: ...


def open_log(work: Pages) -> None:
    work.ask(LogScreen(work.desk, work.keymap, lambda: work.state.now(work.clock())), lambda _nothing: None)


def open_currency(work: Pages) -> None:
    work.ask(CurrencyScreen(work.desk, work.keymap, lambda: work.state.now(work.clock())), lambda _nothing: None)


def export_log(work: Pages) -> None:
    """What is shown, whole, into a file that the person may name otherwise; its ending says which kind."""
    page = work.page_at_hand()
    if not isinstance(page, LogScreen) or (wanted := page.wanted()) is None:
        return

    def write(said: str) -> None:
        path = said.removeprefix(">")
        if path:
            work.desk.do(AskKeeping(ExportLog(path, wanted)))

    named = time.strftime("bitacora-%Y-%m-%d-%H%M.csv", time.localtime(work.clock()))
    suggested = Remembered(str(documents() / named))
    about = _("With .csv for a spreadsheet, with .jsonl for programs. Restricted values are left out.")
    work.ask(TextDialog(_("Into which file?"), _("file"), suggested, about), write)


def documents() -> Path:
    """Where a person looks for what they saved."""
    folder = platformdirs.user_documents_path()
    return folder if folder.is_dir() else Path.home()


def only_record(work: Pages) -> None:
    page = work.page_at_hand()
    if isinstance(page, LogScreen):
        page.only_record()


def next_period(work: Pages) -> None:
    page = work.page_at_hand()
    if isinstance(page, CurrencyScreen):
        page.next_period()


DEEDS: dict[str, Callable[[Pages], None]] = {
    "keep.log": open_log,
    "keep.currency": open_currency,
    "log.export": export_log,
    "transfer.stop": lambda work: work.desk.do(CancelErrand()),
    "log.record": only_record,
    "currency.period": next_period,
}
PAGES = {"log": (N_("Change log"), open_log), "currency": (N_("Currency"), open_currency)}
"""For the lists at the left: a name (a msgid), and what opens it."""
