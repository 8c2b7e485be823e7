"""``catgem central audit``: the audit trail on the command line, whether central is running or not."""

import argparse
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from catgem_tui import change_log
from catgem_tui.change_log import LogFailed
from catgem_tui.config.i18n import _, ngettext
from catgem_tui.terminal_progress import counted, progress
from catgem_tui.ui import figures

if TYPE_CHECKING:
    from catgem_tui.central.store.guarding import Verified
    from catgem_tui.config.settings import Settings
    from catgem_tui.protocol.guarding import AuditEntry

COLUMNS = ("number", "when", "who", "kind", "contact", "phone", "details", "digest")
"""Of an export; ``when`` is UTC (ISO 8601), ``details`` JSON."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", default="", metavar=_("KIND"), help=_("only lines of this kind: caller.blocked, …"))
    parser.add_argument("--contact", default="", metavar="ID", help=_("only lines about this contact"))
    change_log.add_period(parser)
    change_log.add_output(parser)


def at_central(settings: "Settings", options: argparse.Namespace) -> int:
    """Returns the exit status. Raises LogFailed."""
    from catgem_tui.central import log_commands
    from catgem_tui.central.commands import CommandFailed
    from catgem_tui.central.store.guarding import WantedEntries

    since, until = change_log.period(options)
    wanted = WantedEntries(kind=options.kind, contact=options.contact, since=since, until=until)
    try:
        if options.verify or options.against:
            with progress() as tell:
                verified = log_commands.verify_audit(settings, options.against, counted(tell, _("Reading the log:")))
            print(_whole(verified))
        if options.export == "-":
            _write(log_commands.read_audit(settings, wanted), sys.stdout, "jsonl")
        elif options.export:
            path = Path(options.export)
            entries = log_commands.read_audit(settings, wanted)
            with (
                change_log.whole_or_not_at_all(path) as beside,
                beside.open(
                    "w", encoding="utf-8-sig" if path.suffix.lower() == ".csv" else "utf-8", newline=""
                ) as file,
            ):
                _write(entries, file, change_log.format_of(path))
            print(_("The audit trail is in %s.") % path)
        elif not (options.verify or options.against):
            for entry in log_commands.read_audit(settings, wanted)[-max(1, options.limit) :]:
                print(_told(entry))
    except CommandFailed as failed:
        raise LogFailed(str(failed)) from failed
    return 0


def _whole(verified: "Verified") -> str:
    """What verification found. Raises LogFailed."""
    from catgem_tui.central.store.guarding import Wrong

    if verified.wrong is not None:
        words = {
            Wrong.ALTERED: _("Line %(number)d of the audit trail is not as it was written."),
            Wrong.MISSING: _("Line %(number)d of the audit trail is missing."),
            Wrong.END: _("The end of the audit trail was cut off: line %(number)d is missing."),
            Wrong.OTHER: _("Line %(number)d of the audit trail is not the one that was exported."),
        }
        raise LogFailed(words[verified.wrong] % {"number": verified.head.number + 1})
    if not verified.head.number:
        return _("The audit trail is empty.")
    return ngettext(
        "The audit trail is whole: %(count)d line, of %(date)s. Its digest: %(digest)s",
        "The audit trail is whole: %(count)d lines, the last of %(date)s. Its digest: %(digest)s",
        verified.head.number,
    ) % {
        "count": verified.head.number,
        "date": figures.stamp(verified.at),
        "digest": verified.head.digest,
    }


def _told(entry: "AuditEntry") -> str:
    from catgem_tui.exchange.cells import shown

    facts = [str(entry.number), figures.stamp(entry.at), entry.who, entry.kind]
    facts += [figures.telephone(entry.phone), entry.contact]
    facts += [f"{name}={_detail(name, value)}" for name, value in entry.details.items() if value]
    return "  ".join(shown(fact) for fact in facts if fact)


def _detail(name: str, value: str | float) -> str:
    if name in ("from", "until") and isinstance(value, float):
        return figures.stamp_with_seconds(value)
    return str(value)


def _write(entries: "Iterable[AuditEntry]", file: IO[str], form: str) -> None:
    import csv

    import msgspec

    from catgem_tui.exchange.cells import neutralise

    table = csv.writer(file)
    if form == "csv":
        table.writerow(COLUMNS)
    for entry in entries:
        row: dict[str, Any] = {
            **msgspec.structs.asdict(entry),
            "when": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds"),
        }
        if form == "csv":
            row["details"] = msgspec.json.encode(entry.details).decode()
            table.writerow([neutralise(str(row[name])) for name in COLUMNS])
        else:
            file.write(msgspec.json.encode({name: row[name] for name in COLUMNS}).decode() + "\n")
