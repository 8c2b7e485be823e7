"""A desk, a real central, a citizen at the chat: everything arrives once and in order, whoever is killed."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from catgem_tui.desk.intents import AcceptOffer, EditNotes, Login, Reconnect, Send
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.commands import CloseContact, EndContact
from catgem_tui.protocol.enums import Author, ContactState, Delivery, Outcome
from tests.desk_house import PATIENCE, CentralProcess, Citizen, desk_at, sit_down

pytest.importorskip("litestar", reason="central's packages are not installed")


@pytest.fixture
async def central(tmp_path: Path, free_port: Callable[[], int]) -> AsyncIterator[CentralProcess]:
    process = CentralProcess(tmp_path / "central", free_port())
    await process.hire("ana")
    await process.start()
    try:
        yield process
    finally:
        await process.kill()


async def take_chat(desk: Desk) -> str:
    """Wait for an offer and accept it; returns the contact."""
    state = await desk.wait_for(lambda s: s.offer is not None, PATIENCE)
    assert state.offer is not None
    contact = state.offer.id
    desk.do(AcceptOffer(contact))
    await desk.wait_for(lambda s: contact in s.contacts and s.contacts[contact].state is ContactState.ACTIVE, PATIENCE)
    return contact


def lines(state: DeskState, contact: str, author: Author) -> list[str]:
    return [m.text for m in state.messages.get(contact, ()) if m.author is author]


async def test_twenty_messages_each_way_once_and_in_order(central: CentralProcess, tmp_path: Path) -> None:
    async with desk_at(central.url, tmp_path / "desk") as desk, Citizen(central.url) as citizen:
        await sit_down(desk, "ana")
        asked = [f"pregunta {n}: ¿dónde está la Oficialía, ñandú? 🙂" for n in range(20)]
        answered = [f"respuesta {n}: en Toluca, güera 👍" for n in range(20)]
        await citizen.say(asked[0])
        contact = await take_chat(desk)
        assert desk.state.focus == contact
        for question, answer in zip([*asked[1:], ""], answered, strict=True):
            desk.do(Send(contact, answer))
            if question:
                await citizen.say(question)
        assert lines(desk.state, contact, Author.ADVISOR) == answered, "shown before central has them"
        await citizen.until(lambda: len(citizen.heard) >= 20)
        state = await desk.wait_for(lambda s: s.unsent == 0 and len(lines(s, contact, Author.CITIZEN)) >= 20, PATIENCE)
        assert citizen.heard == answered
        assert lines(state, contact, Author.CITIZEN) == asked
        assert {m.delivery for m in state.messages[contact]} == {Delivery.SENT}

        desk.do(EditNotes(contact, "pregunta por la Oficialía"))
        desk.do(EndContact(contact=contact))
        await desk.wait_for(lambda s: s.contacts[contact].state is ContactState.WRAP_UP, PATIENCE)
        state = await desk.wait_for(lambda s: s.contacts[contact].notes != "", PATIENCE)
        assert state.settings is not None
        disposition = state.settings.dispositions[0].id
        desk.do(CloseContact(contact=contact, disposition=disposition, outcome=Outcome.RESOLVED))
        state = await desk.wait_for(lambda s: contact not in s.contacts, PATIENCE)
        assert [n.code for n in state.notices if n.code != "no_keyring"] in ([], ["phone_missing"])
        assert state.focus == ""


async def test_central_killed_and_restarted_loses_nothing(central: CentralProcess, tmp_path: Path) -> None:
    async with desk_at(central.url, tmp_path / "desk") as desk, Citizen(central.url) as citizen:
        await sit_down(desk, "ana")
        await citizen.say("hola")
        contact = await take_chat(desk)
        for n in range(5):
            desk.do(Send(contact, f"antes {n}"))
            await citizen.say(f"pregunta {n}")
        await central.kill()  # some of those are on the way
        await desk.wait_for(lambda s: s.line is Line.OFFLINE, PATIENCE)
        for n in range(5):
            desk.do(Send(contact, f"sin línea {n}"))
            desk.do(EditNotes(contact, "escrito sin línea " + "x" * n))
        assert contact in desk.state.contacts, "what is being worked on stays visible"
        assert desk.state.unsent >= 5
        await central.start()
        state = await desk.wait_for(
            lambda s: s.line is Line.ONLINE and s.unsent == 0 and contact in s.notes and s.notes[contact].saved,
            PATIENCE,
        )
        sent = [*(f"antes {n}" for n in range(5)), *(f"sin línea {n}" for n in range(5))]
        await citizen.until(lambda: len(citizen.heard) >= 10)
        await citizen.until(lambda: len(citizen.acknowledged) == 6)
        state = await desk.wait_for(lambda s: len(lines(s, contact, Author.CITIZEN)) >= 6, PATIENCE)
        assert citizen.heard == sent
        assert lines(state, contact, Author.ADVISOR) == sent
        assert lines(state, contact, Author.CITIZEN) == ["hola", *(f"pregunta {n}" for n in range(5))]
        assert state.contacts[contact].notes == "escrito sin línea xxxx"
        assert state.contacts[contact].state is ContactState.ACTIVE


async def test_a_desk_that_comes_back_sends_what_it_had_written(central: CentralProcess, tmp_path: Path) -> None:
    async with Citizen(central.url) as citizen:
        async with desk_at(central.url, tmp_path / "desk") as desk:
            await sit_down(desk, "ana")
            await citizen.say("hola")
            contact = await take_chat(desk)
            await central.kill()
            await desk.wait_for(lambda s: s.line is Line.OFFLINE, PATIENCE)
            desk.do(Send(contact, "escrito sin línea"))
            desk.do(EditNotes(contact, "notas sin guardar"))
        await central.start()
        async with desk_at(central.url, tmp_path / "desk") as desk:
            desk.do(Login("ana", "una-clave-larga"))
            await citizen.until(lambda: citizen.heard == ["escrito sin línea"])
            state = await desk.wait_for(
                lambda s: contact in s.contacts and s.contacts[contact].notes == "notas sin guardar", PATIENCE
            )
            assert state.unsent == 0 or await desk.wait_for(lambda s: s.unsent == 0, PATIENCE)


async def test_a_wrong_password_and_a_central_that_is_not_there(central: CentralProcess, tmp_path: Path) -> None:
    async with desk_at(central.url, tmp_path / "desk") as desk:
        desk.do(Login("ana", "otra"))
        state = await desk.wait_for(lambda s: any(n.code == "wrong_credentials" for n in s.notices), PATIENCE)
        assert state.line is Line.LOGGED_OUT
        await central.kill()
        desk.do(Login("ana", "una-clave-larga"))
        state = await desk.wait_for(lambda s: any(n.code == "central_unreachable" for n in s.notices), PATIENCE)
        assert state.line is Line.LOGGED_OUT
        await central.start()
        desk.do(Login("ana", "una-clave-larga"))
        state = await desk.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
        assert not {"wrong_credentials", "central_unreachable"} & {n.code for n in state.notices}


async def test_the_second_login_takes_the_seat_and_it_can_be_taken_back(
    central: CentralProcess, tmp_path: Path
) -> None:
    async with desk_at(central.url, tmp_path / "one") as one, desk_at(central.url, tmp_path / "two") as two:
        await sit_down(one, "ana")
        await sit_down(two, "ana")
        await one.wait_for(lambda s: s.line is Line.REPLACED, PATIENCE)
        one.do(Reconnect())
        await one.wait_for(lambda s: s.line is Line.ONLINE, PATIENCE)
        await two.wait_for(lambda s: s.line is Line.REPLACED, PATIENCE)
