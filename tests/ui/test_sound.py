"""The sound screen: devices chosen and tried by keys, levels seen, and the alarm of an offer."""

import re

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import ChangeSound, ShowSound, TrySound
from catgem_tui.desk.sound import Chosen, SoundChoices
from catgem_tui.desk.state import DeskState, PhoneCall
from catgem_tui.phone.port import CallState
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, opened


def with_card(state: DeskState, **changes: object) -> DeskState:
    return replace(state, phone=replace(state.phone, card=replace(state.phone.card, **changes)))


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_device_is_chosen_from_a_list(size: tuple[int, int]) -> None:
    async with opened(scenes.SOUND, size) as stage:
        await stage.press("alt+y")
        assert stage.take_done() == [ShowSound(True)]
        assert "Diadema USB" in stage.seen()
        await stage.press("enter")
        seen = stage.seen()
        assert "Micrófono interno" in seen
        assert "Bocinas" not in seen, "only what can be a microphone"
        await stage.write("interno")
        await stage.press("enter")
        (changed,) = stage.take_done()
        assert isinstance(changed, ChangeSound)
        assert changed.choices.microphone == Chosen("pci.mic", "Micrófono interno")
        assert changed.choices.ringer == scenes.SOUND.phone.card.choices.ringer
        await stage.press("escape")
        assert stage.take_done() == [ShowSound(False)]


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_device_that_the_system_chose_is_named_however_long_its_name(size: tuple[int, int]) -> None:
    long = "Family 17h/19h HD Audio Controller Estéreo analógico de fábrica"
    state = with_card(scenes.SOUND, choices=SoundChoices(), microphone="Cámara")
    async with opened(replace(state, phone=replace(state.phone, sound=long)), size) as stage:
        await stage.press("alt+y")
        seen = stage.seen()
        assert "lo que usa el sistema: Cámara" in seen
        assert re.search(r"Altavoz *lo que usa el sistema: Family 17h/19h HD Audio Controller.*…", seen)


async def test_the_ringing_device_may_be_the_loudspeaker_again() -> None:
    async with opened(scenes.SOUND) as stage:
        await stage.press("alt+y", "down", "down", "enter")
        assert "En el altavoz" in stage.seen()
        await stage.press("enter")
        changed = stage.take_done()[-1]
        assert isinstance(changed, ChangeSound)
        assert changed.choices.ringer == Chosen()


async def test_levels_are_stepped_and_switches_switched() -> None:
    async with opened(scenes.SOUND) as stage:
        await stage.press("alt+y", "down", "down", "down", "right")
        assert stage.take_done()[-1].choices.microphone_step == 1  # type: ignore[union-attr]
        await stage.press("left", "down", "left")
        assert stage.take_done()[-1].choices.loudspeaker_step == -1  # type: ignore[union-attr]
        await stage.press("down", "enter")
        assert stage.take_done()[-1].choices.automatic_level  # type: ignore[union-attr]
        await stage.press("down", "enter")
        assert stage.take_done()[-1].choices.cancel_echo  # type: ignore[union-attr]


async def test_the_microphone_and_the_ringing_are_tried() -> None:
    async with opened(scenes.SOUND) as stage:
        await stage.press("alt+y", "end", "enter")
        assert stage.take_done()[-1] == TrySound(ring=True)
        await stage.press("up", "enter")
        assert stage.take_done()[-1] == TrySound()


async def test_keys_without_a_meaning_do_no_harm() -> None:
    async with opened(scenes.SOUND) as stage:
        await stage.press("alt+y", "x", "left", "1", "tab", "f3", "alt+y", "space")
        assert "Nivel" not in stage.seen()
        await stage.press("escape", "escape")
        assert stage.take_done()[-1] == ShowSound(False)


async def test_what_is_not_there_is_said() -> None:
    async with opened(with_card(scenes.SOUND, missing=("Diadema USB",))) as stage:
        await stage.press("alt+y")
        assert "No está: Diadema USB" in stage.seen()
        gone = replace(scenes.SOUND, phone=replace(scenes.SOUND.phone, sound="", sound_problem="no_device"))
        await stage.put(gone)
        assert "No hay tarjeta de sonido" in stage.seen()


async def test_sound_that_breaks_up_is_said_on_the_strip() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        assert "ENTRECORTADA" not in stage.seen()
        await stage.put(with_card(scenes.BUSY, broken=5))
        assert "ENTRECORTADA" in stage.seen()


async def test_the_alarm_goes_once_for_each_offer_and_for_each_call_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened(scenes.IDLE) as stage:
        sent: list[str] = []
        monkeypatch.setattr(stage.app.alarm, "_write", sent.append)
        await stage.put(scenes.OFFERED)
        await stage.put(with_card(scenes.OFFERED, broken=1))
        assert "".join(sent).count("\a") == 1
        told = "".join(sent)
        offer = scenes.OFFERED.offer
        assert offer is not None
        assert offer.citizen.name not in told or not offer.citizen.name, "nothing of who it is"
        assert offer.citizen.phone not in told or not offer.citizen.phone
        await stage.put(scenes.IDLE)
        assert sent[-1].endswith("\x1b[23;2t")
        ringing = PhoneCall("k9", "", CallState.RINGING, scenes.NOW)
        await stage.put(replace(scenes.IDLE, phone=replace(scenes.IDLE.phone, calls=(ringing,))))
        assert "".join(sent).count("\a") == 2
