"""How far long work on the command line is: one line at the foot of the terminal, gone when the work is over.

Nothing is written where nobody looks: only a terminal on standard error gets it, so pipes and files hold results alone.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from catgem_tui.ui import figures

if TYPE_CHECKING:
    from rich.progress import Progress

Tell = Callable[[str, int, int], None]
"""What is being done, how much of it, and of how much; 0 where that is not known."""


def counted(tell: Tell, words: str) -> Callable[[int, int], None]:
    """The same for work that has one name."""
    return lambda done, total: tell(words, done, total)


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Tell]:
    """Show what is told while the work is done; it is drawn when a word or a whole per cent changes, by no timer.

    Print only outside of it. Ctrl-C leaves the terminal as it was.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _words, _done, _total: None
        return
    with _bar() as bar:
        task = bar.add_task("", total=None, visible=False, share="")
        shown = ("", -1)

        def tell(words: str, done: int, total: int) -> None:
            nonlocal shown
            now = (words, 100 * done // total if total else -1)
            if now != shown:
                shown = now
                share = figures.percent(done / total) if total else ""
                bar.update(task, description=words, completed=done, total=total or None, share=share, visible=True)
                bar.refresh()

        yield tell


def _bar() -> "Progress":
    from rich.console import Console, RenderableType
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn

    class Known(ProgressColumn):
        """A column that is empty where it is not known how much there is."""

        def __init__(self, column: ProgressColumn) -> None:
            super().__init__()
            self.column = column

        def render(self, task: Task) -> RenderableType:
            return self.column.render(task) if task.total else ""

    return Progress(
        TextColumn("{task.description}", markup=False),
        Known(BarColumn(bar_width=24)),
        TextColumn("{task.fields[share]}", markup=False),
        console=Console(file=sys.stderr, highlight=False),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
