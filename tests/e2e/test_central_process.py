"""Central as a process of its own: killed, started twice, without its port, without its disk."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from catgem_tui.central import commands as central_commands
from catgem_tui.config import i18n
from catgem_tui.config.settings import Central as CentralSettings
from catgem_tui.config.settings import Chat, Mail, Settings, Voice
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import ContactState, Presence, Role
from catgem_tui.protocol.events import ContactChanged, FloorSnapshot
from catgem_tui.protocol.identifier import new_id
from tests.central_house import PASSWORD, PATIENCE, Desk, log_in

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from pathlib import Path
from catgem_tui.central.commands import CommandFailed, serve
from catgem_tui.config.settings import load
try:
    serve(load(Path(sys.argv[1])))
except CommandFailed as failed:
    sys.exit(str(failed))
"""


def settings_at(folder: Path, port: int, *, chat: bool = True) -> Settings:
    return Settings(
        central=CentralSettings(
            data=str(folder), port=port, voice=Voice(lines=0), mail=Mail(enabled=False), chat=Chat(enabled=chat)
        )
    )


class Child:
    """A central in a process of its own, by its settings file."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.settings = folder / f"catgem-{port}.toml"
        self.settings.write_text(
            f"[central]\nport = {port}\ndata = {json.dumps(str(folder / 'data'))}\nheartbeat = 1.0\n"
            "[central.voice]\nlines = 0\n[central.mail]\nenabled = false\n"
            "[central.chat]\nmessages_per_minute = 60000\n",
            encoding="utf-8",
        )
        self.process: subprocess.Popen[str]

    def begin(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self.settings)],
            cwd=ROOT,
            env={**os.environ, "CATGEM_LANGUAGE": "en"},
            stderr=subprocess.PIPE,
            text=True,
        )

    async def start(self) -> None:
        self.begin()
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as client:
            while True:
                assert self.process.poll() is None, self.process.communicate()[1]
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/api/v1/health")).status_code == 200:
                        return
                await asyncio.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@asynccontextmanager
async def child_of(folder: Path, port: int) -> AsyncIterator[Child]:
    child = Child(folder, port)
    await child.start()
    try:
        yield child
    finally:
        if child.process.poll() is None:
            child.kill()


def hire(folder: Path, username: str, role: Role = Role.ADVISOR) -> None:
    central_commands.add_user(
        settings_at(folder / "data", 0), username=username, name=username.title(), role=role, password=PASSWORD
    )


class Citizen:
    """The citizen's page: says each line again until it is acknowledged, on one connection after another."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("http", "ws", 1) + "/chat/socket"
        self.token = ""
        self.acknowledged: set[str] = set()
        self.lines: dict[str, str] = {}

    async def talk(self, enough: asyncio.Event) -> None:
        while not enough.is_set() or set(self.lines) - self.acknowledged:
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                async with websockets.connect(self.url, proxy=None, open_timeout=2, close_timeout=1) as socket:
                    await self._speak(socket, enough)
            await asyncio.sleep(0.05)

    async def _speak(self, socket: websockets.ClientConnection, enough: asyncio.Event) -> None:
        await socket.send(json.dumps({"t": "start", "token": self.token, "consent": True, "name": "Luz"}))
        while True:
            pending = [line for line in self.lines if line not in self.acknowledged]
            if not pending and enough.is_set():
                return
            if not pending:
                line = f"c{len(self.lines)}"
                self.lines[line] = f"ciudadana {len(self.lines)}"
                pending = [line]
            if self.token:
                await socket.send(json.dumps({"t": "say", "id": pending[0], "text": self.lines[pending[0]]}))
            async with asyncio.timeout(5):
                while True:
                    frame: dict[str, Any] = json.loads(await socket.recv())
                    if frame["t"] == "welcome":
                        self.token = frame["token"]
                        break
                    if frame["t"] == "said":
                        self.acknowledged.add(frame["id"])
                        break
                    if frame["t"] == "error":
                        await asyncio.sleep(0.1)
                        break


class Answering:
    """The advisor's outbox: each line goes again, under the same id, until central has answered it."""

    def __init__(self, child: Child, token: str) -> None:
        self.child, self.token = child, token
        self.lines: dict[str, str] = {}
        self.done: set[str] = set()
        self.cursors: dict[str, int] = {}
        self.contact = ""

    async def work(self, enough: asyncio.Event) -> None:
        while not enough.is_set() or set(self.lines) - self.done:
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                async with Desk(self.child.url, self.token, self.cursors) as desk:
                    try:
                        await self._answer(desk, enough)
                    finally:
                        self.cursors = dict(desk.session.cursors)
            await asyncio.sleep(0.05)

    async def _answer(self, desk: Desk, enough: asyncio.Event) -> None:
        await desk.until(lambda: desk.session.online and set(desk.session.cursors) >= {"floor", "directory"})
        if not self.contact:
            assert await desk.command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
            self.contact = await desk.until(lambda: offered(desk))
            assert await desk.command(commands.AcceptOffer(contact=self.contact)) is None
        while not desk.closed:
            pending = [line for line in self.lines if line not in self.done]
            if not pending and enough.is_set():
                return
            if not pending:
                pending = [new_id()]
                self.lines[pending[0]] = f"asesora {len(self.lines)}"
            body = commands.SendChat(contact=self.contact, text=self.lines[pending[0]])
            async with asyncio.timeout(3):
                refused = await desk.command(body, pending[0])
            assert refused is None, refused
            self.done.add(pending[0])


def offered(desk: Desk) -> str:
    for event in desk.events(ContactChanged):
        assert isinstance(event.body, ContactChanged)
        if event.body.contact.state is ContactState.OFFERED:
            return event.body.contact.id
    return ""


@pytest.mark.timeout(400)
async def test_killed_again_and_again_during_a_chat_it_loses_nothing_and_repeats_nothing(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    await asyncio.to_thread(hire, tmp_path, "ana")
    async with child_of(tmp_path, free_port()) as child:
        token = (await log_in(child.url, "ana")).access_token
        citizen, advisor, enough = Citizen(child.url), Answering(child, token), asyncio.Event()
        working = [asyncio.create_task(citizen.talk(enough)), asyncio.create_task(advisor.work(enough))]
        try:
            for kill in range(3):
                aim = 30 * (kill + 1)
                async with asyncio.timeout(90):
                    while min(len(citizen.acknowledged), len(advisor.done)) < aim:
                        assert not any(task.done() for task in working), working
                        await asyncio.sleep(0.01)
                child.kill()
                await child.start()
            enough.set()
            async with asyncio.timeout(90):
                await asyncio.gather(*working)
        finally:
            for task in working:
                task.cancel()
        async with Desk(child.url, token) as desk:
            await desk.ready()
            snapshot = next(it.body for it in desk.snapshots() if isinstance(it.body, FloorSnapshot))
            shown = [message.text for message in snapshot.messages]
        code, said = child.stop()
    assert code == 0, said
    with sqlite3.connect(tmp_path / "data" / "central.sqlite") as database:
        rows = database.execute("select json_extract(body, '$.text') from messages order by sent_at, id").fetchall()
        numbers = [row[0] for row in database.execute("select seq from events where topic = 'floor' order by seq")]
    stored = [row[0] for row in rows]
    for said_by in (citizen.lines.values(), advisor.lines.values()):
        kept = [text for text in stored if text in set(said_by)]
        assert kept == list(said_by)
    # A long conversation is shown from where one frame's room begins; what is shown is its end, whole.
    assert len(shown) > 100
    assert sorted(shown) == sorted(stored[-len(shown) :])
    assert len(numbers) == len(set(numbers))


async def test_a_second_central_on_the_same_data_is_refused_in_a_sentence(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    async with child_of(tmp_path, free_port()) as child:
        other = Child(tmp_path, free_port())
        other.begin()
        _, said = await asyncio.to_thread(other.process.communicate, timeout=PATIENCE)
        assert other.process.returncode == 1
        assert f"Another central (process {child.process.pid}) is using the data folder" in said
        assert "Traceback" not in said
        with pytest.raises(central_commands.CommandFailed):
            await asyncio.to_thread(hire, tmp_path, "ana")
        assert child.process.poll() is None
    # The lock died with its holder.
    await asyncio.to_thread(hire, tmp_path, "ana")


async def test_a_taken_port_is_told_in_a_sentence_and_leaves_no_lock(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with child_of(tmp_path / "one", free_port()) as child:
        port = int(child.url.rpartition(":")[2])
        other = Child(tmp_path / "two", port)
        other.begin()
        _, said = await asyncio.to_thread(other.process.communicate, timeout=PATIENCE)
        assert other.process.returncode == 1
        assert f"another program is using port {port} on 127.0.0.1" in said
        assert "port in [central]" in said
        assert "Traceback" not in said
    await asyncio.to_thread(hire, tmp_path / "two", "ana")


async def test_it_ends_in_order_on_a_signal(tmp_path: Path, free_port: Callable[[], int]) -> None:
    await asyncio.to_thread(hire, tmp_path, "ana")
    async with child_of(tmp_path, free_port()) as child:
        desk = Desk(child.url, (await log_in(child.url, "ana")).access_token)
        await desk.__aenter__()
        await desk.ready()
        started = time.monotonic()
        code, said = await asyncio.to_thread(child.stop)
        assert (code, "Traceback" in said) == (0, False)
        assert time.monotonic() - started < 10
        assert await desk.ended() == "stopping"
        await desk.leave()


@pytest.fixture
def english() -> Any:
    before = i18n.current()
    i18n.use("en")
    yield
    i18n.use(before)


@pytest.mark.usefixtures("english")
def test_a_ruined_database_and_a_folder_that_is_a_file_are_told_in_sentences(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "central.sqlite").write_bytes(b"ruina " * 1000)
    with pytest.raises(central_commands.CommandFailed, match=r"The database in .* cannot be used"):
        central_commands.init(settings_at(tmp_path / "data", 0))
    (tmp_path / "file").write_text("")
    with pytest.raises(central_commands.CommandFailed, match="file"):
        central_commands.init(settings_at(tmp_path / "file", 0))


@pytest.mark.usefixtures("english")
def test_users_and_records_are_brought_in_from_the_command_line(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "data", 0)
    user = central_commands.add_user(settings, username="Jefa", name="Jefa", role=Role.ADMINISTRATOR, password=PASSWORD)
    assert user.username == "jefa"
    with pytest.raises(central_commands.CommandFailed, match="jefa is taken"):
        central_commands.add_user(settings, username="jefa", name="x", role=Role.ADVISOR, password=PASSWORD)
    with pytest.raises(central_commands.CommandFailed, match="8 to 256"):
        central_commands.add_user(settings, username="otra", name="x", role=Role.ADVISOR, password="corta")
    file = tmp_path / "records.jsonl"
    good = [json.dumps({"id": f"r{n}", "kind": "office", "title": f"Oficina {n}"}) for n in range(3)]
    file.write_bytes("\n".join([*good, "mal"]).encode() + b'\n{"id": "x", "kind": "office", "title": "\xff"}\n')
    done = central_commands.import_file(settings, file, who="jefa", support="oficio 1")
    assert (done.read, done.changed, [row.line for row in done.bad]) == (3, 3, [4, 5])
    again = central_commands.import_file(settings, file, who="jefa", support="oficio 1")
    assert (again.read, again.changed) == (3, 0)
    with pytest.raises(central_commands.CommandFailed, match=r"missing\.jsonl"):
        central_commands.import_file(settings, tmp_path / "missing.jsonl", who="jefa", support="")
