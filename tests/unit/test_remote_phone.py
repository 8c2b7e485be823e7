"""``catgem phone`` on the command line: what it takes on the workstation's machine, what it refuses in a sentence."""

import io
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from catgem_tui import telephone
from catgem_tui.cli import main
from catgem_tui.config import i18n
from catgem_tui.config.settings import Phone, Settings, Workstation
from catgem_tui.phone.door import find_doors
from catgem_tui.phone.engine.forwarded import is_forwarded

SECRET = "ab" * 32


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with TemporaryDirectory(prefix="catgem-") as folder:  # a socket's name may not be as long as a test's
        yield from _house(Path(folder), monkeypatch)


def _house(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("CATGEM_LANGUAGE", "en")
    monkeypatch.delenv(telephone.SOCKET_VARIABLE, raising=False)
    i18n.use("en")
    yield folder


def say(monkeypatch: pytest.MonkeyPatch, words: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(words))
    return main(["phone", "--receive"])


def test_a_secret_gets_a_socket_of_a_new_name_each_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = set()
    for _ in range(5):
        assert say(monkeypatch, f"{SECRET}\n") == 0
        names.add(capsys.readouterr().out.strip())
    assert len(names) == 5
    doors = find_doors(telephone.doors_folder())
    assert {door.secret.hex() for door in doors} == {SECRET}
    assert len(doors) <= 3, "doors of former sessions are cleared away"


@pytest.mark.parametrize("words", ["", "no secret\n", "abcd\n"])
def test_what_is_no_secret_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert say(monkeypatch, words) == 1
    assert "That is no secret" in capsys.readouterr().err


def test_a_folder_that_others_can_reach_into_is_not_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    telephone.doors_folder().mkdir(mode=0o777)
    telephone.doors_folder().chmod(0o777)
    assert say(monkeypatch, f"{SECRET}\n") == 1
    assert "cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--ssh", "ana@host", "--no-ssh"]])
def test_it_has_to_be_said_where_to(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["phone", *words]) == 1
    assert "Say where the workstation runs" in capsys.readouterr().err


def test_where_the_workstation_finds_the_telephone(monkeypatch: pytest.MonkeyPatch, house: Path) -> None:
    def settings(socket: str) -> Settings:
        return Settings(workstation=Workstation(phone=Phone(socket=socket)))

    assert telephone.find_place(Settings()) is None
    assert telephone.find_place(settings("auto")) == house / "catgem-phone"
    assert telephone.find_place(settings("~/doors")) == house / "doors"
    monkeypatch.setenv(telephone.SOCKET_VARIABLE, "/run/a.sock")
    assert telephone.find_place(settings("auto")) == Path("/run/a.sock")


@pytest.mark.parametrize(
    ("environment", "forwarded"),
    [
        ({"SSH_CONNECTION": "a", "PULSE_SERVER": "unix:/tmp/x"}, True),
        ({"SSH_CONNECTION": "a", "PULSE_SERVER": "{machine}unix:/tmp/x"}, True),
        ({"SSH_CONNECTION": "a", "PULSE_SERVER": "/run/x"}, True),
        ({"SSH_CONNECTION": "a", "PULSE_SERVER": "tcp:laptop:4713"}, False),
        ({"SSH_CONNECTION": "a", "PULSE_SERVER": "unix:/tmp/x", "PULSE_CLIENTCONFIG": "/own"}, False),
        ({"SSH_CONNECTION": "a"}, False),
        ({"PULSE_SERVER": "unix:/tmp/x"}, False),
    ],
)
def test_which_sound_server_is_taken_for_a_forwarded_one(environment: dict[str, str], forwarded: bool) -> None:
    assert is_forwarded(environment) is forwarded
