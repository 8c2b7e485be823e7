"""An engine that records and plays again and again does not die of it."""

import asyncio
import json
import sys
from pathlib import Path

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import EngineSettings, EngineStopped, Gate, Play, Record, StopPlaying, StopRecording

RING = Path(__file__).parents[2] / "catgem_tui" / "desk" / "sounds" / "ring.wav"

BENCH = Path(__file__).parents[1] / "bench" / "bench_calls.py"

PACE = 0.02
"""Seconds between two recordings: quicker ones would use up the bridge's 254 ports before the first has rested."""


async def test_many_recordings_one_after_the_other(tmp_path: Path) -> None:
    """A recording's ports once died while the bridge's clock still called them: a crash within a few hundred."""
    phone = EngineClient(EngineSettings(sound=False, gate=Gate.OPEN))
    stopped: list[EngineStopped] = []

    async def listen() -> None:
        async for event in phone.events():
            if isinstance(event, EngineStopped):
                stopped.append(event)

    await phone.start()
    listening = asyncio.create_task(listen())
    try:
        for _ in range(400):
            await phone.do(Record(recorder="r", path=str(tmp_path / "r.wav")))
            await phone.do(StopRecording(recorder="r"))
            await asyncio.sleep(PACE)
        for _ in range(20):
            await phone.do(Record(recorder="r", path=str(tmp_path / "r.wav")))
            await phone.do(Play(player="p", path=str(RING), loop=True, to=("r:left",)))
            await phone.do(StopPlaying(player="p"))
            await phone.do(StopRecording(recorder="r"))
        assert stopped == []
    finally:
        listening.cancel()
        await phone.close()


async def test_call_after_call() -> None:
    """The thousand calls of the benchmark, in short: all are heard at both ends, and nothing is left of them."""
    given = (str(BENCH), "--count", "15", "--at-once", "3", "--seconds", "1")
    process = await asyncio.create_subprocess_exec(sys.executable, *given, stdout=asyncio.subprocess.PIPE)
    told = json.loads((await process.communicate())[0])
    assert (told["failures"], told["deaths"]) == ([], 0)
    assert told["end"]["threads"] <= told["start"]["threads"] + 2
    assert told["end"]["rss_kib"] < told["start"]["rss_kib"] + 8 * 1024
