"""What simulated citizens say on the telephone: short questions in Spanish, A-law WAV files at 8 kHz.

``python -m catgem_tui.citizens.voices.produce`` makes them; it needs espeak-ng and sox.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
VOICES: tuple[Path, ...] = tuple(sorted(FOLDER.glob("*.wav")))
"""Absolute paths, in a fixed order."""
OFFICE = FOLDER / "office" / "oficina.wav"
"""What is said at the other end of a call that an advisor makes."""
