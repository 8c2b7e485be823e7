"""What this person chose of sound, as it is remembered on this machine, and what the screen shows of it."""

from pathlib import Path

from msgspec import Struct

from catgem_tui.desk.remembered import read_remembered, remember
from catgem_tui.phone.port import ChooseDevices, Latency, SoundDevice, TrialStep, Tune

FILE = "sound.json"
STEPS = 4
"""Steps louder or softer at most."""
STEP_DB = 3.0


class Chosen(Struct, frozen=True):
    """A device by its id, or a name or part of one; empty: nothing was chosen."""

    id: str = ""
    name: str = ""


class SoundChoices(Struct, frozen=True, kw_only=True):
    microphone: Chosen = Chosen()
    loudspeaker: Chosen = Chosen()
    ringer: Chosen = Chosen()
    microphone_step: int = 0
    loudspeaker_step: int = 0
    """Steps of ``STEP_DB`` louder (or softer) than the devices are."""
    automatic_level: bool = False
    cancel_echo: bool = False

    @property
    def devices(self) -> ChooseDevices:
        return ChooseDevices(microphone=self.microphone.id, loudspeaker=self.loudspeaker.id, ringer=self.ringer.id)

    @property
    def tuning(self) -> Tune:
        return Tune(
            microphone=_factor(self.microphone_step),
            loudspeaker=_factor(self.loudspeaker_step),
            automatic_level=self.automatic_level,
            cancel_echo=self.cancel_echo,
        )

    def name_of(self, wanted: str) -> str:
        """What the person knows a device by that was chosen."""
        known = (self.microphone, self.loudspeaker, self.ringer)
        return next((each.name for each in known if each.id == wanted and each.name), wanted)


class SoundView(Struct, frozen=True, kw_only=True):
    choices: SoundChoices = SoundChoices()
    devices: tuple[SoundDevice, ...] = ()
    """All there are, while somebody looks."""
    microphone: str = ""
    """The one in use; empty: there is none."""
    missing: tuple[str, ...] = ()
    """Names of those that were chosen and are not there."""
    latency: Latency = Latency.SAFE
    trial: TrialStep = TrialStep.OVER
    broken: int = 0
    """Holes in the sound of the call since it was last measured."""


def read_choices(folder: Path) -> SoundChoices | None:
    """What was remembered; None where nothing was, or nothing that can be read."""
    return read_remembered(folder / FILE, SoundChoices)


def write_choices(folder: Path, choices: SoundChoices) -> None:
    """Whole or not at all. Raises OSError."""
    remember(folder / FILE, choices)


def _factor(step: int) -> float:
    return round(10 ** (max(-STEPS, min(STEPS, step)) * STEP_DB / 20), 3)
