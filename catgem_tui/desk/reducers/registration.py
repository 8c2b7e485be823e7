"""Being registered at an exchange: asked for whenever the engine is ready, and told as it is.

Central is not told of it: its embedded lines call the engine where it listens, registered or not.
"""

from msgspec.structs import replace

from catgem_tui.desk.effects import RegisterPhone
from catgem_tui.desk.happenings import PhoneFailed, PhonePasswordMissing
from catgem_tui.desk.intents import GivePhonePassword
from catgem_tui.desk.model import Turn
from catgem_tui.desk.reducers import away, outgoing, telephone
from catgem_tui.desk.state import PhoneStatus, Severity
from catgem_tui.phone import port
from catgem_tui.phone.port import Registered

NOTICES = ("line_password", "line_address", "line_certificate", "line_settings")
_NO_SUCH_ADDRESS = 404


def take_phone(turn: Turn, event: port.Ready) -> None:
    away.take_phone(turn, event)
    if turn.view.phone.registration.registrar:
        turn.perform(RegisterPhone())


def lose_engine(turn: Turn, event: port.EngineStopped) -> None:
    """Whoever is dead is registered nowhere, whatever the exchange still believes."""
    telephone.lose_engine(turn, event)
    show(turn, Registered.NOT)


def move(turn: Turn, event: port.Moved) -> None:
    telephone.show_phone(turn, uri=event.uri)
    telephone.tell_where(turn)


def hear(turn: Turn, event: port.RegistrationChanged) -> None:
    turn.withdraw_notices(*NOTICES)
    match event.state:
        case Registered.REFUSED:
            cause = "address" if event.code == _NO_SUCH_ADDRESS else "password"
            show(turn, event.state, cause, password_wanted=cause == "password")
            tell(turn, f"line_{cause}")
        case Registered.UNREACHABLE if "certificate" in event.reason.lower():
            show(turn, event.state, "certificate")
            tell(turn, "line_certificate")
        case _:
            show(turn, event.state)


def miss_password(turn: Turn, _event: PhonePasswordMissing) -> None:
    show(turn, Registered.NOT, password_wanted=True)
    tell(turn, "line_password")


def give_password(turn: Turn, intent: GivePhonePassword) -> None:
    if intent.password and turn.view.phone.registration.registrar:
        turn.withdraw_notices(*NOTICES)
        show(turn, Registered.TRYING)
        turn.perform(RegisterPhone(intent.password))


def fail(turn: Turn, event: PhoneFailed) -> None:
    if not isinstance(event.command, port.Register):
        outgoing.fail(turn, event)
    elif turn.view.phone.status is PhoneStatus.READY:  # else the engine died meanwhile: it registers when it is back
        show(turn, Registered.NOT, "settings")
        tell(turn, "line_settings")


def tell(turn: Turn, code: str) -> None:
    turn.notify(code, Severity.WARNING, args={"registrar": turn.view.phone.registration.registrar})


def show(turn: Turn, state: Registered, cause: str = "", *, password_wanted: bool = False) -> None:
    """A loss begins once: trying again, or for another reason, does not make it younger."""
    before = turn.view.phone.registration
    out = (Registered.TRYING, Registered.UNREACHABLE)
    lasting = before.state is state or (before.state in out and state in out)
    since = before.since if lasting and before.since else turn.view.now(turn.now)
    changed = replace(before, state=state, since=since, cause=cause, password_wanted=password_wanted)
    telephone.show_phone(turn, registration=changed)
