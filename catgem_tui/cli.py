"""The command line: `catgem …`. Imports lazily, per sub-command: each loads what it needs and nothing else."""

import argparse
import gc
import gettext
import importlib.util
import logging
import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from catgem_tui import __version__, audit_log, change_log, remote_phone
from catgem_tui.config import assets, i18n
from catgem_tui.config.i18n import N_, _

if TYPE_CHECKING:
    from catgem_tui.config.settings import Settings

INTERRUPTED = 130
"""Exit status of a shell's Ctrl-C (128 + SIGINT)."""
EXTRAS = {
    "central": ("litestar", "sqlalchemy", "aiosmtpd", "argon2"),
    "phone": ("pjsua2",),
    "sheets": ("python_calamine", "xlsxwriter"),
}
"""The optional parts, and the modules by which they are known to be installed."""

logger = logging.getLogger(__name__)


class Told(Exception):
    """Something the person at the terminal has to know; the message is a sentence in their language."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status and never raises."""
    os.umask(0o077)  # whatever is written holds what citizens said, or says who works here
    logging.lastResort = None  # what is logged before there is a log file is not for the screen
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a late Ctrl-C would print a traceback while Python ends


def _run(arguments: list[str]) -> int:
    program = "selftest" if arguments[:1] == ["selftest"] else ""
    options = argparse.Namespace(run=_selftest, rest=arguments[1:]) if program else _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except Told as told:
        print(told, file=sys.stderr)
    except ModuleNotFoundError as error:
        logger.exception("a module is missing")
        print(_("This installation lacks a package: %s. Install catgem again.") % error.name, file=sys.stderr)
    except Exception:  # the last resort: a person must never see a traceback
        logger.exception("unexpected")
        logs = [h.baseFilename for h in logging.getLogger().handlers if isinstance(h, logging.FileHandler)]
        where = logs[0] if logs else "-"
        print(_("Something went wrong that should not. The log has the details: %s") % where, file=sys.stderr)
    return 1


# --- the words of the command line ---


# What argparse itself says; it looks the words up in the process's gettext domain (see _speak).
_ARGPARSE = (
    N_("usage: "),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("expected one argument"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("positional arguments"),
)


def _speak() -> None:
    """Let argparse speak our language: it has no other way than gettext's global domain and LANGUAGE."""
    os.environ["LANGUAGE"] = i18n.current()
    gettext.bindtextdomain(i18n.DOMAIN, assets.find_folder("locale"))
    gettext.textdomain(i18n.DOMAIN)


class _Parser(argparse.ArgumentParser):
    """A parser whose mistakes are sentences."""

    def error(self, message: str) -> NoReturn:
        print(_("Not understood: %s") % message, file=sys.stderr)
        print(_("“%s --help” tells what there is.") % self.prog, file=sys.stderr)
        self.exit(2)


def _parser() -> _Parser:
    _speak()
    common = _Parser(add_help=False)
    group = common.add_argument_group(_("options"))
    group.add_argument("-h", "--help", action="help", help=_("show this and end"))
    group.add_argument(
        "--settings",
        type=Path,
        default=argparse.SUPPRESS,  # so that a command does not forget what was said before it
        metavar=_("FILE"),
        help=_("settings to use instead of the usual ones"),
    )
    parser = _Parser(
        prog="catgem", description=_("The workstation of a contact centre."), add_help=False, parents=[common]
    )
    parser.add_argument(
        "--version", action="version", version=f"catgem {__version__}", help=_("show the version and end")
    )
    parser.add_argument("--central", metavar="URL", help=_("central's address"))
    parser.add_argument("--user", metavar=_("NAME"), help=_("user name for the login form"))
    _add_screen_reader(parser)
    parser.set_defaults(run=_workstation)
    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"))

    demo = commands.add_parser(
        "demo", help=_("everything at once, with simulated citizens"), add_help=False, parents=[common]
    )
    demo.add_argument(
        "--rate", type=_rate, default=40.0, metavar="N", help=_("citizens per hour; 0 for none (%(default)g)")
    )
    demo.add_argument("--fresh", action="store_true", help=_("forget what earlier demos left"))
    demo.add_argument("--lines", type=_count, default=2, metavar="N", help=_("telephone lines (%(default)s)"))
    demo.add_argument(
        "--user", metavar=_("NAME"), default="asesora", help=_("who works: asesora, coordinacion or informacion")
    )
    _add_screen_reader(demo)
    demo.set_defaults(run=_demo)

    selftest = commands.add_parser("selftest", help=_("check this installation, every part once"), add_help=False)
    selftest.set_defaults(run=_selftest, rest=[])

    doctor = commands.add_parser(
        "doctor", help=_("look into one part of this machine"), add_help=False, parents=[common]
    )
    doctor.set_defaults(run=lambda options: _told_help(doctor))
    of_doctor = doctor.add_subparsers(title=_("commands"), metavar=_("COMMAND"))
    sound = of_doctor.add_parser(
        "sound", help=_("sound devices, and whether they will do for calls"), add_help=False, parents=[common]
    )
    sound.add_argument("--json", action="store_true", help=_("print what came of it as one JSON object"))
    sound.set_defaults(run=_doctor_sound)
    phone = commands.add_parser(
        "phone", help=_("the telephone here, the workstation elsewhere"), add_help=False, parents=[common]
    )
    remote_phone.add_options(phone)
    phone.set_defaults(run=_phone)

    central = commands.add_parser("central", help=_("the server"), add_help=False, parents=[common])
    central.set_defaults(run=lambda options: _told_help(central))
    of_central = central.add_subparsers(title=_("commands"), metavar=_("COMMAND"))
    _add_central_commands(of_central, common)

    directory = commands.add_parser("directory", help=_("this machine's directory"), add_help=False, parents=[common])
    directory.set_defaults(run=lambda options: _told_help(directory))
    of_directory = directory.add_subparsers(title=_("commands"), metavar=_("COMMAND"))
    search = of_directory.add_parser(
        "search", help=_("search it, without the screen and without central"), add_help=False, parents=[common]
    )
    search.add_argument("query", nargs="*", metavar=_("QUERY"), help=_("what to look for, as in the workstation"))
    search.add_argument("--batch", metavar=_("FILE"), help=_("one query a line; - is standard input"))
    search.add_argument("--data", type=Path, metavar=_("FILE"), help=_("search this file of JSON lines instead"))
    search.add_argument("--limit", type=_limit, default=10, metavar="N", help=_("results at most (%(default)s)"))
    search.add_argument("--json", action="store_true", help=_("one JSON object a line"))
    search.set_defaults(run=_search)
    _add_sync_command(of_directory, common)
    _add_exchange_commands(of_directory, common)
    return parser


def _add_sync_command(commands: "argparse._SubParsersAction[_Parser]", common: _Parser) -> None:
    sync = commands.add_parser(
        "sync", help=_("bring it up to date with central, without the screen"), add_help=False, parents=[common]
    )
    sync.add_argument("--check", action="store_true", help=_("compare all of it with central and mend what differs"))
    sync.add_argument("--quiet", action="store_true", help=_("print nothing unless it fails"))
    sync.add_argument("--json", action="store_true", help=_("print what came of it as one JSON object"))
    _add_account(sync)
    sync.set_defaults(run=_sync_directory)


def _add_exchange_commands(commands: "argparse._SubParsersAction[_Parser]", common: _Parser) -> None:
    imported = commands.add_parser(
        "import", help=_("send the records of a file to central"), add_help=False, parents=[common]
    )
    _add_reading(imported)
    imported.add_argument(
        "--dry-run", action="store_true", help=_("only tell what would change in this machine's copy")
    )
    imported.add_argument("--report", type=Path, metavar=_("FILE"), help=_("write what changes, whole, as CSV"))
    imported.add_argument("--document", type=Path, metavar=_("FILE"), help=_("that document, to be kept at central"))
    imported.add_argument("--comment", default="", metavar=_("TEXT"), help=_("a comment for the change log"))
    _add_account(imported)
    imported.set_defaults(run=_import_directory)
    exported = commands.add_parser(
        "export", help=_("write this machine's copy to a file"), add_help=False, parents=[common]
    )
    exported.add_argument("file", metavar=_("FILE"), help=_("where to; - is standard output"))
    exported.add_argument("--format", choices=("csv", "jsonl", "xlsx"), help=_("otherwise by the file's name, or CSV"))
    exported.add_argument("--kind", default="", metavar=_("KIND"), help=_("only records of this kind"))
    exported.add_argument(
        "--query", default="", metavar=_("QUERY"), help=_("only what has all the words of this query")
    )
    exported.set_defaults(run=_export_directory)
    log = commands.add_parser(
        "changes", help=_("write central's change log to a file"), add_help=False, parents=[common]
    )
    log.add_argument("file", type=Path, metavar=_("FILE"), help=_("where to, .csv or .jsonl"))
    change_log.add_filters(log)
    _add_account(log)
    log.set_defaults(run=_directory_changes)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """How a file of records is read, and what its changes rest on."""
    parser.add_argument("file", type=Path, metavar=_("FILE"), help=_("CSV, JSON lines or XLSX"))
    parser.add_argument(
        "--map", action="append", default=[], metavar=_("COLUMN=FIELD"), help=_("which field a column is; repeatable")
    )
    parser.add_argument("--ignore", action="append", default=[], metavar=_("COLUMN"), help=_("a column not to read"))
    parser.add_argument("--kind", default="", metavar=_("KIND"), help=_("of new records that do not say it"))
    parser.add_argument("--mapping", type=Path, metavar=_("FILE"), help=_("all of that in a file of TOML"))
    parser.add_argument("--all-or-nothing", action="store_true", help=_("import nothing if a row is bad"))
    parser.add_argument(
        "--overwrite", action="store_true", help=_("undo what others changed since the file was exported")
    )
    parser.add_argument("--support", default="", metavar=_("TEXT"), help=_("the document the change rests on"))


def _add_account(parser: argparse.ArgumentParser) -> None:
    """Where central is and who asks."""
    parser.add_argument("--central", metavar="URL", default=argparse.SUPPRESS, help=_("central's address"))
    parser.add_argument("--user", metavar=_("NAME"), default=argparse.SUPPRESS, help=_("user name"))
    parser.add_argument(
        "--password-stdin", action="store_true", help=_("read the password from the first line of input")
    )


def _add_central_commands(commands: "argparse._SubParsersAction[_Parser]", common: _Parser) -> None:
    serve = commands.add_parser("serve", help=_("run it until it is stopped"), add_help=False, parents=[common])
    serve.set_defaults(run=_serve)
    init = commands.add_parser(
        "init", help=_("make the data folder and its database"), add_help=False, parents=[common]
    )
    init.set_defaults(run=_init)
    migrate = commands.add_parser(
        "migrate", help=_("bring the database to this version"), add_help=False, parents=[common]
    )
    migrate.set_defaults(run=_migrate)

    user = commands.add_parser("user", help=_("the people who work here"), add_help=False, parents=[common])
    user.set_defaults(run=lambda options: _told_help(user))
    add = user.add_subparsers(title=_("commands"), metavar=_("COMMAND")).add_parser(
        "add", help=_("add somebody"), add_help=False, parents=[common]
    )
    add.add_argument("username", metavar=_("NAME"))
    add.add_argument("--name", required=True, metavar=_("NAME"), help=_("name as it is shown"))
    roles = ("advisor", "coordinator", "information_manager", "supervisor", "administrator")
    add.add_argument("--role", default="advisor", choices=roles, help=_("what they may do (%(default)s)"))
    add.add_argument("--skill", action="append", default=[], metavar="ID", help=_("a skill; may be repeated"))
    add.add_argument("--password-stdin", action="store_true", help=_("read the password from the first line of input"))
    add.set_defaults(run=_add_user)

    records = commands.add_parser(
        "import", help=_("import directory records from a file"), add_help=False, parents=[common]
    )
    _add_reading(records)
    records.set_defaults(run=_import)

    log = commands.add_parser(
        "changes", help=_("the directory's change log: read, verify, export"), add_help=False, parents=[common]
    )
    change_log.add_central_options(log)
    log.set_defaults(run=_central_changes)
    trail = commands.add_parser(
        "audit", help=_("the audit trail: read, verify, export"), add_help=False, parents=[common]
    )
    audit_log.add_options(trail)
    trail.set_defaults(run=_central_audit)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 3600:
        raise argparse.ArgumentTypeError(_("a number from 0 to 3600 is needed, not %r") % text)
    return rate


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > 16:
        raise argparse.ArgumentTypeError(_("a whole number from 0 to 16 is needed, not %r") % text)
    return int(text)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError(_("a whole number from 1 to 1000 is needed, not %r") % text)
    return int(text)


def _told_help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return 2


def _add_screen_reader(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--screen-reader",
        action="store_true",
        default=argparse.SUPPRESS,
        help=_("sentences in one column, for a screen reader"),
    )


def _with_screen(settings: "Settings", options: argparse.Namespace) -> "Settings":
    """The settings, in screen-reader mode if that was asked for."""
    if not getattr(options, "screen_reader", False):
        return settings
    from msgspec.structs import replace

    own = settings.workstation
    return replace(settings, workstation=replace(own, screen=replace(own.screen, reader=True)))


# --- the commands ---


def _workstation(options: argparse.Namespace) -> int:
    gc.disable()  # until the workstation is whole: what is loaded on the way there stays, and looking at it takes time
    settings = _with_screen(_prepare(options, "workstation"), options)
    _require_terminal()
    from catgem_tui import workstation

    own = settings.workstation
    return workstation.run(settings, central=options.central or own.central, user=options.user or own.user)


def _demo(options: argparse.Namespace) -> int:
    settings = _with_screen(_prepare(options, "demo"), options)
    _require("central")
    _require_terminal()
    from catgem_tui import demo

    try:
        return demo.run(settings, rate=options.rate, fresh=options.fresh, lines=options.lines, user=options.user)
    except demo.DemoFailed as reason:
        raise Told(str(reason)) from reason


def _doctor_sound(options: argparse.Namespace) -> int:
    settings = _prepare(options, "doctor")
    from catgem_tui.doctor.sound import main as look_at_sound

    return look_at_sound(settings, as_json=options.json)


def _phone(options: argparse.Namespace) -> int:
    settings = _prepare(options, "phone")
    try:
        return remote_phone.run(settings, options)
    except remote_phone.PhoneFailed as failed:
        raise Told(str(failed)) from failed


def _selftest(options: argparse.Namespace) -> int:
    _prepare(options, "selftest")
    _require("central")
    from catgem_tui.selftest.run import main as run_selftest

    return run_selftest(options.rest)


def _serve(options: argparse.Namespace) -> int:
    settings = _prepare(options, "central", aloud=True)
    _require("central")
    from catgem_tui.central import commands

    try:
        commands.serve(settings)
    except commands.CommandFailed as failed:
        raise Told(str(failed)) from failed
    return 0


def _init(options: argparse.Namespace) -> int:
    return _bring_up(options, _("The data folder is ready: %s"))


def _migrate(options: argparse.Namespace) -> int:
    return _bring_up(options, _("The database is up to date: %s"))


def _bring_up(options: argparse.Namespace, done: str) -> int:
    settings = _prepare(options, "central")
    _require("central")
    from catgem_tui.central import commands

    try:
        print(done % commands.init(settings))
    except commands.CommandFailed as failed:
        raise Told(str(failed)) from failed
    return 0


def _add_user(options: argparse.Namespace) -> int:
    settings = _prepare(options, "central")
    _require("central")
    from catgem_tui.central import commands
    from catgem_tui.protocol.enums import Role

    password = _read_password(from_input=options.password_stdin)
    try:
        user = commands.add_user(
            settings,
            username=options.username,
            name=options.name,
            role=Role(options.role),
            password=password,
            skills=tuple(options.skill),
        )
    except commands.CommandFailed as failed:
        raise Told(str(failed)) from failed
    print(_("%(name)s may log in as %(username)s.") % {"name": user.name, "username": user.username})
    return 0


def _import(options: argparse.Namespace) -> int:
    settings = _prepare(options, "central")
    _require("central")
    from catgem_tui.central import commands
    from catgem_tui.exchange.faults import BadFile, SheetsMissing
    from catgem_tui.exchange.mapping import build_mapping
    from catgem_tui.exchange.report import bad_line

    try:
        mapping = build_mapping(options.mapping, options.map, options.ignore, options.kind, restricted=True)
        result = commands.import_file(
            settings,
            options.file,
            who="catgem central import",
            support=options.support,
            mapping=mapping,
            all_or_nothing=options.all_or_nothing,
            overwrite=options.overwrite,
        )
    except SheetsMissing as error:
        raise _missing("sheets") from error
    except (commands.CommandFailed, BadFile) as failed:
        raise Told(str(failed)) from failed
    for row in result.bad:
        print(bad_line(row), file=sys.stderr)
    print(_("Records read: %(read)d; changed: %(changed)d.") % {"read": result.read, "changed": result.changed})
    return 1 if result.bad else 0


def _import_directory(options: argparse.Namespace) -> int:
    settings = _prepare(options, "workstation")
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
        password = _read_password(from_input=options.password_stdin, twice=False)
        return directory_exchange.import_file(wanted, central, user, password)
    except SheetsMissing as error:
        raise _missing("sheets") from error
    except (BadFile, directory_exchange.ExchangeFailed) as failed:
        raise Told(str(failed)) from failed


def _sync_directory(options: argparse.Namespace) -> int:
    settings = _prepare(options, "workstation")
    from catgem_tui import directory_sync

    own = settings.workstation
    central, user = options.central or own.central, options.user or own.user
    if not user:
        raise Told(_("Who is asking? Say it with --user."))
    wanted = directory_sync.Wanted(
        settings.workstation_data / "directory.sqlite", check=options.check, quiet=options.quiet, as_json=options.json
    )
    password = _read_password(from_input=options.password_stdin, twice=False)
    try:
        return directory_sync.sync(wanted, central, user, password)
    except directory_sync.SyncFailed as failed:
        raise Told(str(failed)) from failed


def _export_directory(options: argparse.Namespace) -> int:
    settings = _prepare(options, "workstation")
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
        raise _missing("sheets") from error
    except LookupFailed as failed:
        raise Told(directory_search.sentence(failed)) from failed
    except BadValue as error:
        raise Told(f"{error}.") from error
    except (BadFile, directory_exchange.ExchangeFailed) as error:
        raise Told(str(error)) from error
    if options.file != "-":
        print(_("Records written: %d.") % written)
    return 0


def _central_changes(options: argparse.Namespace) -> int:
    settings = _prepare(options, "central")
    _require("central")
    try:
        return change_log.at_central(settings, options)
    except change_log.LogFailed as failed:
        raise Told(str(failed)) from failed


def _central_audit(options: argparse.Namespace) -> int:
    settings = _prepare(options, "central")
    _require("central")
    try:
        return audit_log.at_central(settings, options)
    except change_log.LogFailed as failed:
        raise Told(str(failed)) from failed


def _directory_changes(options: argparse.Namespace) -> int:
    own = _prepare(options, "workstation").workstation
    user = options.user or own.user
    if not user:
        raise Told(_("Who is asking? Say it with --user."))
    password = _read_password(from_input=options.password_stdin, twice=False)
    try:
        change_log.from_terminal(options, options.central or own.central, user, password)
    except change_log.LogFailed as failed:
        raise Told(str(failed)) from failed
    return 0


def _search(options: argparse.Namespace) -> int:
    settings = _prepare(options, "workstation")
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
    except (OSError, UnicodeDecodeError) as error:
        raise Told(_("The queries cannot be read: %s.") % error) from error
    return [line for line in text.splitlines() if line.strip()]


# --- what they share ---


def _prepare(options: argparse.Namespace, program: str, *, aloud: bool = False) -> "Settings":
    """Log, read the settings, speak their language. Raises Told."""
    from catgem_tui.config import log, settings
    from catgem_tui.config.fault import FileFault

    log.start(program, aloud=aloud)
    try:
        read = settings.load(getattr(options, "settings", None))
    except FileFault as fault:
        raise Told(_("The settings cannot be used: %s.") % str(fault).rstrip(".")) from fault
    if not os.environ.get(i18n.VARIABLE):
        i18n.use(read.workstation.language)
    return read


def _require(extra: str) -> None:
    """Raises Told unless the optional part is installed."""
    if any(importlib.util.find_spec(module) is None for module in EXTRAS[extra]):
        raise _missing(extra)


def _missing(extra: str) -> Told:
    missing = [module for module in EXTRAS[extra] if importlib.util.find_spec(module) is None]
    pip = f"{shlex.quote(sys.executable)} -m pip"  # the pip of a shell without this environment would be another
    return Told(
        _("This needs packages that are not installed (%(missing)s). Install them with: %(command)s")
        % {"missing": ", ".join(missing), "command": f"{pip} install 'catgem-tui[{extra}]'"}
    )


def _require_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Told(_("The workstation needs a terminal: run it in one, not in a pipe."))


def _read_password(*, from_input: bool, twice: bool = True) -> str:
    """From the first line of standard input, or asked at the terminal; a new one ``twice``. Raises Told."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Told(_("There is no terminal to ask for a password; use --password-stdin."))
    import getpass

    password = getpass.getpass(_("Password: "))
    if twice and getpass.getpass(_("Once more: ")) != password:
        raise Told(_("The two passwords differ."))
    return password
