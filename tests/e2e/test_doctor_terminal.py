"""``catgem doctor terminal`` and ``keys`` in terminals that answer, lie, say nothing, and in a real tmux."""

import asyncio
import json
import os
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from catgem_tui.config import assets
from catgem_tui.desk.remembered import keep_choice
from catgem_tui.doctor.keys import read_keys, sequences_of, take_apart
from catgem_tui.terminal.keypad import TOLD
from tests.pretended_terminal import in_terminal

Answer = dict[str, Any]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    words = {"LANG": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor", "CATGEM_LANGUAGE": "en"}
    return {**kept, **folders, **words, "HOME": str(tmp_path)}


async def examined(environment: dict[str, str], **terminal: Any) -> tuple[int, Answer, dict[str, str]]:
    """Exit status, what the part says, and its findings' levels by name."""
    async with in_terminal("doctor", "terminal", "--json", environment=environment, **terminal) as (_terminal, process):
        output, errors = await asyncio.wait_for(process.communicate(), 30)
    assert errors == b""
    part = json.loads(output)["parts"]["terminal"]
    assert process.returncode is not None
    return process.returncode, part, {finding["name"]: finding["level"] for finding in part["findings"]}


async def test_a_good_terminal(environment: dict[str, str]) -> None:
    status, part, levels = await examined(environment, size=(100, 30))
    measured = part["measured"]
    assert measured["size"] == measured["cursor_reaches"] == [100, 30]
    assert measured["colours"] == 1 << 24
    assert measured["widths"]["accent"] == measured["widths"]["line"] == 1
    assert measured["widths"]["emoji"] == 2
    assert measured["round_trip_ms"] < 1000
    assert {levels[name] for name in ("terminal.size", "terminal.colours", "terminal.name", "terminal.trip")} == {"ok"}
    assert status == max({"ok": 0, "warning": 1, "fault": 2}[level] for level in levels.values())


async def test_a_mute_terminal_is_said_to_be_one_within_two_seconds(environment: dict[str, str]) -> None:
    status, part, levels = await examined(environment, mute=True)
    assert status == 1
    assert levels["terminal.mute"] == "warning"
    assert part["seconds"] < 2


async def test_a_terminal_that_lies_about_its_size(environment: dict[str, str]) -> None:
    status, part, levels = await examined(environment, size=(132, 50), real=(80, 24))
    assert status == 2
    assert levels["terminal.size"] == "fault"
    assert part["measured"]["cursor_reaches"] == [80, 24]


async def test_a_terminal_that_has_fewer_colours_than_promised(environment: dict[str, str]) -> None:
    _status, part, levels = await examined(environment, colour=b"48;5;123")
    assert part["measured"]["colours"] == 256
    assert levels["terminal.colours"] == "warning"


async def test_what_the_environment_gets_wrong(environment: dict[str, str]) -> None:
    wrong = {**environment, "TERM": "dumb", "LANG": "C", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "COLUMNS": "200"}
    wrong |= {"PYTHONCOERCECLOCALE": "0"}
    status, _part, levels = await examined(wrong, size=(50, 15))
    assert status == 2
    faults = {name for name, level in levels.items() if level == "fault"}
    assert faults >= {"terminal.name", "terminal.encoding", "terminal.size"}
    assert levels["terminal.variables"] == "warning"


async def test_the_terminal_is_as_it_was_after_an_interruption(environment: dict[str, str]) -> None:
    async with in_terminal("doctor", "keys", environment=environment) as (terminal, process):
        before = termios.tcgetattr(terminal.its)
        await terminal.until("  …".encode())  # more keys than a line holds
        assert termios.tcgetattr(terminal.its) != before
        terminal.type(b"\x03")
        output, errors = await asyncio.wait_for(process.communicate(), 30)
        assert (process.returncode, output, errors) == (130, b"", b"")
        assert termios.tcgetattr(terminal.its) == before


async def test_keys_that_do_not_arrive_are_named(environment: dict[str, str]) -> None:
    wanted = read_keys(assets.keymaps()["default"])
    async with in_terminal("doctor", "keys", "--json", environment=environment) as (terminal, process):
        await terminal.until(b"F2")
        for key in wanted:
            if key not in {"f12", "alt+a"}:
                terminal.type(sequences_of(key)[0])
        terminal.type("å".encode())
        await terminal.until(b"\x1b[2K2: ")
        terminal.type(b"\r")
        output, _errors = await asyncio.wait_for(process.communicate(), 30)
    part = json.loads(output)["parts"]["keys"]
    assert process.returncode == 2
    assert set(part["measured"]["missing"]) == {"f12", "alt+a"}
    assert part["measured"]["strange"] == ["å"]
    assert "F12" in part["findings"][0]["sentence"]
    assert "Meta sends escape" in part["findings"][0]["remedy"]


def test_keys_pressed_at_once_are_told_apart() -> None:
    known = {sequence: key for key in ("f1", "alt+o", "ctrl+up", "ctrl+s", "f5") for sequence in sequences_of(key)}
    assert take_apart(b"\x1bOP\x1bo\x13\x1b[1;5A\x1b[15~\r", known) == (
        {"f1", "alt+o", "ctrl+s", "ctrl+up", "f5"},
        b"\r",
    )


def test_every_key_of_every_keymap_is_known() -> None:
    for keymap in assets.keymaps().values():
        keys = read_keys(keymap)
        assert keys
        assert [key for key in keys if not sequences_of(key) and key not in TOLD] == []


@pytest.mark.parametrize(
    ("name", "typed", "level"), [("linux", b"\x1bOu\x1bOQ", "ok"), ("xterm", b"\x1bOP", "warning")]
)
async def test_whether_the_keypad_is_told_from_the_digits(
    environment: dict[str, str], tmp_path: Path, name: str, typed: bytes, level: str
) -> None:
    settings = tmp_path / "numeric.toml"
    settings.write_text('[workstation]\nkeymap = "numeric"\n', encoding="utf-8")
    arguments = ("--settings", str(settings), "doctor", "keys", "--json")
    async with in_terminal(*arguments, environment={**environment, "TERM": name}) as (terminal, process):
        await terminal.until(b"F2")
        assert (b"\x1b=" in terminal.seen) is (b"Num 5" in terminal.seen) is (name == "linux")
        terminal.type(typed)
        terminal.type(b"\r")
        output, _errors = await asyncio.wait_for(process.communicate(), 30)
    part = json.loads(output)["parts"]["keys"]
    assert {each["name"]: each["level"] for each in part["findings"]}["keys.keypad"] == level
    assert {"kp_5", "kp_divide"}.intersection(part["measured"]["arrived"]) == (
        {"kp_5", "kp_divide"} if level == "ok" else set()
    )


async def test_the_keys_are_those_of_the_keymap_that_was_chosen_on_the_screen(
    environment: dict[str, str], tmp_path: Path
) -> None:
    keep_choice(tmp_path / "desk", "keymap", "default", "emacs-like")
    settings = tmp_path / "catgem.toml"
    settings.write_text(f"[workstation]\ndata = {json.dumps(str(tmp_path / 'desk'))}\n", encoding="utf-8")
    arguments = ("--settings", str(settings), "doctor", "keys", "--json")
    async with in_terminal(*arguments, environment=environment) as (terminal, process):
        await terminal.until(b"Ctrl+X")
        terminal.type(b"\r")
        output, _errors = await asyncio.wait_for(process.communicate(), 30)
    assert "ctrl+x" in json.loads(output)["parts"]["keys"]["measured"]["missing"]


@pytest.mark.require_program("tmux")
async def test_inside_tmux(environment: dict[str, str], tmp_path: Path) -> None:
    answer, configuration = tmp_path / "answer.json", tmp_path / "tmux.conf"
    configuration.write_text("set -sg escape-time 400\nset -g allow-passthrough off\n", encoding="utf-8")
    tmux = ("tmux", "-S", str(tmp_path / "tmux"), "-f", str(configuration))
    command = f"{sys.executable} -m catgem_tui doctor terminal --json >{answer}; {tmux[0]} wait-for -S done"
    for words in (("new-session", "-d", "-x", "90", "-y", "30", command), ("wait-for", "done")):
        process = await asyncio.create_subprocess_exec(*tmux, *words, env=environment)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    part = json.loads(answer.read_text(encoding="utf-8"))["parts"]["terminal"]
    levels = {finding["name"]: finding["level"] for finding in part["findings"]}
    assert levels["terminal.tmux"] == "ok"
    assert levels["terminal.escape"] == levels["terminal.passthrough"] == "warning"
    assert part["measured"]["size"] == part["measured"]["cursor_reaches"] == [90, 30]
    assert part["measured"]["tmux"]["escape-time"] == "400"
