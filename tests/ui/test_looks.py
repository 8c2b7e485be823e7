"""How every screen looks: narrow and dark, wide and light; and one in every theme and at the widths where it folds.

The README and the manual show them.
"""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from rich.cells import cell_len

from catgem_tui.config import assets
from catgem_tui.ui.glyphs import WORDS, plain
from tests.ui import scenes
from tests.ui.gallery import SCENES
from tests.ui.stage import LARGE, MIDDLE, SMALL, opened, workstation

LOOKS = {"80x24-dark": (SMALL, "dark"), "160x45-light": (LARGE, "light")}
SHOTS = Path(__file__).parent / "__snapshots__" / "test_looks"
MANUAL = assets.find_folder("manual")
CITIZENS = frozenset("🚗")
"""What only a citizen writes."""


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("scene", SCENES)
def test_looks(snap_compare: Callable[..., Any], scene: str, look: str) -> None:
    state, keys = SCENES[scene]
    size, theme = LOOKS[look]
    app, _desk = workstation(state, theme=theme)
    assert snap_compare(app, terminal_size=size, press=keys)


@pytest.mark.parametrize("theme", ["contrast", "guinda", "light", "mono", "sixteen"])
def test_looks_in_every_theme(snap_compare: Callable[..., Any], theme: str) -> None:
    app, _desk = workstation(scenes.OFFERED, theme=theme)
    assert snap_compare(app, terminal_size=SMALL)


@pytest.mark.parametrize(
    ("scene", "size"),
    [("call", LARGE), ("chat-offer", (60, 18)), ("chat-offer", MIDDLE), ("call", (120, 36)), ("call", (50, 10))],
    ids=lambda each: each if isinstance(each, str) else "x".join(map(str, each)),
)
def test_looks_folded(snap_compare: Callable[..., Any], scene: str, size: tuple[int, int]) -> None:
    app, _desk = workstation(SCENES[scene][0])
    assert snap_compare(app, terminal_size=size)


def words_of(picture: Path) -> str:
    """Every character that the picture of a screen shows."""
    return html.unescape("".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture.read_text(encoding="utf-8"))))


def test_every_sign_on_a_screen_has_a_stand_in_and_every_letter_stays() -> None:
    shown = set("".join(words_of(picture) for picture in sorted(SHOTS.glob("*.svg")))) - CITIZENS
    latin = {each for each in shown if not plain(each, latin=True).isascii()}
    assert shown >= {"●", "◆", "│", "╭", "á", "ñ"}
    assert not {each for each in latin if not each.isalpha() and each not in WORDS}
    assert {each for each in shown if each.isalpha()} <= latin | {each for each in shown if each.isascii()}
    assert all(plain(each, latin=False).isascii() for each in shown)
    unknown = {each for each in shown if plain(each, latin=False) == "?" and each not in "?¿"}
    assert not unknown, "these have no stand-in of their own"


async def test_a_password_in_ascii_is_hidden_by_asterisks() -> None:
    async with opened(scenes.LOGGED_OUT, SMALL, characters="ascii", user="ana") as stage:
        await stage.press(*"clave")
        assert "*****" in stage.seen()
        assert stage.seen().isascii()


async def test_what_is_cut_off_in_ascii_ends_in_no_full_stop() -> None:
    state, keys = SCENES["palette"]
    async with opened(state, SMALL, characters="ascii") as stage:
        await stage.press(*keys)
        assert "Marcar una emergencia y pasar la llamada d~" in stage.seen()


@pytest.mark.parametrize("scene", ["call", "chat-offer", "whom", "floor", "sound", "merge"])
async def test_a_screen_in_ascii_has_no_sign_beyond_it(scene: str) -> None:
    state, keys = SCENES[scene]
    async with opened(state, SMALL, characters="latin") as stage:
        await stage.press(*keys)
        drawn = {each for each in stage.seen() if not each.isascii()}
        assert drawn
        assert not {each for each in drawn if not each.isalpha() and each not in WORDS}


async def test_a_terminal_without_accents_is_given_none_and_nothing_moves() -> None:
    async with opened(scenes.OFFERED, SMALL) as stage, opened(scenes.OFFERED, SMALL, characters="ascii") as other:
        drawn = [[strip.text for strip in each.app.screen._compositor.render_strips()] for each in (stage, other)]
        assert all(line.isascii() for line in drawn[1])
        assert [cell_len(line) for line in drawn[0]] == [cell_len(line) for line in drawn[1]]
        assert any("Aun no" in line or "Orientar" in line or "cuanto" in line or "mas" in line for line in drawn[1])


def pictures_in(*texts: Path) -> set[Path]:
    return {
        (text.parent / unquote(link)).resolve()
        for text in texts
        for link in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("language", ["es_MX", "en"])
def test_the_readme_and_the_manual_show_the_same_screens_in_both_looks(language: str) -> None:
    readme = pictures_in(MANUAL.parents[1] / "README.md")
    manual = pictures_in(*(MANUAL / language).glob("*.md"))
    assert readme | manual <= set(SHOTS.glob("*.svg"))
    assert readme <= manual
    for look, other in LOOKS, reversed(LOOKS):
        shown = {picture.name.removesuffix(f"-{look}].svg") for picture in manual if picture.stem.endswith(f"-{look}]")}
        assert all(SHOTS / f"{scene}-{other}].svg" in manual for scene in shown)
