"""The telephone's registration: told on the strip, its password asked for without getting in anybody's way."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import AnswerDirect, GivePhonePassword, HangUpOutgoing
from catgem_tui.desk.state import DeskState, PhoneCall, Registration
from catgem_tui.phone.port import CallState, Registered
from catgem_tui.ui.manual.topics import of_desk
from catgem_tui.ui.screens.password import PasswordDialog
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, opened

EXCHANGE = "pbx.centro.example"


def with_line(state: DeskState, line: Registered, cause: str = "", *, wanted: bool = False) -> DeskState:
    registration = Registration(EXCHANGE, line, scenes.NOW, cause, wanted)
    return replace(state, phone=replace(state.phone, registration=registration))


@pytest.mark.parametrize(
    ("line", "cause", "words"),
    [
        (Registered.YES, "", "registrado en"),
        (Registered.TRYING, "", "registrándose en"),
        (Registered.UNREACHABLE, "", "no responde desde las"),
        (Registered.UNREACHABLE, "certificate", "no se confía en el certificado"),
        (Registered.REFUSED, "address", "no conoce la dirección"),
        (Registered.NOT, "settings", "ajustes incorrectos"),
        (Registered.NOT, "", "sin registro"),
    ],
)
@pytest.mark.parametrize("size", [LARGE, SMALL])
async def test_the_strip_tells_the_truth(line: Registered, cause: str, words: str, size: tuple[int, int]) -> None:
    async with opened(with_line(scenes.IDLE, line, cause), size) as stage:
        assert words in stage.seen()


async def test_the_password_is_asked_for_once_and_given() -> None:
    async with opened(with_line(scenes.IDLE, Registered.NOT, wanted=True)) as stage:
        await stage.until(lambda: isinstance(stage.app.screen, PasswordDialog))
        await stage.write("secreto")
        assert "secreto" not in stage.seen()
        await stage.press("enter")
        assert GivePhonePassword("secreto") in stage.take_done()
        await stage.put(with_line(scenes.IDLE, Registered.TRYING))
        await stage.put(with_line(scenes.IDLE, Registered.REFUSED, "password", wanted=True))
        await stage.until(lambda: isinstance(stage.app.screen, PasswordDialog))
        assert "rechazó la contraseña" in stage.seen()
        await stage.press("escape")
        assert not stage.take_done()
        await stage.put(with_line(replace(scenes.IDLE, unsent=1), Registered.REFUSED, "password", wanted=True))
        assert not isinstance(stage.app.screen, PasswordDialog)


async def test_nobody_is_asked_in_the_middle_of_serving() -> None:
    async with opened(with_line(scenes.BUSY, Registered.NOT, wanted=True)) as stage:
        assert not isinstance(stage.app.screen, PasswordDialog)
        assert "SIN REGISTRO" in stage.seen()
        assert "mic. ▅" in stage.seen()  # what matters more in a call


@pytest.mark.parametrize("size", [LARGE, SMALL])
async def test_a_direct_call_is_on_the_strip_and_answered_or_declined_by_the_offer_s_keys(
    size: tuple[int, int],
) -> None:
    call = PhoneCall("d1", "", CallState.RINGING, scenes.NOW, number="201", name="Registro Civil", incoming=True)
    phone = replace(scenes.IDLE.phone, calls=(call,))
    async with opened(replace(scenes.IDLE, phone=phone), size) as stage:
        assert "llamada directa 201" in stage.seen()
        assert "LLAMADA DIRECTA  Registro Civil 201" in stage.seen()
        assert of_desk(stage.app.state) == "direct"
        await stage.press("f2")
        assert AnswerDirect() in stage.take_done()
        await stage.press("f12")
        assert HangUpOutgoing() in stage.take_done()


@pytest.mark.parametrize("size", [LARGE, SMALL])
async def test_who_speaks_while_the_microphone_is_closed_is_told_so(size: tuple[int, int]) -> None:
    call = PhoneCall("o1", "", CallState.CONFIRMED, scenes.NOW, media=True, number="7225550100")
    phone = replace(scenes.IDLE.phone, calls=(call,), muted=True, unheard=True)
    async with opened(replace(scenes.IDLE, phone=phone), size) as stage:
        assert "no se le oye" in stage.seen().lower()
