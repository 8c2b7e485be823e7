"""Makes the prompts and the hold music anew: ``python -m catgem_tui.central.voice.prompts.produce``.

The words are spoken by espeak-ng, the music and the chime are computed here; sox turns both into A-law at 8 kHz.
"""

import array
import math
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from catgem_tui.central.voice.prompts import FOLDER

RATE = 8000
WORDS = {
    "greeting": (
        "Centro de atención del Estado de México. Su llamada se graba y el aviso de privacidad protege sus datos."
    ),
    "waiting": "Seguimos buscando quién le atienda. Por favor, permanezca en la línea.",
    "survey": "Califique la atención que recibió. Marque del 1 al 5, donde 5 es excelente.",
    "thanks": "Gracias por llamar. Hasta luego.",
    "outside": "Su teléfono está conectado con el centro de atención. No cuelgue: aquí escuchará sus llamadas.",
    "closed": "Por el momento no podemos atender su llamada. Por favor, intente más tarde.",
}
CHIME = (1480.0, 1109.0)
"""Two tones before the survey's question, 0.25 s each: the sign that it is the caller's turn to press a key."""
BEEP = 660.0
"""A soft tone: an advisor's telephone outside is about to be given a call."""
DRONE = 220.0
"""Sounds through all of the music, so a machine can tell music from a person."""
DRONE_LEVEL = 0.06
A_LAW = ("-c", "1", "-e", "a-law")
CHORDS = (
    (220.0, 277.18, 329.63, 440.0),
    (184.99, 277.18, 369.99, 440.0),
    (146.83, 293.66, 369.99, 440.0),
    (164.81, 246.94, 329.63, 415.3),
)
CHORD_SECONDS = 4.5
RINGING = 425.0
"""The ringing tone of Mexico's exchanges: 1 s on, 4 s off (ITU-T E.180, supplement 2)."""


def speak(name: str, words: str, folder: Path) -> None:
    spoken, narrow = folder / f"{name}-spoken.wav", folder / f"{name}-narrow.wav"
    # Mexico's Spanish, a calm pace; no shell, fixed arguments.
    subprocess.run(["espeak-ng", "-v", "es-mx", "-s", "180", "-g", "1", "-w", str(spoken), words], check=True)  # noqa: S603, S607
    sox(spoken, "-r", str(RATE), narrow)
    target = FOLDER / f"{name}.wav"
    if name == "survey":
        chime = folder / "chime.wav"
        write(chime, [sample for tone in CHIME for sample in sine(tone, 0.35, 0.25)])
        sox(chime, narrow, *A_LAW, target)
    elif name == "waiting":
        # The music's drone goes on beneath the words: who waits, man or machine, is not led to believe it is over.
        drone = folder / "drone.wav"
        write(drone, sine(DRONE, DRONE_LEVEL, seconds(narrow)))
        sox("-m", "-v", "1", narrow, "-v", "1", drone, *A_LAW, target)
    else:
        sox(narrow, *A_LAW, target)


def sine(hertz: float, level: float, length: float) -> list[float]:
    return [level * math.sin(2 * math.pi * hertz * i / RATE) for i in range(int(length * RATE))]


def seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        frames: int = file.getnframes()
        return frames / RATE


def music() -> list[float]:
    """Soft chords over a drone: each note swells and fades within its chord, so the loop has no seam."""
    samples: list[float] = []
    for chord in CHORDS:
        count = int(CHORD_SECONDS * RATE)
        for i in range(count):
            time = len(samples) / RATE
            swell = math.sin(math.pi * i / count) ** 0.6
            notes = 0.0
            for position, note in enumerate(chord):
                # Each note is struck a little after the one below it and rings out.
                since = i / RATE - 0.45 * position
                if since > 0:
                    ring = math.exp(-1.1 * since) * min(1.0, since * 40)
                    notes += ring * (math.sin(2 * math.pi * note * time) + 0.25 * math.sin(4 * math.pi * note * time))
            samples.append(0.09 * notes * swell + DRONE_LEVEL * math.sin(2 * math.pi * DRONE * time))
    return samples


def ringing() -> list[float]:
    return sine(RINGING, 0.15, 1.0) + [0.0] * (4 * RATE)


def write(path: Path, samples: list[float]) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(array.array("h", (int(32767 * s) for s in samples)).tobytes())


def sox(*arguments: str | Path) -> None:
    subprocess.run(["sox", *map(str, arguments)], check=True)  # noqa: S603, S607


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for prompt, words in WORDS.items():
            speak(prompt, words, folder)
        score = folder / "score.wav"
        write(score, music())
        sox(score, *A_LAW, FOLDER / "music.wav")
        tone = folder / "tone.wav"
        write(tone, ringing())
        sox(tone, *A_LAW, FOLDER / "ringing.wav")
        write(tone, [sample for _ in range(2) for sample in (*sine(BEEP, 0.12, 0.2), *sine(BEEP, 0.0, 0.1))])
        sox(tone, *A_LAW, FOLDER / "beep.wav")
    return 0


if __name__ == "__main__":
    sys.exit(main())
