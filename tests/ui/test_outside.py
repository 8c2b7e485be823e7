"""A telephone outside on the screen: given in a dialog, shown in the strip, muted with the usual key."""

from msgspec.structs import replace

from catgem_tui.desk.intents import SetMute
from catgem_tui.desk.state import PhoneCall, PhoneStatus, PhoneView
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.commands import SetOutsidePhone
from catgem_tui.protocol.enums import OutsideState
from tests.ui import scenes
from tests.ui.stage import SMALL, Stage, opened

NUMBER = "722 555 0134"


async def choose_outside(stage: Stage) -> None:
    await stage.press("ctrl+p")
    await stage.write("externo")
    await stage.press("enter")


def with_outside(state: OutsideState, *, muted: bool = False) -> object:
    assert scenes.IDLE.me is not None
    phone = NUMBER if state is not OutsideState.NONE else ""
    return replace(
        scenes.IDLE, me=replace(scenes.IDLE.me, outside_phone=phone, outside_state=state, outside_muted=muted)
    )


async def test_it_is_given_and_remembered() -> None:
    async with opened(scenes.IDLE, SMALL) as stage:
        await choose_outside(stage)
        assert "Teléfono externo" in stage.seen()
        await stage.write(NUMBER)
        await stage.press("enter")
        assert stage.take_done()[-1] == SetOutsidePhone(address=NUMBER)
        await choose_outside(stage)
        assert NUMBER in stage.seen()
        await stage.press("escape")
        assert not [done for done in stage.take_done() if isinstance(done, SetOutsidePhone)]


async def test_nothing_leaves_it() -> None:
    async with opened(with_outside(OutsideState.ON_THE_LINE), SMALL) as stage:
        await choose_outside(stage)
        await stage.press(*["backspace"] * len(NUMBER))
        await stage.press("enter")
        assert stage.take_done()[-1] == SetOutsidePhone(address="")


async def test_a_telephone_elsewhere_that_is_out_of_reach_is_said_with_its_call() -> None:
    async with opened(replace(scenes.IDLE, phone=PhoneView(status=PhoneStatus.AWAY)), SMALL) as stage:
        assert "fuera de alcance" in stage.seen()
        call = PhoneCall(id="p1", contact="c-call", state=CallState.CONFIRMED, since=scenes.NOW - 8, media=True)
        await stage.put(replace(scenes.BUSY, phone=PhoneView(status=PhoneStatus.AWAY, calls=(call,))))
        assert "en llamada" in stage.seen()
        assert "fuera de alcance" in stage.seen()


async def test_the_strip_says_how_it_stands_and_it_is_muted() -> None:
    async with opened(with_outside(OutsideState.CALLING), SMALL) as stage:
        assert f"teléfono externo  {NUMBER}llamando" in stage.seen()
        await stage.press("f5")
        assert not [done for done in stage.take_done() if isinstance(done, SetMute)]
        await stage.put(with_outside(OutsideState.ON_THE_LINE))
        assert f"{NUMBER}en la línea" in stage.seen()
        await stage.press("f5")
        assert stage.take_done()[-1] == SetMute(True)
        await stage.put(with_outside(OutsideState.ON_THE_LINE, muted=True))
        assert "micrófono CERRADO" in stage.seen()
        await stage.press("f5")
        assert stage.take_done()[-1] == SetMute(False)
        await stage.put(with_outside(OutsideState.LOST))
        assert f"{NUMBER}PERDIDO" in stage.seen()
