"""The telephone: its library, its engine on the port of the settings, and the exchange at which it registers."""

import asyncio
import contextlib
import secrets
import socket
import ssl
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from catgem_tui.config.i18n import _
from catgem_tui.config.settings import Phone
from catgem_tui.desk.credentials import Credentials
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well
from catgem_tui.doctor.reasons import say
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.offers import Offers, ask_offers
from catgem_tui.phone.port import EngineSettings, PhoneError

ANSWER_SECONDS = 3.0
SIP_PORT, SIPS_PORT = 5060, 5061


async def examine(subject: Subject) -> Found:
    if subject.telephone_elsewhere is not None:
        return Found(findings=(await _judge_elsewhere(subject.telephone_elsewhere),))
    own = subject.settings.workstation.phone
    measured: dict[str, Any] = {}
    try:
        offers = await ask_offers(own.python or sys.executable)
    except PhoneError as error:
        return Found(findings=(_judge_absent(error),))
    measured["library"] = msgspec.to_builtins(offers)
    findings = [well("phone.library", _("The telephone's library is pjsip %s.") % offers.version)]
    findings += _judge_offers(offers, own)
    free = msgspec.structs.replace(own, port=0) if subject.at_work else own
    engine, uri = await _judge_engine(free, urlsplit(subject.central).hostname or "")
    measured["uri"] = uri
    findings.append(engine)
    if own.registrar:
        registrar, password = await asyncio.gather(_judge_registrar(own), _judge_password(own, subject.central))
        findings += [registrar, password]
    return Found(findings=tuple(findings), measured=measured)


async def _judge_elsewhere(place: Path) -> Finding:
    from catgem_tui.phone.door import find_doors

    doors = await asyncio.to_thread(find_doors, place)
    for door in doors:
        with contextlib.suppress(OSError):
            _reader, writer = await asyncio.open_unix_connection(door.socket)
            writer.close()
            return well("phone.elsewhere", _("The telephone on the other computer can be reached."))
    sentence = _("The telephone is to be on another computer, and none can be reached at %s.") % place
    return fault("phone.elsewhere", sentence, _("Start it there: catgem phone --ssh USER@HOST"))


def _judge_absent(error: PhoneError) -> Finding:
    if error.code == "no_library":
        sentence = _("The telephone's library is not installed for its Python: %s.") % error.detail.rstrip(".")
        return fault("phone.library", sentence, _("Install it with: %s") % "pip install 'catgem-tui[phone]'")
    sentence = _("The telephone's library does not start: %s.") % error.detail.rstrip(".")
    return fault("phone.library", sentence, _("See the setting workstation.phone.python; install its packages again."))


def _judge_offers(offers: Offers, own: Phone) -> list[Finding]:
    findings = []
    spoken = {codec.partition("/")[0].upper() for codec in offers.codecs}
    lacking = [codec for codec in own.codecs if codec.upper() not in spoken]
    if lacking:
        sentence = _("The library does not speak these codecs of the settings: %s.") % ", ".join(lacking)
        level = warning if len(lacking) < len(own.codecs) else fault
        findings.append(level("phone.codecs", sentence, _("Take them out of the setting workstation.phone.codecs.")))
    else:
        findings.append(well("phone.codecs", _("Codecs: %s.") % ", ".join(own.codecs)))
    transport = own.transport.upper() if own.registrar else "UDP"
    if transport not in offers.transports:
        sentence = _("The library does not open the transport %s here.") % transport
        findings.append(
            fault("phone.transport", sentence, _("Choose another in the setting workstation.phone.transport."))
        )
    if own.srtp != "off" and not offers.srtp:
        sentence = _("The library cannot encrypt sound, and the settings want it (%s).") % own.srtp
        findings.append(fault("phone.srtp", sentence, _("Install the library built with SRTP.")))
    return findings


async def _judge_engine(own: Phone, toward: str) -> tuple[Finding, str]:
    """With the SIP address that it took."""
    settings = EngineSettings(host=own.host, port=own.port, toward=toward, sound=False, codecs=own.codecs)
    engine = EngineClient(settings, python=own.python or sys.executable)
    try:
        ready = await engine.start()
    except PhoneError as error:
        if error.code == "port_taken":
            words = {"host": own.host, "port": own.port}
            sentence = _("The telephone's address %(host)s, port %(port)d, cannot be taken.") % words
            remedy = _("Another workstation may be running; else correct workstation.phone.host, and choose port 0.")
            return fault("phone.port", sentence, remedy), ""
        sentence = _("The telephone's engine does not start: %s.") % str(error).rstrip(".")
        return fault("phone.engine", sentence, _("The log has more: doctor.log.")), ""
    finally:
        await engine.close()
    sentence = _("The telephone's engine starts, and is found at %s.") % ready.uri
    if "@127." in ready.uri and toward not in {"", "localhost"} and not toward.startswith("127."):
        remedy = _('Set workstation.phone.host = "0.0.0.0": central is on another machine and could not call this one.')
        return fault("phone.address", sentence, remedy), ready.uri
    return well("phone.engine", sentence), ready.uri


async def _judge_registrar(own: Phone) -> Finding:
    parts = urlsplit(f"//{own.registrar}")
    host, port = parts.hostname or "", parts.port or (SIPS_PORT if own.transport == "tls" else SIP_PORT)
    where = f"{host}:{port}/{own.transport}"
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await (_ask_by_udp(host, port) if own.transport == "udp" else _connect(host, port, own))
    except ssl.SSLError as error:
        sentence = _("The exchange's certificate at %(where)s is not believed: %(reason)s.")
        reason = getattr(error, "verify_message", "") or error.reason or str(error)
        remedy = _("Name its authority in the setting workstation.phone.authorities.")
        return fault("phone.registrar", sentence % {"where": where, "reason": say(reason)}, remedy)
    except (OSError, TimeoutError) as error:
        sentence = _("The exchange at %(where)s does not answer: %(reason)s.")
        reason = str(error)
        remedy = _("See the settings registrar and transport, and whether network and firewall lead there.")
        return fault("phone.registrar", sentence % {"where": where, "reason": say(reason)}, remedy)
    return well("phone.registrar", _("The exchange answers at %s.") % where)


async def _connect(host: str, port: int, own: Phone) -> None:
    """Raises OSError, of which ssl.SSLError is one."""
    context = None
    if own.transport == "tls":
        context = await asyncio.to_thread(_make_context, own.authorities)
    _reader, writer = await asyncio.open_connection(host, port, ssl=context)
    writer.close()


def _make_context(authorities: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(Path(authorities).expanduser()) if authorities else None)


async def _ask_by_udp(host: str, port: int) -> None:
    """Send OPTIONS (RFC 3261, 11) and wait for any answer. Raises OSError."""
    loop = asyncio.get_running_loop()
    family, _kind, _protocol, _name, address = (await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
    with socket.socket(family, socket.SOCK_DGRAM) as ours:
        ours.setblocking(False)
        await loop.sock_connect(ours, address)
        local, local_port = ours.getsockname()[:2]
        local = f"[{local}]" if ":" in local else local
        mark = secrets.token_hex(8)
        lines = (
            f"OPTIONS sip:{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {local}:{local_port};branch=z9hG4bK{mark};rport",
            "Max-Forwards: 70",
            f"From: <sip:doctor@{local}>;tag={mark}",
            f"To: <sip:{host}>",
            f"Call-ID: {mark}",
            "CSeq: 1 OPTIONS",
            f"Contact: <sip:doctor@{local}:{local_port}>",
            "Content-Length: 0",
        )
        request = "\r\n".join((*lines, "", "")).encode()
        while True:
            await loop.sock_sendall(ours, request)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):  # T1 (RFC 3261, 17.1.2.2)
                    await loop.sock_recv(ours, 4096)
                    return


async def _judge_password(own: Phone, central: str) -> Finding:
    credentials = Credentials(central)
    await credentials.open()
    if await credentials.phone_password(own.address):
        return well("phone.password", _("The password of %s is in the keyring.") % own.address)
    sentence = _("The keyring has no password for %s.") % own.address
    return warning("phone.password", sentence, _("The workstation asks for it when it starts; give it there."))
