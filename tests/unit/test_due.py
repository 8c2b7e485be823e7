"""When the screen changes by time alone: nothing shown changes before that, and nobody wakes for nothing."""

import pytest
from msgspec.structs import replace

from catgem_tui.desk.state import DeskState
from catgem_tui.ui.due import next_change
from tests.ui import scenes

IDLE_AT = 1_780_000_023.25


def test_an_idle_desk_wakes_with_the_minute() -> None:
    assert next_change(scenes.IDLE, "desk", IDLE_AT) == (IDLE_AT // 60 + 1) * 60
    assert next_change(scenes.KEEPING, "keeping", IDLE_AT) == (IDLE_AT // 60 + 1) * 60


@pytest.mark.parametrize("state", [scenes.BUSY, scenes.IN_MAIL, scenes.OFFERED, scenes.WRAP_UP, scenes.FLOOR])
def test_running_clocks_change_together_with_the_second(state: DeskState) -> None:
    place = "floor" if state is scenes.FLOOR else "desk"
    assert next_change(state, place, scenes.NOW + 0.4) == scenes.NOW + 1
    assert next_change(state, place, scenes.NOW + 1) == scenes.NOW + 2


def test_clocks_that_tell_minutes_need_no_second() -> None:
    state = replace(scenes.IDLE, contacts={"c-mail": scenes.MAIL})
    an_hour_later = scenes.MAIL.accepted_at + 3601.5 if scenes.MAIL.accepted_at else 0.0
    assert next_change(state, "desk", an_hour_later) == (an_hour_later // 60 + 1) * 60


def test_who_waits_for_hours_becomes_urgent_on_time() -> None:
    late = replace(scenes.MAIL, waiting_since=scenes.NOW - 7195.5, arrived_at=scenes.NOW - 9000, accepted_at=None)
    assert next_change(replace(scenes.IDLE, contacts={late.id: late}), "desk", scenes.NOW) == scenes.NOW + 4.5


def test_an_offer_counts_down_in_every_place() -> None:
    state = replace(scenes.KEEPING, contacts={"c": replace(scenes.OFFER, id="c", advisor=scenes.EVA.id)})
    assert next_change(state, "keeping", scenes.NOW) == scenes.NOW + 1
