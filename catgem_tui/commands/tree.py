"""The whole command line as plain data: what completion in a shell and the manual page are made from.

argparse has no public way to look into a parser; what is read here (``_actions``, ``choices`` of the sub-commands and
their ``_choices_actions``) has been the same since Python 2.7, and a test holds it.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catgem_tui.commands.parser import COMMANDS, OneOf, build_parser, file_or_dash, keymap_name, theme_name

FILE, THEME, KEYMAP, WORD = "file", "theme", "keymap", "word"
"""What a value can be: a file's name, a theme's, a keymap's, or any word."""
_KINDS = {Path: FILE, file_or_dash: FILE, theme_name: THEME, keymap_name: KEYMAP}


@dataclass(frozen=True)
class Argument:
    """An option, or with no ``flags`` a positional argument."""

    flags: tuple[str, ...]
    purpose: str
    value: str
    """Its name in the usage; empty for an option that takes none."""
    kind: str
    choices: tuple[str, ...]
    repeated: bool
    required: bool


@dataclass(frozen=True)
class Command:
    path: tuple[str, ...]
    """From ``catgem`` on."""
    purpose: str
    arguments: tuple[Argument, ...]
    commands: tuple["Command", ...]

    @property
    def options(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if argument.flags)

    @property
    def positionals(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if not argument.flags)

    def walk(self) -> Iterator["Command"]:
        """This one and all below it."""
        yield self
        for command in self.commands:
            yield from command.walk()


def read_tree() -> Command:
    parser = build_parser(COMMANDS)
    return _read(parser, ("catgem",), parser.description or "")


def _read(parser: argparse.ArgumentParser, path: tuple[str, ...], purpose: str) -> Command:
    arguments, commands = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            purposes = {choice.dest: choice.help or "" for choice in action._choices_actions}
            commands += [_read(below, (*path, name), purposes[name]) for name, below in action.choices.items()]
        else:
            arguments.append(_read_argument(parser, action))
    return Command(path, purpose, tuple(arguments), tuple(commands))


def _read_argument(parser: argparse.ArgumentParser, action: argparse.Action) -> Argument:
    choices = action.type.choices if isinstance(action.type, OneOf) else action.choices
    metavar = action.metavar if isinstance(action.metavar, str) else "|".join(map(str, choices or ())) or action.dest
    purpose = (action.help or "") % {**vars(action), "prog": parser.prog}
    return Argument(
        flags=tuple(action.option_strings),
        purpose=purpose,
        value="" if action.nargs == 0 else metavar,
        kind=_KINDS.get(action.type, WORD),
        choices=tuple(map(str, choices or ())),
        repeated=action.nargs in {"*", "+"} or isinstance(action, argparse._AppendAction),
        required=action.required and action.nargs not in {"*", "?"},
    )
