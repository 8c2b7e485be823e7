"""The command line: its words, its mistakes and its exits."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catgem_tui import __version__
from catgem_tui.commands.parser import Parser


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    return {**os.environ, **folders, "CATGEM_LANGUAGE": "es_MX", "HOME": str(tmp_path)}


def catgem(
    environment: dict[str, str], *arguments: str, enter: str = "", before: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command line, after some Python statements."""
    program = f"{before}\nimport sys\nfrom catgem_tui.__main__ import main\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        input=enter,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version(environment: dict[str, str]) -> None:
    run = catgem(environment, "--version")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[:2] == [f"catgem {__version__}", f"Python {sys.version.split()[0]}"]


@pytest.mark.require_module("pjsua2")
def test_the_version_tells_what_the_telephone_offers(environment: dict[str, str]) -> None:
    run = catgem(environment, "--version", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    telephone = json.loads(run.stdout)["telephone"]
    assert telephone["version"].startswith("2.")
    assert {"UDP", "TCP", "TLS"} <= set(telephone["transports"])
    assert {"G722/16000/1", "PCMA/8000/1", "PCMU/8000/1"} <= set(telephone["codecs"])
    assert any("AES" in cipher.upper() for cipher in telephone["srtp"])
    assert "ICE" in telephone["traversals"]


def test_the_version_tells_why_there_is_no_telephone(environment: dict[str, str], tmp_path: Path) -> None:
    settings = tmp_path / "catgem.toml"
    bare = tmp_path / "bare" / "python"
    bare.parent.mkdir()
    bare.write_text(f'#!/bin/sh\nexec "{sys._base_executable}" -I -S "$@"\n')  # type: ignore[attr-defined]
    bare.chmod(0o755)
    settings.write_text(f'[workstation.phone]\npython = "{bare}"\n')
    run = catgem(environment, "--version", "--settings", str(settings))
    assert run.returncode == 0
    assert "catgem-tui[phone]" in run.stdout
    settings.write_text("[workstation.phone]\npython = '/nowhere/python'\n")
    assert "/nowhere/python" in catgem(environment, "--version", "--settings", str(settings)).stdout


def test_help_speaks_spanish(environment: dict[str, str]) -> None:
    run = catgem(environment, "--help")
    assert run.returncode == 0
    assert "uso:" in run.stdout
    assert "órdenes" in run.stdout
    assert "usage" not in run.stdout


def test_what_newer_pythons_tell_a_parser_of_a_command_is_taken() -> None:
    # Python 3.14 tells it of colours: argparse.ArgumentParser(color=…).
    assert Parser(prog="catgem demo", epilog="as Python's own").epilog == "as Python's own"


def test_help_speaks_english_when_asked(environment: dict[str, str]) -> None:
    assert "usage:" in catgem({**environment, "CATGEM_LANGUAGE": "en"}, "--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [("dance",), ("demo", "--rate", "x"), ("demo", "--lines", "-1"), ("central", "user", "add"), ("--bogus",)],
)
def test_a_mistake_is_a_spanish_sentence(environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    run = catgem(environment, *arguments)
    assert run.returncode == 2
    assert run.stderr.startswith("No se entiende la orden")
    assert not {"invalid", "argument ", "required", "unrecognized"} & set(run.stderr.split())


def test_a_corrupt_settings_file_is_named_with_line_and_key(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "catgem.toml").write_text("[central]\nport = 'x'\n")
    for arguments in (("central", "init", "--settings"), ("--settings",)):
        run = catgem(environment, *arguments, str(tmp_path / "catgem.toml"))
        assert run.returncode == 1
        assert "catgem.toml:2" in run.stderr
        assert "central.port" in run.stderr
        assert "Traceback" not in run.stderr


def test_settings_may_be_named_before_the_command(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "catgem.toml").write_text("nothing = 1\n")
    assert "catgem.toml:1" in catgem(environment, "--settings", str(tmp_path / "catgem.toml"), "central", "init").stderr


def test_the_workstation_asks_for_a_terminal(environment: dict[str, str]) -> None:
    run = catgem(environment)
    assert run.returncode == 1
    assert "terminal" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("arguments", [("demo",), ("central", "serve"), ("selftest", "--json")])
def test_without_the_central_packages_it_says_what_to_install(
    environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    hide = (
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'litestar' else find(name, *rest)"
    )
    run = catgem(environment, *arguments, before=hide)
    assert run.returncode == 1
    assert "pip install 'catgem-tui[central]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_central_is_set_up_from_the_command_line(environment: dict[str, str], tmp_path: Path) -> None:
    run = catgem(environment, "central", "init")
    assert (run.returncode, run.stderr) == (0, "")
    assert str(tmp_path / "data") in run.stdout
    add = ("central", "user", "add", "ana", "--name", "Ana Colín", "--role", "coordinator", "--password-stdin")
    run = catgem(environment, *add, enter="una-clave-larga\n")
    assert (run.returncode, run.stdout.strip()) == (0, "Ana Colín ya puede entrar como ana.")
    run = catgem(environment, *add, enter="una-clave-larga\n")
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    records = tmp_path / "records.jsonl"
    records.write_text('{"id": "a", "kind": "number", "title": "Emergencias", "phone": "911"}\nnonsense\n')
    run = catgem(environment, "central", "import", str(records), "--support", "Oficio 1/2026")
    assert run.returncode == 1
    assert "renglón 2" in run.stderr
    assert "leídos: 1" in run.stdout


def test_what_nobody_expected_is_a_sentence_and_the_log_has_the_rest(
    environment: dict[str, str], tmp_path: Path
) -> None:
    breaks = "from catgem_tui.central import commands\ndef init(s): raise RuntimeError('boom')\ncommands.init = init"
    run = catgem(environment, "central", "init", before=breaks)
    assert run.returncode == 1
    log = tmp_path / "state" / "catgem" / "central.log"
    assert str(log) in run.stderr
    assert "Traceback" not in run.stderr
    assert "RuntimeError: boom" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to write to")
def test_a_disk_that_takes_no_output_is_a_sentence(environment: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "catgem_tui", "completion", "bash"],
            env=environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr == "No se puede escribir lo que hay que decir: el disco está lleno.\n"


def test_a_disk_that_takes_no_log_stops_nobody(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    assert catgem(environment, "central", "init").returncode == 0


@pytest.mark.parametrize(
    ("module", "status"),
    [("argparse", -signal.SIGINT), ("catgem_tui.central.commands", 130), ("catgem_tui.config.settings", 130)],
)
def test_an_interrupt_while_loading_is_quiet(environment: dict[str, str], module: str, status: int) -> None:
    interrupts = (
        "import sys, os, signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background shell starts us with it ignored
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())"
    )
    run = catgem(environment, "central", "init", before=interrupts)
    assert (run.returncode, run.stdout, run.stderr) == (status, "", "")


def test_central_ends_in_order_when_interrupted(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "catgem.toml").write_text(
        "[central]\nport = 0\n[central.voice]\nlines = 0\n[central.mail]\nenabled = false\n"
    )
    command = [sys.executable, "-m", "catgem_tui", "central", "serve", "--settings", str(tmp_path / "catgem.toml")]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as central:
        said: list[str] = []
        for line in central.stderr or ():
            said.append(line)
            if "serves" in line:
                central.send_signal(signal.SIGINT)
        assert central.wait(30) == 0
    assert "Traceback" not in "".join(said)
    assert any("stopping" in line for line in said)


def test_what_is_written_is_for_its_user_alone(environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    settings = tmp_path / "catgem.toml"
    settings.write_text(f'[central]\ndata = "{folder}"\n', encoding="utf-8")
    run = catgem(
        {**environment, "CATGEM_CONFIG": str(settings)}, "central", "init", before="import os; os.umask(0o022)"
    )
    assert run.returncode == 0, run.stderr
    modes = {path.name: path.stat().st_mode & 0o077 for path in folder.iterdir()}
    assert "central.sqlite" in modes
    assert set(modes.values()) == {0}


def test_a_theme_and_a_keymap_for_one_start(environment: dict[str, str], tmp_path: Path) -> None:
    settings = tmp_path / "catgem.toml"
    settings.write_text('[workstation]\ntheme = "light"\nuser = "ana"\n', encoding="utf-8")
    stands_in = (
        "from catgem_tui import workstation\n"
        "from catgem_tui.commands import workstation as command\n"
        "command.require_terminal = lambda: None\n"
        "def show(settings, *, central, user):\n"
        "    print(settings.workstation.theme, settings.workstation.keymap, user, central)\n"
        "    return 0\n"
        "workstation.run = show"
    )
    run = catgem(environment, "--settings", str(settings), "--theme", "mono", "--keymap", "mine", before=stands_in)
    assert (run.returncode, run.stdout.split()) == (0, ["mono", "mine", "ana", "http://127.0.0.1:8070"])
    run = catgem(environment, "--settings", str(settings), before=stands_in)
    assert run.stdout.split()[:2] == ["light", "default"]
