"""Shifts by ear: what an advisor, an information manager and a coordinator do, going on only once it was heard."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catgem_tui.protocol.enums import Presence
from catgem_tui.selftest.rig import OUR_COORDINATOR, Rig
from catgem_tui.selftest.telephone import CitizenPhone
from tests.ear import Ear

ACCEPT, CONTACT, SEND, FINISH, WHERE, ENTER, ESCAPE, SEARCH, EDIT, DOWN = (
    b"\x1bOQ", b"\x1ba", b"\x13", b"\x1b[19~", b"\x0c.", b"\r", b"\x1b", b"\x06", b"\x1be", b"\x1b[B",
)  # fmt: skip
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def listen(tmp_path: Path) -> Iterator[Callable[..., Ear]]:
    made: list[Ear] = []

    def begin(*arguments: str, late: float | None = None, **variables: str) -> Ear:
        made.append(Ear(tmp_path / "ear", *arguments, late=late, **variables))
        return made[-1]

    yield begin
    for ear in made:
        ear.end()


@pytest.mark.require_program("yasr")
def test_a_chat_is_taken_answered_and_closed_by_ear(listen: Callable[..., Ear], tmp_path: Path) -> None:
    """However slowly it is spoken: the offer and the wrap-up wait, and nothing else comes between."""
    settings = tmp_path / "patient.toml"
    settings.write_text("[queue.chat]\noffer_timeout = 900\nwrap_up = 900\ncapacity = 1\n[queue.mail]\ncapacity = 0\n")
    ear = listen("demo", "--rate", "900", "--lines", "0", "--screen-reader", CATGEM_CONFIG=str(settings))
    ear.hear("Se ofrece: ", "F2 contestar")
    ear.press(ACCEPT)
    ear.hear("en curso")
    ear.press(SEARCH)
    ear.hear("Directorio")
    ear.press(b"registro civil")
    ear.hear("resultados, primero")
    ear.press(WHERE)
    ear.hear("Dónde estoy", "línea lista")
    ear.press(ESCAPE)
    ear.hear("Directorio")
    ear.press(CONTACT)
    ear.hear("Escriba aquí")
    ear.press(b"buenos dias" + SEND)
    ear.hear("Usted, ", ": buenos dias")
    ear.press(FINISH)
    ear.hear("trabajo posterior")
    ear.press(FINISH)
    ear.hear("¿Cuál fue el motivo?", "1 de ")
    ear.press(b"tramite" + ENTER)
    ear.hear("¿Cómo terminó")
    ear.press(ENTER)
    ear.hear("Sin atención en curso")


@pytest.mark.require_program("yasr")
def test_a_record_is_found_changed_and_saved_by_ear_over_a_slow_line(listen: Callable[..., Ear]) -> None:
    ear = listen("demo", "--rate", "0", "--lines", "0", "--user", "informacion", "--screen-reader", late=0.15)
    ear.hear(
        "Directorio; nombre, oficina", "Termina el"
    )  # of what there is to do: later it would speak over the search
    ear.press(b"registro civil")
    ear.until(lambda: "resultados, primero" in ear.heard or "1 de 50" in ear.heard)  # the news, or the list itself
    ear.press(EDIT)
    ear.hear("Título:")
    ear.press(b" bis" + SEND)
    ear.hear("No se guardó: hay que corregir", "Respaldo:", "Un cambio necesita el documento")
    ear.press(b"Oficio 7/2026" + SEND)
    ear.hear("Se está guardando", "El cambio está publicado.")


@pytest.mark.require_program("yasr")
async def test_a_coordinator_hears_the_floor_listens_and_stops_by_ear(
    listen: Callable[..., Ear], tmp_path: Path
) -> None:
    async with Rig(tmp_path) as rig, CitizenPhone(tmp_path) as citizen:
        await rig.advisor.be(Presence.AVAILABLE)
        await citizen.dial(rig.central.sip)
        settings = tmp_path / "workstation.toml"
        settings.write_text(f'[workstation]\ncentral = "{rig.central.url}"\nuser = "{OUR_COORDINATOR.username}"\n')
        ear = listen("--screen-reader", CATGEM_CONFIG=str(settings), CATGEM_LANGUAGE="en")
        await asyncio.gather(rig.advisor.take(within=rig.greeting_seconds + 15), asyncio.to_thread(lead_the_floor, ear))
        await asyncio.to_thread(listen_and_stop, ear)


def lead_the_floor(ear: Ear) -> None:
    ear.hear("Password")
    ear.press(OUR_COORDINATOR.password.encode() + ENTER)
    ear.hear("Advisors", "line ready")


def listen_and_stop(ear: Ear) -> None:
    ear.press(WHERE)
    ear.hear("Where am I", "e: Listen")
    ear.press(ESCAPE + DOWN)
    ear.hear("Marisol Reyes; Serving")
    ear.press(b"e")
    ear.hear("Listening: nobody hears you")
    ear.press(b"d")
    ear.hear("Call over")
