"""A telephone line's conversation, as a dialogue: what happens, and what the line does about it."""

from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.central.ports import (
    CitizenLeft,
    ContactArrived,
    DeliveryFailed,
    EndConsulting,
    EndMonitoring,
    Finish,
    HandOver,
    Happening,
    Join,
    LegChanged,
    LineLost,
    MonitorLeft,
    Offer,
    RecordingStarted,
    Requeue,
    SendOut,
    SetHold,
    SetSide,
    StartConsulting,
    StartMonitoring,
    SurveyAnswered,
    Withdraw,
)
from catgem_tui.central.voice.conversation import Conversation
from catgem_tui.central.voice.signals import (
    ArrivalRefused,
    ClearTimer,
    CommandFailed,
    Do,
    Input,
    LineScript,
    Menu,
    Output,
    SetTimer,
    Tell,
    TimerFired,
)
from catgem_tui.phone.port import (
    TOKEN_HEADER,
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    DigitReceived,
    Disconnect,
    EngineStopped,
    HangUp,
    PhoneCommand,
    Play,
    PlayEnded,
    Ready,
    Record,
    SendDigits,
    StopPlaying,
    StopRecording,
)
from catgem_tui.protocol.enums import Channel, Monitoring, Side
from catgem_tui.protocol.model import Citizen

CALL = Channel.CALL


class Floor:
    """A line, its engine's endpoints as they follow from its commands, and what central was told."""

    def __init__(self, **script: object) -> None:
        ids = count(1)
        self.script = LineScript(recordings=Path("/recordings"), **script)  # type: ignore[arg-type]
        self.line = Conversation(self.script, lambda: f"contact-{next(ids)}", lambda: date(2026, 3, 9))
        self.told: list[Happening] = []
        self.did: list[PhoneCommand] = []
        self.wires: set[tuple[str, str]] = set()
        self.timers: dict[str, float] = {}
        self.playing: dict[str, str] = {}
        self.calls: set[str] = set()

    def happens(self, *events: Input) -> list[Output]:
        made: list[Output] = []
        for event in events:
            if isinstance(event, CallChanged) and event.state is CallState.ENDED:
                self.calls.discard(event.call)
                self._gone(event.call)
            elif isinstance(event, PlayEnded):
                self._gone(event.player)
                self.playing.pop(event.player, None)
            elif isinstance(event, CallArrived):
                self.calls.add(event.call)
            elif isinstance(event, EngineStopped):
                self.calls.clear(), self.playing.clear(), self.wires.clear()
            outputs = self.line.handle(event)
            for output in outputs:
                self._perform(output)
            made += outputs
        return made

    def _perform(self, output: Output) -> None:
        match output:
            case Tell(happening=happening):
                self.told.append(happening)
            case SetTimer(name=name, seconds=seconds):
                self.timers[name] = seconds
            case ClearTimer(name=name):
                del self.timers[name]
            case Do(command=command, then=then):
                self.did.append(command)
                if then:
                    self.told.append(then)
                self._engine(command)

    def _engine(self, command: PhoneCommand) -> None:
        match command:
            case Dial(call=call):
                self.calls.add(call)
                assert len(self.calls) <= 4
            case HangUp(call=call):
                assert not any(call in wire for wire in self.wires), "a wire would be cut after its call"
            case Connect(source=source, sink=sink):
                self.wires.add((source, sink))
            case Disconnect(source=source, sink=sink):
                assert (source, sink) in self.wires
                self.wires.discard((source, sink))
            case Play(player=player, path=path):
                assert player not in self.playing
                self.playing[player] = Path(path).stem
            case StopPlaying(player=player):
                del self.playing[player]
                self._gone(player)
            case StopRecording(recorder=recorder):
                self._gone(f"{recorder}:left")
                self._gone(f"{recorder}:right")

    def _gone(self, endpoint: str) -> None:
        self.wires = {wire for wire in self.wires if endpoint not in wire}

    # the story

    def citizen_calls(self, number: str = "7225550134") -> None:
        self.happens(CallArrived(call="in-1", caller=number, dialled="070"), confirmed("in-1"))

    def prompt_ends(self) -> None:
        player = next(player for player in self.playing if player != "music")
        self.happens(PlayEnded(player=player))

    def citizen_waits(self) -> None:
        self.citizen_calls()
        self.prompt_ends()

    def citizen_talks_to(self, advisor: str = "ana") -> None:
        self.citizen_waits()
        self.happens(offer(advisor))
        self.happens(ringing(self.dialled()), confirmed(self.dialled()), join(advisor))

    def dialled(self) -> str:
        return next(command.call for command in reversed(self.did) if isinstance(command, Dial))

    def says(self) -> set[str]:
        """What the citizen hears that is not a person."""
        return {self.playing[source] for source, sink in self.wires if sink == "in-1" and source in self.playing}

    def last(self, kind: type) -> PhoneCommand:
        return next(command for command in reversed(self.did) if isinstance(command, kind))


def confirmed(call: str) -> CallChanged:
    return CallChanged(call=call, state=CallState.CONFIRMED, code=200, media=True)


def ringing(call: str) -> CallChanged:
    return CallChanged(call=call, state=CallState.RINGING, code=180)


def ended(call: str, code: int = 200, reason: str = "") -> CallChanged:
    return CallChanged(call=call, state=CallState.ENDED, code=code, reason=reason)


def offer(advisor: str = "ana", contact: str = "contact-1") -> Offer:
    return Offer(contact=contact, channel=CALL, advisor=advisor, uri=f"sip:{advisor}@127.0.0.1:5999", token="t0ken")


def join(advisor: str = "ana") -> Join:
    return Join(contact="contact-1", channel=CALL, advisor=advisor, name=advisor.title())


def monitor(mode: Monitoring, coordinator: str = "eva") -> StartMonitoring:
    return StartMonitoring(
        contact="contact-1", channel=CALL, coordinator=coordinator, mode=mode, uri="sip:eva@127.0.0.1:5998", token="m"
    )


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


# --- the menu ---


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


# --- coordinators ---


def test_a_coordinator_changes_from_listening_to_barging_live(floor: Floor) -> None:
    floor.citizen_talks_to()
    leg = floor.dialled()
    floor.happens(monitor(Monitoring.LISTEN))
    boss = floor.dialled()
    floor.happens(confirmed(boss))
    assert {("in-1", boss), (leg, boss)} <= floor.wires
    assert not any(source == boss for source, _ in floor.wires)
    floor.happens(monitor(Monitoring.WHISPER))
    assert {sink for source, sink in floor.wires if source == boss} == {leg}
    floor.happens(monitor(Monitoring.BARGE))
    assert {sink for source, sink in floor.wires if source == boss} == {leg, "in-1", "recording:right"}
    assert floor.dialled() == boss


def test_a_coordinator_stays_through_requeue_and_the_next_advisor(floor: Floor) -> None:
    floor.citizen_talks_to("ana")
    floor.happens(monitor(Monitoring.WHISPER))
    boss = floor.dialled()
    floor.happens(confirmed(boss), Requeue(contact="contact-1", channel=CALL))
    assert ("in-1", boss) in floor.wires
    assert floor.says() == {"music"}
    floor.happens(offer("luis"))
    second = floor.dialled()
    floor.happens(confirmed(second), join("luis"))
    assert {(boss, second), (second, boss), ("in-1", boss)} <= floor.wires


def test_a_coordinator_who_hangs_up_is_told(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(monitor(Monitoring.BARGE))
    boss = floor.dialled()
    floor.happens(confirmed(boss), ended(boss))
    assert floor.told[-1] == MonitorLeft(contact="contact-1", coordinator="eva", token="m")
    assert floor.says() == set()


def test_a_coordinator_sent_away_is_not_told(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(monitor(Monitoring.LISTEN))
    boss = floor.dialled()
    floor.happens(confirmed(boss))
    told = len(floor.told)
    floor.happens(EndMonitoring(contact="contact-1", channel=CALL, coordinator="eva"), ended(boss))
    assert floor.last(HangUp) == HangUp(call=boss)
    assert len(floor.told) == told


def test_a_coordinator_s_dead_telephone_is_told(floor: Floor) -> None:
    floor.citizen_talks_to()
    floor.happens(monitor(Monitoring.LISTEN))
    floor.happens(ended(floor.dialled(), 408))
    assert floor.told[-1] == MonitorLeft(contact="contact-1", coordinator="eva", token="m")


def test_a_third_coordinator_has_no_room(floor: Floor) -> None:
    floor.citizen_talks_to()
    for name in ("eva", "rosa", "juan"):
        floor.happens(monitor(Monitoring.LISTEN, name))
    assert floor.told[-1] == MonitorLeft(contact="contact-1", coordinator="juan", token="m")


def test_a_full_engine_dials_the_next_advisor_when_the_last_is_gone(floor: Floor) -> None:
    floor.citizen_talks_to("ana")
    first = floor.dialled()
    floor.happens(monitor(Monitoring.LISTEN, "eva"), monitor(Monitoring.LISTEN, "rosa"))
    floor.happens(Requeue(contact="contact-1", channel=CALL), offer("luis"))
    assert len(floor.calls) == 4
    floor.happens(ended(first))
    dial = floor.last(Dial)
    assert isinstance(dial, Dial)
    assert dial.uri.startswith("sip:luis")


# --- anything may happen ---


def _anything(floor: Floor) -> list[Callable[[], Input | None]]:
    def some_call(number: int) -> str:
        calls = sorted(floor.calls)
        return calls[number % len(calls)] if calls else "none"

    def prompt() -> Input | None:
        players = [player for player in floor.playing if player != "music"]
        return PlayEnded(player=players[0]) if players else None

    def timer() -> Input | None:
        if not floor.timers:
            return None
        name = sorted(floor.timers)[0]
        del floor.timers[name]
        return TimerFired(name=name)

    def now(make: Callable[[str], Input]) -> Input:
        return make(floor.line.contact)

    arrivals = count(1)
    return [
        lambda: CallArrived(call=f"in-{next(arrivals)}", caller="7", dialled="070") if len(floor.calls) < 4 else None,
        *[lambda n=n: confirmed(some_call(n)) for n in range(4)],  # type: ignore[misc]
        *[lambda n=n: ended(some_call(n)) for n in range(4)],  # type: ignore[misc]
        prompt,
        timer,
        lambda: DigitReceived(call=some_call(0), digit="3"),
        lambda: now(lambda c: offer("ana", c)),
        lambda: now(lambda c: offer("luis", c)),
        lambda: now(lambda c: Withdraw(contact=c, channel=CALL, advisor="ana")),
        lambda: now(lambda c: Join(contact=c, channel=CALL, advisor="ana", name="Ana")),
        lambda: now(lambda c: Requeue(contact=c, channel=CALL)),
        lambda: now(lambda c: SetHold(contact=c, channel=CALL, held=True)),
        lambda: now(lambda c: Finish(contact=c, channel=CALL)),
        lambda: now(
            lambda c: StartMonitoring(
                contact=c, channel=CALL, coordinator="eva", mode=Monitoring.BARGE, uri="sip:e@h", token="m"
            )
        ),
        lambda: now(lambda c: EndMonitoring(contact=c, channel=CALL, coordinator="eva")),
        lambda: now(lambda c: StartConsulting(contact=c, channel=CALL, token="a", seconds=20.0, uri="sip:l@h")),
        lambda: now(lambda c: StartConsulting(contact=c, channel=CALL, token="b", seconds=30.0, number="072")),
        *[lambda s=s: now(lambda c: SetSide(contact=c, channel=CALL, side=s)) for s in Side],  # type: ignore[misc]
        lambda: now(lambda c: EndConsulting(contact=c, channel=CALL)),
        lambda: now(lambda c: HandOver(contact=c, channel=CALL, token="a", advisor="luis")),
        lambda: now(lambda c: HandOver(contact=c, channel=CALL, token="b")),
        lambda: now(lambda c: SendOut(contact=c, channel=CALL, token="d", number="072", seconds=30.0)),
        lambda: EngineStopped(reason="killed"),
    ]


@given(st.lists(st.integers(0, 31), max_size=60))
def test_every_contact_told_ends_once_and_no_wire_is_left_behind(steps: list[int]) -> None:
    floor = Floor()
    anything = _anything(floor)
    for step in steps:
        event = anything[step % len(anything)]()
        if event is not None:
            floor.happens(event)
    for call in sorted(floor.calls):
        floor.happens(ended(call))
    arrived = [told.contact for told in floor.told if isinstance(told, ContactArrived)]
    left = [told.contact for told in floor.told if isinstance(told, CitizenLeft | LineLost)]
    assert sorted(arrived) == sorted(left)
    assert not floor.line.busy
    assert not floor.wires
    assert not floor.playing
