"""No module needs, by whatever way round, a module that needs it, and no folder a folder beside it.

What is imported in a function or for its types alone counts like every other import.
"""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "catgem_tui"


def modules(package: Path) -> dict[str, Path]:
    """The files of a package by the names of their modules."""
    named: dict[str, Path] = {}
    for source in package.rglob("*.py"):
        parts = source.relative_to(package.parent).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = source
    return named


def imports(name: str, source: Path) -> Iterator[str]:
    """Every name that a module imports, anywhere in it: of modules, and of what is in them."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            own = name.split(".") if source.name == "__init__.py" else name.split(".")[:-1]
            above = own[: len(own) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def graph(package: Path) -> dict[str, set[str]]:
    """To each module those that it imports."""
    known = modules(package)

    def module_of(imported: str) -> str:
        while imported and imported not in known:
            imported = imported.rpartition(".")[0]
        return imported

    return {name: {module_of(each) for each in imports(name, source)} - {name, ""} for name, source in known.items()}


def folded(imported: dict[str, set[str]], within: str) -> dict[str, set[str]]:
    """The same between the parts of one package, each a module or a whole folder."""
    parts: dict[str, set[str]] = {}

    def part(name: str) -> str:
        return ".".join(name.split(".")[: within.count(".") + 2])

    for name, wanted in imported.items():
        if name.startswith(f"{within}."):
            inside = {part(each) for each in wanted if each.startswith(f"{within}.")}
            parts.setdefault(part(name), set()).update(inside - {part(name)})
    return parts


def circle(imported: dict[str, set[str]]) -> list[str]:
    """The modules of one circle, each imported by the next and the first once more at the end; none where there is no
    circle."""
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_no_modules_import_each_other_in_a_circle() -> None:
    found = circle(graph(PACKAGE))
    assert found == [], "each is imported by the next:\n  " + "\n  ".join(found)


def test_no_folders_import_each_other_in_a_circle() -> None:
    imported = graph(PACKAGE)
    packages = {name.rpartition(".")[0] for name in imported} - {""}
    assert {package: found for package in sorted(packages) if (found := circle(folded(imported, package)))} == {}


@pytest.mark.parametrize(
    "back",
    [
        "from house import cellar",
        "from .cellar import wine",
        "from . import cellar",
        "import house.cellar",
        "def fetch():\n    from house.cellar import wine",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.cellar import wine",
    ],
)
def test_a_circle_is_found_however_it_is_closed(tmp_path: Path, back: str) -> None:
    house = tmp_path / "house"
    house.mkdir()
    for name, text in {
        "__init__": "",
        "cellar": "import house.stairs\nwine = 1",
        "stairs": "from house.kitchen import table",
        "kitchen": f"import os\n{back}\ntable = 1",
        "roof": "from house import kitchen, stairs",
    }.items():
        (house / f"{name}.py").write_text(text, encoding="utf-8")
    found = circle(graph(house))
    assert found[0] == found[-1]
    assert set(found) == {"house.cellar", "house.stairs", "house.kitchen"}
    (house / "kitchen.py").write_text("table = 1", encoding="utf-8")
    assert circle(graph(house)) == []


def test_a_circle_of_folders_is_found_where_no_module_is_in_one() -> None:
    imported = {
        "house.attic.box": {"house.garden.tree"},
        "house.attic.lamp": set(),
        "house.garden.gate": {"house.attic.lamp"},
        "house.garden.tree": set(),
    }
    assert circle(imported) == []
    assert set(circle(folded(imported, "house"))) == {"house.attic", "house.garden"}
    assert circle(folded(imported, "house.attic")) == []
