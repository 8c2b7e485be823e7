"""Somebody else's telephones from Debian, which speak and keep what they hear: baresip, linphonec, and scripts of SIPp.

Each lives in a folder of its own and ends with the test's exit stack.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from catgem_tui.selftest.sound import Recording, write_tone
from tests.phone_set import until
from tests.ports import free_port

SCENARIOS = Path(__file__).parent / "sipp"
PATIENCE = 15.0
"""Seconds; only a program that hangs ever needs them."""

_BARESIP = """\
sip_listen {host}:{port}
net_interface {host}
module_path /usr/lib/baresip/modules
module g711.so
module menu.so
module srtp.so
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
audio_rtp_port={media}
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
    """Is called ``name``, answers by itself and speaks a tone of so many hertz, or what a WAV file of 8 kHz says."""

    def __init__(
        self,
        folder: Path,
        speech: float | Path,
        name: str = "bare",
        *,
        port: int = 0,
        account: str = "",
        authorities: Path | None = None,
        host: str = "127.0.0.1",
        within: Sequence[str] = (),
    ) -> None:
        """``account``: address and parameters in its own words; empty is one that registers nowhere. ``authorities``:
        over TLS it believes those, and shows their certificate. ``within`` is what runs it elsewhere, where ``host`` is
        its address; it takes no orders from here then."""
        self._folder, self._within = folder, within
        self.port, self._control = port or free_port(2), free_port()
        folder.mkdir(exist_ok=True)
        tone = _find_speech(folder, speech)
        settings = _BARESIP.format(host=host, port=self.port, control=self._control, folder=folder, tone=tone)
        if authorities is not None:
            # To be called over TLS it has to listen there, and does so with a certificate only.
            certificate = folder / "certificate.pem"
            certificate.write_text(authorities.read_text() + authorities.with_name("key.pem").read_text())
            settings += f"sip_cafile {authorities}\nsip_certificate {certificate}\n"
        (folder / "config").write_text(settings)
        account = account or f"<sip:{name}@{host}:{self.port};transport=udp>;regint=0"
        (folder / "accounts").write_text(f"{account};answermode=auto\n")
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
        """Tell it what to do, through its control socket (netstrings of JSON); returns once it has answered.

        It tells whoever is connected of its calls as well. Told to a connection that was closed behind the order, that
        resets it, and the order is gone before it was read.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self._control)
        order = json.dumps({"command": name, "params": parameters, "token": "t"}).encode()
        writer.write(b"%d:%s," % (len(order), order))
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionResetError):  # its answer to "quit"
                while not (await _read_netstring(reader)).get("response"):
                    pass
        writer.close()

    async def quit(self) -> Recording:
        """What it heard."""
        if self._within:
            self._process.terminate()
        else:
            await self.order("quit")
        await _leaves(self._process)
        return Recording.read(self.heard)

    @property
    def heard(self) -> Path:
        """The recording of its only call, complete once it has quit."""
        return next(self._folder.glob("dump-*-dec.wav"))


class Linphone:
    """Calls as ``lin`` and speaks as ``Baresip`` does."""

    def __init__(self, folder: Path, speech: float | Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        self._speech = _find_speech(folder, speech)
        self.port = free_port()
        (folder / "rc").write_text(_LINPHONE.format(port=self.port, media=free_port(2)))

    async def start(self, stack: AsyncExitStack, *options: str) -> None:
        """``-a`` has it answer by itself."""
        self._process = await _start(stack, self._folder, "linphonec", "-c", str(self._folder / "rc"), *options)
        await self.order("soundcard use files")
        await self.order(f"play {self._speech}")
        await self.order(f"record {self._folder / 'heard.wav'}")

    async def call(self, uri: str) -> None:
        """Raises AssertionError with what it said where it does not call."""
        await self.opens()
        await self.order(f"call {uri}")
        await self._comes_to(lambda: " in progress." in self.said)

    async def opens(self) -> None:
        """Until its SIP port is open, some time after its prompt. Raises as ``call`` does."""
        await self._comes_to(lambda: _is_open(self.port))

    async def _comes_to(self, condition: Callable[[], bool]) -> None:
        try:
            await until(condition)
        except TimeoutError:
            raise AssertionError(self.said) from None

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
        await _leaves(self._process)
        return Recording.read(self._folder / "heard.wav")


class Sipp:
    """Does what a scenario in ``tests/sipp`` says and checks each step; called ``name``, shown as ``shown``."""

    def __init__(
        self, folder: Path, name: str = "7225550100", shown: str = "Registro Civil", host: str = "127.0.0.1"
    ) -> None:
        self._folder, self._host = folder, host
        self._words = {"name": name, "shown": shown}
        self.port, self._media = free_port(), free_port()
        folder.mkdir(exist_ok=True)

    async def begin(self, stack: AsyncExitStack, scenario: str, proxy: str, *options: str, **words: str) -> None:
        """``words`` stand in the scenario in brackets. Returns at once."""
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        for word, meaning in {**self._words, **words}.items():
            text = text.replace(f"[{word}]", meaning)
        path = self._folder / f"{scenario}.xml"
        path.write_text(text)
        self._process = await _start(
            stack, self._folder, "sipp", proxy, "-sf", str(path), "-i", self._host, "-p", str(self.port), "-mi",
            self._host, "-mp", str(self._media), "-m", "1", "-nostdin", "-timeout", "30s", "-timeout_error",
            "-trace_err", "-error_file", str(self._folder / "errors"), *options,
        )  # fmt: skip

    async def over(self) -> None:
        """Wait for the scenario's end. Raises AssertionError with the step that was not as it says."""
        code = await self._process.wait()
        errors = self._folder / "errors"
        assert code == 0, errors.read_text(errors="replace") if errors.exists() else code


def _find_speech(folder: Path, speech: float | Path) -> Path:
    if isinstance(speech, Path):
        return speech
    write_tone(folder / "tone.wav", speech, seconds=60.0, rate=8000)
    return folder / "tone.wav"


def _is_open(port: int) -> bool:
    """Whether somebody listens to this UDP port, without taking it from whoever is about to."""
    sockets = (line for table in ("udp", "udp6") for line in Path("/proc/net", table).read_text().splitlines()[1:])
    return any(line.split()[1].endswith(f":{port:04X}") for line in sockets)


async def _read_netstring(reader: asyncio.StreamReader) -> dict[str, Any]:
    """Raises IncompleteReadError at the end of the connection."""
    size = int((await reader.readuntil(b":"))[:-1])
    return dict(json.loads((await reader.readexactly(size + len(b",")))[:-1]))


async def _leaves(process: asyncio.subprocess.Process) -> None:
    """Wait for its end, which was ordered. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        await process.wait()


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
