"""The menu that a caller hears before the queue."""

from pathlib import Path

from catgem_tui.central.ports import (
    ContactArrived,
)
from catgem_tui.central.voice.signals import (
    Menu,
    TimerFired,
)
from catgem_tui.phone.port import (
    DigitReceived,
)
from tests.voice_floor import Floor, ended


def menu_floor() -> Floor:
    return Floor(menu=Menu(prompt=Path("/sounds/choose.wav"), queues={"1": "general", "2": "migrants"}))


def test_a_key_chooses_the_queue() -> None:
    floor = menu_floor()
    floor.citizen_calls()
    assert not floor.told
    floor.prompt_ends()
    assert floor.says() == {"choose"}
    floor.happens(DigitReceived(call="in-1", digit="7"), DigitReceived(call="in-1", digit="2"))
    assert isinstance(floor.told[0], ContactArrived)
    assert floor.told[0].queue == "migrants"
    assert floor.says() == {"music"}


def test_a_key_pressed_early_spares_the_menu_but_not_the_privacy_notice() -> None:
    floor = menu_floor()
    floor.citizen_calls()
    floor.happens(DigitReceived(call="in-1", digit="1"))
    assert floor.says() == {"greeting"}
    floor.prompt_ends()
    assert floor.says() == {"music"}


def test_who_chooses_nothing_gets_the_first_queue() -> None:
    floor = menu_floor()
    floor.citizen_calls()
    floor.prompt_ends()
    floor.prompt_ends()
    floor.happens(TimerFired(name="menu"))
    assert isinstance(floor.told[0], ContactArrived)
    assert floor.told[0].queue == ""


def test_who_hangs_up_in_the_menu_was_never_a_contact() -> None:
    floor = menu_floor()
    floor.citizen_calls()
    floor.happens(ended("in-1"))
    assert floor.told == []
