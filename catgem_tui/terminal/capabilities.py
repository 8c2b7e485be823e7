"""What the terminal can, told by its environment and by terminfo; nothing is assumed of one that nobody knows.

Sources: terminfo(5) for the names of capabilities, ECMA-48 for the sequences, https://no-color.org for NO_COLOR, and
XTERM_VERSION, VTE_VERSION and TERM_PROGRAM as xterm, VTE and tmux (since 3.2) set them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

from catgem_tui.terminal.keypad import Keypad


class Depth(IntEnum):
    """How many colours there are; the order is that of what can be shown."""

    NONE = 0
    SIXTEEN = 1
    EIGHT_BIT = 2
    TRUE = 3


DEPTHS = {"16": Depth.SIXTEEN, "256": Depth.EIGHT_BIT, "true": Depth.TRUE}
"""What a setting calls them."""
_TRUE_COLOUR = re.compile(r"kitty|foot|alacritty|ghostty|wezterm|direct|iterm", re.IGNORECASE)
_COLOURLESS = re.compile(r"vt[1-4]\d\d|dumb|.*-mono|.*-m$")
_DELAY = re.compile(rb"\$<[^>]*>")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The defaults are what every terminal since the VT102 does."""

    depth: Depth = Depth.NONE
    selective: bool = False
    """Attributes can be switched off one by one (SGR 22 to 29)."""
    italic: bool = False
    absolute: bool = False
    """The cursor can be sent to a column or a row alone (CHA, VPA)."""
    erase_characters: bool = False
    """ECH."""
    coloured_erase: bool = False
    """What is erased takes the background in force (bce)."""
    repeat: bool = False
    """REP."""
    insert_lines: bool = False
    """IL and DL."""
    links: bool = False
    """OSC 8."""
    keypad: Keypad = Keypad.UNTOLD
    """How the keypad comes in application mode."""


_MODERN = Capabilities(selective=True, italic=True, absolute=True, insert_lines=True, links=True)
"""A terminal with a name that terminfo does not have here: newer than this machine, as a rule."""


def find_capabilities(environment: Mapping[str, str], colours: str = "auto") -> Capabilities:
    """What the terminal of this process can. ``colours`` is ``auto``, or one of ``DEPTHS`` that goes before what the
    environment says."""
    name = environment.get("TERM", "")
    known = read_terminfo(name)
    if known is None:
        known = _MODERN if name and not _COLOURLESS.fullmatch(name) else Capabilities()
    depth = DEPTHS[colours] if colours in DEPTHS else find_depth(environment, known.depth)
    if in_tmux(environment):  # more than terminfo says of its screen-256color and tmux-256color
        known = replace(
            known, coloured_erase=True, erase_characters=True, repeat=True, selective=True, italic=True, links=True
        )
    # Many call themselves xterm; REP is what they lack most often.
    elif name.startswith("xterm") and not {"XTERM_VERSION", "VTE_VERSION"} & environment.keys():
        known = replace(known, repeat=False)
    return replace(known, depth=depth, keypad=find_keypad(environment))


def find_keypad(environment: Mapping[str, str]) -> Keypad:
    """How the keypad comes in application mode, where that is known and mistaken for no other key."""
    name = environment.get("TERM", "")
    if in_tmux(environment):
        return Keypad.XTERM
    if name == "linux" or name.startswith("putty"):
        return Keypad.CONSOLE
    return Keypad.XTERM if name.startswith("xterm") and "XTERM_VERSION" in environment else Keypad.UNTOLD


def find_depth(environment: Mapping[str, str], listed: Depth = Depth.NONE) -> Depth:
    """The colours there are. ``listed`` are those of terminfo."""
    name = environment.get("TERM", "")
    if environment.get("NO_COLOR") or _COLOURLESS.fullmatch(name):
        return Depth.NONE
    if environment.get("COLORTERM", "").lower() in {"truecolor", "24bit"} and not in_screen(environment):
        return Depth.TRUE
    if _TRUE_COLOUR.search(name):
        return Depth.TRUE
    if name.endswith("256color"):
        return Depth.EIGHT_BIT
    return max(listed, Depth.SIXTEEN)


def in_tmux(environment: Mapping[str, str]) -> bool:
    """Whether tmux is what is written to."""
    return environment.get("TERM_PROGRAM") == "tmux" and not in_screen(environment)


def in_screen(environment: Mapping[str, str]) -> bool:
    """Whether GNU screen is what is written to. It has the variables of the terminal around it, or of the tmux, and can
    less than they say."""
    return "STY" in environment and not environment.get("TERM", "").startswith("tmux")


def over_ssh(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of an SSH session."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def read_terminfo(name: str) -> Capabilities | None:
    """What terminfo says of a terminal; None when it has nothing. A process reads of one terminal in its life."""
    try:
        import curses

        curses.setupterm(name, 1)
    except (ImportError, curses.error, TypeError):
        return None

    def sequence(capability: str) -> bytes:
        return _DELAY.sub(b"", curses.tigetstr(capability) or b"")

    def is_given(capability: str, start: bytes = b"\x1b[") -> bool:
        return sequence(capability).startswith(start)

    colours = curses.tigetnum("colors")
    return Capabilities(
        depth=Depth.EIGHT_BIT if colours >= 256 else Depth.SIXTEEN if colours >= 8 else Depth.NONE,
        selective=sequence("rmul") == b"\x1b[24m",
        italic=is_given("sitm"),
        absolute=is_given("hpa") and is_given("vpa"),
        erase_characters=is_given("ech"),
        coloured_erase=curses.tigetflag("bce") > 0,
        repeat=b"\x1b[" in sequence("rep"),
        insert_lines=is_given("il") and is_given("dl"),
        links=is_given("sitm"),  # every terminal with links has italics; those without may show what is in them
    )
