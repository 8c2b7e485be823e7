"""Completion in real shells: Tab is pressed, and what the shell then runs is looked at."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catgem_tui.commands.tree import read_tree

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
PREPARE = {
    "bash": "PS1='ready> '; bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'",
    "zsh": "PS1='ready> '; unsetopt beep; zstyle ':completion:*' list-prompt ''; "
    "autoload -Uz compinit; compinit -u -D; setopt noautomenu",
    "fish": "function fish_prompt; echo -n 'ready> '; end; set fish_greeting; set -g fish_autosuggestion_enabled 0",
}
SHOW = {
    "bash": 'catgem() { printf "<%s>" "$@"; echo; }',
    "zsh": 'catgem() { printf "<%s>" "$@"; echo; }',
    "fish": 'function catgem; printf "<%s>" $argv; echo; end',
}
PATIENCE = 30.0
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78])")

pytestmark = pytest.mark.require_program("bash", "zsh", "fish")


class Shell:
    """One, interactive, in a terminal of its own and in a folder with files."""

    def __init__(self, name: str, folder: Path, script: Path) -> None:
        self.own, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8"}
        environment["XDG_CONFIG_HOME"] = str(folder / "config")
        self._process = subprocess.Popen(
            SHELLS[name], stdin=its, stdout=its, stderr=its, env=environment, cwd=folder, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(its)
        self.seen = b""
        for line in (PREPARE[name], SHOW[name], f"source {script}", "echo be''gun"):
            os.write(self.own, line.encode() + b"\n")
        self.until(lambda text: "begun" in text)

    def until(self, arrived: Callable[[str], object]) -> str:
        """Read until this is true of what is shown; returns that."""
        ends = time.monotonic() + PATIENCE
        while not arrived(text := _ESCAPES.sub(b"", self.seen).decode("utf-8", "replace")):
            if time.monotonic() > ends:
                raise TimeoutError(text[-2000:])
            if select.select([self.own], [], [], 0.1)[0]:
                self.seen += os.read(self.own, 65536)
                if b"\x1b[c" in self.seen or b"\x1b[0c" in self.seen:
                    os.write(self.own, b"\x1b[?62c")
        return text

    def run(self, keys: str) -> list[str]:
        """What ``catgem`` is given when these keys are followed by Enter; ``--option=value`` taken apart."""
        self.seen = b""
        os.write(self.own, keys.encode() + b"\r")
        text = self.until(lambda text: re.search(r"(?:<[^<>\r\n]*>)+\r?\n", text))
        words = re.findall(r"<([^<>\r\n]*)>", re.findall(r"((?:<[^<>\r\n]*>)+)\r?\n", text)[-1])
        return [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]

    def offers(self, keys: str, *names: str) -> None:
        """All of these are shown when Tab is pressed; the line is then thrown away."""
        self.seen = b""
        os.write(self.own, keys.encode() + b"\t")
        self.until(lambda text: all(name in text for name in names))
        os.write(self.own, b"\x15")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self.own)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    script = tmp_path / "completion"
    command = [sys.executable, "-m", "catgem_tui", "completion", request.param]
    script.write_bytes(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    (tmp_path / "padrón municipal.csv").touch()
    (tmp_path / "config" / "catgem" / "themes").mkdir(parents=True)
    (tmp_path / "config" / "catgem" / "themes" / "mitema.toml").touch()
    opened = Shell(request.param, tmp_path, script)
    yield opened
    opened.close()


def test_what_tab_completes(shell: Shell) -> None:
    assert shell.run("catgem cent\t us\t ad\t --ro\tcoo\t") == ["central", "user", "add", "--role", "coordinator"]
    assert shell.run("catgem central user add ana --ro\tcoo\t --passw\t") == [
        "central", "user", "add", "ana", "--role", "coordinator", "--password-stdin",
    ]  # fmt: skip
    assert shell.run("catgem --theme mi\t dem\t --fr\t") == ["--theme", "mitema", "demo", "--fresh"]
    assert shell.run("catgem --central http://127.0.0.1:8070 doctor sou\t cl\t") == [
        "--central", "http://127.0.0.1:8070", "doctor", "sound", "clock",
    ]  # fmt: skip
    assert shell.run("catgem directory import pad\t --dry\t") == [
        "directory", "import", "padrón municipal.csv", "--dry-run",
    ]  # fmt: skip
    assert shell.run("catgem directory export --form\txl\t out.xlsx") == [
        "directory", "export", "--format", "xlsx", "out.xlsx",
    ]  # fmt: skip
    shell.offers("catgem ", "demo", "doctor", "central", "directory", "completion")
    shell.offers("catgem central --settings padr\t --", "--help")


def test_every_command_is_read_from_the_parser() -> None:
    tree = read_tree()
    paths = {" ".join(command.path) for command in tree.walk()}
    assert paths >= {"catgem", "catgem central user add", "catgem directory sync", "catgem doctor", "catgem selftest"}
    assert all(command.purpose and any("--help" in o.flags for o in command.options) for command in tree.walk())
    assert [command.path for command in tree.walk() if not all(o.purpose for o in command.options)] == []
    assert all("%(" not in argument.purpose for command in tree.walk() for argument in command.arguments)
