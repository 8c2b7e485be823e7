"""What a person does about the telephone's registration."""

from collections.abc import Callable
from typing import Protocol

from textual.widgets import Input, TextArea

from catgem_tui.desk.intents import GivePhonePassword
from catgem_tui.desk.state import DeskState
from catgem_tui.phone.port import Registered
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.overlay import Overlay


class Exchange(Protocol):
    """What is needed of the application."""

    desk: Desk

    @property
    def state(self) -> DeskState: ...
    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None: ...


def ask_password(work: Exchange) -> None:
    from catgem_tui.ui.screens.password import PasswordDialog

    registration = work.state.phone.registration
    dialog = PasswordDialog(
        registration.registrar,
        refused=registration.state is Registered.REFUSED,
        kept=work.state.secrets == "keyring",
    )

    def give(password: str) -> None:
        if password:
            work.desk.do(GivePhonePassword(password))

    work.ask(dialog, give)


def may_ask(state: DeskState, focused: object) -> bool:
    """Whether the question may come by itself: to whoever has nobody in hand and is writing nothing."""
    writing = (isinstance(focused, Input) and focused.value) or (isinstance(focused, TextArea) and focused.text)
    return state.phone.registration.password_wanted and not state.mine and not writing
