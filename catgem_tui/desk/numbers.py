"""What of a record's telephone field can be dialled, and what of what somebody types or pastes."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from catgem_tui.protocol.numbers import LONGEST, SHORTEST, normalise

MOST = 12
"""Choices that a record gives at most."""
_NUMBER = re.compile(r"(?<![\w.])\+?\(?\d[\d\s().\-\u2010-\u2015\u00a0]*")
_EXTENSION = re.compile(
    r"^[\s,;]*(?:ext(?:ensi[oó]n(?:es)?|s)?|x|#)\s*[.:]?\s*(\d{1,8}(?:\s*(?:[,/]|y|o)\s*\d{1,5}(?![\d\s]*\d))*)",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{1,8}")


class Number(NamedTuple):
    """``digits`` as they are dialled, a leading ``+`` kept; ``extension`` is dialled once somebody has answered."""

    digits: str
    extension: str = ""


class Unreadable(NamedTuple):
    """Why something cannot be dialled: a code of ``state.Notice``."""

    code: str


_SIP = re.compile(
    r"sips?:(?:(?P<user>[^@\s<>?:]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s<>?:;@]+)(?::\d+)?(?:;[^\s<>?]*)?", re.I
)
_TYPED = re.compile(r"[+*#\d][\s().\-\u2010-\u2015\u00a0*#\d]*")


def read(text: str, dial: str) -> Number | Unreadable:
    """What somebody typed or pasted: a number with or without extension, a ``tel:`` (RFC 3966) or a ``sip:`` URI.

    A SIP URI stands as it is in ``Number.digits``, but only for the host that ``dial`` (``sip:{number}@host``) names: a
    call elsewhere would go past the centre's exchange. Codes: ``nothing_to_call``, ``no_number``,
    ``letters_in_number``, ``other_exchange``.
    """
    given = text.strip().removeprefix("<").removesuffix(">").strip()
    scheme = given.partition(":")[0].lower()
    if not given:
        return Unreadable("nothing_to_call")
    if scheme in {"sip", "sips"}:
        return _read_sip(given, dial)
    if scheme == "tel":
        return _read_tel(given[len("tel:") :])
    found = numbers_of(given)
    if len({each.digits for each in found}) == 1 and _is_whole(given):
        return found[0]
    if _TYPED.fullmatch(given) and ("*" in given or "#" in given):
        code = "".join(each for each in given if each in "0123456789+*#")
        if SHORTEST <= len(code) <= LONGEST + 3:
            return Number(code)
    return Unreadable("letters_in_number" if any(character.isalpha() for character in given) else "no_number")


def _is_whole(text: str) -> bool:
    """Whether a text is one number and its extension, and nothing else."""
    number = _NUMBER.match(text)
    if number is None:
        return False
    rest = text[number.end() :]
    extension = _EXTENSION.match(rest)
    return not (rest[extension.end() :] if extension else rest).strip()


def _read_sip(uri: str, dial: str) -> Number | Unreadable:
    match, ours = _SIP.fullmatch(uri), _SIP.match(dial.replace("{number}", "0"))
    if match is None or not match["user"] or not uri.isascii():
        return Unreadable("no_number")
    if ours is None or match["host"].lower() != ours["host"].lower():
        return Unreadable("other_exchange")
    return Number(uri)


def _read_tel(rest: str) -> Number | Unreadable:
    subscriber, *parameters = unquote(rest).split(";")
    digits = normalise(subscriber)
    named = dict(parameter.lower().partition("=")[::2] for parameter in parameters)
    extension = "".join(named.get("ext", "").replace("-", "").replace(".", "").split())
    if not digits or (extension and not (extension.isascii() and extension.isdecimal() and len(extension) <= 8)):
        letters = any(character.isalpha() for character in subscriber)
        return Unreadable("letters_in_number" if letters else "no_number")
    return Number(digits, extension)


def address_of(number: str, dial: str) -> str:
    """The SIP address of what ``read`` gave."""
    if number.lower().startswith(("sip:", "sips:")):
        return number
    return dial.replace("{number}", number.replace("#", "%23"))


def numbers_of(phone: str, extension: str = "") -> tuple[Number, ...]:
    """Every number in a telephone field, with each of its extensions before it without; none where there is none.

    An extension in the text belongs to the number before it, those of the field ``extension`` to numbers without one.
    """
    found: list[Number] = []
    beside = _DIGITS.findall(extension)
    place = 0
    while match := _NUMBER.search(phone, place):
        place = match.end()
        digits = normalise(match[0])
        inside = _EXTENSION.match(phone[place:])
        if inside:
            place += inside.end()
        if digits:
            extensions = _DIGITS.findall(inside[1]) if inside else beside
            found += [*(Number(digits, each) for each in extensions), Number(digits)]
    return tuple(dict.fromkeys(found))[:MOST]
