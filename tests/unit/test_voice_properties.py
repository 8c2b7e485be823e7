"""A line on which anything may happen in any order."""

from collections.abc import Callable
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.central.ports import (
    CitizenLeft,
    ContactArrived,
    EndConsulting,
    EndMonitoring,
    Finish,
    HandOver,
    Join,
    LineLost,
    Requeue,
    SendOut,
    SetHold,
    SetSide,
    StartConsulting,
    StartMonitoring,
    Withdraw,
)
from catgem_tui.central.voice.signals import (
    Input,
    TimerFired,
)
from catgem_tui.phone.port import (
    CallArrived,
    DigitReceived,
    EngineStopped,
    PlayEnded,
)
from catgem_tui.protocol.enums import Monitoring, Side
from tests.voice_floor import CALL, Floor, confirmed, ended, offer


def _anything(floor: Floor) -> list[Callable[[], Input | None]]:
    def some_call(number: int) -> str:
        calls = sorted(floor.calls)
        return calls[number % len(calls)] if calls else "none"

    def prompt() -> Input | None:
        players = [player for player in floor.playing if player != "music"]
        return PlayEnded(player=players[0]) if players else None

    def timer() -> Input | None:
        if not floor.timers:
            return None
        name = sorted(floor.timers)[0]
        del floor.timers[name]
        return TimerFired(name=name)

    def now(make: Callable[[str], Input]) -> Input:
        return make(floor.line.contact)

    arrivals = count(1)
    return [
        lambda: CallArrived(call=f"in-{next(arrivals)}", caller="7", dialled="070") if len(floor.calls) < 4 else None,
        *[lambda n=n: confirmed(some_call(n)) for n in range(4)],  # type: ignore[misc]
        *[lambda n=n: ended(some_call(n)) for n in range(4)],  # type: ignore[misc]
        prompt,
        timer,
        lambda: DigitReceived(call=some_call(0), digit="3"),
        lambda: now(lambda c: offer("ana", c)),
        lambda: now(lambda c: offer("luis", c)),
        lambda: now(lambda c: Withdraw(contact=c, channel=CALL, advisor="ana")),
        lambda: now(lambda c: Join(contact=c, channel=CALL, advisor="ana", name="Ana")),
        lambda: now(lambda c: Requeue(contact=c, channel=CALL)),
        lambda: now(lambda c: SetHold(contact=c, channel=CALL, held=True)),
        lambda: now(lambda c: Finish(contact=c, channel=CALL)),
        lambda: now(
            lambda c: StartMonitoring(
                contact=c, channel=CALL, coordinator="eva", mode=Monitoring.BARGE, uri="sip:e@h", token="m"
            )
        ),
        lambda: now(lambda c: EndMonitoring(contact=c, channel=CALL, coordinator="eva")),
        lambda: now(lambda c: StartConsulting(contact=c, channel=CALL, token="a", seconds=20.0, uri="sip:l@h")),
        lambda: now(lambda c: StartConsulting(contact=c, channel=CALL, token="b", seconds=30.0, number="072")),
        *[lambda s=s: now(lambda c: SetSide(contact=c, channel=CALL, side=s)) for s in Side],  # type: ignore[misc]
        lambda: now(lambda c: EndConsulting(contact=c, channel=CALL)),
        lambda: now(lambda c: HandOver(contact=c, channel=CALL, token="a", advisor="luis")),
        lambda: now(lambda c: HandOver(contact=c, channel=CALL, token="b")),
        lambda: now(lambda c: SendOut(contact=c, channel=CALL, token="d", number="072", seconds=30.0)),
        lambda: EngineStopped(reason="killed"),
    ]


@given(st.lists(st.integers(0, 31), max_size=60))
def test_every_contact_told_ends_once_and_no_wire_is_left_behind(steps: list[int]) -> None:
    floor = Floor()
    anything = _anything(floor)
    for step in steps:
        event = anything[step % len(anything)]()
        if event is not None:
            floor.happens(event)
    for call in sorted(floor.calls):
        floor.happens(ended(call))
    arrived = [told.contact for told in floor.told if isinstance(told, ContactArrived)]
    left = [told.contact for told in floor.told if isinstance(told, CitizenLeft | LineLost)]
    assert sorted(arrived) == sorted(left)
    assert not floor.line.busy
    assert not floor.wires
    assert not floor.playing
