"""Where this user's files lie, by the conventions of the operating system."""

import os
from contextlib import suppress
from pathlib import Path

import platformdirs

APPLICATION = "catgem"
CONFIG_VARIABLE = "CATGEM_CONFIG"
SETTINGS_FILE = "catgem.toml"


def config_folder() -> Path:
    """The user's settings, and ``themes/`` and ``keymaps/`` of their own."""
    return platformdirs.user_config_path(APPLICATION)


def written(path: str) -> Path:
    """A path as people write it; the ``~`` of somebody who has no home stays one."""
    with suppress(RuntimeError):
        return Path(path).expanduser()
    return Path(path)


def data_folder() -> Path:
    """What must not be lost: central's data, the local directory, the outbox."""
    return platformdirs.user_data_path(APPLICATION)


def state_folder() -> Path:
    """Logs."""
    return platformdirs.user_state_path(APPLICATION)


def log_file(program: str) -> Path:
    """Of ``workstation``, ``central``, …: each process kind rotates its own."""
    return state_folder() / f"{program}.log"


def workstation_folder() -> Path:
    """The workstation's local directory and outbox, for all centrals and users of this account."""
    return data_folder() / "workstation"


def central_folder() -> Path:
    """Where central keeps everything unless its settings say otherwise."""
    return data_folder() / "central"


def demo_folder() -> Path:
    """Everything of ``catgem demo``, kept between runs."""
    return data_folder() / "demo"


def settings_file() -> Path | None:
    """The settings to read: ``CATGEM_CONFIG``, the user's, the machine's; None when there are none."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    for folder in (config_folder(), platformdirs.site_config_path(APPLICATION)):
        if (folder / SETTINGS_FILE).is_file():
            return folder / SETTINGS_FILE
    return None
