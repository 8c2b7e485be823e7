"""What the checks are made on: a central of its own with real lines, two people at work, and a mail sink."""

import asyncio
import os
import signal
import smtplib
import socket
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import httpx
import msgspec

from catgem_tui.link.address import Address, parse_address
from catgem_tui.protocol.http import Health, Login, Session
from catgem_tui.selftest.sink import MailSink
from catgem_tui.selftest.sound import write_tone
from catgem_tui.selftest.worker import Worker

CITIZEN_TONE, ADVISOR_TONE, COORDINATOR_TONE = 440.0, 700.0, 1100.0
"""Hertz; not multiples of one another, so that no harmonic of one counts as another."""
OFFER_TIMEOUT = 4.0
"""Seconds; short, so that a missed offer is soon seen."""
CHAT_CAPACITY = 3

SETTINGS = """
[central]
host = "127.0.0.1"
port = {port}
data = "{data}"
heartbeat = 1.0
[central.voice]
lines = 2
port = {sip}
[central.chat]
messages_per_minute = 600
[central.mail]
port = {smtp}
address = "atencion@catgem.example"
relay = {{ host = "127.0.0.1", port = {sink}, tls = false }}
[queue.call]
offer_timeout = {offer_timeout}
[queue.chat]
offer_timeout = {offer_timeout}
capacity = {chat_capacity}
[queue.mail]
offer_timeout = {offer_timeout}
"""


class CentralProcess:
    """Central as a child process: it can be killed and started again where it was."""

    def __init__(self, folder: Path, sink_port: int) -> None:
        self._settings = folder / "catgem.toml"
        self._log = folder / "central.log"
        self._process: asyncio.subprocess.Process | None = None
        self._port = free_port(socket.SOCK_STREAM)
        self._sip_port = free_port(socket.SOCK_DGRAM)
        self._smtp_port = free_port(socket.SOCK_STREAM)
        text = SETTINGS.format(
            port=self._port,
            data=folder / "central",
            sip=self._sip_port,
            smtp=self._smtp_port,
            sink=sink_port,
            offer_timeout=OFFER_TIMEOUT,
            chat_capacity=CHAT_CAPACITY,
        )
        self._settings.write_text(text, encoding="utf-8")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def sip(self) -> str:
        """Where citizens' calls arrive."""
        return f"sip:070@127.0.0.1:{self._sip_port}"

    @property
    def smtp(self) -> tuple[str, int]:
        return "127.0.0.1", self._smtp_port

    @property
    def chat(self) -> str:
        """The citizen's chat socket."""
        return f"ws://127.0.0.1:{self._port}/chat/socket"

    async def add_user(self, username: str, name: str, role: str, password: str) -> None:
        """Raises RuntimeError with what the command printed."""
        command = ("user", "add", username, "--name", name, "--role", role, "--password-stdin")
        process = await self._spawn(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        said, _ = await process.communicate(password.encode() + b"\n")
        if process.returncode:
            raise RuntimeError(said.decode(errors="replace").strip() or f"exit status {process.returncode}")

    async def start(self, within: float = 30) -> Health:
        """Start it and wait until it answers. Raises TimeoutError, or RuntimeError if it ended."""
        with self._log.open("ab") as log:
            self._process = await self._spawn("serve", stdin=asyncio.subprocess.DEVNULL, stdout=log)
        async with asyncio.timeout(within), httpx.AsyncClient(base_url=self.url, timeout=2, trust_env=False) as client:
            while True:
                if self._process.returncode is not None:
                    raise RuntimeError(f"central ended at once: {self._log.read_text(errors='replace')[-400:]}")
                try:
                    answer = await client.get("/api/v1/health")
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                    continue
                return msgspec.json.decode(answer.content, type=Health)

    async def kill(self) -> None:
        """As the power would: -9."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self, within: float = 10) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
            await asyncio.wait_for(process.wait(), within)
        except TimeoutError:
            await self.kill()

    async def _spawn(self, *words: str, stdin: int, stdout: object) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "catgem_tui", "central", *words, "--settings", str(self._settings),
            stdin=stdin, stdout=stdout, stderr=asyncio.subprocess.STDOUT, env=os.environ,  # type: ignore[arg-type]
        )  # fmt: skip


class RemoteCentral:
    """A central that runs already; it is used, not touched."""

    def __init__(self, url: str, health: Health) -> None:
        self.url = url.rstrip("/")
        self._health = health

    @classmethod
    async def find(cls, url: str) -> "RemoteCentral":
        """Raises httpx.HTTPError when nothing answers there."""
        async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=not _is_here(url)) as client:
            answer = await client.get("/api/v1/health")
            return cls(url, msgspec.json.decode(answer.raise_for_status().content, type=Health))

    @property
    def sip(self) -> str:
        return f"sip:070@{self._health.sip}"

    @property
    def smtp(self) -> tuple[str, int]:
        host, _, port = self._health.smtp.rpartition(":")
        return host, int(port or 0)

    @property
    def chat(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/chat/socket"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Somebody's login at the central that is checked."""

    username: str
    password: str


OUR_ADVISOR = Credentials("asesora", "selftest-asesora")
OUR_COORDINATOR = Credentials("coordinacion", "selftest-coordinacion")


class Rig:
    """Everything running; use as an async context manager. Without ``remote`` it has a central of its own."""

    greeting_seconds = 8.0
    """No shipped greeting is longer."""

    def __init__(
        self,
        folder: Path,
        remote: RemoteCentral | None = None,
        advisor: Credentials = OUR_ADVISOR,
        coordinator: Credentials = OUR_COORDINATOR,
    ) -> None:
        self.folder = folder
        self._remote = remote
        self._who = advisor, coordinator
        self._stack = AsyncExitStack()
        self.sink: MailSink
        self.process: CentralProcess
        """Our own central; not there on a remote one."""
        self.central: CentralProcess | RemoteCentral
        self.advisor: Worker
        self.coordinator: Worker

    async def __aenter__(self) -> "Rig":
        async with AsyncExitStack() as stack:
            self.sink = await stack.enter_async_context(MailSink())
            if self._remote is None:
                self.central = self.process = await self._start_central(stack)
            else:
                self.central = self._remote
            advisor, coordinator = self._who
            self.advisor, self.coordinator = await asyncio.gather(
                stack.enter_async_context(self._worker(advisor)),
                stack.enter_async_context(self._worker(coordinator)),
            )
            self._stack = stack.pop_all()
        return self

    async def _start_central(self, stack: AsyncExitStack) -> CentralProcess:
        process = CentralProcess(self.folder, self.sink.port)
        for who, name, role in (
            (OUR_ADVISOR, "Marisol Reyes", "advisor"),
            (OUR_COORDINATOR, "Ana Coordina", "coordinator"),
        ):
            await process.add_user(who.username, name, role, who.password)
        stack.push_async_callback(process.stop)
        await process.start()
        return process

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def tone(self, hertz: float) -> Path:
        path = self.folder / f"tone-{hertz:g}.wav"
        if not path.exists():
            write_tone(path, hertz)
        return path

    async def post(self, mail: EmailMessage) -> None:
        """Send a citizen's mail to the centre. Raises smtplib.SMTPException."""

        def send() -> None:
            with smtplib.SMTP(*self.central.smtp, timeout=10) as server:
                server.send_message(mail)

        await asyncio.to_thread(send)

    async def recording_of(self, contact: str) -> bytes:
        """The contact's recording, as a coordinator gets it. Raises httpx.HTTPStatusError."""
        url = self.central.url
        async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=not _is_here(url)) as client:
            _, coordinator = self._who
            login = Login(username=coordinator.username, password=coordinator.password)
            answer = await client.post("/api/v1/session", content=msgspec.json.encode(login))
            session = msgspec.json.decode(answer.raise_for_status().content, type=Session)
            headers = {"Authorization": f"Bearer {session.access_token}"}
            answer = await client.get(f"/api/v1/contacts/{contact}/recording", headers=headers)
            return answer.raise_for_status().content

    def _worker(self, who: Credentials) -> Worker:
        return Worker(self.central.url, self.folder / who.username, who.username, who.password)


def _is_here(url: str) -> bool:
    """A proxy of the environment has no business between two programs of one machine, least of all with a password."""
    address = parse_address(url)
    return isinstance(address, Address) and address.local


def free_port(kind: int) -> int:
    """A port on loopback that is free now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
