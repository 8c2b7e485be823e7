"""What has changed between two states of the desk, each change a sentence to be announced."""

from collections.abc import Iterator

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.protocol.enums import AdvisorState, Author, Channel, ContactState, Delivery
from catgem_tui.protocol.model import Contact, Message
from catgem_tui.ui import wording
from catgem_tui.ui.contacts import urgency
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.panes.protocol import steps_of
from catgem_tui.ui.reader import directory_news, facts, floor_news, phone_news
from catgem_tui.ui.reader.announcements import SEARCH, News, ended
from catgem_tui.ui.reader.linear import join

_TOLD_BY_CONTACTS = {AdvisorState.OFFERED, AdvisorState.BUSY, AdvisorState.WRAP_UP}
"""What the contact that brings them says already."""
PRESSING = frozenset({"offer", "unheard", "emergency", "line", "form", SEARCH})
"""Topics that wait for nothing: what has to be done now, and what one's own keys came to."""
Told = Iterator[tuple[str, str]]
"""(topic, words)"""


def changes(before: DeskState, after: DeskState, keymap: KeysInForce) -> list[News]:
    """Everything to be announced, the most pressing last: it stands at the end of what is read."""
    told = (
        *directory_news.changes(before, after),
        *floor_news.changes(before, after),
        *_contacts(before, after),
        *_messages(before, after),
        *phone_news.changes(before, after),
        *_self(before, after),
        *_examination(before, after),
        *_notices(before, after),
        *_offer(before, after, keymap),
    )
    return [News(topic, words, pressing=topic in PRESSING) for topic, words in told if words]


def _contacts(before: DeskState, after: DeskState) -> Told:
    for contact in after.mine:
        old = before.contacts.get(contact.id)
        if old is not None:
            yield from (("", words) for words in _contact(old, contact, after))
    held = {contact.id for contact in after.mine}
    for gone in before.mine:
        if gone.id not in held and gone.state is not ContactState.OFFERED:
            yield "", _("%s is no longer with you.") % facts.who(gone)
    if after.focus != before.focus:
        at_hand = after.focused
        yield "focus", _("At hand: %s") % facts.who(at_hand) if at_hand is not None else _("No contact at hand.")


def _contact(old: Contact, new: Contact, state: DeskState) -> Iterator[str]:
    """What happened to one contact of mine."""
    who = facts.who(new)
    if new.state is not old.state and new.state is not ContactState.OFFERED:
        yield join((who, facts.wrap_up(new) or facts.contact_state(new, state)))
    elif new.call is not None and old.call is not None and new.call.held != old.call.held:
        yield _("%s: on hold.") % who if new.call.held else _("%s: off hold, you speak with each other.") % who
    if old.citizen_present and not new.citizen_present:
        yield _("%s hung up.") % who if new.channel is Channel.CALL else _("%s left.") % who
    elif new.citizen_present and not old.citizen_present:
        yield _("%s is back.") % who
    if new.emergency and not old.emergency:
        yield _("%s: marked as an emergency.") % who
    if new.warned and not old.warned:
        yield join((who, _("caller warned")))
    if new.call is not None and old.call is not None:
        yield from phone_news.call(old.call, new.call)
    if new.state is old.state and new.wrap_up_ends_at != old.wrap_up_ends_at:
        yield join((who, facts.wrap_up(new)))
    if len(new.steps) != len(old.steps):
        done = {"done": len(new.steps), "steps": len(steps_of(state, new))}
        yield _("Protocol: %(done)d of %(steps)d") % done


def lateness(before: dict[str, str], state: DeskState, now: float) -> tuple[dict[str, str], list[News]]:
    """The urgency of each of my contacts, and what of it is new: told once, when it begins."""
    after = {contact.id: urgency(contact, state.settings, now) for contact in state.mine}
    told = []
    for contact in state.mine:
        level = after[contact.id]
        if level != before.get(contact.id, "text") and level in facts.URGENCIES:
            over = contact.state is ContactState.WRAP_UP
            words = _("the wrap-up is nearly over") if over else _(facts.URGENCIES[level])
            told.append(News("", f"{facts.who(contact)}: {words}."))
    return after, told


def _messages(before: DeskState, after: DeskState) -> Told:
    for contact in after.mine:
        seen = before.messages.get(contact.id)
        now = after.messages.get(contact.id, ())
        if seen is None:
            now = now[-1:]
        known = {message.id: message for message in seen or ()}
        for message in now:
            if message.id not in known:
                yield "", _arrived(message, contact)
            elif message.delivery is Delivery.FAILED and known[message.id].delivery is not Delivery.FAILED:
                yield "", _("Not sent: %s") % message.text


def _arrived(message: Message, contact: Contact) -> str:
    if message.author is Author.ADVISOR:
        return ""  # one has just written it
    if message.author is Author.SYSTEM:
        return message.text
    name = message.name or wording.citizen(contact)
    if message.mail is not None:
        return _("Mail from %(name)s: %(subject)s") % {"name": name, "subject": message.mail.subject}
    return _("%(name)s writes: %(text)s") % {"name": name, "text": message.text}


def _self(before: DeskState, after: DeskState) -> Told:
    if after.me is not None and after.me.state not in _TOLD_BY_CONTACTS:
        words = wording.advisor_state(after.me, after.settings)
        if before.me is None or words != wording.advisor_state(before.me, before.settings):
            yield "me", words
    if after.me is not None:
        later = wording.next_state(after.me, after.settings)
        if later and (before.me is None or later != wording.next_state(before.me, before.settings)):
            yield "me", later
    if after.line is not before.line and after.line is not Line.LOGGED_OUT:
        yield "line", facts.connection(after)


def _examination(before: DeskState, after: DeskState) -> Told:
    """What it came to, once it is over; the page has the rest."""
    if not before.examination.going or after.examination.going:
        return
    levels = [finding.level for found in after.examination.found.values() for finding in found]
    faults, warnings = levels.count("fault"), levels.count("warning")
    told = (
        ngettext("%d fault", "%d faults", faults) % faults,
        ngettext("%d warning", "%d warnings", warnings) % warnings,
    )
    yield "examination", join((_("This workstation, examined"), *told))


def _notices(before: DeskState, after: DeskState) -> Told:
    known = {notice.id for notice in before.notices}
    for notice in after.notices:
        if notice.id not in known:
            yield "emergency" if notice.code == "emergency_called" else "", facts.notice(notice, after)


def _offer(before: DeskState, after: DeskState, keymap: KeysInForce) -> Told:
    old = before.offer.id if before.offer else before.asked.contact.id if before.asked else ""
    new = after.offer.id if after.offer else after.asked.contact.id if after.asked else ""
    if new and new != old:
        yield "offer", " ".join(map(ended, facts.offer(after, keymap)))
    elif old and not new and old not in after.contacts and old not in after.shown:
        yield "offer", _("The offer is over.")
