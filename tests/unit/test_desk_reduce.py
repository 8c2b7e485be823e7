"""The desk as dialogues: the contacts it holds, its line, its notices."""

import pytest

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.desk.happenings import NoticeOver
from catgem_tui.desk.model import NOTICE_LASTS
from catgem_tui.desk.state import LASTING, Line, PhoneStatus
from catgem_tui.phone import port
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import (
    Channel,
    ContactState,
    Presence,
    Refusal,
)
from catgem_tui.protocol.events import (
    CallExpected,
    CitizenTyping,
)
from catgem_tui.protocol.session import SignalArrived
from catgem_tui.ui.wording import COUNTED, NOTICES
from tests.desk_talk import ANA, BETO, Talk, contact, offered_call, talking, with_phone


def test_an_advisor_sees_their_own_and_a_coordinator_everyones() -> None:
    waiting = contact("c2", ContactState.QUEUED, advisor=None)
    assert set(Talk(ANA, contact()).hears_contact(waiting).view.contacts) == {"c1"}
    talk = Talk(BETO, contact()).hears_contact(waiting)
    assert set(talk.view.contacts) == {"c1", "c2"}
    assert talk.view.mine == ()
    talk.hears_contact(contact("c2", ContactState.ABANDONED, advisor=None))
    assert set(talk.view.contacts) == {"c1"}
    assert talk.notices() == []


def test_a_contact_taken_away_is_said_and_the_focus_moves_on() -> None:
    talk = Talk(ANA, contact("c1", accepted_at=1.0), contact("c2", accepted_at=2.0))
    assert talk.view.focus == "c1"
    talk.hears_contact(contact("c1", advisor=BETO.id))
    assert (talk.view.focus, talk.notices()) == ("c2", ["contact_withdrawn"])
    talk.hears_snapshot()
    assert (talk.view.focus, talk.view.contacts) == ("", {})


def test_an_offer_does_not_take_the_focus() -> None:
    talk = Talk(ANA, contact("c1"))
    talk.hears_contact(contact("c2", ContactState.OFFERED))
    assert (talk.view.focus, talk.view.offer and talk.view.offer.id) == ("c1", "c2")


def test_typing_is_shown_for_a_while() -> None:
    talk = Talk(ANA, contact())
    talk.hears(SignalArrived(CitizenTyping(contact="c1")))
    assert talk.view.typing == {"c1"}
    (later,) = talk.wants(effects.Later)
    assert talk.hears(later.event).view.typing == frozenset()


def test_centrals_clock_is_learned() -> None:
    talk = Talk()
    assert talk.view.now(talk.now) == 5000.0


@pytest.mark.parametrize(
    ("reason", "line", "code"),
    [
        ("replaced", Line.REPLACED, "replaced"),
        ("version", Line.OFFLINE, "central_incompatible"),
        ("expired", Line.LOGGED_OUT, "session_expired"),
    ],
)
def test_final_losses(reason: str, line: Line, code: str) -> None:
    talk = Talk(ANA, contact()).hears(happenings.LineLost(reason, (), final=True))
    assert (talk.view.line, talk.notices()) == (line, [code])
    assert set(talk.view.contacts) == {"c1"}
    talk.hears(happenings.LoggedIn(ANA))
    assert set(talk.view.contacts) == {"c1"}


@pytest.mark.parametrize("code", ["too_many_attempts", "storage"])
def test_a_central_that_answers_is_not_called_unreachable(code: str) -> None:
    talk = Talk(online=False).hears(happenings.LoginFailed(code))
    assert (talk.view.line, talk.notices()) == (Line.LOGGED_OUT, [code])
    talk.hears(intents.Login("ana", "x"))
    assert (talk.view.line, talk.notices()) == (Line.LOGGING_IN, [])


def test_logging_out_leaves_the_queue_and_an_empty_desk() -> None:
    talk = with_phone(Talk(ANA, contact()))
    talk.hears(intents.Logout())
    assert talk.sends() == [commands.SetPhone(uri=""), commands.SetPresence(presence=Presence.OFFLINE)]
    assert effects.LeaveCentral() in talk.effects
    assert (talk.view.line, talk.view.user, talk.view.contacts) == (Line.LOGGED_OUT, None, {})
    assert talk.view.phone.status is PhoneStatus.READY


def test_logging_out_hangs_up_and_leaves_nothing_that_was_told_of_contacts() -> None:
    talk = with_phone(Talk(ANA, contact()))
    talk.hears(port.CallArrived(call="k1", caller="7225550134", dialled="catgem"))
    talk.hears(commands.Park(contact="c1"))
    talk.is_answered(commands.Park, Refusal.WRONG_STATE)
    talk.hears(happenings.Prepared("memory", resuming=False))
    assert len(talk.notices()) == 2
    talk.hears(intents.Logout())
    assert effects.LeaveCentral(calls=("k1",)) in talk.effects
    assert talk.notices() == ["no_keyring"]


def test_another_user_finds_an_empty_desk() -> None:
    talk = Talk(ANA, contact())
    talk.hears(intents.Send("c1", "de Ana"))
    talk.hears(happenings.LineLost("expired", (), final=True))
    talk.hears(happenings.LoggedIn(BETO))
    assert (talk.view.contacts, talk.model.commands, talk.view.unsent) == ({}, {}, 0)


def test_another_user_finds_the_telephone_on_the_hook() -> None:
    talk = talking()
    talk.hears(happenings.LineLost("expired", (), final=True))
    talk.hears(happenings.LoggedIn(BETO))
    assert effects.Telephone(port.HangUp(call="k1")) in talk.effects


def test_a_notice_that_wants_nothing_done_leaves_by_itself() -> None:
    talk = Talk(ANA, contact())
    for _ in range(2):  # told again, it stays for as long again
        talk.hears(commands.Park(contact="c1"))
        talk.is_answered(commands.Park, Refusal.WRONG_STATE)
    (first, second) = (NoticeOver(number) for number in (talk.view.notices[0].id - 1, talk.view.notices[0].id))
    assert effects.Later(NOTICE_LASTS, second) in talk.effects
    assert talk.hears(first).notices() == ["wrong_state"]
    assert talk.hears(second).notices() == []


def test_what_wants_something_done_stays_until_it_is_over() -> None:
    talk = Talk(ANA, contact(state=ContactState.OFFERED))
    talk.hears_contact(contact(state=ContactState.QUEUED, advisor=None))
    assert talk.notices() == ["offer_missed"]
    assert not talk.wants(effects.Later)


def test_a_citizen_who_leaves_while_offered_was_not_taken_back_by_anybody() -> None:
    talk = Talk(ANA, contact(state=ContactState.OFFERED))
    talk.hears_contact(contact(state=ContactState.ABANDONED, advisor=None))
    assert talk.notices() == ["citizen_left"]


def test_every_lasting_notice_has_its_words() -> None:
    assert NOTICES.keys() | COUNTED.keys() >= LASTING


def test_a_notice_knows_its_contact_when_that_is_gone() -> None:
    talk = Talk(ANA, contact())
    talk.hears_contact(contact(advisor="u9"))
    (notice,) = talk.view.notices
    assert (notice.code, notice.known) == ("contact_withdrawn", contact())


def test_a_notice_is_said_once_and_can_be_dismissed() -> None:
    talk = Talk(ANA, contact())
    for _ in range(2):
        talk.hears(commands.Park(contact="c1"))
        talk.is_answered(commands.Park, Refusal.WRONG_STATE)
    (notice,) = talk.view.notices
    assert (notice.code, notice.contact) == ("wrong_state", "c1")
    assert talk.hears(intents.Dismiss(notice.id)).view.notices == ()


def test_what_is_not_known_changes_nothing() -> None:
    talk = Talk()
    before = talk.model
    assert talk.hears(object()).model is before


def test_a_call_announced_for_a_contact_that_was_lost_is_expected_no_more() -> None:
    talk = Talk().hears_contact(offered_call())
    talk.hears_event(CallExpected(contact="c1", token="first"))
    talk.hears_event(CallExpected(contact="c2", token="other"))
    talk.hears_contact(contact("c1", ContactState.QUEUED, channel=Channel.CALL, advisor=None))
    assert set(talk.model.expected) == {"other"}


def test_a_message_refused_after_its_contact_has_gone_is_kept_for_its_return() -> None:
    talk = Talk(ANA, contact()).hears(intents.Send("c1", "Ya tengo su respuesta."))
    talk.hears_contact(contact(state=ContactState.QUEUED, advisor=None)).is_answered(
        commands.SendChat, Refusal.NOT_YOURS
    )
    assert [text.text for text in talk.wants(effects.KeepText)] == ["Ya tengo su respuesta."]
    talk.hears_contact(contact())
    assert talk.view.drafts["c1"] == "Ya tengo su respuesta."
