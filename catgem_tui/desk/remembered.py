"""What a person chose at this workstation, kept in its data folder; central never hears of it."""

import contextlib
import os
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

S = TypeVar("S", bound=Struct)


class Choice(Struct, frozen=True):
    """Something chosen in place of what the settings said then."""

    setting: str
    chosen: str


def chosen(folder: Path, what: str, setting: str) -> str:
    """What was chosen last; the setting, if that was changed after the choice or nothing was chosen."""
    held = read_remembered(_choice_file(folder, what), Choice)
    return held.chosen if held is not None and held.setting == setting else setting


def keep_choice(folder: Path, what: str, setting: str, choice: str) -> None:
    """Raises OSError."""
    remember(_choice_file(folder, what), Choice(setting, choice))


def _choice_file(folder: Path, what: str) -> Path:
    return folder / f"{what}.json"


def read_remembered(file: Path, kind: type[S]) -> S | None:
    """What was remembered; None where nothing was, or nothing that can be read."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None


def remember(file: Path, choices: Struct) -> None:
    """Whole or not at all. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    import tempfile

    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(msgspec.json.encode(choices))
        Path(name).replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
