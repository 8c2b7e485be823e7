"""Notes, drafts and messages: what a person types is never lost and never overwrites what another wrote."""

from collections.abc import Iterable

from msgspec.structs import replace

from catgem_tui.desk.effects import DropText, KeepText
from catgem_tui.desk.happenings import DraftDue, NotesDue
from catgem_tui.desk.intents import EditDraft, EditNotes, Send
from catgem_tui.desk.model import Turn, Writing
from catgem_tui.desk.pieces import pieces
from catgem_tui.desk.state import Notes
from catgem_tui.protocol.commands import SaveDraft, SaveNotes, SendChat, SendMail
from catgem_tui.protocol.enums import Author, Channel, Delivery, Refusal
from catgem_tui.protocol.events import MessageAdded
from catgem_tui.protocol.frames import MAX_FRAME, Refused, command_frame, encode
from catgem_tui.protocol.model import Contact, Message, Struct

NOTES_PAUSE = 0.8
"""Seconds without a keystroke before the notes are saved at central."""
DRAFT_PAUSE = 2.0
MOST_PIECES = 5
"""Messages that one chat line may become; a longer one was pasted by mistake."""
STALE_PAUSE = 3.0
"""Seconds until a stale save is tried again if the newer notes have not come by then."""


def merge(base: str, theirs: str, ours: str) -> str:
    """Both texts, where two people changed ``base``: what was added here follows what stands there."""
    if ours == base or ours in theirs:
        return theirs
    if theirs == base or theirs in ours:
        return ours
    added = ours[len(base) :].strip("\n") if ours.startswith(base) else ours
    return f"{theirs}\n{added}" if theirs else added


# --- notes ---


def edit_notes(turn: Turn, intent: EditNotes) -> None:
    contact = turn.view.contacts.get(intent.contact)
    if contact is None:
        return
    writing = turn.model.notes.get(contact.id)
    if writing is None:
        writing = Writing(text="", base=contact.notes, revision=contact.notes_revision)
    put_notes(turn, contact.id, replace(writing, text=intent.text))
    turn.later(NOTES_PAUSE, NotesDue(contact.id))


def put_notes(turn: Turn, contact: str, writing: Writing) -> None:
    turn.remember(notes={**turn.model.notes, contact: writing})
    turn.show(notes={**turn.view.notes, contact: Notes(writing.text, writing.saved)})
    if writing.saved:
        turn.perform(DropText(contact, "notes"))
    else:
        turn.perform(KeepText(contact, "notes", writing.text, writing.base, writing.revision))


def save_notes(turn: Turn, event: NotesDue) -> None:
    """One save at a time, so that revisions follow each other."""
    writing = turn.model.notes.get(event.contact)
    if writing is None or writing.saved or writing.sending or event.contact not in turn.view.contacts:
        return
    body = SaveNotes(contact=event.contact, text=writing.text, revision=writing.revision + 1)
    if is_too_long(body):
        turn.notify(Refusal.TOO_LONG.value, field="notes", contact=event.contact)
        return
    command_id = turn.command(body)
    put_notes(turn, event.contact, replace(writing, sending=command_id, sent=writing.text))


def learn_notes(turn: Turn, contact: Contact) -> None:
    """Central has newer notes than those typed on here: ours seen from there, or somebody else's to be merged."""
    writing = turn.model.notes.get(contact.id)
    if writing is None or contact.notes_revision <= writing.revision:
        return
    ours_came_back = bool(writing.sending) and contact.notes == writing.sent
    text = writing.text if ours_came_back else merge(writing.base, contact.notes, writing.text)
    put_notes(turn, contact.id, replace(writing, text=text, base=contact.notes, revision=contact.notes_revision))
    if text != contact.notes:
        turn.later(NOTES_PAUSE, NotesDue(contact.id))


def hear_of_notes(turn: Turn, command_id: str, body: SaveNotes, refused: Refused | None) -> None:
    """A save was answered. Refused as stale means that somebody else's notes are there or on their way."""
    writing = turn.model.notes.get(body.contact)
    if writing is None and refused is None:
        turn.perform(DropText(body.contact, "notes"))
    if writing is None or writing.sending != command_id:
        return
    writing = replace(writing, sending="", sent="")
    if refused is None and writing.revision < body.revision:
        writing = replace(writing, base=body.text, revision=body.revision)
    put_notes(turn, body.contact, writing)
    if writing.saved or (refused is not None and refused.code is not Refusal.STALE):
        return
    unseen = refused is not None and writing.revision < body.revision
    turn.later(STALE_PAUSE if unseen else NOTES_PAUSE, NotesDue(body.contact))


# --- drafts ---


def edit_draft(turn: Turn, intent: EditDraft) -> None:
    contact = turn.view.contacts.get(intent.contact)
    if contact is None:
        return
    put_draft(turn, contact.id, intent.text)
    if contact.channel is Channel.MAIL:
        writing = turn.model.drafts.get(contact.id, Writing(text="", base=contact.draft))
        turn.remember(drafts={**turn.model.drafts, contact.id: replace(writing, text=intent.text)})
        turn.later(DRAFT_PAUSE, DraftDue(contact.id))


def put_draft(turn: Turn, contact: str, text: str) -> None:
    drafts = {**turn.view.drafts, contact: text}
    if not text:
        del drafts[contact]
    turn.show(drafts=drafts)
    turn.perform(KeepText(contact, "draft", text) if text else DropText(contact, "draft"))


def save_draft(turn: Turn, event: DraftDue) -> None:
    writing = turn.model.drafts.get(event.contact)
    if writing is None or writing.saved or writing.sending or event.contact not in turn.view.contacts:
        return
    body = SaveDraft(contact=event.contact, text=writing.text)
    if is_too_long(body):
        turn.notify(Refusal.TOO_LONG.value, field="draft", contact=event.contact)
        return
    command_id = turn.command(body)
    turn.remember(drafts={**turn.model.drafts, event.contact: replace(writing, sending=command_id, sent=writing.text)})


def hear_of_draft(turn: Turn, command_id: str, body: SaveDraft, refused: Refused | None) -> None:
    writing = turn.model.drafts.get(body.contact)
    if writing is None or writing.sending != command_id:
        return
    base = body.text if refused is None else writing.base
    turn.remember(drafts={**turn.model.drafts, body.contact: replace(writing, sending="", sent="", base=base)})
    if refused is None and writing.text != base:
        turn.later(DRAFT_PAUSE, DraftDue(body.contact))


def learn_draft(turn: Turn, contact: Contact) -> None:
    """A mail begun elsewhere, or by an earlier process on another machine, goes on here."""
    if contact.channel is Channel.MAIL and contact.draft and contact.id not in turn.model.drafts:
        text = turn.view.drafts.get(contact.id, contact.draft)
        turn.remember(drafts={**turn.model.drafts, contact.id: Writing(text=text, base=contact.draft)})
        turn.show(drafts={**turn.view.drafts, contact.id: text})


# --- messages ---


def send(turn: Turn, intent: Send) -> None:
    """What is said is on the screen at once, pending, and in the outbox before it is on the wire."""
    contact = turn.view.contacts.get(intent.contact)
    if contact is None or contact.channel is Channel.CALL or not intent.text.strip():
        return
    bodies: list[SendChat | SendMail] = [SendMail(contact=contact.id, text=intent.text)]
    if contact.channel is Channel.CHAT:  # a long line leaves as several
        parts = pieces(intent.text, turn.view.longest(Channel.CHAT))
        bodies = [SendChat(contact=contact.id, text=part) for part in parts]
    if len(bodies) > MOST_PIECES or any(map(is_too_long, bodies)):
        put_draft(turn, contact.id, intent.text)
        turn.notify(Refusal.TOO_LONG.value, field="text", contact=contact.id)
        return
    for body in bodies:
        add_message(turn, pending_message(turn, turn.command(body), body))
    put_draft(turn, contact.id, "")
    # Known and empty: the draft central still has is not taken for one begun elsewhere.
    turn.remember(drafts={**turn.model.drafts, contact.id: Writing(text="")})


def pending_message(turn: Turn, command_id: str, body: SendChat | SendMail) -> Message:
    user = turn.view.user
    return Message(
        id=command_id,
        contact=body.contact,
        author=Author.ADVISOR,
        text=body.text,
        sent_at=turn.view.now(turn.now),
        name="" if user is None else user.name,
        delivery=Delivery.PENDING,
    )


def add_message(turn: Turn, message: Message) -> None:
    """Add or replace one; central's word on a message of ours replaces the pending one."""
    others = [m for m in turn.view.messages.get(message.contact, ()) if m.id != message.id]
    here = len(others)
    while here and others[here - 1].sent_at > message.sent_at:
        here -= 1
    others.insert(here, message)
    turn.show(messages={**turn.view.messages, message.contact: tuple(others)})


def hear_message(turn: Turn, event: MessageAdded) -> None:
    add_message(turn, event.message)
    if event.message.author is Author.CITIZEN:
        turn.show(typing=turn.view.typing - {event.message.contact})


def hear_of_message(turn: Turn, command_id: str, body: SendChat | SendMail, refused: Refused | None) -> None:
    """A message central would not have goes back to where it was written, for when its contact is here again too."""
    if refused is None:
        return
    left = tuple(m for m in turn.view.messages.get(body.contact, ()) if m.id != command_id)
    turn.show(messages={**turn.view.messages, body.contact: left})
    typed = turn.view.drafts.get(body.contact, "")
    text = f"{body.text}\n{typed}" if typed else body.text
    if body.contact in turn.view.contacts:
        edit_draft(turn, EditDraft(body.contact, text))
    else:
        put_draft(turn, body.contact, text)


# --- what an earlier process left ---


def restore_texts(turn: Turn, texts: Iterable[KeepText], commands: Iterable[tuple[str, Struct]]) -> None:
    """Texts typed and not saved, and saves sent and not answered. Texts already on the desk are newer."""
    notes, shown, drafts = dict(turn.model.notes), dict(turn.view.notes), dict(turn.view.drafts)
    fresh = {text.contact for text in texts if text.field == "notes" and text.contact not in notes}
    for text in texts:
        if text.field == "draft":
            drafts.setdefault(text.contact, text.text)
        elif text.field == "notes" and text.contact in fresh:
            notes[text.contact] = Writing(text=text.text, base=text.base, revision=text.revision)
            shown[text.contact] = Notes(text.text, saved=False)
    for command_id, body in commands:
        if isinstance(body, SaveNotes) and body.contact in fresh:
            notes[body.contact] = replace(notes[body.contact], sending=command_id, sent=body.text)
    turn.remember(notes=notes)
    turn.show(notes=shown, drafts=drafts)


def save_restored(turn: Turn) -> None:
    """Central is there: what an earlier process could not save any more is saved now."""
    for contact, writing in turn.model.notes.items():
        if not writing.saved and not writing.sending:
            turn.later(NOTES_PAUSE, NotesDue(contact))


def flush_notes(turn: Turn, contact: str) -> None:
    """Save what is typed before the contact goes."""
    writing = turn.model.notes.get(contact)
    if writing is not None and not writing.saved and not writing.sending:
        save_notes(turn, NotesDue(contact))
    elif writing is not None and writing.sending and writing.text != writing.sent:
        # The save on its way will have been done when this one is looked at.
        body = SaveNotes(contact=contact, text=writing.text, revision=writing.revision + 2)
        command_id = turn.command(body)
        put_notes(turn, contact, replace(writing, sending=command_id, sent=writing.text))


def forget_texts(turn: Turn, contact: str) -> None:
    """The contact is gone from this desk. What was not saved stays on disk until its save is answered."""
    turn.remember(
        notes={c: w for c, w in turn.model.notes.items() if c != contact},
        drafts={c: w for c, w in turn.model.drafts.items() if c != contact},
    )
    turn.show(
        notes={c: n for c, n in turn.view.notes.items() if c != contact},
        drafts={c: d for c, d in turn.view.drafts.items() if c != contact},
    )


def is_too_long(body: Struct) -> bool:
    """Whether the wire would not carry it: a frame is limited in bytes, and text may grow when it is encoded."""
    return len(encode(command_frame("0" * 36, body)).encode()) > MAX_FRAME
