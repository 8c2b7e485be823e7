"""Two clocks, and threads that are held up: what the microphone says passes from one to the other without a hole, and
waits no longer than it must."""

import math
import random
from array import array
from collections.abc import Callable, Iterator

import pytest

from catgem_tui.phone.engine.elastic import ElasticBuffer

RATE, BLOCK = 16000, 160
TICK = BLOCK / RATE
LOUD, QUIET = 8000, 50


def in_time(_at: float) -> float:
    return 0.0


class Microphone:
    """Brings a fragment every 10 ms by its own clock: a tone, so that a seam is seen. ``late``: seconds, by the time at
    which it should come."""

    def __init__(
        self, *, pace: float = 1.0, loud: int = LOUD, late: Callable[[float], float] = in_time, phase: float = 0.004
    ) -> None:
        self._fragments = self._record(pace, loud, late, phase)
        self.next = next(self._fragments)

    def _record(
        self, pace: float, loud: int, late: Callable[[float], float], phase: float
    ) -> Iterator[tuple[float, bytes]]:
        number, before = 0, 0.0
        while True:
            due = phase + number * TICK / pace
            before = max(before, due + late(due))
            samples = range(number * BLOCK, (number + 1) * BLOCK)
            yield before, array("h", (round(loud * math.sin(math.tau * 200 * at / RATE)) for at in samples)).tobytes()
            number += 1

    def bring(self, buffer: ElasticBuffer, until: float) -> None:
        while self.next[0] <= until:
            buffer.put(self.next[1], self.next[0])
            self.next = next(self._fragments)


class Ear:
    """Takes a block every 10 ms; ``stalls``: when, and for how long, it does not. ``burst``: so many at a time."""

    def __init__(
        self, microphone: Microphone, seconds: float, *, stalls: dict[float, float] | None = None, burst: int = 1
    ) -> None:
        self.buffer = ElasticBuffer(BLOCK)
        self.buffer.settle(0.1)
        self.holes: list[float] = []
        self.waiting: list[tuple[float, int]] = []
        self.heard = array("h")
        stalls, lost, number = dict(stalls or {}), 0.0, 0
        while (now := number * TICK * burst + lost) < seconds:
            for at in [at for at in stalls if at <= now]:
                lost += stalls.pop(at)
                now = number * TICK * burst + lost
            microphone.bring(self.buffer, now)
            for _ in range(burst):
                block = self.buffer.take(now)
                if block is None:
                    self.holes.append(now)
                else:
                    assert len(block) == 2 * BLOCK
                    self.heard.frombytes(block)
            self.waiting.append((now, self.buffer.waiting))
            number += 1

    def holes_after(self, seconds: float) -> list[float]:
        return [at for at in self.holes if at > seconds]

    def waited(self, begin: float, end: float) -> float:
        """Blocks, on average."""
        found = [waiting for at, waiting in self.waiting if begin <= at < end]
        return sum(found) / len(found) / BLOCK


@pytest.mark.parametrize("burst", [1, 2])
@pytest.mark.parametrize("pace", [1.0, 1.0003, 0.9997, 1.00005, 0.99995])
def test_clocks_that_differ_make_no_hole_and_no_delay(pace: float, burst: int) -> None:
    ear = Ear(Microphone(pace=pace), 300.0, burst=burst)
    assert not ear.holes_after(0.1)
    assert ear.waited(250.0, 300.0) < 1.2
    assert max(waiting for _, waiting in ear.waiting[1000:]) <= 2 * BLOCK


@pytest.mark.parametrize("pace", [1.0003, 0.9997])
def test_nobody_hears_a_sample_come_or_go(pace: float) -> None:
    ear = Ear(Microphone(pace=pace), 120.0)
    steps = [abs(after - before) for before, after in zip(ear.heard[1600:], ear.heard[1601:], strict=False)]
    steepest = LOUD * math.tau * 200 / RATE
    assert max(steps) < 1.1 * steepest, "two samples of the tone itself are never further apart"


@pytest.mark.parametrize("phase", [0.0, 0.002, 0.005, 0.008, 0.0099])
def test_wherever_the_clocks_begin_the_wait_is_short(phase: float) -> None:
    ear = Ear(Microphone(phase=phase), 30.0)
    assert not ear.holes_after(0.1)
    assert ear.waited(20.0, 30.0) < 1.05


def test_a_thread_that_is_often_late_costs_as_much_delay_as_it_is_late() -> None:
    source = random.Random(4)  # noqa: S311
    ear = Ear(Microphone(late=lambda _: source.expovariate(1 / 0.002)), 120.0)
    assert len(ear.holes_after(10.0)) <= 3
    assert ear.waited(60.0, 120.0) < 2.5


def test_what_is_late_now_and_then_is_learned_and_not_tried_again_soon() -> None:
    ear = Ear(Microphone(late=lambda at: 0.015 if 0.0 < at % 7.0 < TICK else 0.0), 200.0)
    assert len(ear.holes_after(0.1)) <= 3
    assert not ear.holes_after(40.0)


def test_what_was_late_long_ago_is_forgotten() -> None:
    ear = Ear(Microphone(late=lambda at: 0.015 if at < 30.0 and 0.0 < at % 3.0 < TICK else 0.0), 600.0)
    assert ear.waited(550.0, 600.0) < 1.2


def test_after_a_loudspeaker_that_stood_still_what_waits_is_left_out_soon() -> None:
    ear = Ear(Microphone(), 30.0, stalls={10.0: 0.07})
    assert not ear.holes_after(0.1)
    assert ear.waited(10.1, 10.3) > 5
    assert ear.waited(16.0, 17.0) < 2.2
    assert ear.waited(25.0, 30.0) < 1.05


def test_in_a_pause_it_is_left_out_at_once() -> None:
    ear = Ear(Microphone(loud=QUIET), 30.0, stalls={10.0: 0.07})
    assert ear.waited(14.5, 15.0) < 2.2


def test_a_microphone_that_stood_still_is_a_hole_once() -> None:
    ear = Ear(Microphone(late=lambda at: max(0.0, 10.2 - at) if at >= 10.0 else 0.0), 40.0)
    assert 15 <= len(ear.holes_after(0.1)) <= 21
    assert not ear.holes_after(10.3)
    assert ear.waited(35.0, 40.0) < 1.3, "what came all at once does not stay"


def test_what_is_too_much_is_refused() -> None:
    buffer = ElasticBuffer(BLOCK)
    lost = [buffer.put(bytes(2 * BLOCK), 0.0) for _ in range(ElasticBuffer.LONGEST + 3)]
    assert lost.count(True) == 2
