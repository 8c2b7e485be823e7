"""From a checkout to a running program, where something is in the way."""

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


def test_root_gets_the_venv_package_installed(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    ran = lack_venv(monkeypatch, user=0, tools={"apt-get": "/usr/bin/apt-get"})
    bootstrap.make_environment(checkout / ".venv/bin/python")
    assert ["/usr/bin/apt-get", "install", "-y", "--no-install-recommends", PACKAGE] in ran


def test_sudo_without_password_is_used(monkeypatch: pytest.MonkeyPatch, checkout: Path) -> None:
    ran = lack_venv(monkeypatch, user=1000, tools={"apt-get": "/usr/bin/apt-get", "sudo": "/usr/bin/sudo"})
    bootstrap.make_environment(checkout / ".venv/bin/python")
    assert ["sudo", "/usr/bin/apt-get", "install", "-y", "--no-install-recommends", PACKAGE] in ran


@pytest.mark.parametrize("tools", [{}, {"sudo": "/usr/bin/sudo", "sudo-asks": "yes"}])
def test_who_may_not_install_reads_the_line_that_does(
    monkeypatch: pytest.MonkeyPatch, checkout: Path, tools: dict[str, str]
) -> None:
    lack_venv(monkeypatch, user=1000, tools={"apt-get": "/usr/bin/apt-get", **tools})
    with pytest.raises(bootstrap.Stuck, match=f"\n    sudo apt-get install -y {PACKAGE}\n"):
        bootstrap.make_environment(checkout / ".venv/bin/python")


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


def test_what_pip_could_not_do_is_told_in_a_sentence(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bootstrap.make_environment(checkout / ".venv/bin/python")
    with pytest.raises(bootstrap.Stuck) as caught:
        bootstrap.install(checkout / ".venv/bin/python", ["--no-index", str(checkout / "nothing.whl")])
    assert "could not be installed" in str(caught.value)
    assert "nothing.whl" in str(caught.value)
    assert "Traceback" not in capfd.readouterr().err


def test_without_a_known_command_the_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["dance"]) == 2
    assert "demo | test | lock" in capsys.readouterr().err
