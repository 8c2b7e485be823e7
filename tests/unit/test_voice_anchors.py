"""A telephone outside is accepted with at any moment, also while the tone before its call is being started."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from catgem_tui.central.ports import CallOutside, Happening, Join, Offer
from catgem_tui.central.voice.anchors import OUTSIDE, Anchors
from catgem_tui.central.voice.prompts import Prompts
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    PhoneCommand,
    PhoneEvent,
    Play,
    Ready,
)
from catgem_tui.protocol.enums import Channel
from catgem_tui.protocol.frames import Refused
from tests.central_house import eventually


class SlowPhone:
    """Starting a tone takes until it is allowed."""

    def __init__(self) -> None:
        self.done: list[PhoneCommand] = []
        self.beeping, self.allowed = asyncio.Event(), asyncio.Event()
        self.heard: asyncio.Queue[PhoneEvent] = asyncio.Queue()

    async def start(self) -> Ready:
        return Ready(uri="sip:ana@127.0.0.1:5060")

    async def do(self, command: PhoneCommand) -> None:
        if isinstance(command, Play) and command.player.startswith("beep"):
            self.beeping.set()
            await self.allowed.wait()
        self.done.append(command)

    async def events(self) -> AsyncIterator[PhoneEvent]:
        while True:
            yield await self.heard.get()

    async def close(self) -> None:
        pass


class Central:
    async def submit(self, happening: Happening) -> Refused | None:
        return None

    def knows(self, contact: str) -> bool:
        return True


async def test_what_is_accepted_while_the_tone_begins_is_answered_and_heard() -> None:
    phone = SlowPhone()
    anchors = Anchors(lambda settings: phone, "127.0.0.1", Central(), Prompts())
    await anchors.perform(CallOutside(channel=Channel.CALL, advisor="ana", uri="sip:x@127.0.0.1"))
    phone.heard.put_nowait(CallChanged(call=OUTSIDE, state=CallState.CONFIRMED))
    await anchors.perform(Offer(contact="c1", channel=Channel.CALL, advisor="ana", uri="sip:ana@h", token="t"))
    phone.heard.put_nowait(CallArrived(call="k1", caller="722", dialled="ana", token="t"))
    await asyncio.wait_for(phone.beeping.wait(), 30.0)
    await anchors.perform(Join(contact="c1", channel=Channel.CALL, advisor="ana", name="Ana"))
    phone.allowed.set()
    await eventually(lambda: Connect(source=OUTSIDE, sink="k1") in phone.done)
    assert Answer(call="k1") in phone.done
    assert Connect(source="k1", sink=OUTSIDE) in phone.done
    with suppress(asyncio.CancelledError):
        await anchors.stop()
