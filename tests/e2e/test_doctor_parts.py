"""``catgem doctor`` against a real central, a real exchange, a real keyring, and disks that take nothing."""

import asyncio
import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from msgspec.structs import replace

from catgem_tui.commands import doctor as command_line
from catgem_tui.config.settings import Phone, Settings, Workstation
from catgem_tui.doctor import central, clock, disk, packages, phone, rounds
from catgem_tui.doctor.finding import Found, Subject
from catgem_tui.protocol.frames import VERSION
from tests.central_house import running_central
from tests.e2e.test_directory_sealed import Choose, keyring
from tests.ports import free_port
from tests.registrar import Registrar, make_certificate
from tests.unreliable_proxy import unreliable_proxy

__all__ = ["keyring"]


def subject(url: str = "http://127.0.0.1:9", **own: Any) -> Subject:
    return Subject(settings=Settings(workstation=Workstation(**own)), environment={}, central=url)


def levels(found: Found) -> dict[str, str]:
    return {finding.name: finding.level.value for finding in found.findings}


def not_well(found: Found) -> dict[str, str]:
    assert all(finding.remedy for finding in found.findings if finding.level.value != "ok")
    return {name: level for name, level in levels(found).items() if level != "ok"}


# --- central and the clock ---


async def test_a_central_that_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Mexico_City")
    time.tzset()
    async with running_central(tmp_path) as house:
        seen = await central.examine(subject(house.url))
        hours = await clock.examine(subject(house.url))
    monkeypatch.undo()
    time.tzset()
    assert (not_well(seen), not_well(hours)) == ({}, {})
    assert levels(seen)["central.live"] == "ok"
    assert (seen.measured["protocol"], hours.measured["offset"]) == (VERSION, "-0600")
    assert 0 < seen.measured["round_trip_ms"] < 150
    assert abs(hours.measured["skew"]) <= 2


async def test_a_proxy_that_lets_no_websocket_through(tmp_path: Path) -> None:
    async with running_central(tmp_path) as house, unreliable_proxy(house.url, websockets=False) as url:
        assert not_well(await central.examine(subject(url))) == {"central.live": "fault"}
    async with running_central(tmp_path) as house, unreliable_proxy(house.url) as url:
        assert not_well(await central.examine(subject(url))) == {}


async def test_a_line_that_takes_its_time(tmp_path: Path) -> None:
    async with running_central(tmp_path) as house, unreliable_proxy(house.url, seconds=0.2) as url:
        found = await central.examine(subject(url))
    assert not_well(found) == {"central.trip": "warning"}
    assert found.measured["round_trip_ms"] > 200


@pytest.mark.parametrize(
    ("ahead", "level"), [(timedelta(seconds=20), "warning"), (timedelta(minutes=-10), "fault")], ids=str
)
async def test_a_clock_that_differs(tmp_path: Path, ahead: timedelta, level: str) -> None:
    async with running_central(tmp_path) as house, unreliable_proxy(house.url, clock=ahead) as url:
        found = await clock.examine(subject(url))
    assert levels(found)["clock.differs"] == level
    assert found.measured["skew"] == pytest.approx(-ahead.total_seconds(), abs=2)


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make_certificate("127.0.0.1", certificate, key)
    async with running_central(tmp_path / "data", certificate=str(certificate), key=str(key)) as house:
        assert house.url.startswith("https")
        found = await central.examine(subject(house.url))
        assert not_well(found) == {"central.certificate": "fault"}
        assert "se firmó a sí mismo" in found.findings[0].sentence
        in_clear = await central.examine(subject(house.url.replace("https", "http")))
        assert set(not_well(in_clear).values()) == {"fault"}


@pytest.mark.parametrize(
    ("url", "finding"),
    [
        ("http://127.0.0.1:9", "central.unreachable"),
        ("http://central.example", "central.insecure"),
        ("ftp://central.example", "central.address"),
    ],
)
async def test_a_central_that_is_not_there(url: str, finding: str) -> None:
    assert not_well(await central.examine(subject(url))) == {finding: "fault"}


async def test_somebody_else_at_that_address(tmp_path: Path) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as stranger:
        url = f"http://127.0.0.1:{stranger.sockets[0].getsockname()[1]}"
        assert not_well(await central.examine(subject(url))) == {"central.stranger": "fault"}


# --- the telephone ---


@pytest.mark.require_module("pjsua2")
async def test_the_telephone_starts_and_says_where_it_is(tmp_path: Path) -> None:
    found = await phone.examine(subject(data=str(tmp_path)))
    assert not_well(found) == {}
    assert found.measured["uri"].startswith("sip:catgem@127.0.0.1:")
    assert "G722/16000/1" in found.measured["library"]["codecs"]
    elsewhere = await phone.examine(subject("https://central.example"))
    assert not_well(elsewhere) == {"phone.address": "fault"}, "central could not call this machine"


@pytest.mark.require_module("pjsua2")
async def test_a_telephone_whose_port_is_taken_and_whose_codecs_are_not_spoken() -> None:
    loop = asyncio.get_running_loop()
    taken, _protocol = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
    port = taken.get_extra_info("sockname")[1]
    found = await phone.examine(subject(phone=Phone(port=port, codecs=("opus", "PCMA"))))
    taken.close()
    assert not_well(found) == {"phone.codecs": "warning", "phone.port": "fault"}


async def test_a_telephone_without_its_library() -> None:
    found = await phone.examine(subject(phone=Phone(python="/nowhere/python")))
    assert not_well(found) == {"phone.library": "fault"}


async def test_a_telephone_on_another_computer(tmp_path: Path) -> None:
    away = replace(subject(), telephone_elsewhere=tmp_path / "doors")
    assert not_well(await phone.examine(away)) == {"phone.elsewhere": "fault"}


@pytest.mark.require_module("pjsua2")
@pytest.mark.require_program("kamailio")
async def test_an_exchange_that_answers_and_one_that_does_not(tmp_path: Path) -> None:
    exchange = Registrar(tmp_path / "exchange", "127.0.0.1", free_port(), free_port(), "SHA-256")
    await exchange.start()
    try:
        for transport, port in (("udp", exchange.port), ("tcp", exchange.port), ("tls", exchange.tls_port)):
            own = Phone(
                registrar=f"127.0.0.1:{port}", address="sip:ana@centre.example", transport=transport,  # type: ignore[arg-type]
                authorities=str(exchange.authorities),
            )  # fmt: skip
            assert not_well(await phone.examine(subject(phone=own))) == {"phone.password": "warning"}
        stranger = replace(own, authorities="")
        assert not_well(await phone.examine(subject(phone=stranger)))["phone.registrar"] == "fault"
    finally:
        await exchange.stop()
    gone = replace(own, registrar=f"127.0.0.1:{exchange.port}", transport="udp")
    assert not_well(await phone.examine(subject(phone=gone)))["phone.registrar"] == "fault"


# --- the keyring ---


async def keyring_of(folder: Path, **environment: str) -> dict[str, Any]:
    """What the command says of it, in a process of its own: a process has one keyring for ever."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "catgem_tui", "doctor", "keyring", "--json",
        env={**os.environ, "XDG_STATE_HOME": str(folder), **environment}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _errors = await asyncio.wait_for(process.communicate(), 30)
    part: dict[str, Any] = json.loads(output)["parts"]["keyring"]
    return part


@pytest.mark.require_program("dbus-daemon", "gnome-keyring-daemon")
async def test_a_keyring_of_gnome(keyring: Choose, tmp_path: Path) -> None:
    part = await keyring_of(tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.SecretService.Keyring")
    assert [finding["name"] for finding in part["findings"]] == ["keyring.well"]
    assert "SecretService" in part["measured"]["backend"]
    assert keyring().get_password("catgem", "doctor") is None, "what was tried is taken away again"


BACKEND = """
import time
from keyring.backend import KeyringBackend
class Keyring(KeyringBackend):
    priority = 1
    def get_password(self, service, username): time.sleep(60)
    def set_password(self, service, username, password): time.sleep(60)
"""


async def test_keyrings_that_hang_or_keep_no_secret(tmp_path: Path) -> None:
    (tmp_path / "hanging.py").write_text(BACKEND)
    plain = tmp_path / "keyrings" / "alt"
    plain.mkdir(parents=True)
    (plain / "file.py").write_text(BACKEND)
    path = os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ".")))
    hanging, in_plain, none = await asyncio.gather(
        keyring_of(tmp_path, PYTHON_KEYRING_BACKEND="hanging.Keyring", PYTHONPATH=path),
        keyring_of(tmp_path, PYTHON_KEYRING_BACKEND="keyrings.alt.file.Keyring", PYTHONPATH=path),
        keyring_of(tmp_path, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring", SSH_CONNECTION="a b c d"),
    )
    names = [[finding["name"] for finding in part["findings"]] for part in (hanging, in_plain, none)]
    assert names == [["keyring.silent"], ["keyring.plain"], ["keyring.absent"]]
    assert hanging["seconds"] < 5


# --- disk and packages ---


async def test_a_disk_that_is_well_and_one_with_things_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    found = await disk.examine(subject(data=str(data)))
    assert not_well(found) == {}
    assert found.measured["free_bytes"] > 0
    with closing(sqlite3.connect(data / "outbox.sqlite")) as outbox:
        outbox.execute("CREATE TABLE commands (id)")
        outbox.execute("INSERT INTO commands VALUES (1)")
        outbox.commit()
    (data / "directory.sqlite").write_bytes(b"SQLite format 3\0" + os.urandom(4096))
    (data / "outbox.sqlite").chmod(0o644)
    found = await disk.examine(subject(data=str(data)))
    assert not_well(found) == {"disk.private": "warning", "disk.copy": "warning", "disk.outbox": "warning"}
    assert found.measured["unsent"] == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no file system at hand that takes nothing")
async def test_a_disk_that_is_full_and_takes_nothing() -> None:
    """/proc is one, even for root."""
    found = await disk.examine(subject(data="/proc/catgem"))
    assert levels(found)["disk.data"] == levels(found)["disk.room"] == "fault"


async def test_the_packages_are_all_here() -> None:
    found = await packages.examine(subject())
    assert levels(found)["packages.python"] == "ok"
    assert "textual" in found.measured["packages"]["catgem"]


# --- the command ---


async def test_one_object_in_order_with_the_worst_as_its_status(tmp_path: Path) -> None:
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("STATE", "CONFIG", "DATA")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "catgem_tui", "doctor", "disk", "central", "--json", "--central", "http://127.0.0.1:9",
        env={**os.environ, **folders}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 30)
    told = json.loads(output)
    assert (list(told["parts"]), errors) == (["central", "disk"], b"")
    assert told["status"] == process.returncode == 2
    assert told["parts"]["central"]["level"] == "fault"
    assert {"name", "level", "sentence", "remedy"} == set(told["parts"]["central"]["findings"][0])


def test_the_command_line_knows_every_part() -> None:
    assert tuple(rounds.PARTS) == command_line.PARTS
