"""The manual pages are what the command line says, are roff that nobody complains of, and come with the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.man_pages import LANGUAGES, make, path_of, show

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path_of(language, name) for language in LANGUAGES for name in ("catgem.1", "catgem-central.1")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_say_what_the_command_line_says(language: str) -> None:
    for name, roff in make(language).items():
        assert path_of(language, name).read_text(encoding="utf-8") == roff, "run: python tests/man_pages.py update"


@pytest.mark.require_program("groff")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_they_are_shown_without_a_complaint(page: Path) -> None:
    text, complaints = show(page, 80)
    assert complaints == ""
    assert "--settings" in text, "hyphens that can be copied"
    assert max(map(len, text.splitlines())) <= 80


def test_they_come_with_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    shared = sorted(name.partition(".data/data/")[2] for name in names if "share/man" in name)
    assert shared == [
        f"share/man/{place}{name}.1" for place in ("es/man1/", "man1/") for name in ("catgem-central", "catgem")
    ]
    assert not [name for name in names if name.startswith("catgem_tui/man/")]
