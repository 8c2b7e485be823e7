"""What the system says of a file or an address that cannot be used, in the reader's language."""

import errno

from catgem_tui.config.i18n import N_, _

_WORDS = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("there is no permission for it"),
    errno.EPERM: N_("there is no permission for it"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the room allowed on the disk is used up"),
    errno.EROFS: N_("the disk can only be read"),
    errno.EIO: N_("the disk fails"),
    errno.EISDIR: N_("that is a folder"),
    errno.ENOTDIR: N_("a part of its path is no folder"),
    errno.EEXIST: N_("it is already there"),
    errno.ENAMETOOLONG: N_("its name is too long"),
    errno.EADDRINUSE: N_("another program uses that address"),
}

_OF_SQLITE = {
    "database or disk is full": N_("the disk is full"),
    "database is locked": N_("another program is writing it"),
    "attempt to write a readonly database": N_("there is no permission for it"),
    "unable to open database file": N_("there is no such file or folder, or no permission for it"),
    "disk I/O error": N_("the disk fails"),
    "database disk image is malformed": N_("it is damaged: bring back a copy that was kept"),
    "file is not a database": N_("it is damaged: bring back a copy that was kept"),
}
"""What SQLite says of its errors (sqlite3_errstr), in words."""

_OF_TOML = {
    "Invalid value": N_("a value is missing or is none: a text stands in quotes"),
    "Invalid statement": N_("here begins no name and no section"),
    "Invalid initial character for a key part": N_("a name is missing, or has to stand in quotes"),
    "Expected '='": N_("“=” is missing after a name"),
    "Expected ']'": N_("“]” is missing"),
    "Expected ']]'": N_("“]]” is missing"),
    "Expected newline": N_("something follows that does not belong there"),
    "Unclosed array": N_("“]” is missing"),
    "Unclosed inline table": N_("“}” is missing"),
    "Unterminated string": N_("a text has no closing quotes"),
    "Expected '\"": N_("a text has no closing quotes"),
    "Expected \"'": N_("a text has no closing quotes"),
    "Illegal character": N_("a text has no closing quotes, or a sign that it cannot have"),
    "Found invalid character": N_("a text has no closing quotes, or a sign that it cannot have"),
    "Unescaped": N_("in a text “\\” is written twice"),
    "Cannot declare": N_("this section is there twice"),
    "Cannot overwrite": N_("this name is there twice"),
    "Duplicate inline table key": N_("this name is there twice"),
}
"""What the TOML reader says begins with these."""


def reason(error: OSError) -> str:
    """Why, to stand after the name and a colon; the system's own words where we have none."""
    words = _WORDS.get(error.errno or 0)
    return _(words) if words else error.strerror or str(error)


def named_reason(name: str) -> str:
    """The same of an error of which only the system's name (``ENOENT``) is known; that name where we have no words."""
    words = _WORDS.get(getattr(errno, name, 0))
    return _(words) if words else name


def store_reason(detail: str) -> str:
    """What a database says of why it cannot be used; its own words where we have none."""
    words = _OF_SQLITE.get(detail.strip().removesuffix("."))
    return _(words) if words else detail


def toml_reason(error: ValueError) -> str:
    """What is wrong with a text that is no TOML, without its place; the reader's own words where we have none."""
    said = str(error).partition(" (at ")[0]
    begun = [start for start in _OF_TOML if said.startswith(start)]
    return _(_OF_TOML[max(begun, key=len)]) if begun else said
