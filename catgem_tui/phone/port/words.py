"""What commands and events of the telephone speak of: endpoints, states, devices, and the engine's settings."""

from enum import StrEnum

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
    """As ``SAFE``, until the machine has proved to keep up with less; as ``QUICK`` then, until it no longer does."""
    QUICK = "quick"
    """10 ms given to the loudspeaker in advance, whatever happens."""
    SAFE = "safe"
    """20 ms given to it in advance: forgives a busy machine."""


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
    """What the loudspeaker is called, or the sound server where the system chose and does not tell; empty: there is
    none. Where the system chose, another name is another device: this one was unplugged, say."""
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
    quick_after: float = 60.0
    """Seconds for which the machine has to serve the sound card in time before ``AUTO`` means ``QUICK``."""
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
