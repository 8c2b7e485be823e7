"""A pseudo-terminal that answers as it is told, with a small Textual program in it that paints as the workstation does.

Run as a program this is that program: a field, what was typed into it, and a counter.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyte

ROOT = Path(__file__).resolve().parents[1]
QUERY, ANSWER = b"\x1b[5n", b"\x1b[0n"
PATIENCE = 60.0
FAMILY = "👩\u200d👩\u200d👧"
"""Three people who are one character of two cells, or of six where a terminal does not join them."""
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p")


class TerminalLine:
    """``answers``: whether status queries are answered as they come. ``seen`` has everything that was written.
    ``command``: another program's arguments."""

    def __init__(
        self,
        *,
        size: tuple[int, int] = (60, 8),
        answers: bool = True,
        command: Sequence[str] = (str(Path(__file__).resolve()),),
        **environment: str,
    ) -> None:
        self.answers = answers
        self.seen = b""
        self.asked = 0
        """Status queries that are not answered."""
        self._own, its = pty.openpty()
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.resize(*size)
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
        self.child = subprocess.Popen(
            [sys.executable, *command],
            stdin=its, stdout=its, stderr=its, start_new_session=True,
            env={**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "TERM_PROGRAM": "", **environment},
        )  # fmt: skip
        os.close(its)

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.screen.resize(height, width)

    def write(self, data: bytes) -> None:
        os.write(self._own, data)

    def answer(self) -> None:
        """Every query that waits."""
        self.write(ANSWER * self.asked)
        self.asked = 0

    def read(self, seconds: float) -> bytes:
        """What comes until nothing has come for so long."""
        read = b""
        with contextlib.suppress(OSError):  # the program has ended
            while select.select([self._own], [], [], seconds)[0]:
                data = os.read(self._own, 1 << 16)
                read += data
                self.asked += data.count(QUERY)
                if self.answers and self.asked:
                    self.answer()
        self.seen += read
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", read.replace(QUERY, b"")))
        return read

    def overwrite(self, text: bytes) -> None:
        """Somebody else writes into the terminal."""
        self._stream.feed(text)

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, (self.rows(), self.seen[-500:])
            self.read(0.05)

    def settle(self) -> None:
        """Until everything is answered and nothing more comes."""
        self.until(lambda: not self.read(0.4) and not self.asked)

    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    def shows(self, text: str) -> bool:
        return any(text in row for row in self.rows())

    def close(self) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        os.close(self._own)


@contextmanager
def terminal_line(
    *, size: tuple[int, int] = (60, 8), answers: bool = True, **environment: str
) -> Iterator[TerminalLine]:
    """The program, painted and ready for keys."""
    line = TerminalLine(size=size, answers=answers, **environment)
    try:
        line.until(lambda: line.shows("typed:"))
        yield line
    finally:
        line.close()


def run() -> None:
    from rich.segment import Segment
    from rich.style import Style
    from textual import events
    from textual._compositor import LayoutUpdate
    from textual.app import ComposeResult
    from textual.geometry import Region
    from textual.strip import Strip
    from textual.widget import Widget
    from textual.widgets import Input, Static

    from catgem_tui.terminal.capabilities import find_capabilities
    from catgem_tui.terminal.display import ComposedApp, ComposedDriver
    from catgem_tui.terminal.driver import driver_for

    class Told(Widget):
        """One line, as it is: Textual would mix dim into the colour."""

        def __init__(self) -> None:
            super().__init__(id="more")
            self.segments = [Segment("")]

        def tell(self, *segments: Segment) -> None:
            self.segments = list(segments)
            self.refresh()

        def render_line(self, y: int) -> Strip:
            return Strip(self.segments).adjust_cell_length(self.size.width)

    class Small(ComposedApp[None]):
        CSS = "Input { border: none; height: 1; padding: 0; } Static, Told { height: 1; }"
        ENABLE_COMMAND_PALETTE = False
        BINDINGS = [
            ("f2", "ring"),
            ("f3", "emoji"),
            ("f4", "dim"),
            ("f5", "again"),
            ("f6", "mark"),
            ("escape", "escaped"),
        ]

        def compose(self) -> ComposeResult:
            field = Input(placeholder="field")
            field.cursor_blink = False
            yield field
            yield Static("typed:", id="typed", markup=False)
            yield Static("none pasted", id="pasted", markup=False)
            yield Told()

        def on_input_changed(self, event: Input.Changed) -> None:
            self.query_one("#typed", Static).update(f"typed:{event.value}")

        def on_paste(self, event: events.Paste) -> None:
            self.query_one("#pasted", Static).update(f"pasted {len(event.text)}")

        def action_ring(self) -> None:
            self.bell()
            self.query_one(Told).tell(Segment("rang"))

        def action_escaped(self) -> None:
            self.query_one(Told).tell(Segment("escaped"))

        def action_emoji(self) -> None:
            self.query_one(Told).tell(Segment(f"a{FAMILY}|☎\ufe0f|👍🏽|b" + "." * 30))

        def action_again(self) -> None:
            assert isinstance(self._driver, ComposedDriver)
            self._driver.forget()
            self.refresh(layout=True)

        def action_mark(self) -> None:
            """At once on the lowest row; what it announces is on the next frame."""
            lowest = Region(0, self.size.height - 1, 6, 1)
            self.display_aside(self.screen, LayoutUpdate([[Strip([Segment("marked")])]], lowest))
            self.query_one(Told).tell(Segment("arrived"))

        def action_dim(self) -> None:
            self.query_one(Told).tell(Segment(f"a{FAMILY}"), Segment("dim", Style(dim=True)), Segment("c"))

    app = Small()
    app.driver_class = driver_for(find_capabilities(os.environ))
    app.run(mouse=False)


if __name__ == "__main__":
    run()
