"""The directory by keyboard: searched, read, sent, reported."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import (
    EditDraft,
    EditNotes,
    Search,
    SendRecord,
    ShowLog,
)
from catgem_tui.protocol.commands import (
    ReportRecord,
)
from catgem_tui.ui.records import for_citizen
from tests.ui import scenes
from tests.ui.stage import SIZES, burst, opened


@SIZES
async def test_search_from_a_text_field_opens_the_record_and_comes_back(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        await stage.press("ctrl+f")
        await stage.write("reg")
        assert stage.take_done() == [Search("r"), Search("re"), Search("reg")]
        await stage.press("down", "enter")
        assert "Dirección General del Registro Civil" in stage.seen()
        assert "estatal" in stage.seen()
        await stage.press("escape")
        assert stage.screen.focused is stage.screen.directory.field
        await stage.press("escape")
        assert stage.screen.focused is stage.screen.middle.composer


@SIZES
async def test_the_list_says_why_a_record_is_there_and_that_it_no_longer_holds(size: tuple[int, int]) -> None:
    directory = scenes.IN_CHAT.directory
    ended = replace(scenes.RECORDS[1], valid_until=scenes.NOW - 86400)
    reasons = (("keywords", "registro de nacimiento"), *(("", ""),) * 3)
    shown = replace(directory, hits=(scenes.RECORDS[0], ended, *scenes.RECORDS[2:]), reasons=reasons)
    async with opened(replace(scenes.IN_CHAT, directory=shown), size) as stage:
        await stage.press("ctrl+f")
        await stage.put(replace(scenes.IN_CHAT, directory=shown))
        assert "Palabras clave: registro de naci" in stage.seen()
        assert "Sin vigencia desde el 11 may 2026" in stage.seen()
        await stage.press("down", "enter")
        assert ShowLog("r2") in stage.take_done(), "a row of two lines is one step"


@SIZES
async def test_a_card_tells_everything_and_its_change_log(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        await stage.press("ctrl+f", "enter")
        assert stage.take_done() == [ShowLog("r1")]
        seen = stage.seen()
        assert "abierto ahora, cierra a las 18:00" in seen
        assert "consultando…" in seen
        known = replace(scenes.IN_CHAT.directory, log_of="r1", log=scenes.LOG)
        await stage.put(replace(scenes.IN_CHAT, directory=known))
        await stage.press("end")
        assert "Elena Díaz · Oficio 12/2026" in stage.seen()
        assert "Teléfono: 7225550199 → 7225550100" in stage.seen()
        changed = replace(scenes.RECORDS[0], revision=9, phone="7225550155")
        await stage.put(replace(scenes.IN_CHAT, directory=replace(known, card=changed)))
        await stage.press("home")
        assert "Cambió mientras lo leía" in stage.seen()
        assert "722 555 0155" in stage.seen()
        assert stage.take_done() == [ShowLog("r1")]
        await stage.press("escape")
        assert stage.take_done() == [ShowLog("")]


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_a_record_is_sent_from_the_list_and_from_its_card(opening: tuple[str, ...]) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={})) as stage:
        await stage.press("ctrl+f", *opening)
        stage.take_done()
        await stage.press("alt+e")
        (sent,) = [done for done in stage.take_done() if not isinstance(done, ShowLog)]
        assert isinstance(sent, SendRecord)
        assert sent.text == (
            "Oficialía 01 del Registro Civil\nDirección General del Registro Civil\n"
            "Teléfono: 722 555 0100, ext. 104\nHorario: lunes a viernes 9:00–18:00\n"
            "Domicilio: Av. Juárez 105, Centro, Toluca"
        )


async def test_what_is_internal_is_never_sent() -> None:
    secret = replace(scenes.RECORDS[0], restricted={"mobile": "7221112233"}, responsible="Elena", support="Of. 1")
    assert not {"7221112233", "Elena", "Of. 1"} & set(for_citizen(secret, 4000)[0].replace("\n", " ").split())


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_a_wrong_record_is_reported_with_the_contact_at_hand(opening: tuple[str, ...]) -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", *opening, "alt+x")
        assert "Está mal: Oficialía 01 del Registro Civil" in stage.seen()
        await stage.write("ya no")
        await stage.press("escape", "alt+x")
        await stage.write(" contestan")
        stage.take_done()
        await stage.press("enter")
        assert stage.take_done() == [ReportRecord(record="r1", text="ya no contestan", contact="c-chat")]


async def test_a_slash_searches_only_outside_text() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("slash")
        assert stage.screen.focused is stage.screen.directory.field
        await stage.press("alt+n", "slash")
        assert stage.take_done() == [EditNotes("c-call", scenes.CALL.notes + "/")]


@SIZES
async def test_a_search_typed_at_once_after_its_key_is_not_written_to_the_citizen(size: tuple[int, int]) -> None:
    async with opened(replace(scenes.IN_CHAT, drafts={}), size) as stage:
        burst(stage, "ctrl+f", *"agua")
        await stage.until(lambda: Search("agua") in stage.desk.done)
        assert all(isinstance(wanted, Search) for wanted in stage.take_done())
        burst(stage, "alt+a", *"ya")
        await stage.until(lambda: EditDraft("c-chat", "ya") in stage.desk.done)
