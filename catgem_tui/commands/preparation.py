"""What commands do before their work: log, read the settings, see whether what they need is there."""

import argparse
import importlib.util
import os
import shlex
import sys
from typing import TYPE_CHECKING

from catgem_tui.config import i18n
from catgem_tui.config.i18n import _

if TYPE_CHECKING:
    from catgem_tui.config.settings import Settings

EXTRAS = {
    "central": ("litestar", "sqlalchemy", "aiosmtpd", "argon2"),
    "phone": ("pjsua2",),
    "sheets": ("python_calamine", "xlsxwriter"),
}
"""The optional parts, and the modules by which they are known to be installed."""


class Told(Exception):
    """Something the person at the terminal has to know; the message is a sentence in their language."""


def prepare(options: argparse.Namespace, program: str, *, aloud: bool = False) -> "Settings":
    """Log, read the settings, speak their language. Raises Told."""
    from catgem_tui.config import log, settings
    from catgem_tui.config.fault import FileFault

    log.start(program, aloud=aloud)
    try:
        read = settings.load(getattr(options, "settings", None))
    except FileFault as fault:
        raise Told(_("The settings cannot be used: %s.") % str(fault).rstrip(".")) from fault
    if not os.environ.get(i18n.VARIABLE):
        i18n.use(read.workstation.language)
    return read


def with_screen(settings: "Settings", options: argparse.Namespace) -> "Settings":
    """The settings, in screen-reader mode if that was asked for."""
    if not getattr(options, "screen_reader", False):
        return settings
    from msgspec.structs import replace

    own = settings.workstation
    return replace(settings, workstation=replace(own, screen=replace(own.screen, reader=True)))


def require(extra: str) -> None:
    """Raises Told unless the optional part is installed."""
    if any(importlib.util.find_spec(module) is None for module in EXTRAS[extra]):
        raise missing(extra)


def missing(extra: str) -> Told:
    """The sentence that names what is not installed, and how it is."""
    lacking = [module for module in EXTRAS[extra] if importlib.util.find_spec(module) is None]
    pip = f"{shlex.quote(sys.executable)} -m pip"  # the pip of a shell without this environment would be another
    return Told(
        _("This needs packages that are not installed (%(missing)s). Install them with: %(command)s")
        % {"missing": ", ".join(lacking), "command": f"{pip} install 'catgem-tui[{extra}]'"}
    )


def require_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Told(_("The workstation needs a terminal: run it in one, not in a pipe."))
    if os.environ.get("TERM") in {"dumb", "unknown"}:  # terminfo's names for what can do nothing but write
        raise Told(
            _("This terminal can show no screen, it says (TERM=%s): use another, or set TERM to what it really is.")
            % os.environ["TERM"]
        )


def read_password(*, from_input: bool, twice: bool = True) -> str:
    """From the first line of standard input, or asked at the terminal; a new one ``twice``. Raises Told."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Told(_("There is no terminal to ask for a password; use --password-stdin."))
    import getpass

    password = getpass.getpass(_("Password: "))
    if twice and getpass.getpass(_("Once more: ")) != password:
        raise Told(_("The two passwords differ."))
    return password
