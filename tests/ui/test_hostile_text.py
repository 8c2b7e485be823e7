"""Whatever citizens, records or colleagues are called: nothing of it drives the terminal or the screen's markup."""

from enum import Enum
from typing import Any

import msgspec
import pytest

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.lines import safe
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, opened

POISON = "\x1b]0;mine\x07\x9b31m[red]\u202e"
"""A terminal's title, a colour by C1, Rich's markup, and a turn of the reading direction."""
NAMES = frozenset(
    {
        "id",
        "contact",
        "contacts",
        "advisor",
        "queue",
        "focus",
        "central",
        "default_disposition",
        "reason",
        "next_reason",
    }
    | {"secrets", "key", "uri"}
)
"""Fields that are names of ours, not words of somebody's."""


def poisoned(value: Any) -> Any:
    """The same with poison before and behind every word of somebody's."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return f"{POISON}{value}{POISON}" if value else value
    if isinstance(value, dict):
        return {key: poisoned(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(poisoned(each) for each in value)
    if isinstance(value, msgspec.Struct):
        given = {name: getattr(value, name) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **_poisoned_fields(given))
    return value


def _poisoned_fields(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: poisoned(value)
        for name, value in given.items()
        if name not in NAMES or (name == "contacts" and isinstance(value, dict))
    }


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
@pytest.mark.parametrize(
    ("state", "keys"),
    [
        (scenes.OFFERED, ()),
        (scenes.IN_CHAT, ()),
        (scenes.IN_MAIL, ()),
        (scenes.BUSY, ()),
        (scenes.BUSY, ("ctrl+f",)),
        (scenes.BUSY, ("ctrl+f", "down", "enter")),
        (scenes.WRAP_UP, ("f8",)),
        (scenes.LISTENING, ()),
    ],
    ids=["offer", "chat", "mail", "call", "search", "record", "wrap-up", "floor"],
)
async def test_no_word_drives_the_terminal(state: DeskState, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    async with opened(poisoned(state), size) as stage:
        await stage.press(*keys)
        drawn = [strip.text for strip in stage.app.screen._compositor.render_strips()]
        assert any("[red]" in line for line in drawn), "the words are shown as they are"
        assert [line for line in drawn if safe(line) != line] == []
