"""The driver in a pseudo-terminal: pacing, answers that are no keys, suspension, sizes."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from catgem_tui.remote_phone import LEAVE_SCREEN
from tests.terminal_line import ANSWER, QUERY, terminal_line

MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")


def test_on_a_slow_line_frames_do_not_queue_up() -> None:
    with terminal_line() as line:
        line.settle()
        line.answers = False
        begun = len(line.seen)
        line.write(b"a")
        line.until(lambda: line.asked)
        for key in b"bcdefghij":
            line.write(bytes([key]))
            assert line.read(0.03) == b""
        assert line.seen[begun:].count(QUERY) == 1
        line.answers = True
        line.answer()
        line.until(lambda: line.shows("typed:abcdefghij"))
        frames = line.seen[begun:].count(QUERY) - 1
        assert frames <= 3, (
            "nine keys, each shown twice, are one frame of the newest state, and what that came too early for"
        )


def test_a_mark_is_not_waited_for() -> None:
    with terminal_line() as line:
        line.settle()
        line.answers = False
        begun = len(line.seen)
        line.write(b"\x1b[17~")  # F6
        line.until(lambda: line.shows("marked") and line.shows("arrived"))
        marked, _query, after = line.seen[begun:].partition(QUERY)
        assert b"marked" in marked
        assert b"arrived" in marked, "what it announced is not held until the mark is confirmed"
        assert QUERY not in after


def test_a_mute_terminal_is_asked_once_and_never_waited_for() -> None:
    with terminal_line(answers=False) as line:
        for key in b"abcdefghij":
            line.write(bytes([key]))
        line.until(lambda: line.shows("typed:abcdefghij"))
        assert line.seen.count(QUERY) == 1


def test_a_terminal_that_falls_silent_is_given_up() -> None:
    with terminal_line() as line:
        line.settle()
        line.answers = False
        for key in b"abc":
            line.write(bytes([key]))
        line.until(lambda: line.shows("typed:abc"))


@pytest.mark.parametrize("pieces", [(b"\x1b", b"[0n"), (b"\x1b[", b"0n"), (b"\x1b[0", b"n"), (b"x\x1b[0n", b"")])
def test_an_answer_is_no_key_however_it_is_cut(pieces: tuple[bytes, ...]) -> None:
    with terminal_line() as line:
        line.settle()
        line.answers = False
        line.write(b"a")
        line.until(lambda: line.asked)
        for piece in pieces:
            line.write(piece)
            line.read(0.25)
        line.asked, line.answers = 0, True
        line.write(b"b")
        line.until(lambda: line.shows("typed:a") and line.rows()[1].endswith("b"))
        assert line.rows()[1] in {"typed:ab", "typed:axb"}
        assert not line.shows("escaped")


def test_an_escape_is_still_a_key_and_an_answer_in_a_paste_is_none() -> None:
    with terminal_line() as line:
        line.write(b"\x1b")
        line.until(lambda: line.shows("escaped"))
        line.write(b"\x1b[200~pas" + ANSWER + b"ted\x1b[201~")
        line.until(lambda: line.shows("typed:pasted"))


def test_a_pasted_megabyte_is_taken() -> None:
    with terminal_line() as line:
        pid = line.child.pid
        for _ in range(64):
            line.write(b"\x1b[200~" + b"0123456789abcde\n" * 64 + b"\x1b[201~")
            line.read(0.001)
        line.write(b"!")
        line.until(lambda: line.rows()[1].endswith("!") or line.shows("typed:0123"))
        os.kill(pid, 0)


def test_what_is_written_past_the_screen_disturbs_nothing() -> None:
    with terminal_line() as line:
        line.write(b"ab\x1bOQ")
        line.until(lambda: line.shows("rang"))
        assert b"\x07" in line.seen
        line.write(b"c")
        line.until(lambda: line.shows("typed:abc"))
        assert line.rows()[:4] == ["abc", "typed:abc", "none pasted", "rang"]
        assert (line.screen.cursor.y, line.screen.cursor.x, line.screen.cursor.hidden) == (0, 3, False)


def test_what_somebody_else_wrote_goes_when_all_is_drawn_again() -> None:
    with terminal_line() as line:
        line.write(b"abc")
        line.until(lambda: line.shows("typed:abc"))
        line.overwrite(b"\x1b[2;3H\x1b[41mBroadcast message\x1b[m\x1b[7;1Hfrom root")
        line.write(b"\x1b[15~")
        line.until(lambda: line.rows() == ["abc", "typed:abc", "none pasted", "", "", "", "", ""])


def test_suspended_and_resumed_it_paints_everything_again() -> None:
    with terminal_line() as line:
        line.write(b"kept")
        line.until(lambda: line.shows("typed:kept"))
        os.kill(line.child.pid, signal.SIGTSTP)
        line.until(lambda: b"\x1b[?1049l" in line.seen)
        _pid, status = os.waitpid(line.child.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert not line.asked, "the shell would read the answer"
        line.screen.reset()
        begun = len(line.seen)
        os.kill(line.child.pid, signal.SIGCONT)
        line.until(lambda: line.shows("typed:kept"))
        assert b"\x1b[?1049h" in line.seen[begun:]
        line.write(b"!")
        line.until(lambda: line.rows()[:2] == ["kept!", "typed:kept!"])


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells how often a program woke up")
def test_while_nothing_comes_it_sleeps() -> None:
    with terminal_line() as line:
        line.write(b"\x1b")  # alone it is a key after a while, for which the time is looked at
        line.write(b"a")
        line.until(lambda: line.shows("typed:a"))
        line.settle()
        before = wakeups(line.child.pid)
        assert not line.read(1.0)
        assert wakeups(line.child.pid) - before <= 2


def wakeups(process: int) -> int:
    """How often its threads have given the processor away of their own accord."""
    told = "".join(task.joinpath("status").read_text() for task in Path(f"/proc/{process}/task").iterdir())
    return sum(map(int, re.findall(r"^voluntary_ctxt_switches:\s*(\d+)", told, re.MULTILINE)))


def test_what_one_that_was_killed_leaves_behind_catgem_phone_puts_back() -> None:
    """A workstation at the other end of an SSH connection that broke writes nothing any more."""
    with terminal_line() as line:
        line.write(b"abc")
        line.until(lambda: line.shows("typed:abc"))
        line.child.kill()
        line.child.wait()
        line.read(0.5)
    left = dict(MODE.findall(line.seen))
    put_back = dict(MODE.findall(LEAVE_SCREEN.encode()))
    usual = {mode: b"h" if mode in {b"7", b"25"} else b"l" for mode in left}  # lines go on below, and a cursor is seen
    changed = {mode: usual[mode] for mode in left if left[mode] != usual[mode]}
    assert {b"7", b"1049"} <= changed.keys()
    assert {mode: put_back.get(mode) for mode in changed} == changed


def test_after_a_storm_of_sizes_the_last_one_is_painted() -> None:
    with terminal_line() as line:
        line.write(b"abc")
        for number in range(40):
            line.resize(20 + number, 5 + number % 7)
            os.kill(line.child.pid, signal.SIGWINCH)
            line.read(0.005)
        line.resize(33, 9)
        os.kill(line.child.pid, signal.SIGWINCH)
        line.until(lambda: line.shows("typed:abc"))
        line.write(b"d")
        line.until(lambda: line.rows()[:3] == ["abcd", "typed:abcd", "none pasted"])


def test_what_a_terminal_lost_while_it_was_smaller_is_painted_again() -> None:
    with terminal_line() as line:
        line.write(b"abc")
        line.until(lambda: line.shows("typed:abc"))
        line.settle()
        line.resize(4, 2)
        line.resize(60, 8)
        assert not line.shows("typed:abc")
        os.kill(line.child.pid, signal.SIGWINCH)
        line.until(lambda: line.rows()[:3] == ["abc", "typed:abc", "none pasted"])


def test_a_size_that_nobody_signals_is_seen_with_the_next_key() -> None:
    with terminal_line() as line:
        line.settle()
        line.resize(33, 9)
        begun = len(line.seen)
        line.write(b"x")
        line.until(lambda: b"\x1b[J" in line.seen[begun:] and line.rows()[:2] == ["x", "typed:x"])


def test_what_others_were_answered_is_not_written_into_the_field() -> None:
    with terminal_line() as line:
        line.write(b"a\x1b[?64;1;22c\x1b]11;rgb:1111/2222/3333\x1b\\b")
        line.until(lambda: line.rows()[:2] == ["ab", "typed:ab"])


@pytest.mark.parametrize("size", [(0, 0), (2, 1), (500, 200)])
def test_a_terminal_that_lies_about_its_size_is_painted_all_the_same(size: tuple[int, int]) -> None:
    with terminal_line() as line:
        line.resize(*size)
        line.screen.resize(8, 60)
        os.kill(line.child.pid, signal.SIGWINCH)
        line.write(b"x")
        if size[0] != 2:
            line.until(lambda: line.rows()[:2] == ["x", "typed:x"])
        line.settle()
        line.resize(60, 8)
        os.kill(line.child.pid, signal.SIGWINCH)
        line.until(lambda: line.rows()[:2] == ["x", "typed:x"])


@pytest.mark.parametrize(
    ("name", "coloured"), [("vt100", False), ("linux", True), ("screen", True), ("nobody-knows-it", True)]
)
def test_other_terminals_get_what_they_can(name: str, coloured: bool) -> None:
    with terminal_line(TERM=name, COLORTERM="") as line:
        line.write(b"ab")
        line.until(lambda: line.shows("typed:ab"))
        codes = set(re.findall(rb"\x1b\[([0-9;]*)m", line.seen))
        assert any(b"4" in code.split(b";")[-1][:1] for code in codes) is coloured or not coloured
        assert not any(code.startswith((b"38;", b"48;")) or b";38;" in code or b";48;" in code for code in codes)
        if name == "vt100":
            assert not any(re.search(rb"(^|;)[349]\d", code) for code in codes)
            assert not re.search(rb"\x1b\[\d*[XGdb]", line.seen)
