"""Words for everything the desk tells by code."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from catgem_tui.config.i18n import N_, _, current, ngettext
from catgem_tui.config.reasons import named_reason
from catgem_tui.desk.state import DeskState, Line, Notice, PhoneView
from catgem_tui.desk.state import PhoneStatus as Status
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.editing import LARGEST_DOCUMENT
from catgem_tui.protocol.enums import (
    AdvisorState,
    ChangeState,
    Channel,
    ContactState,
    Monitoring,
    Outcome,
    OutsideState,
    Presence,
    RecordKind,
    Refusal,
)
from catgem_tui.protocol.model import Advisor, CentreSettings, Consultation, Contact, Option, Step
from catgem_tui.ui import figures

CHANNEL_TITLES = {Channel.CALL: N_("CALL"), Channel.CHAT: N_("CHAT"), Channel.MAIL: N_("MAIL")}
ADVISOR_STATES = {
    AdvisorState.OFFLINE: N_("Off the queue"),
    AdvisorState.AVAILABLE: N_("Available"),
    AdvisorState.PAUSED: N_("Paused"),
    AdvisorState.NOT_RESPONDING: N_("Not responding"),
    AdvisorState.OFFERED: N_("Being offered a contact"),
    AdvisorState.BUSY: N_("Serving"),
    AdvisorState.WRAP_UP: N_("Wrap-up"),
}
NEXT_STATES = {
    Presence.AVAILABLE: N_("Available after this contact"),
    Presence.PAUSED: N_("Pause after this contact"),
    Presence.OFFLINE: N_("Off the queue after this contact"),
    Presence.NOT_RESPONDING: N_("Not responding"),
}
NEXT_SHORTLY = {Presence.PAUSED: N_("then: a pause"), Presence.OFFLINE: N_("then: off the queue")}
CONTACT_STATES = {
    ContactState.QUEUED: N_("waiting"),
    ContactState.OFFERED: N_("offered"),
    ContactState.ACTIVE: N_("in progress"),
    ContactState.PARKED: N_("set aside"),
    ContactState.WRAP_UP: N_("wrap-up"),
    ContactState.CLOSED: N_("closed"),
    ContactState.ABANDONED: N_("abandoned"),
}
OUTCOMES = {
    Outcome.RESOLVED: N_("Resolved"),
    Outcome.REFERRED: N_("Referred to another office"),
    Outcome.UNRESOLVED: N_("Not resolved"),
    Outcome.DROPPED: N_("The citizen left"),
}
OUTCOMES_SHORT = OUTCOMES | {Outcome.REFERRED: N_("Referred"), Outcome.DROPPED: N_("Gone")}
RECORD_KINDS = {
    RecordKind.PERSON: N_("public servant"),
    RecordKind.UNIT: N_("unit"),
    RecordKind.PROCEDURE: N_("procedure"),
    RecordKind.OFFICE: N_("office"),
    RecordKind.NUMBER: N_("number"),
    RecordKind.ARTICLE: N_("orientation"),
    RecordKind.AGREEMENT: N_("agreement"),
    RecordKind.SYNONYM: N_("synonym"),
    RecordKind.OTHER: N_("other"),
}
KINDS = {
    RecordKind.PERSON.value: N_("Public servants"),
    RecordKind.UNIT.value: N_("Units"),
    RecordKind.PROCEDURE.value: N_("Procedures"),
    RecordKind.OFFICE.value: N_("Offices"),
    RecordKind.NUMBER.value: N_("Numbers"),
    RecordKind.ARTICLE.value: N_("Orientations"),
    RecordKind.AGREEMENT.value: N_("Agreements"),
}
"""Many of a kind, by the code of a filter."""
RECORD_FIELDS = {
    "kind": N_("Kind"),
    "title": N_("Title"),
    "level": N_("Level"),
    "post": N_("Post"),
    "unit": N_("Unit"),
    "agency": N_("Agency"),
    "agency_acronym": N_("Acronym"),
    "municipality": N_("Municipality"),
    "address": N_("Address"),
    "phone": N_("Telephone"),
    "extension": N_("Extension"),
    "email": N_("E-mail"),
    "hours": N_("Hours"),
    "url": N_("Page"),
    "requirements": N_("Requirements"),
    "cost": N_("Cost"),
    "text": N_("Says"),
    "keywords": N_("Keywords"),
    "responsible": N_("Responsible"),
    "support": N_("Document"),
    "confirmed_at": N_("Confirmed on"),
    "review_at": N_("Review due"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "related": N_("Related records"),
    "merged_into": N_("Merged into"),
    "extra": N_("Further fields"),
    "restricted": N_("Internal fields"),
    "retired": N_("Retired"),
}
"""Every field of a record but its id and revision; a test holds it to that."""
CHANGE_FIELDS = {
    "reference": N_("Rests on"),
    "document": N_("Its file"),
    "dated": N_("Received on"),
    "comment": N_("Reason or remark"),
    "publish": N_("To be published"),
    "review": N_("Months to review"),
    "answer": N_("Answer to report"),
    "field": N_("Field to change"),
    "operation": N_("What to do"),
    "find": N_("What to look for"),
    "value": N_("New text"),
}
"""What is asked about a change itself."""
OPERATIONS = {
    "set": N_("put a new text"),
    "replace": N_("replace a part of the text"),
    "append": N_("add to the text"),
    "clear": N_("empty the field"),
}
"""What can be done to one field of many records."""
PURPOSES = {
    "change": N_("change"),
    "retire": N_("to be retired"),
    "confirm": N_("still true"),
    "merge": N_("merging"),
    "bulk": N_("many at once"),
}
CHANGE_STATES = {
    ChangeState.PUBLISHED: N_("published"),
    ChangeState.PENDING: N_("to be approved"),
    ChangeState.SCHEDULED: N_("at its hour"),
    ChangeState.CLASHED: N_("overtaken by another change"),
    ChangeState.REJECTED: N_("rejected"),
    ChangeState.WITHDRAWN: N_("withdrawn"),
}
LOG_DEEDS = {
    "created": N_("created"),
    "changed": N_("changed"),
    "retired": N_("retired"),
    "merged": N_("merged"),
    "restored": N_("restored"),
}
"""What a line of the change log did to its record."""
FAULTS = {
    "empty": N_("This must be filled in."),
    "no_end": N_("An agreement needs an end, or else a date of review."),
    "bad_level": N_("The level is federal, of the state or municipal."),
    "ends_before": N_("It ends before it begins."),
    "too_long": N_("This is too long."),
    "bad_date": N_("Write a day that there is, as dd/mm/yyyy."),
    "bad_phone": N_("That cannot be called: write the number with its area code, or a short one such as 911."),
    "bad_email": N_("No mail goes there: write an address such as office@example.mx."),
    "bad_pairs": N_("Write “name: value”, one a line."),
    "bad_value": N_("That value cannot be taken."),
    "bad_months": N_("Write a number of months, 1 to 120."),
    "support_required": N_("A change needs the document that it rests on."),
    "conflict": N_("Two people changed this: save to choose which stays."),
    "nothing_changed": N_("Nothing is changed yet."),
    "some_refused": N_("Some records cannot be changed like that: take them out, or change what is asked."),
    "gone": N_("The record is no longer there."),
    "clash": N_("Somebody was quicker; their change is brought in. Read it over and save again."),
    "no_file": N_("The file cannot be read: %s."),
    "empty_file": N_("The file is empty."),
    "large_file": N_("The file is too large: %d MB at most."),
    "damaged": N_("The file did not arrive whole; save again."),
    "document_unknown": N_("Central does not have the file any more; save again."),
    "cancelled": N_("It was stopped."),
    "unreachable": N_("Central is not reached; what is written is kept here."),
    "not_found": N_("It is no longer there."),
    "own_proposal": N_("A change is approved by somebody other than who made it."),
    "wrong_state": N_("It was decided meanwhile."),
}
"""Why a form or a list is not as wished, by code."""
LEVELS = {"federal": N_("federal"), "state": N_("of the state"), "municipal": N_("municipal")}
MONITORING = {
    Monitoring.LISTEN: N_("LISTENING: nobody hears you"),
    Monitoring.WHISPER: N_("WHISPERING: only the advisor hears you"),
    Monitoring.BARGE: N_("BARGED IN: everybody hears you"),
}
LINES = {
    Line.LOGGED_OUT: N_("logged out"),
    Line.LOGGING_IN: N_("logging in"),
    Line.CONNECTING: N_("connecting"),
    Line.ONLINE: N_("line ready"),
    Line.OFFLINE: N_("NO LINE"),
    Line.REPLACED: N_("IN USE ELSEWHERE"),
}
NOTICES: Mapping[str, str] = {
    Refusal.UNKNOWN_COMMAND: N_("Central is older than this workstation and does not know that action."),
    Refusal.MALFORMED: N_("Central could not read what this workstation sent. The log has the details."),
    Refusal.NOT_ALLOWED: N_("Your role does not allow that."),
    Refusal.NOT_FOUND: N_("That contact is no longer there."),
    Refusal.WRONG_STATE: N_("That cannot be done with the contact as it now is."),
    Refusal.OFFER_EXPIRED: N_("The offer had expired; the contact went back to the queue."),
    Refusal.NOT_YOURS: N_("Somebody else has that contact now."),
    Refusal.NO_CAPACITY: N_("There is no room for another contact of that kind."),
    Refusal.NO_SUCH_TARGET: N_("The advisor or queue chosen is not available."),
    Refusal.NO_PHONE: N_("The telephone is not ready, so the call cannot be taken."),
    Refusal.STALE: N_("Somebody changed this meanwhile; look at it again."),
    Refusal.TOO_LONG: N_("The text is too long; shorten it and send it again."),
    Refusal.CHANNEL_MISMATCH: N_("That does not apply to this kind of contact."),
    Refusal.NO_OUTSIDE: N_("The centre's lines cannot call numbers outside."),
    Refusal.NOT_WARNED: N_("The caller has to be warned first."),
    Refusal.UNAVAILABLE: N_("Central cannot do that at the moment; try again in a few seconds."),
    Refusal.STORAGE: N_("Central could not save it (its disk); tell coordination."),
    "wrong_credentials": N_("The user or the password is wrong."),
    "too_many_attempts": N_("Too many wrong passwords for this user; wait a minute and try again."),
    "central_unreachable": N_("Central does not answer at %(central)s; try again when it is running."),
    "central_incompatible": N_("Central and this workstation are of different versions; update the older one."),
    "session_expired": N_("The session ended; log in again."),
    "replaced": N_("Your user logged in at another workstation. Reconnecting brings it back here."),
    "phone_missing": N_("The telephone library is not installed for this Python; chat and mail work."),
    "phone_restarted": N_("The telephone stopped and started again."),
    "line_password": N_(
        "The telephone is not registered at %(registrar)s: its password is needed: "
        "“Password of the telephone”, among the actions."
    ),
    "line_address": N_(
        "%(registrar)s does not know this telephone; correct workstation.phone.address in the settings."
    ),
    "line_certificate": N_(
        "The certificate of %(registrar)s is not believed; name its authority in workstation.phone.authorities."
    ),
    "line_settings": N_("The telephone cannot register at %(registrar)s with these settings; the log has the details."),
    "outside_lost": N_("The outside telephone %(address)s is lost: have it called again, or leave it."),
    "outside_there": N_("The outside telephone %(address)s is on the line: do not hang it up."),
    "outside_not_allowed": N_("Central may not call telephones there: %(address)s. Ask which addresses it may."),
    "outside_malformed": N_("“%(address)s” is neither a telephone number nor a SIP address."),
    "outside_no_numbers": N_("Central's lines cannot call numbers; give a SIP address."),
    "outside_in_call": N_("The outside telephone cannot be changed during a call."),
    "phone_away": N_("The computer with the telephone is out of reach; a call goes on there. It is tried again."),
    "phone_stranger": N_("The computer with the telephone does not accept this workstation. Start catgem phone again."),
    "phone_version": N_("catgem phone on the other computer is of another version; install the same on both."),
    "phone_taken": N_("Another workstation has taken the telephone over. Start this one again to take it back."),
    "call_cut": N_("The telephone stopped and cut your call off. Whoever stays on the line comes back to you first."),
    "call_lost": N_("The call was lost."),
    "no_sound_device": N_("There is no sound card: the call is connected, but you cannot speak or hear."),
    "device_missing": N_("Not there: %(names)s. Sound goes on with what the system uses, and comes back by itself."),
    "no_microphone": N_("There is no microphone: nobody hears you."),
    "loudspeaker_changed": N_(
        "The system changed the loudspeaker: %(now)s, no longer %(before)s. Choose one on the sound page to keep it."
    ),
    "microphone_changed": N_(
        "The system changed the microphone: %(now)s, no longer %(before)s. Choose one on the sound page to keep it."
    ),
    "no_keyring": N_("There is no keyring: the session is forgotten on leaving."),
    "outbox_unreadable": N_(
        "What was waiting to be sent could not be read and was set aside; check your last messages."
    ),
    "outbox_shared": N_(
        "Another workstation is running on the same data folder; both keep there what is not sent yet."
        " Leave the one that you do not need."
    ),
    "disk_full": N_(
        "The disk of this machine is full: what you write is not kept on it. Do not close the workstation; free some"
        " space, or tell who administers it."
    ),
    "outbox_busy": N_(
        "Another program has locked the file in which what you write is kept; it is tried again by itself. Do not"
        " close the workstation meanwhile."
    ),
    "outbox_unwritable": N_(
        "Nothing can be written into the data folder of this machine: what you write is not kept on it. Do not close"
        " the workstation, and tell who administers it."
    ),
    "offer_missed": N_("An offer went unanswered. You are out of the queue until you are available again."),
    "contact_withdrawn": N_("The contact was taken back."),
    "citizen_left": N_("The citizen left before you took the offer."),
    "no_address": N_("The mail does not say whom to answer: it was not sent, and what you wrote is kept."),
    "phone_down": N_("The telephone does not work. Chat and mail do; it is started again by itself."),
    "insecure": N_("Central has to be reached over TLS (https) from another machine; ask for its address."),
    "bad_address": N_("“%(central)s” is no address of a central; correct it in the settings."),
    "nowhere_to_send": N_("Records are sent into a chat or a mail; put one in the middle of the screen first."),
    "retired_not_sent": N_(
        "The record was retired from the directory; nothing was sent. Search again for what is valid."
    ),
    "nothing_to_send": N_("The record holds nothing that a citizen could use; nothing was sent."),
    "record_inserted": N_("The record stands in the draft; read it over and send it."),
    "record_sent": N_("The record was sent to the citizen."),
    "nothing_to_call": N_("The directory has no telephone of %(name)s."),
    "no_dial_rule": N_("Calling is not set up here: the settings lack workstation.phone.dial."),
    "wrong_number": N_("“%(number)s” is no telephone number that can be called; report the record as wrong."),
    "no_number": N_("“%(number)s” is no number that can be called; write its digits."),
    "letters_in_number": N_("“%(number)s” has letters: write the digits of one number only."),
    "other_exchange": N_("“%(number)s” is an address elsewhere; calls go through the centre's own exchange only."),
    "phone_refused": N_("The telephone did not carry that out."),
    "handed_on": N_("The call is with %(name)s now."),
    "not_handed_on": N_("%(name)s did not take the call; it is still yours."),
    "handing_untold": N_("Nothing tells whether %(name)s took the call; it is yours until you hang up."),
    "left_to_call": N_("Whom you spoke with hung up to call %(name)s; whether the call was taken is not known."),
    "cannot_ask": N_("%(name)s cannot be reached now; choose somebody else."),
    "busy_to_ask": N_("%(name)s cannot take a call now; choose somebody else or wait a moment."),
    "busy_to_take": N_("%(name)s cannot take it now: look at their state and what they serve, or choose another."),
    "no_phone_to_ask": N_("The telephone of %(name)s is not ready; choose somebody else."),
    "consult_busy": N_("%(name)s is busy; the citizen is with you."),
    "consult_unknown": N_("There is no number %(name)s, says the exchange; the citizen is with you."),
    "consult_unanswered": N_("%(name)s does not answer; the citizen is with you."),
    "consult_declined": N_("%(name)s cannot speak now; the citizen is with you."),
    "consult_failed": N_("%(name)s was not reached; the citizen is with you."),
    "consult_left": N_("%(name)s hung up; the citizen is with you."),
    "came_back_busy": N_("%(name)s is busy; the citizen comes back to you first."),
    "came_back_unknown": N_("There is no number %(name)s, says the exchange; the citizen comes back to you first."),
    "came_back_unanswered": N_("%(name)s does not answer; the citizen comes back to you first."),
    "came_back_declined": N_("%(name)s declined the call; the citizen comes back to you first."),
    "came_back_failed": N_("%(name)s did not take the call; the citizen comes back to you first."),
    "question_ended": N_("What %(name)s asked you about folio %(folio)s is over."),
    "question_over": N_("%(name)s no longer asks about folio %(folio)s."),
    "answered_alone": N_("The call was answered by itself; it is among your contacts."),
    "no_telephone": N_("The telephone is not ready, so nobody can be called."),
    "in_another_call": N_("You are in a call: put it on hold or end it, then call."),
    "called_busy": N_("%(name)s is busy."),
    "called_unknown": N_("The number %(number)s does not exist, says the exchange."),
    "called_unanswered": N_("%(name)s does not answer."),
    "called_declined": N_("%(name)s declined the call."),
    "direct_missed": N_("%(name)s called you directly: %(number)s."),
    "direct_missed_number": N_("%(number)s called you directly."),
    "called_full": N_("The telephone has no place for another call: end one, then call %(name)s again."),
    "called_failed": N_("The call to %(name)s did not come about; the exchange did not take it."),
    "emergency_marked": N_("Marked as an emergency; coordination is told. The call stays with you."),
    "emergency_handed": N_("Marked as an emergency; the call goes to %(number)s."),
    "emergency_called": N_("EMERGENCY: %(who)s, folio %(folio)s."),
    "number_withheld": N_("The number is withheld and cannot be blocked; end the call."),
    "block_too_long": N_(
        "That is longer than you may block; %(hours)s hours at most. Coordination may block for longer."
    ),
    "not_blocked": N_("That number is not blocked any more."),
    "caller_unblocked": N_("%(number)s can call again."),
    "record_reported": N_("Noted: the information managers are told that the record is wrong."),
    "directory_failed": N_(
        "The directory could not be brought up to date: the disk of this machine takes nothing. The copy here is used;"
        " free some space, or tell who administers it."
    ),
    "report_came": N_("An advisor reports that a record is wrong."),
    "expiring": N_("Ends on %(date)s: %(title)s"),
    "change_published": N_("The change is published."),
    "change_pending": N_("The change waits for somebody else to approve it."),
    "change_scheduled": N_("The change is published at its hour."),
    "keeping_failed": N_("Central did not do that; nothing in the directory was changed."),
    "proposal_published": N_("%(who)s approved your change to “%(title)s”; it is published."),
    "proposal_scheduled": N_("%(who)s approved your change to “%(title)s”; it is published at its hour."),
    "proposal_clashed": N_(
        "Your change to “%(title)s” is not published: somebody else has changed the record since. It is among the "
        "proposals."
    ),
    "proposal_rejected": N_("%(who)s rejected your change to “%(title)s”: %(reason)s"),
    "report_answered": N_("%(who)s about what you reported of “%(title)s”: %(answer)s"),
    "too_many_marked": N_("One change takes 500 records at most; the first 500 are chosen."),
    "exported": N_("The change log is in %(path)s."),
    "export_failed": N_("%(path)s cannot be written: %(system)s."),
    "export_stopped": N_("The export was stopped, and no file was written."),
    "not_exported": N_("The change log did not arrive whole, and no file was written. Try again."),
}
"""Sentence by code; every ``Refusal`` and every code of ``desk.state.Notice`` is here, and a test holds it to that."""
COUNTED: Mapping[str, tuple[str, Callable[[int], str]]] = {
    "record_shortened": (
        "count",
        lambda count: ngettext(
            "The record was longer than one message: %(count)d character was left out.",
            "The record was longer than one message: %(count)d characters were left out.",
            count,
        ),
    ),
    "several_expiring": (
        "more",
        lambda count: ngettext(
            "Ends on %(date)s, and %(more)d more ends soon: %(title)s",
            "Ends on %(date)s, and %(more)d more end soon: %(title)s",
            count,
        ),
    ),
}
"""The same where a number decides the form: the argument that holds it, and the sentence for it."""
CONTINUOUS = frozenset({"no_sound_device", "no_keyring", "phone_missing"})
"""Codes of lasting conditions, which the phone strip says all the time."""


_LOGIN_CODES = frozenset(
    {
        "wrong_credentials",
        "too_many_attempts",
        "central_unreachable",
        "central_incompatible",
        "session_expired",
        "insecure",
        "bad_address",
    }
)


def is_over(told: Notice, state: DeskState) -> bool:
    """Whether what a notice tells has passed by itself."""
    if told.code == "offer_missed":
        return state.me is not None and state.me.presence is not Presence.NOT_RESPONDING
    if told.code in _LOGIN_CODES:
        return state.line is Line.ONLINE
    if told.code == "replaced":
        return state.line is not Line.REPLACED
    return told.code == "phone_down" and state.phone.status is Status.READY


def label(option: Option) -> str:
    """A choice's words in the current language."""
    return option.labels.get(current(), option.labels.get(current().partition("_")[0], option.label))


def script(step: Step) -> str:
    """The words to say at a step."""
    return step.scripts.get(current(), step.scripts.get(current().partition("_")[0], step.script))


def option_label(options: tuple[Option, ...], key: str) -> str:
    """The words of the choice with this id; the id itself where the centre no longer has it."""
    return next((label(option) for option in options if option.id == key), key)


def queue_label(settings: CentreSettings | None, queue: str) -> str:
    return option_label(settings.queues, queue) if settings else queue


def notice(told: Notice, central: str = "") -> str:
    """The sentence for a notice; an unknown code says so rather than nothing."""
    sentence = _sentence(told)
    if not sentence:
        return _("Central refused (%s).") % told.code
    args = {name: _as_read(name, value) for name, value in told.args.items()}
    return sentence % defaultdict(str, args, central=central) if "%(" in sentence else sentence


def _as_read(name: str, value: str | float) -> str | float:
    """What a sentence is told, as people read it: a telephone, the system's name of an error, a date of an instant."""
    if isinstance(value, str) and name == "system":
        return named_reason(value)
    if isinstance(value, str):
        return figures.telephone(value)
    return figures.date(value) if name == "date" else value


def about(told: Notice, state: DeskState) -> str:
    """Which record and which contact a notice is about, as far as it does not say so itself."""
    words = notice(told, state.central)
    contact = state.contacts.get(told.contact) or told.known
    named = [told.title]
    if contact is not None:
        named += [citizen(contact), _("folio %s") % contact.folio]
    return " · ".join(each for each in named if each and each not in words)


def _sentence(told: Notice) -> str:
    """The sentence in the current language, in the form that its number asks for; empty if there is none."""
    if told.code not in COUNTED:
        return _(NOTICES.get(told.code, ""))
    name, form = COUNTED[told.code]
    return form(int(told.args.get(name, 0)))


def fault(code: str, detail: str = "") -> str:
    """The sentence for why something of the directory was not taken."""
    if code == "refused":
        return _("Central does not take it: %s") % detail
    if code == "no_file":
        return _(FAULTS[code]) % named_reason(detail)
    if code == "large_file":
        return _(FAULTS[code]) % (LARGEST_DOCUMENT >> 20)
    return _(FAULTS[code]) if code in FAULTS else _("Central refused (%s).") % code


def list_problem(code: str) -> str:
    """The sentence for why what waits is not shown as it now is."""
    if code == "unreachable":
        return _("Central is not reached: this is how the lists were.")
    return _("Central did not give the lists (%s).") % code


def citizen(contact: Contact) -> str:
    """The best name we have for who contacts us."""
    who = contact.citizen
    return who.name or figures.telephone(who.phone) or who.email or _("Visitor %s") % contact.folio[-4:]


def consulted(consultation: Consultation) -> str:
    """Who is asked."""
    return consultation.name or figures.telephone(consultation.number)


def ringing(state: DeskState) -> dict[str, str]:
    """What asks to be taken, by contact or call: the channel and the queue, and nothing of who it is."""
    told = {}
    for call in state.phone.calls:
        if call.incoming and call.state is CallState.RINGING:
            told[call.id] = _("direct call")
        elif call.state is CallState.RINGING and not call.number and call.monitoring is None:
            told[call.contact or call.id] = _(CHANNEL_TITLES[Channel.CALL])
    offer = state.offer
    if offer is not None:
        told[offer.id] = f"{_(CHANNEL_TITLES[offer.channel])} · {queue_label(state.settings, offer.queue)}"
    return told


def advisor_state(me: Advisor, settings: CentreSettings | None) -> str:
    """What an advisor is doing, with the reason of a pause."""
    words = _(ADVISOR_STATES[me.state])
    if me.state is AdvisorState.PAUSED and me.reason and settings:
        return f"{words}: {option_label(settings.pause_reasons, me.reason)}"
    return words


def next_state(me: Advisor, settings: CentreSettings | None) -> str:
    """What was chosen for after the contact; empty if nothing was."""
    if me.next_presence is None:
        return ""
    words = _(NEXT_STATES[me.next_presence])
    if me.next_presence is Presence.PAUSED and me.next_reason and settings:
        return f"{words} ({option_label(settings.pause_reasons, me.next_reason)})"
    return words


def next_state_shortly(me: Advisor, settings: CentreSettings | None) -> str:
    """The same in a few words, for narrow screens."""
    if me.next_presence is None:
        return ""
    if me.next_presence is Presence.PAUSED and me.next_reason and settings:
        return _("then: %s") % option_label(settings.pause_reasons, me.next_reason)
    return _(NEXT_SHORTLY.get(me.next_presence, NEXT_STATES[me.next_presence]))


OUTSIDE = {
    OutsideState.CALLING: (N_("being called"), "call.ringing"),
    OutsideState.ON_THE_LINE: (N_("on the line"), "line.online"),
    OutsideState.LOST: (N_("LOST"), "line.offline"),
}
"""How a telephone outside stands, and the slot of its colour."""


def lacking(phone: PhoneView, secrets: str) -> list[str]:
    """What this workstation has to do without, each in a few words."""
    told = []
    if phone.status is Status.MISSING:
        told.append(_("no telephone library: chat and mail only"))
    elif phone.sound_problem == "no_library":
        told.append(_("no sound library"))
    elif phone.sound_problem:
        told.append(_("no sound card"))
    if secrets == "memory":
        told.append(_("no keyring: the session is not kept"))
    return told
