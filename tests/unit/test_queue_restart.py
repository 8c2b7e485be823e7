"""What central's death, and a store that cannot write, leave of the queue: everything."""

from dataclasses import replace

from catgem_tui.central.ports import AdvisorCommand, AdvisorConnected, ContactArrived, Deliver, SurveyAnswered
from catgem_tui.central.queue import UniversalQueue
from catgem_tui.central.queue.folio import is_folio
from catgem_tui.protocol.commands import (
    AcceptOffer,
    DeclineOffer,
    EndContact,
    SendChat,
    SendMail,
    SetPhone,
    SetPresence,
)
from catgem_tui.protocol.enums import ContactState, Presence, Role
from tests.queue_dialogue import CALL, CHAT, MAIL, MORNING, Dialogue, uri_of, user

QUEUED, OFFERED, ACTIVE = ContactState.QUEUED, ContactState.OFFERED, ContactState.ACTIVE


def test_waiting_contacts_keep_their_places_over_a_restart() -> None:
    floor = Dialogue("ana").arrives("k1", CHAT).passes(1).arrives("k2", CHAT).passes(1).arrives("k3", CHAT)
    floor.comes("ana").takes("ana", "k1").stands("k2", OFFERED, "ana").restarts()
    floor.stands("k1", ACTIVE, "ana").stands("k2", QUEUED).stands("k3", QUEUED)
    assert [each.contact for each in floor.summary().next] == ["k2", "k3"]


def test_an_offer_is_void_and_its_contact_comes_first() -> None:
    floor = Dialogue("ana", "luis").comes("ana").arrives("k1", CHAT).passes(5).arrives("k2", CHAT)
    floor.says("ana", DeclineOffer(contact="k1")).says("ana", SetPresence(presence=Presence.AVAILABLE))
    floor.passes(1).arrives("k3", CHAT).stands("k1", OFFERED, "ana").restarts().restarts()
    assert [each.contact for each in floor.summary().next] == ["k1", "k2", "k3"]


def test_void_offers_keep_their_order_among_each_other() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("k1", CHAT).passes(1).arrives("k2", CHAT)
    floor.stands("k1", OFFERED, "ana").stands("k2", OFFERED, "luis").restarts()
    assert [each.contact for each in floor.summary().next] == ["k1", "k2"]


def test_chats_wait_for_their_advisors_workstation() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT).takes("ana", "k1").restarts().passes(19)
    floor.hears(AdvisorConnected(advisor="ana")).stands("k1", ACTIVE, "ana")
    assert floor.advisors["ana"].presence is Presence.AVAILABLE
    floor.says("ana", SendChat(contact="k1", text="seguimos aquí")).agrees()
    floor.restarts().passes(20).stands("k1", QUEUED)
    assert floor.advisors["ana"].presence is Presence.OFFLINE


def test_calls_died_with_their_lines() -> None:
    floor = Dialogue("ana", "luis").comes("ana", "luis").arrives("c1", CALL).takes("ana", "c1")
    floor.arrives("c2", CALL).stands("c2", OFFERED, "luis").arrives("c3", CALL).restarts().expects()
    floor.stands("c1", ContactState.WRAP_UP, "ana")
    floor.stands("c2", ContactState.ABANDONED).stands("c3", ContactState.ABANDONED)


def test_mails_on_their_way_are_sent_again() -> None:
    floor = Dialogue("ana").comes("ana").arrives("m1", MAIL).takes("ana", "m1")
    floor.says("ana", SendMail(contact="m1", text="hola"), id="a1").restarts()
    floor.expects(Deliver(channel=MAIL, message=floor.messages["a1"]))


def test_messages_seen_before_the_restart_are_still_known() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT).takes("ana", "k1").writes("k1", id="w1").restarts()
    floor.writes("k1", id="w1").agrees()
    assert floor.last.messages == []


def test_folios_go_on_where_they_were() -> None:
    floor = Dialogue("ana").arrives("k1", CHAT).arrives("k2", CHAT).restarts().arrives("k3", CHAT)
    folios = [floor.contacts[contact].folio for contact in ("k1", "k2", "k3")]
    assert [folio[:7].replace("-", "") for folio in folios] == ["100000", "100001", "100002"]
    assert all(is_folio(folio) for folio in folios)


def test_the_days_figures_survive() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).takes("ana", "c1").says("ana", EndContact(contact="c1"))
    floor.hears(SurveyAnswered(contact="c1", score=4)).passes(60).arrives("c2", CALL, priority=0)
    before = floor.summary()
    assert (before.service_level, before.satisfaction) == (1.0, 0.75)
    after = floor.restarts().summary()
    assert (after.service_level, after.satisfaction) == (1.0, 0.75)


def test_contacts_of_someone_who_no_longer_works_here_return_to_the_queue() -> None:
    floor = Dialogue("ana", "luis").comes("ana").arrives("k1", CHAT).takes("ana", "k1")
    floor.users = [each for each in floor.users if each.id != "ana"]
    floor.advisors.pop("ana")
    floor.restarts().stands("k1", QUEUED)


def test_a_step_that_could_not_be_written_never_was() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT)
    queue, now = floor.queue, floor.now
    before = queue.snapshot("ana", now)
    queue.step(ContactArrived(contact="k2", channel=CHAT), now)
    queue.step(ContactArrived(contact="c1", channel=CALL), now)
    assert queue.contact("c1") is not None
    queue.discard()
    assert queue.contact("c1") is None
    assert not queue.knows("k2")
    assert queue.snapshot("ana", now) == before
    assert queue.next_deadline() == floor.contacts["k1"].offer_expires_at
    floor.arrives("k3", CHAT)
    assert floor.contacts["k3"].folio.startswith("100-001")


def test_figures_that_could_not_be_written_do_not_count() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT)
    floor.queue.step(AdvisorCommand(advisor="ana", id="x", body=AcceptOffer(contact="k1")), floor.now)
    floor.queue.step(SurveyAnswered(contact="k1", score=5), floor.now)
    assert floor.summary().service_level == 1.0
    floor.queue.discard()
    assert (floor.summary().service_level, floor.summary().satisfaction) == (None, None)


def test_a_new_colleague_can_begin_at_once() -> None:
    floor = Dialogue("ana").arrives("k1", CHAT, requirements=("english",)).comes("ana").stands("k1", QUEUED)
    floor.users.append(user("eva", skills=("english",)))
    floor.queue.admit(floor.users[-1])
    floor.comes("eva").stands("k1", OFFERED, "eva").says("eva", DeclineOffer(contact="k1"))
    floor.queue.admit(user("ana", skills=("english",)))
    floor.says("ana", SetPhone(uri=uri_of("ana"))).stands("k1", OFFERED, "ana")


def test_time_never_goes_backwards() -> None:
    floor = Dialogue("ana").arrives("k1", CHAT)
    floor.queue.step(ContactArrived(contact="k2", channel=CHAT), MORNING - 3600)
    floor.queue.keep()
    assert floor.queue.contact("k2").arrived_at == MORNING


def test_snapshots_show_everyone_their_own() -> None:
    floor = Dialogue("ana", "luis", user("carmen", Role.COORDINATOR)).comes("ana", "luis")
    floor.arrives("k1", CHAT).takes("ana", "k1").arrives("c1", CALL).arrives("m1", MAIL)
    ana, luis, carmen = (floor.queue.snapshot(name, floor.now) for name in ("ana", "luis", "carmen"))
    assert [contact.id for contact in ana.contacts] == ["k1"]
    assert [message.id for message in ana.messages] == ["k1-first"]
    assert (ana.advisors, ana.me.user.id) == ((), "ana")
    assert [contact.id for contact in luis.contacts] == ["c1"]
    assert [expected.token for expected in luis.expected] == ["token-1"]
    assert {contact.id for contact in carmen.contacts} == {"k1", "c1", "m1"}
    assert {advisor.user.id for advisor in carmen.advisors} == {"ana", "luis", "carmen"}
    assert carmen.expected == ()
    assert carmen.settings.targets == {"call": 20.0, "chat": 40.0, "mail": 14400.0}
    floor.leg("luis", "c1", connected=True)
    assert floor.queue.snapshot("luis", floor.now).expected == ()
    assert floor.queue.snapshot("nobody", floor.now) is None


def test_a_restored_queue_is_the_same_queue() -> None:
    """Restoring changes only what it says it does; a second restore right away changes nothing more."""
    floor = Dialogue("ana", "luis").comes("ana", "luis")
    for number in range(4):
        floor.arrives(f"k{number}", CHAT).arrives(f"m{number}", MAIL).passes(3)
    floor.takes("ana", floor.advisors["ana"].contacts[0]).restarts()
    queue, outcome = UniversalQueue.restore(
        floor.rules,
        floor.users,
        floor.contacts.values(),
        floor.messages.values(),
        floor.advisors.values(),
        now=floor.now,
        next_folio=floor.next_folio,
        new_token=lambda: "",
    )
    assert replace(outcome, next_folio=0) == replace(outcome, next_folio=0, contacts=[], advisors=[], events=[])
    assert queue.summary(floor.now) == floor.summary()
