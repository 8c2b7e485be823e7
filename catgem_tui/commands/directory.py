"""``catgem directory …``: this machine's copy of the directory, and files of records from and to central."""

import argparse
import sys
from pathlib import Path

from catgem_tui import change_log
from catgem_tui.commands.parser import Parser, add_commands, file_or_dash
from catgem_tui.commands.preparation import Told, missing, prepare, read_password
from catgem_tui.commands.records import add_account, add_reading
from catgem_tui.config.i18n import _
from catgem_tui.config.reasons import reason


def add_options(parser: Parser) -> None:
    commands = add_commands(parser)
    _add_search_command(commands)
    _add_sync_command(commands)
    _add_exchange_commands(commands)


def _add_search_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    search = commands.add_parser("search", help=_("search it, without the screen and without central"))
    search.add_argument("query", nargs="*", metavar=_("QUERY"), help=_("what to look for, as in the workstation"))
    search.add_argument(
        "--batch", type=file_or_dash, metavar=_("FILE"), help=_("one query a line; - is standard input")
    )
    search.add_argument("--data", type=Path, metavar=_("FILE"), help=_("search this file of JSON lines instead"))
    search.add_argument("--limit", type=_limit, default=10, metavar="N", help=_("results at most (%(default)s)"))
    search.add_argument("--json", action="store_true", help=_("one JSON object a line"))
    search.set_defaults(run=_search)


def _add_sync_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    sync = commands.add_parser("sync", help=_("bring it up to date with central, without the screen"))
    sync.add_argument("--check", action="store_true", help=_("compare all of it with central and mend what differs"))
    sync.add_argument("--quiet", action="store_true", help=_("print nothing unless it fails"))
    sync.add_argument("--json", action="store_true", help=_("print what came of it as one JSON object"))
    add_account(sync)
    sync.set_defaults(run=_sync_directory)


def _add_exchange_commands(commands: "argparse._SubParsersAction[Parser]") -> None:
    imported = commands.add_parser("import", help=_("send the records of a file to central"))
    add_reading(imported)
    imported.add_argument(
        "--dry-run", action="store_true", help=_("only tell what would change in this machine's copy")
    )
    imported.add_argument("--report", type=Path, metavar=_("FILE"), help=_("write what changes, whole, as CSV"))
    imported.add_argument("--document", type=Path, metavar=_("FILE"), help=_("that document, to be kept at central"))
    imported.add_argument("--comment", default="", metavar=_("TEXT"), help=_("a comment for the change log"))
    add_account(imported)
    imported.set_defaults(run=_import_directory)
    exported = commands.add_parser("export", help=_("write this machine's copy to a file"))
    exported.add_argument("file", type=file_or_dash, metavar=_("FILE"), help=_("where to; - is standard output"))
    exported.add_argument("--format", choices=("csv", "jsonl", "xlsx"), help=_("otherwise by the file's name, or CSV"))
    exported.add_argument("--kind", default="", metavar=_("KIND"), help=_("only records of this kind"))
    exported.add_argument(
        "--query", default="", metavar=_("QUERY"), help=_("only what has all the words of this query")
    )
    exported.set_defaults(run=_export_directory)
    log = commands.add_parser("changes", help=_("write central's change log to a file"))
    log.add_argument("file", type=Path, metavar=_("FILE"), help=_("where to, .csv or .jsonl"))
    change_log.add_filters(log)
    add_account(log)
    log.set_defaults(run=_directory_changes)


def _import_directory(options: argparse.Namespace) -> int:
    settings = prepare(options, "workstation")
    from catgem_tui import directory_exchange
    from catgem_tui.exchange.faults import BadFile, SheetsMissing
    from catgem_tui.exchange.mapping import build_mapping

    own = settings.workstation
    try:
        wanted = directory_exchange.Wanted(
            file=options.file,
            mapping=build_mapping(options.mapping, options.map, options.ignore, options.kind),
            all_or_nothing=options.all_or_nothing,
            report=options.report,
            support=options.support,
            document=options.document,
            comment=options.comment,
            overwrite=options.overwrite,
        )
        if options.dry_run:
            return directory_exchange.dry_run(wanted, settings.workstation_data / "directory.sqlite")
        central, user = options.central or own.central, options.user or own.user
        if not user:
            raise Told(_("Who is importing? Say it with --user."))
        password = read_password(from_input=options.password_stdin, twice=False)
        return directory_exchange.import_file(wanted, central, user, password)
    except SheetsMissing as error:
        raise missing("sheets") from error
    except (BadFile, directory_exchange.ExchangeFailed) as failed:
        raise Told(str(failed)) from failed


def _sync_directory(options: argparse.Namespace) -> int:
    settings = prepare(options, "workstation")
    from catgem_tui import directory_sync

    own = settings.workstation
    central, user = options.central or own.central, options.user or own.user
    if not user:
        raise Told(_("Who is asking? Say it with --user."))
    wanted = directory_sync.Wanted(
        settings.workstation_data / "directory.sqlite", check=options.check, quiet=options.quiet, as_json=options.json
    )
    password = read_password(from_input=options.password_stdin, twice=False)
    try:
        return directory_sync.sync(wanted, central, user, password)
    except directory_sync.SyncFailed as failed:
        raise Told(str(failed)) from failed


def _export_directory(options: argparse.Namespace) -> int:
    settings = prepare(options, "workstation")
    from catgem_tui import directory_exchange, directory_search
    from catgem_tui.directory.lookup import LookupFailed
    from catgem_tui.exchange.faults import BadFile, BadValue, SheetsMissing
    from catgem_tui.exchange.values import parse_kind
    from catgem_tui.exchange.writing import format_of

    copy = settings.workstation_data / "directory.sqlite"
    try:
        name = options.format or format_of(options.file)
        kind = parse_kind(options.kind)
        written = directory_exchange.export(copy, options.file, name, kind=kind, query=options.query)
    except SheetsMissing as error:
        raise missing("sheets") from error
    except LookupFailed as failed:
        raise Told(directory_search.sentence(failed)) from failed
    except BadValue as error:
        raise Told(f"{error}.") from error
    except (BadFile, directory_exchange.ExchangeFailed) as error:
        raise Told(str(error)) from error
    except KeyboardInterrupt:
        if options.file != "-":
            print(_("Stopped; no file was written."), file=sys.stderr)
        raise
    if options.file != "-":
        print(_("Records written: %d.") % written)
    return 0


def _directory_changes(options: argparse.Namespace) -> int:
    own = prepare(options, "workstation").workstation
    user = options.user or own.user
    if not user:
        raise Told(_("Who is asking? Say it with --user."))
    password = read_password(from_input=options.password_stdin, twice=False)
    try:
        change_log.from_terminal(options, options.central or own.central, user, password)
    except change_log.LogFailed as failed:
        raise Told(str(failed)) from failed
    return 0


def _search(options: argparse.Namespace) -> int:
    settings = prepare(options, "workstation")
    queries = _read_queries(options.batch) if options.batch else [" ".join(options.query)]
    from catgem_tui import directory_search
    from catgem_tui.directory.lookup import LookupFailed

    try:
        copy = settings.workstation_data / "directory.sqlite"
        directory_search.run(queries, data=options.data, copy=copy, limit=options.limit, as_json=options.json)
    except LookupFailed as failed:
        raise Told(directory_search.sentence(failed)) from failed
    return 0


def _read_queries(file: str) -> list[str]:
    """Raises Told."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        raise Told(_("The queries cannot be read: %s.") % reason(error)) from error
    except UnicodeDecodeError as error:
        raise Told(_("The queries cannot be read: %s.") % _("the file is not UTF-8 text")) from error
    return [line for line in text.splitlines() if line.strip()]


def _limit(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError(_("a whole number from 1 to 1000 is needed, not %r") % text)
    return int(text)
