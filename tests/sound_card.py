"""PulseAudio or PipeWire with null sinks for sound cards, which may be unplugged and plugged in again."""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.phone_set import until


@dataclass
class Card:
    """``server`` is what PULSE_SERVER has to be."""

    process: asyncio.subprocess.Process
    server: str
    kill: Callable[[int, int], None] = os.kill
    """``os.killpg`` where the process leads a group."""

    async def run(self, *command: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(*command, env=self.environment)

    async def plug(self, name: str, *options: str) -> str:
        """Another null sink, called as its id is; returns what unplugs it."""
        words = ("pactl", "load-module", *_null_sink(name), *options)
        process = await asyncio.create_subprocess_exec(*words, env=self.environment, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        assert process.returncode == 0
        return output.decode().strip()

    async def unplug(self, module: str) -> None:
        process = await self.run("pactl", "unload-module", module)
        assert await process.wait() == 0

    async def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.kill(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "PULSE_SERVER": self.server}


def _null_sink(name: str) -> tuple[str, ...]:
    return "module-null-sink", f"sink_name={name}", f"sink_properties=device.description={name}"


@asynccontextmanager
async def sound_card(folder: Path) -> AsyncIterator[Card]:
    """One null sink for the loudspeaker and one that serves as the microphone."""
    socket = folder / "pulse"
    home = folder / "home"
    home.mkdir()
    options = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no")
    modules = (
        " ".join(_null_sink("loudspeaker")),
        " ".join(_null_sink("microphone")),
        f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
    )
    process = await asyncio.create_subprocess_exec(
        "pulseaudio",
        *options,
        *(word for module in modules for word in ("-L", module)),
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    card = Card(process, f"unix:{socket}")
    try:
        await until(socket.exists)
        yield card
    finally:
        await card.stop()


@contextlib.contextmanager
def environed(wanted: dict[str, str]) -> Iterator[None]:
    """Programs that are started meanwhile have this environment."""
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@asynccontextmanager
async def everyones_card(folder: Path) -> AsyncIterator[None]:
    """``sound_card`` for every telephone that is started meanwhile."""
    async with sound_card(folder) as card:
        with environed({**card.environment, "PULSE_SINK": "loudspeaker", "PULSE_SOURCE": "microphone.monitor"}):
            yield


_PIPEWIRE = """
pipewire &
until [ -S "$XDG_RUNTIME_DIR/pipewire-0" ]; do sleep 0.05; done
wireplumber &
exec pipewire-pulse
"""


@asynccontextmanager
async def pipewire_card() -> AsyncIterator[Card]:
    """As ``sound_card``, by PipeWire: its own server, session manager and PulseAudio's protocol."""
    with tempfile.TemporaryDirectory(prefix="pw") as folder:  # the path of a socket has to be short
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_RUNTIME_DIR": folder}
        process = await asyncio.create_subprocess_exec(
            "dbus-run-session", "--", "sh", "-c", _PIPEWIRE,
            env=environment, start_new_session=True,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        card = Card(process, f"unix:{folder}/pulse/native", os.killpg)
        try:
            await until(Path(folder, "pulse/native").exists)
            for name in ("loudspeaker", "microphone"):
                await card.plug(name)
            yield card
        finally:
            await card.stop()
