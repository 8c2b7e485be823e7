"""Central's clock, whatever becomes of the system's."""

import pytest

from catgem_tui.central.clock import SteadyClock


class System:
    """The two clocks of a machine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.running = 1_000_000.0, 50.0
        monkeypatch.setattr("catgem_tui.central.clock.time.time", lambda: self.wall)
        monkeypatch.setattr("catgem_tui.central.clock.time.monotonic", lambda: self.running)

    def passes(self, seconds: float, *, set_by: float = 0.0) -> None:
        self.running += seconds
        self.wall += seconds + set_by


def test_a_clock_set_back_goes_on_at_its_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System(monkeypatch)
    clock = SteadyClock()
    system.passes(10, set_by=-3600)
    assert clock() == pytest.approx(1_000_010)
    system.passes(20)
    assert clock() == pytest.approx(1_000_030)
    system.passes(5, set_by=-7200)
    assert clock() == pytest.approx(1_000_035)


def test_a_clock_set_forward_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System(monkeypatch)
    clock = SteadyClock()
    system.passes(1, set_by=3600)
    assert clock() == pytest.approx(1_003_601)


def test_a_clock_set_back_and_put_right_again_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System(monkeypatch)
    clock = SteadyClock()
    system.passes(10, set_by=-3600)
    clock()
    system.passes(10, set_by=3600)
    assert clock() == pytest.approx(1_000_020)
