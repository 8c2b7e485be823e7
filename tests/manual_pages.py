"""The manual's pages against the registry of actions.

    python tests/manual_pages.py update     rewrite the keys of actions to those of the default keymap

In a page ``<kbd title="ACTION">F8</kbd>`` is an action's key; after a keymap has changed ``update`` makes it right.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from catgem_tui.config import assets, i18n
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.ui import actions
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.manual.book import shown_key

KEY = re.compile(r'<kbd title="([^"]*)">([^<]*)</kbd>')
BARE = re.compile(r"(?<![\w.])(?:F\d{1,2}|\^[A-Z]|Alt\+[A-Z]|Ctrl\+[A-Z])\b")
"""What looks like a key of an action."""
LITERAL = re.compile(r"```.*?```|`[^`]*`|<kbd[^>]*>[^<]*</kbd>", re.DOTALL)
"""Where a key is written as it is: in code."""


def default_keymap() -> KeysInForce:
    return KeysInForce(load_keymap(assets.keymaps()["default"], actions.RULES))


def pages(language: str) -> Iterator[tuple[Path, str]]:
    for path in assets.manual(language).values():
        yield path, path.read_text(encoding="utf-8")


def renamed(text: str, keymap: KeysInForce) -> str:
    """The page with the keys that the keymap has, in the language in use."""

    def key(match: re.Match[str]) -> str:
        known = match[1] in actions.BY_ID
        return f'<kbd title="{match[1]}">{shown_key(match[1], keymap)}</kbd>' if known else match[0]

    return KEY.sub(key, text)


def bare_keys(text: str) -> list[str]:
    """Keys that are neither marked as an action's nor written as code: nobody would see to it that they are right."""
    return BARE.findall(LITERAL.sub("", text))


def update() -> None:
    for language in assets.languages():
        i18n.use(language)
        for path, text in pages(language):
            path.write_text(renamed(text, default_keymap()), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["update"]:
        sys.exit(__doc__)
    update()
