"""The system's keyring: there, secret, and writable within the time that the workstation gives it."""

import secrets
from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.desk.credentials import LIMIT, SERVICE, choose_backend, within_limit
from catgem_tui.doctor.finding import Finding, Found, Subject, warning, well

_ENTRY = "doctor"


async def examine(subject: Subject) -> Found:
    measured: dict[str, Any] = {}
    try:
        finding = await _try_out(subject, measured)
    except TimeoutError:
        finding = _silent()
    except Exception as error:  # noqa: BLE001 - backends raise what they like
        finding = _broken(error)
    return Found(findings=(finding,), measured=measured)


async def _try_out(subject: Subject, measured: dict[str, Any]) -> Finding:
    """Raises what the keyring raises, and TimeoutError."""
    backend = await within_limit(choose_backend, strict=True)
    if backend is None:
        measured["refused"] = await within_limit(_find_refused, strict=True)
        return _absent(measured["refused"] or "", over_ssh=bool(subject.environment.get("SSH_CONNECTION")))
    measured["backend"] = f"{type(backend).__module__}.{type(backend).__qualname__}"
    if await within_limit(lambda: _try(backend), strict=True):
        return well("keyring.well", _("The keyring keeps secrets: %s.") % measured["backend"])
    sentence = _("The keyring forgets at once what it is given.")
    remedy = _("Choose another keyring: keyringrc.cfg, or the variable PYTHON_KEYRING_BACKEND.")
    return warning("keyring.forgets", sentence, remedy)


def _try(backend: Any) -> bool:
    """Write, read and delete; whether what was read is what was written."""
    word = secrets.token_hex(8)
    backend.set_password(SERVICE, _ENTRY, word)
    try:
        return bool(backend.get_password(SERVICE, _ENTRY) == word)
    finally:
        backend.delete_password(SERVICE, _ENTRY)


def _find_refused() -> str:
    """The backend that was refused because it keeps secrets in plain text, or not at all."""
    import keyring

    chosen = keyring.get_keyring()
    return f"{type(chosen).__module__}.{type(chosen).__qualname__}"


def _absent(plain: str, *, over_ssh: bool) -> Finding:
    without = _("Without one, sessions and unsent texts are not sealed, and restricted fields not kept here.")
    if plain and not plain.startswith(("keyring.backends.fail", "keyring.backends.chainer", "keyring.backends.null")):
        sentence = _("The keyring %s keeps secrets in plain text and is refused.") % plain
        return warning(
            "keyring.plain", sentence, _("Take it out, and install gnome-keyring or KWallet.") + " " + without
        )
    if over_ssh:
        sentence = _("There is no keyring in this SSH session: you log in anew each time, and nothing secret is kept.")
        return warning(
            "keyring.absent", sentence, _("That is usual over SSH. A desktop session of this account has one.")
        )
    sentence = _("There is no keyring.")
    remedy = _("Install and start one: gnome-keyring or KWallet, with a D-Bus session.") + " " + without
    return warning("keyring.absent", sentence, remedy)


def _silent() -> Finding:
    sentence = _("The keyring does not answer within %.0f s; the workstation goes on without it.") % LIMIT
    return warning(
        "keyring.silent", sentence, _("Unlock it in the desktop session, or end its service and log in anew.")
    )


def _broken(error: Exception) -> Finding:
    sentence = _("The keyring refuses to work: %s.") % (str(error).strip().rstrip(".") or type(error).__name__)
    return warning("keyring.broken", sentence, _("Unlock it in the desktop session; if it stays so, make a new one."))
