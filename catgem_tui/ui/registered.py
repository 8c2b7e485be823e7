"""How the telephone's registration at an exchange is told on its strip."""

from catgem_tui.config.i18n import N_, _
from catgem_tui.desk.state import Registration
from catgem_tui.phone.port import Registered
from catgem_tui.ui import figures
from catgem_tui.ui.lines import Span

_LOST = {
    (Registered.UNREACHABLE, ""): N_("NOT REGISTERED: no answer of %(registrar)s since %(since)s"),
    (Registered.UNREACHABLE, "certificate"): N_("NOT REGISTERED: the certificate of %(registrar)s is not believed"),
    (Registered.REFUSED, "address"): N_("NOT REGISTERED: %(registrar)s does not know the address"),
    (Registered.REFUSED, "password"): N_("NOT REGISTERED: password refused"),
    (Registered.NOT, "settings"): N_("NOT REGISTERED: wrong settings"),
}


def tell(registration: Registration, *, brief: bool) -> tuple[Span, ...]:
    """``brief``: in a call, which needs the room, only that it is not. Nothing where no registration is asked for."""
    words = {"registrar": registration.registrar, "since": figures.clock(registration.since)}
    lost = _LOST.get((registration.state, registration.cause), "")
    if not registration.registrar or (brief and registration.state in (Registered.YES, Registered.TRYING)):
        return ()
    if brief:
        return ((_("NOT REGISTERED"), "line.offline"),)
    if lost:
        return ((_(lost) % words, "line.offline"),)
    if registration.state is Registered.NOT and registration.password_wanted:
        return ((_("NOT REGISTERED: no password"), "line.offline"),)
    return {
        Registered.YES: ((_("registered at %(registrar)s") % words, "line.online"),),
        Registered.TRYING: ((_("registering at %(registrar)s…") % words, "dim"),),
    }.get(registration.state, ((_("not registered"), "dim"),))
