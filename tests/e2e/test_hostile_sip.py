"""Whatever arrives at a SIP port: the engine lives, no call of it is left behind, and ordinary calls are answered."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    TOKEN_HEADER,
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    EngineSettings,
    EngineStopped,
    Expect,
    Gate,
    HangUp,
    PhoneError,
)
from tests.phone_set import PATIENCE, Set
from tests.torture import broken, torture

pytestmark = pytest.mark.require_module("pjsua2")
ENEMY = "127.0.0.2"
PACE = 0.15
"""Seconds between two messages: quicker ones count as a flood, and are not even read."""
FLOOD_SECONDS, FLOOD_RATE = 8.0, 200
GROWTH_KIB = 6 * 1024


@pytest.fixture(params=list(Gate), ids=["line", "advisor"])
async def victim(request: pytest.FixtureRequest) -> AsyncIterator[Set]:
    """A line's engine, or the public port's, which let everybody in, or an advisor's."""
    victim = Set(EngineClient(EngineSettings(gate=request.param, sound=False, user="someone")))
    await victim.start()
    turning_away = asyncio.create_task(turn_away(victim))
    yield victim
    turning_away.cancel()
    await victim.stop()


async def turn_away(victim: Set) -> None:
    """As a person does who knows none of them."""
    seen = 0
    while True:
        for event in victim.heard[seen:]:
            if isinstance(event, CallArrived) and not event.token.startswith("friend"):
                with contextlib.suppress(PhoneError):
                    await victim.phone.do(HangUp(call=event.call))
            seen += 1
        await asyncio.sleep(0.02)


@pytest.fixture
async def friend() -> AsyncIterator[Set]:
    friend = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False, user="friend")))
    await friend.start()
    yield friend
    await friend.stop()


@pytest.fixture
def enemy(victim: Set) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as enemy:
        enemy.bind((ENEMY, 0))
        enemy.connect(("127.0.0.1", int(victim.uri.rpartition(":")[2])))
        enemy.setblocking(False)
        yield enemy


def send(enemy: socket.socket, message: bytes) -> None:
    with contextlib.suppress(OSError):  # longer than a datagram may be, or nobody listens any more: the check tells
        enemy.send(message)


async def call(friend: Set, victim: Set, number: int) -> bool:
    """Whether an ordinary call is taken and ends."""
    token, name = f"friend{number}", f"out{number}"
    await victim.do(Expect(token=token))
    await friend.do(Dial(call=name, uri=victim.uri, headers={TOKEN_HEADER: token}))
    while (changed := await friend.next(CallChanged, call=name)).state is CallState.DIALLING:
        pass
    if changed.state is CallState.ENDED:
        return False
    arrived: list[CallArrived] = []
    async with asyncio.timeout(PATIENCE):
        while not arrived:  # ringing there and told here are two ways
            arrived = [event for event in victim.heard if isinstance(event, CallArrived) and event.token == token]
            await asyncio.sleep(0.01)
    await victim.do(Answer(call=arrived[0].call))
    await friend.state(name, CallState.CONFIRMED)
    await friend.do(HangUp(call=name))
    await friend.state(name, CallState.ENDED)
    return True


async def until_nobody_is_left(victim: Set) -> None:
    """No call that arrived is without its end."""
    async with asyncio.timeout(60):
        while True:
            ended = {e.call for e in victim.heard if isinstance(e, CallChanged) and e.state is CallState.ENDED}
            if {e.call for e in victim.heard if isinstance(e, CallArrived)} <= ended:
                return
            await asyncio.sleep(0.1)


def memory(victim: Set) -> int:
    assert isinstance(victim.phone, EngineClient)
    lines = Path(f"/proc/{victim.phone.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def deaths(victim: Set) -> list[EngineStopped]:
    return [event for event in victim.heard if isinstance(event, EngineStopped)]


async def test_messages_that_nobody_should_send(victim: Set, friend: Set, enemy: socket.socket) -> None:
    here = "{}:{}".format(*enemy.getsockname())
    messages = [*(message for _, message in torture()), *broken(here)]
    for number, message in enumerate(messages):
        send(enemy, message)
        await asyncio.sleep(PACE)
        assert not deaths(victim), message[:300]
        if number % 10 == 9:
            assert await call(friend, victim, number)
    await until_nobody_is_left(victim)
    assert await call(friend, victim, len(messages))


async def test_a_storm_of_repetitions(victim: Set, friend: Set, enemy: socket.socket) -> None:
    """One INVITE, and each of the messages that may follow it, a thousand times over."""
    here = "{}:{}".format(*enemy.getsockname())
    plain = next(message for message in broken(here) if b"cseq-4" in message).replace(b"1 BYE", b"1 INVITE")
    before = memory(victim)
    for number in range(1000):
        send(enemy, plain)
        if number % 3 == 0:
            send(enemy, plain.replace(b"INVITE", b"ACK"))
            send(enemy, plain.replace(b"INVITE", b"CANCEL"))
            send(enemy, plain.replace(b"INVITE", b"BYE"))
        if number % 100 == 99:
            assert await call(friend, victim, number)
        await asyncio.sleep(0.001)
    await until_nobody_is_left(victim)
    assert not deaths(victim)
    assert memory(victim) - before < GROWTH_KIB


async def test_a_flood_of_calls(victim: Set, friend: Set, enemy: socket.socket) -> None:
    """200 a second from one address; others are served meanwhile."""
    here = "{}:{}".format(*enemy.getsockname())
    plain = next(message for message in broken(here) if b"cseq-4" in message).replace(b"1 BYE", b"1 INVITE")
    before, taken, tried, sent = memory(victim), 0, 0, 0
    begun = time.monotonic()

    async def flood() -> None:
        nonlocal sent
        while True:
            while sent < (time.monotonic() - begun) * FLOOD_RATE:
                sent += 1
                send(enemy, plain.replace(b"cseq-4", b"flood-%d" % sent))
            await asyncio.sleep(0.01)

    flooding = asyncio.create_task(flood())
    await asyncio.sleep(0.5)
    while time.monotonic() - begun < FLOOD_SECONDS:
        tried += 1
        taken += await call(friend, victim, tried)
        await asyncio.sleep(0.2)
    flooding.cancel()
    assert sent > FLOOD_RATE * FLOOD_SECONDS * 0.9
    assert taken >= tried * 0.9, f"{taken} of {tried} ordinary calls"
    assert not deaths(victim)
    await until_nobody_is_left(victim)
    assert memory(victim) - before < GROWTH_KIB
