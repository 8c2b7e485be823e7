"""Keys that something between the fingers and the workstation may keep for itself, with the reason and its source.

The shipped keymaps avoid them or double them: what is needed in a call has a key that none of these takes.
"""

from msgspec import Struct


class Swallowed(Struct, frozen=True):
    keys: tuple[str, ...]
    """Strokes as keymaps write them."""
    by: str
    why: str
    source: str


SWALLOWED: tuple[Swallowed, ...] = (
    Swallowed(("ctrl+b",), "tmux", "its prefix", "tmux(1), DEFAULT KEY BINDINGS"),
    Swallowed(("ctrl+a",), "GNU screen", "its command character", "screen(1), DEFAULT KEY BINDINGS"),
    Swallowed(
        ("ctrl+s", "ctrl+q"),
        "terminals and serial lines with software flow control, GNU screen with flow on",
        "XOFF and XON stop and start the output; Textual switches that off (termios IXON) on the terminal it runs in, "
        "not on one further out",
        "termios(3), IXON; screen(1), FLOW-CONTROL",
    ),
    Swallowed(
        ("ctrl+c", "ctrl+z", "ctrl+backslash"),
        "a terminal that is not in raw mode",
        "interrupt, suspend and quit signals; Textual switches them off (termios ISIG) in its own",
        "termios(3), ISIG",
    ),
    Swallowed(("ctrl+right_square_bracket",), "telnet", "its escape character", "telnet(1)"),
    Swallowed(("f1",), "GNOME Terminal, XFCE's terminal", "their own help", "gnome-terminal, shortcut “Contents”"),
    Swallowed(
        ("f10",), "GNOME Terminal, MATE's and XFCE's terminals", "opens the menu", "GTK, gtk-menu-bar-accel (F10)"
    ),
    Swallowed(
        ("f11",),
        "GNOME Terminal, Konsole, Windows Terminal, macOS",
        "full screen; on macOS, show the desktop",
        "gnome-terminal and Konsole shortcuts; Windows Terminal, actions “toggleFullscreen”",
    ),
    Swallowed(
        ("f12",), "Guake, Yakuake, Tilda and their like", "drops the terminal down or away", "guake(1), show-hide"
    ),
    Swallowed(
        ("ctrl+pageup", "ctrl+pagedown"),
        "GNOME Terminal and others with tabs",
        "change the tab",
        "gnome-terminal shortcuts",
    ),
    Swallowed(
        ("shift+pageup", "shift+pagedown", "shift+home", "shift+end"),
        "xterm, VTE terminals, PuTTY",
        "scroll the terminal back",
        "xterm(1), translations scroll-back; PuTTY manual 3.1.2",
    ),
    Swallowed(
        ("ctrl+up", "ctrl+down", "ctrl+left", "ctrl+right"),
        "macOS",
        "Mission Control and spaces",
        "macOS, keyboard shortcuts",
    ),
    Swallowed(
        ("ctrl+w", "ctrl+t", "ctrl+n"), "terminals in a browser", "close, open a tab, a window", "browsers' own keys"
    ),
    Swallowed(
        tuple(f"alt+{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"),
        "Terminal and iTerm2 on macOS, terminals with a menu bar, xterm with eightBitInput",
        "Option writes letters unless it is set to be Meta; Alt opens a menu; or it comes as one 8-bit character",
        "iTerm2 and Terminal, profile's keys; gnome-terminal, mnemonics; xterm(1), eightBitInput, metaSendsEscape",
    ),
    Swallowed(
        ("insert",),
        "Orca, NVDA, JAWS",
        "the screen reader's modifier; also not on every laptop",
        "Orca and NVDA user guides, modifier key",
    ),
)
KEPT: frozenset[str] = frozenset(key for each in SWALLOWED for key in each.keys)
"""All of them."""


def survives(key: str) -> bool:
    """Whether no stroke of a key is one of these."""
    return not KEPT.intersection(key.split())
