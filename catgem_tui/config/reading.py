"""Reads the small files that people write by hand, whatever they turn out to be."""

import tomllib
from pathlib import Path
from typing import Any

from catgem_tui.config.fault import FileFault, line_of_syntax_error
from catgem_tui.config.i18n import _

LARGEST = 256 * 1024
"""Bytes; a theme has 2 kB."""


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """A file's text and what it says. Raises FileFault: it is no file, too large, unreadable, not UTF-8 or not TOML."""
    try:
        if not path.is_file() and path.exists():  # a folder, or a pipe, from which reading would wait for ever
            raise FileFault(path, 0, "", _("is no file"))
        with path.open("rb") as file:
            read = file.read(LARGEST + 1)
        if len(read) > LARGEST:
            raise FileFault(path, 0, "", _("is larger than %d kB") % (LARGEST // 1024))
        text = read.decode("utf-8-sig")  # some editors begin a file with a mark
    except (OSError, ValueError) as error:  # a name with a null in it is a ValueError
        from catgem_tui.config.explanation import explain_unreadable

        raise explain_unreadable(path, error) from error
    try:
        return text, tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise FileFault(path, line_of_syntax_error(error), "", _("not valid TOML (%s)") % error) from error
    except RecursionError as error:
        raise FileFault(path, 0, "", _("its brackets are nested too deeply")) from error
