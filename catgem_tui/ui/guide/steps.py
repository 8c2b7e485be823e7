"""The steps of the first shift: what is to be done, and how the state shows that it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from catgem_tui.config.i18n import N_
from catgem_tui.desk.state import DeskState, Line, Notes, PhoneStatus
from catgem_tui.protocol.enums import Author, Channel, ContactState, Presence
from catgem_tui.protocol.model import Contact

LEAST_QUERY = 3
"""Characters from which a search counts as one."""
LEAST_NOTES = 3


@dataclass(frozen=True, slots=True)
class Sight:
    """What the guide sees at one moment."""

    state: DeskState
    performed: frozenset[str] = frozenset()
    """The actions since the step began."""
    reading: bool = False
    """Whether the manual is open."""


Done = Callable[[Sight, Sight], bool]
"""Whether a step is done, from how it was when the step began and how it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    id: str
    title: str
    """A few words, English msgid."""
    about: str
    """What to do, English msgid; ``%(name)s`` stands for the key of an action or of a move, ``%(enter)s``
    for the one that fields keep for themselves."""
    done: Done
    keys: Mapping[str, str] = field(default_factory=dict)
    """Names in ``about`` to actions."""
    explains: bool = False
    """Nothing is to be done: the person goes on by the guide's own key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Steps that belong together and are repeated together."""

    id: str
    title: str
    """English msgid."""
    steps: tuple[Step, ...]
    channel: Channel | None = None
    """Of the citizen whom the part is about; its first step takes that contact, which must last until the last step."""


def never(_begun: Sight, _now: Sight) -> bool:
    return False


def held(state: DeskState, channel: Channel, *states: ContactState) -> Contact | None:
    """The contact of a channel that this person serves, in one of the states, or in any after the offer."""
    wanted = states or (ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP)
    return next((each for each in state.mine if each.channel is channel and each.state in wanted), None)


def taken(channel: Channel) -> Done:
    return lambda _begun, now: held(now.state, channel, ContactState.ACTIVE) is not None


def left(channel: Channel) -> Done:
    """Whether the contact is with this person no more."""
    return lambda _begun, now: held(now.state, channel) is None


def wrapped_up(channel: Channel) -> Done:
    return lambda _begun, now: held(now.state, channel, ContactState.WRAP_UP) is not None


def online(_begun: Sight, now: Sight) -> bool:
    return now.state.line is Line.ONLINE and now.state.me is not None


def present(presence: Presence) -> Done:
    return lambda _begun, now: now.state.me is not None and now.state.me.presence is presence


def checked(begun: Sight, now: Sight) -> bool:
    """Whether a step of the protocol was checked in a call."""
    before, after = held(begun.state, Channel.CALL), held(now.state, Channel.CALL)
    return after is not None and len(after.steps) > (len(before.steps) if before is not None else 0)


def noted(begun: Sight, now: Sight) -> bool:
    """Whether central has new notes: they are saved in the first pause of typing, so nobody is interrupted in it."""
    before, after = _notes(begun.state), _notes(now.state)
    return after.saved and len(after.text.strip()) >= LEAST_NOTES and after.text != before.text


def _notes(state: DeskState) -> Notes:
    """Those of the call."""
    contact = held(state, Channel.CALL)
    if contact is None:
        return Notes("", saved=True)
    return state.notes.get(contact.id, Notes(contact.notes, saved=True))


def searched(begun: Sight, now: Sight) -> bool:
    """Whether something new was looked for and a card of what was found is open."""
    found = now.state.directory
    anew = found.query != begun.state.directory.query
    return anew and len(found.query.strip()) >= LEAST_QUERY and any(hit.id == found.log_of for hit in found.hits)


def on_hold(*, wanted: bool) -> Done:
    def done(_begun: Sight, now: Sight) -> bool:
        contact = held(now.state, Channel.CALL, ContactState.ACTIVE)
        return contact is not None and contact.call is not None and contact.call.held is wanted

    return done


def muted(*, wanted: bool) -> Done:
    return lambda _begun, now: bool(now.state.phone.calls) and now.state.phone.muted is wanted


def written(channel: Channel, action: str = "") -> Done:
    """Whether the person has written to the citizen since the step began, by ``action`` where one is named."""

    def done(begun: Sight, now: Sight) -> bool:
        contact = held(now.state, channel)
        if contact is None or (action and action not in now.performed):
            return False
        return _said(now.state, contact) > _said(begun.state, contact)

    return done


def _said(state: DeskState, contact: Contact) -> int:
    return sum(each.author is Author.ADVISOR for each in state.messages.get(contact.id, ()))


def manual_left(_begun: Sight, now: Sight) -> bool:
    return "help" in now.performed and not now.reading


def no_telephone(state: DeskState) -> bool:
    return state.phone.status in {PhoneStatus.MISSING, PhoneStatus.DOWN}


ARRIVING = Part(id="arriving", title=N_("Arriving"), steps=(
    Step(
        id="login", title=N_("Log in"), done=online,
        about=N_("Write the password demostracion and press %(choose)s. Your user is there already."),
    ),
    Step(
        id="available", title=N_("Say that you are available"), done=present(Presence.AVAILABLE),
        about=N_(
            "Press %(state)s, choose “Available” with the arrows and press %(choose)s. Before, nobody is offered to "
            "you."
        ),
        keys={"state": "presence.choose"},
    ),
))  # fmt: skip
CALL = Part(id="call", title=N_("A call"), channel=Channel.CALL, steps=(
    Step(
        id="call-taken", title=N_("Answer the call"), done=taken(Channel.CALL),
        about=N_(
            "A citizen is calling and hears a greeting first. When the band with OFFER appears, press "
            "%(answer)s."
        ),
        keys={"answer": "offer.accept"},
    ),
    Step(
        id="protocol", title=N_("Follow the protocol"), done=checked,
        about=N_("Say what the first step of the protocol says, then press %(check)s: the step is checked."),
        keys={"check": "protocol.check"},
    ),
    Step(
        id="notes", title=N_("Write the notes"), done=noted,
        about=N_("Press %(notes)s and write in a few words what the citizen asks for. It is saved by itself."),
        keys={"notes": "show.notes"},
    ),
    Step(
        id="search", title=N_("Search the directory"), done=searched,
        about=N_(
            "Press %(search)s and write “registro civil”, also misspelt. The arrows move, %(choose)s opens "
            "the card, %(back)s goes back."
        ),
        keys={"search": "directory.search"},
    ),
    Step(
        id="hold", title=N_("Hold the call"), done=on_hold(wanted=True),
        about=N_("Press %(hold)s: the citizen hears music and you may look for the answer."),
        keys={"hold": "call.hold"},
    ),
    Step(
        id="unhold", title=N_("Take the call off hold"), done=on_hold(wanted=False),
        about=N_("Press %(hold)s once more to speak with the citizen again."),
        keys={"hold": "call.hold"},
    ),
    Step(
        id="mute", title=N_("Close your microphone"), done=muted(wanted=True),
        about=N_("Press %(mute)s before you cough or ask somebody beside you. The line of the telephone says CLOSED."),
        keys={"mute": "phone.mute"},
    ),
    Step(
        id="unmute", title=N_("Open your microphone"), done=muted(wanted=False),
        about=N_("Press %(mute)s once more. Never leave it closed: the citizen would hear nothing."),
        keys={"mute": "phone.mute"},
    ),
    Step(
        id="transfer", title=N_("Hand the call on to a queue"), done=left(Channel.CALL),
        about=N_(
            "Press %(transfer)s, write “vehicles” and press %(choose)s. You work alone here, so it will "
            "come back to you."
        ),
        keys={"transfer": "contact.transfer"},
    ),
    Step(
        id="call-again", title=N_("Answer it again"), done=taken(Channel.CALL),
        about=N_("The same call is offered once more, with its notes and steps. Press %(answer)s."),
        keys={"answer": "offer.accept"},
    ),
    Step(
        id="finish", title=N_("End the call"), done=wrapped_up(Channel.CALL),
        about=N_("Say goodbye and press %(finish)s. The citizen hears the survey, and your wrap-up begins."),
        keys={"finish": "contact.finish"},
    ),
    Step(
        id="close", title=N_("Close with a disposition"), done=left(Channel.CALL),
        about=N_(
            "Press %(finish)s again: choose why they called, %(choose)s, and how it ended, %(choose)s. "
            "Writing shortens the list."
        ),
        keys={"finish": "contact.finish"},
    ),
))  # fmt: skip
CHAT = Part(id="chat", title=N_("A chat"), channel=Channel.CHAT, steps=(
    Step(
        id="chat-taken", title=N_("Take a chat"), done=taken(Channel.CHAT),
        about=N_("A citizen writes on the centre's page. When the chat is offered, press %(answer)s."),
        keys={"answer": "offer.accept"},
    ),
    Step(
        id="chat-written", title=N_("Answer the chat"), done=written(Channel.CHAT),
        about=N_("Write a greeting and press %(enter)s: it goes to the citizen at once."),
    ),
    Step(
        id="record", title=N_("Send a record"), done=written(Channel.CHAT, "record.send"),
        about=N_("Press %(search)s, look for an office, and press %(send)s: its public details go into the chat."),
        keys={"search": "directory.search", "send": "record.send"},
    ),
    Step(
        id="chat-left", title=N_("End and close the chat"), done=left(Channel.CHAT),
        about=N_("Press %(finish)s to end it, and again to choose why and how, as with the call."),
        keys={"finish": "contact.finish"},
    ),
))  # fmt: skip
MAIL = Part(id="mail", title=N_("A mail"), channel=Channel.MAIL, steps=(
    Step(
        id="mail-taken", title=N_("Take a mail"), done=taken(Channel.MAIL),
        about=N_("A mail has arrived. When it is offered, press %(answer)s."),
        keys={"answer": "offer.accept"},
    ),
    Step(
        id="mail-written", title=N_("Answer the mail"), done=written(Channel.MAIL),
        about=N_("Write the answer and send it with %(send)s; %(enter)s begins a new line here."),
        keys={"send": "message.send"},
    ),
    Step(
        id="mail-left", title=N_("End and close the mail"), done=left(Channel.MAIL),
        about=N_("Press %(finish)s, and again for the disposition and the outcome."),
        keys={"finish": "contact.finish"},
    ),
))  # fmt: skip
LEAVING = Part(id="leaving", title=N_("Pauses, emergencies and help"), steps=(
    Step(
        id="pause", title=N_("Take a pause"), done=present(Presence.PAUSED),
        about=N_(
            "Press %(state)s, choose a pause and press %(choose)s. Nothing is offered to you until you come "
            "back."
        ),
        keys={"state": "presence.choose"},
    ),
    Step(
        id="emergency", title=N_("Emergencies: only read this"), done=never, explains=True,
        about=N_(
            "In a contact, %(emergency)s and %(choose)s mark an emergency: coordination sees it at once, and "
            "the call may go to 911. Now press %(guide)s and %(choose)s."
        ),
        keys={"emergency": "contact.emergency", "guide": "guide"},
    ),
    Step(
        id="abuse", title=N_("Insults: only read this"), done=never, explains=True,
        about=N_(
            "%(abuse)s shows the warning to read aloud; pressed again it ends the call and blocks the number. "
            "Now press %(guide)s and %(choose)s."
        ),
        keys={"abuse": "caller.abuse", "guide": "guide"},
    ),
    Step(
        id="help", title=N_("Find help"), done=manual_left,
        about=N_(
            "%(help)s opens the manual where you are, and %(palette)s finds any action. Open the manual and "
            "leave it with %(back)s."
        ),
        keys={"help": "help", "palette": "palette"},
    ),
))  # fmt: skip
SHIFT: tuple[Part, ...] = (ARRIVING, CALL, CHAT, MAIL, LEAVING)
