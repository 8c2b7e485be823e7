"""A third telephone on a line, as a dialogue: consulted, conferred with, handed over to, outside."""

import pytest

from catgem_tui.central.ports import (
    CitizenLeft,
    EndConsulting,
    Finish,
    HandOver,
    LegChanged,
    LineLost,
    MonitorLeft,
    PartyChanged,
    RecordingStarted,
    Requeue,
    SendOut,
    SetHold,
    SetSide,
    StartConsulting,
)
from catgem_tui.central.voice.signals import CommandFailed, Input, TimerFired
from catgem_tui.phone.port import (
    TOKEN_HEADER,
    Dial,
    DigitReceived,
    EngineStopped,
    HangUp,
    Record,
    SendDigits,
    StopRecording,
)
from catgem_tui.protocol.enums import Monitoring, NotReached, Side
from tests.voice_floor import CALL, Floor, confirmed, ended, join, monitor, offer, ringing

COLLEAGUE = StartConsulting(contact="contact-1", channel=CALL, token="ask", seconds=20.0, uri="sip:luis@127.0.0.1:5997")
OUTSIDE = StartConsulting(contact="contact-1", channel=CALL, token="ask", seconds=30.0, number="7225550199")
SEND_OUT = SendOut(contact="contact-1", channel=CALL, token="out", number="7225550199", seconds=30.0)
END = EndConsulting(contact="contact-1", channel=CALL)
REQUEUE = Requeue(contact="contact-1", channel=CALL)
CITIZEN = "in-1"


class Talk(Floor):
    """Ana speaks with the citizen."""

    def __init__(self) -> None:
        super().__init__(dial="sip:{number}@192.0.2.10")
        self.citizen_talks_to("ana")
        self.ana = self.dialled()

    def asks(self, whom: StartConsulting = COLLEAGUE) -> str:
        self.happens(whom)
        party = self.dialled()
        self.happens(ringing(party), confirmed(party))
        return party

    def sides(self, side: Side) -> None:
        self.happens(SetSide(contact="contact-1", channel=CALL, side=side))

    def hands_over(self, advisor: str = "") -> None:
        self.happens(HandOver(contact="contact-1", channel=CALL, token="ask", advisor=advisor))

    def speak(self, one: str, other: str) -> bool:
        both = {(one, other) in self.wires, (other, one) in self.wires}
        assert len(both) == 1, "one hears the other and is not heard"
        return both.pop()

    def has_music(self, call: str) -> bool:
        return ("music", call) in self.wires

    def on_tape(self) -> set[str]:
        return {source for source, sink in self.wires if sink.startswith("recording:")}

    def why_not(self) -> NotReached | None:
        """Why the last who was called did not come."""
        return [event for event in self.told if isinstance(event, PartyChanged)][-1].not_reached

    def party_news(self) -> list[tuple[str, bool]]:
        return [(told.token, told.connected) for told in self.told if isinstance(told, PartyChanged)]


@pytest.fixture
def talk() -> Talk:
    return Talk()


# --- a consultation ---


def test_the_citizen_has_music_from_the_first_moment(talk: Talk) -> None:
    talk.happens(COLLEAGUE)
    assert talk.has_music(CITIZEN)
    assert not talk.speak(CITIZEN, talk.ana)
    dial = talk.last(Dial)
    assert isinstance(dial, Dial)
    assert (dial.uri, dial.headers[TOKEN_HEADER]) == ("sip:luis@127.0.0.1:5997", "ask")


def test_the_advisor_alone_hears_it_ring(talk: Talk) -> None:
    talk.happens(COLLEAGUE)
    assert "ringing" not in talk.playing
    party = talk.dialled()
    talk.happens(ringing(party))
    assert {sink for source, sink in talk.wires if source == "ringing"} == {talk.ana}
    talk.happens(confirmed(party))
    assert "ringing" not in talk.playing


@pytest.mark.parametrize("effect", [END, REQUEUE, SEND_OUT])
def test_nor_does_it_ring_on_when_it_is_over(talk: Talk, effect: Input) -> None:
    talk.happens(COLLEAGUE)
    talk.happens(ringing(talk.dialled()), effect)
    assert "ringing" not in talk.playing


def test_nor_when_the_citizen_hangs_up(talk: Talk) -> None:
    talk.happens(COLLEAGUE)
    talk.happens(ringing(talk.dialled()), ended(CITIZEN))
    assert not talk.playing


def test_who_speaks_with_whom_in_each_state(talk: Talk) -> None:
    party = talk.asks()
    assert talk.party_news() == [("ask", True)]
    for side, speaking, waiting in (
        (Side.CONSULTED, {(talk.ana, party)}, {CITIZEN}),
        (Side.CITIZEN, {(talk.ana, CITIZEN)}, {party}),
        (Side.ALL, {(talk.ana, CITIZEN), (talk.ana, party), (CITIZEN, party)}, set()),
        (Side.CONSULTED, {(talk.ana, party)}, {CITIZEN}),
    ):
        talk.sides(side)
        pairs = [(talk.ana, CITIZEN), (talk.ana, party), (CITIZEN, party)]
        assert {pair for pair in pairs if talk.speak(*pair)} == speaking
        assert {call for call in (talk.ana, CITIZEN, party) if talk.has_music(call)} == waiting
        assert talk.on_tape() == {talk.ana, CITIZEN, party}


def test_a_citizen_who_was_held_before_is_spoken_with_when_the_advisor_swaps(talk: Talk) -> None:
    talk.happens(SetHold(contact="contact-1", channel=CALL, held=True))
    talk.asks()
    talk.sides(Side.CITIZEN)
    assert talk.speak(CITIZEN, talk.ana)


def test_at_its_end_advisor_and_citizen_are_together_again(talk: Talk) -> None:
    party = talk.asks()
    told = len(talk.told)
    talk.happens(END, ended(party))
    assert talk.last(HangUp) == HangUp(call=party)
    assert talk.speak(CITIZEN, talk.ana)
    assert not talk.has_music(CITIZEN)
    assert len(talk.told) == told


def test_who_is_called_off_does_not_ring_on(talk: Talk) -> None:
    talk.happens(COLLEAGUE)
    party = talk.dialled()
    talk.happens(END)
    assert talk.last(HangUp) == HangUp(call=party)
    talk.happens(ended(party, 487))
    assert talk.party_news() == []
    assert not {"party", f"reach:{party}"} & set(talk.timers)


def test_no_answer_in_time(talk: Talk) -> None:
    talk.happens(COLLEAGUE)
    party = talk.dialled()
    assert talk.timers["party"] == 20.0
    talk.happens(ringing(party), TimerFired(name="party"))
    assert (talk.party_news(), talk.why_not()) == ([("ask", False)], NotReached.UNANSWERED)
    assert talk.last(HangUp) == HangUp(call=party)
    talk.happens(ended(party, 487), END)
    assert talk.party_news() == [("ask", False)]
    assert talk.speak(CITIZEN, talk.ana)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (486, NotReached.BUSY),
        (404, NotReached.UNKNOWN),
        (480, NotReached.UNANSWERED),
        (603, NotReached.DECLINED),
        (503, NotReached.FAILED),
    ],
)
def test_it_is_told_why_who_was_called_does_not_come(talk: Talk, answer: int, why: NotReached) -> None:
    talk.happens(COLLEAGUE)
    talk.happens(ended(talk.dialled(), answer))
    assert (talk.party_news(), talk.why_not()) == ([("ask", False)], why)
    assert "party" not in talk.timers


def test_a_colleagues_dead_telephone_is_found_out_soon(talk: Talk) -> None:
    talk.happens(COLLEAGUE)
    talk.happens(TimerFired(name=f"reach:{talk.dialled()}"))
    assert talk.party_news() == [("ask", False)]


def test_an_address_that_cannot_be_called(talk: Talk) -> None:
    talk.happens(COLLEAGUE)
    talk.happens(CommandFailed(command=talk.last(Dial), code="bad_uri"))
    assert (talk.party_news(), talk.why_not()) == ([("ask", False)], NotReached.UNKNOWN)


def test_who_is_consulted_hangs_up(talk: Talk) -> None:
    party = talk.asks()
    talk.happens(ended(party))
    assert (talk.party_news(), talk.why_not()) == ([("ask", True), ("ask", False)], None)
    talk.happens(END)
    assert talk.speak(CITIZEN, talk.ana)


def test_a_number_outside_learns_nothing_of_the_citizen_and_may_be_slow_to_ring(talk: Talk) -> None:
    talk.happens(OUTSIDE)
    dial = talk.last(Dial)
    assert isinstance(dial, Dial)
    assert (dial.uri, dial.headers, dial.caller) == ("sip:7225550199@192.0.2.10", {}, "")
    assert f"reach:{dial.call}" not in talk.timers
    assert talk.timers["party"] == 30.0


def test_keys_go_to_whom_the_advisor_asks(talk: Talk) -> None:
    party = talk.asks(OUTSIDE)
    talk.happens(DigitReceived(call=talk.ana, digit="2"))
    assert talk.last(SendDigits) == SendDigits(call=party, digits="2")
    assert talk.happens(DigitReceived(call=CITIZEN, digit="5")) == []
    talk.sides(Side.CITIZEN)
    talk.happens(DigitReceived(call=talk.ana, digit="3"))
    assert talk.last(SendDigits) == SendDigits(call=CITIZEN, digits="3")
    assert talk.happens(DigitReceived(call=party, digit="5")) == []
    talk.sides(Side.ALL)
    talk.happens(DigitReceived(call=CITIZEN, digit="7"))
    assert talk.last(SendDigits) == SendDigits(call=talk.ana, digits="7")


# --- with coordinators ---


def test_a_coordinator_hears_all_and_whispers_to_the_advisor_alone(talk: Talk) -> None:
    talk.happens(monitor(Monitoring.WHISPER))
    boss = talk.dialled()
    talk.happens(confirmed(boss))
    party = talk.asks()
    assert {source for source, sink in talk.wires if sink == boss} == {CITIZEN, talk.ana, party}
    assert {sink for source, sink in talk.wires if source == boss} == {talk.ana}
    talk.happens(monitor(Monitoring.BARGE))
    assert {sink for source, sink in talk.wires if source == boss} == {talk.ana}
    talk.sides(Side.ALL)
    assert {sink for source, sink in talk.wires if source == boss} == {talk.ana, CITIZEN, party, "recording:right"}


def test_one_coordinator_beside_a_consultation(talk: Talk) -> None:
    talk.happens(monitor(Monitoring.LISTEN, "eva"), confirmed(talk.dialled()))
    talk.happens(monitor(Monitoring.LISTEN, "rosa"))
    second = talk.dialled()
    talk.happens(confirmed(second), COLLEAGUE)
    assert talk.told[-1] == MonitorLeft(contact="contact-1", coordinator="rosa", token="m")
    assert talk.dialled() == second, "five calls at once"
    talk.happens(ended(second))
    assert talk.dialled() != second
    talk.happens(monitor(Monitoring.LISTEN, "juan"))
    assert talk.told[-1] == MonitorLeft(contact="contact-1", coordinator="juan", token="m")


# --- handing over ---


def test_a_colleague_takes_the_citizen_over(talk: Talk) -> None:
    party = talk.asks()
    told = len(talk.told)
    talk.hands_over("luis")
    assert talk.speak(CITIZEN, party)
    assert HangUp(call=talk.ana) in talk.did
    assert talk.on_tape() == {CITIZEN, party}
    talk.happens(ended(talk.ana))
    assert len(talk.told) == told
    talk.happens(ended(party))
    assert talk.told[-1] == LegChanged(contact="contact-1", advisor="luis", connected=False, token="ask")
    assert talk.has_music(CITIZEN)


def test_the_colleague_may_ask_the_next(talk: Talk) -> None:
    first = talk.asks()
    talk.hands_over("luis")
    talk.happens(ended(talk.ana))
    second = talk.asks(OUTSIDE)
    assert talk.speak(first, second)
    assert talk.has_music(CITIZEN)


@pytest.mark.parametrize("advisor", ["luis", ""])
def test_who_is_gone_when_they_should_take_over(talk: Talk, advisor: str) -> None:
    party = talk.asks()
    talk.happens(ended(party))
    talk.hands_over(advisor)
    assert talk.party_news()[-1] == ("ask", False)
    assert talk.last(HangUp) == HangUp(call=talk.ana)
    assert talk.has_music(CITIZEN)
    talk.happens(REQUEUE, offer("luis"))
    talk.happens(confirmed(talk.dialled()), join("luis"))
    assert talk.speak(CITIZEN, talk.dialled())


def test_citizen_and_outside_go_on_without_us_and_off_the_tape(talk: Talk) -> None:
    party = talk.asks(OUTSIDE)
    talk.hands_over()
    assert talk.party_news()[-1] == ("ask", True)
    assert StopRecording(recorder="recording") in talk.did
    assert talk.speak(CITIZEN, party)
    assert talk.line.busy
    assert talk.wires == {(CITIZEN, party), (party, CITIZEN)}
    talk.happens(DigitReceived(call=CITIZEN, digit="1"))
    assert talk.last(SendDigits) == SendDigits(call=party, digits="1")


@pytest.mark.parametrize("first", ["citizen", "outside"])
def test_when_one_hangs_up_so_does_the_other_and_no_survey_is_asked(talk: Talk, first: str) -> None:
    party = talk.asks(OUTSIDE)
    talk.hands_over()
    talk.happens(ended(talk.ana))
    one, other = (CITIZEN, party) if first == "citizen" else (party, CITIZEN)
    talk.happens(ended(one))
    assert talk.last(HangUp) == HangUp(call=other)
    assert talk.says() <= {"music"}
    talk.happens(ended(other))
    assert talk.told[-1] == CitizenLeft(contact="contact-1")
    assert not talk.line.busy
    assert not talk.playing
    assert not talk.timers


# --- handing on without asking ---


def test_the_citizen_has_music_while_it_rings_outside(talk: Talk) -> None:
    talk.happens(SEND_OUT)
    assert HangUp(call=talk.ana) in talk.did
    assert talk.has_music(CITIZEN)
    assert talk.on_tape() == set()
    talk.happens(ended(talk.ana))
    party = talk.dialled()
    talk.happens(ringing(party), confirmed(party))
    assert talk.party_news() == [("out", True)]
    assert talk.speak(CITIZEN, party)
    assert StopRecording(recorder="recording") in talk.did


def test_outside_refuses_and_the_citizen_waits_for_an_advisor_again(talk: Talk) -> None:
    talk.happens(SEND_OUT, ended(talk.ana))
    talk.happens(ended(talk.dialled(), 486, "Busy Here"))
    assert talk.told[-2:] == [
        PartyChanged(contact="contact-1", token="out", connected=False, not_reached=NotReached.BUSY),
        RecordingStarted(contact="contact-1", path="2026/03/09/contact-1.wav"),
    ]
    assert talk.has_music(CITIZEN)
    assert "announce" in talk.timers
    talk.happens(offer("ana"))
    talk.happens(confirmed(talk.dialled()), join("ana"))
    assert talk.speak(CITIZEN, talk.dialled())
    assert talk.on_tape() == {CITIZEN, talk.dialled()}
    assert sum(isinstance(command, Record) for command in talk.did) == 1


def test_outside_does_not_answer_in_time(talk: Talk) -> None:
    talk.happens(SEND_OUT, ended(talk.ana))
    party = talk.dialled()
    talk.happens(ringing(party), TimerFired(name="party"))
    assert talk.party_news() == [("out", False)]
    assert talk.last(HangUp) == HangUp(call=party)


def test_the_citizen_does_not_wait_for_outside(talk: Talk) -> None:
    talk.happens(SEND_OUT, ended(talk.ana))
    party = talk.dialled()
    talk.happens(ended(CITIZEN))
    assert talk.last(HangUp) == HangUp(call=party)
    assert talk.told[-1] == CitizenLeft(contact="contact-1")
    assert talk.party_news() == []


# --- everybody may vanish ---


def test_the_citizen_hangs_up(talk: Talk) -> None:
    party = talk.asks()
    talk.happens(ended(CITIZEN))
    assert {HangUp(call=party), HangUp(call=talk.ana)} <= {each for each in talk.did if isinstance(each, HangUp)}
    assert not talk.line.busy
    assert not talk.wires
    assert not talk.timers


@pytest.mark.parametrize("effect", [REQUEUE, Finish(contact="contact-1", channel=CALL)])
def test_whatever_ends_the_advisors_part_ends_the_consultation(talk: Talk, effect: Requeue | Finish) -> None:
    party = talk.asks()
    talk.happens(effect)
    assert HangUp(call=party) in talk.did
    assert HangUp(call=talk.ana) in talk.did


def test_the_advisors_telephone_dies(talk: Talk) -> None:
    party = talk.asks()
    talk.happens(ended(talk.ana))
    assert talk.told[-1] == LegChanged(contact="contact-1", advisor="ana", connected=False, token="t0ken")
    assert talk.has_music(CITIZEN)
    talk.happens(REQUEUE)
    assert talk.last(HangUp) == HangUp(call=party)


def test_the_engine_dies(talk: Talk) -> None:
    talk.asks()
    talk.happens(EngineStopped(reason="killed"))
    assert talk.told[-1] == LineLost(contact="contact-1")
    assert not talk.line.busy
    assert not talk.timers
