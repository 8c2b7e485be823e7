"""Options that commands about records share."""

import argparse
from pathlib import Path

from catgem_tui.config.i18n import _


def add_reading(parser: argparse.ArgumentParser) -> None:
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


def add_account(parser: argparse.ArgumentParser) -> None:
    """Where central is and who asks."""
    parser.add_argument("--central", metavar="URL", default=argparse.SUPPRESS, help=_("central's address"))
    parser.add_argument("--user", metavar=_("NAME"), default=argparse.SUPPRESS, help=_("user name"))
    parser.add_argument(
        "--password-stdin", action="store_true", help=_("read the password from the first line of input")
    )
