"""What guards citizens and advisors: pauses of the recording, emergencies, warnings, and the block list."""

from dataclasses import replace

import pytest

from catgem_tui.central.ports import (
    AdvisorCommand,
    AdvisorConnected,
    Finish,
    LegChanged,
    LineLost,
    PartyChanged,
    PauseRecording,
    SendOut,
)
from catgem_tui.central.queue.blocking import number_key
from catgem_tui.protocol import commands
from catgem_tui.protocol.commands import (
    BlockCaller,
    CallEmergency,
    CheckStep,
    EndContact,
    ResumeRecording,
    Transfer,
    UnblockCaller,
    WarnCaller,
)
from catgem_tui.protocol.enums import ContactState, NotReached, Refusal, Role
from catgem_tui.protocol.model import Call, Citizen, Option, Step
from tests.queue_dialogue import CALL, CENTRE, CHAT, Dialogue, user

PROTOCOL = {
    CALL: (Step(id="greeting", label=""), Step(id="need", label="", sensitive=True), Step(id="guide", label=""))
}
RULES = replace(CENTRE, protocols=PROTOCOL, dispositions=(*CENTRE.dispositions, Option(id="prank", label="Broma")))
ROSA = Citizen(phone="7225550134")
HOUR = 3600.0
GREETED, TOLD = (CheckStep(contact="c1", step=step) for step in ("greeting", "need"))
PAUSED = PauseRecording(contact="c1", channel=CALL, paused=True)
RESUMED = PauseRecording(contact="c1", channel=CALL, paused=False)


def in_a_call(*names: str, pause: str = "ask", citizen: Citizen = ROSA) -> Dialogue:
    """Ana, who is first, speaks with Rosa; Carmen leads the floor."""
    people = [user(name) for name in (names or ("ana",))]
    floor = Dialogue(*people, user("carmen", Role.COORDINATOR), rules=replace(RULES, pause_recording=pause))
    floor.hears(AdvisorConnected(advisor="carmen")).comes(*(names or ("ana",)))
    return floor.arrives("c1", CALL, citizen=citizen).takes("ana", "c1")


def call_of(floor: Dialogue, contact: str = "c1") -> Call:
    call = floor.contacts[contact].call
    assert call is not None
    return call


def logged(floor: Dialogue) -> list[str]:
    return [entry.kind for entry in floor.last.audit]


def pause(step: str = "need") -> commands.PauseRecording:
    return commands.PauseRecording(contact="c1", step=step)


# --- the recording ---


def test_a_recording_rests_from_the_key_to_the_step_that_is_checked_and_the_trail_has_both_ends() -> None:
    floor = in_a_call().says("ana", pause())
    floor.expects(PAUSED)
    began = floor.now
    assert (call_of(floor).recording_paused_since, call_of(floor).recording_paused_for) == (began, "need")
    assert [(e.kind, e.who, e.contact, e.details) for e in floor.last.audit] == [
        ("recording.paused", "Ana", "c1", {"step": "need"})
    ]
    floor.now += 12
    floor.says("ana", TOLD).expects(RESUMED)
    assert not call_of(floor).recording_paused
    assert [(e.kind, e.who, e.details) for e in floor.last.audit] == [
        ("recording.resumed", "Ana", {"step": "need", "from": began, "until": began + 12})
    ]


def test_a_pause_is_ended_by_hand_too_and_a_second_one_changes_nothing() -> None:
    floor = in_a_call().says("ana", pause("")).says("ana", pause()).agrees().expects()
    assert not floor.last.audit
    floor.says("ana", ResumeRecording(contact="c1")).expects(RESUMED)
    floor.says("ana", ResumeRecording(contact="c1")).agrees().expects()


def test_where_the_centre_wants_it_the_recording_rests_by_itself_at_the_sensitive_step() -> None:
    floor = in_a_call(pause="auto")
    assert not call_of(floor).recording_paused
    floor.says("ana", GREETED).expects(PAUSED)
    floor.says("ana", TOLD).expects(RESUMED)


def test_by_itself_it_rests_at_once_when_the_call_comes_to_the_next_advisor_at_such_a_step() -> None:
    floor = in_a_call("ana", "eva", pause="auto").says("ana", GREETED)
    floor.says("ana", Transfer(contact="c1", advisor="eva"))
    assert not call_of(floor).recording_paused
    floor.takes("eva", "c1")
    assert call_of(floor).recording_paused


def test_what_was_resumed_by_hand_is_not_paused_by_itself_again_at_the_same_step() -> None:
    floor = in_a_call(pause="auto").says("ana", GREETED).says("ana", ResumeRecording(contact="c1"))
    floor.says("ana", commands.SaveNotes(contact="c1", text="acta", revision=1)).agrees()
    assert not call_of(floor).recording_paused


def test_where_recordings_are_never_paused_the_key_is_refused() -> None:
    in_a_call(pause="off").says("ana", pause()).refuses(Refusal.NOT_ALLOWED)


@pytest.mark.parametrize("end", ["ended", "hung up", "transferred", "line lost", "restart"])
def test_a_recording_never_stays_paused_after_the_advisor_s_part(end: str) -> None:
    floor = in_a_call().says("ana", pause())
    match end:
        case "ended":
            floor.says("ana", EndContact(contact="c1"))
        case "hung up":
            floor.hears(LegChanged(contact="c1", advisor="ana", connected=False))
        case "transferred":
            floor.says("ana", Transfer(contact="c1", queue="migrants"))
        case "line lost":
            floor.hears(LineLost(contact="c1"))
        case "restart":
            floor.restarts()
    assert not call_of(floor).recording_paused
    assert logged(floor) == ["recording.resumed"]
    assert floor.last.audit[0].who == "Ana"


@pytest.mark.parametrize("body", [pause(), ResumeRecording(contact="c1")])
def test_only_who_serves_the_call_pauses_its_recording(body: commands.PauseRecording | ResumeRecording) -> None:
    in_a_call("ana", "eva").says("eva", body).refuses(Refusal.NOT_YOURS)


def test_a_pause_for_a_step_that_is_not_in_the_protocol_is_refused() -> None:
    in_a_call().says("ana", pause("nothing")).refuses(Refusal.NOT_FOUND, "step")


def test_a_chat_has_no_recording_to_pause() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c2", CHAT).takes("ana", "c2")
    floor.says("ana", commands.PauseRecording(contact="c2")).refuses(Refusal.CHANNEL_MISMATCH)


# --- emergencies ---


def test_an_emergency_is_marked_logged_and_comes_before_everything_else() -> None:
    floor = in_a_call().says("ana", CallEmergency(contact="c1")).agrees()
    assert floor.contacts["c1"].emergency
    assert [(e.kind, e.who, e.phone, e.details) for e in floor.last.audit] == [
        ("contact.emergency", "Ana", "7225550134", {"handed_to": ""})
    ]
    assert floor.told("carmen")
    floor.arrives("c2", CALL, priority=3).says("ana", Transfer(contact="c1", queue="general"))
    floor.stands("c1", ContactState.OFFERED, "ana").stands("c2", ContactState.QUEUED)


def test_an_emergency_leaves_for_the_number_of_the_centre_and_comes_back_if_nobody_answers_there() -> None:
    floor = Dialogue(
        user("ana"),
        user("carmen", Role.COORDINATOR),
        rules=replace(RULES, emergency="911", dial="sip:{number}@192.0.2.10"),
    )
    floor.hears(AdvisorConnected(advisor="carmen")).comes("ana")
    floor.arrives("c1", CALL, citizen=ROSA).takes("ana", "c1")
    floor.says("ana", CallEmergency(contact="c1")).agrees()
    (sent,) = [effect for effect in floor.last.effects if isinstance(effect, SendOut)]
    assert (sent.contact, sent.number) == ("c1", "911")
    assert floor.last.audit[-1].details == {"handed_to": "911"}
    floor.stands("c1", ContactState.WRAP_UP, "ana")
    floor.hears(PartyChanged(contact="c1", token=sent.token, connected=False, not_reached=NotReached.BUSY))
    floor.stands("c1", ContactState.OFFERED, "ana")
    assert floor.contacts["c1"].emergency
    assert (call := floor.contacts["c1"].call)
    assert call.not_reached is NotReached.BUSY


def test_only_who_serves_it_marks_an_emergency() -> None:
    in_a_call("ana", "eva").says("eva", CallEmergency(contact="c1")).refuses(Refusal.NOT_YOURS)


# --- abuse ---


def test_a_caller_is_blocked_only_after_a_warning() -> None:
    floor = in_a_call()
    until = floor.now + HOUR
    floor.says("ana", BlockCaller(contact="c1", until=until, reason="ofensas")).refuses(Refusal.NOT_WARNED)
    floor.says("ana", WarnCaller(contact="c1")).agrees()
    assert floor.contacts["c1"].warned
    assert logged(floor) == ["caller.warned"]
    floor.says("ana", BlockCaller(contact="c1", until=until, reason=" ofensas\ngraves ")).agrees()
    floor.expects(Finish(contact="c1", channel=CALL, survey=False))
    assert [(e.kind, e.who, e.phone, e.details) for e in floor.last.audit] == [
        ("caller.blocked", "Ana", "7225550134", {"until": until, "reason": "ofensas graves"})
    ]
    floor.stands("c1", ContactState.WRAP_UP, "ana")


def test_the_contact_of_a_blocked_caller_closes_by_itself_as_a_prank() -> None:
    floor = blocked(in_a_call())
    floor.passes(floor.rules.channels[CALL].wrap_up)
    assert (floor.contacts["c1"].state, floor.contacts["c1"].disposition) == (ContactState.CLOSED, "prank")


def blocked(floor: Dialogue, seconds: float = HOUR) -> Dialogue:
    floor.says("ana", WarnCaller(contact="c1"))
    return floor.says("ana", BlockCaller(contact="c1", until=floor.now + seconds, reason="ofensas")).agrees()


def test_a_blocked_number_is_refused_until_its_time_is_over_however_it_is_written() -> None:
    floor = blocked(in_a_call())
    for number in ("7225550134", "+527225550134", "52 722 555 0134"):
        floor.arrives(number, CALL, citizen=Citizen(phone=number)).refuses(Refusal.NOT_ALLOWED)
    floor.arrives("other", CALL, citizen=Citizen(phone="7225550135")).agrees()
    assert floor.queue.is_blocked("7225550134", floor.now)
    floor.passes(HOUR)
    floor.arrives("again", CALL, citizen=ROSA).agrees()


def test_a_block_that_could_not_be_written_is_none() -> None:
    floor = in_a_call().says("ana", WarnCaller(contact="c1"))
    body = BlockCaller(contact="c1", until=floor.now + HOUR, reason="ofensas")
    floor.queue.step(AdvisorCommand(advisor="ana", id="x", body=body), floor.now)
    floor.queue.discard()
    assert not floor.queue.is_blocked("7225550134", floor.now)


def test_an_advisor_blocks_for_a_day_at_most() -> None:
    floor = in_a_call().says("ana", WarnCaller(contact="c1"))
    floor.says("ana", BlockCaller(contact="c1", until=floor.now + 25 * HOUR, reason="ofensas")).refuses(
        Refusal.TOO_LONG, "until"
    )
    floor.says("ana", BlockCaller(contact="c1", until=floor.now - 1, reason="ofensas")).refuses(
        Refusal.MALFORMED, "until"
    )
    floor.says("ana", BlockCaller(contact="c1", until=floor.now + 24 * HOUR, reason="ofensas")).agrees()


def test_nobody_is_blocked_without_a_reason() -> None:
    floor = in_a_call().says("ana", WarnCaller(contact="c1"))
    body = BlockCaller(contact="c1", until=floor.now + HOUR, reason=" \n ")
    floor.says("ana", body).refuses(Refusal.MALFORMED, "reason")
    assert not floor.queue.is_blocked("7225550134", floor.now)
    floor.stands("c1", ContactState.ACTIVE, "ana")


def test_a_number_that_is_withheld_cannot_be_blocked() -> None:
    floor = in_a_call(citizen=Citizen()).says("ana", WarnCaller(contact="c1"))
    floor.says("ana", BlockCaller(contact="c1", until=floor.now + HOUR, reason="ofensas")).refuses(
        Refusal.NO_SUCH_TARGET, "number"
    )
    floor.arrives("c2", CALL, citizen=Citizen()).agrees()


def test_coordinators_alone_let_a_number_in_again() -> None:
    floor = blocked(in_a_call())
    unblock = UnblockCaller(number="722 555 0134", reason="se disculpó")
    floor.says("ana", unblock).refuses(Refusal.NOT_ALLOWED)
    floor.says("carmen", unblock).agrees()
    assert [(e.kind, e.who, e.phone, e.details) for e in floor.last.audit] == [
        ("caller.unblocked", "Carmen", "7225550134", {"reason": "se disculpó"})
    ]
    floor.says("carmen", unblock).refuses(Refusal.NOT_FOUND, "number")
    over = blocked(in_a_call()).passes(HOUR)
    over.says("carmen", unblock).refuses(Refusal.NOT_FOUND, "number")
    floor.arrives("c2", CALL, citizen=ROSA).agrees()


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("+52 722 555 0134", "7225550134"),
        ("(722) 555-0134", "7225550134"),
        ("+52 1 722 555 0134", "7225550134"),
        ("5217225550134", "7225550134"),
        ("0052 722 555 0134", "7225550134"),
        ("045 722 555 0134", "7225550134"),
        ("+1 722 555 0134", "+17225550134"),
        ("0017225550134", "+17225550134"),
        ("17225550134", "+17225550134"),
        ("+34 91 123 45 67", "+34911234567"),
        ("070", "070"),
        ("Rosa.M", "rosam"),
        ("", ""),
    ],
)
def test_one_number_has_one_key(written: str, key: str) -> None:
    assert number_key(written) == key
