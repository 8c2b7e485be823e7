"""The pages of the directory's keepers: opening them, and what their keys do."""

import time
from collections.abc import Callable
from pathlib import Path

import platformdirs

from catgem_tui.config.i18n import _
from catgem_tui.desk.effects import ExportLog
from catgem_tui.desk.intents import AskKeeping, CancelErrand
from catgem_tui.ui.screens.currency import CurrencyScreen
from catgem_tui.ui.screens.dialogs import TextDialog
from catgem_tui.ui.screens.log import LogScreen
from catgem_tui.ui.screens.overlay import Remembered
from catgem_tui.ui.work import Work


def open_log(work: Work) -> None:
    work.ask(LogScreen(work.desk, work.keymap, lambda: work.state.now(work.clock())), lambda _nothing: None)


def open_currency(work: Work) -> None:
    work.ask(CurrencyScreen(work.desk, work.keymap, lambda: work.state.now(work.clock())), lambda _nothing: None)


def export_log(work: Work) -> None:
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


def only_record(work: Work) -> None:
    page = work.page_at_hand()
    if isinstance(page, LogScreen):
        page.only_record()


def next_period(work: Work) -> None:
    page = work.page_at_hand()
    if isinstance(page, CurrencyScreen):
        page.next_period()


DEEDS: dict[str, Callable[[Work], None]] = {
    "keep.log": open_log,
    "keep.currency": open_currency,
    "log.export": export_log,
    "transfer.stop": lambda work: work.desk.do(CancelErrand()),
    "log.record": only_record,
    "currency.period": next_period,
}
