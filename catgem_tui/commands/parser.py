"""The words of the command line, and how it is read."""

import argparse
import gettext
import os
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from catgem_tui.config import assets, i18n
from catgem_tui.config.i18n import N_, _

COMMANDS = {
    "demo": N_("everything at once, with simulated citizens"),
    "selftest": N_("check this installation, every part once"),
    "doctor": N_("look into this machine, and say what to mend"),
    "phone": N_("the telephone here, the workstation elsewhere"),
    "central": N_("the server"),
    "directory": N_("this machine's directory"),
    "completion": N_("print what lets your shell complete this command"),
}
"""What each is for. The module of that name in this package has its options."""

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
    N_("options"),
)


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are sentences; it and the commands below it take ``--help`` and ``--settings``.

    Other ``options`` are those of argparse, which gives a command's parser more of them with newer Pythons.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, add_help=False)
        self.add_argument("-h", "--help", action="help", help=_("show this and end"))
        self.add_argument(
            "--settings",
            type=Path,
            default=argparse.SUPPRESS,  # so that a command does not forget what was said before it
            metavar=_("FILE"),
            help=_("settings to use instead of the usual ones"),
        )

    def error(self, message: str) -> NoReturn:
        print(_("Not understood: %s") % message, file=sys.stderr)
        print(_("“%s --help” tells what there is.") % self.prog, file=sys.stderr)
        self.exit(2)


def build_parser(words: Collection[str]) -> Parser:
    """Of a command that is not among the ``words`` said there are only name and purpose: to read all takes its time."""
    _speak()
    parser = Parser(prog="catgem", description=_("The workstation of a contact centre."))
    parser.add_argument("--version", action="store_true", help=_("show the versions, and what the telephone offers"))
    parser.add_argument("--json", action="store_true", help=_("with --version: as one JSON object"))
    parser.add_argument("--central", metavar="URL", help=_("central's address"))
    parser.add_argument("--user", metavar=_("NAME"), help=_("user name for the login form"))
    parser.add_argument(
        "--theme", type=theme_name, metavar=_("NAME"), help=_("colours, instead of those of the settings")
    )
    parser.add_argument(
        "--keymap", type=keymap_name, metavar=_("NAME"), help=_("keys, instead of those of the settings")
    )
    add_screen_reader(parser)
    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"))
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=_(purpose))
        if name in words:
            import_module(f"catgem_tui.commands.{name}").add_options(command)
    return parser


def add_screen_reader(parser: Parser) -> None:
    parser.add_argument(
        "--screen-reader",
        action="store_true",
        default=argparse.SUPPRESS,  # so that a command does not forget what was said before it
        help=_("sentences in one column, for a screen reader"),
    )


def add_commands(parser: Parser) -> "argparse._SubParsersAction[Parser]":
    """Commands below this one, which alone only tells what there is."""

    def tell(_options: argparse.Namespace) -> int:
        parser.print_help()
        return 2

    parser.set_defaults(run=tell)
    return parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"))


def file_or_dash(text: str) -> str:
    """The type of an argument that is a file's name, or ``-`` for standard input or output."""
    return text


def theme_name(text: str) -> str:
    """The type of an argument that is an installed theme or one's own, or a theme's file."""
    return text


def keymap_name(text: str) -> str:
    """The type of an argument that is an installed keymap or one's own, or a keymap's file."""
    return text


class OneOf:
    """The type of an argument that may be there or not: argparse checks ``choices`` against none at all, too."""

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = choices

    def __call__(self, text: str) -> str:
        if text not in self.choices:
            words = {"value": text, "choices": ", ".join(self.choices)}
            raise argparse.ArgumentTypeError(_("invalid choice: %(value)r (choose from %(choices)s)") % words)
        return text


def _speak() -> None:
    """Let argparse speak our language: it has no other way than gettext's global domain and LANGUAGE."""
    os.environ["LANGUAGE"] = i18n.current()
    gettext.bindtextdomain(i18n.DOMAIN, assets.find_folder("locale"))
    gettext.textdomain(i18n.DOMAIN)
