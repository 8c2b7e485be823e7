"""A terminal that changes its size while something is being decided, again and again."""

import pytest
from msgspec.structs import replace
from textual.containers import Vertical
from textual.geometry import Region

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.screens.small import TooSmallScreen
from tests.ui import guarding_scenes, scenes, telephone_scenes
from tests.ui.stage import SMALL, Stage, opened

SIZES = ((60, 18), (200, 60), (79, 23), (119, 31), (90, 24))
DIALOGS: dict[str, tuple[DeskState, tuple[str, ...]]] = {
    "disposition": (scenes.WRAP_UP, ("f8",)),
    "whom": (telephone_scenes.SERVING, ("f4",)),
    "palette": (scenes.BUSY, ("ctrl+p",)),
    "keypad": (telephone_scenes.TWO_CALLS, ("ctrl+g",)),
    "sound": (scenes.SOUND, ("alt+y",)),
    "card": (scenes.CARD, ("ctrl+f", "enter")),
    "warning": (guarding_scenes.ABUSED, ("alt+o",)),
}


async def resize(stage: Stage, size: tuple[int, int]) -> None:
    await stage.pilot.resize_terminal(*size)
    await stage.until(lambda: stage.app.screen.size == size)
    await stage.pilot.pause()


@pytest.mark.parametrize("dialog", DIALOGS)
async def test_a_dialog_stays_whole_and_inside(dialog: str) -> None:
    state, keys = DIALOGS[dialog]
    async with opened(state, SMALL) as stage:
        await stage.press(*keys)
        screen = stage.app.screen
        for size in SIZES:
            await resize(stage, size)
            assert stage.app.screen is screen
            frame = screen.query(Vertical).first().region
            assert frame.area
            assert Region(0, 0, *size).contains_region(frame)
            assert frame.x > 0, "nothing touches the edge"
            assert frame.right < size[0]
            assert "Esc" in stage.seen(), "how one goes back is always in sight"


async def test_what_was_typed_into_a_dialog_outlives_a_terminal_that_is_too_small_for_it() -> None:
    async with opened(telephone_scenes.SERVING, SMALL) as stage:
        await stage.press("f4", *"luis")
        screen = stage.app.screen
        for _time in range(3):
            await stage.pilot.resize_terminal(50, 10)
            await stage.until(lambda: isinstance(stage.app.screen, TooSmallScreen))
            await stage.press("x", "escape", "enter")
            await stage.pilot.resize_terminal(*SMALL)
            await stage.until(lambda: stage.app.screen is screen)
        assert stage.take_done() == []
        await stage.press("enter")
        assert "Luis Hernández" in stage.seen()
        assert "¿Cómo se pasa la llamada?" in stage.seen()


async def test_the_row_chosen_stays_in_sight_when_there_is_less_room_for_its_list() -> None:
    hits = tuple(replace(scenes.RECORDS[0], id=f"h{number}", title=f"Oficialía {number:02}") for number in range(40))
    found = replace(scenes.KEEPING.directory, hits=hits, marks=(), reasons=(), query="of", answered="of")
    async with opened(replace(scenes.KEEPING, directory=found), (80, 45)) as stage:
        await stage.press(*["down"] * 14)
        rows = stage.app.keeping_screen.directory.hits
        assert rows.cursor == "h14" and rows.scroll_offset.y == 0, "all of it can be seen"
        await resize(stage, SMALL)
        await stage.until(lambda: 0 <= rows.top_of_cursor - rows.scroll_offset.y < rows.size.height)
