"""Restricted fields on a workstation's disk: sealed with a key of a real keyring, for those who may see them only."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from keyring.backends import SecretService

from catgem_tui.central.app import Central
from catgem_tui.desk.account import Account
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import Login, Logout, Search
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.source import CentralSource
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.directory.sealing import Sealer, stream_cipher
from catgem_tui.link.address import Address, parse_address
from catgem_tui.link.editing import EditingApi
from catgem_tui.protocol.enums import RecordKind, Role
from catgem_tui.protocol.model import Record
from tests.central_house import PASSWORD, PATIENCE, eventually, hire, running_central
from tests.sync_command import synced

COUNT = 1_200
SECRET = "reservado 5512345678"

Choose = Callable[[], Any]


def office(number: int, secret: str = SECRET) -> Record:
    title, text = f"Oficialía {number:04d}", Random(number).randbytes(200).hex()  # noqa: S311 - long when compressed
    return Record(
        id=f"r{number}", kind=RecordKind.OFFICE, title=title, text=text, revision=0, restricted={"mobile": secret}
    )


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Central]:
    async with running_central(tmp_path / "central") as central:
        await hire(central, "ana")
        await hire(central, "ines", Role.INFORMATION_MANAGER)
        await central.directory.import_records([office(number) for number in range(COUNT)], "test", "")
        yield central


@pytest.fixture
async def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Choose]:
    """A GNOME keyring, unlocked, on a session bus of its own."""
    home = tmp_path / "keyring"
    home.mkdir(mode=0o700)
    environment = {**os.environ, "XDG_DATA_HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    bus = await asyncio.create_subprocess_exec(
        "dbus-daemon", "--session", "--nofork", "--print-address", env=environment, stdout=pipe, stderr=null
    )
    assert bus.stdout is not None
    environment["DBUS_SESSION_BUS_ADDRESS"] = (await bus.stdout.readline()).decode().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", environment["DBUS_SESSION_BUS_ADDRESS"])
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.SecretService.Keyring")  # for children
    daemon = await asyncio.create_subprocess_exec(
        "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets",
        env=environment, stdin=pipe, stdout=pipe, stderr=null,
    )  # fmt: skip
    assert daemon.stdin is not None
    assert daemon.stdout is not None
    daemon.stdin.write(b"la clave de la sesion")
    daemon.stdin.write_eof()
    await daemon.stdout.readline()  # it says where it listens
    yield SecretService.Keyring
    for process in (daemon, bus):
        process.terminate()
        await process.wait()


def desk_in(tmp_path: Path, house: Central, choose: Choose) -> Desk:
    return Desk(house.url, tmp_path / "desk", None, credentials=Credentials(house.url, choose))


async def sit_down(desk: Desk, user: str) -> None:
    """Logged in and current."""
    desk.do(Login(user, PASSWORD))
    await desk.wait_for(lambda s: s.user is not None and s.user.username == user and s.line is Line.ONLINE, PATIENCE)
    await desk.wait_for(lambda s: s.directory.records == COUNT and not s.directory.syncing, PATIENCE)


async def get_up(desk: Desk) -> None:
    desk.do(Logout())
    await desk.wait_for(lambda s: s.user is None, PATIENCE)


def shown(state: DeskState) -> list[dict[str, str]]:
    return [hit.restricted for hit in state.directory.hits[:1]]


async def looks(desk: Desk, query: str, *restricted: dict[str, str]) -> None:
    """What is shown beside the public fields of the first one found."""
    desk.do(Search(query))
    await desk.wait_for(lambda s: s.directory.query == query and shown(s) == list(restricted), PATIENCE)


def sealed(tmp_path: Path) -> int:
    with closing(sqlite3.connect(tmp_path / "desk" / "directory.sqlite")) as connection:
        return int(connection.execute("SELECT count(*) FROM records WHERE sealed IS NOT NULL").fetchone()[0])


def in_plain(tmp_path: Path, *secrets: str) -> list[str]:
    """Files of the workstation with a restricted text in them, the database's journals and the index included."""
    files = [file for file in (tmp_path / "desk").rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"directory.sqlite", "directory.sqlite-wal", "words.txt"}
    wanted = [each.encode() for secret in secrets for each in (secret, *secret.split())]
    found = []
    for file in files:
        with suppress(FileNotFoundError):  # an index that is replaced just now
            content = file.read_bytes()
            found += [file.name] * any(each in content for each in wanted)
    return found


@pytest.mark.require_program("dbus-daemon", "gnome-keyring-daemon")
async def test_what_is_restricted_is_sealed_shown_to_who_may_see_it_and_dropped_for_who_may_not(
    house: Central, keyring: Choose, tmp_path: Path
) -> None:
    desk = desk_in(tmp_path, house, keyring)
    await desk.start()
    await sit_down(desk, "ines")
    await looks(desk, "oficialia 0777", {"mobile": SECRET})
    assert sealed(tmp_path) == COUNT
    await house.directory.import_records([office(5, "otro 7229998877")], "test", "")
    await looks(desk, "oficialia 0005", {"mobile": "otro 7229998877"})
    assert in_plain(tmp_path, SECRET, "otro 7229998877") == []
    await looks(desk, "5512345678")
    await desk.close()

    again = desk_in(tmp_path, house, keyring)
    await again.start()
    await again.wait_for(lambda s: s.user is not None and not s.directory.syncing, PATIENCE)
    await looks(again, "oficialia 0777", {"mobile": SECRET})
    await get_up(again)
    await looks(again, "oficialia 0777", {})
    assert sealed(tmp_path) == COUNT, "nobody else is there yet"

    await sit_down(again, "ana")
    await looks(again, "oficialia 0777", {})
    await eventually(lambda: sealed(tmp_path) == 0)
    await get_up(again)
    await sit_down(again, "ines")
    await looks(again, "oficialia 0777", {"mobile": SECRET})
    assert sealed(tmp_path) == COUNT
    assert in_plain(tmp_path, SECRET, "otro 7229998877") == []
    await again.close()


async def test_without_a_keyring_it_is_not_on_disk_at_all(house: Central, tmp_path: Path) -> None:
    desk = desk_in(tmp_path, house, lambda: None)
    await desk.start()
    await sit_down(desk, "ines")
    await looks(desk, "oficialia 0777", {})
    assert sealed(tmp_path) == 0
    assert in_plain(tmp_path, SECRET) == []
    await desk.close()


@pytest.mark.require_program("dbus-daemon", "gnome-keyring-daemon")
async def test_the_command_seals_with_the_same_key(house: Central, keyring: Choose, tmp_path: Path) -> None:
    await synced(tmp_path, house.url, user="ines")
    assert sealed(tmp_path) == COUNT
    desk = desk_in(tmp_path, house, keyring)
    await desk.start()
    await sit_down(desk, "ines")
    await looks(desk, "oficialia 0777", {"mobile": SECRET})
    await desk.close()
    assert (await synced(tmp_path, house.url, user="ana"))["ok"]
    assert sealed(tmp_path) == 0


async def test_a_download_of_restricted_fields_is_sealed_from_its_first_byte_and_goes_on_at_any(
    house: Central, tmp_path: Path
) -> None:
    address = parse_address(house.url)
    assert isinstance(address, Address)
    api = EditingApi(address)
    account = Account(api, Credentials(house.url, lambda: None))
    await account.log_in("ines", PASSWORD)

    async def ask(question: Any) -> Any:
        return await account.ask(lambda token: question(api, token))

    sealer = Sealer(b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
    source = CentralSource(ask)

    def cut(here: int, _total: int) -> None:
        raise OSError("cut")

    with pytest.raises(OSError, match="cut"):
        await source.copy(tmp_path, cut, sealer)
    (part,) = await asyncio.to_thread(lambda: list(tmp_path.glob("*.part")))
    begun = part.read_bytes()
    file = await source.copy(tmp_path, lambda here, total: None, sealer)
    assert file == part
    content = part.read_bytes()
    assert 0 < len(begun) < len(content)
    assert content.startswith(begun)
    plain = stream_cipher(sealer.key, part.name, 0).update(content)
    assert (content[:2] != b"\x1f\x8b", plain[:2]) == (True, b"\x1f\x8b")
    await account.log_out()
    await api.close()
