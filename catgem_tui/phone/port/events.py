"""What a telephone tells: frozen structs, in the order in which things happen."""

from catgem_tui.phone.port.commands import Dial
from catgem_tui.phone.port.words import CallState, Registered, SoundDevice, SoundInUse, Struct, TrialStep


class RegistrationChanged(Struct, frozen=True, kw_only=True, tag="registration_changed"):
    state: Registered
    code: int = 0
    """The registrar's last answer (SIP status); 408 and 503 also for none."""
    reason: str = ""


class CallArrived(Struct, frozen=True, kw_only=True, tag="call_arrived"):
    call: str
    caller: str
    """User part of the calling URI: the telephone number."""
    dialled: str
    """User part of the request URI."""
    caller_uri: str = ""
    name: str = ""
    """The caller's display name."""
    token: str = ""
    headers: dict[str, str] = {}
    """The request's ``X-…`` headers."""


class CallChanged(Struct, frozen=True, kw_only=True, tag="call_changed"):
    call: str
    state: CallState
    code: int = 0
    """Last SIP status code; for ``ended`` why, and 0 where the telephone had no place for the call and asked nobody."""
    reason: str = ""
    by_us: bool = False
    """For ``ended``: whether this side ended it."""
    media: bool = False
    """Whether sound flows both ways."""
    held: bool = False
    """Whether we hold it."""
    holds_us: bool = False
    """Whether the other side holds us."""


class TransferChanged(Struct, frozen=True, kw_only=True, tag="transfer_changed"):
    """What the other side tells of a transfer: 1xx on the way, 2xx done, any other code failed and the call is ours.

    0: it told nothing in time (RFC 6665, 4.1.2.4), and the call is ours until it ends.
    """

    call: str
    code: int
    reason: str = ""


class KeptCall(Struct, frozen=True, kw_only=True):
    """A call that goes on while its client changes; exactly one of ``arrived`` and ``dialled`` is set."""

    changed: CallChanged
    """How it stands."""
    arrived: CallArrived | None = None
    dialled: Dial | None = None


class Ready(SoundInUse, frozen=True, kw_only=True, tag="ready"):
    """The engine runs. ``uri`` is where it can be called."""

    uri: str
    version: str = ""
    calls: tuple[KeptCall, ...] = ()
    """Those that another client, or this one before its connection broke, has left on an engine elsewhere."""
    muted: bool = False
    """As that client left it."""


class DigitReceived(Struct, frozen=True, kw_only=True, tag="digit_received"):
    call: str
    digit: str


class PlayEnded(Struct, frozen=True, kw_only=True, tag="play_ended"):
    player: str


class LevelsMeasured(Struct, frozen=True, kw_only=True, tag="levels_measured"):
    """0 to 1, perceived. Volatile."""

    microphone: float
    """Also while it is muted: how loud it would be."""
    loudspeaker: float


class QualityMeasured(Struct, frozen=True, kw_only=True, tag="quality_measured"):
    """Every few seconds for a confirmed call; None is what is not known yet. Volatile."""

    call: str
    codec: str
    round_trip_ms: float | None = None
    """Known from the other side's first report on (RTCP; RFC 3550, 6.4.1)."""
    jitter_ms: float | None = None
    loss: float | None = None
    """Share of packets lost on the way here, 0 to 1."""
    mos: float | None = None
    """Estimated opinion score (ITU-T G.107), 1 to 4.5."""
    underruns: int = 0
    """Times, in this call, that the loudspeaker had nothing to play."""
    overruns: int = 0
    """Times, in this call, that the microphone's sound was lost or came too late to be sent in its place."""


class Moved(Struct, frozen=True, kw_only=True, tag="moved"):
    """The machine has another address now: ``uri`` is where the engine can be called. Its calls go on."""

    uri: str


class SoundChanged(SoundInUse, frozen=True, kw_only=True, tag="sound_changed"):
    """The sound card came, went, was changed or runs in another way."""


class DevicesListed(Struct, frozen=True, kw_only=True, tag="devices_listed"):
    """Every microphone and loudspeaker there is; a loudspeaker's monitor counts as a microphone."""

    devices: tuple[SoundDevice, ...]
    server: str = ""
    """``PulseAudio``, ``ALSA``, …: who was asked. Empty: nobody answered."""
    answer_ms: float = 0.0
    """How long the list took."""


class MicrophoneTried(Struct, frozen=True, kw_only=True, tag="microphone_tried"):
    step: TrialStep


class EngineStopped(Struct, frozen=True, kw_only=True, tag="engine_stopped"):
    """Made by the client: the engine died or hung; every call of it is gone. A ``Ready`` follows if it restarts."""

    reason: str
    restarting: bool = True


class EngineAway(Struct, frozen=True, kw_only=True, tag="engine_away"):
    """Made by the client of an engine elsewhere: it is out of reach, and its calls go on. A ``Ready`` follows, with
    those that are left, but after ``replaced``.

    ``code``: ``away`` (the way there is cut), ``replaced`` (another workstation drives it), ``refused`` (the secret is
    another one), ``version``.
    """

    code: str
    detail: str = ""


PhoneEvent = (
    Ready
    | RegistrationChanged
    | CallArrived
    | CallChanged
    | TransferChanged
    | DigitReceived
    | PlayEnded
    | LevelsMeasured
    | QualityMeasured
    | SoundChanged
    | Moved
    | DevicesListed
    | MicrophoneTried
    | EngineStopped
    | EngineAway
)
