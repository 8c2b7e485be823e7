"""What a telephone line says: Spanish prompts and hold music, A-law WAV files at 8 kHz.

``python -m catgem_tui.central.voice.prompts.produce`` makes them (it needs espeak-ng and sox); an office replaces them
with recordings of its own voice by giving other paths.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """Absolute paths of WAV files the engines can read."""

    greeting: Path = FOLDER / "greeting.wav"
    """Who answers, and the privacy notice."""
    waiting: Path = FOLDER / "waiting.wav"
    """Said now and then to who waits."""
    survey: Path = FOLDER / "survey.wav"
    """Asks for a digit from 1 to 5, after a chime."""
    thanks: Path = FOLDER / "thanks.wav"
    outside: Path = FOLDER / "outside.wav"
    """Said to an advisor's telephone outside once it has answered."""
    beep: Path = FOLDER / "beep.wav"
    """Heard there before each call."""
    closed: Path = FOLDER / "closed.wav"
    """Said before hanging up on who can't be served."""
    music: Path = FOLDER / "music.wav"
    """Plays in a loop."""
    ringing: Path = FOLDER / "ringing.wav"
    """What an advisor hears while whom they ask is rung; plays in a loop."""
