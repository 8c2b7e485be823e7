"""Boundaries that import-linter cannot see."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "catgem_tui"
SOURCES = sorted(PACKAGE.rglob("*.py"))
SLOW = ("httpx", "keyring", "numpy", "sqlalchemy", "litestar", "websockets", "cryptography", "pjsua2", "miniaudio")
"""What the workstation loads after its first paint, or never."""
INSTALLED_LIBRARIES = {"pjsua2", "_pjsua2", "miniaudio"}


def imported_modules(source: Path) -> set[str]:
    """Every module a file imports anywhere, inside functions too: first parts of their names."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_only_the_engine_imports_the_phone_library_and_the_sound_card() -> None:
    engine = PACKAGE / "phone" / "engine"
    outside = [source for source in SOURCES if not source.is_relative_to(engine)]
    assert [s.relative_to(ROOT) for s in outside if imported_modules(s) & INSTALLED_LIBRARIES] == []


@pytest.mark.parametrize("module", ["catgem_tui.ui.app", "catgem_tui.cli", "catgem_tui.workstation"])
def test_the_screen_is_drawn_before_anything_slow_is_loaded(module: str) -> None:
    question = f"import sys, {module}; print(*(set({SLOW!r}) & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_the_bootstrap_runs_on_the_standard_library_alone() -> None:
    question = "import catgem_tui.bootstrap"
    run = subprocess.run([sys.executable, "-S", "-c", question], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def shipped_files() -> list[Path]:
    """The text files under version control, or in a source archive all there are."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        files = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        files = [path for folder in ("catgem_tui", "tests", "themes", "keymaps") for path in (ROOT / folder).rglob("*")]
        files += [path for path in ROOT.iterdir() if path.suffix in {".md", ".toml", ".lock"}]
    binary = {".mo", ".wav", ".png", ".pyc", ".svg"}
    return [path for path in files if path.is_file() and path.suffix not in binary and "__pycache__" not in path.parts]


# Put together here so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join(["/ho" + r"me/\w+/", "/wo" + r"rk/\w+", "/ro" + "ot/", "/Us" + r"ers/\w+/"]))
REGISTRY_HOSTS = re.compile(
    "|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "/simple" + "/", "index-" + "url ht"])
)


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRY_HOSTS], ids=["machine paths", "registry hosts"])
def test_the_tree_names_no_machine_and_no_registry(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in shipped_files()
        if (match := pattern.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def test_every_package_is_pinned_with_hashes() -> None:
    import tomllib

    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    names = {re.split(r"[\[<>=!~; ]", requirement)[0].lower() for requirement in wanted}
    assert names - pinned == set(), "run: python3 -m catgem_tui.bootstrap lock"
    entries = [entry for entry in re.split(r"\n(?=[A-Za-z0-9])", lock) if "==" in entry]
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_program_that_a_test_requires_is_installed_in_ci() -> None:
    peers = {line.split()[0] for line in (ROOT / ".ci" / "peers").read_text().splitlines() if line[:1].isalnum()}
    required: set[str] = set()
    for test in (ROOT / "tests").rglob("test_*.py"):
        for call in re.findall(r"require_program\(([^)]*)\)", test.read_text(encoding="utf-8")):
            required |= set(re.findall(r"[\"']([\w.-]+)[\"']", call))
    assert required - peers == set()
