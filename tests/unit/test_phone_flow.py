"""Whether sound flows, by the samples that pass; and when a machine does not keep up."""

import pytest

from catgem_tui.phone.engine.flow import SETTLING_SECONDS, Flow, Queue, Strain

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


LOUD, QUIET = b"\x00\x20" * BLOCK, bytes(2 * BLOCK)


def feed(queue: Queue, begin: float, seconds: float, block: bytes = LOUD) -> tuple[float, int]:
    """A block in and a block out every 10 ms; returns when it ended and how many were holes."""
    holes = 0
    for number in range(int(seconds * 100)):
        queue.put(block)
        holes += queue.take(begin + number * 0.01) is None
    return begin + seconds, holes


def test_a_hole_makes_the_queue_longer_until_it_is_not_needed() -> None:
    queue = Queue()
    assert queue.take(0.0) is None
    queue.put(LOUD)
    now, holes = feed(queue, 0.0, 1.0)
    assert (queue.waiting, holes) == (1, 0)
    now, holes = feed(queue, now, Queue.FIRST_REST + 0.1)
    assert queue.waiting == 1, "no word is cut while a pause may come"
    now, holes = feed(queue, now, 0.1, QUIET)
    assert (queue.waiting, holes) == (0, 0)


def test_without_a_pause_a_block_is_left_out_all_the_same() -> None:
    queue = Queue()
    queue.put(LOUD)
    feed(queue, 0.0, Queue.FIRST_REST + Queue.PATIENCE + 0.2)
    assert queue.waiting == 0


def test_what_proves_too_few_is_not_tried_again_soon() -> None:
    queue = Queue()
    queue.put(QUIET)
    now, _ = feed(queue, 0.0, Queue.FIRST_REST + 0.1, QUIET)
    assert queue.waiting == 0
    assert queue.take(now) is None
    queue.put(QUIET)
    now, _ = feed(queue, now, 3 * Queue.FIRST_REST, QUIET)
    assert queue.waiting == 1
    feed(queue, now, 2 * Queue.FIRST_REST, QUIET)
    assert queue.waiting == 0


def test_the_more_wait_the_sooner_they_are_left_out() -> None:
    queue = Queue()
    for _ in range(10):
        queue.put(LOUD)
    now, holes = feed(queue, 0.0, 3.0)
    assert (queue.waiting, holes) == (5, 0)
    now, holes = feed(queue, now, 8.0)
    assert (queue.waiting, holes) == (1, 0)


def test_many_that_proved_to_be_needed_are_kept_for_longer() -> None:
    queue = Queue()
    for _ in range(3):
        queue.put(QUIET)
    now, _ = feed(queue, 0.0, 0.8, QUIET)
    assert queue.waiting == 2
    for _ in range(3):
        queue.take(now)  # the microphone is late
    for _ in range(5):
        queue.put(QUIET)
    now, _ = feed(queue, now, 3 * Queue.FIRST_REST, QUIET)
    assert queue.waiting == 3


def test_what_is_too_much_is_cut() -> None:
    queue = Queue()
    lost = [queue.put(LOUD) for _ in range(Queue.LONGEST + 1)]
    assert lost.count(True) == 1
    assert queue.waiting == Queue.LONGEST


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
