"""Installed outside the checkout, as a wheel and as an editable install, without the server's packages."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import json
from catgem_tui.config import assets, i18n
seen = {"themes": list(assets.themes()), "keymaps": list(assets.keymaps()), "package": str(assets.PACKAGE)}
for language in assets.languages():
    i18n.use(language)
    seen[language] = [i18n._("commands"), len(assets.manual(language))]
print(json.dumps(seen))
"""
pytestmark = pytest.mark.timeout(600)


def run(*command: object, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive, and the wheel built from that archive."""
    folder = tmp_path_factory.mktemp("built")
    made = run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, folder=ROOT)
    assert made.returncode == 0, made.stderr
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder)  # noqa: S202 - made a moment ago from our own tree
    source = next(path for path in folder.iterdir() if path.is_dir())
    made = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=source)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(
    request: pytest.FixtureRequest,
    built: Path,
    tmp_path_factory: pytest.TempPathFactory,
    cannot_run: Callable[[str], NoReturn],
) -> Path:
    """The ``bin`` folder of a fresh environment in which the program is installed without extras."""
    folder = tmp_path_factory.mktemp(request.param)
    assert run(sys.executable, "-m", "venv", folder / "venv", folder=folder).returncode == 0
    binaries = folder / "venv" / "bin"
    what = [next(built.glob("*.whl"))] if request.param == "wheel" else ["-e", ROOT]
    pip = run(binaries / "python", "-m", "pip", "install", "--no-input", "-q", *what, folder=folder)
    if pip.returncode and ("No matching distribution" in pip.stderr or "connection" in pip.stderr.lower()):
        cannot_run("a package registry to install from")
    assert pip.returncode == 0, pip.stderr
    return binaries


def test_themes_keymaps_manual_and_languages_come_along(installed: Path, tmp_path: Path) -> None:
    probe = run(installed / "python", "-c", PROBE, folder=tmp_path)
    assert probe.returncode == 0, probe.stderr
    seen = json.loads(probe.stdout)
    editable = "editable" in str(installed)
    assert seen["package"].startswith(str(ROOT)) is editable
    assert {"dark", "light"} <= set(seen["themes"])
    assert "default" in seen["keymaps"]
    assert seen["en"] == ["commands", seen["es_MX"][1]]
    assert seen["es_MX"][0] == "órdenes"
    assert seen["es_MX"][1] >= 4


def test_the_demo_says_what_to_install(installed: Path, tmp_path: Path) -> None:
    demo = run(installed / "catgem", "demo", folder=tmp_path, HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path))
    assert demo.returncode == 1
    assert "pip install 'catgem-tui[central]'" in demo.stderr
    assert "Traceback" not in demo.stderr


def test_the_workstation_starts_without_the_servers_packages(installed: Path, tmp_path: Path) -> None:
    loaded = run(installed / "python", "-c", "import catgem_tui.workstation", folder=tmp_path)
    assert loaded.returncode == 0, loaded.stderr


def test_the_wheel_holds_no_tests_and_the_archive_holds_all_that_is_needed(built: Path) -> None:
    source = next(path for path in built.iterdir() if path.is_dir())
    for name in ("LICENSE", "README.md", "requirements.lock", "tests/conftest.py", ".ci/peers", "themes/dark.toml"):
        assert (source / name).is_file(), name
