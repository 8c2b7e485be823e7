"""Contacts: offered, accepted, worked on, given away, lost; and everything of the floor topic."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from msgspec.structs import replace as altered

from catgem_tui.desk.effects import DropText, FetchHistory, Telephone
from catgem_tui.desk.happenings import AutoAnswerDue, HistoryFetched, TypingOver
from catgem_tui.desk.intents import AcceptOffer, DeclineOffer, Focus
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import alone, consulting, direct, outgoing, outside, telephone, writing
from catgem_tui.desk.state import Severity
from catgem_tui.phone.port import HangUp
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import ENDED_STATES, HELD_STATES, Channel, ContactState
from catgem_tui.protocol.events import (
    AdvisorChanged,
    CallExpected,
    CitizenTyping,
    ContactChanged,
    FloorSnapshot,
    QueueChanged,
)
from catgem_tui.protocol.model import Contact, Message, Struct

TYPING_LASTS = 5.0
"""Seconds a citizen counts as writing after the last sign of it."""
WORKED = frozenset({ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP})

# --- what central tells ---


def take_snapshot(turn: Turn, snapshot: FloorSnapshot) -> None:
    """Central's state replaces ours, but for what we wrote and central doesn't have yet."""
    outside.hear(turn, turn.view.me, snapshot.me)
    turn.show(
        me=snapshot.me,
        settings=snapshot.settings,
        summary=snapshot.summary,
        advisors={advisor.user.id: advisor for advisor in snapshot.advisors},
        messages=group_messages(turn, snapshot.messages),
        typing=frozenset(),
        colleagues=snapshot.colleagues,
    )
    telephone.expect_calls(turn, snapshot.expected)
    here = {contact.id: contact for contact in snapshot.contacts}
    for gone in [contact for contact in turn.view.contacts.values() if contact.id not in here]:
        lose_contact(turn, gone, None)
    for contact in here.values():
        take_contact(turn, contact)
    consulting.take_shown(turn, snapshot.shown)
    writing.save_restored(turn)
    put_focus(turn)


def group_messages(turn: Turn, messages: tuple[Message, ...]) -> dict[str, tuple[Message, ...]]:
    known = {message.id for message in messages}
    ours = [
        writing.pending_message(turn, command_id, body)
        for command_id, body in turn.model.commands.items()
        if isinstance(body, commands.SendChat | commands.SendMail) and command_id not in known
    ]
    kept = {m.id: m for before in turn.view.messages.values() for m in before}
    grouped: dict[str, list[Message]] = {}
    for message in sorted([*messages, *(kept.get(m.id, m) for m in ours)], key=lambda m: m.sent_at):
        grouped.setdefault(message.contact, []).append(message)
    return {contact: tuple(lines) for contact, lines in grouped.items()}


def hear_contact(turn: Turn, event: ContactChanged) -> None:
    take_contact(turn, event.contact)
    put_focus(turn)


def take_contact(turn: Turn, contact: Contact) -> None:
    before = turn.view.contacts.get(contact.id)
    if not is_shown(turn, contact):
        if before is not None:
            consulting.hear_back(turn, before, contact)
            lose_contact(turn, before, contact)
        return
    turn.show(contacts={**turn.view.contacts, contact.id: contact})
    writing.learn_notes(turn, contact)
    writing.learn_draft(turn, contact)
    mine, was_mine = is_held(turn, contact), before is not None and is_held(turn, before)
    if before is not None and was_mine:
        consulting.hear_back(turn, before, contact)
    if before is not None and was_mine and not mine:
        announce_loss(turn, before, contact)
    if mine and contact.id in turn.view.shown:
        consulting.drop(turn, contact.id)
    if mine:
        consulting.compare(turn, before if was_mine else None, contact)
    if mine and contact.state is ContactState.WRAP_UP:
        telephone.end_call(turn, contact.id)
    if mine and not was_mine and contact.state is ContactState.OFFERED:
        turn.withdraw_notices("contact_withdrawn", contact=contact.id)  # it came back
        if contact.channel is not Channel.CALL:
            telephone.chime(turn)
        alone.begin(turn, contact)
    if mine and contact.state is ContactState.ACTIVE and contact.id not in turn.view.history:
        turn.perform(FetchHistory(contact.id))


def is_held(turn: Turn, contact: Contact) -> bool:
    return contact.advisor == turn.my_id and contact.state in HELD_STATES


def is_shown(turn: Turn, contact: Contact) -> bool:
    return is_held(turn, contact) or (turn.sees_floor and contact.state not in ENDED_STATES)


def lose_contact(turn: Turn, before: Contact, now: Contact | None) -> None:
    """The contact leaves this desk."""
    writing.flush_notes(turn, before.id)
    if is_held(turn, before):
        announce_loss(turn, before, now)
    if now is None or now.state in ENDED_STATES:
        turn.perform(DropText(before.id, "draft"))
    writing.forget_texts(turn, before.id)
    turn.show(
        contacts={i: c for i, c in turn.view.contacts.items() if i != before.id},
        messages={i: m for i, m in turn.view.messages.items() if i != before.id},
        history={i: h for i, h in turn.view.history.items() if i != before.id},
        typing=turn.view.typing - {before.id},
    )


def announce_loss(turn: Turn, before: Contact, now: Contact | None) -> None:
    """Say that a contact is no longer this person's, unless they wanted it so or it simply ended."""
    wanted = before.id in turn.model.letting_go
    turn.remember(letting_go=turn.model.letting_go - {before.id}, accepting=turn.model.accepting - {before.id})
    alone.stop(turn, before.id)
    telephone.stop_ringing_for(turn, before.id)
    telephone.expect_no_more(turn, before.id)
    telephone.end_call(turn, before.id)
    consulting.withdraw_partings(turn, before.id)
    if wanted or (now is not None and now.state is ContactState.CLOSED):
        return
    if any(notice.code in {"call_cut", "call_lost"} and notice.contact == before.id for notice in turn.view.notices):
        return  # that says why, and central leads the call back
    args = {"folio": before.folio}
    if _is_led_back(before, now):
        turn.notify("call_cut", Severity.WARNING, contact=before.id)
    elif before.state is not ContactState.OFFERED:
        turn.notify("contact_withdrawn", Severity.WARNING, args=args, contact=before.id)
    elif now is not None and now.state is ContactState.ABANDONED:
        turn.notify("citizen_left", Severity.INFORMATION, args=args, contact=before.id)
    else:
        turn.withdraw_notices("offer_missed")  # out of the queue is out of the queue, however many were missed
        turn.notify("offer_missed", Severity.WARNING, args=args, contact=before.id)


def _is_led_back(before: Contact, now: Contact | None) -> bool:
    """Whether a call waits again though nobody moved it: its telephone is gone, one outside perhaps, of which nothing
    else tells."""
    talking = before.channel is Channel.CALL and before.state is ContactState.ACTIVE
    waits = now is not None and now.state is ContactState.QUEUED and now.handed_by == before.handed_by
    return talking and waits


def put_focus(turn: Turn) -> None:
    """Something of mine stands in the middle: what was chosen, else what is held longest; never a mere offer."""
    focused = turn.view.focused
    if focused is not None and (is_held(turn, focused) or turn.sees_floor or focused.id in turn.view.shown):
        return
    worked = [contact.id for contact in turn.view.mine if contact.state in WORKED]
    turn.show(focus=worked[0] if worked else "")


def hear_advisor(turn: Turn, event: AdvisorChanged) -> None:
    advisor = event.advisor
    if advisor.user.id == turn.my_id:
        outside.hear(turn, turn.view.me, advisor)
        turn.show(me=advisor)
    if turn.sees_floor:
        turn.show(advisors={**turn.view.advisors, advisor.user.id: advisor})


def hear_queue(turn: Turn, event: QueueChanged) -> None:
    turn.show(summary=event.summary)


def hear_typing(turn: Turn, event: CitizenTyping) -> None:
    turn.show(typing=turn.view.typing | {event.contact})
    turn.later(TYPING_LASTS, TypingOver(event.contact))


def stop_typing(turn: Turn, event: TypingOver) -> None:
    turn.show(typing=turn.view.typing - {event.contact})


def hear_expected(turn: Turn, event: CallExpected) -> None:
    telephone.expect_calls(turn, (*turn.model.expected.values(), event))


def show_history(turn: Turn, event: HistoryFetched) -> None:
    if event.contact in turn.view.contacts:
        turn.show(history={**turn.view.history, event.contact: event.items})


# --- what the person wants ---


def accept(turn: Turn, intent: AcceptOffer) -> None:
    """The telephone answers at once; central's record decides."""
    contact = turn.view.contacts.get(intent.contact)
    if contact is None or contact.state is not ContactState.OFFERED or contact.advisor != turn.my_id:
        return
    if contact.channel is Channel.CALL:
        hold_others(turn, contact.id)
    if not ask(turn, commands.AcceptOffer(contact=contact.id)):
        return
    alone.stop(turn, contact.id)
    turn.show(focus=contact.id)
    turn.perform(FetchHistory(contact.id))
    if contact.channel is Channel.CALL and not outside.is_used(turn):
        telephone.answer_for(turn, contact.id)
        outgoing.hang_up_all(turn)


def accept_alone(turn: Turn, event: AutoAnswerDue) -> None:
    """As by key; but where somebody writes, what they write goes on going where it went."""
    if not alone.is_due(turn, event):
        return
    focus, writes = turn.view.focus, alone.is_writing(turn)
    accept(turn, AcceptOffer(event.contact))
    if writes:
        turn.show(focus=focus)
        turn.notify("answered_alone", Severity.INFORMATION, contact=event.contact)


def hold_others(turn: Turn, contact: str) -> None:
    """Whoever this person speaks with in another call waits, where a queue's rules allow two."""
    for other in turn.view.mine:
        speaking = other.call is not None and not other.call.held and other.state is ContactState.ACTIVE
        if other.id != contact and speaking and other.call is not None and other.call.advisor_leg:
            ask(turn, commands.Hold(contact=other.id))


def hold(turn: Turn, body: commands.Hold) -> None:
    """Whom one called before, and has waiting, is who one wants to speak with."""
    if ask(turn, body):
        direct.want_back(turn)


def take_off_hold(turn: Turn, body: commands.Unhold) -> None:
    """Whom one called waits meanwhile, and does not hear the citizen; whoever has not answered yet is let go."""
    if not ask(turn, body):
        return
    hold_others(turn, body.contact)
    direct.set_all_aside(turn)
    if len(direct.made(turn)) != len(direct.answered(turn)):
        outgoing.hang_up_all(turn)


def decline(turn: Turn, intent: DeclineOffer) -> None:
    contact = turn.view.contacts.get(intent.contact)
    if contact is None or not ask(turn, commands.DeclineOffer(contact=contact.id)):
        return
    turn.remember(letting_go=turn.model.letting_go | {contact.id})
    telephone.hang_up_for(turn, contact.id)


def focus(turn: Turn, intent: Focus) -> None:
    if intent.contact in turn.view.shown:
        turn.show(focus=intent.contact)
        return
    if intent.contact not in turn.view.contacts:
        return
    turn.show(focus=intent.contact)
    if intent.contact not in turn.view.history:
        turn.perform(FetchHistory(intent.contact))


def ask(turn: Turn, body: Struct) -> bool:
    """A wire command as it is; asked again before the answer is there, it is not sent twice."""
    return body not in turn.model.commands.values() and bool(turn.command(body))


def give_away(
    turn: Turn,
    body: commands.Transfer
    | commands.CloseContact
    | commands.CompleteTransfer
    | commands.Reassign
    | commands.BlockCaller,
) -> None:
    """Notes go first: the contact may not be this person's afterwards."""
    writing.flush_notes(turn, body.contact)
    contact = turn.view.contacts.get(body.contact)
    if not ask(turn, body):
        return
    if isinstance(body, commands.Transfer | commands.CompleteTransfer | commands.Reassign):
        consulting.withdraw_refusals(turn)
    if contact is not None and is_held(turn, contact):
        turn.remember(letting_go=turn.model.letting_go | {body.contact})
        if isinstance(body, commands.Transfer):
            consulting.remember_number(turn, body)
        if isinstance(body, commands.Transfer | commands.CompleteTransfer):
            consulting.hand_out(turn, body)


def check_step(turn: Turn, body: commands.CheckStep) -> None:
    turn.command(body)
    mark_step(turn, body, done=body.done)


def mark_step(turn: Turn, body: commands.CheckStep, *, done: bool) -> None:
    contact = turn.view.contacts.get(body.contact)
    if contact is not None:
        steps = tuple(step for step in contact.steps if step != body.step)
        changed = altered(contact, steps=(*steps, body.step) if done else steps)
        turn.show(contacts={**turn.view.contacts, contact.id: changed})


# --- what central answered ---


def hear_of_monitoring(turn: Turn, body: commands.Monitor) -> None:
    """The mode of a call already joined has changed; a new one brings its mode with it."""
    calls = (replace(c, monitoring=body.mode) if c.contact == body.contact else c for c in turn.view.phone.calls)
    telephone.show_phone(turn, calls=tuple(calls))


def hear_of_offer(turn: Turn, body: commands.AcceptOffer) -> None:
    """The acceptance was refused: somebody else has the contact, or nobody."""
    turn.remember(accepting=turn.model.accepting - {body.contact})
    for call in turn.view.phone.calls:
        if call.contact == body.contact:
            turn.perform(Telephone(HangUp(call=call.id)))
    put_focus(turn)


def keep_after_all(turn: Turn, body: Any) -> None:
    turn.remember(letting_go=turn.model.letting_go - {body.contact})


def uncheck_step(turn: Turn, body: commands.CheckStep) -> None:
    mark_step(turn, body, done=not body.done)


REFUSED: dict[type[Struct], Callable[[Turn, Any], None]] = {
    commands.AcceptOffer: hear_of_offer,
    commands.DeclineOffer: keep_after_all,
    commands.Transfer: keep_after_all,
    commands.CompleteTransfer: keep_after_all,
    commands.Hold: lambda turn, _body: turn.remember(resuming=""),
    commands.CloseContact: keep_after_all,
    commands.Reassign: keep_after_all,
    commands.CheckStep: uncheck_step,
}
"""What is undone when central refuses a command."""
