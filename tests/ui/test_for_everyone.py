"""Nothing blinks, nothing moves that need not, nothing is told by colour alone; figures as they are read here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

import catgem_tui
from catgem_tui.config import assets, i18n
from catgem_tui.protocol.enums import AdvisorState
from catgem_tui.ui import contacts, figures, presence, wording
from tests.ui import gallery, scenes
from tests.ui.stage import LARGE, SMALL, opened


@pytest.mark.parametrize("number", ["7225550134", "+527225550134"])
def test_telephones_are_grouped_by_their_area(number: str) -> None:
    assert figures.telephone(number) == "722 555 0134"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("5556581111", "55 5658 1111"),
        ("5612345678", "56 1234 5678"),
        ("3312345678", "33 1234 5678"),
        ("8112345678", "81 1234 5678"),
        ("070", "070"),
        ("911", "911"),
        ("+15551234567", "+15551234567"),
        ("８１１２３４５６７８", "８１１２３４５６７８"),
        ("sip:ana@centre.example", "sip:ana@centre.example"),
    ],
)
def test_areas_of_two_digits_and_what_is_no_number_of_the_country(number: str, told: str) -> None:
    assert figures.telephone(number) == told


@pytest.mark.parametrize(
    ("language", "date", "share"), [("es_MX", "12 may 2026", "97.5 %"), ("en", "12 May 2026", "97.5%")]
)
def test_dates_and_shares_by_language(language: str, date: str, share: str) -> None:
    figures.day.cache_clear()
    i18n.use(language)
    try:
        assert figures.date(scenes.NOW) == date
        assert figures.percent(0.975, 1) == share
        assert figures.count(120_000) == "120,000"
    finally:
        i18n.use("es_MX")
        figures.day.cache_clear()


@pytest.mark.parametrize(
    ("code", "name", "one", "many"),
    [
        ("record_shortened", "count", "se omitió 1 carácter", "se omitieron 2 caracteres"),
        ("several_expiring", "more", "1 más", "2 más"),
    ],
)
def test_a_notice_with_a_number_has_the_form_of_the_number(code: str, name: str, one: str, many: str) -> None:
    from catgem_tui.desk.state import Notice, Severity

    for number, told in ((1, one), (2, many)):
        assert told in wording.notice(Notice(1, code, Severity.WARNING, {name: number, "title": "A", "date": "1"}))


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("keys", [(), ("ctrl+f",), ("f9",), ("ctrl+p",), ("alt+l",)])
async def test_no_caret_blinks(keys: tuple[str, ...], size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        await stage.press(*keys)
        fields = [*stage.app.screen.query(Input), *stage.app.screen.query(TextArea)]
        assert fields
        assert not [field for field in fields if field.cursor_blink]


def _classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for path in (Path(catgem_tui.__file__).parent / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                yield path.name, node


def _calls(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            yield ast.unparse(call.func), call


STILL = re.compile(r"cursor_blink = (False|Reactive\(False\b)")


def test_whoever_makes_a_field_keeps_its_caret_from_blinking() -> None:
    fields = {"Input", "TextArea"}
    makers = {
        f"{file}:{made.name}": ast.unparse(made)
        for file, made in _classes()
        if fields & {ast.unparse(base) for base in made.bases} or fields & {name for name, _call in _calls(made)}
    }
    assert {name.rpartition(":")[2] for name in makers} == {"Field", "LongText"}, "all others are made of these"
    assert [name for name, source in makers.items() if not STILL.search(source)] == []


def test_no_theme_and_no_style_of_ours_blinks() -> None:
    written = [*assets.themes().values(), *(Path(catgem_tui.__file__).parent / "ui").rglob("*.py")]
    found = [path.name for path in written if re.search(r"(?<!cursor_)blink(?!s)", path.read_text())]
    assert found == []


@pytest.mark.parametrize("scene", ["call", "chat-offer", "emergency", "offline", "themes", "form"])
async def test_nothing_that_is_painted_blinks(scene: str) -> None:
    state, keys = gallery.SCENES[scene]
    async with opened(state, LARGE) as stage:
        await stage.press(*keys)
        styles = [segment.style for strip in stage.app.screen._compositor.render_strips() for segment in strip]
        assert styles
        assert not [style for style in styles if style is not None and (style.blink or style.blink2)]


def test_nothing_of_ours_slides() -> None:
    """With ``motion = "full"`` only Textual's own fields scroll smoothly; in reduced motion nothing does."""
    sliding = {
        f"{file}:{made.name}: {name}"
        for file, made in _classes()
        for name, call in _calls(made)
        if name.rsplit(".", 1)[-1] in {"scroll_to", "scroll_relative", "scroll_home", "scroll_end", "scroll_visible",
                                       "scroll_to_widget", "animate"}
        and "animate=False" not in ast.unparse(call)
    }  # fmt: skip
    assert sliding == set()


async def test_in_reduced_motion_what_would_slide_jumps() -> None:
    for motion, jumps in ((False, True), (True, False)):
        async with opened(scenes.IN_CHAT, SMALL, motion=motion) as stage:
            notes = stage.screen.middle.notes
            notes.load_text("\n".join(map(str, range(99))))
            await stage.pilot.pause()
            notes.scroll_to(y=60, animate=True, duration=30)
            await stage.pilot.pause()
            assert (notes.scroll_offset.y == 60) is jumps


@pytest.mark.parametrize(("options", "level"), [({"motion": False}, "none"), ({"reader": True}, "none"), ({}, "full")])
async def test_reduced_motion_lets_nothing_slide(options: dict[str, bool], level: str) -> None:
    async with opened(scenes.BUSY, SMALL, **options) as stage:
        assert stage.app.animation_level == level


def test_every_state_that_has_a_colour_has_a_sign_or_a_word() -> None:
    assert set(presence.SIGNS) == set(AdvisorState) == set(wording.ADVISOR_STATES)
    slots = {
        contacts.urgency(each, scenes.SETTINGS, scenes.NOW + late)
        for each in scenes.BUSY.mine
        for late in (0, 30, 9_999)
    }
    assert slots - {"text"} == set(contacts.SIGNS)
