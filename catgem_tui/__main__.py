"""``python -m catgem_tui``."""

import sys

from catgem_tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
