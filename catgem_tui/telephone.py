"""Which telephone the settings name: an engine on this computer, or one that is reached through a socket."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from catgem_tui.config import paths
from catgem_tui.config.settings import Settings

if TYPE_CHECKING:
    from catgem_tui.desk.sound import SoundChoices
    from catgem_tui.phone.client import EngineClient

SOCKET_VARIABLE = "CATGEM_PHONE_SOCKET"
"""Goes before the setting ``workstation.phone.socket``."""
AUTOMATIC = "auto"
"""What stands there for the folder that ``catgem phone --receive`` uses."""


def find_place(settings: Settings) -> Path | None:
    """Where a telephone on another computer is reached from here; None where the engine runs here."""
    place = os.environ.get(SOCKET_VARIABLE) or settings.workstation.phone.socket
    if place == AUTOMATIC:
        return doors_folder()
    return Path(place).expanduser() if place else None


def doors_folder() -> Path:
    """Where the sockets of telephones on other computers appear."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "catgem-phone"
    return paths.state_folder() / "phone"


def sound_choices(settings: Settings) -> "SoundChoices":
    """What was chosen on this machine, or else what the settings say."""
    from catgem_tui.desk.sound import Chosen, SoundChoices, read_choices

    own = settings.workstation.phone
    return read_choices(settings.workstation_data) or SoundChoices(
        microphone=Chosen(own.microphone, own.microphone),
        loudspeaker=Chosen(own.loudspeaker, own.loudspeaker),
        ringer=Chosen(own.ringer, own.ringer),
    )


def build_engine(settings: Settings, *, host: str, toward: str = "") -> "EngineClient":
    """The telephone with its engine on this computer, reached by others at ``host``; where that is every address of the
    machine, at the one that leads ``toward`` another host."""
    from catgem_tui.phone.client import EngineClient
    from catgem_tui.phone.port import EngineSettings, Latency, Srtp

    own = settings.workstation.phone
    choices = sound_choices(settings)
    return EngineClient(
        EngineSettings(
            host=host,
            port=own.port,
            sound=own.sound,
            microphone=choices.microphone.id,
            loudspeaker=choices.loudspeaker.id,
            ringer=choices.ringer.id,
            latency=Latency(own.latency),
            codecs=own.codecs,
            toward=toward,
            srtp=Srtp(own.srtp),
            stun=own.stun,
            ice=own.ice,
            authorities=str(Path(own.authorities).expanduser()) if own.authorities else "",
            levels=True,
        ),
        python=own.python or sys.executable,
    )
