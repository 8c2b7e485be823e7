"""``catgem selftest``: run the checks one after the other and tell what was seen."""

import argparse
import asyncio
import importlib.util
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import httpx

from catgem_tui.config.i18n import _
from catgem_tui.selftest.checks import chat, mail, queue, recovery, supervision, voice
from catgem_tui.selftest.report import Finding, NotRun, Report
from catgem_tui.selftest.rig import Credentials, RemoteCentral, Rig

PARTS: dict[str, tuple[tuple[str, ...], Callable[[Rig, Report], Awaitable[None]]]] = {
    part.__name__.rsplit(".", 1)[1]: (part.NAMES, part.run)
    for part in (voice, chat, mail, supervision, queue, recovery)
}
REMOTE = frozenset({"voice", "chat", "supervision"})
"""Parts that a central in use allows."""
WITHOUT_TELEPHONE = frozenset({"chat", "mail"})
"""Parts in which nobody calls: they run where the telephone's library is not installed."""
SHOWN = 60
"""Characters of what was seen that a line of the report has room for; failures and JSON show everything."""
PATIENCE = 240.0
"""Seconds for one part before it counts as stuck."""

log = logging.getLogger(__name__)


async def check(parts: Sequence[str], told: Callable[[Finding], None], new_rig: Callable[[Path], Rig] = Rig) -> Report:
    """Run these parts, each on a rig of its own: a part that broke leaves nothing behind for the next."""
    report = Report(told=told)
    telephone = importlib.util.find_spec("pjsua2") is not None
    for part in parts:
        names, run = PARTS[part]
        if not telephone and part not in WITHOUT_TELEPHONE:
            report.missing(names, "the telephone's library is not installed")
            continue
        with tempfile.TemporaryDirectory(prefix="catgem-selftest-") as folder:
            try:
                async with asyncio.timeout(PATIENCE), new_rig(Path(folder)) as rig:
                    await run(rig, report)
            except Exception as error:  # whatever broke is the finding
                log.exception("in %s", part)
                report.missing(names, f"{type(error).__name__}: {error}".removesuffix(": "))
    return report


async def check_remote(options: argparse.Namespace, told: Callable[[Finding], None]) -> Report:
    """Run what can be run against a central in use. Raises httpx.HTTPError when it does not answer."""
    remote = await RemoteCentral.find(options.central)
    advisor = Credentials(options.advisor, os.environ.get("CATGEM_ADVISOR_PASSWORD", ""))
    coordinator = Credentials(options.coordinator, os.environ.get("CATGEM_COORDINATOR_PASSWORD", ""))
    wanted = options.part or list(PARTS)
    report = await check(
        [part for part in wanted if part in REMOTE],
        told,
        lambda folder: Rig(folder, remote, advisor, coordinator),
    )
    for part in wanted:
        if part not in REMOTE:
            report.not_run += [NotRun(name=name, reason="needs a central of its own") for name in PARTS[part][0]]
    return report


def main(options: argparse.Namespace) -> int:
    """Exit status 0 when every check passed, 1 when one failed, 2 when the central to check can't be reached."""
    told: Callable[[Finding], None] = (lambda _: None) if options.json else _tell
    try:
        work = check_remote(options, told) if options.central else check(options.part or list(PARTS), told)
        report = asyncio.run(work)
    except httpx.HTTPError as error:
        log.warning("no central at %s: %s", options.central, error)
        print(_("No central answers at {url}.").format(url=options.central), file=sys.stderr)
        return 2
    if options.json:
        print(report.as_json())
    return 0 if report.ok else 1


def _tell(finding: Finding) -> None:
    mark = "ok  " if finding.ok else "FAIL"
    seen = finding.seen if not finding.ok or len(finding.seen) <= SHOWN else f"{finding.seen[:SHOWN]}…"
    print(f"{mark} {finding.name:42} {seen}", flush=True)
    if not finding.ok:
        expected = _("expected")  # before Python 3.12 nothing within an f-string is found for the catalogue
        print(f"     {expected}: {finding.expected}", flush=True)
