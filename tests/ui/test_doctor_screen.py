"""The doctor on the screen: out of the palette, part by part, stopped by Esc, and silent until it may make a noise."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import Examine, StopExamining
from catgem_tui.desk.state import DeskState, Examination, Finding
from catgem_tui.protocol.enums import Channel
from catgem_tui.ui.lines import plain
from catgem_tui.ui.reader import news
from catgem_tui.ui.screens.doctor import SILENT, DoctorScreen, part_lines
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened

FOUND = {
    "central": (Finding("ok", "La central responde en 12 ms."),),
    "keyring": (
        Finding("ok", "El llavero se abre."),
        Finding("warning", "El llavero es lento.", "Reinicie la sesión."),
    ),
    "disk": (Finding("fault", "El disco está lleno.", "Borre lo que no necesite."),),
}


async def open_doctor(stage: Stage) -> None:
    await stage.press("ctrl+p")
    await stage.write("revisión")
    await stage.press("enter")
    assert isinstance(stage.app.screen, DoctorScreen)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_findings_come_with_their_remedies_as_they_are_found(size: tuple[int, int]) -> None:
    async with opened(scenes.IDLE, size) as stage:
        await open_doctor(stage)
        assert stage.take_done() == [Examine(SILENT)]
        assert "sound" not in SILENT
        going = replace(scenes.IDLE, examination=Examination(going=("phone", "clock"), found=FOUND))
        await stage.put(going)
        seen = stage.seen()
        await stage.press("end")  # on a small screen the last of them are below
        seen += stage.seen()
        await stage.press("home")
        for words in ("revisándose…", "bien", "! aviso", "!! FALLA", "El disco está lleno.", "→ Borre lo que no"):
            assert words in seen, words
        await stage.press("escape")
        assert stage.take_done() == [StopExamining()]
        assert isinstance(stage.app.screen, DoctorScreen), "what was found stays to be read"
        await stage.put(replace(going, examination=Examination(found=FOUND)))
        await stage.press("enter")
        assert stage.take_done() == [Examine(("central",))]
        await stage.press("escape")
        assert not isinstance(stage.app.screen, DoctorScreen)
        assert stage.take_done() == [StopExamining()], "leaving ends what may have begun since"


async def test_sound_is_played_only_after_a_yes_and_never_into_a_call() -> None:
    def noise(stage: Stage) -> list[object]:
        return [each for each in stage.take_done() if isinstance(each, Examine) and "sound" in each.parts]

    async with opened(scenes.IDLE) as stage:
        await open_doctor(stage)
        await stage.press("down", "down", "enter")
        assert "¿Tocar tres sonidos cortos?" in stage.seen()
        await stage.press("enter")
        assert noise(stage) == []
        await stage.press("enter", "down", "enter")
        assert noise(stage) == [Examine(("sound",))]
    assert any(contact.channel is Channel.CALL for contact in scenes.BUSY.mine)
    async with opened(scenes.BUSY) as stage:
        await open_doctor(stage)
        await stage.press("down", "down", "enter")
        assert isinstance(stage.app.screen, DoctorScreen)
        assert noise(stage) == []


async def test_an_examination_that_could_not_be_made_says_so() -> None:
    async with opened(scenes.IDLE) as stage:
        await open_doctor(stage)
        await stage.put(replace(scenes.IDLE, examination=Examination(failed=True)))
        assert "No se pudo revisar." in stage.seen()


@pytest.mark.parametrize(
    ("state", "told"), [(Examination(found=FOUND), "! aviso"), (Examination(), "sin revisar"),
                        (Examination(going=("keyring",)), "revisándose…")],
)  # fmt: skip
def test_a_part_is_as_bad_as_its_worst_finding(state: Examination, told: str) -> None:
    assert plain(part_lines("keyring", state, 60)[0]).endswith(told)


def test_a_screen_reader_hears_what_it_came_to() -> None:
    going, over = (DeskState(examination=Examination(going=parts, found=FOUND)) for parts in (("phone",), ()))
    heard = news.changes(going, over, None)  # type: ignore[arg-type]  # there is no offer
    assert [each.words for each in heard] == ["Revisión de este equipo; 1 falla; 1 aviso"]
    assert news.changes(over, over, None) == []  # type: ignore[arg-type]
