"""What was chosen on the screen and is remembered, for as long as the settings do not say otherwise."""

import json
from contextlib import suppress
from pathlib import Path

_FILE = "%s-chosen.json"


def chosen(folder: Path, what: str, setting: str) -> str:
    """What was chosen last; the setting, if that was changed after the choice or nothing was chosen."""
    try:
        held = json.loads((folder / (_FILE % what)).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return setting
    if isinstance(held, dict) and held.get("setting") == setting and isinstance(held.get("chosen"), str):
        return str(held["chosen"])
    return setting


def remember(folder: Path, what: str, setting: str, choice: str) -> None:
    """Whole or not at all; a folder that cannot be written to forgets."""
    file = folder / (_FILE % what)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(json.dumps({"setting": setting, "chosen": choice}), encoding="utf-8")
        new.replace(file)
