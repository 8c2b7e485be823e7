"""Letters of several characters in fields: one step of the caret, gone as a whole, and shown whole at the edges."""

import pytest
from textual.app import ComposeResult
from textual.widget import Widget

from catgem_tui.terminal.display import ComposedApp
from catgem_tui.ui.pasted import clean
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.long_text import LongText

FAMILY = "👩\u200d👩\u200d👧"
MAZAHUA = "e\u0331"
"""There is no composed form of it."""


class Fields(ComposedApp[None]):
    CSS = """
    Field { height: 1; width: 6; border: none; padding: 0; }
    LongText { height: 3; width: 20; border: none; padding: 0; }
    """

    def compose(self) -> ComposeResult:
        yield Field(f"k{MAZAHUA}n{FAMILY}x{MAZAHUA}{MAZAHUA}")
        yield LongText(f"k{MAZAHUA}n{FAMILY}x")

    def shown(self, widget: Widget) -> str:
        return self.screen._compositor.render_strips()[widget.region.y].crop(widget.region.x, widget.region.right).text


async def test_the_caret_stops_between_letters_only() -> None:
    app = Fields()
    async with app.run_test(size=(30, 8)) as pilot:
        field, text = app.query_one(Field), app.query_one(LongText)
        for widget, place in ((field, lambda: field.cursor_position), (text, lambda: text.cursor_location[1])):
            widget.focus()
            await pilot.press("home")
            there = [place()]
            for _step in range(5):
                await pilot.press("right")
                there.append(place())
            assert there == [0, 1, 3, 4, 9, 10]
            back = [place()]
            for _step in range(5):
                await pilot.press("left")
                back.append(place())
            assert back == there[::-1]
            await pilot.press("ctrl+right")
            assert place() in there


async def test_a_letter_goes_as_a_whole() -> None:
    app = Fields()
    async with app.run_test(size=(30, 8)) as pilot:
        field, text = app.query_one(Field), app.query_one(LongText)
        field.focus()
        await pilot.press("end", "backspace", "home", "right", "delete", "right", "delete")
        assert field.value == f"knx{MAZAHUA}"
        text.focus()
        await pilot.press("home", "right", "delete", "end", "left", "backspace")
        assert text.text == "knx"


async def test_a_field_that_is_scrolled_shows_whole_letters_at_both_ends() -> None:
    app = Fields()
    async with app.run_test(size=(30, 8)) as pilot:
        field = app.query_one(Field)
        field.value = f"a{MAZAHUA}" * 10
        field.focus()
        await pilot.press("home")
        await pilot.pause()
        assert app.shown(field) == f"a{MAZAHUA}" * 3
        for _step in range(6):
            await pilot.press("right")
        await pilot.pause()
        assert app.shown(field) == f"{MAZAHUA}a" * 3


@pytest.mark.parametrize(("pasted", "words"), [("nin\u0303o", "niño"), (f"jy{MAZAHUA}zo", f"jy{MAZAHUA}zo")])
def test_what_is_pasted_has_its_accents_composed(pasted: str, words: str) -> None:
    assert clean(pasted) == words
