"""A machine that did not keep up is spared short blocks, and does not go back and forth."""

from catgem_tui.phone.engine.sparing import FIRST_REST, Sparing

PROOF = 60.0
STEADY = 1e9


def test_short_blocks_have_to_be_earned() -> None:
    sparing = Sparing(PROOF)
    assert sparing.on
    sparing.look(100.0, in_call=False, in_time_for=PROOF - 1)
    assert sparing.on
    sparing.look(101.0, in_call=True, in_time_for=PROOF)
    assert sparing.on, "a call is not disturbed for what it does without"
    sparing.look(102.0, in_call=False, in_time_for=PROOF + 1)
    assert not sparing.on


def test_it_ends_after_its_time_and_outside_calls_alone() -> None:
    sparing = Sparing(0.0)
    sparing.look(0.0, in_call=False, in_time_for=STEADY)
    sparing.begin(100.0)
    sparing.look(100.0 + FIRST_REST - 1, in_call=False, in_time_for=STEADY)
    assert sparing.on
    sparing.look(100.0 + FIRST_REST + 900, in_call=True, in_time_for=STEADY)
    assert sparing.on
    sparing.look(100.0 + FIRST_REST + 901, in_call=False, in_time_for=STEADY)
    assert not sparing.on


def test_a_machine_that_is_overburdened_each_minute_of_a_shift_changes_a_dozen_times_at_most() -> None:
    """Calls of three minutes, with a minute between two, for eight hours."""
    sparing, changes = Sparing(PROOF), 0
    for minute in range(8 * 60):
        before, in_call = sparing.on, minute % 4 != 3
        if in_call and not sparing.on:
            sparing.begin(minute * 60.0)
        sparing.look(minute * 60.0 + 30.0, in_call=in_call, in_time_for=STEADY)
        changes += sparing.on != before
    assert 2 <= changes <= 12
