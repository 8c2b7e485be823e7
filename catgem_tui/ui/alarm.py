"""What tells of an offer beyond the screen itself: the terminal's bell, the window's title, a desktop notification.

Escape sequences: the title is OSC 2 with xterm's stack of titles (CSI 22 t, 23 t); notifications are OSC 9 (iTerm2),
OSC 99 (kitty's protocol of desktop notifications) and OSC 777 (rxvt-unicode's). A terminal passes over an OSC that it
does not know. Nothing blinks.
"""

import base64
from collections.abc import Callable, Mapping

from catgem_tui.config.settings import Ring

BELL = "\a"
ESCAPE, END = "\x1b]", "\x1b\\"
_LONGEST = 120
"""Characters of a notification."""
_BY_TERMINAL = (
    ("kitty", "osc99"), ("foot", "osc777"), ("rxvt", "osc777"), ("ghostty", "osc777"), ("wezterm", "osc777"),
    ("iterm", "osc9"),
)  # fmt: skip
"""What is found in a terminal's name, to the notification that it knows."""


class Alarm:
    """``write`` sends to the terminal. ``environment`` tells which terminal that is."""

    def __init__(self, manner: Ring, write: Callable[[str], None], environment: Mapping[str, str]) -> None:
        self._manner = manner
        self._write = write
        self._environment = environment
        self._titled = False

    def sound(self, words: str) -> None:
        """Something is offered; ``words`` say what, and nothing of who it is."""
        words = clean(words)
        if self._manner.bell:
            self._write(BELL)
        kind = self._kind()
        if kind:
            self._write(self._through_tmux(notification(kind, words)))
        if self._manner.screen and self._environment.get("TERM") != "linux":
            self._write(("" if self._titled else "\x1b[22;2t") + f"{ESCAPE}2;◆ {words}{END}")
            self._titled = True

    def rest(self) -> None:
        """Nothing is offered any more: the window is called what it was called before."""
        if self._titled:
            self._titled = False
            # A terminal without a stack of titles keeps the one it was given last.
            self._write(f"{ESCAPE}2;CATGEM{END}\x1b[23;2t")

    def _kind(self) -> str:
        wanted, environment = self._manner.notification, self._environment
        if wanted == "off" or environment.get("TERM") in {"linux", "dumb"}:
            return ""
        if wanted != "auto":
            return wanted
        # SSH hands on TERM and LC_…; inside tmux only the variables of the terminal around it tell.
        names = (environment.get(name, "") for name in ("TERM_PROGRAM", "LC_TERMINAL", "TERM"))
        named = " ".join(names).lower()
        return next((kind for part, kind in _BY_TERMINAL if part in named), "osc777")

    def _through_tmux(self, sequence: str) -> str:
        if not self._environment.get("TMUX"):
            return sequence
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + END


def notification(kind: str, words: str) -> str:
    """The escape sequence of a notification; ``words`` are clean."""
    if kind == "osc9":
        return f"{ESCAPE}9;CATGEM: {words}{END}"
    if kind == "osc99":
        body = base64.b64encode(words.encode()).decode()
        return f"{ESCAPE}99;i=catgem:d=0;CATGEM{END}{ESCAPE}99;i=catgem:d=1:p=body:e=1;{body}{END}"
    return f"{ESCAPE}777;notify;CATGEM;{words}{END}"


def clean(words: str) -> str:
    """Without what could end the sequence or begin another: control characters of both kinds, and semicolons."""
    kept = "".join(character if character.isprintable() and character != ";" else " " for character in words)
    return " ".join(kept.split())[:_LONGEST]
