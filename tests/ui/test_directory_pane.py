"""The directory as an advisor in a hurry uses it."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import CallNumber, HangUpOutgoing, SendDigits, ShowLog
from catgem_tui.desk.state import DeskState, PhoneCall
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.model import Record
from tests.ui import scenes
from tests.ui.stage import LARGE, MIDDLE, SMALL, opened

SIZES = pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["80x24", "100x30", "160x45"])


def with_hits(state: DeskState, *records: Record, query: str = "algo") -> DeskState:
    return replace(state, directory=replace(state.directory, hits=records, query=query))


# --- calling ---


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_one_key_calls_the_one_number_of_a_record(opening: tuple[str, ...]) -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", "down", *opening, "alt+t")
        called = [done for done in stage.take_done() if not isinstance(done, ShowLog)]
        assert called == [CallNumber("7225550110", "", "Dirección General del Registro Civil", "r2")]


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_of_an_extension_or_several_numbers_one_is_chosen(opening: tuple[str, ...]) -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", *opening, "alt+t")
        assert "Llamar a Oficialía 01 del Registro Civil" in stage.seen()
        assert "722 555 0100" in stage.seen()
        assert "ext. 104" in stage.seen()
        await stage.press("enter")
        assert stage.take_done()[-1] == CallNumber("7225550100", "104", "Oficialía 01 del Registro Civil", "r1")
        await stage.press("alt+t", "down", "enter")
        assert stage.take_done()[-1] == CallNumber("7225550100", "", "Oficialía 01 del Registro Civil", "r1")


async def test_a_record_without_number_is_said_to_have_none() -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", "down", "down", "alt+t")
        assert stage.take_done() == [CallNumber("", "", "Acta de nacimiento, copia certificada", "r3")]


@SIZES
async def test_the_call_is_on_the_screen_with_its_extension_and_is_hung_up(size: tuple[int, int]) -> None:
    call = PhoneCall(
        "o1", "", CallState.DIALLING, scenes.NOW - 3, number="7225550100", name="Oficialía 01", extension="104"
    )
    phone = replace(scenes.PHONE, calls=(call,))
    async with opened(replace(scenes.IN_CHAT, phone=phone), size) as stage:
        seen = stage.seen()
        assert all(words in seen for words in ("llamando", "722 555 0100", "Oficialía 01", "ext. 104", "colgar"))
        answered = replace(call, state=CallState.CONFIRMED)
        await stage.put(replace(scenes.IN_CHAT, phone=replace(phone, calls=(answered,))))
        await stage.press("ctrl+g")
        assert "Intro envía la extensión: 104" in stage.seen()
        await stage.press("enter", "2", "escape", "alt+c")
        assert stage.take_done() == [SendDigits("104"), SendDigits("2"), HangUpOutgoing()]
