"""Where the terminal's cursor stands: at the caret of the field that has the focus, and nowhere else."""

import pytest
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Static, TextArea

from catgem_tui.terminal.display import ComposedApp
from catgem_tui.ui.app import WorkstationApp
from tests.ui import scenes


class Desk(WorkstationApp):
    pass


class Fields(ComposedApp[None]):
    CSS = "Input { height: 1; border: none; padding: 0; } TextArea { height: 3; border: none; padding: 0; }"

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Input("año 漢x")
            yield TextArea("uno\ndos")
            yield Static("\n" * 30)


async def test_it_goes_with_the_caret_over_wide_characters_too() -> None:
    app = Fields()
    async with app.run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        app.query_one(Input).focus()
        await pilot.press("home")
        assert app.find_caret() == (0, 0)
        await pilot.press("end")
        assert app.find_caret() == (0, 7)
        await pilot.press("left", "left")
        assert app.find_caret() == (0, 4)


async def test_it_is_nowhere_when_its_field_is_scrolled_out_of_sight_or_none_has_the_focus() -> None:
    app = Fields()
    async with app.run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        app.query_one(TextArea).focus()
        await pilot.press("down", "end")
        assert app.find_caret() == (2, 3)
        app.query_one(VerticalScroll).scroll_to(y=4, animate=False)
        await pilot.pause()
        assert app.find_caret() is None
        app.query_one(VerticalScroll).scroll_to(y=0, animate=False)
        app.set_focus(None)
        await pilot.pause()
        assert app.find_caret() is None


@pytest.mark.parametrize("key", ["ctrl+f", ""])
async def test_on_the_desk_it_stands_where_one_writes(key: str) -> None:
    app = Desk(scenes.RecordingDesk(scenes.IN_CHAT), clock=lambda: scenes.NOW, caret=False)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        if key:
            await pilot.press(key)
        else:
            app.desk_screen.query_one("#composer").focus()
        await pilot.press("z", "q")
        await pilot.pause()
        caret = app.find_caret()
        assert caret is not None
        row = app.screen._compositor.render_strips()[caret[0]]
        assert row.crop(0, caret[1]).text.endswith("zq")
