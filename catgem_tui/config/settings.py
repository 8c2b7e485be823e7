"""The settings: typed, documented at the field, read from one TOML file (``catgem.toml``).

Everything has a default that works; the file holds what differs. Durations are seconds, sizes bytes.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from catgem_tui.config import i18n, paths
from catgem_tui.config.centre import Centre, Channel, Section
from catgem_tui.config.patterns import DIAL, HOST, IPV4, NETWORK, SERVER, SIP_ADDRESS

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Length = Annotated[int, msgspec.Meta(ge=100)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Relay(Section, frozen=True, kw_only=True):
    """The mail server that takes outgoing mail."""

    host: str = ""
    """Empty: there is none, and every answer is marked as not sent."""
    port: Port = 587
    user: str = ""
    """Empty: without login."""
    password_file: str = ""
    """A file that holds the password and nothing else, readable by central only."""
    tls: bool = True
    """STARTTLS before anything else, with the certificate verified; switch off for a relay on this machine only."""


class Mail(Section, frozen=True, kw_only=True):
    """E-mail with citizens."""

    host: str = "127.0.0.1"
    """Address to receive mail on by SMTP."""
    port: Port = 2525
    """0 picks a free one."""
    enabled: bool = True
    address: str = "atencion@catgem.example"
    """Who answers: the address in From."""
    name: str = "Centro de Atención Telefónica"
    """Who answers: the name in From."""
    domain: str = "catgem.example"
    """Domain of the Message-IDs made here, and the one whose mail is accepted."""
    max_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 25 * 1024 * 1024
    """Larger mails are refused with 552."""
    queue: str = ""
    """Queue of arriving mail; empty is the first."""
    relay: Relay = Relay()


class Voice(Section, frozen=True, kw_only=True):
    """Telephone calls on the embedded lines."""

    lines: Count = 2
    """How many calls at a time, each line its own process; 0 for no telephone."""
    host: Annotated[str, msgspec.Meta(pattern=HOST)] = "127.0.0.1"
    """Address of the public SIP port and of the lines' sound; a real one, for citizens are sent on to it."""
    port: Port = 5060
    """Public SIP port, UDP; 0 picks a free one."""
    python: str = ""
    """Interpreter that runs the lines, where pjsua2 is not installed for central's own; empty is central's own.

    It needs the packages pjsua2-python and msgspec, nothing of ours.
    """
    greeting: str = ""
    """WAV file said to every caller; empty is the shipped one."""
    music: str = ""
    """WAV file played to those who wait; empty is the shipped one."""
    record: bool = True
    """Record every call, citizen left, the advisor and whom they ask right; not what is said outside afterwards."""
    survey: bool = True
    """Ask for 1 to 5 on the telephone's keys after the advisor's part."""
    survey_timeout: Seconds = 10.0
    queues: dict[str, str] = {}
    """Dialled number to queue; any other goes to the first queue."""
    dial: Annotated[str, msgspec.Meta(pattern=DIAL)] = ""
    """How the lines call a number outside, when an advisor asks there or hands a call on: its SIP address at the
    centre's exchange or trunk, with ``{number}`` for the digits, as in ``sip:{number}@192.0.2.10``. Empty: none."""
    outside_hosts: tuple[str, ...] = ()
    """Hosts (names or addresses, without port) at which an advisor's telephone outside may have a SIP address. Empty:
    only numbers can be given, if ``dial`` is set. Nobody can make central call anywhere else."""
    blocked: Literal["decline", "prompt"] = "decline"
    """What a blocked number meets: ``decline`` answers its calls with 603 at the public port; ``prompt`` lets a line
    answer, say that nobody can attend the call, and hang up."""
    trusted: tuple[Annotated[str, msgspec.Meta(pattern=NETWORK)], ...] = ()
    """IPv4 addresses and networks of the trunk or exchange that brings the calls, as in ``192.0.2.10`` or
    ``192.0.2.0/24``. From anywhere else ten calls within a second are taken for a flood, and kept out for a while."""


class Chat(Section, frozen=True, kw_only=True):
    """The citizen's page at ``/chat``."""

    enabled: bool = True
    max_length: Annotated[int, msgspec.Meta(ge=100, le=100_000)] = 4000
    """Characters in one message; a longer one is refused and stays in the citizen's text field."""
    max_conversations: Annotated[int, msgspec.Meta(ge=1)] = 500
    """Open conversations at a time; whoever comes later is asked to come back or to call."""
    messages_per_minute: Annotated[int, msgspec.Meta(ge=1)] = 30
    """What one citizen may send."""
    grace: NotNegative = 120.0
    """How long a citizen's lost page may come back before the chat counts as left."""
    survey: bool = True


class Directory(Section, frozen=True, kw_only=True):
    """How the directory is edited."""

    support_required: bool = True
    """Whether every change needs a supporting document: a reference or a file."""
    second_eyes: bool = False
    """Whether every change waits until another information manager has approved it."""
    expiry_notice: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 30
    """Days before the end of a record's validity that it appears in the work list."""


class Central(Section, frozen=True, kw_only=True):
    """The server."""

    host: str = "127.0.0.1"
    """Address to listen on. Anything but loopback needs ``certificate`` and ``key``, or a proxy with TLS before it."""
    port: Port = 8070
    """0 picks a free one."""
    data: str = ""
    """Folder of the database and the recordings; empty is a folder of the user who runs central."""
    certificate: str = ""
    """PEM file of the TLS certificate."""
    key: str = ""
    """PEM file of its key."""
    heartbeat: Seconds = 2.0
    """Between pings; a workstation silent for three of them is gone."""
    access_lifetime: Seconds = 900.0
    """Of an access token."""
    refresh_lifetime: Seconds = 12 * 3600.0
    """Of a refresh token: how long one may stay away without the password."""
    login_attempts: Annotated[int, msgspec.Meta(ge=1)] = 10
    """Wrong passwords per user and minute before further ones are refused."""
    voice: Voice = Voice()
    chat: Chat = Chat()
    mail: Mail = Mail()
    directory: Directory = Directory()


class ChannelRules(Section, frozen=True, kw_only=True):
    """How contacts of one channel are served."""

    target: Seconds = 60.0
    """In which a contact should be answered; urgency is the time waited divided by it."""
    capacity: Count = 1
    """Contacts of this channel one advisor holds at most."""
    interrupts: tuple[Channel, ...] = ()
    """Other channels whose active contacts do not keep an advisor from being offered one of this channel."""
    offer_timeout: Seconds = 20.0
    """To accept an offer before it goes to someone else."""
    wrap_up: Seconds = 60.0
    """After the contact, for notes and disposition."""


class CallRules(ChannelRules, frozen=True, kw_only=True):
    target: Seconds = 20.0
    interrupts: tuple[Channel, ...] = ("mail",)


class ChatRules(ChannelRules, frozen=True, kw_only=True):
    target: Seconds = 40.0
    capacity: Count = 3
    interrupts: tuple[Channel, ...] = ("mail",)
    wrap_up: Seconds = 45.0


class MailRules(ChannelRules, frozen=True, kw_only=True):
    target: Seconds = 4 * 3600.0
    capacity: Count = 2
    offer_timeout: Seconds = 30.0
    wrap_up: Seconds = 30.0


class QueueRules(Section, frozen=True, kw_only=True):
    """How the universal queue decides."""

    call: CallRules = CallRules()
    chat: ChatRules = ChatRules()
    mail: MailRules = MailRules()
    priority_head_start: NotNegative = 120.0
    """Waiting time that each level of priority is worth."""
    requeue_head_start: NotNegative = 300.0
    """Waiting time that having been in an advisor's hands is worth; never less than puts it in front of its line."""
    wrap_up_extension: Seconds = 60.0
    """What asking for more time adds to the wrap-up."""
    grace: NotNegative = 20.0
    """How long contacts wait for a workstation that lost its connection before they return to the queue."""
    reserve: NotNegative = 10.0
    """How long a call whose advisor's telephone broke down is kept for that advisor before anyone may take it."""
    default_outcome: Literal["resolved", "referred", "unresolved", "dropped"] = "unresolved"
    """Given together with ``centre.default_disposition``."""
    longest_notes: Length = 20_000
    """Characters."""
    longest_mail: Length = 200_000
    """Characters of an answer."""


class Phone(Section, frozen=True, kw_only=True):
    """The advisor's telephone."""

    python: str = ""
    """Interpreter that runs the phone engine, with pjsua2-python, miniaudio and msgspec; empty is the workstation's."""
    host: Annotated[str, msgspec.Meta(pattern=IPV4)] = "127.0.0.1"
    """Address (IPv4) for SIP and sound: the one central's lines reach this machine at. ``0.0.0.0``: every address of
    this machine, and central is told the one from which it is reached, also after that has changed."""
    port: Port = 0
    """SIP port, UDP; 0 picks a free one."""
    socket: str = ""
    """The socket, or the folder of sockets, by which ``catgem phone`` on another computer is reached; the variable
    CATGEM_PHONE_SOCKET goes before it. ``auto``: the folder that ``catgem phone`` uses. Empty: the engine runs here."""
    sound: bool = True
    """Whether to open a sound card."""
    microphone: str = ""
    """Name of the device, or part of it; empty is the system's default. What is chosen on the screen goes before it."""
    loudspeaker: str = ""
    ringer: str = ""
    """The device that rings; empty: the loudspeaker."""
    latency: Literal["auto", "quick", "safe"] = "auto"
    """``quick`` keeps 10 ms of sound in reserve: less delay; ``safe`` keeps 20 ms: forgives a busy machine;
    ``auto`` is quick for as long as the machine keeps up."""
    codecs: tuple[str, ...] = ("G722", "PCMA", "PCMU")
    """In order of preference."""
    dial: Annotated[str, msgspec.Meta(pattern=DIAL)] = ""
    """How a number of the directory is called: its SIP address at the centre's exchange or trunk, with ``{number}`` for
    the digits, as in ``sip:{number}@192.0.2.10``. Empty: numbers cannot be called from here."""
    digits: Literal["rfc4733", "info"] = "rfc4733"
    """How the keys of the keypad travel: as events in the sound (RFC 4733), or as SIP INFO."""
    auto_answer: NotNegative = 0.0
    """After how many seconds an offered call is answered by itself, with a tone in the ear first; 0: by key. It can be
    switched at the desk for the shift."""
    signals: bool = True
    """Whether short tones in the ear tell of the microphone, and of a call that is about to be answered by itself."""
    unheard_tone: bool = True
    """Whether one of these tones, every 20 seconds at most, tells that you speak while the microphone is closed; the
    telephone's line says so in any case."""
    registrar: Annotated[str, msgspec.Meta(pattern=SERVER)] = ""
    """Exchange at which this telephone registers, ``192.0.2.10`` or ``pbx.centre.example:5061``; empty: nowhere."""
    address: Annotated[str, msgspec.Meta(pattern=SIP_ADDRESS)] = ""
    """This telephone's SIP address there, as ``sip:ana@centre.example``. Its password is asked for on the screen and
    kept in the keyring, never in this file."""
    user: str = ""
    """Name for the login there; empty is the address's own."""
    transport: Literal["udp", "tcp", "tls"] = "udp"
    """How the registrar is reached."""
    srtp: Literal["off", "optional", "mandatory"] = "off"
    """Whether sound is encrypted. ``optional`` speaks in plain with whom cannot; with ``mandatory`` the embedded lines
    of central, which speak in plain, cannot reach this telephone."""
    stun: Annotated[str, msgspec.Meta(pattern=SERVER)] = ""
    """STUN server that tells this telephone's public address, ``host`` or ``host:port``; empty: none."""
    ice: bool = False
    """Whether the best way for sound is looked for by ICE."""
    authorities: str = ""
    """File of certificates (PEM) by which a registrar over TLS is believed; empty is the system's."""

    def __post_init__(self) -> None:
        if bool(self.registrar) != bool(self.address):
            raise ValueError("registrar without address" if self.registrar else "address without registrar")
        if self.authorities and not Path(self.authorities).expanduser().is_file():
            raise ValueError("no authorities")


class Ring(Section, frozen=True, kw_only=True):
    """How an offer makes itself noticed. Nothing blinks."""

    sound: bool = True
    """Ring on the ringing device, or on the loudspeaker; a chat or a mail sounds once."""
    screen: bool = True
    """Put the offer into the title of the terminal's window, which a taskbar shows; the band in the window is always
    there."""
    bell: bool = True
    """The terminal's bell, once for each offer: most terminals then mark their window or tab."""
    notification: Literal["auto", "osc9", "osc99", "osc777", "off"] = "auto"
    """A notification on the desktop, by an escape sequence to the terminal: iTerm2's (``osc9``), kitty's (``osc99``) or
    that of foot, WezTerm, Ghostty, urxvt and GNOME's (``osc777``); ``auto`` goes by the terminal's name.

    It tells the channel and the queue, never who it is. tmux hands it on with ``set -g allow-passthrough on``.
    """


class Screen(Section, frozen=True, kw_only=True):
    """How the terminal is used, and what it is asked to show."""

    ascii: Literal["auto", "on", "off"] = "auto"
    """Whether rules, arrows, dots and bars are drawn in ASCII: ``auto`` does so where the locale (LC_ALL, LC_CTYPE,
    LANG) is not UTF-8 or TERM is ``linux``, whose fonts lack them. Words keep their accents where the locale has
    them."""
    colours: Literal["auto", "16", "256", "true"] = "auto"
    """``auto`` goes by what the terminal says of itself; ``true`` is 24 bits."""
    mouse: Literal["auto", "on", "off"] = "auto"
    """``auto``: on, but off over SSH, where each movement would travel there and its answer back."""
    thin: Literal["auto", "on", "off"] = "auto"
    """Whether to spare the line: no level meters. ``auto``: over SSH, and where the terminal takes 0.08 s to answer."""
    reader: bool = False
    """Screen-reader mode: sentences in one column, and a line that says what changed. ``--screen-reader`` begins it
    too, and the action “Screen reader” switches it."""
    motion: Literal["full", "reduced"] = "full"
    """``reduced``: nothing slides, everything jumps. The variable CATGEM_MOTION goes before it. Nothing blinks in
    either."""


class Workstation(Section, frozen=True, kw_only=True):
    """The terminal workstation."""

    central: str = "http://127.0.0.1:8070"
    """Central's address."""
    user: str = ""
    """Put into the login form."""
    language: str = "es_MX"
    """``es_MX`` or ``en``; the variable CATGEM_LANGUAGE goes before it."""
    theme: str = ""
    """One of the shipped themes or a file of yours in ``themes/`` beside the settings; what is chosen on the screen
    goes before it. Empty is ``dark``, or ``sixteen`` on a terminal of so few colours; NO_COLOR goes before all."""
    keymap: str = "default"
    """One of the shipped keymaps or a file of yours in ``keymaps/`` beside the settings."""
    data: str = ""
    """Folder of the local directory and the outbox; empty is a folder of the user."""
    phone: Phone = Phone()
    ring: Ring = Ring()
    screen: Screen = Screen()


class Settings(Section, frozen=True, kw_only=True):
    """Everything: ``[central]``, ``[centre]``, ``[queue]``, ``[workstation]``."""

    central: Central = Central()
    centre: Centre = Centre()
    queue: QueueRules = QueueRules()
    workstation: Workstation = Workstation()

    @property
    def central_data(self) -> Path:
        return Path(self.central.data).expanduser() if self.central.data else paths.central_folder()

    @property
    def workstation_data(self) -> Path:
        return Path(self.workstation.data).expanduser() if self.workstation.data else paths.workstation_folder()


def load(path: Path | None = None) -> Settings:
    """The settings in ``path``, or in the first of the usual places, or the defaults.

    Raises FileFault, a sentence with file, line and key, when a file is unreadable or wrong.
    """
    file = path or paths.settings_file()
    if file is None:
        return Settings()
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark
    except (OSError, UnicodeDecodeError) as error:
        from catgem_tui.config.explanation import explain_unreadable

        raise explain_unreadable(file, error) from error
    return parse(text, file)


def parse(text: str, file: Path) -> Settings:
    """The settings in a TOML text; ``file`` names it in faults. Raises FileFault."""
    try:
        settings = msgspec.convert(tomllib.loads(text), Settings)
        i18n.check(settings.workstation.language)
    except tomllib.TOMLDecodeError as error:
        from catgem_tui.config.explanation import explain_syntax

        raise explain_syntax(file, text, error) from error
    except msgspec.ValidationError as error:
        from catgem_tui.config.explanation import explain_value

        raise explain_value(file, text, error) from error
    except i18n.UnknownLanguage as error:
        from catgem_tui.config.explanation import explain_language

        raise explain_language(file, text, error) from error
    return settings
