"""The command line: `catgem …`. Loads the command that is named, nothing else; what goes wrong ends in a sentence."""

import argparse
import errno
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence

from catgem_tui.commands import workstation
from catgem_tui.commands.parser import build_parser
from catgem_tui.commands.preparation import Told
from catgem_tui.config.i18n import _

INTERRUPTED = 130
"""Exit status of a shell's Ctrl-C (128 + SIGINT)."""

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status and never raises."""
    os.umask(0o077)  # whatever is written holds what citizens said, or says who works here
    logging.lastResort, logging.raiseExceptions = (
        None,
        False,
    )  # before there is a log file the screen is no place for it
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a session without UTF-8 is told of what is wrong all the same
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(arguments: list[str]) -> int:
    parser = build_parser(arguments)
    parser.set_defaults(run=workstation.run)
    options = parser.parse_args(arguments)
    try:
        if options.version:
            from catgem_tui.commands import version

            return version.run(options)
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except Told as told:
        print(told, file=sys.stderr)
    except ModuleNotFoundError as error:
        logger.exception("a module is missing")
        print(_("This installation lacks a package: %s. Install catgem again.") % error.name, file=sys.stderr)
    except BrokenPipeError:  # whoever read the output has read enough
        raise
    except Exception as error:  # the last resort: a person must never see a traceback
        if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
            from catgem_tui.config.reasons import reason

            print(_("What there is to say cannot be written: %s.") % reason(error), file=sys.stderr)
            return 1
        logger.exception("unexpected")
        logs = [h.baseFilename for h in logging.getLogger().handlers if isinstance(h, logging.FileHandler)]
        where = logs[0] if logs else "-"
        print(_("Something went wrong that should not. The log has the details: %s") % where, file=sys.stderr)
    return 1
