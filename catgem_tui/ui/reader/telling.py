"""What each pane says in screen-reader mode, where its own lines are made for the eye."""

import re
from collections.abc import Callable

from textual.widget import Widget

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import CurrencySpan, Figures, LoggedChange
from catgem_tui.protocol.enums import ENDED_STATES, AdvisorState, Author, Channel, ContactState, Delivery
from catgem_tui.protocol.model import Advisor, Contact, Message
from catgem_tui.ui import figures, wording
from catgem_tui.ui.contacts import urgency
from catgem_tui.ui.evidence import deed_of, duration, spans_of
from catgem_tui.ui.lines import Row, span
from catgem_tui.ui.panes.band import OfferBand
from catgem_tui.ui.panes.contact import ContactHead
from catgem_tui.ui.panes.conversation import Conversation
from catgem_tui.ui.panes.header import HeaderPane
from catgem_tui.ui.panes.lists import HistoryPane, MyContacts, QueuePane
from catgem_tui.ui.panes.protocol import ProtocolPane, steps_of
from catgem_tui.ui.panes.strips import PhoneStrip
from catgem_tui.ui.panes.telephone import TelephoneCard
from catgem_tui.ui.reader import facts
from catgem_tui.ui.reader.linear import join
from catgem_tui.ui.screens.currency import CurrencyTable
from catgem_tui.ui.screens.floor import AdvisorTable, ContactTable, MonitoringBand
from catgem_tui.ui.screens.log import LogRows

_ADDRESS = re.compile(r"\s*<([^<>]*)>")
"""A mail's address behind its owner's name (RFC 5322)."""
Sentences = tuple[str, ...]


def tell(pane: Widget, state: DeskState, now: float) -> Sentences | None:
    """The sentences of a pane; None where what it draws reads well by itself."""
    told: Sentences | None = None
    match pane:
        case HeaderPane():
            told = (facts.own_state(state), facts.connection(state))
        case OfferBand():
            told = tuple(facts.offer(state, pane.keymap))
        case ContactHead() if state.focused is not None:
            told = tuple(facts.contact_at_hand(state))
        case Conversation() if state.focused is not None:
            told = conversation(state, state.focused)
        case HistoryPane() if state.focused is not None:
            told = history(state, state.focused)
        case TelephoneCard():
            told = tuple(facts.besides(state, now))
            if told:
                told = (*told, join(facts.keyed(key, name) for key, name in pane.keys(state)))
        case MonitoringBand():
            told = tuple(filter(None, (facts.monitored(state),)))
        case CurrencyTable() if state.keeping.currency is not None and not state.keeping.problem:
            told = tuple(currency(name, each) for name, each in spans_of(state.keeping.currency, pane.days))
        case PhoneStrip():
            told = (*facts.telephone(state), *wording.lacking(state.phone, state.secrets))
    return told


def tell_rows(pane: Widget, state: DeskState, now: float) -> tuple[Row, ...] | None:
    """The rows of a list, each a sentence; None as above, and where the list is empty and says so itself."""
    tellers: dict[type[Widget], Callable[[], list[tuple[str, str]]]] = {
        MyContacts: lambda: [
            (contact.id, facts.contact_row(contact, state, now))
            for contact in (*state.mine, *(each.contact for each in state.shown.values()))
        ],
        QueuePane: lambda: [
            (
                waiting.contact,
                join(
                    (
                        facts.channel(waiting.channel),
                        _("queue: %s") % wording.queue_label(state.settings, waiting.queue),
                        _("late") if waiting.late else "",
                        _("waiting since %s") % figures.clock(waiting.since),
                    )
                ),
            )
            for waiting in state.summary.next
        ],
        ProtocolPane: lambda: protocol(state),
        LogRows: lambda: [(str(change.number), log_line(change, now)) for change in state.keeping.log],
        AdvisorTable: lambda: [
            (each.user.id, advisor(each, state)) for each in sorted(state.advisors.values(), key=_by_name)
        ],
        ContactTable: lambda: [
            (each.id, floor_contact(each, state, now)) for each in sorted(_live(state), key=_by_urgency)
        ],
    }
    teller = tellers.get(type(pane))
    rows = teller() if teller is not None else []
    return tuple(Row(key, ((span(words),),)) for key, words in rows) or None


def conversation(state: DeskState, contact: Contact) -> Sentences:
    """What was written, oldest first in a chat and newest first in a mail; each begins with who and when."""
    if contact.channel is Channel.CALL:
        return ()
    messages = state.messages.get(contact.id, ())
    if not messages:
        return (_("No messages yet."),)
    ordered = reversed(messages) if contact.channel is Channel.MAIL else iter(messages)
    return tuple(part for message in ordered for part in _message(message, contact))


def _message(message: Message, contact: Contact) -> Sentences:
    ours = message.author is Author.ADVISOR
    delivery = {Delivery.PENDING: _("being sent"), Delivery.FAILED: _("not sent")}.get(message.delivery, "")
    name = "" if message.author is Author.SYSTEM else _("You") if ours else message.name or wording.citizen(contact)
    when = figures.clock(message.sent_at)
    if message.mail is None:
        head = ", ".join(filter(None, (name, when, delivery if ours else "")))
        return (f"{head}: {message.text}",)
    sender = name if ours else _ADDRESS.sub(r", \1", message.mail.sender) or name
    return (
        join((_("Mail from %s") % sender, f"{figures.date(message.sent_at)} {when}", delivery if ours else "")),
        _("Subject: %s") % message.mail.subject,
        *(
            _("Attached: %(name)s, %(size)s") % {"name": name, "size": figures.size(size)}
            for name, _kind, size in message.mail.attachments
        ),
        *(part for part in message.text.split("\n") if part.strip()),
    )


def history(state: DeskState, contact: Contact) -> Sentences:
    """Who is being served, and their earlier contacts, newest first."""
    citizen = contact.citizen
    known = tuple(filter(None, (citizen.name, figures.telephone(citizen.phone), citizen.email, citizen.place)))
    dispositions = state.settings.dispositions if state.settings else ()
    earlier = tuple(
        join(
            (
                figures.date(item.arrived_at),
                facts.channel(item.channel),
                item.subject or wording.option_label(dispositions, item.disposition),
                _(wording.OUTCOMES[item.outcome]) if item.outcome else "",
                _("folio %s") % item.folio,
            )
        )
        for item in state.history.get(contact.id, ())
    )
    return (*(known or (_("Has given no details."),)), *(earlier or (_("First contact that we know of."),)))


def protocol(state: DeskState) -> list[tuple[str, str]]:
    """The steps; the next one with the words to say."""
    contact = state.focused
    if contact is None:
        return []
    steps = steps_of(state, contact)
    coming = next((step.id for step in steps if step.id not in contact.steps), "")
    name = state.user.name if state.user else ""
    return [
        (
            step.id,
            join(
                (
                    wording.label(step),
                    _("done") if step.id in contact.steps else _("to do"),
                    _("sensitive data") if step.sensitive and step.id not in contact.steps else "",
                    _("say: %s") % wording.script(step).replace("{advisor}", name)
                    if step.id == coming and wording.script(step)
                    else "",
                )
            ),
        )
        for step in steps
    ]


def advisor(each: Advisor, state: DeskState) -> str:
    """A row of the floor: who, what they do and since when, what they serve, what they lack."""
    held = [facts.who(state.contacts[key]) for key in each.contacts if key in state.contacts]
    away = each.state is AdvisorState.OFFLINE
    return join(
        (
            each.user.name,
            wording.advisor_state(each, state.settings),
            _("since %s") % figures.clock(each.since) if each.since else "",
            _("serves: %s") % ", ".join(held) if held else "",
            "" if each.connected or away else _("no line"),
            "" if each.phone_ready or away else _("no telephone"),
        )
    )


def floor_contact(contact: Contact, state: DeskState, now: float) -> str:
    """A row of the floor: who, where, how it stands."""
    served = state.advisors.get(contact.advisor or "")
    return join(
        (
            facts.calm(_("EMERGENCY")) if contact.emergency else "",
            facts.who(contact),
            _("served by: %s") % served.user.name
            if served is not None
            else _("queue: %s") % wording.queue_label(state.settings, contact.queue),
            facts.contact_state(contact, state),
            _(facts.URGENCIES.get(urgency(contact, state.settings, now), "")),
            _("since %s") % figures.clock(contact.accepted_at or contact.arrived_at),
            _("folio %s") % contact.folio,
        )
    )


def currency(name: str, each: CurrencySpan) -> str:
    """A row of how quickly changes arrive, with what each of its figures means."""
    if not each.count:
        return join((f"{name}:", _("no changes")))
    return join((
        f"{name}:",
        ngettext("%d change", "%d changes", each.count) % each.count,
        _shares(_("from the document until it was published: %s"), each.document),
        _shares(_("from then until it was everywhere: %s"), each.reach),
    ))  # fmt: skip


def _shares(words: str, of: Figures) -> str:
    if of.median is None:
        return ""
    figure = {"half": duration(of.median), "most": duration(of.p95), "longest": duration(of.max)}
    return words % (_("half within %(half)s, 95 of 100 within %(most)s, the longest %(longest)s") % figure)


def log_line(change: LoggedChange, now: float) -> str:
    """A row of the change log: when, who, what, of which record, on which document."""
    deed = _(wording.LOG_DEEDS[deed_of(change)])
    return join(
        (figures.moment(change.at, now), change.who, deed, change.title or change.record, change.support.reference)
    )


def _by_name(each: Advisor) -> str:
    return each.user.name


def _live(state: DeskState) -> list[Contact]:
    return [contact for contact in state.contacts.values() if contact.state not in ENDED_STATES]


def _by_urgency(contact: Contact) -> tuple[bool, bool, float]:
    return (not contact.emergency, contact.state is not ContactState.QUEUED, contact.arrived_at)
