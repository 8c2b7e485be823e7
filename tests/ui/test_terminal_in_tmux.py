"""In a real terminal, tmux: what pyte does not know (dim, joined emoji), and the real program."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux here")


class Tmux:
    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def __call__(self, *words: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words]
        # Variables go before the size that a terminal really has.
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30, env=kept).stdout

    def rows(self, *options: str) -> list[str]:
        return [row.rstrip() for row in self("capture-pane", "-p", *options).split("\n")]

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, "\n".join(self.rows())
            time.sleep(0.05)  # tmux tells nobody when a pane has changed

    def cursor(self) -> str:
        return self("display-message", "-p", "#{cursor_flag} #{cursor_y} #{cursor_x}").strip()


@contextmanager
def tmux(folder: Path, *command: str, size: tuple[int, int] = (60, 8)) -> Iterator[Tmux]:
    terminal = Tmux(folder / "tmux")
    homes = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    environment = {**homes, "PYTHONPATH": str(ROOT), "CATGEM_LANGUAGE": "en", "LC_ALL": "C.UTF-8",
                   "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}  # fmt: skip
    told = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    terminal("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), *told, *command)
    try:
        yield terminal
    finally:
        terminal("kill-server")


def test_dim_and_joined_emoji_leave_their_neighbours_whole(tmp_path: Path) -> None:
    with tmux(tmp_path, sys.executable, str(ROOT / "tests" / "terminal_line.py")) as terminal:
        terminal.until(lambda: "typed:" in terminal.rows())
        terminal("send-keys", "F3")
        terminal.until(lambda: terminal.rows()[3].endswith("b" + "." * 30))
        assert terminal.rows()[3].startswith("a👩")
        assert "|👍" in terminal.rows()[3]
        terminal("send-keys", "F4")
        terminal.until(lambda: terminal.rows()[3].endswith("dimc"))
        styled = terminal.rows("-e")[3]
        assert "\x1b[2m" in styled or "\x1b[2;" in styled or ";2m" in styled
        assert "." not in terminal.rows()[3]
        terminal("send-keys", "x")
        terminal.until(lambda: "typed:x" in terminal.rows())
        assert terminal.cursor() == "1 0 1"


def test_the_workstation_shows_its_login_and_the_cursor_stands_in_the_field(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "catgem_tui", "--central", "http://127.0.0.1:9", "--user", "ana")
    with tmux(tmp_path, *command, size=(80, 24)) as terminal:
        terminal.until(lambda: any("Password" in row for row in terminal.rows()))
        terminal.until(lambda: terminal.cursor().startswith("1 "))
        _shown, row, column = terminal.cursor().split()
        terminal("send-keys", "xyz")
        terminal.until(lambda: terminal.cursor() == f"1 {row} {int(column) + 3}")
        terminal("resize-window", "-x", "100", "-y", "30")
        terminal.until(lambda: terminal.cursor() != f"1 {row} {int(column) + 3}")
        assert any("Password" in line for line in terminal.rows())
        terminal("resize-window", "-x", "80", "-y", "24")
        terminal.until(lambda: terminal.cursor() == f"1 {row} {int(column) + 3}")


@pytest.mark.parametrize("sent", ["2>told", "2>&-"])
def test_the_screen_is_on_the_terminal_though_what_is_told_of_errors_is_sent_elsewhere(
    tmp_path: Path, sent: str
) -> None:
    script = f"cd {tmp_path} && exec {sys.executable} -m catgem_tui --central http://127.0.0.1:9 --user ana {sent}"
    with tmux(tmp_path, "sh", "-c", script, size=(80, 24)) as terminal:
        terminal.until(lambda: any("Password" in row for row in terminal.rows()))
        terminal.until(lambda: terminal.cursor().startswith("1 "))
        assert not (tmp_path / "told").exists() or (tmp_path / "told").read_text() == ""


@pytest.mark.require_program("screen")
def test_in_gnu_screen_inside_tmux_nothing_is_left_behind(tmp_path: Path) -> None:
    """It knows no REP and no erasing in colours, but has the variables of the tmux around it."""
    (tmp_path / "sockets").mkdir(mode=0o700)
    small = f"{sys.executable} {ROOT / 'tests' / 'terminal_line.py'}"
    script = f"SCREENDIR={tmp_path / 'sockets'} exec screen -U -c /dev/null -T screen-256color {small}"
    with tmux(tmp_path, "sh", "-c", script) as terminal:
        terminal.until(lambda: "typed:" in terminal.rows())
        terminal("send-keys", "-l", "niño")
        terminal.until(lambda: "typed:niño" in terminal.rows())
        assert terminal.rows()[:3] == ["niño", "typed:niño", "none pasted"]
        assert terminal.cursor() == "1 0 4"
        terminal("send-keys", "C-q")


def test_on_the_way_out_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    script = f"{sys.executable} {ROOT / 'tests' / 'terminal_line.py'}; stty -a; echo left=$?; exec cat"
    with tmux(tmp_path, "sh", "-c", script, size=(100, 24)) as terminal:
        terminal.until(lambda: "typed:" in terminal.rows())
        terminal("send-keys", "C-q")
        terminal.until(lambda: "left=0" in terminal.rows())
        seen = "\n".join(terminal.rows())
        assert "[0n" not in seen
        assert "opost" in seen and "-opost" not in seen
        assert " icanon" in seen and "-icanon" not in seen
        assert terminal.cursor().startswith("1 ")
