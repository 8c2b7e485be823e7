"""From a checkout to a running program, where something is in the way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from catgem_tui import bootstrap
from catgem_tui.config import i18n


@pytest.fixture(autouse=True)
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    i18n.use("en")
    environment = tmp_path / ".venv"
    for name, path in {
        "CHECKOUT": tmp_path,
        "ENVIRONMENT": environment,
        "LOCK": tmp_path / "requirements.lock",
        "STAMP": environment / "catgem-installed",
        "LOG": environment / "pip.log",
    }.items():
        monkeypatch.setattr(bootstrap, name, path)
    (tmp_path / "requirements.lock").write_text("")
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def lack_venv(monkeypatch: pytest.MonkeyPatch, *, user: int, tools: dict[str, str]) -> list[list[str]]:
    """A system without ensurepip; returns what would be run on it."""
    ran: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        refused = command[0] == "sudo" and "sudo-asks" in tools
        return subprocess.CompletedProcess(command, 1 if refused else 0, "", "")

    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: user)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name, **_options: tools.get(name))
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    return ran


PACKAGE = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
PATIENT = ("-o", f"DPkg::Lock::Timeout={bootstrap.APT_PATIENCE}")


def test_root_gets_the_venv_package_installed(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    ran = lack_venv(monkeypatch, user=0, tools={"apt-get": "/usr/bin/apt-get"})
    bootstrap.make_environment(checkout / ".venv/bin/python")
    assert ["/usr/bin/apt-get", "install", "-y", "--no-install-recommends", *PATIENT, PACKAGE] in ran


def test_sudo_without_password_is_used(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    ran = lack_venv(monkeypatch, user=1000, tools={"apt-get": "/usr/bin/apt-get", "sudo": "/usr/bin/sudo"})
    bootstrap.make_environment(checkout / ".venv/bin/python")
    assert ["sudo", "/usr/bin/apt-get", "install", "-y", "--no-install-recommends", *PATIENT, PACKAGE] in ran


@pytest.mark.parametrize(
    ("tools", "line"),
    [
        ({}, f"Have root run .*\n\n    apt-get update; apt-get install -y {PACKAGE}\n"),
        (
            {"sudo": "/usr/bin/sudo", "sudo-asks": "yes"},
            f"Run .*\n\n    sudo apt-get update; sudo apt-get install -y {PACKAGE}\n",
        ),
    ],
    ids=["no sudo", "sudo asks"],
)
def test_who_may_not_install_reads_the_line_that_does(
    monkeypatch: pytest.MonkeyPatch, checkout: Path, tools: dict[str, str], line: str
) -> None:
    lack_venv(monkeypatch, user=1000, tools={"apt-get": "/usr/bin/apt-get", **tools})
    with pytest.raises(bootstrap.Stuck, match=line):
        bootstrap.make_environment(checkout / ".venv/bin/python")


@pytest.mark.parametrize(
    ("there", "advice"), [({"python3.11": "/usr/bin/python3.11"}, " Use python3.11."), ({}, "")], ids=["newer", "none"]
)
def test_a_python_too_old_is_named_with_one_that_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], there: dict[str, str], advice: str
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", there.get)
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.sys, "version", "3.9.2 (default)")
    assert bootstrap.main(["demo"]) == 1
    assert capsys.readouterr().err == f"Python 3.11 or newer is needed; this is 3.9.2.{advice}\n"


def test_old_pythons_can_load_what_says_that_they_are_too_old() -> None:
    """Pythons before 3.10 cannot evaluate our annotations: none may be evaluated on the way to that sentence."""
    for name in ("bootstrap.py", "config/i18n.py", "config/assets.py"):
        source = (Path(i18n.__file__).parents[1] / name).read_text()
        ast.parse(source, feature_version=(3, 8))
        assert "from __future__ import annotations" in source, name


def test_a_system_without_apt_is_told_so(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    lack_venv(monkeypatch, user=0, tools={})
    with pytest.raises(bootstrap.Stuck, match="venv module"):
        bootstrap.make_environment(checkout / ".venv/bin/python")


def test_an_environment_of_this_python_is_kept_and_a_broken_one_replaced(checkout: Path) -> None:
    python = checkout / ".venv/bin/python"
    bootstrap.make_environment(python)
    (checkout / ".venv/mine").touch()
    bootstrap.make_environment(python)
    assert (checkout / ".venv/mine").exists()
    python.unlink()
    bootstrap.make_environment(python)
    assert not (checkout / ".venv/mine").exists()
    assert bootstrap.works(python)


def test_a_changed_lock_is_noticed(checkout: Path) -> None:
    before = bootstrap.fingerprint()
    (checkout / "requirements.lock").write_text("textual==1\n")
    assert bootstrap.fingerprint() != before


def test_another_python_is_noticed_but_not_an_update_that_keeps_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version", "3.11.2 (main, Mar  5 2023, 08:28:49) [GCC 12.2.0]")
    before = bootstrap.fingerprint()
    monkeypatch.setattr(bootstrap.sys, "version", "3.11.2 (main, Oct  7 2026, 12:35:07) [GCC 12.2.0]")
    assert bootstrap.fingerprint() == before
    monkeypatch.setattr(bootstrap.sys, "version", "3.12.1 (main, Oct  7 2026, 12:35:07) [GCC 12.2.0]")
    assert bootstrap.fingerprint() != before


def test_what_pip_could_not_do_is_told_in_a_sentence(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (checkout / ".venv").mkdir()
    with pytest.raises(bootstrap.Stuck) as caught:
        bootstrap.install(Path(sys.executable), ["--no-index", str(checkout / "nothing.whl")])
    assert "could not be installed" in str(caught.value)
    assert "nothing.whl" in str(caught.value)
    assert "Traceback" not in capfd.readouterr().err


def test_an_index_out_of_reach_is_the_reason_rather_than_the_package_wanted_first() -> None:
    said = [
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'SSLError(…)': /aiosmtpd/",
        "WARNING: Retrying (Retry(total=3)) after connection broken by 'SSLError(…)': /aiosmtpd/",
        "ERROR: Could not find a version that satisfies the requirement aiosmtpd==1.4.6 (from versions: none)",
    ]
    assert bootstrap.pip_reason(said) == "the package index cannot be reached.\n'SSLError(…)': /aiosmtpd/"
    assert bootstrap.pip_reason(said[2:]) == said[2]
    assert bootstrap.pip_reason(["Collecting textual", "Killed"]) == "Collecting textual\nKilled"


def test_without_a_known_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["dance"]) == 2
    assert "demo | test | prepare | lock" in capsys.readouterr().err
