"""The contact is gone while its notes or its answer are being written: what fingers still type is for nobody."""

from msgspec.structs import replace
from textual import events

from catgem_tui.desk.intents import EditDraft, EditNotes, Intent, Search, Send
from catgem_tui.protocol.commands import CloseContact
from catgem_tui.protocol.model import Struct
from catgem_tui.ui.keyed import PAUSE
from tests.ui import scenes
from tests.ui.stage import SIZES, SMALL, Stage, opened

TOLD = "la atención se fue mientras escribía; esto no se guarda."
ALONE = replace(scenes.BUSY, contacts={"c-call": scenes.CALL})
GONE = replace(ALONE, contacts={}, focus="")
"""The telephone died, and its call is nobody's for a moment."""
CHATS = replace(scenes.BUSY, contacts={"c-chat": scenes.CHAT}, focus="c-chat")
"""The same, and a chat comes to the middle."""


class Clock:
    """Of the keys, so that no slow machine makes a pause of its own."""

    def __init__(self) -> None:
        self.now = 0.0

    async def type(self, stage: Stage, *keys: str) -> list[Intent | Struct]:
        """Ten keys a second; returns what they wanted."""
        stage.take_done()
        for key in keys:
            self.now += 0.1
            event = events.Key("slash" if key == "/" else key, key if len(key) == 1 else None)
            event.time = self.now
            stage.app.post_message(event)
        await stage.pilot.pause()
        return stage.take_done()


async def in_the_notes(stage: Stage) -> Clock:
    clock = Clock()
    await stage.press("alt+n")
    assert stage.app.focused is stage.screen.middle.notes
    assert isinstance((await clock.type(stage, "y"))[-1], EditNotes)
    return clock


@SIZES
async def test_they_start_nothing_when_nothing_is_left_to_write_in(size: tuple[int, int]) -> None:
    async with opened(ALONE, size) as stage:
        clock = await in_the_notes(stage)
        await stage.put(GONE)
        assert TOLD not in stage.seen().lower()  # so far everything that was typed is kept
        assert await clock.type(stage, "2", "/", "q", "enter") == []
        assert stage.screen.tab == "contact"
        assert not stage.app.in_field
        assert TOLD in stage.seen().lower()


async def test_they_go_to_no_other_citizen() -> None:
    async with opened(ALONE) as stage:
        clock = await in_the_notes(stage)
        await stage.put(CHATS)
        assert stage.app.focused is stage.screen.middle.composer
        assert await clock.type(stage, "s", "u", "backspace", "enter") == []
        clock.now += PAUSE
        wanted = await clock.type(stage, "a", "enter")
        assert [type(each) for each in wanted] == [EditDraft, Send]
        assert TOLD not in stage.seen().lower()


async def test_a_key_of_another_kind_is_taken_at_once() -> None:
    async with opened(ALONE) as stage:
        clock = await in_the_notes(stage)
        await stage.put(replace(GONE, contacts={"c-offer": scenes.OFFER}))
        assert await clock.type(stage, "s") == []
        assert await clock.type(stage, "f2") != []
        assert TOLD not in stage.seen().lower()


async def test_the_offer_of_a_call_that_was_cut_off_says_that_it_comes_back() -> None:
    cut = replace(scenes.OFFER, accepted_at=scenes.NOW - 60)
    async with opened(replace(GONE, contacts={cut.id: cut})) as stage:
        (band,) = (line for line in stage.seen().splitlines() if "OFERTA" in line)
        assert band.rstrip().endswith("regresa")  # and not how long it waited: it was spoken with


async def test_who_goes_to_another_contact_writes_there() -> None:
    async with opened(replace(scenes.BUSY, contacts={c.id: c for c in (scenes.CALL, scenes.CHAT)}), SMALL) as stage:
        clock = await in_the_notes(stage)
        stage.screen.go_to("c-chat")
        await stage.put(replace(stage.desk.state, focus="c-chat"))
        assert isinstance((await clock.type(stage, "s"))[-1], EditDraft)


async def test_who_closes_the_contact_herself_is_told_nothing_and_goes_on_at_once() -> None:
    async with opened(scenes.WRAP_UP) as stage:
        clock = await in_the_notes(stage)
        await clock.type(stage, "f8")
        await clock.type(stage, "enter")
        assert CloseContact in {type(each) for each in await clock.type(stage, "enter")}
        await stage.put(GONE)
        assert TOLD not in stage.seen().lower()
        await clock.type(stage, "/")
        assert stage.app.focused is stage.screen.directory.field
        assert TOLD not in stage.seen().lower()


@SIZES
async def test_who_searches_meanwhile_goes_on_searching(size: tuple[int, int]) -> None:
    async with opened(ALONE, size) as stage:
        await stage.press("ctrl+f")
        await stage.put(GONE)
        wanted = await Clock().type(stage, "a")
        assert [each.query for each in wanted if isinstance(each, Search)] == ["a"]
