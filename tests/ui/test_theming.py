"""A theme is chosen while everything stays open, remembered, and never in the way when its file is wrong."""

import re
from pathlib import Path

import pytest

from catgem_tui.config import assets
from catgem_tui.config.theme import load_theme
from catgem_tui.ui.widgets.lines import Lines
from tests.ui import scenes
from tests.ui.stage import LARGE, Stage, opened, workstation

WINE = 'extends = "light"\nname = "Vino"\n[surfaces]\nbackground = "#fdf6f0"\n'


async def choose(stage: Stage) -> None:
    stage.app.perform("theme.choose")
    await stage.pilot.pause()


def background(stage: Stage) -> str:
    """The colour behind the desk, as it is on the screen."""
    return stage.app.desk_screen.styles.background.hex.lower()


def colours(stage: Stage) -> set[str]:
    """Every colour on the screen, by its code."""
    return set(re.findall(r"#[0-9a-f]{6}", stage.app.export_screenshot().lower()))


async def test_each_theme_is_shown_on_the_way_and_one_is_kept(tmp_path: Path) -> None:
    kept: list[str] = []
    async with opened(scenes.BUSY, LARGE, keep_theme=kept.append) as stage:
        before = colours(stage)
        await stage.press("ctrl+p", *"tema", "enter")
        assert "Tema" in stage.seen()
        await stage.press("down", "down")
        await stage.until(lambda: stage.app.shown_theme == "light")
        await stage.pilot.pause()
        assert background(stage) == load_theme(assets.themes()["light"]).surfaces["background"]
        await stage.press("escape")
        assert colours(stage) == before
        assert kept == []
        await choose(stage)
        await stage.press(*"ligh", "enter")
        assert (stage.app.shown_theme, kept) == ("light", ["light"])
        light = load_theme(assets.themes()["light"])
        assert light.surfaces["background"] in colours(stage)
        dark = load_theme(assets.themes()["dark"])
        assert not {*dark.surfaces.values(), *(each.colour for each in dark.slots.values())} & colours(stage)


async def test_what_is_covered_and_what_is_elsewhere_changes_with_it() -> None:
    async with opened(scenes.FLOOR, LARGE) as stage:
        await stage.press("ctrl+o")
        await choose(stage)
        await stage.press(*"ligh", "enter")
        light = load_theme(assets.themes()["light"])
        for screen in (stage.app.floor_screen, stage.app.desk_screen):
            assert screen.styles.background.hex.lower() == light.surfaces["background"]
        await stage.press("ctrl+o")
        dark = load_theme(assets.themes()["dark"])
        assert not {*dark.surfaces.values(), *(each.colour for each in dark.slots.values())} & colours(stage)


async def test_ones_own_themes_stand_in_the_list_and_wrong_ones_say_why(tmp_path: Path) -> None:
    (tmp_path / "vino.toml").write_text(WINE, encoding="utf-8")
    (tmp_path / "roto.toml").write_text('extends = "dark"\n[slots]\ntext = "pink"\n', encoding="utf-8")
    (tmp_path / "vacio.toml").mkdir()
    async with opened(scenes.BUSY, LARGE, own_themes=tmp_path) as stage:
        await choose(stage)
        assert "vino: Vino" in stage.seen()
        seen = " ".join(stage.seen().split())
        assert "roto.toml:3 «text»" in seen
        assert "vacio.toml" in seen
        await stage.press(*"vino", "enter")
        assert stage.app.shown_theme == "vino"
        assert background(stage) == "#fdf6f0"


async def test_a_theme_that_cannot_be_remembered_is_used_all_the_same_and_that_is_said() -> None:
    def full(_name: str) -> None:
        raise OSError(28, "No space left on device")

    async with opened(scenes.BUSY, LARGE, keep_theme=full) as stage:
        await choose(stage)
        await stage.press(*"ligh", "enter")
        stage.app.draw()
        await stage.pilot.pause()
        assert stage.app.shown_theme == "light"
        assert "el disco está lleno" in stage.seen()


async def test_logging_out_in_the_middle_of_choosing_goes_back_to_the_kept_theme() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        await choose(stage)
        await stage.press("down")
        await stage.until(lambda: stage.app.shown_theme != "dark")
        await stage.put(scenes.LOGGED_OUT)
        assert stage.app.shown_theme == "dark"


async def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(scenes.OFFERED, theme="light") as stage:
        strips = stage.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
        assert not [style for style in styles for each in (style.color, style.bgcolor) if each and not each.is_default]
        assert any(style.reverse for style in styles)
        await choose(stage)
        assert "mono" in stage.seen()
        assert "light" not in stage.seen()


@pytest.mark.parametrize("wanted", ["nowhere", "~nobody/at-home.toml", "a\0b", "."])
def test_a_theme_that_is_not_there_is_told_and_the_default_taken(wanted: str) -> None:
    app, _desk = workstation(scenes.IDLE, theme=wanted)
    assert app.shown_theme == "dark"
    assert len(app.faults) == 1


async def test_lines_hold_no_style_of_an_earlier_theme() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        head = stage.app.desk_screen.query_one("#contact-head", Lines)
        before = head.render_line(0)
        stage.app.show_theme("light")
        await stage.pilot.pause()
        assert head.render_line(0) != before
