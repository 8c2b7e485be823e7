"""``catgem completion SHELL``: a script by which a shell completes ``catgem`` without starting it.

shtab, which does the same from an argparse parser, knows no fish; argcomplete starts Python at every press of Tab.
"""

import argparse

from catgem_tui.commands.parser import Parser
from catgem_tui.config.i18n import _

SHELLS = ("bash", "zsh", "fish")


def add_options(parser: Parser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="|".join(SHELLS), help=_("your shell"))
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from catgem_tui.commands.shells import bash, fish, zsh
    from catgem_tui.commands.tree import read_tree

    write = {"bash": bash.write, "zsh": zsh.write, "fish": fish.write}[options.shell]
    print(write(read_tree()), end="")
    return 0
