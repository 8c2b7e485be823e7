"""Makes the citizens' voices anew: ``python -m catgem_tui.citizens.voices.produce``."""

import subprocess
import sys
import tempfile
from pathlib import Path

from catgem_tui.citizens.voices import FOLDER, OFFICE

QUESTIONS = {
    "acta": ("es-mx+f2", "Buenas tardes, ¿qué necesito para una copia certificada de mi acta de nacimiento?"),
    "licencia": ("es-mx+m3", "Hola, quiero saber dónde renuevo mi licencia de conducir en Toluca."),
    "predial": ("es-mx+f4", "Disculpe, ¿a qué teléfono llamo para pagar el predial de Ecatepec?"),
    "director": ("es-mx+m1", "Buenos días, ¿me comunica con la directora del registro civil?"),
    "horario": ("es-mx+f3", "¿Hasta qué hora abre la oficina de Naucalpan?"),
    "cita": ("es-mx+m2", "Necesito una cita para mi pasaporte, ¿es con ustedes?"),
    "apoyo": ("es-mx+f5", "Soy adulta mayor, ¿dónde me inscribo para la tarjeta de apoyo?"),
    "queja": ("es-mx+m4", "Quiero poner una queja por una luminaria que no sirve en mi colonia."),
}
"""Voice and words by file name."""
OFFICE_WORDS = ("es-mx+f1", "Oficina de atención, buenos días. ¿En qué le puedo ayudar? Le escucho.")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        said = {FOLDER / f"{name}.wav": question for name, question in QUESTIONS.items()}
        for target, (voice, words) in {**said, OFFICE: OFFICE_WORDS}.items():
            spoken = Path(folder) / target.name
            subprocess.run(["espeak-ng", "-v", voice, "-s", "170", "-w", str(spoken), words], check=True)  # noqa: S603, S607
            target.parent.mkdir(exist_ok=True)
            subprocess.run(["sox", str(spoken), "-r", "8000", "-c", "1", "-e", "a-law", str(target)], check=True)  # noqa: S603, S607
    return 0


if __name__ == "__main__":
    sys.exit(main())
