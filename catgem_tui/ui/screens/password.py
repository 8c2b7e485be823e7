"""The telephone's password at its exchange, asked for when it is needed and not kept, or was refused."""

from textual.widgets import Input

from catgem_tui.config.i18n import _
from catgem_tui.ui.keys import keyed
from catgem_tui.ui.lines import line, paragraph
from catgem_tui.ui.screens.dialogs import FieldDialog
from catgem_tui.ui.widgets.field import Field
from catgem_tui.ui.widgets.lines import Lines


class PasswordDialog(FieldDialog):
    """Leaves with the password, or with an empty string; work goes on without."""

    def __init__(self, registrar: str, *, refused: bool, kept: bool) -> None:
        """``kept``: whether there is a keyring to keep it."""
        super().__init__()
        self.registrar = registrar
        self.refused = refused
        self.kept = kept
        self.field = Field(password=True, compact=True)

    def draw(self) -> None:
        heading = self.query_one("#heading", Lines)
        width = heading.text_width
        if width <= 0:
            return
        where = {"registrar": self.registrar}
        why = (
            _("%(registrar)s refused the password it was given.")
            if self.refused
            else _("%(registrar)s asks for a password, and none is kept here.")
        )
        keeping = (
            _("It is kept in the keyring of this machine.")
            if self.kept
            else _("There is no keyring: it is kept until you leave, and asked for again next time.")
        )
        told = [*paragraph(why % where, width), *paragraph(keeping, width, "dim")]
        heading.show([line((_("Password of the telephone"), "accent")), *told])
        words = _("%(choose)s goes on · %(back)s goes on without the telephone's line")
        self.query_one("#foot", Lines).show([line((keyed(self).keymap.said(words), "dim"))])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)
