"""Asking a colleague or somebody outside during a call, and handing the call on to them."""

import pytest

from catgem_tui.central.ports import (
    AdvisorConnected,
    AdvisorLost,
    EndConsulting,
    EndMonitoring,
    Finish,
    HandOver,
    LegChanged,
    LineLost,
    PartyChanged,
    Requeue,
    SendOut,
    SetSide,
    StartConsulting,
)
from catgem_tui.protocol.commands import (
    AcceptOffer,
    CloseContact,
    CompleteTransfer,
    Conference,
    Consult,
    EndConsult,
    EndContact,
    Hold,
    Monitor,
    SaveNotes,
    SetPhone,
    SetPresence,
    Swap,
    Transfer,
    Unhold,
)
from catgem_tui.protocol.enums import (
    AdvisorState,
    ContactState,
    Monitoring,
    NotReached,
    Outcome,
    Presence,
    Refusal,
    Role,
    Side,
)
from catgem_tui.protocol.events import ContactChanged, ContactHidden, ContactShown
from catgem_tui.protocol.model import Call, Consultation
from tests.queue_dialogue import CALL, CENTRE, Dialogue, uri_of, user

QUEUED, OFFERED, ACTIVE, WRAP_UP = (
    ContactState.QUEUED,
    ContactState.OFFERED,
    ContactState.ACTIVE,
    ContactState.WRAP_UP,
)
OUTSIDE = "7225550199"


class Talk(Dialogue):
    """Ana speaks with a citizen, contact c; luis, eva and the coordinator carmen are free."""

    def __init__(self) -> None:
        rules = CENTRE.__class__(
            queues=CENTRE.queues,
            pause_reasons=CENTRE.pause_reasons,
            dispositions=CENTRE.dispositions,
            protocols=CENTRE.protocols,
            dial="sip:{number}@192.0.2.10",
        )
        super().__init__(user("ana"), user("luis"), user("eva"), user("carmen", Role.COORDINATOR), rules=rules)
        self.comes("ana").arrives("c", CALL).takes("ana", "c").comes("luis", "eva")
        self.hears(AdvisorConnected(advisor="carmen")).says("carmen", SetPhone(uri=uri_of("carmen")))

    @property
    def call(self) -> Call:
        call = self.contacts["c"].call
        assert call is not None
        return call

    @property
    def consultation(self) -> Consultation | None:
        return self.call.consultation

    @property
    def token(self) -> str:
        return self.queue._state.records["c"].party_token

    def asks(self, advisor: str = "luis", *, answered: bool = True) -> "Talk":
        self.says("ana", Consult(contact="c", advisor=advisor)).agrees()
        return self.party(connected=True) if answered else self

    def asks_outside(self, *, answered: bool = True) -> "Talk":
        self.says("ana", Consult(contact="c", number=OUTSIDE)).agrees()
        return self.party(connected=True) if answered else self

    def party(self, *, connected: bool, token: str = "", why: NotReached | None = None) -> "Talk":
        self.hears(PartyChanged(contact="c", token=token or self.token, connected=connected, not_reached=why))
        return self

    def state_of(self, name: str) -> AdvisorState:
        return self.advisors[name].state

    def hidden_from(self, name: str) -> bool:
        return ContactHidden(contact="c") in self.told(name)

    def is_back_with_ana(self) -> bool:
        return self.contacts["c"].advisor == "ana" and self.consultation is None and not self.call.held


@pytest.fixture
def talk() -> Talk:
    return Talk()


# --- asking a colleague ---


def test_a_colleague_is_rung_sees_the_contact_and_is_offered_nothing_else(talk: Talk) -> None:
    talk.says("ana", SaveNotes(contact="c", text="Pide el acta", revision=1))
    talk.asks("luis", answered=False)
    [expected] = talk.expected("luis")
    assert expected.consulting
    talk.expects(
        StartConsulting(contact="c", channel=CALL, token=expected.token, seconds=20.0, uri=uri_of("luis")),
    )
    [shown] = [body for body in talk.told("luis") if isinstance(body, ContactShown)]
    assert (shown.by, shown.contact.notes) == ("Ana", "Pide el acta")
    assert (talk.state_of("luis"), talk.state_of("ana")) == (AdvisorState.OFFERED, AdvisorState.BUSY)
    assert (talk.call.held, talk.call.held_since) == (True, talk.now)
    talk.arrives("d", CALL).stands("d", OFFERED, "eva")
    talk.arrives("e", CALL).stands("e", QUEUED)

    talk.party(connected=True)
    assert talk.state_of("luis") is AdvisorState.BUSY
    assert talk.consultation == Consultation(advisor="luis", name="Luis", connected=True, since=talk.now)
    talk.says("ana", EndConsult(contact="c")).expects(EndConsulting(contact="c", channel=CALL), *talk.last.effects[1:])
    talk.stands("e", OFFERED, "luis")


def test_what_changes_meanwhile_is_shown_too_and_the_end_is_told(talk: Talk) -> None:
    talk.asks().says("ana", SaveNotes(contact="c", text="Otra cosa", revision=1))
    assert [body.contact.notes for body in talk.told("luis") if isinstance(body, ContactShown)] == ["Otra cosa"]
    assert not [body for body in talk.told("luis") if isinstance(body, ContactChanged)]
    assert not [body for body in talk.told("eva") if isinstance(body, ContactShown)]
    talk.says("luis", SaveNotes(contact="c", text="no", revision=2)).refuses(Refusal.NOT_YOURS)
    talk.says("ana", EndConsult(contact="c"))
    assert talk.hidden_from("luis")
    assert not talk.hidden_from("eva")


def test_a_snapshot_says_what_one_is_asked_about(talk: Talk) -> None:
    talk.asks("luis", answered=False)
    snapshot = talk.queue.snapshot("luis", talk.now)
    assert snapshot is not None
    assert [(shown.contact.id, shown.by) for shown in snapshot.shown] == [("c", "Ana")]
    assert [expected.token for expected in snapshot.expected] == [talk.token]
    talk.party(connected=True)
    snapshot = talk.queue.snapshot("luis", talk.now)
    assert snapshot is not None
    assert (len(snapshot.shown), snapshot.expected, snapshot.contacts) == (1, (), ())


def test_the_advisor_swaps_and_confers_and_the_citizen_is_held_when_they_are_left_out(talk: Talk) -> None:
    talk.asks()
    for body, side, held in (
        (Swap(contact="c"), Side.CITIZEN, False),
        (Swap(contact="c"), Side.CONSULTED, True),
        (Conference(contact="c"), Side.ALL, False),
        (Swap(contact="c"), Side.CONSULTED, True),
        (Swap(contact="c"), Side.CITIZEN, False),
        (Conference(contact="c"), Side.ALL, False),
    ):
        talk.says("ana", body).expects(SetSide(contact="c", channel=CALL, side=side))
        assert talk.consultation is not None
        assert (talk.consultation.side, talk.call.held) == (side, held)


@pytest.mark.parametrize("who", ["ana", "luis"])
@pytest.mark.parametrize("answered", [True, False])
def test_both_may_end_it(talk: Talk, who: str, answered: bool) -> None:
    talk.asks(answered=answered).says(who, EndConsult(contact="c"))
    talk.expects(EndConsulting(contact="c", channel=CALL))
    assert talk.is_back_with_ana()
    declined = who == "luis" and not answered
    assert talk.call.not_reached is (NotReached.DECLINED if declined else None)
    assert talk.hidden_from("luis")
    assert talk.state_of("luis") is AdvisorState.AVAILABLE


@pytest.mark.parametrize("answered", [True, False])
def test_who_does_not_answer_or_hangs_up_ends_it_and_is_not_blamed(talk: Talk, answered: bool) -> None:
    talk.asks(answered=answered).party(connected=False).expects(EndConsulting(contact="c", channel=CALL))
    assert talk.is_back_with_ana()
    assert talk.hidden_from("luis")
    assert talk.advisors["luis"].presence is Presence.AVAILABLE


def test_why_they_were_not_reached_is_told_until_somebody_else_is_called(talk: Talk) -> None:
    talk.asks_outside(answered=False).party(connected=False, why=NotReached.BUSY)
    assert talk.call.not_reached is NotReached.BUSY
    talk.asks(answered=False)
    assert talk.call.not_reached is None
    talk.party(connected=False, why=NotReached.UNANSWERED).says("ana", Transfer(contact="c", number=OUTSIDE))
    assert talk.call.not_reached is None


def test_news_of_a_call_that_is_not_wanted_any_more_changes_nothing(talk: Talk) -> None:
    talk.asks("luis", answered=False)
    token = talk.token
    talk.says("ana", EndConsult(contact="c")).asks("eva")
    talk.party(connected=True, token=token).expects()
    talk.party(connected=False, token=token).expects()
    assert talk.consultation is not None
    assert talk.consultation.advisor == "eva"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (Consult(contact="c", advisor="nobody"), Refusal.NO_SUCH_TARGET),
        (Consult(contact="c", advisor="ana"), Refusal.NO_SUCH_TARGET),
        (Consult(contact="c", advisor="carmen"), Refusal.NO_CAPACITY),
        (Consult(contact="c"), Refusal.MALFORMED),
        (Consult(contact="c", advisor="luis", number=OUTSIDE), Refusal.MALFORMED),
        (Swap(contact="c"), Refusal.WRONG_STATE),
        (Conference(contact="c"), Refusal.WRONG_STATE),
        (CompleteTransfer(contact="c"), Refusal.WRONG_STATE),
        (EndConsult(contact="c"), Refusal.WRONG_STATE),
    ],
)
def test_what_cannot_be(talk: Talk, body: Consult, code: Refusal) -> None:
    talk.says("ana", body).refuses(code)


def test_nobody_else_may_and_one_at_a_time(talk: Talk) -> None:
    talk.says("luis", Consult(contact="c", advisor="eva")).refuses(Refusal.NOT_YOURS)
    talk.asks("luis", answered=False)
    talk.says("ana", Consult(contact="c", advisor="eva")).refuses(Refusal.WRONG_STATE)
    talk.says("ana", Swap(contact="c")).refuses(Refusal.WRONG_STATE)
    talk.says("ana", CompleteTransfer(contact="c")).refuses(Refusal.WRONG_STATE)
    talk.says("ana", Hold(contact="c")).refuses(Refusal.WRONG_STATE)
    talk.says("ana", Unhold(contact="c")).refuses(Refusal.WRONG_STATE)
    talk.says("luis", Swap(contact="c")).refuses(Refusal.NOT_YOURS)
    talk.says("eva", EndConsult(contact="c")).refuses(Refusal.NOT_YOURS)
    talk.says("eva", AcceptOffer(contact="c")).refuses(Refusal.OFFER_EXPIRED)


def test_who_is_asked_is_not_asked_by_another(talk: Talk) -> None:
    talk.asks("luis").arrives("d", CALL).takes("eva", "d")
    talk.says("eva", Consult(contact="d", advisor="luis")).refuses(Refusal.NO_CAPACITY)
    talk.says("eva", Transfer(contact="d", advisor="luis")).refuses(Refusal.NO_CAPACITY)


def test_who_is_asked_is_away_only_afterwards(talk: Talk) -> None:
    talk.asks("luis").says("luis", SetPresence(presence=Presence.PAUSED, reason="break"))
    assert talk.state_of("luis") is AdvisorState.BUSY
    talk.says("luis", EndConsult(contact="c"))
    assert talk.state_of("luis") is AdvisorState.PAUSED


# --- handing over to a colleague ---


def test_the_contact_moves_with_its_notes_and_clocks(talk: Talk) -> None:
    talk.says("ana", SaveNotes(contact="c", text="Pide el acta", revision=1))
    talk.says("carmen", Monitor(contact="c", mode=Monitoring.LISTEN))
    before = talk.contacts["c"]
    talk.passes(30)
    talk.asks()
    token = talk.token
    talk.says("ana", CompleteTransfer(contact="c"))
    talk.expects(
        EndMonitoring(contact="c", channel=CALL, coordinator="carmen"),
        HandOver(contact="c", channel=CALL, token=token, advisor="luis"),
    )
    talk.stands("c", ACTIVE, "luis")
    after = talk.contacts["c"]
    assert (after.notes, after.handed_by, after.accepted_at) == ("Pide el acta", "Ana", before.accepted_at)
    assert (talk.call.consultation, talk.call.held, talk.call.advisor_leg) == (None, False, True)
    assert [body.contact.advisor for body in talk.told("ana") if isinstance(body, ContactChanged)] == ["luis"]
    assert not talk.hidden_from("luis")
    assert (talk.state_of("ana"), talk.state_of("luis")) == (AdvisorState.AVAILABLE, AdvisorState.BUSY)
    talk.says("luis", SaveNotes(contact="c", text="Lo tengo", revision=2)).agrees()
    talk.hears(LegChanged(contact="c", advisor="ana", connected=False)).stands("c", ACTIVE, "luis")
    talk.hears(LegChanged(contact="c", advisor="luis", connected=False, token=token)).stands("c", WRAP_UP, "luis")


def test_a_colleague_who_hangs_up_in_that_moment_gets_the_citizen_again(talk: Talk) -> None:
    talk.asks()
    token = talk.token
    talk.says("ana", CompleteTransfer(contact="c")).party(connected=False, token=token)
    talk.stands("c", OFFERED, "luis")
    assert isinstance(talk.last.effects[0], Requeue)


def test_nobody_gets_a_contact_whose_workstation_is_gone(talk: Talk) -> None:
    talk.asks().hears(AdvisorLost(advisor="luis"))
    talk.says("ana", CompleteTransfer(contact="c")).refuses(Refusal.NO_CAPACITY)


# --- everybody may vanish ---


def test_the_citizen_hangs_up(talk: Talk) -> None:
    talk.asks().leaves("c").stands("c", WRAP_UP, "ana")
    talk.expects(Finish(contact="c", channel=CALL, survey=False))
    assert talk.consultation is None
    assert talk.hidden_from("luis")
    assert talk.state_of("luis") is AdvisorState.AVAILABLE


def test_the_line_dies(talk: Talk) -> None:
    talk.asks().hears(LineLost(contact="c")).stands("c", WRAP_UP, "ana")
    assert talk.hidden_from("luis")


def test_the_advisor_ends_the_contact(talk: Talk) -> None:
    talk.asks().says("ana", EndContact(contact="c")).stands("c", WRAP_UP, "ana")
    talk.expects(Finish(contact="c", channel=CALL))
    assert talk.hidden_from("luis")


def test_a_receiver_laid_down_during_a_consultation_leaves_no_citizen_behind(talk: Talk) -> None:
    talk.asks().leg("ana", "c", connected=False).stands("c", OFFERED, "ana")
    assert isinstance(talk.last.effects[0], Requeue)
    assert talk.hidden_from("luis")


def test_the_telephone_of_who_asks_dies(talk: Talk) -> None:
    talk.asks().says("ana", SetPhone(uri="")).stands("c", QUEUED)
    assert talk.hidden_from("luis")
    talk.says("ana", SetPhone(uri=uri_of("ana"))).stands("c", OFFERED, "ana")


def test_the_workstation_of_who_asks_stays_away(talk: Talk) -> None:
    talk.asks().hears(AdvisorLost(advisor="ana")).passes(talk.rules.grace)
    assert talk.is_back_with_ana()
    talk.stands("c", ACTIVE, "ana")


@pytest.mark.parametrize("answered", [True, False])
def test_the_telephone_of_who_is_asked_dies(talk: Talk, answered: bool) -> None:
    talk.asks(answered=answered).says("luis", SetPhone(uri="")).expects(EndConsulting(contact="c", channel=CALL))
    assert talk.is_back_with_ana()


def test_the_workstation_of_who_is_asked_stays_away(talk: Talk) -> None:
    talk.asks(answered=False).hears(AdvisorLost(advisor="luis")).passes(talk.rules.grace)
    assert talk.is_back_with_ana()


def test_who_speaks_already_goes_on_speaking_without_a_workstation(talk: Talk) -> None:
    talk.asks().hears(AdvisorLost(advisor="luis")).passes(talk.rules.grace)
    assert talk.consultation is not None
    assert talk.state_of("luis") is AdvisorState.OFFLINE


def test_central_restarts(talk: Talk) -> None:
    talk.asks().restarts().stands("c", WRAP_UP, "ana")
    assert talk.consultation is None
    assert talk.hidden_from("luis")


def test_a_coordinator_who_is_asked_does_not_listen_as_well(talk: Talk) -> None:
    talk.says("carmen", Monitor(contact="c", mode=Monitoring.WHISPER))
    talk.says("carmen", SetPresence(presence=Presence.AVAILABLE))
    talk.asks("carmen", answered=False)
    assert isinstance(talk.last.effects[0], EndMonitoring)
    assert talk.call.monitors == ()
    talk.says("carmen", Monitor(contact="c", mode=Monitoring.LISTEN)).refuses(Refusal.NOT_ALLOWED)


# --- somebody outside ---


def test_a_number_is_called_as_it_is_dialled(talk: Talk) -> None:
    talk.says("ana", Consult(contact="c", number=" +52 (722) 555-0199 "))
    talk.expects(StartConsulting(contact="c", channel=CALL, token=talk.token, seconds=30.0, number="+527225550199"))
    assert talk.consultation is not None
    assert talk.consultation.number == "+527225550199"


@pytest.mark.parametrize(
    "text", ["sip:eva@example.mx", "7225550199@example.mx", "722555;tag=1", "12", "1" * 16, "722 555 0199 ext 4", "९११"]
)
def test_nothing_but_a_number_is_called(talk: Talk, text: str) -> None:
    talk.says("ana", Consult(contact="c", number=text)).refuses(Refusal.MALFORMED, "number")
    talk.says("ana", Transfer(contact="c", number=text)).refuses(Refusal.MALFORMED, "number")


def test_a_centre_whose_lines_call_nobody_says_so() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c", CALL).takes("ana", "c")
    floor.says("ana", Consult(contact="c", number=OUTSIDE)).refuses(Refusal.NO_OUTSIDE)
    floor.says("ana", Transfer(contact="c", number=OUTSIDE)).refuses(Refusal.NO_OUTSIDE)
    assert not floor.rules.settings().calls_out


def test_completed_to_somebody_outside_the_contact_stays_in_wrap_up(talk: Talk) -> None:
    talk.asks_outside()
    token = talk.token
    talk.says("ana", CompleteTransfer(contact="c")).expects(HandOver(contact="c", channel=CALL, token=token))
    talk.stands("c", WRAP_UP, "ana")
    assert talk.contacts["c"].citizen_present
    talk.party(connected=True, token=token).party(connected=False, token=token).stands("c", WRAP_UP, "ana")
    talk.leaves("c").stands("c", WRAP_UP, "ana")
    assert not talk.contacts["c"].citizen_present


def test_gone_in_that_moment_the_citizen_comes_back(talk: Talk) -> None:
    talk.asks_outside()
    token = talk.token
    talk.says("ana", CompleteTransfer(contact="c")).party(connected=False, token=token)
    talk.stands("c", OFFERED, "ana")


# --- handing on to a number without asking there ---


def test_the_advisor_is_out_of_it_at_once(talk: Talk) -> None:
    talk.says("ana", Transfer(contact="c", number=OUTSIDE))
    talk.expects(SendOut(contact="c", channel=CALL, token=talk.token, number=OUTSIDE, seconds=30.0))
    talk.stands("c", WRAP_UP, "ana")
    assert talk.contacts["c"].handed_by == "Ana"
    token = talk.token
    talk.party(connected=True).says(
        "ana", CloseContact(contact="c", disposition="directory", outcome=Outcome.REFERRED)
    ).agrees()
    talk.party(connected=False, token=token).stands("c", ContactState.CLOSED, "ana")
    talk.leaves("c").stands("c", ContactState.CLOSED, "ana")


def test_refused_outside_the_citizen_comes_back_to_the_same_advisor(talk: Talk) -> None:
    talk.says("ana", SaveNotes(contact="c", text="Al 911", revision=1)).arrives("d", CALL).arrives("e", CALL)
    talk.arrives("f", CALL).stands("f", QUEUED)
    talk.says("ana", Transfer(contact="c", number=OUTSIDE)).stands("f", QUEUED)
    talk.party(connected=False, why=NotReached.DECLINED).stands("c", OFFERED, "ana").stands("f", QUEUED)
    assert talk.contacts["c"].notes == "Al 911"
    assert talk.call.not_reached is NotReached.DECLINED


def test_closed_too_early_it_is_opened_again(talk: Talk) -> None:
    talk.says("ana", Transfer(contact="c", number=OUTSIDE))
    talk.says("ana", CloseContact(contact="c", disposition="directory", outcome=Outcome.REFERRED))
    talk.says("ana", SetPresence(presence=Presence.PAUSED, reason="break"))
    talk.party(connected=False).stands("c", QUEUED)
    assert (talk.contacts["c"].disposition, talk.contacts["c"].outcome) == ("", None)
    talk.passes(talk.rules.reserve).stands("c", OFFERED, "luis")


def test_a_citizen_who_has_hung_up_meanwhile_does_not_come_back(talk: Talk) -> None:
    talk.says("ana", Transfer(contact="c", number=OUTSIDE)).leaves("c").party(connected=False)
    talk.stands("c", WRAP_UP, "ana")


def test_nor_does_one_whose_line_died(talk: Talk) -> None:
    talk.says("ana", Transfer(contact="c", number=OUTSIDE)).hears(LineLost(contact="c")).party(connected=False)
    talk.stands("c", WRAP_UP, "ana")
    assert not talk.contacts["c"].citizen_present


def test_nor_after_a_restart_of_central(talk: Talk) -> None:
    talk.says("ana", Transfer(contact="c", number=OUTSIDE)).restarts().stands("c", WRAP_UP, "ana")
    assert not talk.contacts["c"].citizen_present


def test_only_one_target_and_only_calls(talk: Talk) -> None:
    talk.says("ana", Transfer(contact="c", number=OUTSIDE, queue="general")).refuses(Refusal.MALFORMED)
    chat = Dialogue("eva", rules=talk.rules).comes("eva").arrives("m", CALL.__class__.CHAT).takes("eva", "m")
    chat.says("eva", Transfer(contact="m", number=OUTSIDE)).refuses(Refusal.CHANNEL_MISMATCH)
    chat.says("eva", Consult(contact="m", number=OUTSIDE)).refuses(Refusal.CHANNEL_MISMATCH)


# --- to a colleague or a queue, without asking ---


@pytest.mark.parametrize("target", [{"advisor": "luis"}, {"queue": "general"}])
def test_who_gets_it_knows_from_whom(talk: Talk, target: dict[str, str]) -> None:
    talk.asks("eva").says("ana", SaveNotes(contact="c", text="Pide el acta", revision=1))
    talk.says("ana", Transfer(contact="c", **target)).agrees()
    assert talk.consultation is None
    assert talk.hidden_from("eva")
    contact = talk.contacts["c"]
    assert (contact.state, contact.handed_by, contact.notes) == (OFFERED, "Ana", "Pide el acta")


# --- whom one can ask ---


def test_everybody_on_duty_is_seen_by_the_others(talk: Talk) -> None:
    talk.asks("luis", answered=False)
    assert [(each.id, each.state, each.phone_ready) for each in talk.queue.colleagues()] == [
        ("ana", AdvisorState.BUSY, True),
        ("eva", AdvisorState.AVAILABLE, True),
        ("luis", AdvisorState.OFFERED, True),
    ]
    snapshot = talk.queue.snapshot("ana", talk.now)
    assert snapshot is not None
    assert [each.id for each in snapshot.colleagues] == ["eva", "luis"]
