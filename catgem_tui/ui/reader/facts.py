"""What there is to say of the desk, in sentences: one fact each, with the times at which things began.

None has a clock that counts: such a line would be read again every second.
"""

from collections.abc import Callable, Iterable

from catgem_tui.config.i18n import N_, _, ngettext
from catgem_tui.desk.state import PAUSED, DeskState, DirectoryView, Notice, PhoneCall, PhoneStatus, PhoneView
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import AdvisorState, Channel, ContactState, Monitoring
from catgem_tui.protocol.model import Advisor, Call, Contact, QueueSummary
from catgem_tui.ui import actions, figures, registered, wording
from catgem_tui.ui.contacts import handed_by, urgency
from catgem_tui.ui.keys import KeysInForce, key_name
from catgem_tui.ui.lines import Span
from catgem_tui.ui.panes.contact import coordination, is_cut
from catgem_tui.ui.panes.protocol import next_step, steps_of
from catgem_tui.ui.panes.strips import sounding
from catgem_tui.ui.panes.telephone import people
from catgem_tui.ui.reader.linear import join, sentence

URGENCIES = {"sla.breach": N_("late"), "sla.warning": N_("soon late")}
PHONES = {
    PhoneStatus.STARTING: N_("Telephone starting"),
    PhoneStatus.READY: N_("Telephone ready"),
    PhoneStatus.RESTARTING: N_("Telephone starting again"),
    PhoneStatus.MISSING: N_("No telephone"),
    PhoneStatus.AWAY: N_("Telephone out of reach"),
    PhoneStatus.DOWN: N_("Telephone not working"),
}
CALLS = {
    CallState.DIALLING: N_("calling"),
    CallState.RINGING: N_("ringing"),
    CallState.CONFIRMED: N_("in call"),
    CallState.ENDED: N_("ended"),
}


def channel(of: Channel) -> str:
    """Its name, which a screen reader would spell if it were in capitals."""
    return _(wording.CHANNEL_TITLES[of]).capitalize()


def who(contact: Contact) -> str:
    """The channel and the citizen: ``Chat, Marisol R.``"""
    return f"{channel(contact.channel)}, {wording.citizen(contact)}"


def own_state(state: DeskState) -> str:
    """Who works here, what they are doing, what is chosen for afterwards."""
    if state.user is None:
        return ""
    me = state.me
    told = [state.user.name]
    if me is not None:
        told += [wording.advisor_state(me, state.settings), wording.next_state(me, state.settings)]
    return join(told)


def connection(state: DeskState) -> str:
    """The line to central, and what waits to be sent over it."""
    unsent = ngettext("%d thing unsent", "%d things unsent", state.unsent) % state.unsent if state.unsent else ""
    return join((calm(_(wording.LINES[state.line])), unsent))


def calm(words: str) -> str:
    """Without the capitals that catch the eye: a screen reader would spell them, or shout."""
    what, sign, rest = words.partition(":")
    return what.capitalize() + sign + rest if what.isupper() else words


def queue(summary: QueueSummary) -> str:
    """How many wait in the universal queue, by channel, and since when."""
    total = summary.calls + summary.chats + summary.mails
    if not total:
        return _("Nobody is waiting.")
    told = [ngettext("%d waiting in the queue", "%d waiting in the queue", total) % total]
    if summary.calls:
        told.append(ngettext("%d call", "%d calls", summary.calls) % summary.calls)
    if summary.chats:
        told.append(ngettext("%d chat", "%d chats", summary.chats) % summary.chats)
    if summary.mails:
        told.append(ngettext("%d mail", "%d mails", summary.mails) % summary.mails)
    if summary.oldest_since is not None:
        told.append(_("the longest since %s") % figures.clock(summary.oldest_since))
    return join(told)


def service(summary: QueueSummary) -> list[str]:
    """How the centre has done since midnight."""
    shares = ((_("service level %s"), summary.service_level), (_("satisfaction %s"), summary.satisfaction))
    return [words % figures.percent(share, 1) for words, share in shares if share is not None]


def contact_state(contact: Contact, state: DeskState) -> str:
    """How a contact stands, in words."""
    if contact.id in state.shown:
        return _("to be read, for %s") % state.shown[contact.id].by
    if contact.state is ContactState.ACTIVE and contact.call is not None and contact.call.held:
        return _("on hold since %s") % figures.clock(contact.call.held_since or contact.state_since)
    if contact.state is ContactState.WRAP_UP:
        return _(wording.ADVISOR_STATES[AdvisorState.WRAP_UP]).lower()
    return _(wording.CONTACT_STATES[contact.state])


def contact_row(contact: Contact, state: DeskState, now: float) -> str:
    """A contact in a list."""
    unread = ngettext("%d unread", "%d unread", contact.unread) % contact.unread if contact.unread else ""
    return join(
        (
            who(contact),
            contact_state(contact, state),
            _("at hand") if contact.id == state.focus else "",
            unread,
            _("is writing") if contact.id in state.typing else "",
            _(URGENCIES.get(urgency(contact, state.settings, now), "")),
            _("since %s") % figures.clock(contact.accepted_at or contact.arrived_at),
        )
    )


def contact_at_hand(state: DeskState) -> list[str]:
    """Everything about the contact in the middle, but what is written in it."""
    contact = state.focused
    if contact is None:
        return [_("No contact at hand.")]
    call = contact.call
    return list(
        filter(
            None,
            (
                join((who(contact), contact.citizen.place)),
                calm(_("EMERGENCY")) if contact.emergency else "",
                join((wrap_up(contact) or contact_state(contact, state), _present(contact))),
                _("since %s") % figures.clock(contact.accepted_at or contact.arrived_at),
                _recording(call) if call is not None and contact.state is ContactState.ACTIVE else "",
                _("folio %s") % contact.folio,
                join((wording.queue_label(state.settings, contact.queue), contact.subject)),
                _("dialled %s") % figures.telephone(call.dialled) if call is not None and call.dialled else "",
                _("handed on by %s") % by if (by := handed_by(contact, state.user)) else "",
                _("caller warned") if contact.warned else "",
                *_of_call(contact, state),
                _protocol(state, contact),
            ),
        )
    )


def _present(contact: Contact) -> str:
    if contact.citizen_present or contact.state is not ContactState.ACTIVE:
        return ""
    return _("the citizen hung up") if contact.channel is Channel.CALL else _("the citizen left")


def wrap_up(contact: Contact) -> str:
    """Until when there is time after a contact."""
    if contact.state is not ContactState.WRAP_UP or contact.wrap_up_ends_at is None:
        return ""
    return _("wrap-up until %s") % figures.clock_with_seconds(contact.wrap_up_ends_at)


def _of_call(contact: Contact, state: DeskState) -> list[str]:
    """What is special about its call."""
    call = contact.call
    if call is None or contact.state is not ContactState.ACTIVE:
        return []
    if is_cut(contact, state):
        return [_("the call was cut off")]
    connecting = "" if call.advisor_leg or call.held or call.consultation else _("connecting your telephone")
    return [connecting, *(calm(words) for words, _slot in coordination(call))]


def _recording(call: Call) -> str:
    if call.recording_paused:
        return _("recording paused")
    return _("recording") if call.recording else _("not recorded")


def _protocol(state: DeskState, contact: Contact) -> str:
    steps = steps_of(state, contact)
    if not steps:
        return ""
    done = sum(step.id in contact.steps for step in steps)
    coming = next_step(state)
    return join(
        (
            _("Protocol: %(done)d of %(steps)d") % {"done": done, "steps": len(steps)},
            _("next %s") % wording.label(coming) if coming is not None else _("Protocol complete."),
        )
    )


def offer(state: DeskState, keymap: KeysInForce) -> list[str]:
    """What is offered, or who asks; and the keys that answer."""
    offered, asked = state.offer, state.asked
    if offered is not None:
        what = _("Offered: %s") % join(
            (
                who(offered),
                wording.queue_label(state.settings, offered.queue),
                offered.subject,
                _("handed on by %s") % by if (by := handed_by(offered, state.user)) else "",
            )
        )
        alone = answered_alone(state) if state.answering[0] == offered.id else ""
    elif asked is not None:
        what = _("%(by)s asks about: %(who)s") % {"by": asked.by, "who": who(asked.contact)}
        alone = ""
    else:
        return []
    keys = (_key(keymap, "offer.accept", _("answer")), _key(keymap, "offer.decline", _("decline")))
    return [what, join((*keys, alone))]


def answered_alone(state: DeskState) -> str:
    """That the offer needs no key, and how long there is to answer or to decline by one."""
    return ngettext("it is answered by itself after %d second", "it is answered by itself after %d seconds",
                    round(state.phone.auto_answer)) % round(state.phone.auto_answer)  # fmt: skip


def answers_alone(phone: PhoneView) -> str:
    """Whether calls are answered by themselves; empty if by key."""
    seconds = round(phone.auto_answer)
    words = ngettext("Calls are answered by themselves after %d second.",
                     "Calls are answered by themselves after %d seconds.", seconds)  # fmt: skip
    return words % seconds if phone.auto_answer else ""


def registration(phone: PhoneView) -> str:
    """Whether the telephone is registered at its exchange; empty where it has none."""
    if phone.status is not PhoneStatus.READY:
        return ""
    return join(calm(words) for words, _slot in registered.tell(phone.registration, brief=False))


def quality(phone: PhoneView) -> Span | None:
    """How the call sounds, in a word and its slot; None outside calls and before it was measured."""
    if phone.quality is None or not any(call.media for call in phone.calls):
        return None
    return sounding(phone.quality, phone.card.broken)


def outside(me: Advisor) -> str:
    """The telephone outside with which one works."""
    return join((_("outside telephone"), me.outside_phone, calm(_(wording.OUTSIDE[me.outside_state][0]))))


def called(call: PhoneCall) -> str:
    """Whom one called, or who calls."""
    return join((call.name, figures.telephone(call.number)))


def _key(keymap: KeysInForce, action: str, words: str) -> str:
    key = keymap.first(action)
    return f"{spoken_key(key)} {words}" if key else ""


def spoken_key(key: str) -> str:
    """A key of the keymap as it is read: “Control L period”."""
    return sentence(((key_name(key), "key"),))


def keyed(key: str, name: str) -> str:
    """A key as it is written, and what it does."""
    return f"{sentence(((key, 'key'),))}: {name}"


def telephone(state: DeskState) -> list[str]:
    """The telephone and its calls, the microphone in words."""
    phone = state.phone
    me = state.me
    if me is not None and me.outside_state in wording.OUTSIDE:
        told = [outside(me)]
    else:
        told = [join((_(PHONES[phone.status]), registration(phone)))]
        told += [call_words(state, call.id) for call in phone.calls]
    if actions.telephoning(state) and not _only_listening(state):
        told.append(_("Microphone closed") if actions.muted(state) else _("Microphone open"))
    heard = quality(phone)
    if heard is not None:
        told.append(_("The sound is %s.") % heard[0].lower())
    return [*told, *filter(None, (answers_alone(phone),))]


def _only_listening(state: DeskState) -> bool:
    """Whether nobody could hear this person, however the microphone is."""
    calls = state.phone.calls
    return bool(calls) and all(call.monitoring is Monitoring.LISTEN for call in calls)


def call_words(state: DeskState, call_id: str) -> str:
    """One call of the telephone: with whom, and how it stands."""
    call = next(each for each in state.phone.calls if each.id == call_id)
    contact = state.contacts.get(call.contact)
    name = other_side(state, call)
    if call.monitoring is not None:
        return join((name, calm(_(wording.MONITORING[call.monitoring]))))
    held = call.held or (contact is not None and contact.call is not None and contact.call.held)
    if call.incoming and call.state is CallState.RINGING:
        return join((name, _("direct call")))
    words = _("on hold") if held and call.state is CallState.CONFIRMED else _(CALLS[call.state])
    return join((name, words))


def other_side(state: DeskState, call: PhoneCall) -> str:
    """With whom a call is."""
    contact = state.contacts.get(call.contact)
    return called(call) or (wording.citizen(contact) if contact else "")


def besides(state: DeskState, now: float) -> list[str]:
    """Everybody who is on the telephone beside the citizen one speaks with, and how."""
    told = []
    for (what, *rest), since in people(state, now):
        words = (sentence((part,)) for part in rest)
        told.append(
            join((f"{what[0].strip().capitalize()}:", *words, _("since %s") % figures.clock(since) if since else ""))
        )
    return told


def monitored(state: DeskState) -> str:
    """Which call one takes part in now, how, and since when."""
    call = next((each for each in state.phone.calls if each.monitoring is not None), None)
    if call is None or call.monitoring is None:
        return ""
    contact = state.contacts.get(call.contact)
    advisor = state.advisors.get(contact.advisor or "") if contact else None
    return join(
        (
            calm(_(wording.MONITORING[call.monitoring])),
            who(contact) if contact else "",
            _("served by: %s") % advisor.user.name if advisor else "",
            _("since %s") % figures.clock(call.since),
        )
    )


def waiting_for_me(state: DeskState, now: float) -> list[str]:
    """Of my other contacts, those that ask for something."""
    return [
        contact_row(contact, state, now)
        for contact in state.mine
        if contact.id != state.focus and contact.state is not ContactState.OFFERED
    ]


def possible(state: DeskState, place: str, keymap: KeysInForce, may: Callable[[str], bool]) -> list[str]:
    """What can be done now, each with its key."""
    return [
        keyed(key_name(key), _(action.name_in(state)))
        for action in actions.at_hand(state, place)
        if (key := keymap.first(action.id)) and may(action.id)
    ]


def directory(shown: DirectoryView) -> str:
    """How far the fetching of the whole directory is, in quarters: not each step is worth a sentence, and putting it in
    place takes a moment only."""
    done, total = shown.progress
    share = figures.percent(4 * done // total / 4) if total else figures.percent(0.0)
    if shown.problem == PAUSED:
        return _("The fetching of the directory is stopped: %s of it is here.") % share
    going = shown.stage == "fetching" and total <= 4 * done < 4 * total
    return _("The directory is being fetched: %s.") % share if going else ""


def notice(told: Notice, state: DeskState) -> str:
    """A notice, and what it is about."""
    return join((wording.notice(told, state.central), wording.about(told, state)))


def whereabouts(
    state: DeskState,
    now: float,
    place: str,
    keymap: KeysInForce,
    *,
    over: Iterable[str] = (),
    may: Callable[[str], bool] = lambda action: True,
) -> list[str]:
    """Where am I: what lies ``over`` the place and its keys, the contact, the channel, since when, the line, what
    waits, and what can be done now, as far as it ``may`` be done over that."""
    told: Iterable[str] = (
        *over,
        own_state(state),
        _("It is %s") % figures.clock(now),
        *contact_at_hand(state),
        *offer(state, keymap),
        *telephone(state),
        *besides(state, now),
        connection(state),
        *waiting_for_me(state, now),
        queue(state.summary),
        directory(state.directory),
        *service(state.summary),
        *(notice(each, state) for each in state.notices if not wording.is_over(each, state)),
        *possible(state, place, keymap, may),
    )
    return [words for words in told if words]
