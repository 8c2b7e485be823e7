"""Turns what the TOML reader and msgspec say of a settings file into a fault: file, line, key and reason in words."""

import re
import tomllib
from pathlib import Path

import msgspec

from catgem_tui.config.fault import FileFault, line_of_syntax_error
from catgem_tui.config.i18n import N_, UnknownLanguage, _
from catgem_tui.config.patterns import EXPECTED, RULES
from catgem_tui.config.reasons import reason, toml_reason
from catgem_tui.config.toml_lines import find_line, key_in

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]+)`")
_MISSING = re.compile(r"missing required field `(?P<key>[^`]+)`")
_TYPE = re.compile(r"^Expected `(?P<expected>[^`]+)`(?P<bound>[^,]*?)(?:, got `(?P<found>[^`]+)`)?$")
_PATH_PART = re.compile(r"\[(?P<index>\d+|\.\.\.)\]|\.?(?P<key>[^.\[\]]+)")

_WORDS = {
    "int": N_("a whole number"),
    "float": N_("a number"),
    "str": N_("a text in quotes"),
    "bool": N_("true or false"),
    "array": N_("a list"),
    "object": N_("a table"),
}


def explain_unreadable(file: Path, error: OSError | ValueError) -> FileFault:
    """For a file that could not be read at all."""
    if isinstance(error, UnicodeDecodeError):
        return FileFault(file, 0, "", _("the file is not UTF-8 text"))
    why = reason(error) if isinstance(error, OSError) else error
    return FileFault(file, 0, "", _("the file cannot be read (%s)") % why)


def explain_syntax(file: Path, text: str, error: tomllib.TOMLDecodeError) -> FileFault:
    """For a text that is not TOML."""
    lines = text.splitlines()
    line = line_of_syntax_error(error) or len(lines)
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    return FileFault(file, line, key_in(written), _("not valid TOML (%s)") % toml_reason(error))


def explain_value(file: Path, text: str, error: msgspec.ValidationError) -> FileFault:
    """For a key that does not exist or has a value it cannot have."""
    found = _AT.match(str(error))
    what, path = (found["what"], found["path"] or "$") if found else (str(error), "$")
    parts = [part["key"] or part["index"] for part in _PATH_PART.finditer(path.removeprefix("$"))]
    unknown, missing = _UNKNOWN.search(what), _MISSING.search(what)
    if unknown:
        parts.append(unknown["key"])
        reason = _("there is no such setting")
    elif missing:
        reason = _("“%s” is missing") % missing["key"]
    else:
        reason = _word(what)
    return FileFault(file, find_line(text, parts) or 1, ".".join(parts), reason)


def _word(what: str) -> str:
    if what in RULES:
        return _(RULES[what])
    shape = what.partition("matching regex ")[2]
    if shape:
        slug = N_("only lower-case letters, digits, “-” and “_” are allowed")
        return _(next((sentence for pattern, sentence in EXPECTED.items() if shape == repr(pattern)), slug))
    wrong = _TYPE.match(what)
    if wrong is None:
        if what.startswith("Invalid enum value"):
            return _("“%s” is not one of the values it may have") % what.removeprefix("Invalid enum value ").strip("`'")
        return what
    expected = _(_WORDS.get(wrong["expected"], wrong["expected"])) + wrong["bound"].replace("of length >= 1", "")
    if not wrong["found"]:
        return _("expected %s") % expected.strip()
    return _("expected %(expected)s, found %(found)s") % {
        "expected": expected,
        "found": _(_WORDS.get(wrong["found"], wrong["found"])),
    }


def explain_language(file: Path, text: str, error: UnknownLanguage) -> FileFault:
    """For a language that the program does not speak."""
    words = {"language": error.language, "known": ", ".join(error.known)}
    reason = _("there is no language “%(language)s”; there are: %(known)s") % words
    return FileFault(file, find_line(text, ("workstation", "language")), "workstation.language", reason)
