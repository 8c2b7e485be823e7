"""``catgem central …``: the server, and what is done to it where it runs."""

import argparse
import sys

from catgem_tui import audit_log, change_log
from catgem_tui.commands.parser import Parser, add_commands
from catgem_tui.commands.preparation import Told, missing, prepare, read_password, require
from catgem_tui.commands.records import add_reading
from catgem_tui.config.i18n import _
from catgem_tui.terminal_progress import counted, progress

ROLES = ("advisor", "coordinator", "information_manager", "supervisor", "administrator")


def add_options(parser: Parser) -> None:
    commands = add_commands(parser)
    serve = commands.add_parser("serve", help=_("run it until it is stopped"))
    serve.set_defaults(run=_serve)
    init = commands.add_parser("init", help=_("make the data folder and its database"))
    init.set_defaults(run=_init)
    migrate = commands.add_parser("migrate", help=_("bring the database to this version"))
    migrate.set_defaults(run=_migrate)

    user = add_commands(commands.add_parser("user", help=_("the people who work here")))
    _add_adding(user.add_parser("add", help=_("add somebody")))
    records = commands.add_parser("import", help=_("import directory records from a file"))
    add_reading(records)
    records.set_defaults(run=_import)

    log = commands.add_parser("changes", help=_("the directory's change log: read, verify, export"))
    change_log.add_central_options(log)
    log.set_defaults(run=_central_changes)
    trail = commands.add_parser("audit", help=_("the audit trail: read, verify, export"))
    audit_log.add_options(trail)
    trail.set_defaults(run=_central_audit)


def _add_adding(add: Parser) -> None:
    add.add_argument("username", metavar=_("NAME"))
    add.add_argument("--name", required=True, metavar=_("NAME"), help=_("name as it is shown"))
    add.add_argument("--role", default="advisor", choices=ROLES, help=_("what they may do (%(default)s)"))
    add.add_argument("--skill", action="append", default=[], metavar="ID", help=_("a skill; may be repeated"))
    add.add_argument("--password-stdin", action="store_true", help=_("read the password from the first line of input"))
    add.set_defaults(run=_add_user)


def _serve(options: argparse.Namespace) -> int:
    settings = prepare(options, "central", aloud=True)
    require("central")
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
    settings = prepare(options, "central")
    require("central")
    from catgem_tui.central import commands

    try:
        print(done % commands.init(settings))
    except commands.CommandFailed as failed:
        raise Told(str(failed)) from failed
    return 0


def _add_user(options: argparse.Namespace) -> int:
    settings = prepare(options, "central")
    require("central")
    from catgem_tui.central import commands
    from catgem_tui.protocol.enums import Role

    password = read_password(from_input=options.password_stdin)
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
    settings = prepare(options, "central")
    require("central")
    from catgem_tui.central import commands
    from catgem_tui.exchange.faults import BadFile, SheetsMissing
    from catgem_tui.exchange.mapping import build_mapping
    from catgem_tui.exchange.report import bad_line

    try:
        mapping = build_mapping(options.mapping, options.map, options.ignore, options.kind, restricted=True)
        with progress() as tell:
            result = commands.import_file(
                settings,
                options.file,
                who="catgem central import",
                support=options.support,
                mapping=mapping,
                all_or_nothing=options.all_or_nothing,
                overwrite=options.overwrite,
                progress=counted(tell, _("Saving records:")),
            )
    except SheetsMissing as error:
        raise missing("sheets") from error
    except (commands.CommandFailed, BadFile) as failed:
        raise Told(str(failed)) from failed
    for row in result.bad:
        print(bad_line(row), file=sys.stderr)
    print(_("Records read: %(read)d; changed: %(changed)d.") % {"read": result.read, "changed": result.changed})
    return 1 if result.bad else 0


def _central_changes(options: argparse.Namespace) -> int:
    settings = prepare(options, "central")
    require("central")
    try:
        return change_log.at_central(settings, options)
    except change_log.LogFailed as failed:
        raise Told(str(failed)) from failed


def _central_audit(options: argparse.Namespace) -> int:
    settings = prepare(options, "central")
    require("central")
    try:
        return audit_log.at_central(settings, options)
    except change_log.LogFailed as failed:
        raise Told(str(failed)) from failed
