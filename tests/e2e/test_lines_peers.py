"""Other people's telephones call the public SIP port: they are sent on to a line, hear it and are heard."""

import socket
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from catgem_tui.central.ports import CitizenLeft, ContactArrived, RecordingStarted, SurveyAnswered
from catgem_tui.central.voice.lines import EmbeddedLines
from catgem_tui.selftest.sound import Recording
from tests.e2e.lines_rig import FakeInbox, Rig, Telephone, strengths, until
from tests.sip_peers import Baresip, Linphone

pytestmark = pytest.mark.require_module("pjsua2")

ADVISOR, PEER = 1050.0, 620.0


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
    tmp_path: Path, stack: AsyncExitStack, rig: Rig, advisor: Telephone
) -> None:
    peer = Baresip(tmp_path / "baresip", PEER)
    await peer.call(stack, rig.lines.uri.replace("sip:catgem@", "sip:070@"))
    contact = await rig.arrives("bare")
    assert rig.told.of(ContactArrived)[0].dialled == "070"
    await rig.connect(contact, "ana", advisor)
    await advisor.speak()
    started = await rig.told.first(RecordingStarted)
    assert strengths(await advisor.hear(2.5), PEER) == [True]
    await rig.finish(contact)
    await peer.order("sndcode", "3")
    assert (await rig.told.first(SurveyAnswered)).score == 3
    await rig.told.first(CitizenLeft)
    assert (await peer.quit()).strength(ADVISOR) > 0.05, "baresip did not hear the advisor"
    assert_tape(rig.recordings / started.path)


@pytest.mark.require_program("linphonec")
async def test_linphonec_hears_the_line_and_is_heard(
    tmp_path: Path, stack: AsyncExitStack, rig: Rig, advisor: Telephone
) -> None:
    peer = Linphone(tmp_path / "linphone", PEER)
    await peer.start(stack)
    await peer.call(rig.lines.uri.replace("sip:catgem@", "sip:070@"))
    contact = await rig.arrives("lin")
    await rig.connect(contact, "ana", advisor)
    await advisor.speak()
    started = await rig.told.first(RecordingStarted)
    assert strengths(await advisor.hear(2.5), PEER) == [True]
    await peer.order("terminate")
    await rig.told.first(CitizenLeft)
    assert (await peer.quit()).strength(ADVISOR) > 0.05, "linphonec did not hear the advisor"
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
