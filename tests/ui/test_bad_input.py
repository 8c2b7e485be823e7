"""A clipboard, a terminal and a central that do what they should not: the screen goes on and nothing is lost."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events
from textual.geometry import Size

from catgem_tui.desk.state import DeskState, Notice, Severity
from catgem_tui.ui.lines import safe
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened

MEGABYTE = "una línea de un documento que nadie quiso pegar aquí\n" * 20_000
REFUSED = "Lo que pegó es demasiado largo"
FIELDS: dict[str, tuple[DeskState, tuple[str, ...]]] = {
    "search": (scenes.IN_CHAT, ("ctrl+f",)),
    "notes": (scenes.IN_CHAT, ("alt+n",)),
    "chat": (scenes.IN_CHAT, ("alt+a",)),
    "mail": (scenes.IN_MAIL, ("alt+a",)),
    "form": (scenes.FORM, ()),
    "login": (scenes.LOGGED_OUT, ()),
    "palette": (scenes.IN_CHAT, ("ctrl+p",)),
}


def held(stage: Stage) -> str:
    """What the field with the focus holds."""
    field = stage.app.focused
    return str(getattr(field, "text", None) or getattr(field, "value", ""))


@pytest.mark.parametrize("field", FIELDS)
async def test_a_pasted_megabyte_is_refused_in_words_and_nothing_is_lost(field: str) -> None:
    state, keys = FIELDS[field]
    async with opened(state, SMALL) as stage:
        await stage.press(*keys)
        await stage.press("a")
        before = held(stage)
        began = time.perf_counter()
        stage.app.post_message(events.Paste(MEGABYTE))
        await stage.pilot.pause()
        assert time.perf_counter() - began < 2.0, "the screen goes on at once"
        assert REFUSED in " ".join(stage.seen().split())
        assert held(stage) == before
        await stage.press("b")
        assert held(stage) == before + "b"
        assert REFUSED not in " ".join(stage.seen().split())


@pytest.mark.parametrize("field", ["notes", "chat", "mail"])
async def test_pages_of_text_are_pasted_without_making_anybody_wait(field: str) -> None:
    state, keys = FIELDS[field]
    async with opened(state, LARGE) as stage:
        await stage.press(*keys)
        before, began = held(stage), time.perf_counter()
        stage.app.post_message(events.Paste("palabras de un documento " * 790))
        await stage.pilot.pause()
        assert time.perf_counter() - began < 5.0
        assert len(held(stage)) == len(before) + 25 * 790


@pytest.mark.parametrize("field", ["notes", "chat"])
async def test_what_is_pasted_drives_no_terminal(field: str) -> None:
    state, keys = FIELDS[field]
    async with opened(state, SMALL) as stage:
        await stage.press(*keys)
        stage.app.post_message(events.Paste("uno\x1b]0;mine\x07\x1b[31m\x9b2J\u202edos\x00\r\n"))
        await stage.pilot.pause()
        drawn = [strip.text for strip in stage.app.screen._compositor.render_strips()]
        assert [line for line in drawn if safe(line) != line] == []
        assert "uno" in stage.seen()
        assert "dos" in stage.seen()


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (1, 200), (3, 2), (1000, 400)], ids=str)
async def test_a_terminal_of_an_absurd_size_is_survived(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, SMALL) as stage:
        await stage.press("alt+n")
        before = held(stage)
        for other in (size, SMALL):
            stage.app.post_message(events.Resize(Size(*other), Size(*other)))
            await stage.pilot.pause()
        assert "NOTAS" in stage.seen()
        await stage.press("x")
        assert held(stage) == before + "x"


async def test_a_thousand_resizes_in_a_second_end_in_the_last_one() -> None:
    async with opened(scenes.IN_CHAT, SMALL) as stage:
        began = time.perf_counter()
        for number in range(1000):
            width, height = 80 + number % 90, 24 + number % 30
            stage.app.post_message(events.Resize(Size(width, height), Size(width, height)))
        stage.app.post_message(events.Resize(Size(*LARGE), Size(*LARGE)))
        await stage.until(lambda: stage.app.screen.size == Size(*LARGE))
        await stage.pilot.pause()
        assert time.perf_counter() - began < 10.0
        assert "DIRECTORIO" in stage.seen()


async def test_ten_thousand_messages_at_once_leave_the_screen_to_the_person() -> None:
    async with opened(scenes.IN_CHAT, LARGE) as stage:
        await stage.press("alt+n")
        messages = scenes.CHAT_LINES
        began = time.perf_counter()
        for number in range(10_000):
            line = scenes.message(100 + number, f"mensaje {number}")
            stage.desk.put(replace(scenes.IN_CHAT, messages={"c-chat": (*messages[-50:], line)}, unsent=number % 7))
        await stage.press("y", "a")
        assert time.perf_counter() - began < 10.0
        assert held(stage).endswith("ya")
        assert "mensaje 9999" in stage.seen()


async def test_ten_thousand_notices_show_the_last_and_how_many() -> None:
    async with opened(scenes.IDLE, SMALL) as stage:
        told = tuple(Notice(number, "call_lost", Severity.WARNING) for number in range(12))
        for _ in range(10_000):
            stage.desk.put(replace(scenes.IDLE, notices=told))
        await stage.pilot.pause()
        assert stage.seen().count("Se perdió la llamada") == 4
        assert "8 más antes" in stage.seen()


def _folder(path: Path) -> None:
    path.mkdir()


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 40)


def _huge(path: Path) -> None:
    path.write_text("# nada\n" * 60_000)


def _loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [_folder, _binary, _huge, _loop], ids=["folder", "binary", "huge", "loop"])
@pytest.mark.parametrize("kind", ["theme", "keymap"])
async def test_a_file_that_is_no_theme_or_keymap_is_told_and_replaced(
    tmp_path: Path, kind: str, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "mine.toml"
    make(path)
    began = time.perf_counter()
    async with opened(scenes.IDLE, LARGE, **{kind: str(path)}) as stage:
        assert time.perf_counter() - began < 30.0
        assert "mine.toml" in stage.seen().replace("\n", " ")
        await stage.press("f9")
        assert "Mi estado" in stage.seen()
