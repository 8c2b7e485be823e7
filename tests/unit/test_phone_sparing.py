"""A machine that did not keep up is spared short blocks, and does not go back and forth."""

from catgem_tui.phone.engine.sparing import FIRST_REST, Sparing


def test_it_ends_after_its_time_and_outside_calls_alone() -> None:
    sparing = Sparing()
    assert not sparing.on
    sparing.begin(100.0)
    sparing.look(100.0 + FIRST_REST - 1, in_call=False)
    assert sparing.on
    sparing.look(100.0 + FIRST_REST + 900, in_call=True)
    assert sparing.on
    sparing.look(100.0 + FIRST_REST + 901, in_call=False)
    assert not sparing.on


def test_a_machine_that_is_overburdened_each_minute_of_a_shift_changes_a_dozen_times_at_most() -> None:
    """Calls of three minutes, with a minute between two, for eight hours."""
    sparing, changes = Sparing(), 0
    for minute in range(8 * 60):
        before, in_call = sparing.on, minute % 4 != 3
        if in_call and not sparing.on:
            sparing.begin(minute * 60.0)
        sparing.look(minute * 60.0 + 30.0, in_call=in_call)
        changes += sparing.on != before
    assert 2 <= changes <= 12
