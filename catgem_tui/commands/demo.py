"""``catgem demo``: a whole centre on this machine, ending in the workstation."""

import argparse

from catgem_tui.commands.parser import Parser, add_screen_reader
from catgem_tui.commands.preparation import Told, prepare, require, require_terminal, with_screen
from catgem_tui.config.i18n import _


def add_options(parser: Parser) -> None:
    parser.add_argument(
        "--rate", type=_rate, default=40.0, metavar="N", help=_("citizens per hour; 0 for none (%(default)g)")
    )
    parser.add_argument("--fresh", action="store_true", help=_("forget what earlier demos left"))
    parser.add_argument("--lines", type=_count, default=2, metavar="N", help=_("telephone lines (%(default)s)"))
    parser.add_argument(
        "--user", metavar=_("NAME"), default="asesora", help=_("who works: asesora, coordinacion or informacion")
    )
    parser.add_argument("--guided", action="store_true", help=_("a first shift, step by step, as asesora"))
    add_screen_reader(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    settings = with_screen(prepare(options, "demo"), options)
    require("central")
    require_terminal()
    from catgem_tui import demo

    try:
        return demo.run(
            settings,
            rate=0.0 if options.guided else options.rate,  # there citizens come when a step needs them
            fresh=options.fresh,
            lines=options.lines,
            user=options.user,
            guided=options.guided,
        )
    except demo.DemoFailed as reason:
        raise Told(str(reason)) from reason


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
