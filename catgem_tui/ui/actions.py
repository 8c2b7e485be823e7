"""The one registry of actions: keymaps, key hints, help and the palette all come from it.

What an action does is in ``ui.deeds``, under the same id.
"""

from collections.abc import Callable

from msgspec import Struct

from catgem_tui.config.i18n import N_
from catgem_tui.config.keymap import ActionRule
from catgem_tui.desk.state import PAUSED, DeskState, Line, PhoneCall, PhoneStatus
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import FLOOR_ROLES, MANAGER_ROLES, Channel, ContactState, OutsideState, Side
from catgem_tui.protocol.model import Consultation, Contact

DESK = "desk"
FLOOR = "floor"
KEEPING = "keeping"
FORM = "form"
"""Not a place of its own: the form that lies over the keeping of the directory."""
LOG = "log"
CURRENCY = "currency"
BLOCKED = "blocked"
"""Pages that lie over it, as the form does; that of the blocked callers lies over the floor."""
MANUAL = "manual"
"""Has no action of its own: those of the place below wait until it is left."""
EVERYWHERE = ""
Available = Callable[[DeskState], bool]


def always(_state: DeskState) -> bool:
    return True


def logged_in(state: DeskState) -> bool:
    return state.line not in {Line.LOGGED_OUT, Line.LOGGING_IN}


def practising(state: DeskState) -> bool:
    """Whether the centre is one for practice; also before logging in, which the guide teaches."""
    return state.practice


def offered(state: DeskState) -> bool:
    """Whether a contact is offered, a colleague asks about one, or a direct call rings."""
    return state.offer is not None or state.asked is not None or direct_call(state) is not None


def direct_call(state: DeskState) -> PhoneCall | None:
    """The direct call that rings."""
    return next((call for call in state.phone.calls if call.incoming and call.state is CallState.RINGING), None)


def _focused(state: DeskState, *states: ContactState) -> Contact | None:
    contact = state.focused
    if contact is None or contact.state not in states or state.user is None or contact.advisor != state.user.id:
        return None
    return contact


def active(state: DeskState) -> bool:
    return _focused(state, ContactState.ACTIVE) is not None


def consultation(state: DeskState) -> Consultation | None:
    """Who is asked about the contact at hand."""
    contact = _focused(state, ContactState.ACTIVE)
    return contact.call.consultation if contact is not None and contact.call is not None else None


def consulting(state: DeskState) -> bool:
    """Whether who is asked has answered."""
    asked = consultation(state)
    return asked is not None and asked.connected


def transferable(state: DeskState) -> bool:
    if _focused(state, ContactState.ACTIVE, ContactState.PARKED) is None:
        return False
    return consultation(state) is None or consulting(state)


def reading(state: DeskState) -> bool:
    """Whether a colleague's contact, about which they ask, is in the middle."""
    return state.focus in state.shown


def made(state: DeskState) -> list[PhoneCall]:
    """The calls that are no contact's and that were answered."""
    return [call for call in state.phone.calls if call.number and call.state is CallState.CONFIRMED]


def handable(state: DeskState) -> bool:
    return bool(made(state))


def holdable(state: DeskState) -> bool:
    if consultation(state) is not None:
        return consulting(state)
    return on_call(state) or bool(made(state))


def joinable(state: DeskState) -> bool:
    """Whether there are three who could hear each other."""
    asked = consultation(state)
    if asked is not None:
        return asked.connected and asked.side is not Side.ALL
    return len(made(state)) > 1 and not state.phone.joined


def found(state: DeskState) -> bool:
    """Whether there is a record under the cursor, or one whose card is open."""
    return bool(state.directory.hits or state.directory.log_of)


def fetching(state: DeskState) -> bool:
    """Whether the directory's copy is being fetched, or this person has stopped that."""
    return logged_in(state) and (state.directory.syncing or state.directory.problem == PAUSED)


def transferring(state: DeskState) -> bool:
    """Whether a file is on its way, here or there."""
    return keeps(state) and state.keeping.transfer is not None


def on_call(state: DeskState) -> bool:
    contact = _focused(state, ContactState.ACTIVE)
    return contact is not None and contact.channel is Channel.CALL


def recorded(state: DeskState) -> bool:
    """Whether the recording of the call at hand may be paused, or is."""
    contact = state.focused
    if not on_call(state) or contact is None or contact.call is None or state.settings is None:
        return False
    return state.settings.pause_recording != "off" and (contact.call.recording or contact.call.recording_paused)


def telephoning(state: DeskState) -> bool:
    return bool(state.phone.calls) or outside(state)


def outside(state: DeskState) -> bool:
    """Whether this person's telephone outside is on the line."""
    return state.me is not None and state.me.outside_state is OutsideState.ON_THE_LINE


def muted(state: DeskState) -> bool:
    """Whether the telephone that this person works with is muted."""
    return state.me.outside_muted if state.me is not None and outside(state) else state.phone.muted


def registers(state: DeskState) -> bool:
    """Whether the telephone is to be registered at an exchange."""
    return logged_in(state) and bool(state.phone.registration.registrar)


def calling(state: DeskState) -> bool:
    """Whether this person is calling somebody, or has the centre call them."""
    return any(call.number for call in state.phone.calls) or consultation(state) is not None


def in_a_call(state: DeskState) -> bool:
    return on_call(state) or calling(state) or (reading(state) and state.focus in state.answered)


def telephone_ready(state: DeskState) -> bool:
    return logged_in(state) and state.phone.status is PhoneStatus.READY


def parkable(state: DeskState) -> bool:
    contact = _focused(state, ContactState.ACTIVE, ContactState.PARKED)
    return contact is not None and contact.channel is not Channel.CALL


def finishable(state: DeskState) -> bool:
    return reading(state) or _focused(state, ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP) is not None


def in_wrap_up(state: DeskState) -> bool:
    return _focused(state, ContactState.WRAP_UP) is not None


def sendable(state: DeskState) -> bool:
    """A contact that is set aside can be written in, but nothing leaves until it is resumed."""
    contact = _focused(state, ContactState.ACTIVE)
    return contact is not None and contact.channel is not Channel.CALL


def several(state: DeskState) -> bool:
    return sum(contact.state is not ContactState.OFFERED for contact in state.mine) + len(state.shown) > 1


def held(state: DeskState) -> bool:
    return _focused(state, *(ContactState.ACTIVE, ContactState.PARKED, ContactState.WRAP_UP)) is not None


def on_floor(state: DeskState) -> bool:
    return logged_in(state) and state.user is not None and state.user.role in FLOOR_ROLES


def keeps(state: DeskState) -> bool:
    """Whether this person keeps the directory."""
    return logged_in(state) and state.user is not None and state.user.role in MANAGER_ROLES


def reported(state: DeskState) -> bool:
    return keeps(state) and bool(state.keeping.work.reports)


def searched(state: DeskState) -> bool:
    """Whether there is something found to be chosen whole."""
    return keeps(state) and bool(state.directory.query.strip() and state.directory.hits)


def marked(state: DeskState) -> bool:
    return keeps(state) and bool(state.keeping.marks)


def editing(state: DeskState) -> bool:
    return keeps(state) and state.keeping.open in state.keeping.drafts


def places(state: DeskState) -> tuple[str, ...]:
    """Where this person may be, in the order of switching; they begin in the last."""
    found = [DESK]
    if keeps(state):
        found.append(KEEPING)
    if on_floor(state):
        found.append(FLOOR)
    return tuple(found)


def has_places(state: DeskState) -> bool:
    return len(places(state)) > 1


def monitoring(state: DeskState) -> bool:
    return any(call.monitoring is not None for call in state.phone.calls)


def disconnected(state: DeskState) -> bool:
    return state.line in {Line.OFFLINE, Line.REPLACED, Line.CONNECTING}


def noticed(state: DeskState) -> bool:
    return bool(state.notices)


def _hold_label(state: DeskState) -> str:
    contact, calls = state.focused, made(state)
    if consulting(state) or state.phone.joined or (calls and on_call(state)) or len(calls) > 1:
        return N_("Swap")
    if calls and not on_call(state):
        return N_("Take off hold") if calls[0].held else N_("Hold")
    return N_("Take off hold") if contact and contact.call and contact.call.held else N_("Hold")


def _recording_label(state: DeskState) -> str:
    contact = state.focused
    return N_("Record again") if contact and contact.call and contact.call.recording_paused else N_("Pause recording")


def _mute_label(state: DeskState) -> str:
    return N_("Open microphone") if muted(state) else N_("Mute")


def _park_label(state: DeskState) -> str:
    contact = state.focused
    return N_("Resume") if contact and contact.state is ContactState.PARKED else N_("Set aside")


def _transfer_label(state: DeskState) -> str:
    return N_("Hand over") if consulting(state) else N_("Transfer")


def _hang_up_label(state: DeskState) -> str:
    return N_("Back to the citizen") if consultation(state) is not None else N_("Hang up")


def _auto_label(state: DeskState) -> str:
    return N_("Answer by key") if state.phone.auto_answer else N_("Answer by itself")


def _fetch_label(state: DeskState) -> str:
    return N_("Fetch directory") if state.directory.problem == PAUSED else N_("Stop fetching")


def _finish_label(state: DeskState) -> str:
    if reading(state):
        return N_("Leave")
    return N_("Close with disposition") if in_wrap_up(state) else N_("End")


def _place_label(state: DeskState) -> str:
    if keeps(state):
        return N_("Desk / directory / floor") if on_floor(state) else N_("Desk / directory")
    return N_("Desk / floor")


class Action(Struct, frozen=True):
    id: str
    name: str
    """Two words at most, English msgid."""
    about: str
    """One sentence for the help, English msgid."""
    place: str = EVERYWHERE
    available: Available = always
    hint: int = 0
    """Weight among the key hints; 0 keeps it out of them."""
    while_typing: bool = True
    keyless: bool = False
    names: Callable[[DeskState], str] | None = None
    """The name as the state has it, where it changes."""

    def name_in(self, state: DeskState) -> str:
        """The msgid of its name now."""
        return self.names(state) if self.names else self.name

    @property
    def rule(self) -> ActionRule:
        return ActionRule(place=self.place, while_typing=self.while_typing, keyless=self.keyless)


ACTIONS: tuple[Action, ...] = (
    Action("offer.accept", N_("Answer"), N_("Take the contact that is offered."), "", offered, 100),
    Action("offer.decline", N_("Decline"), N_("Give the offer back; you leave the queue."), "", offered, 60),
    Action("call.hold", N_("Hold"), N_("Hold the call or take it back; of two, speak with the other."), "desk",
           holdable, 80, names=_hold_label),
    Action("call.conference", N_("All three"), N_("Let the three of you hear each other."), "desk", joinable, 78),
    Action("contact.transfer", N_("Transfer"),
           N_("Hand the contact to others, or ask somebody first; then hand it over to them."), "desk", transferable,
           77, names=_transfer_label),
    Action("phone.mute", N_("Mute"), N_("Close or open the microphone."), "", telephoning, 76, names=_mute_label),
    Action("phone.sound", N_("Sound"), N_("Choose microphone, loudspeaker and ringing device, and try them."), "",
           logged_in),
    Action("contact.park", N_("Set aside"), N_("Set a chat or mail aside, or resume it."), "desk", parkable, 70,
           names=_park_label),
    Action("contact.finish", N_("End"), N_("End the contact; in wrap-up, close it with its disposition."), "desk",
           finishable, 90, names=_finish_label),
    Action("contact.extend", N_("More time"), N_("Ask for more wrap-up time."), "desk", in_wrap_up, 65),
    Action("contact.next", N_("Next contact"), N_("Go to the next of your contacts."), "desk", several, 50),
    Action("contact.previous", N_("Previous contact"), N_("Go to the previous of your contacts."), "desk", several),
    Action("message.send", N_("Send"), N_("Send what is written: a chat line or a mail."), "desk", sendable, 85),
    Action("protocol.check", N_("Check step"), N_("Check the next step of the protocol."), "desk", held, 45),
    Action("call.pause_recording", N_("Pause recording"), N_("Record silence while sensitive data is said, or go on."),
           "desk", recorded, 68, names=_recording_label),
    Action("caller.abuse", N_("Abuse"), N_("Warn an abusive caller; once warned, end the call and block the number."),
           "desk", transferable, 12),
    Action("contact.emergency", N_("Emergency"), N_("Mark an emergency and hand the call on at once."), "desk",
           transferable, 14),
    Action("call.digits", N_("Keypad"), N_("Press keys of the telephone (tones) in the call."), "desk", in_a_call),
    Action("phone.password", N_("Password of the telephone"),
           N_("Write the telephone's password at its exchange."), "", registers, keyless=True),
    Action("phone.dial", N_("Dial"), N_("Call a number by hand, or one called before."), "desk", telephone_ready),
    Action("phone.transfer", N_("Hand call on"), N_("Hand the call that you made on to somebody else."), "desk",
           handable, 71),
    Action("phone.hang_up", N_("Hang up"), N_("End the call that you made; let go of whom you asked."), "", calling, 93,
           names=_hang_up_label),
    Action("phone.auto_answer", N_("Answer by itself"), N_("Have calls answered by themselves for this shift, or not."),
           "desk", logged_in, names=_auto_label),
    Action("phone.outside", N_("Outside telephone"), N_("Work with a telephone that central calls, or leave it."),
           "", logged_in, keyless=True),
    Action("show.contact", N_("Contact"), N_("Go to the contact at hand."), "desk", logged_in),
    Action("directory.search", N_("Search"), N_("Search the directory."), "", logged_in, 40),
    Action("directory.filter", N_("Filter"), N_("Search one kind, level, municipality or agency only."), "",
           logged_in),
    Action("directory.fetch", N_("Stop fetching"),
           N_("Stop fetching the directory, or go on where that was stopped."), "", fetching, keyless=True,
           names=_fetch_label),
    Action("record.call", N_("Call"), N_("Call the telephone of the record chosen."), "desk", found),
    Action("record.send", N_("Send to citizen"), N_("Send the record chosen into the chat or mail."), "desk", found),
    Action("record.report", N_("It is wrong"), N_("Report that the record chosen is wrong."), "desk", found),
    Action("show.citizen", N_("Citizen"), N_("See the citizen's earlier contacts."), "desk", logged_in),
    Action("show.contacts", N_("My contacts"), N_("Go to the list of your contacts."), "desk", logged_in),
    Action("show.queue", N_("Queue"), N_("See who is waiting."), "desk", logged_in),
    Action("show.notes", N_("Notes"), N_("Write the notes of the contact."), "desk", held, 30),
    Action("floor.listen", N_("Listen"), N_("Listen to the call chosen; nobody hears you."), "floor", on_floor, 60,
           while_typing=False),
    Action("floor.whisper", N_("Whisper"), N_("Speak to the advisor only."), "floor", on_floor, 59, while_typing=False),
    Action("floor.barge", N_("Barge in"), N_("Speak with everybody on the call."), "floor", on_floor, 58,
           while_typing=False),
    Action("floor.leave", N_("Leave the call"), N_("Leave the call you take part in."), "floor", monitoring, 70,
           while_typing=False),
    Action("floor.reassign", N_("Reassign"), N_("Move the contact chosen to an advisor or a queue."), "floor", on_floor,
           57, while_typing=False),
    Action("floor.blocked", N_("Blocked callers"), N_("See whose calls are refused, and let them in again."), "floor",
           on_floor, 40, while_typing=False),
    Action("caller.unblock", N_("Unblock"), N_("Let the number chosen in again."), "blocked", on_floor, 80),
    Action("keep.edit", N_("Edit"), N_("Change the record chosen."), "keeping", keeps, 80),
    Action("keep.create", N_("New record"), N_("Write a record that is not there yet."), "keeping", keeps, 70),
    Action("keep.confirm", N_("Still true"), N_("Confirm that the record chosen is still true."), "keeping", keeps, 60),
    Action("keep.retire", N_("Retire"), N_("Take the record chosen out of the directory; its log stays."), "keeping",
           keeps, 50),
    Action("keep.answer", N_("Answer report"), N_("Answer the report chosen without changing the record."), "keeping",
           reported, 45),
    Action("keep.mark", N_("Choose"), N_("Choose the record for a change to many, or leave it out again."), "keeping",
           keeps, 40),
    Action("keep.mark_all", N_("Choose all"), N_("Choose everything that the search finds."), "keeping", searched, 35),
    Action("keep.mark_none", N_("Choose none"), N_("Leave out everything that was chosen."), "keeping", marked,
           keyless=True),
    Action("keep.bulk", N_("Change chosen"), N_("Make one change to all the records chosen."), "keeping", marked, 75),
    Action("keep.merge", N_("Merge"), N_("Make one of two records that are the same thing."), "keeping", keeps, 42),
    Action("keep.lists", N_("Lists"), N_("Go to the lists of what waits."), "keeping", keeps, 30),
    Action("keep.log", N_("Change log"), N_("See who changed what, when and on which document."), "keeping", keeps, 28),
    Action("keep.currency", N_("Currency"), N_("See how quickly changes are at every workstation."), "keeping", keeps,
           26),
    Action("transfer.stop", N_("Stop file"), N_("Stop the export or the upload that is under way."), "", transferring,
           keyless=True),
    Action("log.export", N_("Export"), N_("Write what the change log shows to a file."), "log", keeps, 80),
    Action("log.record", N_("This record"), N_("See the changes of the record chosen only, or of all."), "log", keeps,
           70),
    Action("currency.period", N_("Period"), N_("See a week, a month or three months."), "currency", keeps, 80),
    Action("form.save", N_("Save"), N_("Save the form: the change goes to central."), "form", editing, 90),
    Action("form.discard", N_("Throw away"), N_("Throw away what was changed in the form."), "form", editing, 30),
    Action("presence.choose", N_("My state"), N_("Become available, pause or leave the queue."), "", logged_in, 35),
    Action("place.switch", N_("Desk / floor"), N_("Change between your desk, the directory and the floor."), "",
           has_places, 25, names=_place_label),
    Action("line.reconnect", N_("Reconnect"), N_("Connect to central now."), "", disconnected, 95),
    Action("notice.dismiss", N_("Clear notices"), N_("Clear the notices on the screen."), "", noticed, keyless=True),
    Action("theme.choose", N_("Theme"), N_("Choose the colours of the screen, and see each at once."), "",
           keyless=True),
    Action("keymap.choose", N_("Keys"), N_("Choose another set of keys; it is in force at once."), "", keyless=True),
    Action("reader.switch", N_("Screen reader"), N_("Begin or end screen-reader mode: sentences instead of columns."),
           "", keyless=True),
    Action("reader.where", N_("Where am I"), N_("Hear the contact, the line, what waits and what can be done."), "",
           logged_in, keyless=True),
    Action("reader.again", N_("Say again"), N_("Hear what was announced, and at each further press the one before."),
           "", logged_in, keyless=True),
    Action("reader.list", N_("Announcements"), N_("Read the last fifty announcements."), "", logged_in, keyless=True),
    Action("doctor", N_("Doctor"), N_("Examine this workstation: telephone, sound, central, clock, keyring and disk."),
           "", logged_in, keyless=True),
    Action("screen.repaint", N_("Draw again"),
           N_("Draw the whole screen again, when something else wrote over it."), "", keyless=True),
    Action("logout", N_("Log out"), N_("Leave the queue and log out."), "", logged_in, keyless=True),
    Action("palette", N_("Actions"), N_("Find any action by its name."), "", logged_in, 20),
    Action("help", N_("Help"), N_("See every key and the manual."), "", always, 15),
    Action("guide", N_("Guide"), N_("Learn the work step by step, with simulated citizens."), "", practising,
           keyless=True),
    Action("quit", N_("Leave"), N_("Leave the workstation."), "", always, 5),
)  # fmt: skip
SEARCH_ACTIONS = ("directory.filter", "record.call", "record.send", "record.report")
"""What is done while one searches."""
RECORD_ACTIONS = ("record.call", "record.send", "record.report")
"""What can be done with a record, in the order of its card."""
KEEPING_ACTIONS = ("keep.edit", "keep.confirm", "keep.retire")
"""The same for who keeps the directory."""
BY_ID = {action.id: action for action in ACTIONS}
RULES = {action.id: action.rule for action in ACTIONS}


def at_hand(state: DeskState, place: str) -> tuple[Action, ...]:
    """The actions that can be done now in this place, in the registry's order."""
    return tuple(action for action in ACTIONS if action.place in {"", place} and action.available(state))


def hints(state: DeskState, place: str, also: tuple[str, ...] = ()) -> tuple[Action, ...]:
    """What to show below, in the registry's order; ``Action.hint`` says what to leave out first."""
    return tuple(action for action in at_hand(state, place) if action.hint or action.id in also)
