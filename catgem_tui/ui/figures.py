"""Times, numbers, money and telephones as people read them, on the screen and on the command line."""

import re
import time
from functools import lru_cache

from catgem_tui.config.i18n import _, current


def elapsed(seconds: float) -> str:
    """A time that counts up, ``m:ss``, from an hour on ``2 h 05``, from a day on in days."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    if whole < 86400:
        return f"{whole // 3600} h {whole // 60 % 60:02d}"
    return _("%d d") % (whole // 86400)


_BEAT = 5.0


def beat(now: float) -> float:
    """The instant by which the clocks of others are told: every five seconds, so that a desk at rest is at rest."""
    return now - now % _BEAT


def clock(instant: float) -> str:
    """Hours and minutes on this machine's wall clock."""
    return time.strftime("%H:%M", time.localtime(instant))


def clock_with_seconds(instant: float) -> str:
    """Hours, minutes and seconds on this machine's wall clock."""
    return time.strftime("%H:%M:%S", time.localtime(instant))


def stamp_with_seconds(instant: float) -> str:
    """Date and clock to the second: ``12 may 2026 18:04:59``."""
    return f"{date(instant)} {clock_with_seconds(instant)}"


@lru_cache(maxsize=512)
def day(instant: float) -> str:
    """Day and month, short: ``12 may``."""
    moment = time.localtime(instant)
    return _("%(day)d %(month)s") % {"day": moment.tm_mday, "month": months()[moment.tm_mon - 1]}


def date(instant: float) -> str:
    """Day, month and year: ``12 may 2026``."""
    return f"{day(instant)} {time.localtime(instant).tm_year}"


def stamp(instant: float) -> str:
    """Date and clock: ``12 may 2026 18:04``."""
    return f"{date(instant)} {clock(instant)}"


def moment(instant: float, now: float) -> str:
    """The clock for today, the day otherwise."""
    same = time.localtime(instant)[:3] == time.localtime(now)[:3]
    return clock(instant) if same else f"{day(instant)} {clock(instant)}"


def midnight(instant: float, days: int = 0) -> float:
    """The first instant of the day on this machine's wall clock, or of that as many days later."""
    year, month, of_month = time.localtime(instant)[:3]
    return time.mktime((year, month, of_month + days, 0, 0, 0, 0, 0, -1))


def months() -> tuple[str, ...]:
    return (
        _("Jan"),
        _("Feb"),
        _("Mar"),
        _("Apr"),
        _("May"),
        _("Jun"),
        _("Jul"),
        _("Aug"),
        _("Sep"),
        _("Oct"),
        _("Nov"),
        _("Dec"),
    )


def days_ago(instant: float, now: float) -> str:
    """How long ago, in whole days."""
    days = max(0, int((now - instant) // 86400))
    if days == 0:
        return _("today")
    return _("yesterday") if days == 1 else _("%d days ago") % days


def percent(share: float, digits: int = 0) -> str:
    """A share of 0 to 1 in per cent, with the language's space before the sign."""
    number = f"{share * 100:.{digits}f}"
    return f"{number} %" if current().startswith("es") else f"{number}%"


TWO_DIGIT_AREAS = ("33", "55", "56", "81")
"""Area codes of Guadalajara, Mexico City (55 and 56) and Monterrey; all others have three digits."""


def telephone(number: str) -> str:
    """A Mexican number of ten digits in groups, the area code first (``722 555 0134``, ``55 5658 1111``); anything else
    as it is. All calls within the country take the ten digits."""
    digits = number.removeprefix("+52") if number.startswith("+52") else number
    if not (digits.isascii() and digits.isdigit() and len(digits) == 10):
        return number
    if digits.startswith(TWO_DIGIT_AREAS):
        return f"{digits[:2]} {digits[2:6]} {digits[6:]}"
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


_AMOUNT = re.compile(
    r"(?:\$|MXN|MX\$)?\s*(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,11}|0)(?:\.(?P<cents>[0-9]{1,2}))?"
    r"\s*(?:MXN|M\.?\s?N\.?|pesos)?",
    re.IGNORECASE,
)


def money(written: str) -> str:
    """Pesos as people write them, where nothing but an amount is written (``1234.5``, ``$ 1,234``, ``1234 MXN``):
    ``$1,234.50``, as Unicode CLDR has it for es-MX; in other languages, where the sign alone would be read as
    dollars, with ISO 4217's ``MXN`` behind it. Anything else as it is written."""
    amount = _AMOUNT.fullmatch(written.strip())
    if amount is None:
        return written
    pesos = f"${int(amount['whole'].replace(',', '')):,}.{amount['cents'] or '':0<2}"
    return pesos if current().startswith("es") else f"{pesos} MXN"


def count(number: int) -> str:
    """A number of things, with a comma at the thousands: so it is written in Mexico and in English."""
    return f"{number:,}"


def size(count: int) -> str:
    """Bytes for people."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"
