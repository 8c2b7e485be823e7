"""``catgem demo``: a whole centre on this machine: central, citizens who call, write and mail, and the workstation.

Central and the citizens are child processes. Each holds the other end of a pipe from here and ends when it closes, so
nothing is left behind however this process dies.
"""

import asyncio
import importlib
import importlib.util
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from catgem_tui.config import i18n, log, paths
from catgem_tui.config.i18n import _
from catgem_tui.config.reasons import reason
from catgem_tui.config.settings import Relay, Settings
from catgem_tui.protocol.enums import Channel, Role

if TYPE_CHECKING:
    from catgem_tui.central.app import Central
    from catgem_tui.citizens.arrivals import Visit
    from catgem_tui.citizens.caller import Callers
    from catgem_tui.citizens.office import Office

PASSWORD = "demostracion"  # noqa: S105 - of a centre that exists on loopback only
PEOPLE = {
    "asesora": ("Marisol Reyes Garduño", Role.ADVISOR),
    "coordinacion": ("Ana Colín Bernal", Role.COORDINATOR),
    "informacion": ("Elena Díaz Camacho", Role.INFORMATION_MANAGER),
}
"""Who works in the demo: user name to name and role. All have the same password."""
USUAL_PORTS = {"http": 8070, "sip": 5060, "smtp": 2525, "mailbox": 2526, "office": 5066}
START = 30.0
"""Seconds that a child may take to be ready."""
STOP = 8.0
"""Seconds that a child may take to end in order."""
RESTART = 2.0
"""Seconds before a child that died is started again."""
SUPPORT = "Datos de práctica"

logger = logging.getLogger(__name__)


class Reached(msgspec.Struct, frozen=True):
    """Where the demo's central is."""

    url: str
    sip: str
    smtp: str
    chat: str


class Order(msgspec.Struct, frozen=True):
    """What the citizens are told."""

    central: Reached
    rate: float
    mailbox: int
    """Port of the mail server that takes the advisors' answers."""
    settings: Settings


class DemoFailed(Exception):
    """Why there can be no demo: a sentence."""


def run(settings: Settings, *, rate: float, fresh: bool, lines: int, user: str, guided: bool = False) -> int:
    """Work in the demo until the person leaves; ``guided`` as in a first shift. Raises DemoFailed."""
    if user not in PEOPLE:
        raise DemoFailed(_("Nobody in the demo is called %(user)s; there are: %(known)s.") % _names(user))
    if guided and PEOPLE[user][1] is not Role.ADVISOR:
        raise DemoFailed(_("The guided first shift is an advisor's: use it without --user."))
    folder = paths.demo_folder()
    with _alone(folder):
        if fresh:
            forget(folder)
        first = demo_settings(settings, folder, lines)
        try:
            return asyncio.run(_demo(first, folder, rate=rate, user=user, guided=guided))
        except DemoFailed:
            # Somebody else's demo may have taken a port between the choice and its use, and may be taking others still.
            if not _ports_taken(first):
                raise
        again = demo_settings(settings, folder, lines, usual=False)
        return asyncio.run(_demo(again, folder, rate=rate, user=user, guided=guided))


def _names(user: str) -> dict[str, str]:
    return {"user": user, "known": ", ".join(PEOPLE)}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Raises DemoFailed while another demo runs on this folder, or when it cannot be made."""
    import fcntl

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / "demo.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise DemoFailed(_("Another demo is running; end it first.")) from error
    except OSError as error:
        raise DemoFailed(
            _("%(file)s: %(reason)s.") % {"file": error.filename or folder, "reason": reason(error)}
        ) from error


def forget(folder: Path) -> None:
    """Remove what earlier demos left."""
    for name in folder.iterdir():
        if name.is_dir():
            shutil.rmtree(name)


def demo_settings(settings: Settings, folder: Path, lines: int, *, usual: bool = True) -> Settings:
    """The person's settings, on loopback, with the demo's own folder and free ports, the ``usual`` ones where they are.
    Whatever is dialled rings in a simulated office, and nobody real."""
    replace = msgspec.structs.replace

    def free_port(service: str, kind: int) -> int:
        port = (usual and _try_port(USUAL_PORTS[service], kind)) or _try_port(0, kind)
        if port is None:
            raise DemoFailed(_("This machine has no free port."))
        return port

    dial = f"sip:{{number}}@127.0.0.1:{free_port('office', socket.SOCK_DGRAM)}"
    central = replace(
        settings.central,
        host="127.0.0.1",
        port=free_port("http", socket.SOCK_STREAM),
        certificate="",
        key="",
        data=str(folder / "central"),
        voice=replace(
            settings.central.voice,
            host="127.0.0.1",
            port=free_port("sip", socket.SOCK_DGRAM),
            lines=lines,
            queues={},
            dial=dial,
            outside_hosts=(),
        ),
        chat=replace(settings.central.chat, enabled=True),
        mail=replace(
            settings.central.mail,
            enabled=True,
            host="127.0.0.1",
            port=free_port("smtp", socket.SOCK_STREAM),
            relay=Relay(host="127.0.0.1", port=free_port("mailbox", socket.SOCK_STREAM), tls=False),
        ),
    )
    phone = replace(settings.workstation.phone, host="127.0.0.1", port=0, dial=dial, registrar="", address="")
    workstation = replace(settings.workstation, data=str(folder / "workstation"), phone=phone)
    return replace(settings, central=central, workstation=workstation)


def _try_port(port: int, kind: int) -> int | None:
    """The port, or for 0 any, if it is free."""
    with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
        if kind == socket.SOCK_STREAM:  # connections of the last demo that still wind up keep nobody from listening
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        bound: int = probe.getsockname()[1]
        return bound
    return None


def _ports_taken(settings: Settings) -> bool:
    central = settings.central
    streams = (central.port, central.mail.port, central.mail.relay.port)
    datagrams = (central.voice.port, int(central.voice.dial.rpartition(":")[2]))
    return any(
        _try_port(port, kind) is None
        for kind, ports in ((socket.SOCK_STREAM, streams), (socket.SOCK_DGRAM, datagrams))
        for port in ports
    )


async def _demo(settings: Settings, folder: Path, *, rate: float, user: str, guided: bool) -> int:
    print(_("Starting central…"), file=sys.stderr, flush=True)
    loading = asyncio.create_task(asyncio.to_thread(importlib.import_module, "catgem_tui.workstation"))
    async with child("central", settings) as running:
        central = msgspec.json.decode(running.ready, type=Reached)
        order = Order(central=central, rate=rate, mailbox=settings.central.mail.relay.port, settings=settings)
        await loading
        from catgem_tui.workstation import work

        async with child("citizens", order) as citizens:
            if PEOPLE[user][1] is not Role.ADVISOR:
                serves = PEOPLE[user][1] is not Role.INFORMATION_MANAGER
                return await work(settings, central=central.url, user=user, password=PASSWORD, available=serves)
            from catgem_tui.practice import practise

            course = practise(folder / "workstation" / "guide.json", lambda channel: citizens.tell(channel.value))
            if not guided:
                return await work(
                    settings, central=central.url, user=user, password=PASSWORD, available=True, course=course
                )
            course.carry_on()
            return await work(settings, central=central.url, user=user, course=course)


# --- children ---


class Child:
    """A child process that runs, or one that was started in its place."""

    def __init__(self, process: asyncio.subprocess.Process, ready: str) -> None:
        self.process = process
        self.ready = ready
        """What it said when it was ready, the first time."""

    def tell(self, line: str) -> None:
        """Write it a line; one that is about to be started again does not hear it."""
        if self.process.stdin is not None and not self.process.stdin.is_closing():
            self.process.stdin.write(line.encode() + b"\n")


@asynccontextmanager
async def child(role: str, order: object) -> AsyncIterator[Child]:
    """A child process of this module in a role. Restarted when it dies.

    Raises DemoFailed with the child's own words when it does not come up.
    """
    running = Child(*await _start(role, order))
    keeper = asyncio.create_task(_keep(role, order, running), name=f"keep {role}")
    try:
        yield running
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def _start(role: str, order: object) -> tuple[asyncio.subprocess.Process, str]:
    """Raises DemoFailed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "catgem_tui.demo",
        role,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, i18n.VARIABLE: i18n.current()},
        start_new_session=True,  # the terminal's Ctrl-C is for the workstation alone
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101 - both are pipes
    process.stdin.write(msgspec.json.encode(order) + b"\n")
    try:
        async with asyncio.timeout(START):
            line = (await process.stdout.readline()).decode().strip()
    except TimeoutError:
        line = ""
    except BaseException:
        await _stop(process)  # interrupted: nobody else knows of it yet
        raise
    if not line.startswith("{"):
        await _stop(process)
        words = {"part": role, "reason": line or _("no answer"), "log": paths.log_file(role)}
        raise DemoFailed(_("The demo's %(part)s did not start: %(reason)s (log: %(log)s)") % words)
    return process, line


async def _keep(role: str, order: object, running: Child) -> None:
    try:
        while True:
            status = await running.process.wait()
            logger.warning("%s ended with status %s", role, status)
            await asyncio.sleep(RESTART)
            with suppress(DemoFailed):
                running.process, _ready = await _start(role, order)
    finally:
        await _stop(running.process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
        await asyncio.wait_for(process.wait(), STOP)
    except TimeoutError:
        process.kill()
        await process.wait()


# --- in the children ---


def watch_parent(heard: Callable[[str], None] = lambda _line: None) -> None:
    """End this process in order when the pipe from its parent closes, and at once if that takes too long.

    Lines that the parent says before are ``heard``, in a thread.
    """

    def watch() -> None:
        for line in sys.stdin.buffer:
            heard(line.decode().strip())
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP - 1)
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def say_ready(what: object) -> None:
    print(msgspec.json.encode(what).decode(), flush=True)


def stopped() -> asyncio.Event:
    """Set when this process is asked to end."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return stop


async def serve(settings: Settings) -> None:
    """The child that is central: seeded, then serving until SIGTERM."""
    from catgem_tui.central.app import Central

    stop = stopped()
    async with Central(settings) as central:
        await seed(central)
        health = central.health()
        say_ready(Reached(url=central.url, sip=health.sip, smtp=health.smtp, chat=health.chat))
        await stop.wait()


async def seed(central: "Central") -> None:
    """The demo's people and the sample directory, where they are not there yet."""
    from catgem_tui.central.auth.accounts import create_user
    from catgem_tui.central.directory.sample import sample_records
    from catgem_tui.central.store.users import read_users

    async with central.database.read() as connection:
        known = {user.username for user in await read_users(connection)}
    for username, (name, role) in PEOPLE.items():
        if username not in known:
            user = await create_user(central.database, username=username, name=name, role=role, password=PASSWORD)
            await central.actor.admit(user)
    sample = sample_records(today=time.time())
    there = await central.directory.known({record.id for record in sample})
    await central.directory.import_records([it for it in sample if it.id not in there], "catgem demo", SUPPORT)


async def visit(order: Order) -> None:
    """The child that is the citizens: they come until SIGTERM, one more by each channel that the parent names, and take
    the mail that is sent to them."""
    from catgem_tui.citizens.arrivals import Arrivals, Visit
    from catgem_tui.citizens.caller import Callers
    from catgem_tui.citizens.chatter import chat_visits
    from catgem_tui.citizens.mailer import mail_visits

    stop = stopped()
    voice, mail = order.settings.central.voice, order.settings.central.mail
    host, _colon, port = order.central.smtp.rpartition(":")
    socket_url = f"{order.central.url.replace('http', 'ws', 1)}{order.central.chat}/socket"
    visits: dict[Channel, Visit] = {
        Channel.CHAT: chat_visits(socket_url),
        Channel.MAIL: mail_visits(host, int(port), mail.address),
    }
    callers = Callers(python=voice.python)
    office: Office | None = None
    if order.central.sip and (voice.python or importlib.util.find_spec("pjsua2")):
        visits[Channel.CALL] = call_visits(callers, f"sip:070@{order.central.sip}")
        office = await open_office(order.settings)
    arrivals = Arrivals(visits, rate=order.rate)
    if Channel.CALL in visits:
        visits[Channel.CALL] = call_visits(callers, f"sip:070@{order.central.sip}", stays=True)
    summoned = Arrivals(visits, rate=0)
    mailbox = await open_mailbox(order.mailbox)
    loop = asyncio.get_running_loop()
    coming = [loop.create_task(arrivals.run(), name="arrivals")]

    def summon(channel: str) -> None:
        if channel in tuple(Channel):
            coming.append(loop.create_task(summoned.summon(Channel(channel)), name=f"summoned by {channel}"))

    def heard(line: str) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(summon, line)

    watch_parent(heard)
    say_ready({})
    try:
        await stop.wait()
    finally:
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
        await callers.close()
        if office is not None:
            await office.close()
        mailbox.close()


def call_visits(callers: "Callers", uri: str, *, stays: bool = False) -> "Visit":
    """What the arrivals call for each citizen who telephones; one who ``stays`` leaves it to the advisor to end it."""
    from catgem_tui.citizens.caller import CallPlan
    from catgem_tui.citizens.voices import VOICES

    async def call(random: Random) -> None:
        plan = CallPlan(
            uri=uri,
            number=f"72255501{random.randrange(100):02}",
            voices=random.sample(VOICES, min(2, len(VOICES))),
            patience=random.uniform(120, 600),
            talk=None if stays else random.uniform(45, 150),
            survey=random.choices((5, 4, 3, None), (70, 15, 5, 10))[0],
        )
        logger.info("a citizen called: %s", await callers.call(plan))

    return call


async def open_office(settings: Settings) -> "Office | None":
    """Who answers the calls that the advisor makes; None where its telephone does not start."""
    from catgem_tui.citizens.office import Office
    from catgem_tui.phone.client import EngineClient
    from catgem_tui.phone.port import EngineSettings, Gate, PhoneError

    voice = settings.central.voice
    port = int(voice.dial.rpartition(":")[2])
    engine = EngineSettings(host="127.0.0.1", port=port, user="oficina", gate=Gate.OPEN, sound=False)
    office = Office(EngineClient(engine, python=voice.python or sys.executable))
    try:
        await office.start()
    except PhoneError as error:
        logger.warning("nobody answers outside: %s", error)
        await office.close()
        return None
    return office


async def open_mailbox(port: int) -> asyncio.Server:
    """A mail server on loopback that takes every answer to a citizen, who reads it and throws it away."""
    from aiosmtpd.smtp import SMTP, Envelope, Session

    class Reader:
        async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
            logger.info("an answer arrived, %d bytes", len(envelope.content or b""))
            return "250 OK"

    return await asyncio.get_running_loop().create_server(
        lambda: SMTP(Reader(), hostname="citizens.example"), "127.0.0.1", port
    )


def main(role: str) -> int:
    """A child: its order comes as one line on standard input, its answer goes as one to standard output."""
    log.start(role)
    line = sys.stdin.buffer.readline()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return ROLES[role](line)


def be_central(line: bytes) -> int:
    watch_parent()
    from catgem_tui.central import commands

    settings = msgspec.json.decode(line, type=Settings)
    try:
        with commands.sentences(settings):
            asyncio.run(serve(settings))
    except commands.CommandFailed as failed:
        print(failed, flush=True)
        return 1
    return 0


def be_citizens(line: bytes) -> int:
    asyncio.run(visit(msgspec.json.decode(line, type=Order)))
    return 0


ROLES = {"central": be_central, "citizens": be_citizens}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
