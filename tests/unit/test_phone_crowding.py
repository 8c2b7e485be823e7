"""Others take the processors: known by how little of them is left."""

import pytest

from catgem_tui.phone.engine.crowding import Crowding, Processors, read_processors

LOOK = 0.2
QUIET = 1.7
"""Processors of two that have nothing to do beside a call."""
BESIDE_ONE = 0.8
"""The same beside somebody who keeps one of the two busy."""


class Machine:
    """``count`` processors, of which so many are free from look to look."""

    def __init__(self, count: int = 2) -> None:
        self._count = count
        self._free = self._total = 1000.0
        self.crowding = Crowding(lambda: Processors(self._free, self._total), count)
        self.crowding.is_too_much()

    def goes_on(self, free: float, seconds: float) -> list[bool]:
        told = []
        for _ in range(round(seconds / LOOK)):
            self._free += free * LOOK
            self._total += self._count * LOOK
            told.append(self.crowding.is_too_much())
        return told


def test_on_a_quiet_machine_it_never_is_too_much() -> None:
    assert not any(Machine().goes_on(QUIET, 60.0))


@pytest.mark.parametrize("quiet", [0.0, 30.0])
def test_beside_somebody_who_keeps_one_of_two_busy_it_is_known_in_good_time(quiet: float) -> None:
    machine = Machine()
    machine.goes_on(QUIET, quiet)
    told = machine.goes_on(BESIDE_ONE, 3.0)
    assert (told.index(True) + 1) * LOOK < 1.5, "within two seconds it is to have changed"


def test_who_keeps_one_of_two_busy_for_a_second_each_minute_is_no_crowd() -> None:
    machine = Machine()
    for _ in range(10):
        assert not any(machine.goes_on(QUIET, 59.0))
        assert not any(machine.goes_on(BESIDE_ONE, 1.0))


def test_but_who_takes_all_there_is_for_a_second_is_one() -> None:
    machine = Machine()
    machine.goes_on(QUIET, 5.0)
    assert any(machine.goes_on(0.0, 1.0))


def test_eight_processors_of_which_one_is_busy_are_enough() -> None:
    assert not any(Machine(count=8).goes_on(6.8, 20.0))


def test_a_single_processor_is_too_crowded_when_it_is_more_than_half_busy() -> None:
    machine = Machine(count=1)
    assert not any(machine.goes_on(0.7, 20.0))
    assert any(machine.goes_on(0.2, 2.0))


def test_after_a_break_it_begins_anew() -> None:
    machine = Machine()
    machine.goes_on(0.0, 1.0)
    machine.crowding.forget()
    assert not any(machine.goes_on(0.0, 1.0))


def test_where_nobody_counts_it_is_never_too_much() -> None:
    crowding = Crowding(lambda: Processors(0.0, 0.0), 2)
    assert not any(crowding.is_too_much() for _ in range(20))


def test_this_machine_counts_or_says_nothing() -> None:
    free, total = read_processors()
    assert 0.0 <= free <= total
