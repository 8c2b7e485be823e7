"""What has changed between two states of the desk, each change a sentence to be announced."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import AdvisorState, Author, Channel, ContactState, Delivery
from catgem_tui.protocol.model import Contact, Message
from catgem_tui.ui import actions, figures, wording
from catgem_tui.ui.contacts import urgency
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.panes.protocol import steps_of
from catgem_tui.ui.reader import facts
from catgem_tui.ui.reader.linear import join
from catgem_tui.ui.records import title_of

_TOLD_BY_CONTACTS = {AdvisorState.OFFERED, AdvisorState.BUSY, AdvisorState.WRAP_UP}
"""What the contact that brings them says already."""
KEPT = 50
"""Announcements that can be read again."""


@dataclass(frozen=True, slots=True)
class News:
    topic: str
    """A later one of the same topic takes the place of the one just before it: of a search only the last counts."""
    words: str


class Announcements:
    """The last ``KEPT``, newest last; and how many of them were not shown yet."""

    def __init__(self) -> None:
        self.told: deque[News] = deque(maxlen=KEPT)
        self.unshown = 0
        self._back = 0

    def add(self, news: Sequence[News]) -> None:
        for each in news:
            if self.told and each.topic and self.told[-1].topic == each.topic:
                self.told[-1] = each
                self.unshown = max(1, self.unshown)
            else:
                self.told.append(each)
                self.unshown = min(self.unshown + 1, len(self.told))
        if news:
            self._back = 0

    def take(self, fits: Callable[[str], bool]) -> tuple[str, int]:
        """As many of those not shown yet as fit, oldest first and at least one; and how many are left."""
        waiting = list(self.told)[len(self.told) - self.unshown :]
        words = ""
        for each in waiting:
            joined = f"{words} {ended(each.words)}".strip()
            if words and not fits(joined):
                break
            words = joined
            self.unshown -= 1
        return words, self.unshown

    def step_back(self) -> tuple[str, int]:
        """The newest again, then at each call the one before it; and which that is, counted from the newest."""
        if not self.told:
            return "", 0
        self._back = self._back % len(self.told) + 1
        return self.told[-self._back].words, self._back


def ended(words: str) -> str:
    return words if words.endswith((".", "?", "!", "…")) else f"{words}."


def changes(before: DeskState, after: DeskState, keymap: KeysInForce) -> list[News]:
    """Everything to be announced, the most pressing last: it stands at the end of what is read."""
    told = (
        *_search(before, after),
        *_contacts(before, after),
        *_messages(before, after),
        *_phone(before, after),
        *_self(before, after),
        *_directory(before, after),
        *_examination(before, after),
        *_notices(before, after),
        *_offer(before, after, keymap),
    )
    return [News(topic, words) for topic, words in told if words]


Told = Iterator[tuple[str, str]]


def _search(before: DeskState, after: DeskState) -> Told:
    directory, old = after.directory, before.directory
    if not directory.query.strip() or directory.answered != directory.query:
        return  # nothing is sought, or a newer answer is on its way
    if directory.answered == old.answered and (directory.hits[:1], len(directory.hits)) == (
        old.hits[:1],
        len(old.hits),
    ):
        return
    count = len(directory.hits)
    if not count:
        yield "search", _("Nothing found.")
        return
    words = ngettext("%d result, first %s", "%d results, first %s", count)
    yield "search", words % (count, title_of(directory.hits[0]))


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
        yield join((who, facts.contact_state(new, state)))
    elif new.call is not None and old.call is not None and new.call.held != old.call.held:
        yield _("%s: on hold.") % who if new.call.held else _("%s: off hold, you speak with each other.") % who
    if old.citizen_present and not new.citizen_present:
        yield _("%s hung up.") % who if new.channel is Channel.CALL else _("%s left.") % who
    if new.emergency and not old.emergency:
        yield _("%s: marked as an emergency.") % who
    if new.call is not None and old.call is not None:
        if new.call.recording_paused != old.call.recording_paused:
            yield _("Recording paused.") if new.call.recording_paused else _("Recording goes on.")
        if new.call.consultation != old.call.consultation and new.call.consultation is not None:
            asked = new.call.consultation
            yield join((_("Asking %s") % wording.consulted(asked), _("connected") if asked.connected else ""))
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


def _phone(before: DeskState, after: DeskState) -> Told:
    if after.phone.status is not before.phone.status:
        yield "phone", _(facts.PHONES[after.phone.status])
    old, new = _own_calls(before), _own_calls(after)
    for call_id, how in new.items():
        if how is not old.get(call_id):
            yield "", facts.call_words(after, call_id)
    for call_id in old:
        if call_id not in new:
            yield "", _("Call over: %s") % facts.call_words(before, call_id)
    if actions.telephoning(after) and actions.muted(after) != actions.muted(before):
        yield "microphone", _("Microphone closed") if actions.muted(after) else _("Microphone open")
    if after.phone.unheard and not before.phone.unheard:
        yield "unheard", _("You are not heard: the microphone is closed")


def _own_calls(state: DeskState) -> dict[str, CallState]:
    """The calls that are no contact's: of a citizen's call the contact tells."""
    return {call.id: call.state for call in state.phone.calls if call.number or call.monitoring is not None}


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
        yield "line", _(wording.LINES[after.line])


def _directory(before: DeskState, after: DeskState) -> Told:
    old, new = facts.directory(before.directory), facts.directory(after.directory)
    if new != old and (new or after.directory.complete):
        count = after.directory.records
        whole = ngettext("The directory is here: %s record.", "The directory is here: %s records.", count)
        yield "directory", new or whole % figures.count(count)


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
            yield "", wording.notice(notice, after.central)


def _offer(before: DeskState, after: DeskState, keymap: KeysInForce) -> Told:
    old = before.offer.id if before.offer else before.asked.contact.id if before.asked else ""
    new = after.offer.id if after.offer else after.asked.contact.id if after.asked else ""
    if new and new != old:
        yield "", " ".join(f"{words}." for words in facts.offer(after, keymap))
    elif old and not new and old not in after.contacts and old not in after.shown:
        yield "", _("The offer is over.")
