"""Identifiers sort by the time of their making and are version 7."""

import uuid

from catgem_tui.protocol.identifier import new_id


def test_they_are_uuid7_and_sort_by_time() -> None:
    made = [new_id(float(second)) for second in range(1_700_000_000, 1_700_000_100)]
    assert made == sorted(made)
    assert {(uuid.UUID(it).version, uuid.UUID(it).variant) for it in made} == {(7, uuid.RFC_4122)}
    assert uuid.UUID(made[0]).int >> 80 == 1_700_000_000_000


def test_no_two_are_alike() -> None:
    assert len({new_id(1.0) for _ in range(10_000)}) == 10_000
