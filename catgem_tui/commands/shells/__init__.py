"""The command line as completion scripts, a shell each; descriptions in the language of whoever prints them."""

import sys

from catgem_tui.commands.tree import Argument, Command
from catgem_tui.config import assets

FOLDERS = {"theme": "themes", "keymap": "keymaps"}
"""Where the files lie whose names are values, in the package and in the person's configuration folder."""


def shipped(kind: str) -> tuple[str, ...]:
    """The names of the installed themes or keymaps."""
    return tuple(assets.themes() if kind == "theme" else assets.keymaps())


def own_folder(kind: str) -> str:
    """The person's own, for a shell to expand (platformdirs: XDG, on macOS the library)."""
    root = "$HOME/Library/Application Support" if sys.platform == "darwin" else "${XDG_CONFIG_HOME:-$HOME/.config}"
    return f"{root}/catgem/{FOLDERS[kind]}"


def taking(tree: Command) -> list[tuple[Command, Argument]]:
    """Options with a value, and the command that each belongs to."""
    return [(command, option) for command in tree.walk() for option in command.options if option.value]


def name_of(command: Command) -> str:
    return " ".join(command.path)
