"""Where the command ``catgem`` begins, and ``python -m catgem_tui``."""

import signal
import sys


def main() -> int:
    """Run the command line. A Ctrl-C while it is still being loaded ends it without a word."""
    loud = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if loud:  # not where a background shell had it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from catgem_tui import cli

    if loud:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return cli.main()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a late Ctrl-C would print a traceback while Python ends


if __name__ == "__main__":
    sys.exit(main())
