"""What the actions about an advisor's telephone outside do."""

from typing import TYPE_CHECKING

from catgem_tui.config.i18n import _
from catgem_tui.protocol.commands import SetOutsidePhone
from catgem_tui.ui.screens.dialogs import TextDialog
from catgem_tui.ui.screens.overlay import Remembered

if TYPE_CHECKING:
    from catgem_tui.ui.work import Work


def choose(work: "Work") -> None:
    """Ask for it; what was given last is there already, and nothing leaves it."""
    last = work.remembered("outside phone")
    me = work.state.me
    current = me.outside_phone if me is not None else ""

    def go(answer: str) -> None:
        if not answer:
            return
        address = answer.removeprefix(">")
        if address:
            last.text = address
        if address or current:
            work.desk.do(SetOutsidePhone(address=address))

    about = _(
        "Central calls this telephone and keeps it on the line for your calls. Leave it empty to use this one again."
    )
    field = Remembered(current or last.text)
    work.ask(TextDialog(_("Outside telephone"), _("number or SIP address"), field, about), go)


DEEDS = {"phone.outside": choose}
