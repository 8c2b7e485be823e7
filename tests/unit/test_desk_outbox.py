"""What must outlive the process: really killed, really damaged, really unreadable."""

import asyncio
import contextlib
import errno
import os
import signal
import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from catgem_tui.desk.courier import Courier
from catgem_tui.desk.effects import DropText, KeepText
from catgem_tui.desk.happenings import OutboxFailed
from catgem_tui.desk.outbox import Kept, Outbox, OutboxError
from catgem_tui.protocol.commands import CheckStep, Park, Resume, SaveNotes, SendChat, Transfer
from catgem_tui.protocol.model import Struct

WRITER = """
import asyncio, sys
from pathlib import Path
from catgem_tui.desk.courier import Courier
from catgem_tui.desk.effects import KeepText
from catgem_tui.protocol.commands import SendChat

async def main():
    sent = []
    courier = Courier(Path(sys.argv[1]), lambda i, body: sent.append(i) or print(i, flush=True) or False, print)
    await courier.open(sys.argv[2].encode() or None)
    await courier.adopt("ana")
    for number in range(100000):
        courier.transmit(f"id{number}", SendChat(contact="c", text=f"línea {number}"))
        courier.keep_text(KeepText("c", "notes", "x" * number))
        await asyncio.sleep(0.002)

asyncio.run(main())
"""


def of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("refused")
    error.sqlite_errorcode = code
    return error


async def load(path: Path, user: str = "ana", key: bytes | None = None) -> Kept:
    outbox = Outbox(path, key)
    assert await outbox.open()
    try:
        return await outbox.load(user)
    finally:
        await outbox.close()


@pytest.mark.parametrize("key", [b"", Fernet.generate_key()], ids=["plain", "sealed"])
async def test_killed_at_any_moment_everything_that_was_sent_is_there(tmp_path: Path, key: bytes) -> None:
    path = tmp_path / "outbox.sqlite"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), key.decode(), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    sent = []
    async with asyncio.timeout(60):
        while len(sent) < 250:
            sent.append((await child.stdout.readline()).decode().strip())
        child.send_signal(signal.SIGKILL)
        sent += (await child.stdout.read()).decode().split()
        await child.wait()
    kept = await load(path, key=key or None)
    ids = [command_id for command_id, _ in kept.commands]
    assert ids[: len(sent)] == sent, "what went out was on disk before, in order"
    assert len(ids) - len(sent) <= 2
    assert kept.commands[7] == ("id7", SendChat(contact="c", text="línea 7"))
    (text,) = kept.texts
    assert len(text.text) > 50
    assert kept.unreadable == 0
    assert ("línea 7".encode() in path.read_bytes()) is (not key)


async def test_order_users_and_answers(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "outbox.sqlite"
    outbox = Outbox(path)
    assert await outbox.open()
    bodies: list[tuple[str, Struct]] = [
        ("z", SendChat(contact="c", text="uno")),
        ("a", CheckStep(contact="c", step="s")),
        ("m", SaveNotes(contact="c", text="dos", revision=1)),
    ]
    for command_id, body in bodies:
        await outbox.put("ana", command_id, body)
        await outbox.put("ana", command_id, body)
    await outbox.put("beto", "b", SendChat(contact="c", text="tres"))
    await outbox.keep_text("ana", KeepText("c", "notes", "dos y", "uno", 4))
    await outbox.keep_text("ana", KeepText("c", "notes", "dos y medio", "uno", 4))
    await outbox.keep_text("ana", KeepText("c", "draft", "borrador"))
    await outbox.drop_text("ana", "c", "draft")
    await outbox.remove("a")
    await outbox.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = await load(path)
    assert list(kept.commands) == [bodies[0], bodies[2]]
    assert kept.texts == (KeepText("c", "notes", "dos y medio", "uno", 4),)
    assert [i for i, _ in (await load(path, "beto")).commands] == ["b"]


async def test_another_key_reads_nothing_and_destroys_nothing(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    first, second = Fernet.generate_key(), Fernet.generate_key()
    outbox = Outbox(path, first)
    await outbox.open()
    await outbox.put("ana", "1", SendChat(contact="c", text="uno"))
    await outbox.close()
    for key in (second, None):
        kept = await load(path, key=key)
        assert (kept.commands, kept.unreadable) == ((), 1)
    assert len((await load(path, key=first)).commands) == 1


async def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"not a database" * 300)
    heard: list[object] = []
    courier = Courier(path, lambda i, body: True, heard.append)
    await courier.open(None)
    assert heard == [OutboxFailed("outbox_unreadable")]
    await courier.adopt("ana")
    courier.transmit("1", SendChat(contact="c", text="uno"))
    await courier.close()
    assert len((await load(path)).commands) == 1
    assert len([name for name in os.listdir(tmp_path) if "damaged" in name]) == 1  # noqa: PTH208


async def test_a_disk_that_refuses_is_said_once_and_the_message_goes_out_anyway(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    heard: list[object] = []
    sent: list[str] = []
    courier = Courier(tmp_path / "file" / "outbox.sqlite", lambda i, body: bool(sent.append(i)) or True, heard.append)
    await courier.open(None)
    await courier.adopt("ana")
    for command_id in ("1", "2"):
        courier.transmit(command_id, SendChat(contact="c", text="uno"))
    await courier.close()
    assert sent == ["1", "2"]
    assert heard == [OutboxFailed("outbox_unwritable")]
    outbox = Outbox(tmp_path / "file" / "outbox.sqlite")
    with pytest.raises(OutboxError):
        await outbox.open()
    await outbox.close()


async def test_what_a_locked_file_did_not_take_is_written_by_itself_once_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    heard: asyncio.Queue[object] = asyncio.Queue()
    courier = Courier(path, lambda i, body: True, heard.put_nowait)
    await courier.open(None)
    await courier.adopt("ana")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        courier.keep_text(KeepText("c", "notes", "uno"))
        async with asyncio.timeout(30):
            assert await heard.get() == OutboxFailed("outbox_busy")
        courier.transmit("1", SendChat(contact="c", text="hola"))
        courier.keep_text(KeepText("c", "notes", "uno y dos"))
        other.execute("ROLLBACK")
    async with asyncio.timeout(30):
        assert await heard.get() == OutboxFailed("")
        kept = await courier.adopt("ana")
    assert kept.texts == (KeepText("c", "notes", "uno y dos"),)
    assert [i for i, _ in kept.commands] == ["1"]
    await courier.close()


async def test_a_file_that_is_locked_at_the_start_is_used_once_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    heard: asyncio.Queue[object] = asyncio.Queue()
    courier = Courier(path, lambda i, body: True, heard.put_nowait)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await courier.open(None)
        assert heard.get_nowait() == OutboxFailed("outbox_busy")
        other.execute("ROLLBACK")
    async with asyncio.timeout(30):
        assert await heard.get() == OutboxFailed("")
        await courier.adopt("ana")
        courier.transmit("1", SendChat(contact="c", text="hola"))
        assert [i for i, _ in (await courier.adopt("ana")).commands] == ["1"]
    await courier.close()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "no space"), "disk_full"),
        (OSError(errno.EROFS, "read only"), "outbox_unwritable"),
        (of_sqlite(sqlite3.SQLITE_FULL), "disk_full"),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), "outbox_busy"),
        (of_sqlite(sqlite3.SQLITE_READONLY), "outbox_unwritable"),
    ],
)
async def test_why_nothing_can_be_written_is_told_as_it_is(
    error: Exception, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(outbox: Outbox) -> None:
        raise error

    monkeypatch.setattr(Outbox, "_open", refuse)
    outbox = Outbox(tmp_path / "outbox.sqlite")
    with pytest.raises(OutboxError) as refused:
        await outbox.remove("1")
    assert refused.value.code == code
    await outbox.close()


async def test_only_what_is_durable_is_kept_and_repeated_until_it_is_forgotten(tmp_path: Path) -> None:
    sent: list[str] = []
    courier = Courier(tmp_path / "outbox.sqlite", lambda i, body: bool(sent.append(i)) or True, lambda happening: None)
    await courier.open(None)
    await courier.adopt("ana")
    courier.transmit("1", SendChat(contact="c", text="uno"))
    courier.transmit("2", Park(contact="c"))
    courier.transmit("3", SendChat(contact="c", text="dos"))
    await courier.adopt("ana")  # waits for the disk
    sent.clear()
    courier.repeat_all()
    assert sent == ["1", "3"]
    courier.forget("1")
    courier.repeat("1")
    courier.repeat("3")
    assert sent == ["1", "3", "3"]
    await courier.close()
    assert [i for i, _ in (await load(tmp_path / "outbox.sqlite")).commands] == ["3"]


async def test_what_is_about_this_moment_overtakes_no_writing_of_the_same_contact(tmp_path: Path) -> None:
    sent: list[str] = []
    courier = Courier(tmp_path / "outbox.sqlite", lambda i, body: bool(sent.append(i)) or True, lambda happening: None)
    await courier.open(None)
    await courier.adopt("ana")
    courier.transmit("notes", SaveNotes(contact="c", text="uno", revision=1))
    courier.transmit("transfer", Transfer(contact="c", queue="general"))
    courier.transmit("park", Park(contact="other"))
    assert sent == ["park"], "another contact's does not wait for the disk"
    await courier.adopt("ana")
    assert sent == ["park", "notes", "transfer"]
    courier.transmit("resume", Resume(contact="c"))
    assert sent[-1] == "resume"
    await courier.close()


async def test_an_entry_that_cannot_be_written_stops_none_after_it(tmp_path: Path) -> None:
    sent: list[str] = []
    courier = Courier(tmp_path / "outbox.sqlite", lambda i, body: bool(sent.append(i)) or True, lambda happening: None)
    await courier.open(None)
    await courier.adopt("ana")
    courier.transmit("1", SendChat(contact="c", text="half a character: \ud83d"))
    courier.transmit("2", SendChat(contact="c", text="dos"))
    async with asyncio.timeout(10):
        kept = await courier.adopt("ana")
    assert [i for i, _ in kept.commands] == ["2"]
    assert sent == ["2"]
    await courier.close()


async def test_the_last_word_of_a_text_is_on_disk_after_closing(tmp_path: Path) -> None:
    courier = Courier(tmp_path / "outbox.sqlite", lambda i, body: True, lambda happening: None)
    await courier.open(None)
    await courier.adopt("ana")
    for length in range(100):
        courier.keep_text(KeepText("c", "notes", "x" * length))
    courier.keep_text(KeepText("c", "draft", "y"))
    courier.keep_text(DropText("c", "draft"))
    await courier.close()
    assert (await load(tmp_path / "outbox.sqlite")).texts == (KeepText("c", "notes", "x" * 99),)


async def test_a_second_workstation_on_the_folder_says_so_and_both_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    heard: list[list[object]] = [[], []]
    first, second = (Courier(path, lambda i, body: True, each.append) for each in heard)
    for courier, user in ((first, "ana"), (second, "luis")):
        await courier.open(None)
        await courier.adopt(user)
    assert heard == [[], [OutboxFailed("outbox_shared")]]
    for number in range(20):
        first.transmit(f"a{number}", SendChat(contact="c", text="de Ana"))
        second.transmit(f"l{number}", SendChat(contact="d", text="de Luis"))
        second.keep_text(KeepText("d", "notes", str(number)))
    await first.close()
    third = Courier(path, lambda i, body: True, heard[0].append)
    await third.open(None)
    assert heard[0] == [], "the file is free again"
    await third.close()
    await second.close()
    assert [command for command, _ in (await load(path)).commands] == [f"a{number}" for number in range(20)]
    theirs = await load(path, "luis")
    assert [command for command, _ in theirs.commands] == [f"l{number}" for number in range(20)]
    assert [text.text for text in theirs.texts] == ["19"]


def put_aside(folder: Path) -> list[Path]:
    return list(folder.glob("*.damaged-*"))


async def test_a_damaged_file_is_not_taken_from_under_another_workstation(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    first, second = Outbox(path), Outbox(path)
    await first.open()
    path.with_name("outbox.sqlite-wal").unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(OutboxError) as caught:
        await second.open()
    assert caught.value.code == "outbox_unreadable"
    assert put_aside(tmp_path) == []
    await second.close()
    await first.close()
