"""What the workstation keeps on disk: room, permissions, the copy of the directory, what is not yet sent."""

import contextlib
import os
import shlex
import shutil
import sqlite3
import stat
import tempfile
import time
from pathlib import Path
from typing import Any

from catgem_tui.config import paths
from catgem_tui.config.i18n import _, ngettext
from catgem_tui.config.reasons import reason
from catgem_tui.desk.credentials import within_limit
from catgem_tui.directory.store import check_schema, check_soundness, holds_copy, open_to_read
from catgem_tui.doctor.finding import Finding, Found, Subject, fault, warning, well

LITTLE, TOO_LITTLE = 1_000_000_000, 150_000_000
"""Bytes. The copy of 120,000 records and its index take less than the second while they are made anew."""
OLD_DAYS = 7
LIMIT = 15.0
"""Seconds; a dead network folder answers never."""


async def examine(subject: Subject) -> Found:
    data = subject.settings.workstation_data
    found = await within_limit(lambda: _look(data, paths.state_folder()), strict=True, limit=LIMIT)
    assert found is not None  # noqa: S101 - strict: it would have raised
    return found


def _look(data: Path, logs: Path) -> Found:
    measured: dict[str, Any] = {"data": str(data), "logs": str(logs)}
    findings = []
    for name, folder in (("data", data), ("logs", logs)):
        findings.append(_judge_writing(name, folder))
    findings += _judge_room(data, measured)
    findings.append(_judge_permissions(data))
    findings.append(_judge_copy(data / "directory.sqlite", measured))
    findings.append(_judge_outbox(data / "outbox.sqlite", measured))
    return Found(findings=tuple(findings), measured=measured)


def _first_there(folder: Path) -> Path:
    """The folder, or the nearest above it that there is."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _judge_writing(name: str, folder: Path) -> Finding:
    place = _first_there(folder)
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"catgem")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        words = {"folder": place, "reason": reason(error)}
        sentence = _("Nothing can be written in %(folder)s: %(reason)s.") % words
        remedy = _("Make room, or make the folder yours: chown, chmod u+rwx; a read-only disk must be mounted anew.")
        return fault(f"disk.{name}", sentence, remedy)
    return well(f"disk.{name}", _("%s can be written in.") % place)


def _judge_room(data: Path, measured: dict[str, Any]) -> list[Finding]:
    try:
        free = shutil.disk_usage(_first_there(data)).free
    except OSError:
        return []  # said by what cannot be written
    measured["free_bytes"] = free
    sentence = _("Free on the disk of the workstation's data: %s MB.") % f"{free // 1_000_000:,}"
    if free >= LITTLE:
        return [well("disk.room", sentence)]
    return [
        (warning if free >= TOO_LITTLE else fault)("disk.room", sentence, _("Make room: delete what is not needed."))
    ]


def _judge_permissions(data: Path) -> Finding:
    if os.name == "nt":
        return well("disk.private", _("Permissions are the system's own here."))
    try:
        there = [data, *data.iterdir()] if data.is_dir() else []
        open_ones = [path for path in there if stat.S_IMODE(path.lstat().st_mode) & 0o077]
        strangers = [path for path in there if path.lstat().st_uid != os.getuid()]
    except OSError as error:
        sentence = _("The folder %(folder)s cannot be looked into: %(reason)s.")
        words = {"folder": data, "reason": reason(error)}
        return fault("disk.private", sentence % words, _("Make it yours: chown, chmod u+rwx."))
    if strangers:
        names = ", ".join(path.name for path in strangers[:3])
        sentence = _("What the workstation keeps belongs to somebody else: %s.") % names
        return warning(
            "disk.private", sentence, _("Make it yours: %s") % f"chown -R {os.getuid()} {shlex.quote(str(data))}"
        )
    if open_ones:
        sentence = _("Others on this machine can read what the workstation keeps: %s.")
        names = ", ".join(path.name for path in open_ones[:3])
        return warning("disk.private", sentence % names, _("Close it: %s") % f"chmod -R go= {shlex.quote(str(data))}")
    return well("disk.private", _("Nobody else on this machine can read what the workstation keeps."))


def _judge_copy(file: Path, measured: dict[str, Any]) -> Finding:
    try:
        exists = file.exists()
    except OSError:
        exists = False
    if not exists:
        return well("disk.copy", _("There is no copy of the directory yet: it comes with the first login."))
    try:
        with open_to_read(file) as copy:
            if not holds_copy(copy):
                return well("disk.copy", _("There is no copy of the directory yet: it comes with the first login."))
            check_schema(copy)
            check_soundness(copy)
            (records,) = copy.execute("SELECT count(*) FROM records").fetchone()
            place = copy.execute("SELECT cursor, complete FROM place").fetchone() or (0, 0)
        age = time.time() - max(f.stat().st_mtime for f in file.parent.glob(f"{file.name}*"))
    except (sqlite3.Error, OSError) as error:
        sentence = _("The copy of the directory cannot be read: %s.") % str(error).rstrip(".")
        return warning("disk.copy", sentence, _("It is made anew at the next login, or now: catgem directory sync."))
    days = int(age // 86400)
    measured["copy"] = {"records": records, "cursor": place[0], "complete": bool(place[1]), "age_seconds": round(age)}
    words = {"records": f"{records:,}", "days": days}
    if not place[1]:
        sentence = _("The copy of the directory is not complete: %(records)s records so far.") % words
        return warning("disk.copy", sentence, _("Let it come: log in, or run catgem directory sync."))
    if days >= OLD_DAYS:
        sentence = _("The copy of the directory (%(records)s records) was last written %(days)d days ago.") % words
        return warning("disk.copy", sentence, _("Bring it up to date: log in, or run catgem directory sync."))
    return well("disk.copy", _("The copy of the directory is whole: %(records)s records.") % words)


def _judge_outbox(file: Path, measured: dict[str, Any]) -> Finding:
    unsent = 0
    with contextlib.suppress(OSError):
        if file.exists():
            try:
                with open_to_read(file) as outbox:
                    (unsent,) = outbox.execute("SELECT count(*) FROM commands").fetchone()
            except sqlite3.Error as error:
                sentence = _("What is not yet sent cannot be read: %s.") % str(error).rstrip(".")
                return fault(
                    "disk.outbox", sentence, _("Keep the file outbox.sqlite and call whoever keeps this machine.")
                )
    measured["unsent"] = unsent
    if unsent:
        sentence = ngettext("%d message or change is not yet sent.", "%d messages or changes are not yet sent.", unsent)
        return warning("disk.outbox", sentence % unsent, _("They are sent when the person who wrote them logs in."))
    return well("disk.outbox", _("Everything written has been sent."))
