"""Others take the processors: noticed by how long our threads wait for them, and by how little is left of them."""

import pytest

from catgem_tui.phone.engine.crowding import Crowding, Processors, read_processors, read_waiting

LOOK = 0.2
ORDINARY = (7.6, 9.5, 15.4, 11.0, 5.8, 5.0, 5.2, 7.1, 5.3, 5.8, 7.3, 7.3, 8.6, 6.2, 5.6, 5.6, 6.7, 8.9, 8.6, 7.5)
"""Milliseconds that the thread that was served worst waited from look to look: without real time, on a machine of two
processors with nothing else to do. All of these were recorded in calls."""
REAL_TIME = (1.0, 0.5, 4.4, 1.5, 1.6, 0.7, 2.2, 4.0, 0.7, 1.6, 1.1, 0.7, 0.5, 0.3, 0.5, 0.6, 0.8, 0.5, 1.0, 8.5)
"""The same in real time."""
BESIDE_ONE = (2.0, 5.1, 2.5, 2.2, 2.6, 3.3, 3.0, 2.6, 6.1, 2.7, 2.6, 2.2, 2.4, 0.8, 0.5, 1.8, 2.0, 0.6, 2.3, 3.5)
"""In real time, beside somebody who keeps one of the two busy."""
BOTH_FOR_A_SECOND = (8.6, 10.6, 20.1, 72.5, 17.9)
"""Without real time, beside two who keep both busy."""


class Machine:
    """Two processors and two threads of ours. ``free``: how much of the processors has nothing to do."""

    def __init__(self, free: float = 1.8, count: int = 2) -> None:
        self.free, self._count = free, count
        self.waited = {"1": 5.0, "2": 9.0}
        self._idle = self._total = 1000.0
        self.crowding = Crowding(lambda: dict(self.waited), lambda: Processors(self._idle, self._total), count)
        self.crowding.is_too_much()

    def goes_on(self, *milliseconds: float) -> list[bool]:
        """A look after each."""
        told = []
        for wait in milliseconds:
            self.waited["2"] += wait / 1000
            self._idle += self.free * LOOK
            self._total += self._count * LOOK
            told.append(self.crowding.is_too_much())
        return told


@pytest.mark.parametrize("waits", [ORDINARY, REAL_TIME])
def test_on_a_quiet_machine_it_never_is_too_much(waits: tuple[float, ...]) -> None:
    assert not any(Machine(free=1.7).goes_on(*waits * 20))


@pytest.mark.parametrize("waits", [ORDINARY, BESIDE_ONE])
def test_beside_somebody_who_keeps_one_of_two_busy_it_is_known_within_two_seconds(waits: tuple[float, ...]) -> None:
    machine = Machine()
    machine.goes_on(*REAL_TIME)
    machine.free = 0.8
    told = machine.goes_on(*waits)
    assert True in told
    assert (told.index(True) + 1) * LOOK < 2.0


def test_who_keeps_one_of_two_busy_for_a_second_each_minute_is_no_crowd() -> None:
    machine = Machine()
    for _ in range(10):
        machine.free = 1.8
        assert not any(machine.goes_on(*ORDINARY * 15))
        machine.free = 0.8
        assert not any(machine.goes_on(*ORDINARY[:5]))


def test_but_who_takes_all_there_is_for_a_second_is_one() -> None:
    machine = Machine()
    machine.goes_on(*ORDINARY)
    machine.free = 0.0
    assert any(machine.goes_on(*BOTH_FOR_A_SECOND))


def test_a_machine_that_is_busy_with_what_gives_way_to_us_is_not_too_crowded() -> None:
    assert not any(Machine(free=0.0).goes_on(*[0.5] * 50))


def test_eight_processors_of_which_one_is_busy_are_enough() -> None:
    assert not any(Machine(free=6.8, count=8).goes_on(*ORDINARY * 5))


def test_a_single_processor_is_too_crowded_when_it_is_more_than_half_busy() -> None:
    machine = Machine(free=0.7, count=1)
    assert not any(machine.goes_on(*ORDINARY))
    machine.free = 0.2
    assert any(machine.goes_on(*ORDINARY))


def test_a_thread_that_is_new_is_measured_from_when_it_was_seen() -> None:
    machine = Machine(free=0.0)
    machine.waited["3"] = 7.0
    assert not any(machine.goes_on(*[0.0] * 10))


def test_one_long_wait_is_none_of_all() -> None:
    assert not any(Machine(free=0.0).goes_on(*REAL_TIME[8:14], 999.0, *REAL_TIME[8:14]))


def test_after_a_break_it_begins_anew() -> None:
    machine = Machine(free=0.0)
    machine.goes_on(*ORDINARY[:6])
    machine.crowding.forget()
    assert not any(machine.goes_on(3000.0, *ORDINARY[:6]))


def test_this_machine_counts_or_says_nothing() -> None:
    assert all(waited >= 0.0 for waited in read_waiting().values())
    idle, total = read_processors()
    assert 0.0 <= idle <= total
