"""Asking a colleague while the citizen waits, handing on, and being asked: as dialogues with central and telephone."""

from typing import Any

import pytest
from msgspec.structs import replace

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import (
    AdvisorState,
    Channel,
    ContactState,
    NotReached,
    OutsideState,
    Presence,
    Refusal,
    Role,
    Side,
)
from catgem_tui.protocol.events import CallExpected, ColleaguesChanged, ContactChanged, ContactHidden, ContactShown
from catgem_tui.protocol.model import Advisor, Call, CentreSettings, Colleague, Consultation, Contact, User
from catgem_tui.protocol.session import SignalArrived
from tests.desk_talk import ANA, BETO, Talk, contact, offered_call, with_phone

LUIS = Colleague(id="u7", name="Luis Peña", state=AdvisorState.AVAILABLE, phone_ready=True)


def call(consultation: Consultation | None = None, state: ContactState = ContactState.ACTIVE, **fields: Any) -> Contact:
    told = Call(advisor_leg=True, consultation=consultation)
    return contact(state=state, channel=Channel.CALL, call=told, **fields)


def asked_luis(*, connected: bool = True, side: Side = Side.CONSULTED) -> Consultation:
    return Consultation(advisor="u7", name="Luis Peña", connected=connected, side=side, since=5000.0)


def serving() -> Talk:
    talk = with_phone(Talk(ANA, call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="7221112233", dialled="070", token="t1"))
    talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True))
    return talk.hears(SignalArrived(body=ColleaguesChanged(colleagues=(LUIS,))))


def asked() -> Talk:
    """Ana is asked by Luis about a contact of his."""
    talk = with_phone(Talk(ANA))
    talk.hears_event(ContactShown(contact=theirs(), by="Luis Peña"))
    talk.hears_event(CallExpected(contact="c9", token="t9", consulting=True))
    return talk.hears(port.CallArrived(call="k9", caller="luis", dialled="catgem", token="t9"))


def theirs(**fields: Any) -> Contact:
    given = {"call": Call(), "advisor": "u7", "notes": "Le falta la CURP.", **fields}
    return contact("c9", channel=Channel.CALL, **given)


# --- asking ---


def test_a_consultation_is_asked_for_swapped_joined_and_completed() -> None:
    talk = serving()
    assert talk.view.colleagues == (LUIS,)
    for command in (
        commands.Consult(contact="c1", advisor="u7"),
        commands.Swap(contact="c1"),
        commands.Conference(contact="c1"),
        commands.CompleteTransfer(contact="c1"),
    ):
        assert talk.hears(command).sends() == [command]
        assert talk.hears(command).sends() == [], "pressed twice it is asked once"
    talk.hears_contact(call(advisor="u7"))
    assert (talk.view.contacts, talk.notices()) == ({}, []), "given away by oneself is no news"


def test_notes_leave_before_the_contact_is_handed_over() -> None:
    talk = serving().hears_contact(call(asked_luis()))
    talk.hears(intents.EditNotes("c1", "Le falta la CURP."))
    talk.hears(commands.CompleteTransfer(contact="c1"))
    assert [type(body) for body in talk.sends()] == [commands.SaveNotes, commands.CompleteTransfer]


def test_a_refused_handing_over_keeps_the_contact_and_says_so() -> None:
    talk = serving().hears_contact(call(asked_luis()))
    talk.hears(commands.CompleteTransfer(contact="c1")).is_answered(commands.CompleteTransfer, Refusal.WRONG_STATE)
    assert talk.notices() == ["wrong_state"]
    talk.hears_contact(call(advisor="u8"))
    assert "contact_withdrawn" in talk.notices(), "afterwards losing it is news again"


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Refusal.NO_SUCH_TARGET, "cannot_ask"),
        (Refusal.NO_CAPACITY, "busy_to_ask"),
        (Refusal.NO_PHONE, "no_phone_to_ask"),
        (Refusal.NO_OUTSIDE, "no_outside"),
    ],
)
@pytest.mark.parametrize(
    "command", [commands.Consult(contact="c1", advisor="u7"), commands.Transfer(contact="c1", advisor="u7")]
)
def test_a_refusal_names_whom_it_is_about(command: Any, refusal: Refusal, code: str) -> None:
    talk = serving().hears(command).is_answered(type(command), refusal)
    assert talk.notices() == [code]
    if code != "no_outside":
        assert talk.view.notices[0].args["name"] == "Luis Peña"


@pytest.mark.parametrize(("channel", "code"), [(Channel.CALL, "busy_to_ask"), (Channel.CHAT, "busy_to_take")])
def test_who_has_no_room_for_what_is_moved_is_named_to_coordinators_too(channel: Channel, code: str) -> None:
    luis = User(id="u7", username="luis", name="Luis Peña", role=Role.ADVISOR)
    moved = contact("c9", channel=channel, advisor="u8", call=Call() if channel is Channel.CALL else None)
    here = Advisor(user=luis, presence=Presence.NOT_RESPONDING, state=AdvisorState.NOT_RESPONDING, since=0.0)
    talk = Talk(BETO).hears_snapshot(moved, advisors=(here,))
    command = commands.Reassign(contact="c9", advisor="u7")
    talk.hears(command).is_answered(commands.Reassign, Refusal.NO_CAPACITY)
    assert talk.notices() == [code]
    assert talk.view.notices[0].args["name"] == "Luis Peña"
    talk.hears(commands.Reassign(contact="c9", queue="general"))
    assert talk.notices() == [], "choosing another the refusal is over"


@pytest.mark.parametrize(
    ("connected", "why", "code"),
    [
        (False, NotReached.UNANSWERED, "consult_unanswered"),
        (False, NotReached.DECLINED, "consult_declined"),
        (False, NotReached.UNKNOWN, "consult_failed"),
        (False, None, "consult_failed"),
        (True, None, "consult_left"),
    ],
)
def test_it_is_said_when_who_was_asked_is_gone(connected: bool, why: NotReached | None, code: str) -> None:
    talk = serving().hears_contact(call(asked_luis(connected=connected)))
    talk.hears_contact(contact(channel=Channel.CALL, call=Call(advisor_leg=True, not_reached=why)))
    assert talk.notices() == [code]
    assert talk.view.notices[0].args == {"name": "Luis Peña"}


def test_a_number_that_does_not_exist_is_told_as_such() -> None:
    talk = serving().hears_contact(call(Consultation(number="7225550100", since=5000.0)))
    talk.hears_contact(contact(channel=Channel.CALL, call=Call(advisor_leg=True, not_reached=NotReached.UNKNOWN)))
    assert talk.notices() == ["consult_unknown"]
    assert talk.view.notices[0].args == {"name": "7225550100"}


def test_letting_go_of_who_was_asked_is_no_news() -> None:
    talk = serving().hears_contact(call(asked_luis()))
    talk.hears(commands.EndConsult(contact="c1"))
    assert talk.sends() == [commands.EndConsult(contact="c1")]
    talk.hears_contact(call())
    assert talk.notices() == []
    talk.hears_contact(call(asked_luis())).hears_contact(call())
    assert talk.notices() == ["consult_left"], "the next time it is"


def test_a_consultation_that_just_ended_refuses_nothing_aloud() -> None:
    talk = serving().hears(commands.EndConsult(contact="c1"))
    assert talk.is_answered(commands.EndConsult, Refusal.WRONG_STATE).notices() == []


def test_whom_one_called_waits_while_a_colleague_is_asked() -> None:
    talk = serving().hears_contact(contact(channel=Channel.CALL, call=Call(held=True, advisor_leg=True)))
    phone = replace(talk.view.phone, dial="sip:{number}@192.0.2.10")
    talk.model = replace(talk.model, view=replace(talk.view, phone=phone))
    talk.hears(intents.CallNumber("7225550100"))
    made = talk.view.phone.calls[-1].id
    talk.hears(port.CallChanged(call=made, state=CallState.CONFIRMED, media=True))
    talk.hears(commands.Consult(contact="c1", advisor="u7"))
    assert port.Hold(call=made) in talk.phones()


def test_a_number_that_was_asked_is_remembered() -> None:
    talk = serving().hears(commands.Consult(contact="c1", number="7225550100"))
    assert [each.number for each in talk.view.dialled] == ["7225550100"]
    assert [text.field for text in talk.wants(effects.KeepText)] == ["dialled"]


def test_a_number_that_central_cannot_read_is_told_as_such() -> None:
    talk = (
        serving().hears(commands.Consult(contact="c1", number="*72")).is_answered(commands.Consult, Refusal.MALFORMED)
    )
    assert talk.notices() == ["no_number"]


def test_it_is_known_since_when_one_speaks_with_whom() -> None:
    talk = serving().hears_contact(call(asked_luis()))
    assert dict(talk.view.sides) == {}, "central says when it began"
    talk.now += 30
    talk.hears_contact(call(asked_luis(side=Side.CITIZEN)))
    assert dict(talk.view.sides) == {"c1": talk.view.now(talk.now)}
    talk.hears_contact(call())
    assert dict(talk.view.sides) == {}


def test_asking_somebody_one_calls_nobody_else_on_top() -> None:
    talk = serving()
    held = Call(advisor_leg=True, held=True, consultation=asked_luis())
    talk.hears_contact(contact(channel=Channel.CALL, call=held))
    talk.model = replace(talk.model, view=replace(talk.view, phone=replace(talk.view.phone, dial="sip:{number}@x")))
    talk.hears(intents.CallNumber("911"))
    assert (talk.notices(), talk.phones()) == (["in_another_call"], [])


@pytest.mark.parametrize("state", [ContactState.QUEUED, ContactState.OFFERED])
def test_a_call_that_nobody_took_outside_comes_back_and_it_is_said(state: ContactState) -> None:
    talk = serving().hears(commands.Transfer(contact="c1", number="7225550100"))
    talk.hears_contact(call(state=ContactState.WRAP_UP))
    assert talk.notices() == []
    kept = {"advisor": ANA.id if state is ContactState.OFFERED else None}
    told = Call(not_reached=NotReached.BUSY)
    talk.hears_contact(contact("c1", state, channel=Channel.CALL, call=told, **kept))
    assert talk.notices() == ["came_back_busy"]
    assert talk.view.notices[0].args == {"name": "7225550100"}
    talk.hears_contact(call())
    assert talk.notices() == [], "they speak again"


def test_who_hung_up_before_is_not_told_of_any_more_once_somebody_is_asked_again_or_the_call_is_cut() -> None:
    talk = serving().hears_contact(call(asked_luis())).hears_contact(call())
    assert talk.notices() == ["consult_left"]
    talk.hears(commands.Consult(contact="c1", advisor="u7"))
    assert talk.notices() == []
    talk.hears_contact(call(asked_luis())).hears_contact(call())
    talk.hears(port.EngineStopped(reason="signal 9"))
    talk.hears_contact(contact("c1", ContactState.QUEUED, channel=Channel.CALL, advisor=None))
    assert talk.notices() == ["call_cut"]


def test_an_emergency_that_nobody_took_is_not_said_to_have_gone_there() -> None:
    talk = serving()
    talk.model = replace(
        talk.model, view=replace(talk.view, settings=CentreSettings(name="C", calls_out=True, emergency="911"))
    )
    talk.hears(commands.CallEmergency(contact="c1"))
    talk.hears_contact(call(state=ContactState.WRAP_UP))
    talk.is_answered(commands.CallEmergency)
    assert talk.notices() == ["emergency_handed"]
    talk.hears_contact(contact("c1", ContactState.OFFERED, channel=Channel.CALL, call=Call()))
    assert talk.notices() == ["came_back_failed"]
    assert talk.view.notices[0].args == {"name": "911"}


def test_a_call_that_was_taken_outside_is_no_news() -> None:
    number = Consultation(number="7225550100", connected=True, since=1.0)
    talk = serving().hears_contact(call(number)).hears(commands.CompleteTransfer(contact="c1"))
    talk.hears_contact(call(state=ContactState.WRAP_UP))
    talk.hears_contact(call(state=ContactState.CLOSED))
    assert talk.notices() == []


# --- being asked ---


@pytest.mark.parametrize("typed_at", [0.0, 1000.0], ids=["at rest", "writing"])
def test_over_a_telephone_outside_who_is_asked_speaks_at_once_and_is_not_told_to_answer(typed_at: float) -> None:
    talk = with_phone(Talk(ANA))
    assert talk.view.me is not None
    me = replace(talk.view.me, outside_phone="sip:ana@192.0.2.7", outside_state=OutsideState.ON_THE_LINE)
    talk.model = replace(talk.model, view=replace(talk.view, me=me), typed_at=typed_at)
    talk.now = 1001.0
    asking = Consultation(advisor=ANA.id, name="Ana", connected=False, since=1000.0)
    talk.hears_event(ContactShown(contact=theirs(call=Call(consultation=asking)), by="Luis Peña"))
    assert talk.view.asked is not None, "it is yet to be connected"
    connected = replace(asking, connected=True)
    talk.hears_event(ContactShown(contact=theirs(call=Call(consultation=connected)), by="Luis Peña"))
    assert talk.view.asked is None
    told = ("", ["answered_alone"]) if typed_at else ("c9", [])
    assert (talk.view.focus, talk.notices()) == told


def test_a_colleague_asks_it_rings_and_is_answered_by_key() -> None:
    talk = asked()
    assert talk.view.asked is not None
    assert talk.view.asked.by == "Luis Peña"
    assert talk.view.focused is None, "what one does goes on until one answers"
    assert [(c.contact, c.consulting) for c in talk.view.phone.calls] == [("c9", True)]
    assert [type(command) for command in talk.phones()] == [port.Play], "it rings as an offer does"
    talk.hears(intents.AnswerColleague("c9"))
    assert talk.phones() == [port.Answer(call="k9", sound=True), port.StopPlaying(player="ring")]
    assert talk.sends() == [], "the telephone says it"
    assert talk.view.asked is None
    assert talk.view.focused is not None
    assert talk.view.focused.notes == "Le falta la CURP."
    assert talk.view.mine == (), "it is read only"


def test_answered_before_its_call_is_here_it_is_answered_as_it_comes() -> None:
    talk = with_phone(Talk(ANA))
    talk.hears_event(ContactShown(contact=theirs(), by="Luis Peña"))
    talk.hears(intents.AnswerColleague("c9"))
    talk.hears_event(CallExpected(contact="c9", token="t9", consulting=True))
    talk.hears(port.CallArrived(call="k9", caller="luis", dialled="catgem", token="t9"))
    assert port.Answer(call="k9", sound=True) in talk.phones()


def test_what_is_asked_changes_while_one_reads_it() -> None:
    talk = asked().hears(intents.AnswerColleague("c9"))
    talk.hears_event(ContactShown(contact=theirs(notes="Le falta el acta."), by="Luis Peña"))
    assert talk.view.focused is not None
    assert talk.view.focused.notes == "Le falta el acta."


def test_declining_tells_central_and_hangs_up() -> None:
    talk = asked().hears(intents.LeaveColleague("c9"))
    assert talk.sends() == [commands.EndConsult(contact="c9")]
    assert port.HangUp(call="k9") in talk.phones()
    talk.hears_event(ContactHidden(contact="c9"))
    assert (talk.notices(), dict(talk.view.shown)) == ([], {})


def test_the_consultation_over_one_is_back_at_one_s_own() -> None:
    talk = with_phone(Talk(ANA, contact("chat")))
    assert talk.view.focus == "chat"
    talk.hears_event(ContactShown(contact=theirs(), by="Luis Peña"))
    talk.hears(intents.AnswerColleague("c9"))
    assert talk.view.focus == "c9"
    talk.hears(intents.Focus("chat")).hears(intents.Focus("c9"))
    talk.hears_event(ContactHidden(contact="c9"))
    assert (talk.view.focus, talk.notices()) == ("chat", ["question_ended"])
    later = [each.event for each in talk.wants(effects.Later)]
    assert happenings.CallOver("c9") not in later, "its call is gone already"


def test_a_question_that_nobody_answered_is_told() -> None:
    talk = asked()
    talk.hears_event(ContactHidden(contact="c9"))
    assert talk.notices() == ["question_over"]
    assert port.StopPlaying(player="ring") in talk.phones()
    assert happenings.CallOver("c9") in [later.event for later in talk.wants(effects.Later)]


def test_the_contact_becomes_mine_with_its_notes_and_its_call() -> None:
    talk = asked().hears(intents.AnswerColleague("c9"))
    talk.hears(port.CallChanged(call="k9", state=CallState.CONFIRMED, media=True))
    talk.hears_event(ContactChanged(contact=theirs(advisor=ANA.id, handed_by="Luis Peña")))
    assert dict(talk.view.shown) == {}
    assert [each.id for each in talk.view.mine] == ["c9"]
    assert (talk.view.focus, talk.view.contacts["c9"].handed_by) == ("c9", "Luis Peña")
    assert talk.phones() == [], "one goes on speaking"
    talk.hears(intents.EditNotes("c9", "Le falta la CURP. Ya la tiene."))
    assert talk.view.notes["c9"].text == "Le falta la CURP. Ya la tiene."


def test_a_coordinator_who_gets_the_contact_hears_of_no_consultation_of_theirs() -> None:
    """They see the floor, and so the contact before it is theirs."""
    talk = with_phone(Talk(BETO))
    consulted = Consultation(advisor=BETO.id, name="Beto", connected=True, since=1.0)
    talk.hears_contact(theirs(call=Call(consultation=consulted)))
    talk.hears_event(ContactShown(contact=theirs(call=Call(consultation=consulted)), by="Luis Peña"))
    talk.hears(intents.AnswerColleague("c9"))
    talk.hears_contact(theirs(advisor=BETO.id, handed_by="Luis Peña"))
    assert (talk.notices(), dict(talk.view.shown)) == ([], {})


def test_choosing_somebody_else_the_refusal_is_over() -> None:
    talk = serving().hears(commands.Consult(contact="c1", advisor="u7"))
    talk.is_answered(commands.Consult, Refusal.NO_CAPACITY)
    talk.hears(commands.Consult(contact="c1", advisor="u8"))
    assert talk.notices() == []


def test_in_a_citizen_s_call_a_colleague_is_not_answered_on_top() -> None:
    talk = serving()
    talk.hears_event(ContactShown(contact=theirs(), by="Luis Peña"))
    talk.hears(intents.AnswerColleague("c9"))
    assert (talk.notices(), talk.phones()) == (["in_another_call"], [])


def test_a_snapshot_says_who_is_on_duty_and_what_is_asked() -> None:
    talk = asked()
    talk.hears_snapshot(shown=(), colleagues=(LUIS,))
    assert (dict(talk.view.shown), talk.view.colleagues) == ({}, (LUIS,))
    talk.hears_snapshot(shown=(ContactShown(contact=theirs(), by="Luis Peña"),))
    assert talk.view.asked is not None


# --- offers during a call, and answered by themselves ---


def test_an_offer_during_a_conversation_sounds_once() -> None:
    talk = serving()
    talk.hears_contact(offered_call("c2"))
    talk.hears_event(CallExpected(contact="c2", token="t2"))
    talk.hears(port.CallArrived(call="k2", caller="7221112299", dialled="070", token="t2"))
    (chime,) = talk.phones()
    assert isinstance(chime, port.Play)
    assert not chime.loop
    talk.hears(port.CallChanged(call="k1", state=CallState.ENDED, by_us=True))
    (ring,) = [command for command in talk.phones() if isinstance(command, port.Play)]
    assert ring.loop, "alone again, it rings"
    talk.hears(intents.AcceptOffer("c2"))
    assert port.StopPlaying(player="ring") in talk.phones()


def test_taking_a_second_call_has_the_first_citizen_wait() -> None:
    talk = serving()
    talk.hears_contact(offered_call("c2"))
    talk.hears(intents.AcceptOffer("c2"))
    assert talk.sends() == [commands.Hold(contact="c1"), commands.AcceptOffer(contact="c2")]


def alone(seconds: float = 3.0) -> Talk:
    return with_phone(Talk(ANA)).hears(intents.SetAutoAnswer(seconds))


def test_a_call_is_answered_by_itself_after_a_tone() -> None:
    talk = alone()
    talk.hears_contact(offered_call())
    assert talk.view.answering == ("c1", talk.view.now(talk.now) + 3.0)
    (tone,) = talk.phones()
    assert isinstance(tone, port.Play)
    assert tone.path.endswith("alone.wav")
    assert talk.wants(effects.Later) == [effects.Later(3.0, happenings.AutoAnswerDue("c1"))]
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="070", token="t1"))
    assert talk.phones() == [], "the tone was the ringing"
    talk.hears(happenings.AutoAnswerDue("c1"))
    assert talk.sends() == [commands.AcceptOffer(contact="c1")]
    assert port.Answer(call="k1", sound=True) in talk.phones()
    assert (talk.view.focus, talk.view.answering, talk.notices()) == ("c1", ("", 0.0), [])
    assert talk.hears(happenings.AutoAnswerDue("c1")).sends() == []


def test_answered_by_itself_takes_no_text_from_under_the_fingers() -> None:
    talk = alone().hears_contact(contact("chat"))
    talk.hears_contact(offered_call())
    talk.hears(intents.EditDraft("chat", "buenas t"))
    talk.hears(happenings.AutoAnswerDue("c1"))
    assert talk.sends() == [commands.AcceptOffer(contact="c1")]
    assert (talk.view.focus, talk.notices()) == ("chat", ["answered_alone"])


def test_switched_off_or_taken_back_nothing_answers_by_itself() -> None:
    talk = alone()
    talk.hears_contact(offered_call())
    talk.hears(intents.SetAutoAnswer(0))
    assert talk.hears(happenings.AutoAnswerDue("c1")).sends() == []
    talk = alone()
    talk.hears_contact(offered_call())
    talk.hears_contact(contact("c1", ContactState.QUEUED, channel=Channel.CALL, advisor=None))
    assert talk.view.answering == ("", 0.0)
    assert talk.hears(happenings.AutoAnswerDue("c1")).sends() == []


def test_chats_and_calls_during_a_call_are_answered_by_key() -> None:
    talk = alone()
    talk.hears_contact(contact("chat", ContactState.OFFERED))
    assert talk.view.answering == ("", 0.0)
    talk = serving().hears(intents.SetAutoAnswer(3.0))
    talk.hears_contact(offered_call("c2"))
    assert talk.view.answering == ("", 0.0)


# --- a call that came back ---


def test_a_call_led_back_after_the_engine_died_was_not_taken_back() -> None:
    talk = serving()
    talk.hears(port.EngineStopped(reason="signal 9"))
    talk.hears_contact(contact("c1", ContactState.QUEUED, channel=Channel.CALL, advisor=None))
    assert talk.notices() == ["call_cut"]
    talk.hears(port.Ready(uri="sip:x@127.0.0.1:1", sound="card", microphone="card"))
    talk.hears_contact(offered_call())
    talk.hears_event(CallExpected(contact="c1", token="t2"))
    talk.hears(port.CallArrived(call="k2", caller="7221112233", dialled="070", token="t2"))
    assert talk.notices() == []


@pytest.mark.parametrize(("handed_by", "code"), [("", "call_cut"), ("Ana Colín", "contact_withdrawn")])
def test_a_call_that_waits_again_was_cut_off_unless_somebody_moved_it(handed_by: str, code: str) -> None:
    """The telephone outside was hung up; or coordination put it into another queue."""
    talk = serving()
    talk.hears_contact(call(state=ContactState.QUEUED, advisor=None, handed_by=handed_by))
    assert talk.notices() == [code]


def test_offered_again_it_is_no_longer_withdrawn() -> None:
    talk = serving()
    talk.hears_contact(call(advisor="u8"))
    assert talk.notices() == ["contact_withdrawn"]
    talk.hears_contact(offered_call())
    assert talk.notices() == []
