"""From the INVITE on the wire to the ringing on the advisor's screen, through the whole house.

    python tests/bench/bench_ringing.py [--count N]

As ``bench_accept``: a real central with embedded lines, a citizen's telephone, and an advisor's real screen (headless)
and engine. A UDP relay before the engine notes when the line's INVITE arrived (by the kernel's stamp; only on Linux),
the application when the frame that shows the ringing call had been refreshed. Prints one JSON object, milliseconds:
``invite_to_screen_ms``. ``load`` is the machine's, of the last minute.
"""

import argparse
import asyncio
import json
import os
import socket
import struct
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_accept import (
    DATAGRAM,
    PATIENCE,
    SIZE,
    STAMPED,
    Accepting,
    Address,
    Relay,
    RelayedPhone,
    shorten_calls,
    summarise,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from catgem_tui.desk.runtime import Desk
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import CallState, EngineSettings
from catgem_tui.selftest.rig import OUR_ADVISOR, CentralProcess
from catgem_tui.selftest.sink import MailSink
from catgem_tui.selftest.telephone import CitizenPhone
from catgem_tui.ui.app import WorkstationApp
from tests.sound_card import everyones_card


class InvitedRelay(Relay):
    """``invited`` is when the last call's first INVITE arrived, in seconds since the epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.invited = 0.0
        self._known = b""

    def open(self, engine: Address) -> int:
        self._front.setsockopt(socket.SOL_SOCKET, STAMPED, 1)
        return super().open(engine)

    def _enter(self) -> None:
        data, stamps, _, self._caller = self._front.recvmsg(DATAGRAM, 64)
        if data.startswith(b"INVITE "):
            call = data.partition(b"Call-ID:")[2].partition(b"\r\n")[0]
            if call != self._known:
                seconds, nanoseconds = struct.unpack("qq", stamps[0][2])
                self._known, self.invited = call, seconds + nanoseconds / 1e9
        self._back.send(data)


class InvitedPhone(RelayedPhone):
    def __init__(self, phone: EngineClient) -> None:
        super().__init__(phone)
        self.relay = InvitedRelay()


class RingingApp(WorkstationApp):
    """``taken``: of each call, milliseconds from its INVITE to the frame that shows its ringing."""

    def __init__(self, desk: Desk, phone: InvitedPhone) -> None:
        super().__init__(desk)
        self._phone, self._shown = phone, ""
        self.taken: list[float] = []

    def draw(self) -> None:
        super().draw()
        for call in self.state.phone.calls:
            if call.state is CallState.RINGING and call.id != self._shown:
                self._shown = call.id
                self.call_after_refresh(self._note)

    def _note(self) -> None:
        assert isinstance(self._phone.relay, InvitedRelay)
        self.taken.append((time.time() - self._phone.relay.invited) * 1000)


async def measure(folder: Path, count: int) -> dict[str, Any]:
    async with MailSink() as sink, CitizenPhone(folder) as citizen, everyones_card(folder):
        central = CentralProcess(folder, sink.port)
        shorten_calls(folder)
        await central.add_user(OUR_ADVISOR.username, "Marisol Reyes", "advisor", OUR_ADVISOR.password)
        await central.start()
        phone = InvitedPhone(EngineClient(EngineSettings(user=OUR_ADVISOR.username, levels=True)))
        (folder / "desk").mkdir()
        desk = Desk(central.url, folder / "desk", phone)
        app = RingingApp(desk, phone)
        try:
            async with app.run_test(size=SIZE):
                accepting = Accepting(app, desk, phone)
                await accepting.sit_down()
                for _ in range(count):
                    await accepting.take(citizen, central.sip)
                async with asyncio.timeout(PATIENCE):
                    while len(app.taken) < count:  # noqa: ASYNC110 - the last frame tells nobody
                        await asyncio.sleep(0.01)
        finally:
            await desk.close()
            await central.stop()
    return {
        "bench": "ringing",
        "calls": count,
        "invite_to_screen_ms": summarise(app.taken),
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=60, help="calls (%(default)s)")
    given = parser.parse_args()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        print(json.dumps(asyncio.run(measure(Path(folder), given.count))))


if __name__ == "__main__":
    main()
