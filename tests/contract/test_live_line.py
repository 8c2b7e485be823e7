"""The live websocket, spoken to over a real socket."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
import websockets

from catgem_tui.central.app import Central
from catgem_tui.central.auth.roles import COMMAND_ROLES
from catgem_tui.central.ports import CitizenWrote, ContactArrived
from catgem_tui.protocol import commands, events, frames, session
from catgem_tui.protocol.enums import (
    Author,
    Channel,
    ContactState,
    Monitoring,
    Presence,
    RecordKind,
    Refusal,
    Role,
)
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Message, Record
from tests.central_house import PASSWORD, Desk, desk_of, eventually, hire, log_in, running_central


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "data", heartbeat=0.5) as central:
        yield central


def line(contact: str, text: str) -> Message:
    return Message(id=new_id(), contact=contact, author=Author.CITIZEN, text=text, sent_at=1.0)


async def begin_chat(house: Central, text: str = "Buenos días") -> str:
    contact = new_id()
    arrived = ContactArrived(contact=contact, channel=Channel.CHAT, first=line(contact, text))
    assert await house.actor.submit(arrived) is None
    return contact


async def accept_chat(house: Central, desk: Desk) -> str:
    """A chat that this advisor has accepted."""
    assert await desk.command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
    contact = await begin_chat(house)
    await desk.until(lambda: state_of(desk, contact) is ContactState.OFFERED)
    assert await desk.command(commands.AcceptOffer(contact=contact)) is None
    assert state_of(desk, contact) is ContactState.ACTIVE
    return contact


def state_of(desk: Desk, contact: str) -> ContactState | None:
    found = None
    for event in desk.events(events.ContactChanged):
        assert isinstance(event.body, events.ContactChanged)
        if event.body.contact.id == contact:
            found = event.body.contact.state
    return found


def texts(desk: Desk) -> list[str]:
    return [event.body.message.text for event in desk.events() if isinstance(event.body, events.MessageAdded)]


async def test_hello_is_answered_with_welcome_and_both_snapshots(house: Central) -> None:
    user = await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        assert isinstance(desk.seen[0], session.Welcomed)
        assert desk.seen[0].user == user.id
        floor = next(it.body for it in desk.snapshots() if it.topic == events.FLOOR)
        assert isinstance(floor, events.FloorSnapshot)
        assert floor.me.connected
        assert floor.settings.name == "CATGEM"
        assert floor.advisors == ()


@pytest.mark.parametrize(
    ("hello", "reason"),
    [
        (frames.encode(frames.Hello(token="inventado")), "unauthorized"),
        (frames.encode(frames.Hello(token="x", version=99)), "version"),
        (frames.encode(frames.command_frame("1", commands.SetPhone(uri=""))), "malformed"),
        ("basura", "malformed"),
        ("{}", "malformed"),
    ],
)
async def test_a_wrong_greeting_is_told_goodbye(house: Central, hello: str, reason: str) -> None:
    url = house.url.replace("http", "ws") + "/api/v1/live"
    async with websockets.connect(url, compression=None, proxy=None) as socket, asyncio.timeout(5):
        await socket.send(hello)
        assert frames.decode_from_central(await socket.recv()) == frames.Goodbye(reason=reason)
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()


async def test_compression_is_off_and_a_frame_over_the_limit_ends_the_line(house: Central) -> None:
    await hire(house, "ana")
    token = (await log_in(house.url, "ana")).access_token
    url = house.url.replace("http", "ws") + "/api/v1/live"
    async with websockets.connect(url, proxy=None) as socket, asyncio.timeout(5):
        assert socket.protocol.extensions == []
        await socket.send(frames.encode(frames.Hello(token=token)))
        await socket.recv()
        await socket.send("x" * (frames.MAX_FRAME + 1))
        said = [frames.decode_from_central(data) async for data in socket]
        assert said[-1] == frames.Goodbye(reason="malformed")


async def test_commands_end_in_done_or_refused(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        assert await desk.command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
        refused = await desk.command(commands.AcceptOffer(contact="nada"))
        assert refused is not None
        assert refused.code is Refusal.NOT_FOUND


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (frames.Command(id="c1", kind="tea.make"), Refusal.UNKNOWN_COMMAND),
        (frames.Command(id="c1", kind="chat.send"), Refusal.MALFORMED),
        (frames.Command(id="x" * 65, kind="advisor.phone"), Refusal.MALFORMED),
        (frames.Command(id="", kind="advisor.phone"), Refusal.MALFORMED),
    ],
)
async def test_what_central_cannot_read_is_refused(house: Central, command: frames.Command, code: Refusal) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        await desk.socket.send(frames.encode(command))
        answer = await desk.until(lambda: next((it for it in desk.seen if isinstance(it, session.Answered)), None))
        assert answer.to == command.id
        assert answer.refused.code is code
        assert await desk.command(commands.SetPhone(uri="sip:ana@127.0.0.1:5070")) is None


async def test_every_command_names_its_roles_and_the_floor_ones_are_for_the_floor(house: Central) -> None:
    assert set(COMMAND_ROLES) == set(commands.COMMANDS)
    floor = [
        commands.Monitor(contact="c", mode=Monitoring.LISTEN),
        commands.StopMonitoring(contact="c"),
        commands.Reassign(contact="c", queue="general"),
    ]
    for role in Role:
        await hire(house, f"user-{role.value}", role)
        async with desk_of(house, f"user-{role.value}") as desk:
            await desk.ready()
            for body in floor:
                refused = await desk.command(body)
                assert refused is not None
                allowed = role in {Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR}
                assert (refused.code is Refusal.NOT_ALLOWED) == (not allowed), (role, body, refused)


async def test_a_chat_is_offered_accepted_and_answered(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        contact = await accept_chat(house, desk)
        message = str(uuid.uuid4())
        assert (
            await desk.command(commands.SendChat(contact=contact, text="¿En qué puedo servirle? ñ 🙂"), message) is None
        )
        assert await house.actor.submit(CitizenWrote(message=line(contact, "Mi acta"))) is None
        await desk.until(lambda: texts(desk)[-1:] == ["Mi acta"])
        assert texts(desk) == ["Buenos días", "¿En qué puedo servirle? ñ 🙂", "Mi acta"]


async def test_a_repeated_command_takes_effect_once_and_gets_the_stored_answer(house: Central) -> None:
    await hire(house, "ana")
    await hire(house, "bea")
    async with desk_of(house, "ana") as desk, desk_of(house, "bea") as other:
        await desk.ready()
        await other.ready()
        contact = await accept_chat(house, desk)
        body, command = commands.SendChat(contact=contact, text="una sola vez"), str(uuid.uuid4())
        assert await desk.command(body, command) is None
        assert await desk.command(body, command) is None
        notes = commands.SaveNotes(contact=contact, text="x", revision=7)
        stale = str(uuid.uuid4())
        first, second = await desk.command(notes, stale), await desk.command(notes, stale)
        assert first is not None and first.code is Refusal.STALE
        assert second == first
        assert texts(desk).count("una sola vez") == 1
        foreign = await other.command(body, command)
        assert foreign is not None and foreign.code is Refusal.MALFORMED
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        assert await desk.command(body, command) is None
    async with house.database.read() as connection:
        query = "select count(*) from messages where body like '%una sola vez%'"
        assert (await connection.exec_driver_sql(query)).scalar() == 1


async def test_the_same_command_many_times_at_once_takes_effect_once(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        contact = await accept_chat(house, desk)
        frame = frames.encode(frames.command_frame("igual", commands.SendChat(contact=contact, text="una")))
        await asyncio.gather(*(desk.socket.send(frame) for _ in range(20)))
        await desk.until(lambda: sum(isinstance(it, session.Answered) and it.to == "igual" for it in desk.seen) == 20)
        assert texts(desk).count("una") == 1


async def test_after_a_cut_the_line_goes_on_from_the_cursor(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        contact = await accept_chat(house, desk)
        cursors = dict(desk.session.cursors)
        desk.socket.transport.abort()
        await desk.ended()
    for number in range(5):
        assert await house.actor.submit(CitizenWrote(message=line(contact, f"línea {number}"))) is None
    async with desk_of(house, "ana", cursors) as desk:
        await desk.until(lambda: len(texts(desk)) >= 5)
        assert await house.actor.submit(CitizenWrote(message=line(contact, "en vivo"))) is None
        await desk.until(lambda: "en vivo" in texts(desk))
        assert texts(desk) == [f"línea {number}" for number in range(5)] + ["en vivo"]
        assert desk.snapshots() == []


async def test_who_is_far_behind_or_comes_from_another_life_gets_a_snapshot(house: Central) -> None:
    await hire(house, "ana")
    for floor in (1, house.actor.cursor + 10_000, house.actor.cursor - 5_000):
        async with desk_of(house, "ana", {events.FLOOR: floor, events.DIRECTORY: house.directory.cursor}) as desk:
            await desk.until(lambda desk=desk: desk.snapshots())
            assert [it.topic for it in desk.snapshots()] == [events.FLOOR]


async def test_advisors_see_their_own_and_coordinators_the_floor(house: Central) -> None:
    for username, role in [("ana", Role.ADVISOR), ("bea", Role.ADVISOR), ("coordina", Role.COORDINATOR)]:
        await hire(house, username, role)
    async with (
        desk_of(house, "ana") as ana,
        desk_of(house, "bea") as bea,
        desk_of(house, "coordina") as floor,
    ):
        for desk in (ana, bea, floor):
            await desk.ready()
        contact = await accept_chat(house, ana)
        await floor.until(lambda: state_of(floor, contact) is ContactState.ACTIVE)
        assert state_of(bea, contact) is None
        await bea.command(commands.SetPhone(uri=""))
        assert state_of(bea, contact) is None
        assert all("Buenos días" not in text for text in bea.raw)
    async with desk_of(house, "coordina") as floor:
        await floor.ready()
        snapshot = next(it.body for it in floor.snapshots() if it.topic == events.FLOOR)
        assert isinstance(snapshot, events.FloorSnapshot)
        assert {advisor.user.username for advisor in snapshot.advisors} == {"ana", "bea", "coordina"}
        assert [it.id for it in snapshot.contacts] == [contact]


async def test_a_second_workstation_of_the_same_user_replaces_the_first(house: Central) -> None:
    user = await hire(house, "ana")
    async with desk_of(house, "ana") as first:
        await first.ready()
        async with desk_of(house, "ana") as second:
            assert await first.ended() == "replaced"
            await second.ready()
            assert await second.command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
            advisor = await house.actor.look(lambda queue: queue.advisor(user.id))
            assert advisor is not None and advisor.connected


async def test_a_full_disk_refuses_plainly_and_the_same_command_works_once_there_is_room(house: Central) -> None:
    await hire(house, "ana")
    await hire(house, "bea")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        contact = await accept_chat(house, desk)
        async with house.database.writer.connect() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count = 1")  # SQLite takes the present size instead
        command, long = new_id(), commands.SaveNotes(contact=contact, text="x" * 15_000, revision=1)
        while (refused := await desk.command(long, command)) is None:
            command, long = new_id(), msgspec.structs.replace(long, revision=long.revision + 1)
        assert refused.code is Refusal.STORAGE
        async with httpx.AsyncClient(base_url=f"{house.url}/api/v1", trust_env=False) as client:
            for _ in range(50):
                answer = await client.post("/session", json={"username": "bea", "password": PASSWORD})
                if answer.status_code != 200:
                    break
            assert (answer.status_code, answer.json()) == (503, {"code": "storage"})
            assert (await client.get("/health")).json()["ok"] is True
        async with house.database.writer.connect() as connection:
            await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert await desk.command(long, command) is None
        assert desk.closed == ""


async def test_logging_out_ends_the_live_line_of_that_session_only(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        other = await log_in(house.url, "ana")
        async with httpx.AsyncClient(base_url=f"{house.url}/api/v1", trust_env=False) as client:
            await client.delete("/session", headers={"Authorization": f"Bearer {other.access_token}"})
            assert await desk.command(commands.SetPhone(uri="")) is None
            await client.delete("/session", headers={"Authorization": f"Bearer {desk.token}"})
        assert await desk.ended() == "unauthorized"


async def test_a_dead_workstation_is_noticed(house: Central) -> None:
    user = await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        desk.stop_reading()

        async def gone() -> bool:
            advisor = await house.actor.look(lambda queue: queue.advisor(user.id))
            return advisor is not None and not advisor.connected

        await eventually(gone)


async def test_a_workstation_that_was_cut_off_is_missed_at_once(house: Central) -> None:
    """Before its telephone hangs up (phone.engine.loop.ORPHAN_SECONDS), which would look like the advisor's wish."""
    user = await hire(house, "ana")
    await hire(house, "carmen", Role.COORDINATOR)
    async with desk_of(house, "carmen") as floor, desk_of(house, "ana") as desk:
        await floor.ready()
        await desk.ready()
        desk.socket.transport.abort()
        cut = time.monotonic()

        def gone() -> bool:
            changed = [event.body.advisor for event in floor.events(events.AdvisorChanged)]
            return any(advisor.user.id == user.id and not advisor.connected for advisor in changed)

        await floor.until(gone)
        assert time.monotonic() - cut < 0.5


async def test_a_slow_reader_gets_a_snapshot_and_slows_nobody(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data", heartbeat=30.0) as house:
        for username in ("lenta", "viva"):
            await hire(house, username, Role.COORDINATOR)
        contact = await begin_chat(house)
        async with desk_of(house, "lenta") as slow, desk_of(house, "viva") as quick:
            await slow.ready()
            await quick.ready()
            slow.stop_reading()
            text = "x" * 3_900
            rounds, many = 30, 60  # some 7 MB: more than the sockets' buffers and the line's 500 events hold
            for _ in range(rounds):
                async with asyncio.timeout(10):
                    await asyncio.gather(
                        *(house.actor.submit(CitizenWrote(message=line(contact, text))) for _ in range(many))
                    )
            await quick.until(lambda: len(texts(quick)) >= rounds * many)
            assert quick.snapshots()[2:] == []
            slow.go_on_reading()
            await slow.until(lambda: len([it for it in slow.snapshots() if it.topic == events.FLOOR]) == 2)
            assert len(texts(slow)) < rounds * many
            await house.actor.submit(CitizenWrote(message=line(contact, "la última")))
            await slow.until(lambda: texts(slow)[-1:] == ["la última"])
            assert slow.closed == ""


async def test_directory_changes_are_pushed_and_restricted_fields_are_not(house: Central) -> None:
    await hire(house, "ana")
    await hire(house, "irma", Role.INFORMATION_MANAGER)
    record = Record(id="r1", kind=RecordKind.PERSON, title="Titular", revision=0, restricted={"mobile": "7229999999"})
    async with desk_of(house, "ana") as advisor, desk_of(house, "irma") as manager:
        await advisor.ready()
        await manager.ready()
        await house.directory.import_records([record], "irma", "oficio 3")
        for desk, restricted in ((advisor, {}), (manager, {"mobile": "7229999999"})):
            event = (await desk.until(lambda desk=desk: desk.events(events.RecordChanged)))[0]
            assert event.body.record.title == "Titular"
            assert event.body.record.restricted == restricted
        cursors = dict(advisor.session.cursors)
    await house.directory.import_records(
        [Record(id="r2", kind=RecordKind.UNIT, title="Unidad", revision=0)], "irma", ""
    )
    async with desk_of(house, "ana", cursors) as advisor:
        event = (await advisor.until(lambda: advisor.events(events.RecordChanged)))[0]
        assert event.body.record.title == "Unidad"
        assert advisor.snapshots() == []


async def test_a_desk_is_up_to_date_after_a_great_import(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        many = [Record(id=f"r{n}", kind=RecordKind.UNIT, title=f"Unidad {n}", revision=0) for n in range(2_000)]
        assert await house.directory.import_records(many, "prueba", "") == 2_000
        await desk.until(lambda: desk.session.cursors[events.DIRECTORY] == house.directory.cursor)
        assert desk.closed == ""


async def test_the_queue_is_summed_up_for_everyone_but_not_too_often(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        for _ in range(40):
            await begin_chat(house)

        def summaries() -> list[events.QueueChanged]:
            bodies = [it.body for it in desk.seen if isinstance(it, session.SignalArrived)]
            return [body for body in bodies if isinstance(body, events.QueueChanged)]

        await desk.until(lambda: summaries()[-1].summary.chats == 40)
        assert len(summaries()) < 20
        assert len(summaries()[-1].summary.next) == 10


async def test_central_says_goodbye_when_it_stops(tmp_path: Path) -> None:
    async with running_central(tmp_path / "data") as house:
        await hire(house, "ana")
        desk = Desk(house.url, (await log_in(house.url, "ana")).access_token)
        await desk.__aenter__()
        await desk.ready()
    assert await desk.ended() == "stopping"
    await desk.leave()


async def test_the_ping_of_a_workstation_is_answered_at_once(house: Central) -> None:
    await hire(house, "ana")
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        await desk.socket.send(frames.encode(frames.Ping(at=1.25)))
        await desk.until(lambda: any(json.loads(text) == {"t": "pong", "at": 1.25} for text in desk.raw))


async def test_no_web_page_speaks_the_live_line(house: Central) -> None:
    await hire(house, "ana")
    url = house.url.replace("http", "ws", 1) + "/api/v1/live"
    with pytest.raises(websockets.exceptions.InvalidStatus):
        await websockets.connect(url, compression=None, proxy=None, origin=websockets.Origin("http://example.org"))
