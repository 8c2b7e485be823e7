"""A keymap as it is used: its file and all that it extends, read and checked."""

from collections.abc import Mapping
from pathlib import Path

from catgem_tui.config.keymap import ActionRule, Keymap, read_keymap
from catgem_tui.config.keymap_check import check
from catgem_tui.config.keymap_extension import lineage


def load_keymap(path: Path, rules: Mapping[str, ActionRule], known: Mapping[str, Path] | None = None) -> Keymap:
    """Read and check one keymap with all that it extends. Raises FileFault with the first mistake found.

    ``rules``: what has to be respected of each action, by its id; ``known``: files by the names that ``extends`` may
    give; the shipped ones if there is nothing else.
    """
    return check(lineage(read_keymap(path), known), rules)
