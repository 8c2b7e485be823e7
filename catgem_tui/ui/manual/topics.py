"""Which section of the manual explains where one is. Topics are the anchors of its headings."""

from collections.abc import Mapping, Sequence

from textual.screen import Screen
from textual.widgets import TextArea

from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.model import Contact
from catgem_tui.ui.actions import direct_call
from catgem_tui.ui.screens.overlay import Overlay
from catgem_tui.ui.screens.place import PlaceScreen

OF_ACTION: Mapping[str, str] = {
    "offer.accept": "offer", "offer.decline": "offer", "call.hold": "hold", "call.conference": "consult",
    "contact.transfer": "transfer", "phone.mute": "hold", "phone.sound": "sound", "contact.park": "park",
    "contact.finish": "finish", "contact.extend": "finish", "contact.next": "my-contacts",
    "contact.previous": "my-contacts", "message.send": "chat", "protocol.check": "protocol",
    "call.pause_recording": "recording", "caller.abuse": "abuse", "contact.emergency": "emergency",
    "call.digits": "keypad", "phone.password": "password", "phone.dial": "dial", "phone.transfer": "dial",
    "phone.hang_up": "dial", "phone.auto_answer": "auto-answer", "phone.outside": "outside",
    "show.contact": "desk", "directory.search": "search", "directory.filter": "filter", "record.call": "record-call",
    "directory.fetch": "directory-copy", "transfer.stop": "log",
    "record.send": "send-record", "record.report": "report", "show.citizen": "citizen", "show.contacts": "my-contacts",
    "show.queue": "queue", "show.notes": "notes", "floor.listen": "monitor", "floor.whisper": "monitor",
    "floor.barge": "monitor", "floor.leave": "monitor", "floor.reassign": "reassign", "floor.blocked": "blocked",
    "caller.unblock": "blocked", "keep.edit": "form", "keep.create": "create", "keep.confirm": "confirm",
    "keep.retire": "retire", "keep.answer": "answer-report", "keep.mark": "bulk", "keep.mark_all": "bulk",
    "keep.mark_none": "bulk", "keep.bulk": "bulk", "keep.merge": "merge", "keep.lists": "lists", "keep.log": "log",
    "keep.currency": "currency", "log.export": "log", "log.record": "log", "currency.period": "currency",
    "form.save": "form", "form.discard": "form", "presence.choose": "presence", "place.switch": "places",
    "line.reconnect": "trouble", "notice.dismiss": "notices", "theme.choose": "screen-theme", "logout": "leave",
    "doctor": "doctor",
    "keymap.choose": "keymaps", "screen.repaint": "screen-repaint", "reader.switch": "screen-reader",
    "reader.where": "reader-keys", "reader.again": "reader-keys", "reader.list": "reader-keys",
    "palette": "palette", "help": "help", "guide": "first-shift", "quit": "leave",
}  # fmt: skip
"""Of every action of the registry: also of the dialogs that it opens."""
OF_SCREEN: Mapping[str, str] = {
    "LoginScreen": "login", "DeskScreen": "desk", "FloorScreen": "floor", "KeepingScreen": "keeping",
    "TooSmallScreen": "desk", "RecordCard": "card", "FormScreen": "form", "BulkScreen": "bulk", "MergeScreen": "merge",
    "LogScreen": "log", "LogCard": "log", "CurrencyScreen": "currency", "BlockedScreen": "blocked",
    "ProposalCard": "proposal", "CandidatesDialog": "merge", "PasswordDialog": "password", "SoundScreen": "sound",
    "DoctorScreen": "doctor", "Keypad": "keypad", "HelpScreen": "help", "GuideEnd": "first-shift",
}  # fmt: skip
"""By the name of a screen's class; a dialog that is not here is explained with the action that opened it."""
OF_PART: Mapping[str, str] = {
    "DirectoryPane": "search", "HistoryPane": "citizen", "MyContacts": "my-contacts", "QueuePane": "queue",
    "notes": "notes",
}  # fmt: skip
"""By the class or the id of a part of a place, while it has the focus."""
_OF_CHANNEL = {Channel.CALL: "hold", Channel.CHAT: "chat", Channel.MAIL: "mail"}


def topic_of(stack: Sequence[Screen[object]], state: DeskState) -> str:
    """Of the uppermost screen that has one; at a place it is told by what has the focus, and by the contact at hand."""
    for screen in reversed(stack):
        if isinstance(screen, PlaceScreen):
            return _of_place(screen, state)
        named = next((OF_SCREEN[each.__name__] for each in type(screen).__mro__ if each.__name__ in OF_SCREEN), "")
        topic = screen.topic if isinstance(screen, Overlay) and not named else named
        if topic:
            return topic
    return ""


def _of_place(place: PlaceScreen, state: DeskState) -> str:
    contact = state.focused
    if contact is not None and contact.state is ContactState.WRAP_UP and isinstance(place.focused, TextArea):
        return "finish"  # the notes are a part of it
    for widget in place.focused.ancestors_with_self if place.focused is not None else ():
        for name in (widget.id or "", type(widget).__name__):
            if name in OF_PART:
                return OF_PART[name]
    topic = OF_SCREEN[type(place).__name__]
    return of_desk(state) if topic == "desk" else topic


def of_desk(state: DeskState) -> str:
    """What the contact at hand, or the want of one, is about."""
    if state.offer is not None:
        return "offer"
    contact = state.focused
    if state.focus in state.shown or state.asked is not None:
        return "asked"
    if direct_call(state) is not None:
        return "direct"
    return "desk" if contact is None else _of_contact(contact)


def _of_contact(contact: Contact) -> str:
    if contact.state is ContactState.WRAP_UP:
        return "finish"
    if contact.call is not None and contact.call.consultation is not None:
        return "consult"
    return _OF_CHANNEL[contact.channel]
