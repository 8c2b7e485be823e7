"""The telephone's port: frozen commands in, frozen events out, and the async ``Phone`` that carries both.

An engine is a small mixer with calls: everything that sounds is an *endpoint* with a name, and ``Connect`` lets one be
heard by another. Endpoint names are chosen by the client (call, player and recorder ids) but for ``SOUND``, the
microphone as a source and the loudspeaker as a sink. An advisor's softphone and a centre's telephone line are the same
engine, driven differently.

Levels are linear (1.0 is unchanged), times seconds, audio files WAV (PCM or A-law/mu-law, any rate, mono).
"""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Protocol

import msgspec

SOUND = "sound"
"""The endpoint of the sound card."""
RINGER = "ringer"
"""The endpoint of the ringing device, for players only; it is the loudspeaker where none was chosen or none opens."""
TOKEN_HEADER = "X-Catgem-Token"  # noqa: S105 - the name of a SIP header
"""SIP header by which a line proves that central announced its call."""
CONTACT_HEADER = "X-Catgem-Contact"
"""SIP header by which a line says which contact its call is about."""


class Struct(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of what crosses the engine's socket."""


class Gate(StrEnum):
    """What the engine does with a call it was not told to expect."""

    OPEN = "open"
    """Let it in: a telephone line, a citizen's telephone."""
    TOKEN = "token"  # noqa: S105
    """Refuse with 403 unless its token is announced by ``Expect``: an advisor's softphone.

    The announcement may come a moment after the call: one with a token waits for it for two seconds, unheard. One
    without a token is let in where it comes by the registrar: from the address and port that took our registration.
    """


class CallState(StrEnum):
    DIALLING = "dialling"
    RINGING = "ringing"
    """Incoming and unanswered, or outgoing and ringing there."""
    CONFIRMED = "confirmed"
    ENDED = "ended"


class DigitsBy(StrEnum):
    """How digits travel."""

    RFC_4733 = "rfc4733"
    """As events in the stream of sound."""
    INFO = "info"
    """As SIP INFO (application/dtmf-relay), for what does not understand the other."""


class Srtp(StrEnum):
    """Whether sound travels encrypted (RFC 3711, keys by RFC 4568)."""

    OFF = "off"
    OPTIONAL = "optional"
    """Offered; whoever does not understand it is spoken with in plain."""
    MANDATORY = "mandatory"


class Registered(StrEnum):
    NOT = "not"
    """Nobody asked for it, or it was taken back."""
    TRYING = "trying"
    YES = "yes"
    REFUSED = "refused"
    """The registrar does not take the credentials or the address."""
    UNREACHABLE = "unreachable"


class Latency(StrEnum):
    """How long sound is on its way between the card and the network."""

    AUTO = "auto"
    """As ``QUICK``, until the machine does not keep up: then as ``SAFE`` for a while."""
    QUICK = "quick"
    """The loudspeaker in blocks of 10 ms, whatever happens."""
    SAFE = "safe"
    """The loudspeaker in blocks of 20 ms: forgives a busy machine."""


class DeviceKind(StrEnum):
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"
    """Also for ringing."""


class TrialStep(StrEnum):
    """Of recording the microphone and playing it back."""

    RECORDING = "recording"
    PLAYING = "playing"
    OVER = "over"


class SoundDevice(Struct, frozen=True, kw_only=True):
    id: str
    """What the sound server calls it: stays the same while the device is what and where it is."""
    name: str
    kind: DeviceKind
    default: bool = False
    """Whether the system uses it where nobody chose."""


class SoundInUse(Struct, frozen=True, kw_only=True):
    """What there is of a sound card at the moment."""

    sound: str = ""
    """What the loudspeaker is called, or the sound server where that is the system's choice; empty: there is none."""
    sound_problem: str = ""
    """``no_device`` or ``no_library`` when sound was wanted and there is none; empty otherwise."""
    microphone: str = ""
    """The same of the microphone; empty: there is none, and nobody hears us."""
    missing: tuple[str, ...] = ()
    """Devices that were chosen and are not there; the system's are used until they are."""
    latency: Latency = Latency.SAFE
    """``QUICK`` or ``SAFE``: how it runs now."""


class EngineSettings(Struct, frozen=True, kw_only=True):
    """Given once, at the start."""

    host: str = "127.0.0.1"
    """Address to bind SIP and RTP to, and to put into SIP and SDP. ``0.0.0.0`` binds every one of the machine and puts
    the one there from which ``toward`` is reached; ``Moved`` tells when that has become another."""
    toward: str = ""
    """Host that has to find us, with ``host`` 0.0.0.0; empty is whoever is behind the default route."""
    port: int = 0
    """SIP port over UDP; 0 picks a free one."""
    user: str = "catgem"
    """User part of the engine's own SIP URI."""
    gate: Gate = Gate.TOKEN
    trusted: tuple[str, ...] = ()
    """IPv4 addresses and networks (``192.0.2.0/24``) that are never kept out, however many calls come from there."""
    sound: bool = True
    """Whether to open a sound card; without one the engine runs on a null device with its own clock."""
    microphone: str = ""
    loudspeaker: str = ""
    ringer: str = ""
    """Devices as in ``ChooseDevices``."""
    latency: Latency = Latency.SAFE
    codecs: tuple[str, ...] = ("G722", "PCMA", "PCMU")
    """In order of preference."""
    srtp: Srtp = Srtp.OFF
    authorities: str = ""
    """File of certificates (PEM) by which a TLS server is believed; empty is the system's."""
    stun: str = ""
    """STUN server (``host:port``, RFC 8489) that tells our public address; empty for none."""
    ice: bool = False
    """Whether to look for the best way for sound by ICE (RFC 8445)."""
    max_calls: int = 4
    levels: bool = False
    """Whether to report ``LevelsMeasured`` five times a second during calls."""
    log: str = ""
    """File for pjsip's own log; empty for none."""


# --- commands ---


class Expect(Struct, frozen=True, kw_only=True, tag="expect"):
    """Let one call with this token in. ``auto_answer`` answers it without asking. Tokens are used once."""

    token: str
    auto_answer: bool = False


class Register(Struct, frozen=True, kw_only=True, tag="register"):
    """Be registered from now on, in the place of an earlier registration; ``RegistrationChanged`` tells how it goes.

    Digest authentication with SHA-256 or MD5 (RFC 8760), as the registrar asks.
    """

    uri: str
    """Our address there: ``sip:ana@centre.example``."""
    registrar: str
    """``sip:centre.example;transport=tcp``; ``sips:`` or ``transport=tls`` for TLS."""
    password: str = ""
    user: str = ""
    """For the authentication; empty is the address's user part."""
    realm: str = "*"


class Unregister(Struct, frozen=True, kw_only=True, tag="unregister"):
    """Take the registration back."""


class Dial(Struct, frozen=True, kw_only=True, tag="dial"):
    """Call somebody: through the registrar's account where there is one."""

    call: str
    uri: str
    headers: dict[str, str] = {}
    caller: str = ""
    """Display name and user part shown to the called party, as a SIP user part (``7225550134``)."""
    sound: bool = False
    """Connect the call to the sound card, both ways, as soon as it has media."""


class Answer(Struct, frozen=True, kw_only=True, tag="answer"):
    call: str
    sound: bool = False


class HangUp(Struct, frozen=True, kw_only=True, tag="hang_up"):
    """End a call in any state; ``code`` is the SIP answer to an unanswered incoming one."""

    call: str
    code: int = 486


class Redirect(Struct, frozen=True, kw_only=True, tag="redirect"):
    """Answer an incoming call with 302 and this contact."""

    call: str
    uri: str


class SendDigits(Struct, frozen=True, kw_only=True, tag="send_digits"):
    """DTMF: 0-9, A-D, * and #."""

    call: str
    digits: str
    by: DigitsBy = DigitsBy.RFC_4733


class Hold(Struct, frozen=True, kw_only=True, tag="hold"):
    """Put a call on hold (RFC 3264, 8.4): nothing of it is heard here; it hears what is connected to it, as music."""

    call: str


class Resume(Struct, frozen=True, kw_only=True, tag="resume"):
    call: str


class Transfer(Struct, frozen=True, kw_only=True, tag="transfer"):
    """Ask the other side of a call to call somebody else (REFER, RFC 3515); ``TransferChanged`` tells how it goes.

    Either ``uri``, blind, or ``to``, another confirmed call of ours whose place the other side takes (RFC 3891).
    The call stays until one of both ends it: after a transfer that succeeded that is up to us.
    """

    call: str
    uri: str = ""
    to: str = ""


class Mute(Struct, frozen=True, kw_only=True, tag="mute"):
    """Silence the microphone towards every call, or open it again."""

    muted: bool


class ListDevices(Struct, frozen=True, kw_only=True, tag="list_devices"):
    """``DevicesListed`` follows, and again whenever the list changes, until ``watch`` is taken back."""

    watch: bool = True


class ChooseDevices(Struct, frozen=True, kw_only=True, tag="choose_devices"):
    """Use these from now on, also in the middle of a call; ``SoundChanged`` follows if that changes anything.

    Each by its id, its name or a part of the name. Empty is the system's default; of the ringing device, the
    loudspeaker. One that is not there, or goes away, is replaced by the default until it comes.
    """

    microphone: str = ""
    loudspeaker: str = ""
    ringer: str = ""


class Tune(Struct, frozen=True, kw_only=True, tag="tune"):
    """How loud we are and hear, and what is done to our voice on its way."""

    microphone: float = 1.0
    loudspeaker: float = 1.0
    automatic_level: bool = False
    """Bring our voice to an even level (speex); ``microphone`` comes on top."""
    cancel_echo: bool = False
    """Take what the loudspeaker plays out of what the microphone hears (WebRTC)."""


class WatchLevels(Struct, frozen=True, kw_only=True, tag="watch_levels"):
    """Report ``LevelsMeasured`` five times a second, also outside calls; or no more."""

    watch: bool


class TryMicrophone(Struct, frozen=True, kw_only=True, tag="try_microphone"):
    """Record the microphone for so long and play it back on the loudspeaker; ``MicrophoneTried`` tells how far it is.

    Nobody else hears it, and nothing of it is kept. Again before it is over: it begins anew.
    """

    seconds: float = 3.0


class Play(Struct, frozen=True, kw_only=True, tag="play"):
    """Open an audio file as a source; ``PlayEnded`` follows at its end unless it loops."""

    player: str
    path: str
    loop: bool = False
    to: tuple[str, ...] = ()
    """Sinks to connect at once."""


class StopPlaying(Struct, frozen=True, kw_only=True, tag="stop_playing"):
    player: str


class Record(Struct, frozen=True, kw_only=True, tag="record"):
    """Record to a two-channel WAV file. Its sinks are ``{recorder}:left`` and ``{recorder}:right``.

    The file is playable at any moment up to a kill -9: the header follows the data within half a second.
    """

    recorder: str
    path: str


class StopRecording(Struct, frozen=True, kw_only=True, tag="stop_recording"):
    recorder: str


class Connect(Struct, frozen=True, kw_only=True, tag="connect"):
    """Let ``sink`` hear ``source``. Calls without media yet are connected as soon as they have it."""

    source: str
    sink: str
    level: float = 1.0


class Disconnect(Struct, frozen=True, kw_only=True, tag="disconnect"):
    source: str
    sink: str


PhoneCommand = (
    Register
    | Unregister
    | Expect
    | Dial
    | Answer
    | HangUp
    | Redirect
    | SendDigits
    | Hold
    | Resume
    | Transfer
    | Mute
    | ListDevices
    | ChooseDevices
    | Tune
    | WatchLevels
    | TryMicrophone
    | Play
    | StopPlaying
    | Record
    | StopRecording
    | Connect
    | Disconnect
)


# --- events ---


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
    """Last SIP status code; for ``ended`` why."""
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
    """What the other side tells of a transfer: 1xx on the way, 2xx done, any other code failed and the call is ours."""

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
    """Every few seconds for a confirmed call. Volatile."""

    call: str
    codec: str
    round_trip_ms: float
    jitter_ms: float
    loss: float
    """Share of packets lost on the way here, 0 to 1."""
    mos: float = 0.0
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


class PhoneError(Exception):
    """A command that could not be carried out.

    ``code``: ``no_such_call``, ``no_such_endpoint``, ``no_such_file``, ``bad_uri``, ``too_many_calls``, ``sip``,
    ``not_running``, ``no_library``, ``port_taken``; of an engine elsewhere also ``away``, ``refused``, ``version``,
    ``replaced``.
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
