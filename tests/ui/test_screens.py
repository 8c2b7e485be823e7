"""How the screens look, fold and keep still."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from catgem_tui.config import assets
from catgem_tui.desk.state import DeskState
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.due import next_change
from catgem_tui.ui.lines import plain, safe, wrap
from catgem_tui.ui.panes.strips import KeyHints
from catgem_tui.ui.screens.small import TooSmallScreen
from catgem_tui.ui.widgets.lines import Lines, Sliced
from tests.ui import guarding_scenes, scenes
from tests.ui.stage import LARGE, MIDDLE, SMALL, Stage, opened


@pytest.mark.parametrize(
    ("size", "seen", "hidden"),
    [
        (LARGE, ("#left", "#middle", "#right"), ("#tabs", ".band-above")),
        ((120, 40), ("#left", "#middle", "#right"), ("#tabs", ".band-above")),
        ((119, 40), ("#left", "#middle", "#tabs", ".band-above"), ("#right", ".band-inside")),
        ((90, 24), ("#left", "#middle", "#tabs", ".band-above"), ("#right", ".band-inside")),
        ((89, 24), ("#middle", "#tabs", ".band-above"), ("#left", "#right", ".band-inside")),
        ((60, 18), ("#middle", "#composer", "#tabs", ".band-above"), ("#left", "#right", ".band-inside")),
    ],
)
async def test_folding(size: tuple[int, int], seen: tuple[str, ...], hidden: tuple[str, ...]) -> None:
    async with opened(scenes.OFFERED, size) as stage:
        for selector in seen:
            assert stage.screen.query_one(selector).region.area > 0, selector
        for selector in hidden:
            assert stage.screen.query_one(selector).region.area == 0, selector


async def test_every_part_has_a_tab_at_80_by_24() -> None:
    async with opened(scenes.BUSY) as stage:
        for key, words in (
            ("2", "Oficialía 01"),
            ("3", "480-0113"),
            ("4", "Marisol Rentería"),
            ("5", "Migrantes"),
            ("1", "Saludo institucional"),
        ):
            await stage.press(key if stage.screen.focused is not stage.screen.directory.field else f"escape,{key}")
            if stage.screen.focused is stage.screen.directory.field and key != "2":
                await stage.press("escape", key)
            assert words in stage.seen()


async def test_a_small_terminal_says_so_and_loses_nothing() -> None:
    async with opened(scenes.IN_CHAT, SMALL) as stage:
        await stage.write("!")
        await stage.pilot.resize_terminal(50, 10)
        await stage.until(lambda: isinstance(stage.app.screen, TooSmallScreen) and stage.app.screen.size.width == 50)
        assert "Terminal muy pequeña: se necesitan 60 × 18." in stage.seen().replace("\n", " ")
        await stage.press("f8", "x")
        await stage.pilot.resize_terminal(*LARGE)
        await stage.until(lambda: not isinstance(stage.app.screen, TooSmallScreen))
        assert stage.screen.middle.composer.text.endswith("!")
        assert len(stage.take_done()) == 1


async def test_folding_while_writing_keeps_text_and_focus() -> None:
    async with opened(scenes.IN_CHAT, LARGE) as stage:
        await stage.write("!")
        for size in (SMALL, MIDDLE, LARGE):
            await stage.pilot.resize_terminal(*size)
            await stage.pilot.pause()
            await stage.write("!")
        assert stage.screen.middle.composer.text.endswith("!!!!")


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
async def test_a_chat_shows_its_newest_line_unless_one_reads_above(size: tuple[int, int]) -> None:
    lines = tuple(scenes.message(number, f"línea {number}.") for number in range(60))
    async with opened(replace(scenes.OFFERED, messages={"c-chat": lines}), size) as stage:
        await stage.until(lambda: "línea 59." in stage.seen())
        more = (*lines, scenes.message(60, "línea 60."))
        await stage.put(replace(scenes.IN_CHAT, messages={"c-chat": more}))
        await stage.until(lambda: "línea 60." in stage.seen())
        stage.screen.middle.conversation.focus()
        await stage.press("home")
        await stage.until(lambda: "línea 0." in stage.seen())
        await stage.put(replace(scenes.IN_CHAT, messages={"c-chat": (*more, scenes.message(61, "línea 61."))}))
        assert "línea 0." in stage.seen()
        await stage.press("end")
        await stage.until(lambda: "línea 61." in stage.seen())


async def test_only_what_changed_is_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        painted: list[str] = []
        refresh = Lines.refresh

        def recorded(self: Lines, *regions: Any, **options: Any) -> Lines:
            painted.append(self.id or type(self).__name__)
            return refresh(self, *regions, **options)

        monkeypatch.setattr(Lines, "refresh", recorded)
        stage.app.draw()
        await stage.put(replace(scenes.BUSY))
        assert painted == []
        await stage.put(replace(scenes.BUSY, phone=replace(scenes.IN_CALL, microphone=0.9)))
        assert painted == ["phone"]


async def test_a_new_second_repaints_only_clocks() -> None:
    now = [scenes.NOW]
    desk = scenes.RecordingDesk(scenes.BUSY)
    app = WorkstationApp(desk, clock=lambda: now[0])
    async with app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        own = {"my-contacts", "contact-head", "phone"}
        for seconds, panes in ((1, own), (4, {*own, "header", "queue"})):  # others' clocks go by five seconds
            before = {pane: pane.drawn for pane in app.desk_screen.query(Lines)}
            now[0] += seconds
            app.draw()
            changed = [
                (pane.id, plain(new))
                for pane in app.desk_screen.query(Lines)
                for old, new in zip(before[pane], pane.drawn, strict=True)
                if old != new
            ]
            assert all(":" in words for _pane, words in changed)
            assert {pane for pane, _words in changed} == panes


@pytest.mark.parametrize("meters", [True, False])
async def test_on_a_thin_line_no_level_is_shown(meters: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WorkstationApp, "meters", meters)
    async with opened(scenes.BUSY, LARGE) as stage:
        assert any(block in stage.seen() for block in "▁▂▃▄▅▆▇") is meters


@pytest.mark.parametrize(
    "state", [scenes.IDLE, scenes.BUSY, scenes.IN_MAIL, scenes.OFFERED, scenes.WRAP_UP, scenes.FLOOR, scenes.KEEPING]
)
async def test_nothing_shown_changes_before_it_is_drawn_again(state: DeskState) -> None:
    async with opened(state, LARGE) as stage:
        place, panes = stage.app.place, list(stage.app.place_screen().query(Sliced))
        for now in (scenes.NOW + 0.01, scenes.NOW + 0.25, scenes.NOW + 31.5, scenes.NOW + 3590.5):
            due = next_change(state, place, now)
            drawn = [pane.take(state, now) for pane in panes]
            for later in (now + (due - now) / 3, due - 0.01):
                assert [pane.take(state, later) for pane in panes] == drawn


async def test_time_draws_when_it_changes_something_and_not_before() -> None:
    now = [scenes.NOW + 0.9]
    desk = scenes.RecordingDesk(scenes.BUSY)
    app = WorkstationApp(desk, clock=lambda: now[0])
    async with app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        stage = Stage(app, desk, pilot)
        assert "3:12" in stage.seen()
        assert app.due is not None
        now[0] = app.due_at
        await stage.until(lambda: "3:13" in stage.seen())
        await stage.put(scenes.IDLE)
        assert app.due_at == (now[0] // 60 + 1) * 60


def test_what_a_citizen_writes_cannot_drive_the_terminal() -> None:
    assert safe("a\x1b[31mb\x07\u202ec\x9b") == "a [31mb  c "
    assert wrap("uno dos tres", 7) == ("uno dos", "tres")
    assert wrap("a" * 10, 4) == ("aaaa", "aaaa", "aa")
    assert all(len(part) <= 8 for part in wrap("palabra larguísima y corta", 8))


async def test_hostile_text_is_shown_as_text() -> None:
    hostile = scenes.message(9, "[red]hola[/red] \x1b]0;x\x07 %s {} \u202eodnum")
    state = replace(scenes.IN_CHAT, messages={"c-chat": (hostile,)})
    async with opened(state) as stage:
        assert "[red]hola[/red]" in stage.seen()
        assert "\x1b]" not in stage.seen()


async def test_a_faulty_theme_and_keymap_are_told_and_replaced(tmp_path: Path) -> None:
    theme, keymap = tmp_path / "mine.toml", tmp_path / "keys.toml"
    theme.write_text(assets.themes()["dark"].read_text(encoding="utf-8").replace("#11161b", "pink"))
    keymap.write_text("[keys]\nfly = ['f2']\n")
    async with opened(scenes.IDLE, theme=str(theme), keymap=str(keymap)) as stage:
        assert "mine.toml:6 «background»" in stage.seen().replace("\n", " ")
        assert "keys.toml:2 «fly»: no existe esa acción" in stage.seen().replace("\n", " ")
        await stage.press("f9")
        assert "Mi estado" in stage.seen()


def test_the_screen_loads_without_the_heavy_libraries() -> None:
    code = (
        "import sys, catgem_tui.ui.app\n"
        "heavy = {'httpx', 'keyring', 'numpy', 'cryptography', 'websockets', 'pjsua2', 'miniaudio'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("state", "focus"),
    [(scenes.BUSY, ""), (scenes.OFFERED, ""), (scenes.OFFERED, "ctrl+f"), (scenes.FLOOR, ""), (scenes.KEEPING, "")],
    ids=["call", "offer", "search", "floor", "keeping"],
)
@pytest.mark.parametrize("size", [(60, 18), SMALL, MIDDLE, LARGE])
async def test_the_keys_that_lead_to_all_others_are_on_every_line_of_hints(
    state: DeskState, focus: str, size: tuple[int, int]
) -> None:
    async with opened(state, size) as stage:
        await stage.press(*([focus] if focus else []))
        hints = plain(stage.app.place_screen().query_one(KeyHints).drawn[0])
        assert "^P" in hints
        assert "F1" in hints
        assert len(hints) <= size[0] - 2


async def test_the_hints_of_a_call_go_by_what_matters_most_on_a_narrow_desk() -> None:
    async with opened(scenes.BUSY, SMALL) as stage:
        hints = stage.screen.hints
        assert plain(hints.drawn[0]) == "F3 espera   F4 transferir   F5 silencio   F8 terminar   ^P acciones   F1 ayuda"
        await stage.put(guarding_scenes.AT_SENSITIVE)  # unless sensitive data is said next
        assert "F6 pausar grabación" in plain(hints.drawn[0])


@pytest.mark.parametrize(
    ("address", "pieces"),
    [("registro-civil@almoloya-de-juarez.example", ("registro-civil@almoloya-de-juarez.", "example")),
     ("constancias.y.certificaciones@edomex.example", ("constancias.y.certificaciones", "@edomex.example")),
     ("https://sfpya.edomexico.example/pagos/tenencia", ("https://sfpya.edomexico.example/", "pagos/tenencia")),
     ("a" * 40, ("a" * 36, "a" * 4)), ("." + "a" * 39, ("." + "a" * 35, "a" * 4))],
    ids=["host", "at", "path", "word", "early"],
)  # fmt: skip
def test_an_address_is_cut_where_it_has_its_parts(address: str, pieces: tuple[str, ...]) -> None:
    assert wrap(address, 36) == pieces
