"""What is done with calls."""

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import (
    SendDigits,
    SetMute,
)
from catgem_tui.protocol.commands import (
    Hold,
    Transfer,
    Unhold,
)
from catgem_tui.ui.floor_deeds import ask_target
from catgem_tui.ui.screens.dialogs import DigitsDialog
from catgem_tui.ui.work import Work


def hold(work: Work) -> None:
    contact = work.state.focused
    if contact is not None and contact.call is not None:
        work.desk.do(Unhold(contact=contact.id) if contact.call.held else Hold(contact=contact.id))


def mute(work: Work) -> None:
    work.desk.do(SetMute(not work.state.phone.muted))


def transfer(work: Work) -> None:
    contact = work.state.focused
    if contact is not None:
        work.desk_screen.middle.flush()

        def go(advisor: str, queue: str) -> None:
            work.desk.do(Transfer(contact=contact.id, advisor=advisor, queue=queue))

        ask_target(work, contact, _("Transfer to"), go)


def send_digits(work: Work) -> None:
    extension = next((call.extension for call in work.state.phone.calls if call.number), "")
    work.ask(DigitsDialog(lambda digits: work.desk.do(SendDigits(digits)), extension), lambda _nothing: None)
