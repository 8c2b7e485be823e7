"""What is announced reaches the terminal, also one that answers late, while other things happen: whole, and once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pyte
import pytest
from msgspec.structs import replace
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size

from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import Author
from catgem_tui.terminal.capabilities import Capabilities
from catgem_tui.terminal.display import ComposedApp
from catgem_tui.terminal.painting import Painter, Update
from catgem_tui.ui.reader.announcement_line import AnnouncementLine
from catgem_tui.ui.reader.announcements import KEPT, News
from catgem_tui.ui.reader.utterances import Utterances
from catgem_tui.ui.screen_reader import Telling
from tests.ui import scenes
from tests.ui.stage import SMALL, Stage, burst, opened

LATE = 0.15
"""Seconds after which the slow terminal answers."""
FORM = scenes.FORM
SAVED = replace(FORM, keeping=replace(FORM.keeping, drafts={"r1": replace(FORM.keeping.drafts["r1"], faults=())}))


class LateTerminal(HeadlessDriver):
    """Takes a frame once it has answered the one before, and keeps what stood in its lowest two rows in turn."""

    late = 0.0
    mute = False
    """Whether no answer comes for now."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.told: list[str] = []
        self._painter = Painter(Capabilities())
        self._screen = pyte.Screen(*SMALL)
        self._stream = pyte.Stream(self._screen)
        self._stream.feed("\x1b[?7l")
        self._waiting = False

    def show(self, update: Update, caret: tuple[int, int] | None) -> None:
        self._painter.take(update, self._app.size)
        self._paint()

    def show_aside(self, update: Update) -> None:
        self.show(update, None)

    def forget(self) -> None:
        self._painter.forget()

    def heed_size(self, known: Size) -> None:
        """It has the size that it is given."""

    def tell_keypad(self, told: bool) -> None:
        pass

    def _paint(self) -> None:
        if self._waiting:
            return
        if frame := self._painter.paint(None):
            self._stream.feed(frame)
            words = " ".join(" ".join(self._screen.display[-2:]).split())
            if words and self.told[-1:] != [words]:
                self.told.append(words)
            self._waiting = True
            asyncio.get_running_loop().call_later(self.late, self._answered)
        assert isinstance(self._app, ComposedApp)
        self._app.written()

    def _answered(self) -> None:
        if not self.mute:
            self._waiting = False
            self._paint()

    def answer(self) -> None:
        self.mute = False
        self._answered()


@pytest.fixture(params=[0.0, LATE], ids=["at once", "late"])
def by_ear(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[DeskState], Any]:
    monkeypatch.setattr("textual.drivers.headless_driver.HeadlessDriver", LateTerminal)
    monkeypatch.setattr(LateTerminal, "late", request.param)

    @asynccontextmanager
    async def begin(state: DeskState) -> AsyncIterator[tuple[Stage, list[str]]]:
        async with opened(state, SMALL, reader=True) as stage:
            driver = stage.app._driver
            assert isinstance(driver, LateTerminal)
            await stage.until(lambda: bool(driver.told))
            yield stage, driver.told

    return begin


async def hear(stage: Stage, told: list[str], *wanted: str) -> None:
    """Wait until these were told, one after the other and each once."""
    await stage.until(lambda: all(any(each in line for line in told) for each in wanted))
    everything = " ".join(told)
    assert [everything.count(each) for each in wanted] == [1] * len(wanted), told
    assert sorted(wanted, key=everything.index) == list(wanted), told
    lines = [line for line in told if not line.startswith("Control L …")]
    assert len(set(lines)) == len(lines), told


def written(number: int) -> Any:
    contact = scenes.IN_CHAT.focus
    return replace(scenes.message(100 + number, f"aviso {number} de quien escribe"), contact=contact,
                   author=Author.CITIZEN)  # fmt: skip


def with_messages(count: int) -> DeskState:
    state, contact = scenes.IN_CHAT, scenes.IN_CHAT.focus
    messages = (*state.messages[contact], *map(written, range(count)))
    return replace(state, messages={**state.messages, contact: messages})


async def test_a_form_that_was_not_saved_says_so_and_then_the_field_it_goes_to(by_ear: Callable[..., Any]) -> None:
    async with by_ear(SAVED) as (stage, told):
        await hear(stage, told, "Título:")
        stage.desk.put(FORM)
        await hear(
            stage, told, "No se guardó: hay que corregir 1 campo.", "Escriba un día que exista, como dd/mm/aaaa."
        )


async def test_whoever_moves_on_at_once_hears_first_that_it_was_not_saved(by_ear: Callable[..., Any]) -> None:
    async with by_ear(SAVED) as (stage, told):
        await hear(stage, told, "Título:")
        terminal = stage.app._driver
        assert isinstance(terminal, LateTerminal)
        terminal.mute = True
        await stage.write("x")  # whose frame is on its way
        stage.desk.put(FORM)
        line = stage.app.screen.query_one(AnnouncementLine)
        await stage.until(lambda: "No se guardó" in line.words)
        await stage.press("shift+tab")
        terminal.answer()
        await hear(stage, told, "No se guardó: hay que corregir 1 campo.", "Vigente desde:")


async def test_what_comes_while_one_types_and_moves_is_told(by_ear: Callable[..., Any]) -> None:
    async with by_ear(scenes.IN_CHAT) as (stage, told):
        for count in range(1, 4):
            stage.desk.put(with_messages(count))
            burst(stage, "ctrl+f", "r", "down", "down")
            await stage.pilot.pause()
        await hear(stage, told, "aviso 0 de", "aviso 1 de", "aviso 2 de")
        await stage.until(lambda: "; 3 de 4" in told[-1] or "; 4 de 4" in told[-1])


async def test_an_offer_goes_before_what_waits_and_takes_nothing_away(by_ear: Callable[..., Any]) -> None:
    async with by_ear(scenes.IN_CHAT) as (stage, told):
        state = with_messages(4)
        stage.desk.put(state)
        offered = scenes.OFFERED
        stage.desk.put(replace(state, contacts={**state.contacts, **offered.contacts}))
        await hear(stage, told, "Se ofrece: Llamada")
        assert stage.app.reader is not None
        for _press in range(3):
            stage.app.reader.again(stage.app.screen)
        await hear(stage, told, "Se ofrece: Llamada", *(f"aviso {number} de" for number in range(4)))


def line_of(told: Utterances, cells: int) -> str:
    return told.line(lambda words: len(words) <= cells, lambda words: len(words) <= cells)


def more(words: str, left: int) -> str:
    return f"{words} (+{left})" if left else words


def test_until_it_is_written_a_line_takes_what_comes_and_nothing_twice() -> None:
    told = Utterances(more)
    told.announce([News("", "No se guardó")])
    assert line_of(told, 40) == "No se guardó."
    told.tell(Telling.FIELD, "Respaldo")
    told.tell(Telling.FIELD, "Vigencia")
    assert line_of(told, 40) == "No se guardó. Vigencia"
    told.announce([News("offer", "Se ofrece", pressing=True)])
    assert line_of(told, 40) == "Se ofrece. No se guardó. Vigencia"
    told.written()
    assert not told.waiting


def test_what_comes_while_a_line_is_on_its_way_has_the_next() -> None:
    told = Utterances(more)
    told.announce([News("", "No se guardó")])
    told.tell(Telling.FIELD, "Respaldo")
    line_of(told, 40)
    told.announce([News("", "Mensaje")])
    told.tell(Telling.FIELD, "Vigencia")
    told.written()
    assert line_of(told, 40) == "Mensaje. Vigencia"


def test_news_that_take_the_place_of_those_on_their_way_have_the_next_line() -> None:
    told = Utterances(more)
    told.announce([News("copy", "Se busca a central")])
    line_of(told, 40)
    told.announce([News("copy", "Al corriente")])
    told.written()
    assert line_of(told, 40) == "Al corriente."
    told.written()
    assert not told.waiting


def test_more_news_than_are_kept_take_nothing_from_what_is_on_its_way() -> None:
    told = Utterances(more)
    told.announce([News("", "aviso 0")])
    line_of(told, 10)
    told.announce([News("", f"aviso {number}") for number in range(1, KEPT + 1)])
    told.written()
    assert line_of(told, 14) == f"aviso 1. (+{KEPT - 1})"


def test_what_does_not_fit_has_the_next_line() -> None:
    told = Utterances(more)
    told.announce([News("", "No se guardó")])
    told.tell(Telling.FIELD, "Respaldo")
    told.tell(Telling.ROW, "Uno; 1 de 9")
    assert line_of(told, 20) == "No se guardó."
    told.tell(Telling.ROW, "Dos; 2 de 9")
    told.written()
    assert told.waiting
    assert line_of(told, 20) == "Respaldo"
    told.written()
    assert line_of(told, 20) == "Dos; 2 de 9"
    told.written()
    assert not told.waiting


def test_each_press_that_says_again_has_its_own_line() -> None:
    told = Utterances(more)
    told.announce([News("", word) for word in ("primero", "segundo", "tercero")])
    lines = [line_of(told, 12)]
    told.more()
    told.more()
    while told.waiting:
        told.written()
        lines += [line_of(told, 12)] if told.waiting else []
    assert lines == ["primero. (+2)", "segundo. (+1)", "tercero."]


def test_the_rest_of_long_words_is_kept_only_if_they_were_told() -> None:
    told = Utterances(more)
    told.tell(Telling.ROW, "uno dos tres cuatro cinco")
    assert line_of(told, 12) == "uno dos … (+1)"
    told.tell(Telling.ROW, "seis")
    assert line_of(told, 12) == "seis"
    told.written()
    assert told.announcements.left == 0
