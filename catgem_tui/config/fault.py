"""A mistake in a file that a person wrote, told so that they can mend it."""

import re
from pathlib import Path

from catgem_tui.config.i18n import _

_LINE = re.compile(r"at line (\d+)")


class FileFault(ValueError):
    """One sentence with file, line and key. ``line`` is 0 where no single line is at fault."""

    def __init__(self, path: Path, line: int, key: str, reason: str) -> None:
        where = f"{path.name}:{line}" if line else path.name
        about = f" «{key}»" if key else ""
        super().__init__(_("%(where)s%(about)s: %(reason)s") % {"where": where, "about": about, "reason": reason})
        self.path = path
        self.line = line
        self.key = key
        self.reason = reason


def line_of_syntax_error(error: ValueError) -> int:
    """The line that the TOML reader complains about; 0 for the end of the file."""
    match = _LINE.search(str(error))
    return int(match.group(1)) if match else 0
