"""What is written at the desk: messages, mails, notes, steps; nothing of it is lost."""

import pytest

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import (
    Author,
    Channel,
    ContactState,
    Delivery,
    Outcome,
    Refusal,
)
from catgem_tui.protocol.events import (
    MessageAdded,
)
from catgem_tui.protocol.frames import MAX_FRAME, Refused
from catgem_tui.protocol.model import Message
from catgem_tui.protocol.session import Answered, Welcomed
from tests.desk_talk import ANA, Talk, contact


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
