"""Whether sound flows, by the samples that pass; and when a machine does not keep up."""

import pytest

from catgem_tui.phone.engine.flow import SETTLING_SECONDS, Flow, Strain

RATE, BLOCK = 16000, 160


def serve(flow: Flow, begin: float, seconds: float, *, pace: float = 1.0) -> float:
    """Blocks of 10 ms in time, by a card whose clock goes at this pace; returns when it ended."""
    for number in range(int(seconds * 100)):
        flow.passed(BLOCK, begin + number * 0.01 / pace)
    return begin + seconds / pace


def test_a_card_served_in_time_never_slips() -> None:
    flow = Flow(RATE)
    serve(flow, 0.0, 60.0)
    assert flow.slips == 0


@pytest.mark.parametrize("pace", [0.9995, 1.0005])
def test_the_drift_of_two_clocks_is_no_slip(pace: float) -> None:
    flow = Flow(RATE)
    serve(flow, 0.0, 120.0, pace=pace)
    assert flow.slips == 0


def test_a_callback_that_is_late_and_caught_up_with_is_no_slip() -> None:
    flow = Flow(RATE)
    now = serve(flow, 0.0, 5.0)
    flow.passed(3 * BLOCK, now + 0.02)
    serve(flow, now + 0.03, 5.0)
    assert flow.slips == 0


def test_every_pause_that_is_not_made_up_for_is_counted_once() -> None:
    flow = Flow(RATE)
    now = serve(flow, 0.0, 5.0)
    for number in range(1, 4):
        now = serve(flow, now + 0.05, 3.0)
        assert flow.slips == number


def test_what_is_lost_while_it_settles_is_not_counted() -> None:
    flow = Flow(RATE)
    flow.settle(0.0)
    now = serve(flow, 0.0, SETTLING_SECONDS / 2)
    serve(flow, now + 0.1, 5.0)
    assert flow.slips == 0


def test_it_is_known_for_how_long_nothing_was_late() -> None:
    flow = Flow(RATE)
    flow.settle(100.0)
    now = serve(flow, 100.0, 10.0)
    assert flow.in_time_for(now) == pytest.approx(10.0 - SETTLING_SECONDS, abs=0.5), "not before it had settled"
    flow.passed(BLOCK, now + 0.008)
    now = serve(flow, now + 0.01, 5.0)
    assert flow.in_time_for(now) == pytest.approx(5.0, abs=0.02)
    flow.passed(BLOCK, now + 0.001)
    assert flow.in_time_for(now) == pytest.approx(5.0, abs=0.02), "a millisecond is nothing"


def test_it_is_too_much_when_trouble_comes_thick() -> None:
    strain = Strain()
    for at in (0.0, 1.0, 2.0, 3.0):
        strain.trouble(at)
        assert not strain.too_much(at), "now and then is no reason"
    strain.trouble(3.1)
    strain.trouble(3.2)
    assert strain.too_much(3.2)
    assert not strain.too_much(10.0)
    strain.trouble(20.0, 2)
    strain.trouble(20.5)
    assert strain.too_much(20.5), "a hole weighs as two that were late"
