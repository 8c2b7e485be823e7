"""The telephone's port: frozen commands in, frozen events out, and the async ``Phone`` that carries both.

An engine is a small mixer with calls: everything that sounds is an *endpoint* with a name, and ``Connect`` lets one be
heard by another. Endpoint names are chosen by the client (call, player and recorder ids) but for ``SOUND``, the
microphone as a source and the loudspeaker as a sink. An advisor's softphone and a centre's telephone line are the same
engine, driven differently.

Levels are linear (1.0 is unchanged), times seconds, audio files WAV (PCM or A-law/mu-law, any rate, mono).
"""

from collections.abc import AsyncIterator
from typing import Protocol

from catgem_tui.phone.port.commands import (
    Answer,
    ChooseDevices,
    Connect,
    Dial,
    Disconnect,
    Expect,
    HangUp,
    Hold,
    ListDevices,
    Mute,
    PhoneCommand,
    Play,
    Record,
    Redirect,
    Register,
    Resume,
    SendDigits,
    StopPlaying,
    StopRecording,
    Transfer,
    TryMicrophone,
    Tune,
    Unregister,
    WatchLevels,
)
from catgem_tui.phone.port.events import (
    CallArrived,
    CallChanged,
    DevicesListed,
    DigitReceived,
    EngineAway,
    EngineStopped,
    KeptCall,
    LevelsMeasured,
    MicrophoneTried,
    Moved,
    PhoneEvent,
    PlayEnded,
    QualityMeasured,
    Ready,
    RegistrationChanged,
    SoundChanged,
    TransferChanged,
)
from catgem_tui.phone.port.words import (
    CONTACT_HEADER,
    RINGER,
    SOUND,
    TOKEN_HEADER,
    CallState,
    DeviceKind,
    DigitsBy,
    EngineSettings,
    Gate,
    Latency,
    Registered,
    SoundDevice,
    SoundInUse,
    Srtp,
    Struct,
    TrialStep,
)

__all__ = [
    "CONTACT_HEADER",
    "RINGER",
    "SOUND",
    "TOKEN_HEADER",
    "Answer",
    "CallArrived",
    "CallChanged",
    "CallState",
    "ChooseDevices",
    "Connect",
    "DeviceKind",
    "DevicesListed",
    "Dial",
    "DigitReceived",
    "DigitsBy",
    "Disconnect",
    "EngineAway",
    "EngineSettings",
    "EngineStopped",
    "Expect",
    "Gate",
    "HangUp",
    "Hold",
    "KeptCall",
    "Latency",
    "LevelsMeasured",
    "ListDevices",
    "MicrophoneTried",
    "Moved",
    "Mute",
    "Phone",
    "PhoneCommand",
    "PhoneError",
    "PhoneEvent",
    "Play",
    "PlayEnded",
    "QualityMeasured",
    "Ready",
    "Record",
    "Redirect",
    "Register",
    "Registered",
    "RegistrationChanged",
    "Resume",
    "SendDigits",
    "SoundChanged",
    "SoundDevice",
    "SoundInUse",
    "Srtp",
    "StopPlaying",
    "StopRecording",
    "Struct",
    "Transfer",
    "TransferChanged",
    "TrialStep",
    "TryMicrophone",
    "Tune",
    "Unregister",
    "WatchLevels",
]


class PhoneError(Exception):
    """A command that could not be carried out.

    ``code``: ``no_such_call``, ``no_such_endpoint``, ``no_such_file``, ``bad_uri``, ``too_many_calls``,
    ``too_many_recordings``, ``sip``, ``not_running``, ``no_library``, ``port_taken``; of an engine elsewhere also
    ``away``, ``refused``, ``version``, ``replaced``.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Phone(Protocol):
    """A telephone, wherever its engine runs."""

    async def start(self) -> Ready:
        """Start the engine; its first ``Ready`` is returned here, later ones are events.

        Raises PhoneError (``no_library``, ``port_taken``, ``not_running``).
        """
        ...

    async def do(self, command: PhoneCommand) -> None:
        """Carry a command out; returns when the engine has. Raises PhoneError.

        To end what has ended by itself (``StopPlaying``, ``StopRecording``, ``Disconnect``) is no error.
        """
        ...

    def events(self) -> AsyncIterator[PhoneEvent]:
        """Everything that happens, in order, from now until ``close``. One reader."""
        ...

    async def close(self) -> None:
        """End every call and the engine. Never raises; safe to repeat."""
        ...
