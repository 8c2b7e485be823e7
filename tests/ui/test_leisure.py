"""Garbage is collected when nobody types."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from catgem_tui.ui import leisure
from tests.ui import scenes
from tests.ui.stage import opened


class Ring:
    """Held by itself: only the collector finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


async def test_what_a_key_left_behind_is_collected_once_no_other_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leisure, "PAUSE", 0.01)
    async with opened(scenes.IN_CHAT) as stage:
        stage.app.leisure.begin()
        left = Ring()
        gone = asyncio.Event()
        weakref.finalize(left, gone.set)
        del left
        assert not gone.is_set()
        await stage.press("a")
        async with asyncio.timeout(15):
            await gone.wait()


async def test_nothing_is_collected_for_a_key_before_all_is_loaded_nor_after_the_end() -> None:
    begun, ended = leisure.Leisure(), leisure.Leisure()
    begun.put_off()
    ended.begin()
    ended.put_off()
    ended.end()
    pending = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    assert not [each for each in pending if each._callback is gc.collect and not each.cancelled()]


async def test_the_old_are_seldom_gone_through_while_one_types() -> None:
    _young, _middle, before = gc.get_threshold()
    leisure.Leisure().begin()
    assert gc.get_threshold()[2] > 10 * before
