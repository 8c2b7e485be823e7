"""The manual pages: made from the command line's own words, and the prose of ``tests/man/LANGUAGE.toml``.

    python tests/man_pages.py update      write them into catgem_tui/man/
    python tests/man_pages.py check       say which are out of date; exit 1 if any is

The wheel installs them under share/man. roff by groff_man(7).
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from catgem_tui import __version__
from catgem_tui.commands.tree import Argument, Command, read_tree
from catgem_tui.config import i18n

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "catgem_tui" / "man"
LANGUAGES = ("en", "es_MX")
SEPARATE = ("central",)
"""Commands with a page of their own."""
EVERYWHERE = frozenset({"--help", "--settings"})
"""Options of every command, told of once."""


def make(language: str) -> dict[str, str]:
    """File name to roff, of every page in this language."""
    before = i18n.current()
    i18n.use(language)
    try:
        tree = read_tree()
    finally:
        i18n.use(before)
    words = tomllib.loads((ROOT / "tests" / "man" / f"{language}.toml").read_text(encoding="utf-8"))
    pages = {"catgem.1": _page(tree, words, words["catgem"], without=SEPARATE)}
    for command in tree.commands:
        if command.path[-1] in SEPARATE:
            pages[f"{'-'.join(command.path)}.1"] = _page(command, words, words[command.path[-1]], without=())
    return pages


def _page(top: Command, words: dict[str, str], prose: dict[str, str], without: tuple[str, ...]) -> str:
    name = "-".join(top.path)
    lines = [
        '.\\" Written by tests/man_pages.py.',
        f'.TH {name.upper()} 1 "" "catgem {__version__}" "{words["book"]}"',
        f".SH {words['name']}",
        f"{_text(name)} \\- {_text(prose['purpose'])}",
        f".SH {words['synopsis']}",
    ]
    shown = [command for command in top.walk() if not (set(command.path[1:]) & set(without) and command is not top)]
    doing = [command for command in shown if not command.commands or command is top]
    for place, command in enumerate(doing):
        lines += [".br"] * bool(place)
        lines.append(_synopsis(command, words))
    lines += [f".SH {words['description']}", *_paragraphs(prose["description"])]
    lines += [f".SH {words['options']}", *_arguments(top, without=frozenset())]
    lines.append(f".SH {words['commands']}")
    for command in doing:
        if command is not top:
            lines += [
                f'.SS "{_text(" ".join(command.path))}"',
                _sentence(command.purpose),
                *_arguments(command, without=EVERYWHERE),
            ]
    for section in prose["sections"]:
        lines += [f".SH {_text(section['title'])}", *_paragraphs(section["text"])]
    others = [f".BR {'-'.join(('catgem', other))} (1)" for other in without] or [".BR catgem (1)"]
    lines += [f".SH {words['see']}", *others]
    return "\n".join(lines) + "\n"


def _synopsis(command: Command, words: dict[str, str]) -> str:
    parts = [f"\\fB{_text(' '.join(command.path))}\\fR"]
    if command.options:
        parts.append(f"[{words['option']}…]")
    if command.commands:
        parts.append(f"[{words['command']}]")
    parts += [_value(argument) if argument.required else f"[{_value(argument)}]" for argument in command.positionals]
    return " ".join(parts)


def _arguments(command: Command, without: frozenset[str]) -> list[str]:
    lines = []
    for argument in (*command.positionals, *command.options):
        if without & set(argument.flags):
            continue
        flags = ", ".join(f"\\fB{_text(flag)}\\fR" for flag in argument.flags)
        lines += [".TP", " ".join(filter(None, (flags, _value(argument)))), _sentence(argument.purpose)]
    return lines


def _value(argument: Argument) -> str:
    if not argument.value:
        return ""
    choices = "|".join(argument.choices)
    shown = choices if choices and argument.flags else argument.value
    return f"\\fI{_text(shown)}\\fR" + ("…" if argument.repeated and not argument.flags else "")


def _sentence(text: str) -> str:
    text = _text(text)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _paragraphs(text: str) -> list[str]:
    """Blank lines part paragraphs; a line that begins with four spaces stands as it is."""
    lines: list[str] = []
    for paragraph in text.strip("\n").split("\n\n"):
        if paragraph.startswith("    "):
            lines += [".PP", ".RS 4", ".nf", *(_text(line[4:]) for line in paragraph.split("\n")), ".fi", ".RE"]
        else:
            lines += [".PP", _text(" ".join(paragraph.split()))]
    return lines


def _text(text: str) -> str:
    """As roff takes it: no escapes of its own, hyphens that can be copied, no line that is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def path_of(language: str, name: str) -> Path:
    return PAGES / language / name


def main(arguments: list[str]) -> int:
    if arguments not in (["update"], ["check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    stale = []
    for language in LANGUAGES:
        for name, roff in make(language).items():
            path = path_of(language, name)
            if arguments == ["update"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(roff, encoding="utf-8")
            elif not path.is_file() or path.read_text(encoding="utf-8") != roff:
                stale.append(str(path.relative_to(ROOT)))
    if stale:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run: python tests/man_pages.py update\n")
    return 1 if stale else 0


def show(page: Path, width: int) -> tuple[str, str]:
    """A page as plain text, and what groff has to say against it."""
    command = ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", f"-rLL={width}n", "-P-cbou", str(page)]
    shown = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return shown.stdout, shown.stderr


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
