"""The desk and its telephone, as dialogues."""

import pytest

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.desk.state import PhoneStatus
from catgem_tui.phone import port
from catgem_tui.phone.port import RINGER, SOUND, CallState
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import (
    Channel,
    ContactState,
    Monitoring,
    Presence,
    Refusal,
)
from catgem_tui.protocol.events import (
    CallExpected,
)
from catgem_tui.protocol.model import Contact
from catgem_tui.protocol.session import Welcomed
from tests.desk_talk import ANA, BETO, URI, Talk, contact, offered_call, talking, with_phone


def test_a_call_is_announced_rings_is_accepted_and_answered() -> None:
    talk = with_phone(Talk())
    assert talk.sends() == [commands.SetPhone(uri=URI)]
    talk.hears_contact(offered_call())
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    assert talk.phones() == [port.Expect(token="t1", auto_answer=False)]
    talk.hears(port.CallArrived(call="k1", caller="7225550134", dialled="catgem", token="t1"))
    (ringing,) = talk.phones()
    assert isinstance(ringing, port.Play)
    assert (ringing.loop, ringing.to) == (True, (RINGER,))
    assert [(c.contact, c.state) for c in talk.view.phone.calls] == [("c1", CallState.RINGING)]
    talk.hears(intents.AcceptOffer("c1"))
    assert talk.phones() == [port.Answer(call="k1", sound=True), port.StopPlaying(player="ring")]
    assert talk.sends() == [commands.AcceptOffer(contact="c1")]
    assert talk.view.focus == "c1"
    talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True))
    talk.is_answered(commands.AcceptOffer)
    talk.hears_contact(contact(channel=Channel.CALL))
    assert [(c.state, c.media) for c in talk.view.phone.calls] == [(CallState.CONFIRMED, True)]
    assert talk.notices() == []


def test_a_chat_that_is_offered_is_heard_once() -> None:
    talk = with_phone(Talk()).hears_contact(contact(state=ContactState.OFFERED))
    (chime,) = talk.phones()
    assert isinstance(chime, port.Play)
    assert not chime.loop
    assert talk.hears_contact(contact(state=ContactState.OFFERED, unread=1)).phones() == []


def test_pressing_accept_twice_asks_once() -> None:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears(intents.AcceptOffer("c1"))
    talk.hears(intents.AcceptOffer("c1"))
    assert talk.effects == ()


def test_accepting_before_the_invite_answers_when_it_comes() -> None:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    assert talk.hears(intents.AcceptOffer("c1")).phones() == []
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    assert talk.phones() == [port.Answer(call="k1", sound=True)]


def test_an_acceptance_that_came_too_late_hangs_up_and_says_so() -> None:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    talk.hears(intents.AcceptOffer("c1"))
    talk.is_answered(commands.AcceptOffer, Refusal.OFFER_EXPIRED)
    assert talk.phones() == [port.HangUp(call="k1")]
    assert talk.notices() == ["offer_missed"]


def test_declining_hangs_up_and_is_not_called_missed() -> None:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    talk.hears(intents.DeclineOffer("c1"))
    assert talk.phones() == [port.StopPlaying(player="ring"), port.HangUp(call="k1")]
    talk.hears_contact(contact(state=ContactState.QUEUED, channel=Channel.CALL, advisor=None))
    assert talk.notices() == []
    assert talk.view.contacts == {}


def test_an_offer_that_times_out_is_missed() -> None:
    talk = Talk(ANA, offered_call())
    talk.hears_contact(contact(state=ContactState.QUEUED, channel=Channel.CALL, advisor=None))
    assert talk.notices() == ["offer_missed"]


def test_offline_nothing_about_this_moment_is_sent_or_kept() -> None:
    talk = with_phone(Talk(ANA, offered_call(), contact("c2")))
    talk.hears(happenings.LineLost("silent", (), final=False))
    for wish in (
        intents.AcceptOffer("c1"),
        commands.Park(contact="c2"),
        commands.SetPresence(presence=Presence.PAUSED),
    ):
        talk.hears(wish)
        assert talk.effects == ()
    assert set(talk.notices()) == {"central_unreachable"}
    assert set(talk.view.contacts) == {"c1", "c2"}
    talk.hears(Welcomed(user=ANA.id, now=5000.0))
    assert talk.sends() == [commands.SetPhone(uri=URI)]
    assert talk.notices() == []


def test_what_was_asked_when_the_line_broke_is_told_and_not_repeated() -> None:
    talk = Talk(ANA, contact())
    talk.hears(commands.Park(contact="c1"))
    (sent,) = talk.wants(effects.Transmit)
    talk.hears(happenings.LineLost("silent", (sent.id,), final=False))
    assert talk.notices() == ["unavailable"]
    assert sent.id not in talk.model.commands


def test_the_engine_dies_and_comes_back() -> None:
    talk = with_phone(Talk(ANA, contact(channel=Channel.CALL)))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True))
    talk.hears(port.EngineStopped(reason="killed"))
    assert talk.sends() == [commands.SetPhone(uri="")]
    assert talk.notices() == ["call_cut"]
    assert (talk.view.phone.status, talk.view.phone.calls) == (PhoneStatus.RESTARTING, ())
    talk.hears_event(CallExpected(contact="c1", token="t2"))
    assert talk.phones() == []
    talk.hears(port.Ready(uri="sip:new", sound="card", microphone="card"))
    assert talk.sends() == [commands.SetPhone(uri="sip:new")]
    chosen = [port.ChooseDevices(), port.Tune()]
    assert talk.phones() == [*chosen, port.Expect(token="t2", auto_answer=False)], "as it was before it died"


def test_no_library_is_said_once_and_everything_else_works() -> None:
    talk = Talk(ANA, contact()).hears(happenings.PhoneUnavailable("no_library"))
    assert (talk.view.phone.status, talk.notices()) == (PhoneStatus.MISSING, ["phone_missing"])
    assert talk.hears(intents.Send("c1", "hola")).sends() == [commands.SendChat(contact="c1", text="hola")]


def test_a_coordinator_listens() -> None:
    talk = with_phone(Talk(BETO, contact(channel=Channel.CALL)))
    talk.hears(commands.Monitor(contact="c1", mode=Monitoring.LISTEN))
    talk.is_answered(commands.Monitor)
    talk.hears_event(CallExpected(contact="c1", token="t1", monitoring=Monitoring.LISTEN))
    assert talk.phones() == [port.Expect(token="t1", auto_answer=True)]
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    assert talk.phones() == [port.Connect(source="k1", sink=SOUND), port.Connect(source=SOUND, sink="k1")]
    talk.hears(commands.Monitor(contact="c1", mode=Monitoring.BARGE))
    talk.is_answered(commands.Monitor)
    assert [c.monitoring for c in talk.view.phone.calls] == [Monitoring.BARGE]


def test_the_far_side_hangs_up_and_central_did_not_notice() -> None:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    talk.hears_contact(contact(channel=Channel.CALL))
    talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED))
    talk.hears(port.CallChanged(call="k1", state=CallState.ENDED))
    (later,) = talk.wants(effects.Later)
    assert talk.hears(later.event).sends() == [commands.EndContact(contact="c1")]
    talk.is_answered(commands.EndContact, Refusal.WRONG_STATE)
    assert talk.notices() == []


def test_a_mail_without_a_sender_is_said_to_have_no_address() -> None:
    talk = Talk(ANA, contact(channel=Channel.MAIL))
    talk.hears(intents.Send("c1", "Le respondo"))
    talk.is_answered(commands.SendMail, Refusal.NO_SUCH_TARGET)
    assert talk.notices() == ["no_address"]
    assert talk.view.drafts == {"c1": "Le respondo"}


@pytest.mark.parametrize(
    "over",
    [
        contact(state=ContactState.WRAP_UP, channel=Channel.CALL),
        contact(state=ContactState.QUEUED, channel=Channel.CALL, advisor=None),
    ],
    ids=["wrap-up", "queued"],
)
def test_a_call_whose_line_died_does_not_stay_on_the_telephone(over: Contact) -> None:
    talk = talking()
    (later,) = [e for e in talk.hears_contact(over).wants(effects.Later) if isinstance(e.event, happenings.CallOver)]
    assert talk.phones() == [], "a line that lives hangs up by itself"
    assert talk.hears(later.event).phones() == [port.HangUp(call="k1")]


def test_a_call_that_came_back_at_once_is_kept() -> None:
    talk = talking()
    talk.hears_contact(contact(state=ContactState.QUEUED, channel=Channel.CALL, advisor=None))
    talk.hears_contact(contact(channel=Channel.CALL))
    assert talk.hears(happenings.CallOver("c1")).phones() == []


def test_muting_and_digits() -> None:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    talk.hears(intents.AcceptOffer("c1"))
    talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED))
    muting, tone = talk.hears(intents.SetMute(True)).phones()
    assert muting == port.Mute(muted=True)
    assert isinstance(tone, port.Play)
    assert (tone.path.rpartition("/")[2], tone.to) == ("closed.wav", (SOUND,)), "heard by nobody else"
    assert talk.view.phone.muted
    assert talk.hears(intents.SendDigits("12#")).phones() == [port.SendDigits(call="k1", digits="12#")]
