"""``catgem --version``: the versions of what this is made of, and what the telephone's library offers."""

import argparse
import asyncio
import json
import sys
from importlib import metadata
from typing import Any

from catgem_tui import __version__
from catgem_tui.config.i18n import _


def run(options: argparse.Namespace) -> int:
    facts = asyncio.run(_collect(_find_python(options)))
    if options.json:
        print(json.dumps(facts))
    else:
        print("\n".join(_tell(facts)))
    return 0


def _find_python(options: argparse.Namespace) -> str:
    """The interpreter that runs the telephone. Settings that cannot be read are no reason to hide the version."""
    from catgem_tui.config import settings
    from catgem_tui.config.fault import FileFault

    try:
        return settings.load(getattr(options, "settings", None)).workstation.phone.python or sys.executable
    except FileFault:
        return sys.executable


async def _collect(python: str) -> dict[str, Any]:
    """As ``--json`` prints them; ``telephone`` has either what it offers or ``absent``, a code of PhoneError."""
    import msgspec

    from catgem_tui.phone.offers import ask_offers
    from catgem_tui.phone.port import PhoneError

    telephone: dict[str, Any]
    try:
        telephone = msgspec.to_builtins(await ask_offers(python))
    except PhoneError as error:
        telephone = {"absent": error.code, "detail": error.detail}
    return {
        "catgem": __version__,
        "python": sys.version.split()[0],
        "textual": metadata.version("textual"),
        "telephone": telephone,
    }


def _tell(facts: dict[str, Any]) -> list[str]:
    told = [f"catgem {facts['catgem']}", f"Python {facts['python']}", f"Textual {facts['textual']}"]
    telephone = facts["telephone"]
    if telephone.get("absent") == "no_library":
        words = {"detail": telephone["detail"], "command": "pip install 'catgem-tui[phone]'"}
        return [*told, _("pjsip: not there (%(detail)s). It comes with: %(command)s") % words]
    if "absent" in telephone:
        return [*told, _("pjsip: it does not start (%s).") % telephone["detail"]]
    none = _("none")
    return [
        *told,
        f"pjsip {telephone['version']}",
        _("  transports: %s") % (", ".join(telephone["transports"]) or none),
        _("  codecs: %s") % (", ".join(telephone["codecs"]) or none),
        _("  encryption of sound (SRTP): %s") % (", ".join(telephone["srtp"]) or none),
        _("  ways through firewalls: %s") % (", ".join(telephone["traversals"]) or none),
        _("  sound cards by: %s") % (telephone["sound"] or none),
    ]
