"""The live line against a real websocket server on loopback that misbehaves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve

from catgem_tui.link import live
from catgem_tui.link.address import Address, Failed, parse_address
from catgem_tui.link.api import Api
from catgem_tui.link.live import GiveToken, LiveLine
from catgem_tui.protocol import frames
from catgem_tui.protocol.commands import Park
from catgem_tui.protocol.enums import Author
from catgem_tui.protocol.events import FLOOR, MessageAdded
from catgem_tui.protocol.frames import Command, Event, Goodbye, Hello, Reply, Welcome, raw
from catgem_tui.protocol.model import Message
from catgem_tui.protocol.session import Answered, EventArrived, Incoming, Welcomed, WorkstationSession

Handler = Callable[[ServerConnection], Awaitable[None]]


class Ear:
    def __init__(self) -> None:
        self.brought: list[Incoming] = []
        self.lost: list[tuple[str, tuple[str, ...]]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def line_brought(self, incoming: Incoming) -> None:
        self.brought.append(incoming)
        self._tell()

    def line_lost(self, reason: str, unanswered: tuple[str, ...]) -> None:
        self.lost.append((reason, unanswered))
        self._tell()

    def _tell(self) -> None:
        async def tell() -> None:
            async with self._changed:
                self._changed.notify_all()

        task = asyncio.get_running_loop().create_task(tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(condition)

    def count(self, kind: type) -> int:
        return sum(isinstance(one, kind) for one in self.brought)


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[tuple[Server, Address]]:
    async with serve(handler, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        address = parse_address(f"http://127.0.0.1:{port}")
        assert isinstance(address, Address)
        yield server, address


@asynccontextmanager
async def line_to(
    address: Address, give_token: GiveToken | None = None, cursor: int = 0
) -> AsyncIterator[tuple[LiveLine, Ear]]:
    async def always(renew: bool) -> str | Failed:
        return "token"

    ear = Ear()
    session = WorkstationSession(asyncio.get_running_loop().time, {FLOOR: cursor})
    line = LiveLine(address, session, give_token or always, ear)
    line.open()
    try:
        yield line, ear
    finally:
        await line.close()


async def greet(socket: ServerConnection, heartbeat: float = 5.0) -> Hello:
    hello = frames.decode_from_workstation(await socket.recv())
    assert isinstance(hello, Hello)
    await socket.send(frames.encode(Welcome(version=1, user="u1", now=1.0, heartbeat=heartbeat)))
    return hello


def event(seq: int, prev: int) -> str:
    message = Message(id=str(seq), contact="c", author=Author.CITIZEN, text="hola", sent_at=0.0)
    return frames.encode(
        Event(topic=FLOOR, seq=seq, prev=prev, kind="message.added", body=raw(MessageAdded(message=message)))
    )


async def test_a_cut_line_comes_back_from_where_it_was() -> None:
    cursors: list[dict[str, int]] = []

    async def central(socket: ServerConnection) -> None:
        cursors.append((await greet(socket)).cursors)
        here = cursors[-1][FLOOR]
        await socket.send(event(here + 1, here))
        await socket.recv()  # the acknowledgement
        socket.transport.abort()

    async with served(central) as (_, address), line_to(address) as (_, ear):
        await ear.until(lambda: ear.count(EventArrived) >= 3)
    assert [one.seq for one in ear.brought if isinstance(one, EventArrived)][:3] == [1, 2, 3]
    assert [c[FLOOR] for c in cursors][:3] == [0, 1, 2]


async def test_a_gap_is_asked_for_again() -> None:
    tries = 0

    async def central(socket: ServerConnection) -> None:
        nonlocal tries
        tries += 1
        await greet(socket)
        await socket.send(event(2, 1) if tries == 1 else event(1, 0))
        await socket.wait_closed()

    async with served(central) as (_, address), line_to(address) as (_, ear):
        await ear.until(lambda: ear.count(EventArrived) == 1)
    assert ear.lost[0] == ("gap", ())


async def test_a_flood_leaves_its_turns_to_others_and_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TURN", 0.0)
    many = 300
    turns = 0

    async def central(socket: ServerConnection) -> None:
        await greet(socket)
        for seq in range(1, many + 1):
            await socket.send(event(seq, seq - 1))
        await socket.wait_closed()

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with served(central) as (_, address), line_to(address) as (_, ear):
        await ear.until(lambda: ear.count(Welcomed) == 1)
        counting = asyncio.create_task(count_turns())
        await ear.until(lambda: ear.count(EventArrived) == many)
        counting.cancel()
        await asyncio.wait([counting])
    assert [one.seq for one in ear.brought if isinstance(one, EventArrived)] == [*range(1, many + 1)]
    assert turns > live.TURNS * many / 2


async def test_silence_is_noticed() -> None:
    async def central(socket: ServerConnection) -> None:
        await greet(socket, heartbeat=0.05)
        await socket.wait_closed()

    async with served(central) as (_, address), line_to(address) as (_, ear):
        await ear.until(lambda: len(ear.lost) >= 1)
    assert ear.lost[0][0] == "silent"


async def test_being_replaced_is_final_until_asked() -> None:
    async def central(socket: ServerConnection) -> None:
        await greet(socket)
        await socket.send(frames.encode(Goodbye(reason="replaced")))

    async with served(central) as (_, address), line_to(address) as (line, ear):
        await ear.until(lambda: len(ear.lost) == 1)
        assert ear.lost == [("replaced", ())]
        line.hurry()
        await ear.until(lambda: len(ear.lost) == 2)


async def test_an_old_token_is_renewed_once_and_then_given_up() -> None:
    asked: list[bool] = []

    async def give(renew: bool) -> str | Failed:
        asked.append(renew)
        return "token"

    async def central(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send(frames.encode(Goodbye(reason="unauthorized")))

    async with served(central) as (_, address), line_to(address, give) as (_, ear):
        await ear.until(lambda: ("expired", ()) in ear.lost)
    assert asked == [False, True]


async def test_commands_are_answered_or_named_as_unanswered() -> None:
    async def central(socket: ServerConnection) -> None:
        await greet(socket)
        first = frames.decode_from_workstation(await socket.recv())
        assert isinstance(first, Command)
        await socket.send(frames.encode(Reply(to=first.id)))
        await socket.recv()
        socket.transport.abort()

    async with served(central) as (_, address), line_to(address) as (line, ear):
        assert not line.send("0", Park(contact="c"))
        await ear.until(lambda: ear.count(Welcomed) == 1)
        assert line.send("1", Park(contact="c"))
        await ear.until(lambda: ear.count(Answered) == 1)
        assert line.send("2", Park(contact="c"))
        await ear.until(lambda: len(ear.lost) == 1)
    assert ear.lost[0][1] == ("2",)


async def test_nobody_there_is_a_value_for_the_line_and_for_http() -> None:
    async with served(lambda socket: socket.wait_closed()) as (_, address):
        pass
    async with line_to(address) as (_, ear):
        await ear.until(lambda: len(ear.lost) >= 2)
    assert {reason for reason, _ in ear.lost} == {"unreachable"}
    api = Api(address)
    failed = await api.log_in("ana", "secret")
    assert isinstance(failed, Failed)
    assert failed.code == "unreachable"
    await api.close()


async def test_something_that_is_not_central_is_incompatible() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        address = parse_address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert isinstance(address, Address)
        api = Api(address)
        failed = await api.log_in("ana", "secret")
        assert isinstance(failed, Failed)
        assert failed.code == "incompatible"
        await api.close()


async def test_a_surprise_on_the_way_does_not_end_the_line_for_good() -> None:
    surprises = [RuntimeError("a proxy nobody can speak to")]

    async def token(renew: bool) -> str | Failed:
        if surprises:
            raise surprises.pop()
        return "token"

    async def greet(connection: ServerConnection) -> None:
        await connection.recv()
        await connection.send(frames.encode(Welcome(version=frames.VERSION, user="ana", now=0.0, heartbeat=2.0)))
        await connection.wait_closed()

    async with served(greet) as (_, address), line_to(address, token) as (_, ear):
        await ear.until(lambda: ear.count(Welcomed) == 1)
        assert [reason for reason, _ in ear.lost] == ["unreachable"]
