"""``catgem doctor``: what is wrong with this machine, and what to do about it."""

import argparse
import asyncio
import json
import logging
import os
import shutil
import sys
from typing import TYPE_CHECKING

from catgem_tui.commands.parser import OneOf, Parser
from catgem_tui.commands.preparation import prepare
from catgem_tui.config.i18n import _

if TYPE_CHECKING:
    from catgem_tui.doctor.rounds import Examined

PARTS = ("terminal", "keys", "sound", "phone", "central", "clock", "keyring", "disk", "packages")
"""Those of ``doctor.rounds``, in the order in which they are told of."""
BY_HAND = "keys"
"""Needs a person: only when it is named, or a person at a terminal says yes."""


def add_options(parser: Parser) -> None:
    parser.add_argument(
        "parts", nargs="*", type=OneOf(PARTS), metavar=_("PART"), help=_("only these: %s") % ", ".join(PARTS)
    )
    parser.add_argument("--json", action="store_true", help=_("print what came of it as one JSON object"))
    parser.add_argument("--central", metavar="URL", default=argparse.SUPPRESS, help=_("central's address"))
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    """Exit status 0 when all is well, 1 with warnings, 2 with faults."""
    settings = prepare(options, "doctor")
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    from catgem_tui import telephone
    from catgem_tui.doctor import rounds
    from catgem_tui.doctor.finding import Subject

    subject = Subject(
        settings=settings,
        environment=dict(os.environ),
        central=options.central or settings.workstation.central,
        telephone_elsewhere=telephone.find_place(settings),
    )
    aloud = sys.stdin.isatty() and sys.stdout.isatty() and not options.json
    parts = _choose_parts(options.parts, aloud=aloud)
    progress = _Progress(aloud=sys.stderr.isatty())
    try:
        examined = asyncio.run(rounds.examine(subject, parts, progress.hear))
    finally:
        progress.end()
    if options.json:
        print(json.dumps(rounds.to_json(examined)))
    else:
        print("\n".join(rounds.tell(examined, shutil.get_terminal_size((100, 24)).columns)))
    return rounds.status_of(examined)


def _choose_parts(named: list[str], *, aloud: bool) -> list[str]:
    if named:
        return [part for part in PARTS if part in named]
    return [part for part in PARTS if part != BY_HAND or (aloud and _wants_keys())]


def _wants_keys() -> bool:
    print(_("Do you want to try every key too? It takes a minute. [y/N] "), end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes", "s", "si", "sí"}


class _Progress:
    """One line of the parts that are still being examined, in the place of the one before, where somebody watches."""

    def __init__(self, *, aloud: bool) -> None:
        self._aloud = aloud
        self._going: list[str] = []

    def hear(self, part: str, examined: "Examined | None") -> None:
        from catgem_tui.doctor import rounds

        if part in rounds.ALONE:  # it has the terminal for itself
            return
        if examined is not None:
            self._going.remove(part)
        else:
            self._going.append(part)
        self._show(_("Examining: %s") % ", ".join(_(rounds.PARTS[name][0]) for name in self._going))

    def end(self) -> None:
        self._show("")

    def _show(self, words: str) -> None:
        if self._aloud:
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()
