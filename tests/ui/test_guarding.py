"""Recording, emergency, abuse and blocked callers, by keyboard alone."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import ShowBlocked
from catgem_tui.desk.state import GuardView
from catgem_tui.protocol.commands import (
    BlockCaller,
    CallEmergency,
    EndContact,
    PauseRecording,
    ResumeRecording,
    UnblockCaller,
    WarnCaller,
)
from catgem_tui.protocol.enums import AdvisorState, Monitoring
from catgem_tui.protocol.model import Citizen
from tests.ui import guarding_scenes, scenes
from tests.ui.scenes import CALL, NOW
from tests.ui.stage import LARGE, SMALL, opened

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])


@SIZES
async def test_the_recording_is_paused_for_the_sensitive_step_and_goes_on_with_the_same_key(
    size: tuple[int, int],
) -> None:
    async with opened(guarding_scenes.AT_SENSITIVE, size) as stage:
        assert "grabando" in stage.seen()
        await stage.press("f6")
        assert stage.take_done() == [PauseRecording(contact=CALL.id, step="guide")]
        await stage.put(guarding_scenes.PAUSED)
        assert "grabación en pausa 0:12" in stage.seen()
        await stage.press("f6")
        assert stage.take_done() == [ResumeRecording(contact=CALL.id)]
        await stage.put(guarding_scenes.in_call(call_recording=False))
        assert "sin grabar" in stage.seen()
        await stage.press("f6")
        assert stage.take_done() == []


async def test_a_pause_beside_the_protocol_belongs_to_no_step_and_where_there_is_none_the_key_does_nothing() -> None:
    async with opened(guarding_scenes.in_call()) as stage:
        await stage.press("f6")
        assert stage.take_done() == [PauseRecording(contact=CALL.id)]
        never = replace(scenes.SETTINGS, pause_recording="off")
        await stage.put(replace(guarding_scenes.AT_SENSITIVE, settings=never))
        await stage.press("f6")
        assert stage.take_done() == []


@SIZES
async def test_an_emergency_takes_one_key_and_one_that_confirms_it(size: tuple[int, int]) -> None:
    state = replace(scenes.BUSY, settings=replace(scenes.SETTINGS, calls_out=True, emergency="911"))
    async with opened(state, size) as stage:
        await stage.press("alt+z")
        assert "911" in stage.seen()
        assert stage.take_done() == []
        await stage.press("escape", "alt+z", "enter")
        assert stage.take_done() == [CallEmergency(contact=CALL.id)]


@SIZES
async def test_a_caller_is_warned_with_the_centre_s_words_before_anything_else(size: tuple[int, int]) -> None:
    async with opened(guarding_scenes.ABUSED, size) as stage:
        await stage.press("alt+o")
        assert "con respeto" in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == [WarnCaller(contact=CALL.id)]


@SIZES
async def test_a_warned_caller_is_blocked_for_as_long_as_the_advisor_may(size: tuple[int, int]) -> None:
    async with opened(guarding_scenes.WARNED, size) as stage:
        await stage.press("alt+o")
        assert "24 horas" in stage.seen()
        assert "7 días" not in stage.seen()
        await stage.press("down", "enter")
        await stage.write("ofensas")
        await stage.press("enter")
        assert stage.take_done() == [BlockCaller(contact=CALL.id, until=NOW + 4 * 3600, reason="ofensas")]
        await stage.press("alt+o", "enter", "escape")
        assert stage.take_done() == [], "nothing is blocked without the last Enter"


@SIZES
async def test_a_block_without_a_reason_is_refused_in_words_at_the_field(size: tuple[int, int]) -> None:
    async with opened(guarding_scenes.WARNED, size) as stage:
        await stage.press("alt+o", "enter", "enter")
        assert "Escriba por qué" in stage.seen()
        await stage.press("space", "enter")
        assert "Escriba por qué" in stage.seen()
        assert stage.take_done() == []
        await stage.write("ofensas")
        assert "Escriba por qué" not in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == [BlockCaller(contact=CALL.id, until=NOW + 3600, reason="ofensas")]


async def test_the_refusal_of_an_empty_reason_is_heard() -> None:
    async with opened(guarding_scenes.WARNED, SMALL, reader=True) as stage:
        await stage.press("alt+o", "enter")
        await stage.until(lambda: stage.app.reader is not None and "motivo" in stage.app.reader.said)
        await stage.press("enter")
        await stage.until(lambda: stage.app.reader is not None and "Escriba por qué" in stage.app.reader.said)


async def test_a_withheld_number_is_said_not_to_be_blockable_and_the_call_may_be_ended() -> None:
    async with opened(guarding_scenes.in_call(warned=True, citizen=Citizen())) as stage:
        await stage.press("alt+o")
        assert "oculto" in stage.seen()
        await stage.press("enter")
        assert stage.take_done() == [EndContact(contact=CALL.id)]


@SIZES
async def test_coordinators_see_who_is_blocked_and_let_them_in_again(size: tuple[int, int]) -> None:
    async with opened(guarding_scenes.BLOCKED, size) as stage:
        await stage.press("b")
        assert stage.take_done() == [ShowBlocked()]
        assert "ofensas graves" in stage.seen()
        await stage.press("down", "alt+r")
        await stage.write("fue un error")
        await stage.press("enter")
        assert UnblockCaller(number="5550001111", reason="fue un error") in stage.take_done()
        await stage.put(replace(guarding_scenes.BLOCKED, guard=GuardView(blocked=())))
        assert "No hay números bloqueados." in stage.seen()
        await stage.press("alt+r", "escape")
        assert not [one for one in stage.take_done() if isinstance(one, UnblockCaller)]


@SIZES
async def test_emergencies_stand_first_on_the_floor_by_word_and_sign(size: tuple[int, int]) -> None:
    async with opened(guarding_scenes.EMERGENCY, size) as stage:
        rows = stage.app.floor_screen.contacts.slice
        assert rows[0][0] == "f1"
        assert "EMERGENCIA: Ana López Reyes" in stage.seen()
        assert any("EMERGENCIA" in line and "!!" in line and "482-1057" in line for line in stage.seen().splitlines())


async def test_who_does_not_respond_but_still_holds_a_chat_counts_as_serving() -> None:
    silent = {
        key: replace(advisor, state=AdvisorState.NOT_RESPONDING) for key, advisor in scenes.FLOOR.advisors.items()
    }
    async with opened(scenes.FLOOR) as stage:
        before = next(line for line in stage.seen().splitlines() if "atendiendo" in line)
        await stage.put(replace(scenes.FLOOR, advisors=silent))
        assert next(line for line in stage.seen().splitlines() if "atendiendo" in line) == before
        assert "0 atendiendo" not in before


@SIZES
async def test_an_advisor_sees_that_coordination_speaks(size: tuple[int, int]) -> None:
    async with opened(guarding_scenes.in_call(call_monitors=(("u-9", Monitoring.WHISPER),)), size) as stage:
        assert "habla coordinación, solo a usted" in stage.seen()
        await stage.put(guarding_scenes.in_call(call_monitors=(("u-9", Monitoring.BARGE),)))
        assert "HABLA COORDINACIÓN: la oyen ambos" in stage.seen()
        assert "grabando" in stage.seen() or "sin grabar" in stage.seen()
        await stage.put(guarding_scenes.in_call(call_monitors=(("u-9", Monitoring.LISTEN),)))
        assert "coordinación" not in stage.seen().casefold()
