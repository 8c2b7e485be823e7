"""Emergencies, abusive callers and the block list, as this person sees them."""

from msgspec.structs import replace

from catgem_tui.desk import effects
from catgem_tui.desk.happenings import ErrandDone
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import contacts, telephone
from catgem_tui.desk.state import Severity
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel, Refusal
from catgem_tui.protocol.events import BlockedChanged
from catgem_tui.protocol.model import Contact, Struct

UNFIT = {
    (commands.BlockCaller, Refusal.NO_SUCH_TARGET): "number_withheld",
    (commands.BlockCaller, Refusal.TOO_LONG): "block_too_long",
    (commands.UnblockCaller, Refusal.NOT_FOUND): "not_blocked",
}
"""What a refusal means of these commands."""


def block_caller(turn: Turn, body: commands.BlockCaller) -> None:
    """The call ends by it: what was written goes first."""
    contacts.give_away(turn, body)


def hear_of_emergency(turn: Turn, body: commands.CallEmergency) -> None:
    """Central has marked it. Whether the call went on to somebody is known from what the centre can do."""
    contact = turn.view.contacts.get(body.contact)
    settings = turn.view.settings
    if contact is None or settings is None:
        return
    outside = contact.channel is Channel.CALL and settings.calls_out and bool(settings.emergency)
    if outside:
        turn.remember(handed_out={**turn.model.handed_out, contact.id: settings.emergency})  # who may not take it
    code = "emergency_handed" if outside else "emergency_marked"
    turn.notify(code, Severity.WARNING, args={"number": settings.emergency}, contact=contact.id)


def hear_of_unblocking(turn: Turn, body: commands.UnblockCaller) -> None:
    turn.notify("caller_unblocked", Severity.INFORMATION, args={"number": body.number})


def hear_change(turn: Turn, _event: BlockedChanged) -> None:
    """Whoever looks at the list asks for it."""
    turn.show(guard=replace(turn.view.guard, changed=turn.view.guard.changed + 1))


def alert(turn: Turn, before: Contact | None, contact: Contact) -> None:
    """Whoever leads the floor learns of an emergency at once, by sound too."""
    if not turn.sees_floor or not contact.emergency or contact.advisor == turn.my_id:
        return
    if before is not None and before.emergency:
        return
    advisor = turn.view.advisors.get(contact.advisor or "")
    args = {"who": advisor.user.name if advisor else "", "folio": contact.folio}
    turn.notify("emergency_called", Severity.ERROR, args=args, contact=contact.id)
    telephone.chime(turn)


def fetch(turn: Turn) -> None:
    turn.perform(effects.RunErrand(effects.FetchBlocked()))


def show_blocked(turn: Turn, event: ErrandDone) -> None:
    if event.failure:
        turn.show(guard=replace(turn.view.guard, problem=event.failure))
    else:
        turn.show(guard=replace(turn.view.guard, blocked=event.result, problem=""))


def word(body: Struct, code: Refusal) -> str:
    """The notice's code for a refusal; empty where the refusal's own is right."""
    return UNFIT.get((type(body), code), "")
