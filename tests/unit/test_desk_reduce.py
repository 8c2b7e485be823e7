"""The desk as dialogues: what it hears, what it shows, what it wants done."""

from typing import Any, TypeVar

import pytest

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.desk.state import DeskState, Line, PhoneStatus
from catgem_tui.phone import port
from catgem_tui.phone.port import RINGER, SOUND, CallState
from catgem_tui.protocol import commands
from catgem_tui.protocol.editing import LoggedChange
from catgem_tui.protocol.enums import (
    AdvisorState,
    Author,
    Channel,
    ContactState,
    Delivery,
    Monitoring,
    Outcome,
    Presence,
    Refusal,
    Role,
)
from catgem_tui.protocol.events import (
    FLOOR,
    CallExpected,
    CitizenTyping,
    ContactChanged,
    FloorSnapshot,
    MessageAdded,
)
from catgem_tui.protocol.frames import MAX_FRAME, Refused
from catgem_tui.protocol.model import Advisor, CentreSettings, Contact, Message, Struct, User
from catgem_tui.protocol.session import Answered, EventArrived, SignalArrived, SnapshotArrived, Welcomed

ANA = User(id="u1", username="ana", name="Ana", role=Role.ADVISOR)
BETO = User(id="u2", username="beto", name="Beto", role=Role.COORDINATOR)
URI = "sip:catgem@127.0.0.1:40000"
E = TypeVar("E")


def contact(contact_id: str = "c1", state: ContactState = ContactState.ACTIVE, **fields: Any) -> Contact:
    given: dict[str, Any] = {
        "channel": Channel.CHAT,
        "queue": "general",
        "arrived_at": 10.0,
        "state_since": 20.0,
        "advisor": ANA.id,
        **fields,
    }
    return Contact(id=contact_id, folio="482-1057", state=state, **given)


def offered_call(contact_id: str = "c1") -> Contact:
    return contact(contact_id, ContactState.OFFERED, channel=Channel.CALL)


class Talk:
    """One desk, spoken to. ``effects`` are those of the last thing it heard."""

    def __init__(self, user: User = ANA, *contacts: Contact, online: bool = True) -> None:
        self.model = Model(view=DeskState(central="http://127.0.0.1:1"))
        self.now = 1000.0
        self.seq = 0
        self.effects: tuple[effects.Effect, ...] = ()
        self.hears(happenings.LoggedIn(user))
        if online:
            self.hears(Welcomed(user=user.id, now=5000.0))
            self.hears_snapshot(*contacts)

    @property
    def view(self) -> DeskState:
        return self.model.view

    def hears(self, happening: object) -> "Talk":
        self.model, self.effects = reduce(self.model, happening, self.now)
        return self

    def hears_event(self, body: Struct) -> "Talk":
        self.seq += 1
        return self.hears(EventArrived(topic=FLOOR, seq=self.seq, body=body))

    def hears_contact(self, changed: Contact) -> "Talk":
        return self.hears_event(ContactChanged(contact=changed))

    def hears_snapshot(self, *contacts: Contact, **fields: Any) -> "Talk":
        assert self.view.user is not None
        me = Advisor(user=self.view.user, presence=Presence.AVAILABLE, state=AdvisorState.AVAILABLE, since=0.0)
        body = FloorSnapshot(me=me, settings=CentreSettings(name="CATGEM"), contacts=contacts, **fields)
        return self.hears(SnapshotArrived(topic=FLOOR, body=body))

    def is_answered(self, body: type[Struct], refused: Refusal | None = None) -> "Talk":
        """Central answers the oldest command of this kind."""
        command_id = next(i for i, c in self.model.commands.items() if isinstance(c, body))
        return self.hears(Answered(to=command_id, refused=None if refused is None else Refused(code=refused)))

    def wants(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def sends(self) -> list[Struct]:
        return [effect.body for effect in self.wants(effects.Transmit)]

    def phones(self) -> list[port.PhoneCommand]:
        return [effect.command for effect in self.wants(effects.Telephone)]

    def notices(self) -> list[str]:
        return [notice.code for notice in self.view.notices]


def with_phone(talk: Talk) -> Talk:
    return talk.hears(port.Ready(uri=URI, sound="card", microphone="card"))


# --- calls ---


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
    assert talk.notices() == ["call_lost"]
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


def talking() -> Talk:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    talk.hears_contact(contact(channel=Channel.CALL))
    return talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED))


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


# --- writing ---


def test_a_message_is_shown_at_once_and_replaced_by_centrals_word() -> None:
    talk = Talk(ANA, contact())
    talk.hears(intents.EditDraft("c1", "buenas"))
    talk.hears(intents.Send("c1", "buenas tardes"))
    (message,) = talk.view.messages["c1"]
    assert (message.text, message.delivery, message.author) == ("buenas tardes", Delivery.PENDING, Author.ADVISOR)
    assert (talk.view.unsent, talk.view.drafts) == (1, {})
    talk.hears_event(
        MessageAdded(
            message=Message(id=message.id, contact="c1", author=Author.ADVISOR, text="buenas tardes", sent_at=6000.0)
        )
    )
    talk.is_answered(commands.SendChat)
    assert [m.delivery for m in talk.view.messages["c1"]] == [Delivery.SENT]
    assert talk.wants(effects.ForgetCommand) == [effects.ForgetCommand(message.id)]
    assert talk.view.unsent == 0


def test_what_is_pending_survives_a_snapshot() -> None:
    talk = Talk(ANA, contact())
    talk.hears(intents.Send("c1", "hola"))
    talk.hears_snapshot(contact())
    assert [m.text for m in talk.view.messages["c1"]] == ["hola"]


def test_a_refused_message_returns_to_where_it_was_written() -> None:
    talk = Talk(ANA, contact())
    talk.hears(intents.Send("c1", "hola"))
    talk.hears(intents.EditDraft("c1", "y además"))
    talk.is_answered(commands.SendChat, Refusal.WRONG_STATE)
    assert talk.view.messages["c1"] == ()
    assert talk.view.drafts["c1"] == "hola\ny además"
    assert talk.notices() == ["wrong_state"]


def test_a_message_the_wire_cannot_carry_is_not_sent_and_not_lost() -> None:
    talk = Talk(ANA, contact())
    text = "ñ" * MAX_FRAME
    talk.hears(intents.Send("c1", text))
    assert talk.sends() == []
    assert talk.view.drafts["c1"] == text
    assert talk.notices() == ["too_long"]


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_is_not_sent(text: str) -> None:
    assert Talk(ANA, contact()).hears(intents.Send("c1", text)).effects == ()


def test_a_mail_is_kept_at_central_while_it_is_written() -> None:
    talk = Talk(ANA, contact(channel=Channel.MAIL, draft="Estimada"))
    assert talk.view.drafts == {"c1": "Estimada"}
    talk.hears(intents.EditDraft("c1", "Estimada persona"))
    assert talk.wants(effects.KeepText)
    (later,) = talk.wants(effects.Later)
    assert talk.hears(later.event).sends() == [commands.SaveDraft(contact="c1", text="Estimada persona")]
    talk.hears(intents.Send("c1", "Estimada persona: sí."))
    assert talk.sends() == [commands.SendMail(contact="c1", text="Estimada persona: sí.")]
    talk.hears_contact(contact(channel=Channel.MAIL, draft="Estimada persona"))  # the draft's save, on its way before
    assert talk.view.drafts == {}


def test_a_full_disk_at_central_is_tried_again() -> None:
    talk = Talk(ANA, contact())
    talk.hears(intents.Send("c1", "hola"))
    (message,) = talk.view.messages["c1"]
    talk.is_answered(commands.SendChat, Refusal.STORAGE)
    assert (talk.notices(), talk.view.unsent) == (["storage"], 1)
    (later,) = talk.wants(effects.Later)
    assert talk.hears(later.event).effects == (effects.RepeatCommand(message.id),)
    assert talk.is_answered(commands.SendChat).notices() == []


def test_messages_refused_for_the_moment_are_repeated_in_their_order() -> None:
    talk = Talk(ANA, contact())
    for text in ("uno", "dos"):
        talk.hears(intents.Send("c1", text))
    first, second = (key for key, body in talk.model.commands.items() if isinstance(body, commands.SendChat))
    for key in (first, second):
        talk.hears(Answered(to=key, refused=Refused(code=Refusal.STORAGE)))
    (later,) = talk.hears(happenings.RepeatDue(second)).effects
    assert isinstance(later, effects.Later)
    assert later.event == happenings.RepeatDue(second)
    assert talk.hears(happenings.RepeatDue(first)).effects == (effects.RepeatCommand(first),)
    talk.hears(Answered(to=first, refused=None))
    assert talk.hears(happenings.RepeatDue(second)).effects == (effects.RepeatCommand(second),)


def test_notes_are_saved_after_a_pause_one_save_at_a_time() -> None:
    talk = Talk(ANA, contact(notes="uno", notes_revision=3))
    talk.hears(intents.EditNotes("c1", "uno dos"))
    assert not talk.view.notes["c1"].saved
    (later,) = talk.wants(effects.Later)
    assert talk.hears(later.event).sends() == [commands.SaveNotes(contact="c1", text="uno dos", revision=4)]
    talk.hears(intents.EditNotes("c1", "uno dos tres"))
    assert talk.hears(later.event).sends() == []
    talk.hears_contact(contact(notes="uno dos", notes_revision=4))
    talk.is_answered(commands.SaveNotes)
    assert (talk.view.notes["c1"].text, talk.view.notes["c1"].saved) == ("uno dos tres", False)
    (again,) = talk.wants(effects.Later)
    assert talk.hears(again.event).sends() == [commands.SaveNotes(contact="c1", text="uno dos tres", revision=5)]
    talk.is_answered(commands.SaveNotes)
    assert talk.view.notes["c1"].saved
    assert talk.wants(effects.DropText) == [effects.DropText("c1", "notes")]


def test_closing_saves_the_notes_first() -> None:
    talk = Talk(ANA, contact(state=ContactState.WRAP_UP))
    talk.hears(intents.EditNotes("c1", "todo bien"))
    closing = commands.CloseContact(contact="c1", disposition="d", outcome=Outcome.RESOLVED)
    talk.hears(closing)
    assert talk.sends() == [commands.SaveNotes(contact="c1", text="todo bien", revision=1), closing]
    talk.hears_contact(contact(state=ContactState.CLOSED))
    assert (talk.view.contacts, talk.view.notes, talk.notices()) == ({}, {}, [])


def test_steps_are_checked_at_once_and_cleared_when_refused() -> None:
    talk = Talk(ANA, contact(steps=("a",)))
    talk.hears(commands.CheckStep(contact="c1", step="b"))
    assert talk.view.contacts["c1"].steps == ("a", "b")
    talk.is_answered(commands.CheckStep, Refusal.NOT_FOUND)
    assert talk.view.contacts["c1"].steps == ("a",)


def test_what_an_earlier_process_typed_is_back_and_saved() -> None:
    talk = Talk(online=False)
    talk.hears(
        happenings.LoggedIn(
            ANA,
            commands=(("m1", commands.SendChat(contact="c1", text="sin enviar")),),
            texts=(
                effects.KeepText("c1", "notes", "notas", "", 0),
                effects.KeepText("c1", "draft", "a medio escr"),
            ),
        )
    )
    assert talk.view.unsent == 1
    talk.hears(Welcomed(user=ANA.id, now=5000.0))
    assert effects.RepeatOutbox() in talk.effects
    talk.hears_snapshot(contact())
    assert [m.text for m in talk.view.messages["c1"]] == ["sin enviar"]
    assert (talk.view.notes["c1"].text, talk.view.drafts["c1"]) == ("notas", "a medio escr")
    (later,) = [one for one in talk.wants(effects.Later) if isinstance(one.event, happenings.NotesDue)]
    assert talk.hears(later.event).sends() == [commands.SaveNotes(contact="c1", text="notas", revision=1)]


# --- the floor, the line ---


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
    assert talk.sends() == [commands.SetPresence(presence=Presence.OFFLINE)]
    assert effects.LeaveCentral() in talk.effects
    assert (talk.view.line, talk.view.user, talk.view.contacts) == (Line.LOGGED_OUT, None, {})
    assert talk.view.phone.status is PhoneStatus.READY


def test_another_user_finds_an_empty_desk() -> None:
    talk = Talk(ANA, contact())
    talk.hears(intents.Send("c1", "de Ana"))
    talk.hears(happenings.LineLost("expired", (), final=True))
    talk.hears(happenings.LoggedIn(BETO))
    assert (talk.view.contacts, talk.model.commands, talk.view.unsent) == ({}, {}, 0)


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


# --- records of the directory ---


def test_a_record_goes_to_the_citizen_at_once_where_nothing_is_being_written_in_a_chat() -> None:
    talk = Talk(ANA, contact()).hears(intents.Focus("c1"))
    talk.hears(intents.SendRecord("r1", "Registro Civil\nTeléfono: 722 555 0110"))
    assert talk.sends() == [commands.SendChat(contact="c1", text="Registro Civil\nTeléfono: 722 555 0110")]
    assert talk.notices() == ["record_sent"]


@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.MAIL])
def test_a_record_follows_what_is_being_written(channel: Channel) -> None:
    talk = Talk(ANA, contact(channel=channel)).hears(intents.Focus("c1"))
    talk.hears(intents.EditDraft("c1", "Claro que sí: "))
    talk.hears(intents.SendRecord("r1", "Registro Civil"))
    assert talk.sends() == []
    assert talk.view.drafts == {"c1": "Claro que sí:\n\nRegistro Civil"}
    assert talk.notices() == ["record_inserted"]


def test_a_mail_is_read_over_before_it_leaves_even_if_it_was_empty() -> None:
    talk = Talk(ANA, contact(channel=Channel.MAIL)).hears(intents.Focus("c1"))
    talk.hears(intents.SendRecord("r1", "Registro Civil"))
    assert talk.sends() == []
    assert talk.view.drafts == {"c1": "Registro Civil"}


@pytest.mark.parametrize(
    "held", [contact(channel=Channel.CALL), contact(state=ContactState.WRAP_UP), contact("other", advisor="u9")]
)
def test_a_record_cannot_be_sent_where_nobody_reads_it(held: Contact) -> None:
    talk = Talk(ANA, held).hears(intents.Focus("c1"))
    talk.hears(intents.SendRecord("r1", "Registro Civil"))
    assert talk.sends() == []
    assert talk.view.drafts == {}
    assert talk.notices() == ["nowhere_to_send"]


def test_a_wrong_record_is_reported_even_without_a_line() -> None:
    talk = Talk(ANA, contact())
    talk.hears(happenings.LineLost("unreachable", (), final=False))
    body = commands.ReportRecord(record="r1", text="cambió el teléfono", contact="c1")
    talk.hears(body)
    assert talk.sends() == [body]
    assert talk.view.unsent == 1
    assert "record_reported" in talk.notices()
    talk.is_answered(commands.ReportRecord)
    assert talk.view.unsent == 0


def test_the_log_shown_is_the_one_last_asked_for() -> None:
    talk = Talk()
    talk.hears(intents.ShowLog("r1")).hears(intents.ShowLog("r2"))
    assert talk.wants(effects.FetchLog) == [effects.FetchLog("r2")]
    assert talk.wants(effects.UseRecord) == [effects.UseRecord("r2")]
    line = LoggedChange(number=1, record="r1", at=5.0, who="Elena")
    talk.hears(happenings.LogFetched("r1", (line,)))
    assert talk.view.directory.log is None
    talk.hears(happenings.LogFetched("r2", None))
    assert talk.view.directory.log_missing
    talk.hears(happenings.LogFetched("r2", (line,)))
    assert (talk.view.directory.log, talk.view.directory.log_missing) == ((line,), False)
