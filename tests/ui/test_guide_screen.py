"""The guide's band and its end, where nothing but the guide changes."""

from pathlib import Path

from msgspec.structs import replace

from catgem_tui.practice import practise
from catgem_tui.ui.app import WorkstationApp
from catgem_tui.ui.guide.course import Progress
from catgem_tui.ui.guide.screen import GuideEnd
from catgem_tui.ui.guide.steps import SHIFT
from tests.ui import scenes
from tests.ui.stage import SMALL, opened

AT_WORK = replace(scenes.IDLE, practice=True)


async def test_what_is_only_read_leads_on_at_once_and_the_manual_to_the_end(tmp_path: Path) -> None:
    course = practise(tmp_path / "guide.json", lambda _channel: None)
    course.begin()
    while course.step.id != "emergency":
        course.go_on()
    async with opened(AT_WORK, SMALL, course=course) as stage:
        stage.app.draw()
        await stage.until(lambda: "Emergencias: solo lea" in stage.seen())
        await stage.press("alt+i", "enter")
        await stage.until(lambda: "Ofensas: solo lea" in stage.seen())
        await stage.press("alt+i", "enter")
        await stage.until(lambda: "Encuentre ayuda" in stage.seen())
        await stage.press("f1")
        await stage.until(lambda: "MANUAL" in stage.seen())
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, GuideEnd))
        assert "Terminó su primer turno" in stage.seen()


async def test_the_keys_of_a_dialog_stay_in_sight_above_the_band(tmp_path: Path) -> None:
    course = practise(tmp_path / "guide.json", lambda _channel: None)
    course.begin()
    async with opened(replace(scenes.BUSY, practice=True), SMALL, course=course) as stage:
        await stage.press("ctrl+p")
        await stage.until(lambda: "Intro continúa" in stage.seen() and "GUÍA" in stage.seen())


async def test_over_a_dialog_that_opens_the_band_says_at_once_what_it_said_before(tmp_path: Path) -> None:
    course = practise(tmp_path / "guide.json", lambda _channel: None)
    course.begin()
    while course.step.id != "pause":
        course.go_on()
    async with opened(AT_WORK, SMALL, course=course) as stage:
        await stage.press("f9")
        await stage.until(lambda: "Mi estado" in stage.seen() and "GUÍA" in stage.seen())
        assert "elija una pausa" in stage.seen()


async def test_the_band_hides_no_refusal_over_a_dialog(tmp_path: Path) -> None:
    course = practise(tmp_path / "guide.json", lambda _channel: None)
    course.begin()
    async with opened(replace(scenes.BUSY, practice=True), SMALL, course=course) as stage:
        await stage.press("f9")
        await stage.until(lambda: "GUÍA" in stage.seen())
        await stage.press("f4")
        await stage.until(lambda: "Transferir: cierre esto primero (Esc)" in stage.seen())
        assert "GUÍA" in stage.seen()
        await stage.press("down")
        assert "cierre esto primero" not in stage.seen()


async def test_the_end_tells_whole_durations_beside_its_scrollbar_and_how_it_is_closed(tmp_path: Path) -> None:
    progress = Progress(spent={step.id: 61.0 for part in SHIFT for step in part.steps}, over=True)
    async with opened(AT_WORK, SMALL) as stage:
        stage.app.push_screen(GuideEnd(progress, stage.app.keymap))
        await stage.until(lambda: "Conteste la llamada" in stage.seen())
        told = stage.seen()
        assert "Esc cierra" in told
        assert all("1:01" in line for line in told.splitlines() if "✓" in line)
        await stage.press("end")
        await stage.until(lambda: "En total" in stage.seen())
        assert "25:25" in stage.seen()


async def test_the_clock_of_a_step_goes_on_where_no_other_does(tmp_path: Path) -> None:
    now = [scenes.NOW]
    app = WorkstationApp(scenes.RecordingDesk(replace(scenes.LOGGED_OUT, practice=True)), clock=lambda: now[0])
    app.course = practise(tmp_path / "guide.json", lambda _channel: None)
    app.course.begin()
    async with app.run_test(size=SMALL):
        app.draw()
        assert app.due_at == now[0] // 1 + 1
