"""Starting pjsip: settings, codecs, the SIP transport. Everything here runs on the one thread that owns the library."""

import ctypes
import logging
import os
import random
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine.guard import guarded
from catgem_tui.phone.engine.names import find_nameservers
from catgem_tui.phone.engine.whereabouts import ANY, Watch, find_target
from catgem_tui.phone.port import EngineSettings, Latency, PhoneError, Srtp

_log = logging.getLogger(__name__)

CLOCK_RATE = 16000
"""Samples a second of the conference bridge: that of G.722, the best codec spoken."""
MAX_CALLS = 4
"""What the library was compiled for."""
G722_GAIN = 2.0
"""From the 15 bits of G.722 to the 16 of the bridge."""
REPEAT_MS = 2000
"""The longest pause between two copies of an unanswered request."""
TOO_MANY = 70010
"""PJ_ETOOMANY, of a ``pj.Error``: no place for another call (4), player (32), port on the bridge (254) or digit on its
way (32)."""
_TIMERS_MS = (500, 4000, 5000, 32000)
_SETTINGS_WORDS = 24
_FIRST_RTP_PORT, _LAST_RTP_PORT = 16384, 32000
"""Below the range from which Linux picks ports by itself, so that nobody else is given ours."""

_SRTP = {
    Srtp.OFF: pj.PJMEDIA_SRTP_DISABLED,
    Srtp.OPTIONAL: pj.PJMEDIA_SRTP_OPTIONAL,
    Srtp.MANDATORY: pj.PJMEDIA_SRTP_MANDATORY,
}


class _Endpoint(pj.Endpoint):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.connection_lost: Callable[[], None] = lambda: None
        """Called when a TCP or TLS connection ended."""

    @guarded
    def onTransportState(self, prm: Any) -> None:
        if prm.state == pj.PJSIP_TP_STATE_DISCONNECTED:
            self.connection_lost()


class _Shutdown(ctypes.Structure):
    """``pjsip_tpmgr_shutdown_param``."""

    _fields_ = [("force", ctypes.c_int), ("include_udp", ctypes.c_int)]


@dataclass(frozen=True)
class Library:
    endpoint: Any
    frame_ms: int
    """Length of the bridge's blocks."""
    settings: EngineSettings
    transport: int
    host: str
    port: int
    user: str
    watch: Watch | None
    """Of the address at which we are found, where that is not told by the settings."""
    native: ctypes.CDLL
    """The extension itself, for what SWIG wraps too slowly."""
    g722_gain: float
    """By how much the bridge has to raise what comes by G.722, and to lower what leaves by it."""
    others: set[int] = field(default_factory=set)
    """Transports beside UDP that were opened, for a registrar that wants them."""

    @property
    def frame_samples(self) -> int:
        return CLOCK_RATE * self.frame_ms // 1000

    @property
    def uri(self) -> str:
        return f"sip:{self.user}@{self.found_at}:{self.port}"

    @property
    def found_at(self) -> str:
        """An address of this machine at which whoever has to find us does."""
        return self.host if self.watch is None else self.watch.address or self.host


def start_library(settings: EngineSettings) -> Library:
    """Create, configure and start pjsip on a null sound device. Raises PhoneError."""
    from pjsua2 import _pjsua2

    native = ctypes.CDLL(_pjsua2.__file__)
    # Until libInit has read its settings the library logs to the terminal, which belongs to the workstation.
    native.pj_log_set_level(0)
    try:
        endpoint = _Endpoint()
        endpoint.libCreate()
        _repeat_sooner(native)
        config = _configure(settings)
        endpoint.libInit(config)
        transport, port = _open_transport(endpoint, settings)
        endpoint.audDevManager().setNullDev()
        endpoint.libStart()
        _prefer_codecs(endpoint, settings.codecs)
        fill_packets(endpoint, _frame_ms(settings))
        g722_gain = _take_levels_over(native)
    except pj.Error as error:
        raise PhoneError("not_running", error.reason) from error
    return Library(
        endpoint=endpoint,
        frame_ms=_frame_ms(settings),
        settings=settings,
        transport=transport,
        host=settings.host,
        port=port,
        user=settings.user,
        watch=Watch(find_target(settings.toward)) if settings.host == ANY else None,
        native=native,
        g722_gain=g722_gain,
    )


def _repeat_sooner(native: ctypes.CDLL) -> None:
    """Lower T2 (RFC 3261, 17.1.2.2), which SWIG does not wrap; T1, T2, T4 and TD stand together in the settings."""
    try:
        words = (ctypes.c_uint * _SETTINGS_WORDS).in_dll(native, "pjsip_sip_cfg_var")
    except ValueError:  # a library built otherwise
        return
    timers = list(_TIMERS_MS)
    for place in range(_SETTINGS_WORDS - len(timers)):
        if words[place : place + len(timers)] == timers:
            words[place + 1] = REPEAT_MS
            return


def _take_levels_over(native: ctypes.CDLL) -> float:
    """Have the bridge fit samples to G.722, in the place of the library's codec; returns ``Library.g722_gain``.

    The codec shifts 16 bits to 14, where others (spandsp, which Asterisk, FreeSWITCH and baresip have) take 15: their
    voices come too loud by 6 dB, and ours too low. Worse, one sample too loud for it, as of two people who speak at
    once, and it hears at half the level and speaks at double for the rest of the call. The bridge clips that sample.
    """
    try:
        native.pjmedia_codec_g722_set_pcm_shift(0)
    except AttributeError:  # a library built otherwise
        return 1.0
    return G722_GAIN


def create_account_config(library: Library) -> Any:
    """The engine's own identity; it registers nowhere."""
    config = pj.AccountConfig()
    config.idUri = library.uri
    config.sipConfig.transportId = library.transport
    # A peer that died without a word is found out by the session timer (RFC 4028) within a minute and a half.
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_ALWAYS
    config.callConfig.timerMinSESec = 90
    config.callConfig.timerSessExpiresSec = 90
    media = config.mediaConfig.transportConfig
    # Many engines live on one machine: each starts looking for a free pair of ports somewhere else.
    media.port = random.randrange(_FIRST_RTP_PORT, _LAST_RTP_PORT, 2)  # noqa: S311 - not a secret
    if library.host != ANY:
        media.boundAddress = library.host
        media.publicAddress = library.host
    config.mediaConfig.srtpUse = _SRTP[library.settings.srtp]
    # The keys are in the SDP; a centre that lets them travel over plain SIP inside its own walls has its reasons.
    config.mediaConfig.srtpSecureSignaling = 0
    config.natConfig.iceEnabled = library.settings.ice
    return config


def open_transport_for(library: Library, uri: str) -> bool:
    """Open TCP or TLS where ``uri`` asks for it; returns whether it does. Raises PhoneError ``sip``."""
    lowered = uri.lower()
    if lowered.startswith("sips:") or ";transport=tls" in lowered:
        kind = pj.PJSIP_TRANSPORT_TLS
    elif ";transport=tcp" in lowered:
        kind = pj.PJSIP_TRANSPORT_TCP
    else:
        return False
    if kind in library.others:
        return True
    config = _bound(library.settings)
    if kind == pj.PJSIP_TRANSPORT_TLS:
        config.tlsConfig.CaListFile = _find_authorities(library.settings)
        config.tlsConfig.verifyServer = True
        config.tlsConfig.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2  # left alone it offers 1.0 only
    try:
        library.endpoint.transportCreate(kind, config)
    except pj.Error as error:
        raise PhoneError("sip", describe_error(error)) from error
    library.others.add(kind)
    return True


def _find_authorities(settings: EngineSettings) -> str:
    """A file of certificates, tried before the library reads it, which says nothing of it. Raises PhoneError."""
    file = settings.authorities or ssl.get_default_verify_paths().cafile or ""
    if settings.authorities:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
        except OSError as error:  # ssl.SSLError is one
            raise PhoneError("sip", f"{file}: {error}") from error
    return file


def move(library: Library) -> None:
    """Open what listens anew where the address is another one, and tell those whom we talk with (re-INVITE)."""
    try:
        library.endpoint.handleIpChange(pj.IpChangeParam())
    except pj.Error as error:
        _log.info("moving to another address: %s", describe_error(error))


def drop_connections(library: Library) -> None:
    """Close what is connected, or is connecting, over TCP or TLS; ``connection_lost`` is called for each."""
    native = library.native
    native.pjsua_get_pjsip_endpt.restype = native.pjsip_endpt_get_tpmgr.restype = ctypes.c_void_p
    transports = native.pjsip_endpt_get_tpmgr(ctypes.c_void_p(native.pjsua_get_pjsip_endpt()))
    native.pjsip_tpmgr_shutdown_all(ctypes.c_void_p(transports), ctypes.byref(_Shutdown(force=1, include_udp=0)))


def describe_error(error: Any) -> str:
    """A sentence about a pj.Error."""
    return str(getattr(error, "reason", "") or error)


def attempt(work: Callable[..., object], *arguments: Any) -> None:
    """Raises PhoneError ``sip`` where the library refuses."""
    try:
        work(*arguments)
    except pj.Error as error:
        raise PhoneError("sip", describe_error(error)) from error


def _configure(settings: EngineSettings) -> Any:
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = MAX_CALLS
    config.uaConfig.userAgent = "catgem"
    # With servers to ask, the library asks them without waiting; without, a slow answer would stop every call.
    for server in find_nameservers():
        config.uaConfig.nameserver.append(server)
    config.uaConfig.mwiUnsolicitedEnabled = False
    if settings.stun:
        config.uaConfig.stunServer.append(settings.stun)
        config.uaConfig.stunIgnoreFailure = True
    config.medConfig.clockRate = CLOCK_RATE
    config.medConfig.sndClockRate = CLOCK_RATE
    config.medConfig.channelCount = 1
    config.medConfig.audioFramePtime = _frame_ms(settings)
    config.medConfig.ptime = 0  # by the codec, see fill_packets
    config.medConfig.noVad = True
    # Left alone, the library stops the bridge's clock a second after its last connection: digits would not be sent.
    config.medConfig.sndAutoCloseTime = -1
    config.medConfig.ecTailLen = 0
    config.logConfig.consoleLevel = 0
    config.logConfig.msgLogging = 0
    config.logConfig.level = 4 if settings.log else 1
    if settings.log:
        config.logConfig.filename = settings.log
    return config


def _frame_ms(settings: EngineSettings) -> int:
    """Short, whatever the card's are; without a card nobody's voice is delayed, and longer ones cost less."""
    return 20 if settings.latency is Latency.SAFE and not settings.sound else 10


def fill_packets(endpoint: Any, milliseconds: int) -> None:
    """Send packets that hold so much speech from the next call on. The fewer, the less each call costs at both ends."""
    codecs = endpoint.codecEnum2()
    for index in range(len(codecs)):
        identity = codecs[index].codecId
        try:
            how = endpoint.codecGetParam(identity)
            how.setting.frmPerPkt = max(1, milliseconds // how.info.frameLen)
            endpoint.codecSetParam(identity, how)
        except pj.Error as error:
            _log.info("packets of %s: %s", identity, describe_error(error))


def _open_transport(endpoint: Any, settings: EngineSettings) -> tuple[int, int]:
    config = _bound(settings)
    config.port = settings.port or _find_free_port(settings.host)
    try:
        return endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, config), config.port
    except pj.Error as error:
        raise PhoneError("port_taken", f"{settings.host}:{settings.port}: {error.reason}") from error


def _bound(settings: EngineSettings) -> Any:
    config = pj.TransportConfig()
    if settings.host != ANY:
        config.boundAddress = settings.host
        config.publicAddress = settings.host
    return config


def _find_free_port(host: str) -> int:
    """Ask the system. pjsip's own answer for port 0 cannot be read back reliably once an address is published."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise PhoneError("port_taken", f"{host}: {os.strerror(error.errno or 0)}") from error
        port: int = probe.getsockname()[1]
        return port


def _prefer_codecs(endpoint: Any, wanted: tuple[str, ...]) -> None:
    order = [name.upper() for name in wanted]
    codecs = endpoint.codecEnum2()
    for index in range(len(codecs)):
        identity = codecs[index].codecId
        name = identity.split("/")[0].upper()
        priority = 254 - order.index(name) if name in order else 0
        endpoint.codecSetPriority(identity, priority)
