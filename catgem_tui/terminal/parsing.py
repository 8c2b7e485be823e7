"""What the terminal sends, as keys: by Textual's parser, which by itself takes the keypad's keys for other ones."""

from collections.abc import Callable, Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys

from catgem_tui.terminal.keypad import TOLD, Keypad, find_key


class KeypadParser(XTermParser):
    """Textual's, with the keypad's keys under names of their own while ``told`` says so."""

    def __init__(self, keypad: Keypad, told: Callable[[], bool]) -> None:
        super().__init__()
        self._keypad, self._told = keypad, told

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        key = find_key(sequence, self._keypad) if len(sequence) > 2 and self._told() else None
        if key is None:
            return super()._sequence_to_key_events(sequence, alt)
        return [events.Key(key, TOLD[key]) if key else events.Key(Keys.Ignore, sequence)]
