"""``catgem selftest``: an operator's check of an installation."""

import argparse

from catgem_tui.commands.parser import Parser
from catgem_tui.commands.preparation import prepare, require
from catgem_tui.config.i18n import _

PARTS = ("chat", "mail", "queue", "recovery", "supervision", "voice")
"""Those of ``selftest.run``, which only an installation with the central packages can load."""


def add_options(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help=_("print one JSON object"))
    parser.add_argument("--part", action="append", choices=PARTS, help=_("only this part; may be repeated"))
    parser.add_argument(
        "--central",
        metavar="URL",
        help=_(
            "check this central instead of one started for it, while nobody else works there; passwords come from "
            "CATGEM_ADVISOR_PASSWORD and CATGEM_COORDINATOR_PASSWORD"
        ),
    )
    parser.add_argument("--advisor", default="", metavar="USER", help=_("an advisor's user name, with --central"))
    parser.add_argument("--coordinator", default="", metavar="USER", help=_("a coordinator's, with --central"))
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    prepare(options, "selftest")
    require("central")
    from catgem_tui.selftest.run import main as run_selftest

    return run_selftest(options)
