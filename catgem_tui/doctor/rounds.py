"""The round through the parts: each within its time, those that can at once, and what came of it."""

import asyncio
import logging
import textwrap
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import msgspec
from msgspec import Struct

from catgem_tui import __version__
from catgem_tui.config.i18n import N_, _, ngettext
from catgem_tui.doctor.finding import STATUS, Found, Level, Subject, fault, worst

PARTS: Mapping[str, tuple[str, float]] = {
    "terminal": (N_("Terminal"), 6.0),
    "keys": (N_("Keys"), 600.0),
    "sound": (N_("Sound"), 60.0),
    "phone": (N_("Telephone"), 25.0),
    "central": (N_("Central"), 25.0),
    "clock": (N_("Clock"), 15.0),
    "keyring": (N_("Keyring"), 15.0),
    "disk": (N_("Disk"), 20.0),
    "packages": (N_("Packages"), 10.0),
}
"""What it is called, and the seconds after which it is given up."""
ALONE = ("terminal", "keys")
"""They have the terminal for themselves; the others go on at once."""

logger = logging.getLogger(__name__)
Examine = Callable[[Subject], Awaitable[Found]]


class Examined(Struct, frozen=True, kw_only=True):
    part: str
    found: Found
    seconds: float


async def examine(
    subject: Subject, parts: Sequence[str], told: Callable[[str, Examined | None], None]
) -> list[Examined]:
    """In the order of ``parts``. ``told`` hears of each part that it begins, and what came of it once it is done."""

    async def one(part: str) -> Examined:
        told(part, None)
        begun = time.perf_counter()
        found = await _within_time(part, subject)
        examined = Examined(part=part, found=found, seconds=round(time.perf_counter() - begun, 3))
        told(part, examined)
        return examined

    done = [await one(part) for part in parts if part in ALONE]
    done += await asyncio.gather(*(one(part) for part in parts if part not in ALONE))
    return sorted(done, key=lambda examined: parts.index(examined.part))


async def _within_time(part: str, subject: Subject) -> Found:
    title, limit = PARTS[part]
    run: Examine = import_module(f"catgem_tui.doctor.{part}").examine
    try:
        async with asyncio.timeout(limit):
            return await run(subject)
    except TimeoutError:
        words = {"part": _(title), "seconds": limit}
        sentence = _("%(part)s: the examination did not end within %(seconds)d s.") % words
        return Found(findings=(fault(f"{part}.slow", sentence, _("Try again; the log may say what it waits for.")),))
    except Exception:  # the other parts are worth telling of
        logger.exception("the examination of %s broke", part)
        sentence = _("%s: the examination broke off.") % _(title)
        return Found(findings=(fault(f"{part}.broken", sentence, _("The log has the details: doctor.log.")),))


def status_of(examined: Sequence[Examined]) -> int:
    """0 when all is well, 1 with warnings, 2 with faults."""
    return STATUS[worst([finding for each in examined for finding in each.found.findings])]


def to_json(examined: Sequence[Examined]) -> dict[str, Any]:
    """One object: ``catgem`` (the version), ``status`` (as the exit status) and ``parts``; of each part ``level``,
    ``seconds``, ``findings`` (``name``, ``level``, ``sentence``, ``remedy``) and ``measured``, facts by their names."""
    return {
        "catgem": __version__,
        "status": status_of(examined),
        "parts": {
            each.part: {
                "level": each.found.level.value,
                "seconds": each.seconds,
                "findings": msgspec.to_builtins(each.found.findings),
                "measured": each.found.measured,
            }
            for each in examined
        },
    }


def tell(examined: Sequence[Examined], width: int) -> list[str]:
    """Lines of at most so many columns, for a person."""
    marks = {Level.OK: _("well"), Level.WARNING: _("warning"), Level.FAULT: _("FAULT")}
    margin = max(map(len, marks.values()))
    lines = []
    for each in examined:
        lines.append(_(PARTS[each.part][0]))
        for finding in each.found.findings:
            lines += _wrap(f"  {marks[finding.level]:{margin}}  ", finding.sentence, width)
            if finding.remedy:
                lines += _wrap(f"  {'':{margin}}  → ", finding.remedy, width)
    return [*lines, _sum_up(examined)]


def _sum_up(examined: Sequence[Examined]) -> str:
    levels = [finding.level for each in examined for finding in each.found.findings]
    faults, warnings = levels.count(Level.FAULT), levels.count(Level.WARNING)
    if not faults and not warnings:
        return _("All is well.")
    told = (
        ngettext("%d fault", "%d faults", faults) % faults,
        ngettext("%d warning", "%d warnings", warnings) % warnings,
    )
    return ", ".join(told) + "."


def _wrap(start: str, text: str, width: int) -> list[str]:
    indent = " " * len(start)
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
