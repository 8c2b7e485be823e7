"""Central, as this machine reaches it: the address, the certificate, the version, how long it takes, the live line."""

import asyncio
import contextlib
import os
import ssl
import statistics
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from catgem_tui import __version__
from catgem_tui.config.i18n import _, ngettext
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well
from catgem_tui.doctor.reasons import say
from catgem_tui.link.address import Address, Failed, parse_address
from catgem_tui.protocol.frames import VERSION
from catgem_tui.protocol.http import Health

if TYPE_CHECKING:
    import httpx

TIMES = 5
TIMEOUT = 5.0
QUICK_MS, SLOW_MS = 150.0, 500.0
"""Round trips: beyond the first every action is felt to wait; beyond the second typing ahead of the screen is."""
EXPIRES_SOON_DAYS = 14


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    health: Health
    date: float | None
    """What the answer's Date says, half a second added: it is cut to a whole one. Seconds since the epoch."""
    received: float
    """This machine's clock in the middle of question and answer."""
    milliseconds: float


async def examine(subject: Subject) -> Found:
    address = parse_address(subject.central)
    if isinstance(address, Failed):
        return Found(findings=(_judge_address(address, subject.central),))
    measured: dict[str, Any] = {"address": subject.central}
    proxies = _find_proxies(address)
    if proxies:
        measured["proxies"] = proxies
    answers = []
    for _number in range(TIMES):
        answer = await ask_health(address)
        if isinstance(answer, Failed):
            measured["detail"] = answer.detail
            return Found(findings=(_judge_failure(answer, subject.central, proxies),), measured=measured)
        answers.append(answer)
    trip = statistics.median(answer.milliseconds for answer in answers[1:])
    health = answers[0].health
    measured |= {"round_trip_ms": round(trip, 1), "version": health.version, "protocol": health.protocol}
    findings = [
        well("central.reached", _("Central answers at %s.") % subject.central),
        *_judge_version(health),
        _judge_trip(trip),
        await _judge_live(address, proxies),
    ]
    if address.http.startswith("https"):
        days = await _find_days_left(address)
        if days is not None:
            measured["certificate_days"] = days
            findings.append(_judge_certificate(days))
    return Found(findings=tuple(findings), measured=measured)


async def ask_health(address: Address) -> Answer | Failed:
    """``bad_certificate`` beside the codes of ``Failed``."""
    import httpx

    # A proxy of the environment has no business between two programs of one machine.
    try:
        client = await asyncio.to_thread(httpx.AsyncClient, timeout=TIMEOUT, trust_env=not address.local)
    except (ImportError, OSError, ValueError) as error:
        return Failed("bad_proxy", str(error))
    async with client:
        try:
            await client.get(f"{address.http}/health")  # opens the connection, whose making is not measured
            begun, started = time.time(), time.perf_counter()
            answer = await client.get(f"{address.http}/health")
            taken = time.perf_counter() - started
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _explain(error)
    try:
        health = msgspec.json.decode(answer.content, type=Health)
    except (msgspec.MsgspecError, UnicodeError):
        return Failed("incompatible", f"HTTP {answer.status_code}")
    return Answer(health=health, date=_read_date(answer), received=begun + taken / 2, milliseconds=taken * 1000)


def _read_date(answer: "httpx.Response") -> float | None:
    try:
        return parsedate_to_datetime(answer.headers["Date"]).timestamp() + 0.5
    except (KeyError, ValueError):
        return None


def _explain(error: BaseException) -> Failed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failed("bad_certificate", cause.verify_message or str(cause))
        if isinstance(cause, ssl.SSLError):
            return Failed("bad_tls", cause.reason or str(cause))
        cause = cause.__cause__ or cause.__context__
    words = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in words:  # httpcore hands on the words alone
        return Failed("bad_certificate", words.partition("verify failed: ")[2].partition(" (_ssl")[0] or words)
    return Failed("unreachable", words)


def _find_proxies(address: Address) -> list[str]:
    """The environment's, without what is secret in them; none towards this machine itself."""
    if address.local:
        return []
    found = []
    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        value = os.environ.get(name) or os.environ.get(name.lower())
        if value:
            parts = urlsplit(value if "://" in value else f"//{value}")
            found.append(f"{name}={parts.hostname or ''}:{parts.port or ''}".rstrip(":"))
    return found


async def _judge_live(address: Address, proxies: list[str]) -> Finding:
    from websockets.asyncio.client import connect
    from websockets.exceptions import WebSocketException

    try:
        line = await connect(
            address.live,
            compression=None,
            open_timeout=TIMEOUT,
            close_timeout=0.5,
            proxy=None if address.local else True,
        )
        await line.close()
    except (OSError, TimeoutError, WebSocketException) as error:
        sentence = _("Central answers, but its live line (a websocket) does not open: %s.") % say(str(error))
        remedy = _("Something between here and central does not let websockets through: have it pass Upgrade requests.")
        if proxies:
            remedy = _("Have the proxy (%s) let websockets through, or name central in NO_PROXY.") % ", ".join(proxies)
        return fault("central.live", sentence, remedy)
    return well("central.live", _("The live line opens."))


async def _find_days_left(address: Address) -> int | None:
    """Of central's certificate; None where a proxy stands between."""
    parts = urlsplit(address.http)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(TIMEOUT):
            context = await asyncio.to_thread(ssl.create_default_context)
            _reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context)
        certificate = writer.get_extra_info("peercert")
        writer.close()
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
        return (until - datetime.now(UTC)).days
    return None


def _judge_address(failed: Failed, central: str) -> Finding:
    if failed.code == "insecure":
        sentence = _("%s is in clear text and another machine: it is never spoken to so.") % central
        return fault("central.insecure", sentence, _("Write https:// in the setting workstation.central."))
    sentence = _("“%s” is no address.") % central
    return fault("central.address", sentence, _("Correct the setting workstation.central: https://central.example"))


def _judge_failure(failed: Failed, central: str, proxies: list[str]) -> Finding:
    detail = say(failed.detail)
    if failed.code == "bad_certificate":
        return fault(
            "central.certificate",
            _("Central's certificate is not believed: %s.") % detail,
            _("Give central a valid certificate, or this machine its authority (SSL_CERT_FILE); check the clock too."),
        )
    if failed.code == "bad_tls":
        sentence = _("The encrypted connection to central fails: %s.") % detail
        return fault("central.tls", sentence, _("See whether the port speaks TLS, and the address says https://."))
    if failed.code == "bad_proxy":
        sentence = _("The environment names a proxy that cannot be used: %s.") % detail
        return fault("central.proxy", sentence, _("Correct HTTPS_PROXY, or name central in NO_PROXY."))
    if failed.code == "incompatible":
        sentence = _("What answers at %(central)s is not central (%(detail)s).") % {
            "central": central,
            "detail": detail,
        }
        return fault(
            "central.stranger", sentence, _("Correct the setting workstation.central, or the proxy before it.")
        )
    sentence = _("Central does not answer at %(central)s: %(detail)s.") % {"central": central, "detail": detail}
    remedy = _("See that central runs (catgem central serve) and that network and firewall let this machine through.")
    if proxies:
        remedy = _("See whether the proxy (%s) leads there; NO_PROXY goes round it.") % ", ".join(proxies)
    return fault("central.unreachable", sentence, remedy)


def _judge_version(health: Health) -> list[Finding]:
    findings = []
    if health.protocol != VERSION:
        words = {"theirs": health.protocol, "ours": VERSION}
        sentence = _("Central speaks version %(theirs)d of the protocol and this workstation %(ours)d.") % words
        return [fault("central.protocol", sentence, _("Install the same version of catgem on both."))]
    if health.version != __version__:
        words_of_version = {"theirs": health.version, "ours": __version__}
        sentence = _("Central is of version %(theirs)s and this workstation of %(ours)s.") % words_of_version
        findings.append(
            warning("central.version", sentence, _("They understand each other; bring the older one up to date."))
        )
    else:
        findings.append(well("central.version", _("Central is of the same version: %s.") % health.version))
    if not health.ok:
        sentence = _("Central says that it is not well.")
        findings.append(fault("central.ill", sentence, _("Whoever keeps central should read its log.")))
    return findings


def _judge_trip(milliseconds: float) -> Finding:
    sentence = _("To central and back it takes %.0f ms.") % milliseconds
    if milliseconds <= QUICK_MS:
        return well("central.trip", sentence)
    remedy = _("The line is slow: use a wire instead of a radio, or see what else fills it.")
    return (warning if milliseconds <= SLOW_MS else fault)("central.trip", sentence, remedy)


def _judge_certificate(days: int) -> Finding:
    sentence = ngettext(
        "Central's certificate is good for %d more day.", "Central's certificate is good for %d more days.", days
    )
    if days < EXPIRES_SOON_DAYS:
        return warning("central.expiry", sentence % days, _("Whoever keeps central should renew it."))
    return well("central.expiry", sentence % days)
