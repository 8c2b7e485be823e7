"""Other people's telephones call the public SIP port: they are sent on to a line, hear it and are heard."""

import asyncio
import contextlib
import json
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.central.ports import CitizenLeft, ContactArrived, RecordingStarted, SurveyAnswered
from catgem_tui.central.voice.lines import EmbeddedLines
from catgem_tui.selftest.sound import Recording, write_tone
from tests.e2e.lines_rig import DEADLINE, FakeInbox, Rig, Telephone, strengths, until

pytestmark = pytest.mark.require_module("pjsua2")

ADVISOR, PEER = 1050.0, 620.0

BARESIP_CONFIG = """\
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
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
LINPHONE_CONFIG = """\
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


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def rig(tmp_path: Path, stack: AsyncExitStack) -> Rig:
    inbox = FakeInbox()
    lines = EmbeddedLines(
        recordings=tmp_path / "recordings", new_id=lambda: str(uuid.uuid4()), port=0, lines=1, finish_greeting=False
    )
    stack.push_async_callback(lines.stop)
    await lines.start(inbox)
    return Rig(lines, inbox, tmp_path / "recordings")


@pytest.fixture
async def advisor(tmp_path: Path, stack: AsyncExitStack) -> Telephone:
    made = Telephone(tmp_path, "advisor", ADVISOR)
    stack.push_async_callback(made.close)
    return await made.start()


@pytest.mark.require_program("baresip")
async def test_baresip_hears_the_advisor_and_is_heard(
    tmp_path: Path, stack: AsyncExitStack, rig: Rig, advisor: Telephone, free_port: Callable[[], int]
) -> None:
    folder = tmp_path / "baresip"
    folder.mkdir()
    tone = folder / "tone.wav"
    write_tone(tone, PEER, seconds=60.0, rate=8000)
    port, control = udp_port(), free_port()
    (folder / "config").write_text(BARESIP_CONFIG.format(port=port, control=control, tone=tone, folder=folder))
    (folder / "accounts").write_text(f"<sip:bare@127.0.0.1:{port};transport=udp>;regint=0\n")
    (folder / "contacts").touch()
    dialled = rig.lines.uri.replace("sip:catgem@", "sip:070@")
    process = await peer(stack, folder, "baresip", "-f", str(folder), "-e", f"/dial {dialled}")
    contact = await rig.arrives("bare")
    assert rig.told.of(ContactArrived)[0].dialled == "070"
    await rig.connect(contact, "ana", advisor)
    await advisor.speak()
    started = await rig.told.first(RecordingStarted)
    assert strengths(await advisor.hear(2.5), PEER) == [True]
    await rig.finish(contact)
    await command(control, "sndcode", "3")
    assert (await rig.told.first(SurveyAnswered)).score == 3
    await rig.told.first(CitizenLeft)
    await command(control, "quit")
    await process.wait()
    heard = Recording.read(next(folder.glob("dump-*-dec.wav")))
    assert heard.strength(ADVISOR) > 0.05, "baresip did not hear the advisor"
    assert_tape(rig.recordings / started.path)


@pytest.mark.require_program("linphonec")
async def test_linphonec_hears_the_line_and_is_heard(
    tmp_path: Path, stack: AsyncExitStack, rig: Rig, advisor: Telephone
) -> None:
    folder = tmp_path / "linphone"
    folder.mkdir()
    tone, heard = folder / "tone.wav", folder / "heard.wav"
    write_tone(tone, PEER, seconds=60.0, rate=8000)
    (folder / "rc").write_text(LINPHONE_CONFIG.format(port=udp_port()))
    process = await peer(stack, folder, "linphonec", "-c", str(folder / "rc"))
    assert process.stdin
    for order in ("soundcard use files", f"play {tone}", f"record {heard}"):
        process.stdin.write(f"{order}\n".encode())
    dialled = rig.lines.uri.replace("sip:catgem@", "sip:070@")
    # It opens its SIP port some time after its prompt; until then every call fails at once.
    async with asyncio.timeout(DEADLINE):
        while not rig.told.of(ContactArrived):
            process.stdin.write(f"call {dialled}\n".encode())
            await process.stdin.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(rig.told.first(ContactArrived), 2.0)
    contact = await rig.arrives("lin")
    await rig.connect(contact, "ana", advisor)
    await advisor.speak()
    started = await rig.told.first(RecordingStarted)
    assert strengths(await advisor.hear(2.5), PEER) == [True]
    process.stdin.write(b"terminate\nquit\n")
    await process.stdin.drain()
    await rig.told.first(CitizenLeft)
    await process.wait()
    at_peer = Recording.read(heard)
    assert at_peer.strength(ADVISOR) > 0.05, "linphonec did not hear the advisor"
    assert_tape(rig.recordings / started.path)


def assert_tape(path: Path) -> None:
    tape = Recording.read(path)
    assert strengths(tape, PEER, ADVISOR, channel=0) == [True, False]
    assert strengths(tape, ADVISOR, PEER, channel=1) == [True, False]


async def test_garbage_on_the_public_port_disturbs_nobody(rig: Rig, advisor: Telephone) -> None:
    host, _, port = rig.lines.uri.rpartition("@")[2].partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for datagram in (
            b"",
            b"\0" * 1400,
            b"INVITE\r\n\r\n",
            b"INVITE sip:x SIP/2.0\r\nVia: ;;;\r\n\r\n",
            b"\xff" * 60_000,
        ):
            stranger.sendto(datagram, (host, int(port)))
    await advisor.dial(rig.lines.uri, caller="5551234")
    assert await rig.arrives("5551234")
    await until(lambda: rig.lines.ready == 1)


async def peer(stack: AsyncExitStack, folder: Path, *command: str) -> asyncio.subprocess.Process:
    """Start somebody else's telephone; it ends with the test."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=(folder / "output").open("wb"),
        stderr=asyncio.subprocess.STDOUT,
        env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )

    async def end() -> None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    stack.push_async_callback(end)
    return process


async def command(control: int, name: str, parameters: str = "") -> None:
    """Tell baresip what to do, through its control socket (netstrings of JSON)."""
    _, writer = await asyncio.open_connection("127.0.0.1", control)
    order = json.dumps({"command": name, "params": parameters, "token": "t"}).encode()
    writer.write(b"%d:%s," % (len(order), order))
    await writer.drain()
    writer.close()


def udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
