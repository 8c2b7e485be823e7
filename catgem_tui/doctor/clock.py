"""This machine's clock, against central's."""

import asyncio
import time
from datetime import datetime

from catgem_tui.config.i18n import _
from catgem_tui.doctor.central import ask_health
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well
from catgem_tui.link.address import Failed, parse_address

CLOSE, FAR = 2.0, 60.0
"""Seconds. An HTTP date has none smaller than one (RFC 9110, 5.6.7); a minute puts times on the screen in the wrong
order."""
WATCHED = 0.25
STEADY = 0.1
"""Seconds that both clocks may differ by while they are watched."""


async def examine(subject: Subject) -> Found:
    drift = await _watch()
    findings = [_judge_drift(drift), _judge_zone()]
    measured: dict[str, object] = {"zone": time.strftime("%Z"), "offset": time.strftime("%z"), "drift": round(drift, 4)}
    address = parse_address(subject.central)
    if not isinstance(address, Failed):
        answer = await ask_health(address)
        if not isinstance(answer, Failed) and answer.date is not None:
            skew = answer.received - answer.date
            measured["skew"] = round(skew, 1)
            return Found(findings=(_judge_skew(skew), *findings), measured=measured)
    sentence = _("The clock could not be compared with central's.")
    remedy = _("See what is said of central.")
    return Found(findings=(warning("clock.not_compared", sentence, remedy), *findings), measured=measured)


async def _watch() -> float:
    """Seconds by which the clock on the wall went otherwise than the one that only goes forward."""
    wall, steady = time.time(), time.monotonic()
    await asyncio.sleep(WATCHED)
    return (time.time() - wall) - (time.monotonic() - steady)


def _judge_skew(skew: float) -> Finding:
    words = {"seconds": abs(skew)}
    set_it = _("Have the system set its clock: timedatectl set-ntp true")
    if abs(skew) <= CLOSE:
        return well("clock.agrees", _("The clock agrees with central's."))
    sentence = (
        _("This clock is %(seconds).0f s ahead of central's.")
        if skew > 0
        else _("This clock is %(seconds).0f s behind central's.")
    ) % words
    return (warning if abs(skew) <= FAR else fault)("clock.differs", sentence, set_it)


def _judge_drift(drift: float) -> Finding:
    if abs(drift) > STEADY:
        sentence = _("The clock jumped by %.1f s while it was watched.") % drift
        return warning("clock.jumps", sentence, _("See what sets this machine's clock; one program should."))
    return well("clock.steady", _("The clock goes steadily."))


def _judge_zone() -> Finding:
    zone, offset = time.strftime("%Z"), datetime.now().astimezone().utcoffset()
    if not offset and zone in {"UTC", "GMT", "Universal", "Zulu"}:
        sentence = _("This machine has no time zone of its own (%s): times are not those on the wall.") % zone
        return warning(
            "clock.zone", sentence, _("Set it: timedatectl set-timezone America/Mexico_City; or the TZ variable.")
        )
    return well("clock.zone", _("Time zone: %s.") % f"{zone} {time.strftime('%z')}")
