"""A contact in an advisor's hands: conversation, notes, wrap-up, disposition."""

import pytest

from catgem_tui.central.ports import (
    CitizenReturned,
    ContactArrived,
    Deliver,
    DeliveryChanged,
    Finish,
    LineLost,
    RecordingStarted,
    SetHold,
    SurveyAnswered,
)
from catgem_tui.central.queue import QueueRules
from catgem_tui.protocol.commands import (
    CheckStep,
    CloseContact,
    EndContact,
    ExtendWrapUp,
    Hold,
    Park,
    ReportSound,
    Resume,
    SaveDraft,
    SaveNotes,
    SendChat,
    SendMail,
    SetPhone,
    Unhold,
)
from catgem_tui.protocol.enums import AdvisorState, Author, Channel, ContactState, Delivery, Outcome, Refusal
from catgem_tui.protocol.events import MessageAdded
from catgem_tui.protocol.model import MailHeaders, SoundReport, Struct
from tests.queue_dialogue import CALL, CHAT, MAIL, Dialogue, rosa

ACTIVE, WRAP_UP, CLOSED = ContactState.ACTIVE, ContactState.WRAP_UP, ContactState.CLOSED


def talking(channel: Channel, contact: str = "c1", **fields: object) -> Dialogue:
    """Ana is active with a contact; luis is there too."""
    return Dialogue("ana", "luis").comes("ana").arrives(contact, channel, **fields).takes("ana", contact).comes("luis")


# --- the end of a call ---


def test_hanging_up_begins_the_wrap_up_and_the_survey() -> None:
    floor = talking(CALL).says("ana", EndContact(contact="c1"))
    floor.expects(Finish(contact="c1", channel=CALL, survey=True)).stands("c1", WRAP_UP, "ana")
    assert floor.contacts["c1"].wrap_up_ends_at == floor.now + 60
    assert floor.advisors["ana"].state is AdvisorState.WRAP_UP
    floor.says("ana", CloseContact(contact="c1", disposition="directory", outcome=Outcome.REFERRED)).stands(
        "c1", CLOSED, "ana"
    )
    assert (floor.contacts["c1"].disposition, floor.contacts["c1"].outcome) == ("directory", Outcome.REFERRED)
    assert floor.advisors["ana"].state is AdvisorState.AVAILABLE


def test_the_advisors_telephone_hanging_up_is_the_same() -> None:
    floor = talking(CALL).leg("ana", "c1", connected=False)
    floor.expects(Finish(contact="c1", channel=CALL, survey=True)).stands("c1", WRAP_UP, "ana")


def test_the_citizen_hanging_up_begins_the_wrap_up_without_a_survey() -> None:
    floor = talking(CALL).leaves("c1").expects(Finish(contact="c1", channel=CALL, survey=False))
    floor.stands("c1", WRAP_UP, "ana")
    assert not floor.contacts["c1"].citizen_present


def test_a_line_that_died_has_nobody_left_to_be_told() -> None:
    floor = talking(CALL).hears(LineLost(contact="c1")).expects().stands("c1", WRAP_UP, "ana")
    floor.passes(60).arrives("c2", CALL, priority=1)
    floor.hears(LineLost(contact="c2")).stands("c2", ContactState.ABANDONED)


def test_how_a_call_sounded_is_kept_with_it_also_after_it_was_closed() -> None:
    sound = SoundReport(codec="G722", seconds=61.5, mos=4.2, worst_mos=3.1, underruns=2)
    floor = talking(CALL).says("ana", EndContact(contact="c1")).passes(60).stands("c1", CLOSED, "ana")
    floor.says("ana", ReportSound(contact="c1", sound=sound)).agrees()
    call = floor.contacts["c1"].call
    assert call is not None
    assert call.sound == sound
    floor.says("ana", ReportSound(contact="c1", sound=SoundReport(seconds=3.0))).agrees()
    assert floor.contacts["c1"].call == call, "the longest of several calls for a contact tells"


def test_how_a_call_sounded_is_its_advisors_to_say() -> None:
    report = ReportSound(contact="c1", sound=SoundReport(seconds=3.0))
    talking(CALL).says("luis", report).refuses(Refusal.NOT_YOURS)
    talking(CHAT).says("ana", report).refuses(Refusal.CHANNEL_MISMATCH)


# --- wrap-up ---


def test_a_wrap_up_runs_out_into_the_default_disposition_and_keeps_the_notes() -> None:
    floor = talking(CALL).says("ana", SaveNotes(contact="c1", text="acta de nacimiento", revision=1))
    floor.says("ana", EndContact(contact="c1")).passes(59).stands("c1", WRAP_UP, "ana").passes(1).stands(
        "c1", CLOSED, "ana"
    )
    contact = floor.contacts["c1"]
    assert (contact.disposition, contact.outcome) == ("not_classified", Outcome.UNRESOLVED)
    assert contact.notes == "acta de nacimiento"


def test_a_wrap_up_can_be_extended_again_and_again() -> None:
    floor = talking(CALL).says("ana", EndContact(contact="c1"))
    floor.says("ana", ExtendWrapUp(contact="c1")).says("ana", ExtendWrapUp(contact="c1"))
    floor.passes(179).stands("c1", WRAP_UP, "ana").passes(1).stands("c1", CLOSED, "ana")


def test_what_an_outbox_brings_late_is_not_thrown_away() -> None:
    floor = talking(CALL).says("ana", EndContact(contact="c1")).passes(60).stands("c1", CLOSED, "ana")
    ended_at = floor.contacts["c1"].ended_at
    floor.passes(30).says("ana", SaveNotes(contact="c1", text="sin señal", revision=1)).agrees()
    floor.says("ana", CloseContact(contact="c1", disposition="complaint", outcome=Outcome.RESOLVED)).agrees()
    contact = floor.contacts["c1"]
    assert (contact.notes, contact.disposition, contact.ended_at) == ("sin señal", "complaint", ended_at)


def test_what_was_noted_just_before_the_telephone_broke_down_is_kept() -> None:
    floor = talking(CALL).says("ana", SetPhone(uri="")).stands("c1", ContactState.QUEUED)
    floor.says("ana", SaveNotes(contact="c1", text="acta de su hija", revision=1)).agrees()
    assert floor.contacts["c1"].notes == "acta de su hija"
    floor.says("luis", SaveNotes(contact="c1", text="nada", revision=2)).refuses(Refusal.NOT_YOURS)


def test_an_unknown_disposition_is_refused() -> None:
    floor = talking(CALL).says("ana", EndContact(contact="c1"))
    floor.says("ana", CloseContact(contact="c1", disposition="weather", outcome=Outcome.RESOLVED))
    floor.refuses(Refusal.NOT_FOUND, "disposition").stands("c1", WRAP_UP, "ana")


def test_ended_contacts_are_forgotten_in_time() -> None:
    floor = talking(CALL).says("ana", EndContact(contact="c1")).passes(60)
    assert floor.queue.contact("c1") is not None
    floor.passes(2 * 3600)
    assert floor.queue.contact("c1") is None
    floor.hears(SurveyAnswered(contact="c1", score=5)).refuses(Refusal.NOT_FOUND)


# --- survey ---


def test_the_first_survey_answer_counts_even_after_closing() -> None:
    floor = talking(CALL).says("ana", EndContact(contact="c1")).passes(60)
    floor.hears(SurveyAnswered(contact="c1", score=4)).hears(SurveyAnswered(contact="c1", score=1)).agrees()
    assert floor.contacts["c1"].survey == 4
    floor.hears(SurveyAnswered(contact="c1", score=9)).refuses(Refusal.MALFORMED)


# --- hold and recording ---


def test_hold_and_its_end() -> None:
    floor = talking(CALL).says("ana", Hold(contact="c1")).expects(SetHold(contact="c1", channel=CALL, held=True))
    assert floor.contacts["c1"].call.held_since == floor.now
    floor.says("ana", Hold(contact="c1")).agrees().expects()
    floor.says("ana", Unhold(contact="c1")).expects(SetHold(contact="c1", channel=CALL, held=False))
    assert floor.contacts["c1"].call.held_since is None


def test_a_recording_shows_until_the_call_ends() -> None:
    floor = talking(CALL).hears(RecordingStarted(contact="c1", path="2025/c1.wav"))
    assert floor.contacts["c1"].call.recording
    floor.says("ana", EndContact(contact="c1"))
    assert not floor.contacts["c1"].call.recording


# --- chat ---


def test_a_chat_goes_back_and_forth() -> None:
    floor = talking(CHAT)
    assert (floor.contacts["c1"].unread, floor.contacts["c1"].messages) == (1, 1)
    floor.says("ana", SendChat(contact="c1", text="Buenos días 👋"), id="a1")
    message = floor.messages["a1"]
    floor.expects(Deliver(channel=CHAT, message=message))
    assert (message.text, message.author, message.name) == ("Buenos días 👋", Author.ADVISOR, "Ana")
    assert (floor.contacts["c1"].unread, floor.contacts["c1"].waiting_since) == (0, None)
    floor.passes(7).writes("c1", "mi acta")
    assert (floor.contacts["c1"].unread, floor.contacts["c1"].waiting_since) == (1, floor.now)
    assert [body.message.text for body in floor.told("ana") if isinstance(body, MessageAdded)] == ["mi acta"]
    assert floor.told("luis") == []


def test_a_message_seen_before_changes_nothing() -> None:
    floor = talking(CHAT).writes("c1", id="w1").writes("c1", id="w1").agrees().expects()
    assert floor.last.contacts == []
    floor.says("ana", SendChat(contact="c1", text="hola"), id="a1").says(
        "ana", SendChat(contact="c1", text="x"), id="a1"
    )
    floor.agrees().expects()
    assert floor.messages["a1"].text == "hola"


def test_a_citizen_may_leave_a_chat_and_come_back() -> None:
    floor = talking(CHAT).leaves("c1").stands("c1", ACTIVE, "ana")
    assert not floor.contacts["c1"].citizen_present
    floor.hears(CitizenReturned(contact="c1"))
    assert floor.contacts["c1"].citizen_present
    floor.says("ana", EndContact(contact="c1")).expects(Finish(contact="c1", channel=CHAT, survey=True))
    floor.writes("c1").refuses(Refusal.WRONG_STATE)
    floor.hears(CitizenReturned(contact="c1")).refuses(Refusal.WRONG_STATE)


def test_a_parked_chat_is_read_but_not_answered() -> None:
    floor = talking(CHAT).says("ana", Park(contact="c1")).writes("c1").agrees()
    floor.says("ana", SendChat(contact="c1", text="hola")).refuses(Refusal.WRONG_STATE)
    assert floor.advisors["ana"].state is AdvisorState.AVAILABLE
    floor.says("ana", Resume(contact="c1")).says("ana", SendChat(contact="c1", text="hola")).agrees()


# --- mail ---


def test_a_mail_is_answered_in_its_thread() -> None:
    asked = MailHeaders(
        subject="RE: Licencia",
        sender="rosa@example.mx",
        message_id="<2@example.mx>",
        in_reply_to="<1@example.mx>",
        references=("<0@example.mx>", "<1@example.mx>"),
    )
    floor = Dialogue("ana").comes("ana")
    floor.arrives("c1", MAIL, citizen=rosa(), first=floor.message("c1", "f1", "¿Cuánto cuesta?", mail=asked))
    floor.takes("ana", "c1").says("ana", SaveDraft(contact="c1", text="Cuesta"))
    assert floor.contacts["c1"].draft == "Cuesta"
    floor.says("ana", SendMail(contact="c1", text="Cuesta $600."), id="0190")
    message = floor.messages["0190"]
    floor.expects(Deliver(channel=MAIL, message=message)).stands("c1", ACTIVE, "ana")
    assert message.delivery is Delivery.PENDING
    assert message.mail == MailHeaders(
        subject="Re: Licencia",
        sender="atencion@localhost",
        to=("rosa@example.mx",),
        message_id="<0190@localhost>",
        in_reply_to="<2@example.mx>",
        references=("<0@example.mx>", "<1@example.mx>", "<2@example.mx>"),
    )
    assert floor.contacts["c1"].draft == ""
    floor.hears(DeliveryChanged(contact="c1", message="0190"))
    assert floor.messages["0190"].delivery is Delivery.SENT


def test_a_mail_that_could_not_be_delivered_is_told_after_closing_too() -> None:
    floor = (
        talking(MAIL).says("ana", SendMail(contact="c1", text="hola"), id="a1").says("ana", EndContact(contact="c1"))
    )
    floor.passes(3 * 86400)
    floor.hears(DeliveryChanged(contact="c1", message="a1", error="550 no such user"))
    assert floor.messages["a1"].delivery is Delivery.FAILED
    assert [body.message.id for body in floor.told("ana") if isinstance(body, MessageAdded)] == ["a1"]
    floor.hears(DeliveryChanged(contact="c1", message="a2")).refuses(Refusal.NOT_FOUND, "message")
    floor.passes(3 * 3600)
    assert floor.queue.contact("c1") is None


def test_the_sender_of_the_mail_is_its_address_when_nothing_else_is_known() -> None:
    floor = talking(MAIL).says("ana", SendMail(contact="c1", text="hola"), id="a1")
    assert floor.messages["a1"].mail.to == ("rosa@example.mx",)
    floor = talking(MAIL, first=None).says("ana", SendMail(contact="c1", text="hola")).refuses(Refusal.NO_SUCH_TARGET)


# --- notes and steps ---


def test_notes_are_never_overwritten_unseen() -> None:
    floor = talking(CALL).says("ana", SaveNotes(contact="c1", text="uno", revision=1)).agrees()
    floor.says("ana", SaveNotes(contact="c1", text="otra", revision=1)).refuses(Refusal.STALE, "revision")
    assert floor.last.refused.args == {"revision": 1}
    floor.says("ana", SaveNotes(contact="c1", text="dos", revision=2)).agrees()
    assert floor.contacts["c1"].notes == "dos"


def test_steps_are_checked_and_cleared() -> None:
    floor = talking(CALL)
    for step in ("privacy", "greeting", "privacy"):
        floor.says("ana", CheckStep(contact="c1", step=step)).agrees()
    assert floor.contacts["c1"].steps == ("privacy", "greeting")
    floor.says("ana", CheckStep(contact="c1", step="privacy", done=False))
    assert floor.contacts["c1"].steps == ("greeting",)
    floor.says("ana", CheckStep(contact="c1", step="dance")).refuses(Refusal.NOT_FOUND, "step")


# --- what is refused ---


@pytest.mark.parametrize(
    ("channel", "body", "code"),
    [
        (CHAT, SendChat(contact="c1", text="x" * 4_001), Refusal.TOO_LONG),
        (CHAT, SendChat(contact="c1", text=" \n"), Refusal.MALFORMED),
        (CALL, SaveNotes(contact="c1", text="x" * 20_001, revision=1), Refusal.TOO_LONG),
        (MAIL, SendMail(contact="c1", text="x" * 200_001), Refusal.TOO_LONG),
        (MAIL, SaveDraft(contact="c1", text="x" * 200_001), Refusal.TOO_LONG),
        (CALL, SendChat(contact="c1", text="x"), Refusal.CHANNEL_MISMATCH),
        (CHAT, SendMail(contact="c1", text="x"), Refusal.CHANNEL_MISMATCH),
        (CHAT, SaveDraft(contact="c1", text="x"), Refusal.CHANNEL_MISMATCH),
        (CHAT, Hold(contact="c1"), Refusal.CHANNEL_MISMATCH),
        (CALL, Park(contact="c1"), Refusal.CHANNEL_MISMATCH),
        (CALL, Resume(contact="c1"), Refusal.CHANNEL_MISMATCH),
        (CHAT, Resume(contact="c1"), Refusal.WRONG_STATE),
        (CHAT, ExtendWrapUp(contact="c1"), Refusal.WRONG_STATE),
        (CHAT, CloseContact(contact="c1", disposition="directory", outcome=Outcome.RESOLVED), Refusal.WRONG_STATE),
    ],
)
def test_refused(channel: Channel, body: Struct, code: Refusal) -> None:
    talking(channel).says("ana", body).refuses(code)


@pytest.mark.parametrize(
    "body",
    [
        EndContact(contact="c1"),
        SendChat(contact="c1", text="x"),
        Park(contact="c1"),
        SaveNotes(contact="c1", text="x", revision=1),
        CheckStep(contact="c1", step="greeting"),
        ExtendWrapUp(contact="c1"),
        CloseContact(contact="c1", disposition="directory", outcome=Outcome.RESOLVED),
    ],
)
def test_only_their_advisor_touches_a_contact(body: Struct) -> None:
    floor = talking(CHAT).says("luis", body).refuses(Refusal.NOT_YOURS)
    floor.says("nobody", body).refuses(Refusal.NOT_FOUND, "advisor")


def test_an_offered_contact_is_not_in_hand_yet() -> None:
    floor = Dialogue("ana").comes("ana").arrives("k1", CHAT)
    floor.says("ana", SendChat(contact="k1", text="hola")).refuses(Refusal.WRONG_STATE)
    floor.says("ana", SaveNotes(contact="k1", text="x", revision=1)).refuses(Refusal.WRONG_STATE)


def test_a_contact_that_arrives_twice_is_one() -> None:
    floor = talking(CHAT).hears(ContactArrived(contact="c1", channel=CHAT)).agrees().expects()
    floor.stands("c1", ACTIVE, "ana")


def test_rules_nobody_could_be_served_by_are_refused() -> None:
    with pytest.raises(ValueError, match="queue"):
        QueueRules(queues=())
    with pytest.raises(ValueError, match="one of the dispositions"):
        QueueRules(default_disposition="weather")
    with pytest.raises(ValueError, match="channel"):
        QueueRules(channels={})
