"""Advisors who come, pause, vanish; contacts handed on; coordinators on the floor."""

import pytest

from catgem_tui.central.ports import (
    AdvisorConnected,
    DeliveryFailed,
    EndMonitoring,
    LegChanged,
    MonitorLeft,
    Offer,
    Requeue,
    StartMonitoring,
    Withdraw,
)
from catgem_tui.protocol.commands import (
    CloseContact,
    DeclineOffer,
    EndContact,
    Hold,
    Monitor,
    Park,
    Reassign,
    SetPhone,
    SetPresence,
    StopMonitoring,
    Transfer,
)
from catgem_tui.protocol.enums import AdvisorState, ContactState, Monitoring, Outcome, Presence, Refusal, Role
from catgem_tui.protocol.events import CallExpected, ContactChanged, MessageAdded
from catgem_tui.protocol.model import Contact
from tests.queue_dialogue import CALL, CHAT, MAIL, Dialogue, uri_of, user

QUEUED, OFFERED, ACTIVE, WRAP_UP = (
    ContactState.QUEUED,
    ContactState.OFFERED,
    ContactState.ACTIVE,
    ContactState.WRAP_UP,
)
BREAK = SetPresence(presence=Presence.PAUSED, reason="break")
OFFLINE = SetPresence(presence=Presence.OFFLINE)
AVAILABLE = SetPresence(presence=Presence.AVAILABLE)


def floor_of(*names: str) -> Dialogue:
    """Advisors, eva with English among them, and the coordinator carmen, who takes no contacts."""
    people = [user(name, skills=("english",) if name == "eva" else ()) for name in names]
    floor = Dialogue(*people, user("carmen", Role.COORDINATOR)).comes(*names)
    return floor.hears(AdvisorConnected(advisor="carmen")).says("carmen", SetPhone(uri=uri_of("carmen")))


def seen(floor: Dialogue, name: str) -> list[Contact]:
    return [body.contact for body in floor.told(name) if isinstance(body, ContactChanged)]


# --- presence ---


def test_a_call_on_a_telephone_elsewhere_outlives_the_workstation_and_is_taken_up_again() -> None:
    floor = floor_of("ana").arrives("c1", CALL).takes("ana", "c1").vanishes("ana")
    floor.passes(600).stands("c1", ACTIVE, "ana")
    floor.hears(AdvisorConnected(advisor="ana")).says("ana", SetPhone(uri=uri_of("ana"))).stands("c1", ACTIVE, "ana")
    assert "c1" in floor.advisors["ana"].contacts
    floor.says("ana", Hold(contact="c1")).agrees()
    floor.says("ana", EndContact(contact="c1")).stands("c1", WRAP_UP, "ana")


def test_a_pause_without_contacts_begins_at_once() -> None:
    floor = Dialogue("ana").comes("ana").says("ana", BREAK)
    assert (floor.advisors["ana"].state, floor.advisors["ana"].reason) == (AdvisorState.PAUSED, "break")
    assert floor.advisors["ana"].since == floor.now
    floor.arrives("c1", CALL).stands("c1", QUEUED).says("ana", AVAILABLE).stands("c1", OFFERED, "ana")
    assert floor.advisors["ana"].reason == ""


def test_a_pause_during_a_contact_waits_for_its_end() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).arrives("c2", CALL).takes("ana", "c1").says("ana", BREAK)
    advisor = floor.advisors["ana"]
    assert (advisor.presence, advisor.next_presence, advisor.next_reason) == (
        Presence.AVAILABLE,
        Presence.PAUSED,
        "break",
    )
    floor.says("ana", EndContact(contact="c1")).passes(60).stands("c2", QUEUED)
    advisor = floor.advisors["ana"]
    assert (advisor.state, advisor.reason, advisor.next_presence) == (AdvisorState.PAUSED, "break", None)


def test_who_chose_a_pause_is_offered_nothing_more() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT).takes("ana", "k1").says("ana", BREAK).arrives("k2", CHAT)
    floor.stands("k2", QUEUED).says("ana", AVAILABLE).stands("k2", OFFERED, "ana")
    floor.says("ana", BREAK).says("ana", DeclineOffer(contact="k2"))
    assert floor.advisors["ana"].next_presence is Presence.PAUSED
    floor.says("ana", EndContact(contact="k1")).passes(45)
    assert floor.advisors["ana"].state is AdvisorState.PAUSED


def test_a_pause_chosen_can_be_taken_back() -> None:
    floor = (
        Dialogue("ana").comes("ana").arrives("c1", CALL).takes("ana", "c1").says("ana", BREAK).says("ana", AVAILABLE)
    )
    assert floor.advisors["ana"].next_presence is None


def test_who_did_not_respond_with_a_mail_in_hand_is_available_again_at_once() -> None:
    floor = Dialogue("ana").comes("ana").arrives("m1", MAIL).takes("ana", "m1").arrives("c1", CALL)
    floor.says("ana", DeclineOffer(contact="c1"))
    assert floor.advisors["ana"].state is AdvisorState.NOT_RESPONDING
    floor.says("ana", AVAILABLE).stands("c1", OFFERED, "ana")


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("ana", SetPresence(presence=Presence.NOT_RESPONDING), Refusal.MALFORMED),
        ("ana", SetPresence(presence=Presence.PAUSED, reason="siesta"), Refusal.NOT_FOUND),
        ("ines", AVAILABLE, Refusal.NOT_ALLOWED),
        ("ines", Reassign(contact="c1", queue="general"), Refusal.NOT_ALLOWED),
        ("ana", Monitor(contact="c1", mode=Monitoring.LISTEN), Refusal.NOT_ALLOWED),
        ("ana", StopMonitoring(contact="c1"), Refusal.NOT_ALLOWED),
        ("ana", Reassign(contact="c1", queue="general"), Refusal.NOT_ALLOWED),
    ],
)
def test_what_a_person_may_not(name: str, body: SetPresence, code: Refusal) -> None:
    floor = Dialogue("ana", user("ines", Role.INFORMATION_MANAGER)).comes("ana").arrives("c1", CALL)
    floor.says(name, body).refuses(code)


# --- a workstation that vanishes ---


def test_a_workstation_back_within_the_grace_finds_everything_as_it_was() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT).takes("ana", "k1").vanishes("ana")
    assert not floor.advisors["ana"].connected
    floor.arrives("k2", CHAT).stands("k2", QUEUED).passes(19).hears(AdvisorConnected(advisor="ana"))
    floor.stands("k1", ACTIVE, "ana").stands("k2", OFFERED, "ana").passes(5).stands("k1", ACTIVE, "ana")


def test_after_the_grace_contacts_return_to_the_front_with_their_history() -> None:
    floor = Dialogue("ana", "luis").comes("ana")
    for contact in ("k1", "k2"):
        floor.arrives(contact, CHAT).takes("ana", contact)
    floor.says("ana", Park(contact="k1")).arrives("k3", CHAT).takes("ana", "k3").arrives("k4", CHAT).vanishes("ana")
    floor.passes(20)
    floor.expects(*(Requeue(contact=contact, channel=CHAT) for contact in ("k3", "k2", "k1")))
    assert [each.contact for each in floor.summary().next] == ["k1", "k2", "k3", "k4"]
    assert floor.advisors["ana"].state is AdvisorState.OFFLINE
    floor.comes("luis").stands("k1", OFFERED, "luis")
    floor.hears(AdvisorConnected(advisor="ana"))
    assert floor.advisors["ana"].presence is Presence.OFFLINE


def test_the_next_advisor_is_told_the_conversation_so_far() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("k1", CHAT).takes("ana", "k1").writes("k1", id="w1")
    floor.says("ana", Transfer(contact="k1", advisor="luis"))
    assert [body.message.id for body in floor.told("luis") if isinstance(body, MessageAdded)] == ["k1-first", "w1"]


def test_a_call_goes_on_without_the_workstation_while_its_leg_is_connected() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).takes("ana", "c1").vanishes("ana").passes(30)
    floor.stands("c1", ACTIVE, "ana")
    assert floor.advisors["ana"].presence is Presence.OFFLINE
    floor.leg("ana", "c1", connected=False).expects(Requeue(contact="c1", channel=CALL)).stands("c1", QUEUED)


def test_a_call_lost_with_its_workstation_returns_to_the_queue() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("c1", CALL).takes("ana", "c1").vanishes("ana")
    floor.leg("ana", "c1", connected=False).stands("c1", QUEUED).passes(10).stands("c1", OFFERED, "luis")


def test_an_offer_to_a_workstation_that_vanished_runs_out() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("m1", MAIL).vanishes("ana").passes(20)
    floor.expects(
        Withdraw(contact="m1", channel=MAIL, advisor="ana"), Offer(contact="m1", channel=MAIL, advisor="luis")
    )


def test_a_wrap_up_runs_out_without_its_workstation() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).takes("ana", "c1").says("ana", EndContact(contact="c1"))
    floor.vanishes("ana").passes(30).stands("c1", WRAP_UP, "ana").passes(30).stands("c1", ContactState.CLOSED, "ana")


# --- handing on ---


def test_a_transfer_is_an_offer_ahead_of_everybody() -> None:
    floor = floor_of("ana", "luis").arrives("c1", CALL).takes("ana", "c1")
    floor.says("ana", Transfer(contact="c1", advisor="luis"))
    floor.expects(
        Requeue(contact="c1", channel=CALL),
        Offer(contact="c1", channel=CALL, advisor="luis", uri=uri_of("luis"), token="token-2"),
    ).stands("c1", OFFERED, "luis")
    assert [contact.advisor for contact in seen(floor, "ana")] == ["luis"]
    assert floor.advisors["ana"].contacts == ()
    floor.says("luis", DeclineOffer(contact="c1")).stands("c1", OFFERED, "ana")


def test_a_transfer_nobody_can_take_leaves_everything_as_it_is() -> None:
    floor = floor_of("ana", "luis").arrives("c1", CALL).takes("ana", "c1")
    floor.says("ana", Transfer(contact="c1", advisor="nobody")).refuses(Refusal.NO_SUCH_TARGET, "advisor")
    floor.says("ana", Transfer(contact="c1", advisor="ana")).refuses(Refusal.NO_SUCH_TARGET, "advisor")
    floor.says("luis", BREAK).says("ana", Transfer(contact="c1", advisor="luis")).refuses(Refusal.NO_CAPACITY)
    floor.says("ana", Transfer(contact="c1", queue="mars")).refuses(Refusal.NO_SUCH_TARGET, "queue")
    floor.says("ana", Transfer(contact="c1")).refuses(Refusal.MALFORMED)
    floor.says("ana", Transfer(contact="c1", advisor="luis", queue="general")).refuses(Refusal.MALFORMED)
    floor.says("luis", Transfer(contact="c1", queue="general")).refuses(Refusal.NOT_YOURS)
    floor.stands("c1", ACTIVE, "ana")
    assert floor.contacts["c1"].call.advisor_leg


def test_a_transfer_to_a_queue_brings_its_skills() -> None:
    floor = floor_of("ana", "eva").arrives("c1", CALL, requirements=("law",)).stands("c1", QUEUED)
    floor.arrives("c2", CALL).takes("ana", "c2").says("ana", Transfer(contact="c2", queue="migrants"))
    floor.stands("c2", OFFERED, "eva")
    assert (floor.contacts["c2"].queue, floor.contacts["c2"].requirements) == ("migrants", ("english",))
    floor.takes("eva", "c2").says("eva", Transfer(contact="c2", queue="general"))
    assert floor.contacts["c2"].requirements == ()


def test_who_gives_a_contact_to_a_queue_is_not_the_next_to_be_offered_it() -> None:
    floor = floor_of("ana", "luis").arrives("k1", CHAT).takes("ana", "k1").arrives("c1", CALL).takes("luis", "c1")
    floor.says("ana", Transfer(contact="k1", queue="general")).stands("k1", QUEUED)
    floor.says("luis", EndContact(contact="c1"))
    floor.says("luis", CloseContact(contact="c1", disposition="information", outcome=Outcome.RESOLVED))
    floor.stands("k1", OFFERED, "luis")
    # Nobody else is on duty any more: it comes back rather than wait for nobody.
    floor.says("luis", DeclineOffer(contact="k1")).stands("k1", OFFERED, "ana")


def test_what_was_given_away_holds_up_nothing_behind_it() -> None:
    floor = floor_of("ana", "luis").arrives("c1", CALL).takes("ana", "c1").arrives("c2", CALL).takes("luis", "c2")
    floor.says("ana", Transfer(contact="c1", queue="general")).stands("c1", QUEUED)
    floor.arrives("c3", CALL).stands("c3", OFFERED, "ana")
    floor.says("luis", EndContact(contact="c2"))
    floor.says("luis", CloseContact(contact="c2", disposition="information", outcome=Outcome.RESOLVED))
    floor.stands("c1", OFFERED, "luis")
    floor.takes("luis", "c1").says("luis", Transfer(contact="c1", queue="general")).stands("c1", QUEUED)


@pytest.mark.parametrize(
    "uri", ["ana", "tel:5512345678", "sip:", "sip:ana@h\r\nX: y", 'sip:"ana"@h', "sip:ana@h>;x", "sip:" + "a" * 300]
)
def test_a_telephone_is_where_a_line_can_call(uri: str) -> None:
    floor = floor_of("ana").says("ana", SetPhone(uri=uri)).refuses(Refusal.MALFORMED, "uri")
    assert floor.arrives("c1", CALL).last.effects[0].uri == uri_of("ana")


def test_a_coordinator_back_on_the_line_knows_the_call_still_to_come() -> None:
    floor = floor_of("ana").arrives("c1", CALL).takes("ana", "c1")
    floor.says("carmen", Monitor(contact="c1", mode=Monitoring.LISTEN))
    (announced,) = floor.expected("carmen")
    assert floor.queue.snapshot("carmen", floor.now).expected == (announced,)
    assert floor.queue.snapshot("ana", floor.now).expected == ()
    floor.hears(LegChanged(contact="c1", advisor="carmen", connected=True, token=announced.token))
    assert floor.queue.snapshot("carmen", floor.now).expected == ()
    floor.says("carmen", StopMonitoring(contact="c1")).says("carmen", Monitor(contact="c1", mode=Monitoring.BARGE))
    assert len(floor.queue.snapshot("carmen", floor.now).expected) == 1
    floor.says("carmen", StopMonitoring(contact="c1"))
    assert floor.queue.snapshot("carmen", floor.now).expected == ()


def test_a_coordinator_moves_any_contact() -> None:
    floor = floor_of("ana", "luis").arrives("c1", CALL).stands("c1", OFFERED, "ana")
    floor.says("carmen", Reassign(contact="c1", advisor="luis")).stands("c1", OFFERED, "luis")
    assert floor.last.effects[0] == Withdraw(contact="c1", channel=CALL, advisor="ana")
    assert floor.advisors["ana"].state is AdvisorState.AVAILABLE
    floor.takes("luis", "c1").says("carmen", Reassign(contact="c1", advisor="ana")).stands("c1", OFFERED, "ana")
    floor.takes("ana", "c1").says("carmen", Reassign(contact="c1", queue="migrants")).stands("c1", QUEUED)
    floor.says("carmen", Reassign(contact="c1", advisor="luis")).stands("c1", OFFERED, "luis")
    floor.leaves("c1").says("carmen", Reassign(contact="c1", advisor="ana")).refuses(Refusal.WRONG_STATE)


def test_moving_a_waiting_contact_to_another_queue_is_no_head_start() -> None:
    floor = floor_of("ana").says("ana", BREAK)
    floor.arrives("c1", CALL, queue="migrants").passes(1).arrives("c2", CALL)
    floor.says("carmen", Reassign(contact="c2", queue="migrants"))
    assert [each.contact for each in floor.summary().next] == ["c1", "c2"]


# --- listening ---


def test_a_coordinator_listens_whispers_and_leaves() -> None:
    floor = floor_of("ana").arrives("c1", CALL).takes("ana", "c1")
    floor.says("carmen", Monitor(contact="c1", mode=Monitoring.LISTEN))
    joined = StartMonitoring(
        contact="c1",
        channel=CALL,
        coordinator="carmen",
        mode=Monitoring.LISTEN,
        uri=uri_of("carmen"),
        token="token-2",
    )
    floor.expects(joined)
    assert floor.expected("carmen") == [CallExpected(contact="c1", token="token-2", monitoring=Monitoring.LISTEN)]
    assert [contact.call.monitors for contact in seen(floor, "carmen")] == [(("carmen", Monitoring.LISTEN),)]
    assert floor.told("ana") == [], "an advisor does not learn who listens"
    floor.says("carmen", Monitor(contact="c1", mode=Monitoring.WHISPER))
    assert floor.expected("carmen") == []
    assert floor.last.effects[0].mode is Monitoring.WHISPER
    whispers = (("carmen", Monitoring.WHISPER),)
    assert [contact.call.monitors for contact in seen(floor, "ana")] == [whispers], "who speaks into it is told"
    floor.says("ana", Hold(contact="c1"))
    assert [(contact.call.held, contact.call.monitors) for contact in seen(floor, "ana")] == [(True, whispers)]
    assert [contact.call.monitors for contact in seen(floor, "carmen")] == [whispers]
    assert floor.queue.snapshot("ana", floor.now).contacts[0].call.monitors == whispers
    floor.says("ana", EndContact(contact="c1"))
    assert EndMonitoring(contact="c1", channel=CALL, coordinator="carmen") in floor.last.effects
    assert all(not contact.call.monitors for contact in seen(floor, "ana"))
    assert seen(floor, "ana")


def test_a_coordinator_stops_or_hangs_up() -> None:
    floor = floor_of("ana").arrives("c1", CALL).takes("ana", "c1")
    listen = Monitor(contact="c1", mode=Monitoring.LISTEN)
    floor.says("carmen", listen).says("carmen", StopMonitoring(contact="c1"))
    floor.expects(EndMonitoring(contact="c1", channel=CALL, coordinator="carmen"))
    for gone in (
        MonitorLeft(contact="c1", coordinator="carmen"),
        DeliveryFailed(contact="c1", advisor="carmen", reason="408"),
    ):
        floor.says("carmen", listen).hears(gone).expects().stands("c1", ACTIVE, "ana")
        assert floor.contacts["c1"].call.monitors == ()


def test_a_coordinator_listens_to_one_call_at_a_time() -> None:
    floor = floor_of("ana", "luis").arrives("c1", CALL).takes("ana", "c1").arrives("c2", CALL).takes("luis", "c2")
    floor.says("carmen", Monitor(contact="c1", mode=Monitoring.LISTEN))
    floor.says("carmen", Monitor(contact="c2", mode=Monitoring.LISTEN))
    assert floor.last.effects[0] == EndMonitoring(contact="c1", channel=CALL, coordinator="carmen")
    assert floor.contacts["c1"].call.monitors == ()


def test_a_coordinator_whose_workstation_is_gone_listens_no_longer() -> None:
    floor = floor_of("ana").arrives("c1", CALL).takes("ana", "c1")
    floor.says("carmen", Monitor(contact="c1", mode=Monitoring.LISTEN)).vanishes("carmen").passes(20)
    floor.expects(EndMonitoring(contact="c1", channel=CALL, coordinator="carmen"))


def test_what_cannot_be_listened_to() -> None:
    floor = floor_of("ana").arrives("c1", CALL)
    listen = Monitor(contact="c1", mode=Monitoring.LISTEN)
    floor.says("carmen", listen).refuses(Refusal.WRONG_STATE).takes("ana", "c1")
    floor.says("carmen", SetPhone(uri="")).says("carmen", listen).refuses(Refusal.NO_PHONE)
    floor.arrives("k1", CHAT)
    floor.says("carmen", Monitor(contact="k1", mode=Monitoring.LISTEN)).refuses(Refusal.CHANNEL_MISMATCH)
    floor.says("carmen", Monitor(contact="c9", mode=Monitoring.LISTEN)).refuses(Refusal.NOT_FOUND)
