"""Reads the small files that people write by hand, whatever they turn out to be."""

import tomllib
from pathlib import Path
from typing import Any

from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _

LARGEST = 256 * 1024
"""Bytes; a theme has 2 kB."""


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """A file's text and what it says. Raises FileFault: it is no file, too large, unreadable, not UTF-8 or not TOML."""
    try:
        special = path.exists() and not path.is_file()  # a folder; a pipe, from which reading would wait for ever
        read = b"" if special else _read(path)
        text = read.decode("utf-8-sig")  # some editors begin a file with a mark
    except (OSError, ValueError) as error:  # a name with a null in it is a ValueError
        from catgem_tui.config.explanation import explain_unreadable

        raise explain_unreadable(path, error) from error
    if special:
        raise FileFault(path, 0, "", _("is no file"))
    if len(read) > LARGEST:
        raise FileFault(path, 0, "", _("is larger than %d kB") % (LARGEST // 1024))
    try:
        return text, tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        from catgem_tui.config.explanation import explain_syntax

        raise explain_syntax(path, text, error) from error
    except RecursionError as error:
        raise FileFault(path, 0, "", _("its brackets are nested too deeply")) from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
