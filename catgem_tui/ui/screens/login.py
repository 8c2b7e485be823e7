"""Who is going to work here."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.ui.keys import key_name, keyed
from catgem_tui.ui.lines import Line as TextLine
from catgem_tui.ui.lines import line, paragraph, span
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.place import PlaceScreen
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.lines import Lines


class LoginScreen(PlaceScreen):
    DEFAULT_CSS = """
    LoginScreen { align: center middle; background: $on-background; }
    LoginScreen > Vertical { width: 48; height: auto; }
    LoginScreen #name { margin-bottom: 1; }
    LoginScreen Input { margin-bottom: 1; padding: 0 1; background: $on-field; }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the field: a password typed at once must not go where the user's name is seen.
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("enter", "go_on", show=False, priority=True),
    ]

    def __init__(
        self,
        desk: Desk,
        faults: list[str],
        entered: Callable[[], None],
        fielded: Callable[[Input], None],
        user: str = "",
    ) -> None:
        """``fielded`` is given the field that has the focus, once there is one."""
        super().__init__(entered)
        self.fielded = fielded
        self.desk = desk
        self.faults = faults
        self.slice: object = None
        self.known_user = user
        self.user = Field(compact=True, id="username")
        self.password = Field(compact=True, id="password", password=True)
        self.incomplete = ""

    def on_mount(self) -> None:
        self.user.value = self.known_user  # a field takes its text only while the application runs
        field = self.password if self.user.value else self.user
        self.set_focus(field)
        self.fielded(field)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="name")
            yield Lines(id="username-label")
            yield self.user
            yield Lines(id="password-label")
            yield self.password
            yield Lines(id="outcome")

    def draw(self, state: DeskState, now: float) -> None:
        taken = (state.line, state.central, state.notices, tuple(self.faults), self.incomplete, self.bottom())
        if taken == self.slice:
            return
        self.slice = taken
        centre = state.settings.name if state.settings else _("Telephone attention centre")
        self.query_one("#name", Lines).show(
            [line(("CATGEM", "accent"), ("   ", "text"), (centre, "bright")), line(span(state.central, "dim"))]
        )
        self.query_one("#username-label", Lines).show([line((_("User"), "text"))])
        self.query_one("#password-label", Lines).show([line((_("Password"), "text"))])
        self.query_one("#outcome", Lines).show(self.outcome(state))

    def outcome(self, state: DeskState) -> list[TextLine]:
        width = 46
        told: list[TextLine] = []
        if state.line is Line.LOGGING_IN:
            told += [line((_("Logging in…"), "accent"))]
        elif self.incomplete:
            told += paragraph("!  " + self.incomplete, width, "sla.warning")
        for notice in state.notices[-2:]:
            from catgem_tui.ui import wording

            if notice.code not in wording.CONTINUOUS:
                told += paragraph("!! " + wording.notice(notice, state.central), width, "error")
        for fault in self.faults:
            told += paragraph("!  " + fault, width, "sla.warning")
        return [*told, (), self.bottom()]

    def bottom(self) -> TextLine:
        """The keys; what is being pressed goes before them."""
        return keyed(self).key_line or line((self.keys_told(), "dim"))

    def keys_told(self) -> str:
        keymap = keyed(self).keymap
        keys = {"enter": key_name("enter"), "help": keymap.name("help"), "quit": keymap.name("quit")}
        return _("%(enter)s logs in · %(help)s help · %(quit)s leaves") % keys

    @on(Input.Changed)
    def forget_incomplete(self, event: Input.Changed) -> None:
        self.incomplete = ""

    def action_go_on(self) -> None:
        """From the user to the password; from there in, once the field has taken what was typed before."""
        if self.focused is self.user and not self.password.value:
            self.set_focus(self.password)
        elif self.focused is not None:
            self.focused.call_later(self.log_in)

    def log_in(self) -> None:
        name = self.user.value.strip()
        if not name or not self.password.value:
            self.incomplete = _("Write your user and your password.")
            self.set_focus(self.password if name else self.user)
        elif self.desk.state.line is not Line.LOGGING_IN:
            from catgem_tui.desk.intents import Login

            self.incomplete = ""
            self.desk.do(Login(username=name, password=self.password.value))
            self.password.clear()
            self.set_focus(self.password)
        self.draw(self.desk.state, 0.0)
