"""A telephone line's conversation, as a dialogue: what happens, and what the line does about it."""

import pytest

from catgem_tui.central.ports import (
    CitizenLeft,
    ContactArrived,
    DeliveryFailed,
    Finish,
    LegChanged,
    LineLost,
    RecordingStarted,
    Requeue,
    SetHold,
    SurveyAnswered,
    Withdraw,
)
from catgem_tui.central.voice.signals import (
    ArrivalRefused,
    CommandFailed,
    Do,
    TimerFired,
)
from catgem_tui.phone.port import (
    TOKEN_HEADER,
    Answer,
    CallArrived,
    Dial,
    DigitReceived,
    EngineStopped,
    HangUp,
    Ready,
    Record,
    SendDigits,
    StopRecording,
)
from catgem_tui.protocol.enums import Monitoring
from catgem_tui.protocol.model import Citizen
from tests.voice_floor import CALL, Floor, confirmed, ended, join, monitor, offer, ringing


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_a_call_is_answered_greeted_and_told(floor: Floor) -> None:
    floor.happens(CallArrived(call="in-1", caller="7225550134", dialled="070", name="Rosa"))
    assert floor.did == [Answer(call="in-1")]
    assert not floor.told
    floor.happens(confirmed("in-1"))
    assert floor.says() == {"greeting"}
    citizen = Citizen(phone="7225550134", name="Rosa")
    assert floor.told == [ContactArrived(contact="contact-1", channel=CALL, citizen=citizen, dialled="070")]


def test_after_the_greeting_comes_music_and_now_and_then_a_word(floor: Floor) -> None:
    floor.citizen_waits()
    assert floor.says() == {"music"}
    floor.happens(TimerFired(name="announce"))
    assert floor.says() == {"waiting"}
    floor.prompt_ends()
    assert floor.says() == {"music"}
    assert "announce" in floor.timers


def test_an_offer_rings_with_its_token_and_who_calls(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    dial = floor.last(Dial)
    assert isinstance(dial, Dial)
    assert (dial.uri, dial.caller) == ("sip:ana@127.0.0.1:5999", "7225550134")
    assert dial.headers == {TOKEN_HEADER: "t0ken", "X-Catgem-Contact": "contact-1"}


@pytest.mark.parametrize(
    "number", ["722 555", '72"<sip:', "7225\r\nX-Catgem-Token: t", "\x1b[31m7225", "a;b@c", "9" * 200]
)
def test_no_callers_number_keeps_an_advisors_telephone_from_ringing(floor: Floor, number: str) -> None:
    name = "\x1b]0;owned\x07Rosa\u202e"
    floor.happens(CallArrived(call="in-1", caller=number, name=name, dialled="0\x1b70"), confirmed("in-1"))
    floor.prompt_ends()
    floor.happens(offer())
    assert floor.last(Dial).caller == ""
    arrival = floor.told[0]
    assert (arrival.citizen.name, arrival.dialled) == ("]0;ownedRosa", "070")
    assert arrival.citizen.phone.isprintable()
    assert len(arrival.citizen.phone) <= 60


@pytest.mark.parametrize("withheld", ["anonymous", "Anonymous", "restricted", "unknown"])
def test_who_withholds_the_number_is_nobody_known(floor: Floor, withheld: str) -> None:
    floor.happens(CallArrived(call="in-1", caller=withheld, name="Anonymous", dialled="070"), confirmed("in-1"))
    assert floor.told[0].citizen == Citizen()


@pytest.mark.parametrize("leg_first", [True, False])
def test_they_hear_each_other_once_the_leg_is_up_and_central_says_so(floor: Floor, leg_first: bool) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    leg = floor.dialled()
    first, second = (confirmed(leg), join()) if leg_first else (join(), confirmed(leg))
    floor.happens(first)
    assert floor.says() == {"music"}
    assert not any(isinstance(told, RecordingStarted) for told in floor.told)
    floor.happens(second)
    assert {("in-1", leg), (leg, "in-1")} <= floor.wires
    assert floor.says() == set()
    assert LegChanged(contact="contact-1", advisor="ana", connected=True, token="t0ken") in floor.told
    assert floor.told[-1] == RecordingStarted(contact="contact-1", path="2026/03/09/contact-1.wav")
    assert floor.last(Record) == Record(recorder="recording", path="/recordings/2026/03/09/contact-1.wav")
    assert {("in-1", "recording:left"), (leg, "recording:right")} <= floor.wires


def test_an_advisor_who_is_quick_hears_the_end_of_the_privacy_notice(floor: Floor) -> None:
    floor.citizen_calls()
    floor.happens(offer())
    leg = floor.dialled()
    floor.happens(confirmed(leg), join())
    assert {source for source, sink in floor.wires if sink == leg} == set(floor.playing)
    floor.prompt_ends()
    assert {("in-1", leg), (leg, "in-1")} <= floor.wires


def test_the_greeting_may_be_cut_short_where_the_office_wants_it() -> None:
    floor = Floor(finish_greeting=False)
    floor.citizen_calls()
    floor.happens(offer())
    floor.happens(confirmed(floor.dialled()), join())
    assert {("in-1", floor.dialled()), (floor.dialled(), "in-1")} <= floor.wires


def test_an_advisor_interrupts_the_words_of_comfort(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(TimerFired(name="announce"), offer())
    floor.happens(confirmed(floor.dialled()), join())
    assert floor.says() == set()
    assert (floor.dialled(), "in-1") in floor.wires


def test_a_withdrawn_offer_stops_ringing_and_is_no_failure(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    leg = floor.dialled()
    floor.happens(Withdraw(contact="contact-1", channel=CALL, advisor="ana"))
    assert floor.last(HangUp) == HangUp(call=leg)
    told = len(floor.told)
    floor.happens(ended(leg, 487, "Request Terminated"))
    assert len(floor.told) == told


def test_a_busy_telephone_is_a_failed_delivery(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    floor.happens(ended(floor.dialled(), 486, "Busy Here"))
    assert floor.told[-1] == DeliveryFailed(contact="contact-1", advisor="ana", reason="Busy Here", token="t0ken")
    assert floor.says() == {"music"}


def test_a_telephone_that_does_not_even_ring_is_out_of_reach(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    floor.happens(TimerFired(name=f"reach:{floor.dialled()}"))
    assert floor.told[-1] == DeliveryFailed(contact="contact-1", advisor="ana", reason="unreachable", token="t0ken")
    assert floor.last(HangUp) == HangUp(call=floor.dialled())


def test_a_telephone_that_rings_may_ring_on(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    floor.happens(ringing(floor.dialled()))
    assert f"reach:{floor.dialled()}" not in floor.timers


def test_a_bad_address_is_a_failed_delivery(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    dial = floor.last(Dial)
    floor.happens(CommandFailed(command=dial, code="bad_uri"))
    assert floor.told[-1] == DeliveryFailed(contact="contact-1", advisor="ana", reason="bad_uri", token="t0ken")


def test_hold_and_resume(floor: Floor) -> None:
    floor.citizen_talks_to()
    leg = floor.dialled()
    floor.happens(SetHold(contact="contact-1", channel=CALL, held=True))
    assert floor.says() == {"music"}
    assert (leg, "in-1") not in floor.wires
    assert ("in-1", leg) not in floor.wires
    assert {("in-1", "recording:left"), (leg, "recording:right")} <= floor.wires
    floor.happens(SetHold(contact="contact-1", channel=CALL, held=False))
    assert floor.says() == set()
    assert {("in-1", leg), (leg, "in-1")} <= floor.wires


def test_requeue_drops_the_advisor_and_plays_music(floor: Floor) -> None:
    floor.citizen_talks_to()
    leg = floor.dialled()
    told = len(floor.told)
    floor.happens(Requeue(contact="contact-1", channel=CALL), ended(leg))
    assert floor.last(HangUp) == HangUp(call=leg)
    assert floor.says() == {"music"}
    assert len(floor.told) == told


def test_a_second_advisor_goes_onto_the_same_tape(floor: Floor) -> None:
    floor.citizen_talks_to("ana")
    first = floor.dialled()
    floor.happens(Requeue(contact="contact-1", channel=CALL), offer("luis"))
    floor.happens(confirmed(floor.dialled()), join("luis"), ended(first))
    assert {(floor.dialled(), "recording:right"), (floor.dialled(), "in-1")} <= floor.wires
    assert sum(isinstance(command, Record) for command in floor.did) == 1


def test_a_handover_keeps_the_first_advisor_until_the_second_is_joined(floor: Floor) -> None:
    floor.citizen_talks_to("ana")
    first = floor.dialled()
    floor.happens(offer("luis"))
    second = floor.dialled()
    floor.happens(confirmed(second))
    assert {(first, "in-1"), ("in-1", first)} <= floor.wires
    floor.happens(join("luis"))
    assert {(second, "in-1"), ("in-1", second)} <= floor.wires
    assert floor.last(HangUp) == HangUp(call=first)


def test_an_advisor_who_hangs_up_is_told_and_the_citizen_hears_music(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(ended(floor.dialled()))
    assert floor.told[-1] == LegChanged(contact="contact-1", advisor="ana", connected=False, token="t0ken")
    assert floor.says() == {"music"}


def test_the_end_asks_for_an_opinion_and_says_goodbye(floor: Floor) -> None:
    floor.citizen_talks_to()
    leg = floor.dialled()
    floor.happens(Finish(contact="contact-1", channel=CALL))
    assert HangUp(call=leg) in floor.did
    assert StopRecording(recorder="recording") in floor.did
    assert floor.says() == {"survey"}
    floor.happens(DigitReceived(call="in-1", digit="9"), DigitReceived(call="in-1", digit="4"))
    assert floor.told[-1] == SurveyAnswered(contact="contact-1", score=4)
    assert floor.says() == {"thanks"}
    floor.prompt_ends()
    assert floor.last(HangUp) == HangUp(call="in-1")
    floor.happens(ended("in-1"))
    assert floor.told[-1] == CitizenLeft(contact="contact-1")
    assert not floor.line.busy


def test_only_the_first_opinion_counts(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(Finish(contact="contact-1", channel=CALL))
    floor.happens(DigitReceived(call="in-1", digit="4"), DigitReceived(call="in-1", digit="1"))
    assert [told.score for told in floor.told if isinstance(told, SurveyAnswered)] == [4]


def test_no_opinion_is_no_answer(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(Finish(contact="contact-1", channel=CALL))
    floor.prompt_ends()
    assert floor.timers["survey"] == floor.script.survey_seconds
    floor.happens(TimerFired(name="survey"))
    assert floor.says() == {"thanks"}
    assert not any(isinstance(told, SurveyAnswered) for told in floor.told)


@pytest.mark.parametrize(("office", "effect"), [(False, True), (True, False)])
def test_without_a_survey_only_thanks(office: bool, effect: bool) -> None:
    floor = Floor(survey=office)
    floor.citizen_talks_to()
    floor.happens(Finish(contact="contact-1", channel=CALL, survey=effect))
    assert floor.says() == {"thanks"}


def test_keys_go_to_the_other_side_while_talking(floor: Floor) -> None:
    floor.citizen_talks_to()
    leg, told = floor.dialled(), len(floor.told)
    floor.happens(DigitReceived(call="in-1", digit="5"), DigitReceived(call=leg, digit="#"))
    assert floor.did[-2:] == [SendDigits(call=leg, digits="5"), SendDigits(call="in-1", digits="#")]
    floor.happens(SetHold(contact="contact-1", channel=CALL, held=True))
    assert floor.happens(DigitReceived(call="in-1", digit="5")) == []
    assert len(floor.told) == told


def test_the_dialled_number_chooses_the_queue() -> None:
    floor = Floor(queues={"070": "general"})
    floor.citizen_calls()
    assert isinstance(floor.told[0], ContactArrived)
    assert floor.told[0].queue == "general"


def test_an_office_that_does_not_record() -> None:
    floor = Floor(record=False)
    floor.citizen_talks_to()
    assert not any(isinstance(command, Record) for command in floor.did)
    assert ("in-1", floor.dialled()) in floor.wires


def test_a_citizen_who_hangs_up_frees_the_line(floor: Floor) -> None:
    floor.citizen_talks_to()
    leg = floor.dialled()
    floor.happens(ended("in-1"))
    assert floor.told[-1] == CitizenLeft(contact="contact-1")
    assert HangUp(call=leg) in floor.did
    assert not floor.line.busy
    assert not floor.playing
    assert not floor.wires
    assert not floor.timers


def test_the_next_citizen_finds_a_clean_line(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(ended("in-1"))
    floor.citizen_calls("5550001111")
    floor.prompt_ends()
    assert floor.line.contact == "contact-2"
    assert floor.wires == {("music", "in-1")}


def test_a_second_citizen_is_told_the_line_is_busy(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(CallArrived(call="in-2", caller="1", dialled="070"))
    assert floor.last(HangUp) == HangUp(call="in-2", code=486)
    floor.happens(ended("in-2", 486))
    assert floor.says() == {"music"}


def test_a_contact_central_cannot_take_in_hears_so(floor: Floor) -> None:
    floor.citizen_calls()
    floor.happens(ArrivalRefused(contact="contact-1"))
    assert floor.says() == {"closed"}
    floor.prompt_ends()
    floor.happens(ended("in-1"))
    assert not any(isinstance(told, CitizenLeft) for told in floor.told)
    assert not floor.line.busy


def test_a_dead_engine_loses_the_call_and_frees_the_line(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(EngineStopped(reason="killed"))
    assert floor.told[-1] == LineLost(contact="contact-1")
    assert not floor.line.busy
    floor.happens(Ready(uri="sip:line@127.0.0.1:1"))
    floor.citizen_calls()
    assert floor.says() == {"greeting"}


def test_effects_for_others_are_ignored(floor: Floor) -> None:
    floor.citizen_waits()
    assert floor.happens(offer(contact="contact-99")) == []


def test_effects_that_come_too_late_are_ignored(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(Finish(contact="contact-1", channel=CALL))
    assert floor.happens(SetHold(contact="contact-1", channel=CALL, held=True)) == []
    assert floor.happens(offer("luis")) == []
    assert floor.happens(monitor(Monitoring.LISTEN)) == []


def test_the_last_words_end_even_if_nobody_says_so(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(Finish(contact="contact-1", channel=CALL, survey=False))
    assert "goodbye" in floor.timers
    floor.happens(TimerFired(name="goodbye"))
    assert floor.last(HangUp) == HangUp(call="in-1")


def test_hold_ends_with_the_advisor_who_held(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(SetHold(contact="contact-1", channel=CALL, held=True), ended(floor.dialled()))
    floor.happens(monitor(Monitoring.BARGE))
    floor.happens(confirmed(floor.dialled()))
    assert (floor.dialled(), "in-1") in floor.wires


def test_a_recording_that_cannot_be_written_stops_nobody(floor: Floor) -> None:
    floor.citizen_waits()
    floor.happens(offer())
    leg = floor.dialled()
    floor.line.handle(confirmed(leg))
    outputs = floor.line.handle(join())
    record = next(output for output in outputs if isinstance(output, Do) and isinstance(output.command, Record))
    assert isinstance(record.then, RecordingStarted)
    after = floor.line.handle(CommandFailed(command=record.command, code="no_such_file"))
    assert not any(isinstance(output, Do) and isinstance(output.command, Record) for output in after)
