"""From the accept key to the SIP 200 OK on the wire, through the whole house.

    python tests/bench/bench_accept.py [--count N]

A real central with embedded lines, a citizen's telephone that calls it, and an advisor's workstation: the real screen
(headless), the real desk and a phone engine of its own with a sound card (a null sink of PulseAudio's). For each call
F2 is pressed on the screen, and a UDP relay between the line and the advisor's engine notes when the 200 for the INVITE
left the engine (by the kernel's stamp; only on Linux). Prints one JSON object, times in milliseconds:
``key_to_200_ms``, and its parts ``key_to_command_ms`` (screen and desk, until the engine's client is told to answer)
and ``command_to_200_ms`` (socket and engine). ``ratio`` is the median of ``key_to_200_ms`` to that of ``bare_key_ms``,
a key echoed by a field of a bare Textual app in the same process before the calls. ``load`` is the machine's, of the
last minute.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input

from catgem_tui.desk.intents import Login
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import Answer, EngineSettings, Phone, PhoneCommand, PhoneEvent, Ready
from catgem_tui.protocol.commands import CloseContact, EndContact, SetPresence
from catgem_tui.protocol.enums import ContactState, Outcome, Presence
from catgem_tui.selftest.rig import OUR_ADVISOR, CentralProcess
from catgem_tui.selftest.sink import MailSink
from catgem_tui.selftest.sound import write_tone
from catgem_tui.selftest.telephone import CitizenPhone
from catgem_tui.ui.app import WorkstationApp
from tests.sound_card import everyones_card

PATIENCE = 30.0
SIZE = (160, 45)
REACTION = 0.25
"""Seconds from the ringing to the key: nobody is faster, and the screen has drawn the offer by then."""
Address = tuple[str, int]
DATAGRAM = 65536
STAMPED = 35
"""SO_TIMESTAMPNS of Linux, which Python does not name."""


class Relay:
    """Stands in front of an engine's SIP port: one socket for its callers, one towards it.

    Answers go back the way the request came (RFC 3581). ``answered`` is when the last 200 for an INVITE arrived, in
    seconds since the epoch, by the kernel's own stamp: this process may be drawing at that moment.
    """

    def __init__(self) -> None:
        self._front, self._back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._caller: Address = ("", 0)
        self.answered: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def open(self, engine: Address) -> int:
        """The port of the front."""
        self._back.setsockopt(socket.SOL_SOCKET, STAMPED, 1)
        self._back.connect(engine)
        self._front.bind(("127.0.0.1", 0))
        for end, read in ((self._front, self._enter), (self._back, self._leave)):
            end.setblocking(False)
            asyncio.get_running_loop().add_reader(end, read)
        port: int = self._front.getsockname()[1]
        return port

    def expect(self) -> None:
        self.answered = asyncio.get_running_loop().create_future()

    def _enter(self) -> None:
        data, self._caller = self._front.recvfrom(DATAGRAM)
        self._back.send(data)

    def _leave(self) -> None:
        data, stamps, _, _ = self._back.recvmsg(DATAGRAM, 64)
        seconds, nanoseconds = struct.unpack("qq", stamps[0][2])
        if data.startswith(b"SIP/2.0 200") and b" INVITE\r\n" in data and not self.answered.done():
            self.answered.set_result(seconds + nanoseconds / 1e9)
        self._front.sendto(data, self._caller)

    def close(self) -> None:
        for end in (self._front, self._back):
            asyncio.get_running_loop().remove_reader(end)
            end.close()


class RelayedPhone:
    """The advisor's telephone behind a relay: it is called where the relay listens. ``told`` is the last ``Answer``."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self.relay = Relay()
        self.told = 0.0

    async def start(self) -> Ready:
        ready = await self._phone.start()
        assert not ready.sound_problem
        user, _, place = ready.uri.partition("@")
        address, *parameters = place.split(";")
        host, _, port = address.rpartition(":")
        front = self.relay.open((host, int(port)))
        return msgspec.structs.replace(ready, uri=";".join([f"{user}@127.0.0.1:{front}", *parameters]))

    async def do(self, command: PhoneCommand) -> None:
        if isinstance(command, Answer):
            self.told = time.time()
        await self._phone.do(command)

    async def events(self) -> AsyncIterator[PhoneEvent]:
        async for event in self._phone.events():
            yield event

    async def close(self) -> None:
        await self._phone.close()
        self.relay.close()


class Bare(App[None]):
    """A field and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.echoed = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_changed(self) -> None:
        self.echoed.set()


async def press_bare(count: int) -> list[float]:
    app = Bare()
    taken = []
    async with app.run_test(size=SIZE):
        for _ in range(count):
            await asyncio.sleep(0.05)
            app.echoed.clear()
            begun = time.perf_counter()
            app.post_message(events.Key("a", "a"))
            async with asyncio.timeout(PATIENCE):
                await app.echoed.wait()
            taken.append((time.perf_counter() - begun) * 1000)
    return taken


class Accepting:
    """One advisor at the screen, one citizen who calls again and again."""

    def __init__(self, app: WorkstationApp, desk: Desk, phone: RelayedPhone) -> None:
        self._app, self._desk, self._phone = app, desk, phone
        self.key_to_command: list[float] = []
        self.command_to_200: list[float] = []
        self.key_to_200: list[float] = []

    async def sit_down(self) -> None:
        self._app.leisure.begin()  # as the workstation does
        await self._desk.start()
        self._desk.do(Login(OUR_ADVISOR.username, OUR_ADVISOR.password))
        await self._desk.wait_for(lambda s: s.line is Line.ONLINE and s.me is not None and s.me.phone_ready, PATIENCE)
        self._desk.do(SetPresence(presence=Presence.AVAILABLE))

    async def take(self, citizen: CitizenPhone, sip: str) -> None:
        """One call, from dialling to its closing."""
        await citizen.dial(sip)
        state = await self._desk.wait_for(
            lambda s: s.offer is not None and any(call.contact == s.offer.id for call in s.phone.calls), PATIENCE
        )
        assert state.offer is not None
        contact = state.offer.id
        await asyncio.sleep(REACTION)
        self._phone.relay.expect()
        begun = time.time()
        self._app.post_message(events.Key("f2", None))
        async with asyncio.timeout(PATIENCE):
            answered = await self._phone.relay.answered
        self.key_to_command.append((self._phone.told - begun) * 1000)
        self.command_to_200.append((answered - self._phone.told) * 1000)
        self.key_to_200.append((answered - begun) * 1000)
        await self._become(contact, ContactState.ACTIVE)
        self._desk.do(EndContact(contact=contact))
        state = await self._become(contact, ContactState.WRAP_UP)
        disposition = state.settings.default_disposition if state.settings else ""
        self._desk.do(CloseContact(contact=contact, disposition=disposition, outcome=Outcome.RESOLVED))
        await self._desk.wait_for(lambda s: contact not in s.contacts, PATIENCE)
        await citizen.ended()

    async def _become(self, contact: str, wanted: ContactState) -> DeskState:
        return await self._desk.wait_for(
            lambda s: contact in s.contacts and s.contacts[contact].state is wanted, PATIENCE
        )


async def measure(folder: Path, count: int) -> dict[str, object]:
    async with MailSink() as sink, CitizenPhone(folder) as citizen, everyones_card(folder):
        central = CentralProcess(folder, sink.port)
        shorten_calls(folder)
        await central.add_user(OUR_ADVISOR.username, "Marisol Reyes", "advisor", OUR_ADVISOR.password)
        bare = await press_bare(max(count, 20))
        await central.start()
        phone = RelayedPhone(EngineClient(EngineSettings(user=OUR_ADVISOR.username, levels=True)))
        (folder / "desk").mkdir()
        desk = Desk(central.url, folder / "desk", phone)
        app = WorkstationApp(desk)
        try:
            async with app.run_test(size=SIZE):
                accepting = Accepting(app, desk, phone)
                await accepting.sit_down()
                for _ in range(count):
                    await accepting.take(citizen, central.sip)
        finally:
            await desk.close()
            await central.stop()
    key = statistics.median(accepting.key_to_200)
    return {
        "bench": "accept",
        "accepts": count,
        "key_to_200_ms": summarise(accepting.key_to_200),
        "key_to_command_ms": summarise(accepting.key_to_command),
        "command_to_200_ms": summarise(accepting.command_to_200),
        "bare_key_ms": summarise(bare),
        "ratio": round(key / statistics.median(bare), 2),
        "load": round(os.getloadavg()[0], 2),
    }


def shorten_calls(folder: Path) -> None:
    """Lines that say next to nothing before the queue and ask nothing after it: what is timed lies between."""
    greeting = folder / "greeting.wav"
    write_tone(greeting, 440.0, seconds=0.2)
    settings = folder / "catgem.toml"
    voice = f'lines = 2\nsurvey = false\ngreeting = "{greeting}"\n'
    settings.write_text(settings.read_text(encoding="utf-8").replace("lines = 2\n", voice), encoding="utf-8")


def summarise(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 2),
        "p99": round(sorted(values)[len(values) * 99 // 100], 2),
        "max": round(max(values), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="calls to accept (%(default)s)")
    given = parser.parse_args()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        print(json.dumps(asyncio.run(measure(Path(folder), given.count))))


if __name__ == "__main__":
    main()
