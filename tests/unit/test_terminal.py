"""The parts of the thin line: colours and abilities, pens, moves, what is scrolled, when a frame may leave."""

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.geometry import Region
from textual.strip import Strip

from catgem_tui.terminal import capabilities, letters
from catgem_tui.terminal.capabilities import Capabilities, Depth, find_capabilities, find_depth, over_ssh
from catgem_tui.terminal.differ import Differ
from catgem_tui.terminal.grid import Grid, cells_of, reach
from catgem_tui.terminal.keypad import Keypad
from catgem_tui.terminal.moves import move
from catgem_tui.terminal.pacing import QUERY, Answers, Pacing
from catgem_tui.terminal.painting import Painter
from catgem_tui.terminal.pasted import Pasted
from catgem_tui.terminal.pens import Pens

ABLE = Capabilities(
    depth=Depth.TRUE, selective=True, italic=True, absolute=True, erase_characters=True, coloured_erase=True,
    insert_lines=True, links=True,
)  # fmt: skip
FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-256color"}, Depth.EIGHT_BIT),
        ({"TERM": "screen.xterm-256color"}, Depth.EIGHT_BIT),
        ({"TERM": "xterm-kitty"}, Depth.TRUE),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "nobody-knows-it"}, Depth.SIXTEEN),
        ({"TERM": "vt100"}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.EIGHT_BIT),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "1.pts-0.here"}, Depth.EIGHT_BIT),
        ({"TERM": "tmux-256color", "COLORTERM": "truecolor", "STY": "1.pts-0.here"}, Depth.TRUE),
    ],
)
def test_colours_are_those_the_terminal_says(environment: dict[str, str], depth: Depth) -> None:
    assert find_depth(environment) is depth


def test_a_setting_goes_before_what_the_terminal_says_of_its_colours() -> None:
    assert find_capabilities({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "16").depth is Depth.SIXTEEN


def test_repetition_only_where_it_is_known_to_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "read_terminfo", lambda _name: Capabilities(repeat=True))
    assert not find_capabilities({"TERM": "xterm-256color"}).repeat
    assert find_capabilities({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(379)"}).repeat
    assert find_capabilities({"TERM": "screen", "TERM_PROGRAM": "tmux"}).repeat


def test_screen_inside_tmux_is_not_taken_for_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "read_terminfo", lambda _name: Capabilities())
    inside = {"TERM": "screen-256color", "TERM_PROGRAM": "tmux", "STY": "1.pts-0.here"}
    assert find_capabilities(inside) == Capabilities(depth=Depth.EIGHT_BIT)
    assert find_capabilities({**inside, "TERM": "tmux-256color"}).coloured_erase


@pytest.mark.parametrize(
    ("environment", "keypad"),
    [
        ({"TERM": "xterm-256color", "XTERM_VERSION": "XTerm(379)"}, Keypad.XTERM),
        ({"TERM": "xterm-256color"}, Keypad.UNTOLD),
        ({"TERM": "screen", "TERM_PROGRAM": "tmux"}, Keypad.XTERM),
        ({"TERM": "linux"}, Keypad.CONSOLE),
        ({"TERM": "putty-256color"}, Keypad.CONSOLE),
        ({}, Keypad.UNTOLD),
    ],
)
def test_the_keypad_is_told_apart_where_that_is_known(environment: dict[str, str], keypad: Keypad) -> None:
    assert find_capabilities(environment).keypad is keypad


def test_of_a_terminal_that_terminfo_does_not_know_little_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "read_terminfo", lambda _name: None)
    assert find_capabilities({"TERM": "vt420"}) == Capabilities()
    able = find_capabilities({"TERM": "newer-than-this"})
    assert able.absolute
    assert not able.coloured_erase and not able.repeat and not able.erase_characters


def test_ssh_is_known_by_its_variables() -> None:
    assert over_ssh({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"})
    assert over_ssh({"SSH_TTY": "/dev/pts/1"})
    assert not over_ssh({})


@pytest.mark.parametrize(
    ("before", "after", "written"),
    [
        ("bold red on blue", "bold red on green", "\x1b[42m"),
        ("bold red", "red", "\x1b[22m"),
        ("bold dim", "dim", "\x1b[;2m"),
        ("italic underline red on blue", "none", "\x1b[m"),
        ("red", "bold red", "\x1b[1m"),
        ("reverse #102030", "#102030", "\x1b[27m"),
        ("red", "default", "\x1b[m"),
    ],
)
def test_only_attributes_that_differ_are_written(before: str, after: str, written: str) -> None:
    pens = Pens(ABLE)
    assert pens.change(pens.of(Style.parse(before)), pens.of(Style.parse(after))) == written


def test_without_selective_attributes_all_are_set_anew() -> None:
    pens = Pens(Capabilities(depth=Depth.SIXTEEN))
    assert pens.change(pens.of(Style.parse("bold red")), pens.of(Style.parse("red"))) == "\x1b[;31m"


def test_a_link_is_opened_and_closed() -> None:
    pens = Pens(ABLE)
    link = pens.of(Style(link="https://example.mx"))
    assert "https://example.mx\x1b\\" in pens.change(pens.plain, link)
    assert pens.change(link, pens.plain).startswith("\x1b]8;;\x1b\\")


def test_spaces_that_look_alike_are_alike() -> None:
    pens = Pens(ABLE)
    red, blue = pens.of(Style.parse("bold red on black")), pens.of(Style.parse("blue on black"))
    assert red.blank is blue.blank
    assert pens.of(Style.parse("underline red on black")).blank is not red.blank


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        ((3, 5), (3, 5), ""),
        ((3, 5), (3, 4), "\b"),
        ((3, 5), (3, 0), "\r"),
        ((3, 5), (4, 5), "\x1b[B"),
        ((3, 5), (2, 5), "\x1b[A"),
        ((3, 5), (3, 6), "\x1b[C"),
        ((3, 5), (3, 60), "\x1b[61G"),
        ((None, None), (0, 0), "\x1b[H"),
        ((None, None), (4, 0), "\x1b[5H"),
        ((None, None), (0, 9), "\x1b[;10H"),
        ((3, None), (3, 1), "\r\x1b[C"),
        ((30, 70), (2, 70), "\x1b[3d"),
    ],
)
def test_the_cursor_takes_the_shortest_way(start: tuple[int, int], end: tuple[int, int], written: str) -> None:
    assert move(start, *end, ABLE) == written


def test_text_falls_into_cells() -> None:
    assert cells_of("añe\u0301漢x") == ("a", "ñ", "e\u0301", "漢", "", "x")
    assert cells_of("\u0301a") == ("a",), "what it combines with is not to be seen"
    assert cells_of("a\x1b[31mb\x07") == ("a", "[", "3", "1", "m", "b")
    assert cells_of(FAMILY) == (FAMILY, "")


@pytest.mark.parametrize(
    ("text", "cells", "parts"),
    [
        ("au\u0331xyz", 2, ("au\u0331", "xyz")),
        ("au\u0331xyz", 1, ("a", "u\u0331xyz")),
        ("\u0331xyz", 0, ("\u0331", "xyz")),
        ("a漢x", 2, ("a ", " x")),
        (f"a{FAMILY}x", 3, (f"a{FAMILY}", "x")),
        (f"a{FAMILY}x", 2, ("a ", " x")),
        ("año", 9, ("año", "")),
        ("abc", 2, ("ab", "c")),
    ],
)
def test_a_cut_goes_between_letters(text: str, cells: int, parts: tuple[str, str]) -> None:
    bold = Style(bold=True)
    assert letters.cut(Segment(text, bold), cells) == (Segment(parts[0], bold), Segment(parts[1], bold))


def test_a_letter_that_a_style_splits_is_one() -> None:
    pens = Pens(ABLE)
    grid = Grid(8, 1, pens)
    bold = Style(bold=True)
    grid.put(0, 0, [Segment("ao"), Segment("\u0331", bold), Segment("👩"), Segment("\u200d👩\u200d👧x")])
    assert grid.texts[0] == ["a", "o\u0331", "👩\u200d👩\u200d👧", "", "x", " ", " ", " "]


def test_widths_that_terminals_dispute_are_known() -> None:
    assert [reach(cell) for cell in ("a", "e\u0301", "漢", "─")] == [0, 0, 0, 0]
    assert reach(FAMILY) == 6
    assert reach("☎\ufe0f") == 2
    assert reach("🚗") == 2


def painted(differ: Differ, pens: Pens, *lines: str, width: int = 40) -> str:
    grid = Grid(width, len(lines), pens)
    for y, line in enumerate(lines):
        grid.put(y, 0, [Segment(line)])
    return differ.paint(grid, set(range(len(lines))), None)


def test_after_a_disputed_character_nothing_is_believed_of_the_cursor() -> None:
    pens = Pens(ABLE)
    differ = Differ(ABLE, pens)
    painted(differ, pens, "abcdefghijkl")
    written = painted(differ, pens, f"a{FAMILY}defghijkl")
    assert written == f"\r\x1b[C  \x1b[;2H{FAMILY}\x1b[;4Hdefg"
    assert painted(differ, pens, "abcdefghijkl") == "\r\x1b[Cbcdefg"


def test_rows_that_moved_are_moved() -> None:
    pens = Pens(ABLE)
    differ = Differ(ABLE, pens)
    lines = [chr(ord("a") + number) * 30 for number in range(12)]
    painted(differ, pens, *lines)
    up = painted(differ, pens, lines[0], *lines[2:11], "new", lines[11])
    assert up == "\x1b[2d\x1b[M\x1b[11H\x1b[L\rnew"
    assert len(painted(differ, pens, *lines)) < 60


def test_at_a_new_size_nothing_is_painted_before_the_layout_for_it() -> None:
    painter = Painter(ABLE)
    painter.take(LayoutUpdate([[Strip([Segment("old")])], [Strip([Segment("row")])]], Region(0, 0, 3, 2)), (3, 2))
    assert "old" in painter.paint(None)
    painter.take(ChopsUpdate([{0: Strip([Segment("odd")])}, {}], [(0, 0, 3)], [[3], []]), (5, 1))
    assert not painter.paint(None)
    painter.take(LayoutUpdate([[Strip([Segment("older")])]], Region(0, 0, 5, 1)), (5, 1))
    assert painter.paint(None).count("old") == 1


def test_a_frame_waits_for_the_answer_to_the_one_before() -> None:
    pacing = Pacing()
    assert pacing.ask(0.0) == QUERY
    assert not pacing.waiting
    pacing.answer(1, 0.2)
    assert pacing.send(100, 1.0) == QUERY
    assert pacing.waiting
    pacing.answer(1, 1.1)
    assert not pacing.waiting
    assert pacing.round_trip == pytest.approx(0.1)


def test_nobody_waits_for_a_terminal_that_never_answered() -> None:
    pacing = Pacing()
    pacing.ask(0.0)
    assert pacing.awaits(0.5) and not pacing.awaits(1.5)
    assert "".join(pacing.send(100, 2.0) for _ in range(63)) == ""
    assert pacing.send(100, 3.0) == QUERY, "it is asked again now and then"
    assert not pacing.waiting
    pacing.answer(1, 3.1)
    assert pacing.send(100, 4.0) == QUERY
    assert pacing.waiting


def test_one_that_falls_silent_is_waited_for_longer_and_then_not() -> None:
    pacing = Pacing()
    pacing.ask(0.0)
    pacing.answer(1, 0.1)
    patiences = []
    for now in (1.0, 2.0, 3.0):
        pacing.send(100, now)
        patiences.append(pacing.patience)
        pacing.give_up()
    assert patiences[0] < patiences[1] < patiences[2]
    assert pacing.send(100, 4.0) == ""
    assert not pacing.waiting


def test_a_long_frame_has_the_time_that_a_slow_line_takes() -> None:
    pacing = Pacing()
    pacing.ask(0.0)
    pacing.answer(1, 0.1)
    pacing.send(6000, 1.0)
    assert pacing.patience > 6000 / 960, "9,600 bit/s"


@pytest.mark.parametrize(
    ("reads", "keys", "count"),
    [
        (["\x1b[0n"], "", 1),
        (["a\x1b[0nb\x1b[3n"], "ab", 2),
        (["a\x1b", "[0nb"], "ab", 1),
        (["a\x1b[", "0", "nb"], "ab", 1),
        (["\x1b[A"], "\x1b[A", 0),
        (["\x1b", "[A"], "\x1b[A", 0),
        (["x" * 70_000 + "\x1b[0n"], "x" * 70_000, 1),
        (["a\x1b[?64;1;22cb\x1b[>41;379;0cc\x1b[?0u\x1b[?1;2ne"], "abce", 0),
        (["a\x1b]11;rgb:0000/0000/0000\x1b\\b\x1b]10;?\x07c\x1bP1$r0m\x1b\\d"], "abcd", 0),
        (["\x1b[?2026;2$y\x1b[97;5u\x1b]x"], "\x1b[?2026;2$y\x1b[97;5u\x1b]x", 0),
    ],
)
def test_answers_are_taken_out_of_the_keys(reads: list[str], keys: str, count: int) -> None:
    answers = Answers()
    taken = [answers.take(read, awaited=True) for read in reads]
    assert "".join(text for text, _ in taken) + answers.release() == keys
    assert sum(found for _, found in taken) == count


def test_an_escape_is_not_held_when_no_answer_is_awaited() -> None:
    answers = Answers()
    assert answers.take("\x1b", awaited=False) == ("\x1b", 0)
    assert not answers.holds


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_what_is_pasted_is_never_read_as_keys(size: int) -> None:
    sent = "a\x1b[A\x1b[200~hola \x1b[31mrojo\x1b[0m\rdos\x1b\x1b[201~b\x1b[200~c\x1b[201~"
    pasted = Pasted()
    passed = "".join(pasted.take(sent[start : start + size]) for start in range(0, len(sent), size))
    events = list(XTermParser().feed(passed))
    assert [each.text for each in events if isinstance(each, Paste)] == ["hola rojo\rdos", "c"]
    assert [each.key for each in events if isinstance(each, Key)] == ["a", "up", "b"]
