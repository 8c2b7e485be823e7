"""Others take the processor: noticed by how long our threads wait for it."""

from catgem_tui.phone.engine.crowding import Crowding, read_waiting


class Kernel:
    """Counts what two threads wait."""

    def __init__(self) -> None:
        self.waited = {"1": 5.0, "2": 9.0}

    def __call__(self) -> dict[str, float]:
        return dict(self.waited)


def looks(crowding: Crowding, kernel: Kernel, *waits: float) -> list[bool]:
    found = []
    for wait in waits:
        kernel.waited["2"] += wait
        found.append(crowding.is_too_much())
    return found


def test_waiting_is_too_much_when_it_comes_thick() -> None:
    kernel = Kernel()
    crowding = Crowding(kernel)
    assert looks(crowding, kernel, 9.0, *[0.001] * 20) == [False] * 21, "what was before counts for nothing"
    assert looks(crowding, kernel, 0.012, 0.001, 0.001, 0.001, 0.001) == [False] * 5, "once is no reason"
    assert looks(crowding, kernel, 0.007, 0.007, 0.007) == [False, False, True]


def test_a_thread_that_is_new_is_measured_from_when_it_was_seen() -> None:
    kernel = Kernel()
    crowding = Crowding(kernel)
    looks(crowding, kernel, 0.0)
    kernel.waited["3"] = 7.0
    assert looks(crowding, kernel, 0.0) == [False]


def test_after_a_break_it_begins_anew() -> None:
    kernel = Kernel()
    crowding = Crowding(kernel)
    looks(crowding, kernel, 0.0, 0.015)
    crowding.forget()
    assert looks(crowding, kernel, 3.0, 0.001) == [False, False]


def test_this_machine_counts_or_says_nothing() -> None:
    assert all(waited >= 0.0 for waited in read_waiting().values())
