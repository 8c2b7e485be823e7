"""Finds the data files that come with the program: themes, keymaps, the manual and the languages.

In a wheel everything lies inside the package. In a checkout, an editable install included, ``themes/`` and
``keymaps/`` lie beside the package.
"""

from __future__ import annotations  # the bootstrap speaks through here on Pythons too old for the rest

from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
SOURCE_LANGUAGE = "en"
"""The language the program is written in; it needs no catalogue."""


class AssetMissing(Exception):
    """The installation lacks a folder it should have come with."""

    def __init__(self, name: str) -> None:
        super().__init__(f"this installation lacks its folder {name!r}: install it again")
        self.name = name


def find_folder(name: str) -> Path:
    """The folder ``themes``, ``keymaps``, ``manual`` or ``locale``. Raises AssetMissing."""
    for candidate in (PACKAGE / name, PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise AssetMissing(name)


def themes() -> dict[str, Path]:
    """The shipped themes: name to file."""
    return _by_stem("themes", "*.toml")


def keymaps(own: Path | None = None) -> dict[str, Path]:
    """The shipped keymaps, name to file, and those in the folder ``own``, which go before the shipped ones."""
    return {**_by_stem("keymaps", "*.toml"), **_sorted(own.glob("*.toml") if own else ())}


def manual(language: str) -> dict[str, Path]:
    """The manual's pages in a language (Spanish where it has none): name to file, in reading order."""
    folder = find_folder("manual")
    pages = folder / language
    return _sorted((pages if pages.is_dir() else folder / "es_MX").glob("*.md"))


def languages() -> tuple[str, ...]:
    """The languages the program speaks, by code."""
    compiled = (path.parents[1].name for path in find_folder("locale").glob("*/LC_MESSAGES/catgem.mo"))
    return tuple(sorted({SOURCE_LANGUAGE, *compiled}))


def _by_stem(folder: str, pattern: str) -> dict[str, Path]:
    return _sorted(find_folder(folder).glob(pattern))


def _sorted(paths: Iterable[Path]) -> dict[str, Path]:
    return {path.stem: path for path in sorted(paths)}
