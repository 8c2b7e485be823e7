"""Which characters the terminal can show, as far as its environment tells."""

import sys
from collections.abc import Mapping
from typing import Literal

Characters = Literal["all", "latin", "ascii"]
"""What a terminal can show: ``all`` characters; ``latin``, the letters of ISO 8859-1; or ``ascii`` alone."""
Switch = Literal["auto", "on", "off"]
_UNCHOSEN = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})
"""What Python makes of ``LC_CTYPE`` by itself where the locale is C (PEP 538)."""


def characters(switch: Switch, environment: Mapping[str, str]) -> Characters:
    """What may be drawn; ``on`` draws no signs beyond ASCII, and letters as far as the terminal has them."""
    codeset = _codeset(environment)
    latin = codeset in {"utf8", "iso88591", "iso885915"} or sys.platform == "win32"
    if switch == "off":
        return "all"
    plain = switch == "on" or codeset != "utf8" or environment.get("TERM") == "linux"
    if sys.platform == "win32":
        plain = switch == "on"
    return ("latin" if latin else "ascii") if plain else "all"


def _codeset(environment: Mapping[str, str]) -> str:
    """Of the locale in force (POSIX: LC_ALL, then LC_CTYPE, then LANG), as ``utf8``; empty for C."""
    ctype = environment.get("LC_CTYPE", "")
    if sys.flags.utf8_mode and ctype in _UNCHOSEN:
        ctype = ""
    name = environment.get("LC_ALL") or ctype or environment.get("LANG", "")
    codeset = name.partition(".")[2].partition("@")[0] or name
    return "".join(each for each in codeset.lower() if each.isalnum())
