"""From a fresh checkout to a running program: environment, dependencies, everything. Standard library only.

    python3 -m catgem_tui.bootstrap demo [options of catgem demo]
    python3 -m catgem_tui.bootstrap test [options of pytest]
    python3 -m catgem_tui.bootstrap prepare
    python3 -m catgem_tui.bootstrap lock

The environment is ``.venv`` in the checkout, filled from ``requirements.lock``; nothing is done twice.
"""

# This module, i18n and assets have to load on Pythons too old for the rest, to say so in a sentence.
from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from catgem_tui.config.i18n import _

APT_PATIENCE = 600
"""Seconds to wait for another program that installs packages, as a machine's own updates do soon after its start."""
AT_ONCE = 3
"""Tests at a time on two cores: much of a test's time is waiting, for speech, a process or a time-out."""
CHECKOUT = Path(__file__).resolve().parents[1]
ENVIRONMENT = CHECKOUT / ".venv"
LOCK = CHECKOUT / "requirements.lock"
STAMP = ENVIRONMENT / "catgem-installed"
LOG = ENVIRONMENT / "pip.log"
OLDEST = (3, 11)
PHONE_ENDS_AT = (3, 13)
LOCK_OPTIONS = (
    "--universal --generate-hashes --python-version 3.11 --all-extras"
    " --no-header --no-annotate --no-emit-index-url --no-emit-find-links"
)


class Stuck(Exception):
    """The preparation cannot go on; the message says why and what to do."""


def prepare() -> Path:
    """Make the environment whatever the lock file asks for; returns its Python. Raises Stuck."""
    if sys.version_info < OLDEST:
        raise Stuck(too_old())
    python = ENVIRONMENT / "bin" / "python"
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted and python.exists():
        return python
    make_environment(python)
    say(_("Installing the packages (the first time takes a minute or two)."))
    install(python, ["--require-hashes", "-r", str(LOCK)])
    say(_("Installing catgem itself."))
    install(python, ["--no-deps", "--no-build-isolation", "-e", str(CHECKOUT)])
    if sys.version_info >= PHONE_ENDS_AT:
        say(
            _(
                "The telephone's library comes for Python up to 3.12 and this is %s: everything but the telephone "
                "works. To have it too, name a Python with pjsua2-python, miniaudio and msgspec in the settings "
                "workstation.phone.python and central.voice.python."
            )
            % sys.version.split()[0]
        )
    STAMP.write_text(wanted)
    return python


def too_old() -> str:
    sentence = _("Python 3.11 or newer is needed; this is %s.") % sys.version.split()[0]
    newer = next(filter(shutil.which, ("python3.12", "python3.11")), None)
    return f"{sentence} " + _("Use %s.") % newer if newer else sentence


def fingerprint() -> str:
    """Changes whenever the environment has to be filled anew: not when the system's update of this Python, which
    installing venv can bring along, leaves its number as it was."""
    number = sys.version.split()[0].encode()
    content = LOCK.read_bytes() + (CHECKOUT / "pyproject.toml").read_bytes() + number + bytes(CHECKOUT)
    return hashlib.sha256(content).hexdigest()


def make_environment(python: Path) -> None:
    """A new, empty environment, unless there is one of this very Python that works."""
    STAMP.unlink(missing_ok=True)
    if works(python):
        return
    if importlib.util.find_spec("ensurepip") is None:
        install_venv_package()
    say(_("Making the environment in %s.") % ENVIRONMENT)
    command = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Stuck(_("The environment could not be made: %s") % last_words(made.stdout + made.stderr))


def works(python: Path) -> bool:
    if not python.exists():
        return False
    question = [str(python), "-c", "import sys, pip; print(sys.version)"]
    answer = subprocess.run(question, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


def install_venv_package() -> None:
    """On Debian and Ubuntu ``venv`` is a package of its own."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt is None:
        raise Stuck(_("This Python lacks its venv module. Install it with your system's packages and try again."))
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and shutil.which("sudo") is None:
        asked = _("Python's venv package is missing. Have root run this line and try again:")
        raise Stuck(f"{asked}\n\n    {by_hand(package)}\n")
    if root and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode:
        asked = _("Python's venv package is missing. Run this line and try again:")
        raise Stuck(f"{asked}\n\n    {by_hand(package, 'sudo ')}\n")
    say(_("Installing %s.") % package)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patient = ["-o", f"DPkg::Lock::Timeout={APT_PATIENCE}"]
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *patient, package]):
        run = subprocess.run([*root, apt, *arguments], env=quiet, capture_output=True, text=True, check=False)
    if run.returncode:
        raise Stuck(
            _("%(package)s could not be installed: %(reason)s") % {"package": package, "reason": last_words(run.stderr)}
        )
    importlib.invalidate_caches()


def by_hand(package: str, root: str = "") -> str:
    """The one line that installs a package. A machine fresh from an image has no lists, or those of months ago."""
    return f"{root}apt-get update; {root}apt-get install -y {package}"


def install(python: Path, arguments: list[str]) -> None:
    """Run pip with a counter of packages in place of its many words. Raises Stuck."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    count = 0
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    with LOG.open("w") as log, pip:
        for line in pip.stdout or ():
            log.write(line)
            if line.startswith("Collecting "):
                count += 1
                show_progress(count, line.split()[1].partition("==")[0])
    clear_progress()
    if pip.returncode:
        words = {"reason": pip_reason(LOG.read_text().splitlines()), "log": LOG}
        raise Stuck(_("The packages could not be installed: %(reason)s\nAll that pip said is in %(log)s.") % words)


def pip_reason(lines: list[str]) -> str:
    """Why pip failed, from its words: when it cannot connect its error names only the package it wanted first."""
    unreached = next((line.partition("broken by ")[2] for line in lines if "Retrying (" in line), "")
    errors = [line.strip() for line in lines if line.lstrip().lower().startswith("error:")]
    if unreached:
        return _("the package index cannot be reached.") + f"\n{unreached}"
    return "\n".join(errors[:3]) or last_words("\n".join(lines))


def show_progress(count: int, name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K  {count}  {name}", end="", file=sys.stderr, flush=True)
    elif count % 25 == 0:
        print(f"  {count}", file=sys.stderr, flush=True)


def clear_progress() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def last_words(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return "\n".join(lines[-3:]) or "?"


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def demo(arguments: list[str]) -> int:
    python = prepare()
    os.execv(python, [str(python), "-m", "catgem_tui", "demo", *arguments])


def test(arguments: list[str]) -> int:
    """The whole check: format, lint, types, import rules and catalogues are tests like the others."""
    python = prepare()
    os.chdir(CHECKOUT)
    os.execv(python, [str(python), "-m", "pytest", "-n", str(AT_ONCE), "--dist", "worksteal", *arguments])


def prepare_only(_arguments: list[str]) -> int:
    prepare()
    return 0


def lock(_arguments: list[str]) -> int:
    """Remake requirements.lock from pyproject.toml with uv, keeping what it holds where that still fits."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(ENVIRONMENT / "bin"))
    if uv is None:
        raise Stuck(_("uv is needed to remake the lock file: pip install uv"))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "requirements.lock"
        if LOCK.exists():
            shutil.copy(LOCK, made)
        command = [uv, "pip", "compile", *LOCK_OPTIONS.split(), "pyproject.toml", "-o", str(made)]
        run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        if run.returncode:
            raise Stuck(last_words(run.stderr))
        header = "# Every package, the build backend included, pinned with hashes. Remade by:\n"
        LOCK.write_text(f"{header}#     python3 -m catgem_tui.bootstrap lock\n{made.read_text()}")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {"demo": demo, "test": test, "prepare": prepare_only, "lock": lock}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        say(f"python3 -m catgem_tui.bootstrap {' | '.join(COMMANDS)}")
        return 2
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except Stuck as stuck:
        say(str(stuck))
        return 1
    except OSError as error:
        say(f"{error.strerror}: {error.filename}")
        return 1
    except KeyboardInterrupt:
        say("")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
