"""What a workstation asks of central.

Every command takes effect at most once: its id is made by the client (UUIDv7) and repeating it returns the stored
answer. ``durable`` ones survive in the workstation's outbox; the others are about this moment and are never replayed
late.
"""

from collections.abc import Callable
from typing import TypeVar

from catgem_tui.protocol.enums import Monitoring, Outcome, Presence
from catgem_tui.protocol.model import SoundReport, Struct

COMMANDS: dict[str, type[Struct]] = {}
"""Kind on the wire to the body's type."""
_KINDS: dict[type[Struct], str] = {}
_DURABLE: set[type[Struct]] = set()

S = TypeVar("S", bound=Struct)


def _command(kind: str, *, durable: bool = False) -> Callable[[type[S]], type[S]]:
    def register(cls: type[S]) -> type[S]:
        COMMANDS[kind] = cls
        _KINDS[cls] = kind
        if durable:
            _DURABLE.add(cls)
        return cls

    return register


def kind_of(body: Struct) -> str:
    """The wire name of a command's body. Raises KeyError for a struct that is no command."""
    return _KINDS[type(body)]


def is_durable(body: Struct) -> bool:
    """Whether the command goes through the outbox and is repeated until central has answered."""
    return type(body) in _DURABLE


@_command("advisor.presence")
class SetPresence(Struct, frozen=True, kw_only=True):
    """Declare availability. During a contact only ``next_presence`` changes; ``offline`` logs off the queue."""

    presence: Presence
    reason: str = ""


@_command("advisor.phone")
class SetPhone(Struct, frozen=True, kw_only=True):
    """Where this workstation's telephone can be reached: a SIP URI, or empty when there is none."""

    uri: str
    engaged: bool = False
    """Whether its person is in a call that they made themselves: no citizen's call is offered meanwhile."""


@_command("advisor.outside_phone")
class SetOutsidePhone(Struct, frozen=True, kw_only=True):
    """Work with a telephone outside: central calls this number or SIP URI and keeps it on the line.

    Empty lets it go.
    """

    address: str = ""


@_command("advisor.mute")
class MuteOutside(Struct, frozen=True, kw_only=True):
    """Let nobody hear this person's telephone outside, or everybody again. A telephone of their own mutes itself."""

    muted: bool


@_command("offer.accept")
class AcceptOffer(Struct, frozen=True, kw_only=True):
    contact: str


@_command("offer.decline")
class DeclineOffer(Struct, frozen=True, kw_only=True):
    """Give the contact back; the advisor becomes not responding, as after a time-out."""

    contact: str


@_command("contact.park")
class Park(Struct, frozen=True, kw_only=True):
    """Set a chat or mail aside; it keeps its advisor."""

    contact: str


@_command("contact.resume")
class Resume(Struct, frozen=True, kw_only=True):
    contact: str


@_command("contact.end")
class EndContact(Struct, frozen=True, kw_only=True):
    """Finish talking: hang up the call, close the chat, stop working on the mail. Begins the wrap-up."""

    contact: str


@_command("contact.extend_wrap_up")
class ExtendWrapUp(Struct, frozen=True, kw_only=True):
    contact: str


@_command("contact.close", durable=True)
class CloseContact(Struct, frozen=True, kw_only=True):
    """End the wrap-up with a disposition (id from the centre's settings) and an outcome."""

    contact: str
    disposition: str
    outcome: Outcome


@_command("contact.notes", durable=True)
class SaveNotes(Struct, frozen=True, kw_only=True):
    """Replace the notes. Refused as stale unless ``revision`` is the contact's ``notes_revision`` + 1."""

    contact: str
    text: str
    revision: int


@_command("contact.step", durable=True)
class CheckStep(Struct, frozen=True, kw_only=True):
    """Check or clear one step of the attention protocol."""

    contact: str
    step: str
    done: bool = True


@_command("contact.transfer")
class Transfer(Struct, frozen=True, kw_only=True):
    """Hand a contact on: to ``advisor`` (user id), back to ``queue``, or a call to an outside ``number``; exactly one
    is set."""

    contact: str
    advisor: str = ""
    queue: str = ""
    number: str = ""


@_command("contact.emergency")
class CallEmergency(Struct, frozen=True, kw_only=True):
    """Mark the contact as an emergency and hand its call on to the centre's emergency number, at once."""

    contact: str


@_command("chat.send", durable=True)
class SendChat(Struct, frozen=True, kw_only=True):
    """Write to the citizen. The command's id is the message's id."""

    contact: str
    text: str


@_command("mail.draft", durable=True)
class SaveDraft(Struct, frozen=True, kw_only=True):
    contact: str
    text: str


@_command("mail.send", durable=True)
class SendMail(Struct, frozen=True, kw_only=True):
    """Answer the citizen's mail; subject and threading come from the contact. The command's id is the message's id."""

    contact: str
    text: str


@_command("call.hold")
class Hold(Struct, frozen=True, kw_only=True):
    contact: str


@_command("call.unhold")
class Unhold(Struct, frozen=True, kw_only=True):
    contact: str


@_command("call.consult")
class Consult(Struct, frozen=True, kw_only=True):
    """Ask somebody while the citizen waits with music: an ``advisor`` (user id) or an outside ``number``; exactly one
    is set."""

    contact: str
    advisor: str = ""
    number: str = ""


@_command("call.swap")
class Swap(Struct, frozen=True, kw_only=True):
    """During a consultation: speak with the other one; who was spoken with waits with music."""

    contact: str


@_command("call.conference")
class Conference(Struct, frozen=True, kw_only=True):
    """During a consultation: all three hear each other."""

    contact: str


@_command("call.complete")
class CompleteTransfer(Struct, frozen=True, kw_only=True):
    """During a consultation: leave; the citizen stays with who was consulted (attended transfer)."""

    contact: str


@_command("call.end_consult")
class EndConsult(Struct, frozen=True, kw_only=True):
    """Let who was consulted, or is being called, go; the citizen is back. The consulted advisor may say it too."""

    contact: str


@_command("call.pause_recording")
class PauseRecording(Struct, frozen=True, kw_only=True):
    """Record silence for a while: sensitive data is said. ``step`` is the protocol step that it belongs to, if any."""

    contact: str
    step: str = ""


@_command("call.resume_recording")
class ResumeRecording(Struct, frozen=True, kw_only=True):
    contact: str


@_command("call.sound", durable=True)
class ReportSound(Struct, frozen=True, kw_only=True):
    """How the finished call sounded at the advisor's telephone; kept with the contact."""

    contact: str
    sound: SoundReport


@_command("caller.warn")
class WarnCaller(Struct, frozen=True, kw_only=True):
    """The abusive caller was warned, as the protocol asks before the call may be ended for it."""

    contact: str


@_command("caller.block")
class BlockCaller(Struct, frozen=True, kw_only=True):
    """End the call of a warned caller and refuse the number until an instant. Audited, with its reason, which must not
    be empty."""

    contact: str
    until: float
    reason: str


@_command("caller.unblock")
class UnblockCaller(Struct, frozen=True, kw_only=True):
    """Let a blocked number in again. Coordinators only. Audited."""

    number: str
    reason: str = ""


@_command("floor.monitor")
class Monitor(Struct, frozen=True, kw_only=True):
    """Join a call as a coordinator, or change the mode of one joined. The line calls the coordinator's telephone."""

    contact: str
    mode: Monitoring


@_command("floor.leave")
class StopMonitoring(Struct, frozen=True, kw_only=True):
    contact: str


@_command("floor.reassign")
class Reassign(Struct, frozen=True, kw_only=True):
    """Move any contact: to ``advisor`` (user id) or to ``queue``; exactly one is set. Coordinators only."""

    contact: str
    advisor: str = ""
    queue: str = ""


@_command("directory.report", durable=True)
class ReportRecord(Struct, frozen=True, kw_only=True):
    """Tell the information managers that a record is wrong. The command's id is the report's id."""

    record: str
    text: str = ""
    contact: str = ""
    """During which contact it was found; may be empty."""


@_command("directory.editing")
class EditRecord(Struct, frozen=True, kw_only=True):
    """This person now edits the record, or none (empty). Forgotten with the line. Information managers only."""

    record: str = ""
