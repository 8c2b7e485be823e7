"""Finds, in the source, words for the screen that no catalogue can hold.

Two kinds. A message that is put together before it is looked up (``_(f"…")``, ``_("a" + b)``, ``_("%d" % n)``): what
is looked up then is no message of any catalogue. And words given to what shows them without being looked up at all. The
second is found by where words go in this project: spans, lines of text, titles, placeholders, choices, what the command
line prints or helps with; a literal that takes another way is not seen.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from catgem_tui.config.theme import SLOTS

LOOK_UPS = {"_": 1, "N_": 1, "ngettext": 2, "pgettext": 2}
"""Function, and how many of its arguments are messages."""
SHOWN_BY = {"span", "paragraph", "Section", "Title", "TextDialog", "ChoiceDialog", "FactsPage", "print", "Told"}
"""Functions and widgets whose first argument is read by people."""
SHOWN_AS = {"placeholder", "help", "description", "explanation", "epilog"}
_WORD = re.compile(r"[a-záéíóúñ]{2,}")
NAMES = re.compile(r"CATGEM|catgem|\S*[/:%<>=]\S*|\w+\.\w\S*|\b[A-Z0-9]+\b")
"""What is the same in every language: names, addresses, acronyms, placeholders."""


def find(path: Path) -> list[str]:
    """A sentence for each place of a file, with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [f"{path.name}:{node.lineno}: {what}" for node, what in _faults(tree)]


def _faults(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if name in LOOK_UPS:
                for argument in args[: LOOK_UPS[name]]:
                    if _is_put_together(argument):
                        yield argument, f"{name}() of a text that is put together; put it together afterwards"
            case ast.Call():
                yield from _shown(node)
            case ast.Tuple(elts=[first, ast.Constant(value=slot)]) if slot in SLOTS and _has_words(first):
                yield first, "words in a span that are not looked up"


def _shown(call: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    function = call.func
    name = function.id if isinstance(function, ast.Name) else ""
    if name in SHOWN_BY and call.args and _has_words(call.args[0]):
        yield call.args[0], f"{name}() shows words that are not looked up"
    for keyword in call.keywords:
        if keyword.arg in SHOWN_AS and _has_words(keyword.value):
            yield keyword.value, f"{keyword.arg}= shows words that are not looked up"


def _is_put_together(node: ast.expr) -> bool:
    """Whether it is made of a literal and something else; a literal broken into several lines is one literal."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.BinOp(left=left, right=right):
            return _has_text(left) or _has_text(right)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "join" | "replace")):
            return _has_text(value)
    return False


def _has_text(node: ast.expr) -> bool:
    return any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in ast.walk(node))


def _has_words(node: ast.expr) -> bool:
    """Whether a literal, or the literal part of an f-string, has words of a language in it."""
    match node:
        case ast.Constant(value=str(text)):
            return bool(_WORD.search(NAMES.sub("", text)))
        case ast.JoinedStr(values=values):
            return any(_has_words(value) for value in values if isinstance(value, ast.Constant))
    return False
