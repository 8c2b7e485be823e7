"""``catgem central changes`` and ``catgem directory changes``: the change log on the command line."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.config.reasons import named_reason, reason
from catgem_tui.terminal_progress import counted, progress
from catgem_tui.ui import figures

if TYPE_CHECKING:
    from catgem_tui.central.store.verifying import Verified
    from catgem_tui.config.settings import Settings
    from catgem_tui.protocol.editing import LoggedChange

SHOWN = 20
"""Lines told on the terminal unless more are asked for."""


class LogFailed(Exception):
    """A sentence."""


# --- what can be asked for ---


def add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--text",
        default="",
        metavar=_("TEXT"),
        help=_("only lines with these words, in any order; in quotation marks as they stand"),
    )
    parser.add_argument("--who", default="", metavar=_("NAME"), help=_("only changes by people whose name begins so"))
    parser.add_argument("--record", default="", metavar="ID", help=_("only changes of this record"))
    add_period(parser)


def add_period(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="since", type=_day, metavar=_("DATE"), help=_("from this day on (2026-11-30)"))
    parser.add_argument("--until", type=_day, metavar=_("DATE"), help=_("until this day, all of it included"))


def add_central_options(parser: argparse.ArgumentParser) -> None:
    add_filters(parser)
    add_output(parser)


def add_output(parser: argparse.ArgumentParser) -> None:
    """What is done with the lines of a log."""
    parser.add_argument("--limit", type=int, default=SHOWN, metavar="N", help=_("lines to show (%(default)s)"))
    parser.add_argument("--export", metavar=_("FILE"), help=_("write them to a file, .csv or .jsonl; - is output"))
    parser.add_argument("--verify", action="store_true", help=_("check that the whole log is as it was written"))
    parser.add_argument(
        "--against", type=Path, metavar=_("FILE"), help=_("verify it against an export that was kept elsewhere, too")
    )


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(_("a date like 2026-11-30 is needed, not %r") % text) from error


def period(options: argparse.Namespace) -> tuple[float | None, float | None]:
    """The instants that lines lie between, the second not included."""
    return _since(options), _until(options)


def _since(options: argparse.Namespace) -> float | None:
    return None if options.since is None else float(options.since.timestamp())


def _until(options: argparse.Namespace) -> float | None:
    if options.until is None:
        return None
    day: datetime = options.until
    midnight = (day.hour, day.minute, day.second, day.microsecond) == (0, 0, 0, 0)
    return (day + timedelta(days=1) if midnight else day).timestamp()


# --- at central ---


def at_central(settings: "Settings", options: argparse.Namespace) -> int:
    """Returns the exit status. Raises LogFailed."""
    from catgem_tui.central import log_commands
    from catgem_tui.central.commands import CommandFailed
    from catgem_tui.central.store.changelog import Wanted

    wanted = Wanted(
        record=options.record, who=options.who, text=options.text, since=_since(options), until=_until(options)
    )
    try:
        if options.verify or options.against:
            with progress() as tell:
                verified = log_commands.verify_log(settings, options.against, counted(tell, _("Reading the log:")))
            if verified.fault is not None:
                raise LogFailed(fault_sentence(verified))
            print(_whole(verified))
        if options.export == "-":
            with progress(quiet=sys.stdout.isatty()) as tell:  # not between the lines that it shows
                log_commands.export_log(
                    settings, sys.stdout.buffer, "jsonl", wanted, counted(tell, _("Writing the file:"))
                )
        elif options.export:
            path = Path(options.export)
            with whole_or_not_at_all(path) as beside, beside.open("wb") as file, progress() as tell:
                last = log_commands.export_log(
                    settings, file, format_of(path), wanted, counted(tell, _("Writing the file:"))
                )
            print(_("The change log up to line %(last)d is in %(file)s.") % {"last": last, "file": path})
        elif not (options.verify or options.against):
            for line in log_commands.read_log(settings, wanted, max(1, options.limit)):
                print(_told(line))
    except CommandFailed as failed:
        raise LogFailed(str(failed)) from failed
    return 0


def fault_sentence(verified: "Verified") -> str:
    """What verification found, and from where on the log cannot be relied on."""
    from catgem_tui.central.store.verifying import Wrong

    fault = verified.fault
    assert fault is not None  # noqa: S101 - the caller asked
    words = {
        Wrong.ALTERED: _("Line %(number)d of the change log is not as it was written."),
        Wrong.MISSING: _("Line %(number)d of the change log is missing."),
        Wrong.CUT: _("Before line %(number)d of the change log lines were cut off that had been there."),
        Wrong.END: _("The end of the change log was cut off: line %(number)d is missing."),
        Wrong.OTHER: _("Line %(number)d of the change log is not the one that was exported."),
        Wrong.RECORD: _("The record %(record)s is not as its last line of the change log (%(number)d) left it.")
        if fault.number
        else _("The record %(record)s has no line in the change log."),
    }
    return words[fault.wrong] % {"number": fault.number, "record": fault.record}


def _whole(verified: "Verified") -> str:
    if not verified.head.number:
        return _("The change log is empty.")
    return ngettext(
        "The change log is whole: %(count)d line, of %(date)s. Its digest: %(digest)s",
        "The change log is whole: %(count)d lines, the last of %(date)s. Its digest: %(digest)s",
        verified.head.number,
    ) % {
        "count": verified.head.number,
        "date": figures.stamp(verified.at),
        "digest": verified.head.digest,
    }


def _told(line: "LoggedChange") -> str:
    from catgem_tui.exchange.cells import shown

    facts = (str(line.number), figures.stamp(line.at), line.who, line.title or line.record, line.support.reference)
    return "  ".join(shown(fact) for fact in facts if fact)


def format_of(path: Path) -> str:
    return "csv" if path.suffix.lower() == ".csv" else "jsonl"


@contextlib.contextmanager
def whole_or_not_at_all(path: Path) -> Iterator[Path]:
    beside = path.with_name(f".{path.name}.part")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise LogFailed(_not_written(path, reason(error))) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _not_written(path: Path, why: str) -> str:
    return _("The file cannot be written: %(file)s: %(detail)s.") % {"file": path, "detail": why}


# --- from elsewhere ---


def from_terminal(options: argparse.Namespace, central: str, username: str, password: str) -> None:
    """Export over HTTP. Raises LogFailed."""
    from catgem_tui.link.address import Failed
    from catgem_tui.terminal_login import NotAdmitted, admitted, sentence

    asked = {"record": options.record, "who": options.who, "text": options.text}
    asked |= {name: repr(at) for name, at in (("since", _since(options)), ("until", _until(options))) if at is not None}
    path: Path = options.file

    async def run() -> int | Failed:
        async with admitted(central, username, password) as session:
            token = await session.account.token()
            if isinstance(token, Failed):
                return token
            with progress() as tell:
                return await session.api.export_changes(token, path, asked, counted(tell, _("Writing the file:")))

    try:
        done = asyncio.run(run())
    except NotAdmitted as error:
        raise LogFailed(str(error)) from error
    if isinstance(done, Failed):
        told = _not_written(path, named_reason(done.detail)) if done.code == "not_written" else sentence(done, central)
        raise LogFailed(told)
    print(_("The change log is in %s.") % path)
