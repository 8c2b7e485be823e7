"""Somebody else's telephones from Debian, which play a tone and keep what they hear: baresip and linphonec.

Each lives in a folder of its own and ends with the test's exit stack.
"""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from catgem_tui.selftest.sound import Recording, write_tone

_BARESIP = """\
sip_listen {host}:{port}
net_interface {host}
module_path /usr/lib/baresip/modules
module g711.so
module menu.so
module account.so
module aubridge.so
module aufile.so
module sndfile.so
snd_path {folder}
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
audio_source aufile,{tone}
audio_player aubridge,loop
audio_alert aubridge,alert
"""
_LINPHONE = """\
[sip]
sip_port={port}
sip_tcp_port={port}
sip_tls_port=-1
guess_hostname=0
contact="lin" <sip:lin@127.0.0.1>
use_ipv6=0
[misc]
store_friends=0
[storage]
uri=null
[rtp]
bind_address=127.0.0.1
[sound]
echocancellation=0
[video]
enabled=0
capture=0
display=0
automatically_initiate=0
automatically_accept=0
"""


class Baresip:
    """Is called ``name``, answers by itself and speaks a tone of ``hertz``."""

    def __init__(  # noqa: PLR0917
        self, folder: Path, hertz: float, name: str = "bare", port: int = 0,
        host: str = "127.0.0.1", within: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """``within`` is what runs it elsewhere, where ``host`` is its address; it takes no orders from here then."""
        self._folder, self._within = folder, within
        self.port, self._control = port or free_udp_port(), _free_tcp_port()
        folder.mkdir(exist_ok=True)
        tone = folder / "tone.wav"
        write_tone(tone, hertz, seconds=60.0, rate=8000)
        settings = _BARESIP.format(host=host, port=self.port, control=self._control, folder=folder, tone=tone)
        (folder / "config").write_text(settings)
        account = f"<sip:{name}@{host}:{self.port};transport=udp>;regint=0;answermode=auto"
        (folder / "accounts").write_text(f"{account}\n")
        (folder / "contacts").touch()

    async def call(self, stack: AsyncExitStack, uri: str) -> None:
        await self.start(stack, "-e", f"/dial {uri}")

    async def start(self, stack: AsyncExitStack, *options: str) -> None:
        command = (*self._within, "baresip", "-v", "-f", str(self._folder), *options)
        self._process = await _start(stack, self._folder, *command)

    @property
    def said(self) -> str:
        """All that it printed so far."""
        return (self._folder / "output").read_text(errors="replace")

    async def order(self, name: str, parameters: str = "") -> None:
        """Tell it what to do, through its control socket (netstrings of JSON)."""
        _, writer = await asyncio.open_connection("127.0.0.1", self._control)
        order = json.dumps({"command": name, "params": parameters, "token": "t"}).encode()
        writer.write(b"%d:%s," % (len(order), order))
        await writer.drain()
        writer.close()

    async def quit(self) -> Recording:
        """What it heard."""
        if self._within:
            self._process.terminate()
        else:
            await self.order("quit")
        await self._process.wait()
        return Recording.read(next(self._folder.glob("dump-*-dec.wav")))


class Linphone:
    """Calls as ``lin`` and speaks a tone of ``hertz``."""

    def __init__(self, folder: Path, hertz: float) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        write_tone(folder / "tone.wav", hertz, seconds=60.0, rate=8000)
        (folder / "rc").write_text(_LINPHONE.format(port=free_udp_port()))

    async def start(self, stack: AsyncExitStack) -> None:
        self._process = await _start(stack, self._folder, "linphonec", "-c", str(self._folder / "rc"))
        await self.order("soundcard use files")
        await self.order(f"play {self._folder / 'tone.wav'}")
        await self.order(f"record {self._folder / 'heard.wav'}")

    async def call(self, uri: str, arrived: Callable[[], Awaitable[object]]) -> None:
        """Call until ``arrived`` is over: before its SIP port is open, some time after its prompt, calls fail."""
        for _ in range(10):
            await self.order(f"call {uri}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(arrived(), 2.0)
                return
        raise TimeoutError(self.said)

    async def order(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n".encode())
        await self._process.stdin.drain()

    @property
    def said(self) -> str:
        """All that it printed so far."""
        return (self._folder / "output").read_text(errors="replace")

    async def quit(self) -> Recording:
        """What it heard."""
        await self.order("quit")
        await self._process.wait()
        return Recording.read(self._folder / "heard.wav")


def free_udp_port() -> int:
    return _free_port(socket.SOCK_DGRAM)


def _free_tcp_port() -> int:
    return _free_port(socket.SOCK_STREAM)


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _start(stack: AsyncExitStack, folder: Path, *command: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=(folder / "output").open("wb"),
        stderr=asyncio.subprocess.STDOUT,
        # The sound library keeps its socket's folder there; without this it makes one in /tmp and leaves it.
        env={"HOME": str(folder), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(folder)},
    )

    async def end() -> None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    stack.push_async_callback(end)
    return process
