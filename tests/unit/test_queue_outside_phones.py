"""Advisors who work with a telephone outside: whom central may call for it, and what becomes of calls with it."""

import pytest

from catgem_tui.central.ports import CallOutside, LeaveOutside, MuteOutside, Offer, OutsideChanged, Requeue
from catgem_tui.central.queue.outside_phones import find_uri
from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.central.queue.turn import NotDone
from catgem_tui.protocol import commands
from catgem_tui.protocol.commands import EndContact, SetOutsidePhone, SetPhone
from catgem_tui.protocol.enums import ContactState, OutsideState, Refusal
from tests.queue_dialogue import CALL, Dialogue, uri_of

RULES = QueueRules(dial="sip:{number}@192.0.2.10", outside_hosts=("casa.example", "192.0.2.20"))
ANCHOR = "sip:ana@127.0.0.1:40100"
HOME = "sip:ana@casa.example:5070"
ACTIVE, OFFERED, QUEUED = ContactState.ACTIVE, ContactState.OFFERED, ContactState.QUEUED


def outside(*, phone: bool = False) -> Dialogue:
    """Ana works with a telephone outside, which is on the line."""
    floor = Dialogue("ana", rules=RULES).comes("ana", phone=phone)
    floor.says("ana", SetOutsidePhone(address=HOME)).agrees()
    return floor.hears(OutsideChanged(advisor="ana", state=OutsideState.ON_THE_LINE, uri=ANCHOR))


def shown(floor: Dialogue) -> tuple[str, OutsideState, bool]:
    advisor = floor.advisors["ana"]
    return advisor.outside_phone, advisor.outside_state, advisor.phone_ready


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("722 555 01-34", "sip:7225550134@192.0.2.10"),
        ("tel:+52(722)5550134", "sip:+527225550134@192.0.2.10"),
        (f" {HOME} ", HOME),
        ("sip:101@192.0.2.20;transport=tcp", "sip:101@192.0.2.20;transport=tcp"),
    ],
)
def test_whom_central_calls(address: str, uri: str) -> None:
    assert find_uri(RULES, address) == uri


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("sip:ana@evil.example", Refusal.NOT_ALLOWED),
        ("sip:ana@casa.example.evil.example", Refusal.NOT_ALLOWED),
        ("sip:ana@casa.example;maddr=evil.example", Refusal.MALFORMED),
        ("sip:ana@casa.example?Route=<sip:evil.example>", Refusal.MALFORMED),
        ("sip:ana@evil.example@casa.example", Refusal.MALFORMED),
        ("sip:ana@casa.example\r\nX: y", Refusal.MALFORMED),
        ("mi casa", Refusal.MALFORMED),
        ("12", Refusal.MALFORMED),
        ("7225550134;x@evil", Refusal.MALFORMED),
        ("٧٢٢٥٥٥٠١٣٤", Refusal.MALFORMED),
    ],
)
def test_central_calls_nobody_else(address: str, code: Refusal) -> None:
    with pytest.raises(NotDone) as caught:
        find_uri(RULES, address)
    assert caught.value.refused.code is code


def test_without_a_trunk_there_are_no_numbers() -> None:
    with pytest.raises(NotDone) as caught:
        find_uri(QueueRules(outside_hosts=("casa.example",)), "7225550134")
    assert caught.value.refused.code is Refusal.NO_OUTSIDE


def test_it_is_called_and_then_lines_call_its_anchor() -> None:
    floor = Dialogue("ana", rules=RULES).comes("ana", phone=False)
    floor.says("ana", SetOutsidePhone(address=HOME)).expects(CallOutside(channel=CALL, advisor="ana", uri=HOME))
    assert shown(floor) == (HOME, OutsideState.CALLING, False)
    floor.arrives("c1", CALL).stands("c1", QUEUED)
    floor.hears(OutsideChanged(advisor="ana", state=OutsideState.ON_THE_LINE, uri=ANCHOR))
    assert shown(floor) == (HOME, OutsideState.ON_THE_LINE, True)
    assert [effect.uri for effect in floor.last.effects if isinstance(effect, Offer)] == [ANCHOR]
    floor.takes("ana", "c1").stands("c1", ACTIVE, "ana")


def test_what_the_workstations_own_telephone_does_meanwhile_changes_nothing() -> None:
    floor = outside(phone=True).arrives("c1", CALL).takes("ana", "c1")
    floor.says("ana", SetPhone(uri="")).stands("c1", ACTIVE, "ana")
    floor.says("ana", SetPhone(uri=uri_of("ana"))).stands("c1", ACTIVE, "ana")
    floor.says("ana", EndContact(contact="c1")).passes(120)
    floor.says("ana", SetOutsidePhone()).expects(LeaveOutside(channel=CALL, advisor="ana"))
    floor.arrives("c2", CALL)
    assert [effect.uri for effect in floor.last.effects if isinstance(effect, Offer)] == [uri_of("ana")]


def test_when_it_hangs_up_the_citizen_waits_in_front_for_the_same_advisor() -> None:
    floor = outside().arrives("c1", CALL).takes("ana", "c1").arrives("c2", CALL)
    floor.hears(OutsideChanged(advisor="ana", state=OutsideState.LOST))
    floor.expects(Requeue(contact="c1", channel=CALL)).stands("c1", QUEUED)
    assert shown(floor) == (HOME, OutsideState.LOST, False)
    floor.says("ana", SetOutsidePhone(address=HOME)).agrees()
    floor.hears(OutsideChanged(advisor="ana", state=OutsideState.ON_THE_LINE, uri=ANCHOR))
    floor.stands("c1", OFFERED, "ana").stands("c2", QUEUED)


def test_not_in_the_middle_of_a_call() -> None:
    floor = Dialogue("ana", rules=RULES).comes("ana").arrives("c1", CALL).takes("ana", "c1")
    floor.says("ana", SetOutsidePhone(address=HOME)).refuses(Refusal.WRONG_STATE, "address")
    floor.stands("c1", ACTIVE, "ana")


def test_it_is_muted_only_while_it_is_on_the_line() -> None:
    floor = outside().says("ana", commands.MuteOutside(muted=True))
    floor.expects(MuteOutside(channel=CALL, advisor="ana", muted=True))
    assert floor.advisors["ana"].outside_muted
    floor.hears(OutsideChanged(advisor="ana", state=OutsideState.LOST))
    assert not floor.advisors["ana"].outside_muted
    floor.says("ana", commands.MuteOutside(muted=True)).refuses(Refusal.NO_PHONE)


def test_who_stays_away_is_not_kept_on_the_line() -> None:
    floor = outside().vanishes("ana").passes(RULES.grace - 1)
    assert shown(floor)[1] is OutsideState.ON_THE_LINE
    floor.passes(2).expects(LeaveOutside(channel=CALL, advisor="ana"))


def test_who_talks_while_the_workstation_is_away_goes_on_talking() -> None:
    floor = outside().arrives("c1", CALL).takes("ana", "c1").vanishes("ana").passes(RULES.grace + 1)
    floor.stands("c1", ACTIVE, "ana")
    assert shown(floor)[1] is OutsideState.ON_THE_LINE


def test_central_restarts_and_says_that_it_is_lost() -> None:
    floor = outside().restarts()
    assert shown(floor) == (HOME, OutsideState.LOST, False)
