"""Coordinators in a call on a line."""

import pytest

from catgem_tui.central.ports import (
    EndMonitoring,
    MonitorLeft,
    Requeue,
)
from catgem_tui.phone.port import (
    Dial,
    HangUp,
)
from catgem_tui.protocol.enums import Monitoring
from tests.voice_floor import CALL, Floor, confirmed, ended, join, monitor, offer


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_a_coordinator_changes_from_listening_to_barging_live(floor: Floor) -> None:
    floor.citizen_talks_to()
    leg = floor.dialled()
    floor.happens(monitor(Monitoring.LISTEN))
    boss = floor.dialled()
    floor.happens(confirmed(boss))
    assert {("in-1", boss), (leg, boss)} <= floor.wires
    assert not any(source == boss for source, _ in floor.wires)
    floor.happens(monitor(Monitoring.WHISPER))
    assert {sink for source, sink in floor.wires if source == boss} == {leg}
    floor.happens(monitor(Monitoring.BARGE))
    assert {sink for source, sink in floor.wires if source == boss} == {leg, "in-1", "recording:right"}
    assert floor.dialled() == boss


def test_a_coordinator_stays_through_requeue_and_the_next_advisor(floor: Floor) -> None:
    floor.citizen_talks_to("ana")
    floor.happens(monitor(Monitoring.WHISPER))
    boss = floor.dialled()
    floor.happens(confirmed(boss), Requeue(contact="contact-1", channel=CALL))
    assert ("in-1", boss) in floor.wires
    assert floor.says() == {"music"}
    floor.happens(offer("luis"))
    second = floor.dialled()
    floor.happens(confirmed(second), join("luis"))
    assert {(boss, second), (second, boss), ("in-1", boss)} <= floor.wires


def test_a_coordinator_who_hangs_up_is_told(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(monitor(Monitoring.BARGE))
    boss = floor.dialled()
    floor.happens(confirmed(boss), ended(boss))
    assert floor.told[-1] == MonitorLeft(contact="contact-1", coordinator="eva", token="m")
    assert floor.says() == set()


def test_a_coordinator_sent_away_is_not_told(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(monitor(Monitoring.LISTEN))
    boss = floor.dialled()
    floor.happens(confirmed(boss))
    told = len(floor.told)
    floor.happens(EndMonitoring(contact="contact-1", channel=CALL, coordinator="eva"), ended(boss))
    assert floor.last(HangUp) == HangUp(call=boss)
    assert len(floor.told) == told


def test_a_coordinator_s_dead_telephone_is_told(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(monitor(Monitoring.LISTEN))
    floor.happens(ended(floor.dialled(), 408))
    assert floor.told[-1] == MonitorLeft(contact="contact-1", coordinator="eva", token="m")


def test_a_third_coordinator_has_no_room(floor: Floor) -> None:
    floor.citizen_talks_to()
    for name in ("eva", "rosa", "juan"):
        floor.happens(monitor(Monitoring.LISTEN, name))
    assert floor.told[-1] == MonitorLeft(contact="contact-1", coordinator="juan", token="m")


def test_a_full_engine_dials_the_next_advisor_when_the_last_is_gone(floor: Floor) -> None:
    floor.citizen_talks_to("ana")
    first = floor.dialled()
    floor.happens(monitor(Monitoring.LISTEN, "eva"), monitor(Monitoring.LISTEN, "rosa"))
    floor.happens(Requeue(contact="contact-1", channel=CALL), offer("luis"))
    assert len(floor.calls) == 4
    floor.happens(ended(first))
    dial = floor.last(Dial)
    assert isinstance(dial, Dial)
    assert dial.uri.startswith("sip:luis")
