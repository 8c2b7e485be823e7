"""Who is let in: who was announced, once and not for ever."""

from catgem_tui.phone.engine.gate import EXPECTED_SECONDS, Gatekeeper
from catgem_tui.phone.port import EngineSettings, Expect, Gate

STRANGER = "192.0.2.9:5060"


class Door:
    def __init__(self, gate: Gate = Gate.TOKEN) -> None:
        self.now = 1000.0
        self.keeper = Gatekeeper(EngineSettings(gate=gate), lambda: self.now)

    def lets_in(self, token: str, source: str = STRANGER) -> bool:
        return self.keeper.find_welcome(token, source) is not None


def test_an_announced_call_is_let_in_once() -> None:
    door = Door()
    door.keeper.expect(Expect(token="t1"))
    assert not door.lets_in("t2")
    assert door.lets_in("t1")
    assert not door.lets_in("t1")


def test_a_call_that_does_not_come_is_forgotten() -> None:
    door = Door()
    door.keeper.expect(Expect(token="old"))
    door.now += EXPECTED_SECONDS - 1
    door.keeper.expect(Expect(token="new"))
    door.now += 1
    assert not door.lets_in("old")
    assert door.lets_in("new")


def test_what_is_announced_again_lasts_from_then_on() -> None:
    door = Door()
    for token in ("t1", "t2", "t1"):
        door.keeper.expect(Expect(token=token))
        door.now += EXPECTED_SECONDS / 2
    assert door.lets_in("t1")
    assert not door.lets_in("t2")


def test_the_exchange_needs_no_token_and_others_do() -> None:
    door = Door()
    door.keeper.trust("192.0.2.1:5060")
    assert door.lets_in("", "192.0.2.1:5060")
    assert not door.lets_in("", STRANGER)
    door.keeper.trust("")
    assert not door.lets_in("", "")


def test_an_open_door_is_open() -> None:
    assert Door(Gate.OPEN).lets_in("")
