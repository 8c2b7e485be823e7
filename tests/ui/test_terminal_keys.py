"""What a terminal sends, as keys."""

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from catgem_tui.ui.keys import know_chords


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1bnNo", ["alt+n", "N", "o"]),
        ("\x1bn\x1b[A", ["alt+n", "up"]),
        ("\x1bs\x1bn", ["alt+s", "alt+n"]),
        ("\x1b\x1b[A\x1bOP", ["escape", "up", "f1"]),
        ("\x1bf\x1bb", ["ctrl+right", "ctrl+left"]),
    ],
)
def test_what_follows_a_chord_at_once_is_no_part_of_it(sent: str, keys: list[str]) -> None:
    know_chords()
    assert [event.key for event in XTermParser().feed(sent) if isinstance(event, events.Key)] == keys
