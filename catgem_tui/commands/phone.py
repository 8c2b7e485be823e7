"""``catgem phone``: its options are with what it does, in ``remote_phone``."""

import argparse

from catgem_tui import remote_phone
from catgem_tui.commands.parser import Parser
from catgem_tui.commands.preparation import Told, prepare


def add_options(parser: Parser) -> None:
    remote_phone.add_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    settings = prepare(options, "phone")
    try:
        return remote_phone.run(settings, options)
    except remote_phone.PhoneFailed as failed:
        raise Told(str(failed)) from failed
