"""What a telephone can be told to do: frozen structs, each carried out or refused with a ``PhoneError``."""

from catgem_tui.phone.port.words import DigitsBy, Struct


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
