"""What the terminal sends, as keys: Textual takes the keypad's, and PuTTY's arrows with Ctrl, for others."""

from collections.abc import Callable, Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys

from catgem_tui.terminal.keypad import TOLD, Keypad, find_key

NORMAL_CURSOR_KEYS = "\x1b[?1l"
"""DECCKM switched off, in case another program left it on: plain arrows are ``ESC [ A`` to ``ESC [ D`` then."""
_BY_CTRL = {
    "\x1bOA": Keys.ControlUp,
    "\x1bOB": Keys.ControlDown,
    "\x1bOC": Keys.ControlRight,
    "\x1bOD": Keys.ControlLeft,
}
"""What PuTTY makes of the arrows with Ctrl as it comes (its manual, 4.4.7: “Ctrl toggles app mode”)."""


class KeypadParser(XTermParser):
    """Textual's, with the keypad's keys under names of their own while ``told`` says so."""

    def __init__(self, keypad: Keypad, told: Callable[[], bool]) -> None:
        super().__init__()
        self._keypad, self._told = keypad, told

    @property
    def waits(self) -> bool:
        """Whether what has come is read as something else if nothing more comes: ``tick`` does."""
        return self._timeout_time is not None

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if sequence in _BY_CTRL:
            return [events.Key(_BY_CTRL[sequence], None)]
        key = find_key(sequence, self._keypad) if len(sequence) > 2 and self._told() else None
        if key is None:
            return super()._sequence_to_key_events(sequence, alt)
        return [events.Key(key, TOLD[key]) if key else events.Key(Keys.Ignore, sequence)]
