"""How far a publication has come, as the lines say."""

from catgem_tui.central.directory.reach import Awaited, Reach


def now() -> float:
    return 7.0


def lines(reach: Reach) -> list[Awaited]:
    made = [Awaited() for _ in range(reach.workstations)]
    for line in made:
        line.add(reach)
    return made


def test_it_is_everywhere_when_the_last_one_has_said_so() -> None:
    reach = Reach(10, 2)
    first, second = lines(reach)
    first.acknowledge(9, now)
    assert reach.confirmed == 0
    first.acknowledge(10, now)
    assert (reach.confirmed, reach.reached_at) == (1, None)
    second.acknowledge(12, now)
    assert (reach.confirmed, reach.reached_at, reach.settled) == (2, 7.0, True)


def test_one_that_leaves_is_not_waited_for_and_has_not_confirmed() -> None:
    reach = Reach(10, 2)
    first, second = lines(reach)
    first.acknowledge(10, now)
    second.lose()
    assert (reach.confirmed, reach.reached_at) == (1, 7.0)


def test_nobody_who_has_it_is_no_instant() -> None:
    reach = Reach(10, 1)
    lines(reach)[0].lose()
    assert (reach.settled, reach.reached_at) == (True, None)


def test_what_is_said_after_it_was_given_up_does_not_count() -> None:
    reach = Reach(10, 1)
    (line,) = lines(reach)
    reach.given_up = True
    line.acknowledge(10, now)
    assert (reach.confirmed, reach.reached_at, reach.settled) == (0, None, True)


def test_a_line_that_never_answers_gathers_nothing_for_ever() -> None:
    line = Awaited()
    for revision in range(1000):
        reach = Reach(revision, 1)
        line.add(reach)
        reach.given_up = True
    assert len(line._reaches) == 1
