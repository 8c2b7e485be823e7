"""Where in a keymap's file something is written, to tell a mistake with its line."""

import re

_SECTION = re.compile(r"^\s*\[([^\[\]]+)\]\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*(["']?)([\w.-]+)\1\s*=""")


def line_in(text: str, section: str, key: str = "", value: str = "") -> int:
    """The line, from 1, of a key in a section (``""``: above all sections); of several lines that its value takes, the
    one that holds ``value`` in quotes. Without a key, that of the section's head. 0 if it is not there."""
    here, found = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        head, named = _SECTION.match(line), _KEY.match(line)
        if head:
            here = head[1].strip().strip("\"'")
            if not key and here == section:
                return number
        if found and (head or named):
            return found
        if named and here == section and named[2] == key:
            found = number
        if found and (not value or f'"{value}"' in line or f"'{value}'" in line):
            return number
    return found
