"""``catgem doctor``: what is wrong with this machine, and what to do about it."""

import argparse

from catgem_tui.commands.parser import Parser, add_commands
from catgem_tui.commands.preparation import prepare
from catgem_tui.config.i18n import _


def add_options(parser: Parser) -> None:
    commands = add_commands(parser)
    sound = commands.add_parser("sound", help=_("sound devices, and whether they will do for calls"))
    sound.add_argument("--json", action="store_true", help=_("print what came of it as one JSON object"))
    sound.set_defaults(run=_look_at_sound)


def _look_at_sound(options: argparse.Namespace) -> int:
    settings = prepare(options, "doctor")
    from catgem_tui.doctor.sound import main as look_at_sound

    return look_at_sound(settings, as_json=options.json)
