"""Who is served next, by whom, and what becomes of an offer."""

from dataclasses import replace

from catgem_tui.central.ports import DeliveryFailed, Join, LegChanged, Offer, Requeue, Withdraw
from catgem_tui.central.queue import ChannelRules
from catgem_tui.central.queue.rules import DEFAULT_CHANNELS
from catgem_tui.protocol.commands import AcceptOffer, DeclineOffer, EndContact, Park, SetPhone, SetPresence
from catgem_tui.protocol.enums import AdvisorState, ContactState, Presence, Refusal
from catgem_tui.protocol.events import CallExpected, ContactChanged, MessageAdded
from tests.queue_dialogue import CALL, CENTRE, CHAT, MAIL, Dialogue, uri_of, user

QUEUED, OFFERED, ACTIVE = ContactState.QUEUED, ContactState.OFFERED, ContactState.ACTIVE
AVAILABLE = SetPresence(presence=Presence.AVAILABLE)


def call_offer(contact: str, advisor: str, token: str) -> Offer:
    return Offer(contact=contact, channel=CALL, advisor=advisor, uri=uri_of(advisor), token=token)


def chat_offer(contact: str, advisor: str) -> Offer:
    return Offer(contact=contact, channel=CHAT, advisor=advisor)


def mail_offer(contact: str, advisor: str) -> Offer:
    return Offer(contact=contact, channel=MAIL, advisor=advisor)


# --- offering and accepting ---


def test_a_call_is_offered_announced_accepted_and_joined() -> None:
    floor = Dialogue("ana").comes("ana")
    floor.arrives("c1", CALL).expects(call_offer("c1", "ana", "token-1")).stands("c1", OFFERED, "ana")
    assert floor.expected("ana") == [CallExpected(contact="c1", token="token-1")]
    assert floor.advisors["ana"].state is AdvisorState.OFFERED
    floor.passes(5).says("ana", AcceptOffer(contact="c1"))
    floor.expects(Join(contact="c1", channel=CALL, advisor="ana", name="Ana")).stands("c1", ACTIVE, "ana")
    assert floor.contacts["c1"].accepted_at == floor.now
    assert floor.advisors["ana"].state is AdvisorState.BUSY
    floor.leg("ana", "c1", connected=True)
    assert floor.contacts["c1"].call.advisor_leg


def test_the_telephone_may_join_before_the_command_comes() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).leg("ana", "c1", connected=True)
    floor.stands("c1", OFFERED, "ana").says("ana", AcceptOffer(contact="c1")).stands("c1", ACTIVE, "ana")
    assert floor.contacts["c1"].call.advisor_leg


def test_a_chat_arrives_with_its_conversation() -> None:
    floor = Dialogue("ana").arrives("k1", CHAT).writes("k1", "¿siguen ahí?").comes("ana", phone=False)
    history = [body.message.id for body in floor.told("ana") if isinstance(body, MessageAdded)]
    assert history == ["k1-first", "m1"]
    assert floor.contacts["k1"].unread == 2


def test_a_first_message_is_told_once_to_whoever_is_offered_its_chat_at_once() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT).stands("k1", OFFERED, "ana")
    assert [body.message.id for body in floor.told("ana") if isinstance(body, MessageAdded)] == ["k1-first"]


def test_accepting_is_no_answer_yet() -> None:
    """A chat goes on waiting for its first line; a call has its answer in being taken."""
    floor = Dialogue("ana").arrives("k1", CHAT).comes("ana").takes("ana", "k1")
    assert floor.contacts["k1"].waiting_since == floor.contacts["k1"].arrived_at
    floor = Dialogue("ana").arrives("c1", CALL).comes("ana").takes("ana", "c1")
    assert floor.contacts["c1"].waiting_since is None


def test_an_offered_contact_shows_in_its_advisors_events_and_leaves_them() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL)
    assert [body.contact.state for body in floor.told("ana") if isinstance(body, ContactChanged)] == [OFFERED]
    floor.says("ana", DeclineOffer(contact="c1"))
    assert [body.contact.state for body in floor.told("ana") if isinstance(body, ContactChanged)] == [QUEUED]


def test_accepting_twice_changes_nothing() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT).takes("ana", "k1")
    floor.says("ana", AcceptOffer(contact="k1")).agrees().expects()


def test_one_offer_at_a_time() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT).arrives("k2", CHAT).expects()
    floor.takes("ana", "k1").stands("k2", OFFERED, "ana")


def test_nobody_takes_what_was_offered_to_another() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("k1", CHAT).stands("k1", OFFERED, "ana")
    floor.says("luis", AcceptOffer(contact="k1")).refuses(Refusal.OFFER_EXPIRED)
    floor.says("luis", DeclineOffer(contact="k1")).refuses(Refusal.OFFER_EXPIRED)
    floor.says("luis", AcceptOffer(contact="nobody")).refuses(Refusal.NOT_FOUND)


# --- offers that come to nothing ---


def test_an_offer_left_unanswered_returns_to_the_front_and_the_advisor_is_not_responding() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).arrives("c2", CALL).passes(19).stands("c1", OFFERED, "ana")
    floor.passes(1).expects(Withdraw(contact="c1", channel=CALL, advisor="ana")).stands("c1", QUEUED)
    assert floor.advisors["ana"].state is AdvisorState.NOT_RESPONDING
    assert [each.contact for each in floor.summary().next] == ["c1", "c2"]
    floor.says("ana", AVAILABLE).stands("c1", OFFERED, "ana")


def test_a_requeued_contact_keeps_its_arrival_and_passes_those_who_came_before() -> None:
    floor = Dialogue("ana", "luis").comes("ana").arrives("c1", CALL)
    first = floor.contacts["c1"].arrived_at
    floor.passes(10).arrives("c2", CALL).takes("ana", "c1")
    floor.comes("luis").stands("c2", OFFERED, "luis").passes(1).arrives("c3", CALL)
    floor.says("luis", DeclineOffer(contact="c2"))
    assert [each.contact for each in floor.summary().next] == ["c2", "c3"]
    assert floor.contacts["c1"].arrived_at == first


def test_too_late_is_too_late_even_before_the_clock_was_looked_at() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL)
    floor.now += 20.001
    floor.says("ana", AcceptOffer(contact="c1")).refuses(Refusal.OFFER_EXPIRED).stands("c1", OFFERED, "ana")


def test_declining_passes_the_contact_to_the_next_advisor() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("c1", CALL).says("ana", DeclineOffer(contact="c1"))
    floor.expects(Withdraw(contact="c1", channel=CALL, advisor="ana"), call_offer("c1", "luis", "token-2"))
    assert floor.expected("ana") == []
    assert floor.advisors["ana"].presence is Presence.NOT_RESPONDING


def test_a_telephone_that_cannot_be_reached_is_the_reason() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("c1", CALL)
    floor.hears(DeliveryFailed(contact="c1", advisor="ana", reason="408")).stands("c1", OFFERED, "luis")
    assert (floor.advisors["ana"].presence, floor.advisors["ana"].reason) == (Presence.NOT_RESPONDING, "phone")
    floor.hears(DeliveryFailed(contact="c1", advisor="ana", reason="late")).stands("c1", OFFERED, "luis")


def test_late_news_of_an_earlier_offer_to_the_same_advisor_changes_nothing() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).says("ana", DeclineOffer(contact="c1"))
    floor.says("ana", SetPresence(presence=Presence.AVAILABLE)).stands("c1", OFFERED, "ana")
    floor.hears(DeliveryFailed(contact="c1", advisor="ana", reason="408", token="token-1"))
    floor.hears(LegChanged(contact="c1", advisor="ana", connected=True, token="token-1")).stands("c1", OFFERED, "ana")
    assert not floor.contacts["c1"].call.advisor_leg
    floor.hears(DeliveryFailed(contact="c1", advisor="ana", reason="408", token="token-2")).stands("c1", QUEUED)


def test_a_telephone_that_fails_after_acceptance_gives_the_citizen_back() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).says("ana", AcceptOffer(contact="c1"))
    floor.hears(DeliveryFailed(contact="c1", advisor="ana", reason="408"))
    floor.expects(Requeue(contact="c1", channel=CALL)).stands("c1", QUEUED)


def test_answering_and_hanging_up_at_once_is_declining() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL)
    floor.leg("ana", "c1", connected=True).leg("ana", "c1", connected=False).stands("c1", QUEUED)
    assert floor.advisors["ana"].presence is Presence.NOT_RESPONDING


def test_a_citizen_who_leaves_blames_nobody() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).leaves("c1")
    floor.expects(Withdraw(contact="c1", channel=CALL, advisor="ana")).stands("c1", ContactState.ABANDONED)
    assert floor.advisors["ana"].state is AdvisorState.AVAILABLE


# --- who first ---


def test_the_most_urgent_goes_first_across_channels() -> None:
    """A call of 15 s (0.75) before a chat of 25 s (0.63); a chat of 40 s (1.0) before that call; a mail after 4 h."""
    floor = Dialogue("ana").arrives("k1", CHAT).passes(10).arrives("c1", CALL).passes(15)
    assert [each.contact for each in floor.summary().next] == ["c1", "k1"]
    floor.comes("ana").stands("c1", OFFERED, "ana")
    floor = Dialogue("ana").arrives("k1", CHAT).passes(35).arrives("c1", CALL).passes(5).comes("ana")
    floor.stands("k1", OFFERED, "ana")
    floor = Dialogue("ana").arrives("m1", MAIL).passes(5 * 3600).arrives("c1", CALL).passes(24).comes("ana")
    floor.stands("m1", OFFERED, "ana")


def test_first_come_first_served_within_a_line() -> None:
    floor = Dialogue("ana")
    for number in range(5):
        floor.arrives(f"c{number}", CALL)
    floor.comes("ana")
    for number in range(5):
        floor.stands(f"c{number}", OFFERED, "ana").serves("ana", f"c{number}")


def test_a_level_of_priority_is_worth_two_minutes() -> None:
    floor = Dialogue("ana").arrives("c1", CALL).passes(119).arrives("c2", CALL, priority=1)
    assert [each.contact for each in floor.summary().next] == ["c2", "c1"]
    floor = Dialogue("ana").arrives("c1", CALL).passes(121).arrives("c2", CALL, priority=1)
    assert [each.contact for each in floor.summary().next] == ["c1", "c2"]


def test_a_contact_nobody_present_can_serve_does_not_hold_up_the_others() -> None:
    floor = Dialogue("ana").arrives("c1", CALL, requirements=("english",)).passes(60).arrives("c2", CALL)
    floor.comes("ana").stands("c2", OFFERED, "ana").stands("c1", QUEUED)


# --- to whom ---


def test_skills_must_cover_the_requirements() -> None:
    floor = Dialogue("ana", user("eva", skills=("english", "licences"))).comes("ana", "eva")
    floor.arrives("c1", CALL, requirements=("english",)).stands("c1", OFFERED, "eva")


def test_a_queue_asks_for_its_skills() -> None:
    rules = replace(CENTRE, queue_requirements={"general": ("spanish",)})
    floor = Dialogue("ana", user("eva", skills=("spanish",)), rules=rules).comes("ana", "eva")
    floor.arrives("k1", CHAT, requirements=("spanish",), queue="unheard of").stands("k1", OFFERED, "eva")
    assert floor.contacts["k1"].requirements == ("spanish",)
    assert floor.contacts["k1"].queue == "general"


def test_the_longest_idle_is_asked_first() -> None:
    floor = Dialogue("ana", "luis", "eva").comes("ana", "luis", "eva").arrives("c1", CALL).serves("ana", "c1")
    floor.passes(1).arrives("c2", CALL).stands("c2", OFFERED, "luis")
    floor.arrives("c3", CALL).stands("c3", OFFERED, "eva")
    floor.arrives("c4", CALL).stands("c4", OFFERED, "ana")


def test_someone_who_talks_to_nobody_comes_before_someone_who_does() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("k1", CHAT).takes("ana", "k1")
    floor.says("luis", SetPresence(presence=Presence.PAUSED)).says("luis", AVAILABLE)
    floor.arrives("k2", CHAT).stands("k2", OFFERED, "luis")


def test_calls_need_a_telephone() -> None:
    floor = Dialogue("ana").comes("ana", phone=False).arrives("c1", CALL).arrives("k1", CHAT)
    floor.stands("c1", QUEUED).stands("k1", OFFERED, "ana").serves("ana", "k1")
    floor.says("ana", SetPhone(uri=uri_of("ana"))).stands("c1", OFFERED, "ana")


def test_who_is_in_a_call_of_their_own_is_offered_chats_but_no_call() -> None:
    floor = Dialogue("ana", "luis").comes("ana").says("ana", SetPhone(uri=uri_of("ana"), engaged=True))
    floor.arrives("c1", CALL).stands("c1", QUEUED).arrives("k1", CHAT).serves("ana", "k1")
    floor.says("ana", SetPhone(uri=uri_of("ana"))).stands("c1", OFFERED, "ana")


# --- capacity ---


def test_three_chats_and_no_more() -> None:
    floor = Dialogue("ana").comes("ana")
    for number in range(3):
        floor.arrives(f"k{number}", CHAT).takes("ana", f"k{number}")
    floor.arrives("k3", CHAT).stands("k3", QUEUED)
    floor.says("ana", Park(contact="k0")).stands("k3", QUEUED)


def test_a_call_interrupts_a_mail_but_nothing_interrupts_a_call() -> None:
    floor = Dialogue("ana").comes("ana").arrives("m1", MAIL).takes("ana", "m1").arrives("c1", CALL)
    floor.expects(call_offer("c1", "ana", "token-1")).takes("ana", "c1").arrives("k1", CHAT).arrives("m2", MAIL)
    floor.arrives("c2", CALL).stands("k1", QUEUED).stands("m2", QUEUED).stands("c2", QUEUED).stands("m1", ACTIVE, "ana")


def test_a_chat_interrupts_a_mail_and_a_call_interrupts_no_chat() -> None:
    floor = Dialogue("ana").comes("ana").arrives("m1", MAIL).takes("ana", "m1").arrives("k1", CHAT)
    floor.expects(chat_offer("k1", "ana")).takes("ana", "k1").arrives("c1", CALL).stands("c1", QUEUED)
    floor.says("ana", Park(contact="k1")).stands("c1", OFFERED, "ana")


def test_mails_come_two_at_a_time() -> None:
    floor = Dialogue("ana").comes("ana").arrives("m1", MAIL).takes("ana", "m1").arrives("m2", MAIL)
    floor.expects(mail_offer("m2", "ana")).takes("ana", "m2").arrives("m3", MAIL).stands("m3", QUEUED)


def test_nothing_is_offered_during_a_wrap_up() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).takes("ana", "c1").says("ana", EndContact(contact="c1"))
    floor.arrives("m1", MAIL).stands("m1", QUEUED).passes(60).stands("m1", OFFERED, "ana")


def test_capacity_is_the_rules() -> None:
    chats = ChannelRules(target=40, capacity=1)
    floor = Dialogue("ana", rules=replace(CENTRE, channels={**DEFAULT_CHANNELS, CHAT: chats})).comes("ana")
    floor.arrives("k1", CHAT).takes("ana", "k1").arrives("k2", CHAT).stands("k2", QUEUED)


# --- a telephone that dies ---


def test_a_call_whose_telephone_died_returns_and_is_kept_for_its_advisor() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("c1", CALL).takes("ana", "c1")
    floor.says("ana", SetPhone(uri="")).expects(Requeue(contact="c1", channel=CALL)).stands("c1", QUEUED)
    floor.passes(3).says("ana", SetPhone(uri="sip:ana@127.0.0.1:5099")).stands("c1", OFFERED, "ana")
    # The line drops the dead leg only now: that is no answer to the new offer.
    floor.leg("ana", "c1", connected=False).stands("c1", OFFERED, "ana")


def test_a_telephone_that_moved_has_died() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).takes("ana", "c1")
    floor.says("ana", SetPhone(uri=uri_of("ana"))).expects().stands("c1", ACTIVE, "ana")
    floor.says("ana", SetPhone(uri="sip:ana@127.0.0.1:5099")).stands("c1", OFFERED, "ana")
    assert floor.last.effects[0] == Requeue(contact="c1", channel=CALL)
    assert floor.last.effects[1].uri == "sip:ana@127.0.0.1:5099"


def test_a_reserved_call_goes_to_anyone_after_a_while() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("c1", CALL).takes("ana", "c1")
    floor.says("ana", SetPhone(uri="")).passes(9.9).stands("c1", QUEUED).passes(0.2).stands("c1", OFFERED, "luis")


def test_a_late_leg_of_an_earlier_advisor_changes_nothing() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("c1", CALL).says("ana", DeclineOffer(contact="c1"))
    floor.takes("luis", "c1").hears(LegChanged(contact="c1", advisor="ana", connected=False)).stands(
        "c1", ACTIVE, "luis"
    )
