"""One phone engine that takes call after call: answered, two seconds of speech both ways, hung up.

    python tests/bench/bench_calls.py [--count CALLS] [--at-once CALLS] [--seconds SECONDS]

Prints one JSON object. ``failures`` are calls that were not answered, whose speech was not heard at the other end, or
that did not end when one side (in turn) hung up. ``start``, ``after_100`` and ``end`` tell of the engine that is
called, which has a sound card (a null sink of PulseAudio's): ``rss_kib``, ``threads``, ``descriptors``, at the start
and the end at rest. With ``--at-once`` several telephones, each with an engine of its own, call the one at the same
time: it still takes every one of the calls, only sooner.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    EngineSettings,
    EngineStopped,
    Gate,
    HangUp,
    PhoneError,
    PhoneEvent,
    Play,
    Record,
    StopPlaying,
    StopRecording,
)
from catgem_tui.selftest.sound import Recording, write_tone
from tests.sound_card import everyones_card

PATIENCE = 15.0
SETTLING = 2.0
"""Seconds until a card runs steadily and the thread that opened it has ended."""
REST = 35.0
"""Seconds until a SIP stack has forgotten a dialogue (RFC 3261, timers H and J)."""
MANY = 100
"""Calls after which it is worth while to wait for that."""
HEARD = 0.1
"""Strength of a tone sent at 0.4 from which it counts as heard."""
HERE, THERE = 440.0, 620.0


class Telephone:
    """An engine whose calls can be waited for."""

    def __init__(self, folder: Path, name: str, hertz: float, *, card: bool = False) -> None:
        self.client = EngineClient(EngineSettings(user=name, gate=Gate.OPEN, sound=card))
        self.card = card
        self.name, self.uri, self.deaths = name, "", 0
        self._folder = folder
        self._tone = folder / f"{name}.wav"
        write_tone(self._tone, hertz, seconds=2.0)
        self._seen: dict[str, list[PhoneEvent]] = {}
        self._news = asyncio.Condition()

    async def start(self, stack: AsyncExitStack) -> None:
        ready = await self.client.start()
        assert not (self.card and ready.sound_problem)
        self.uri = ready.uri
        stack.push_async_callback(self.client.close)
        listening = asyncio.create_task(self._listen())
        stack.callback(listening.cancel)

    async def _listen(self) -> None:
        async for event in self.client.events():
            self.deaths += isinstance(event, EngineStopped)
            if isinstance(event, CallArrived | CallChanged):
                async with self._news:
                    self._seen.setdefault(event.call, []).append(event)
                    self._news.notify_all()

    async def arrival(self, caller: str) -> str:
        async with asyncio.timeout(PATIENCE), self._news:
            while True:
                for call, events in self._seen.items():
                    if isinstance(events[0], CallArrived) and events[0].caller == caller:
                        return call
                await self._news.wait()

    async def until(self, call: str, state: CallState, *, media: bool = False) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            while not any(
                isinstance(event, CallChanged) and event.state is state and event.media >= media
                for event in self._seen.get(call, ())
            ):
                await self._news.wait()

    def forget(self, call: str) -> None:
        self._seen.pop(call, None)

    async def talk(self, call: str) -> Path:
        """Speak into the call and keep what is heard of it. Returns where."""
        heard = self._folder / f"{self.name}-{call}.wav"
        await self.client.do(Play(player=f"voice-{call}", path=str(self._tone), loop=True, to=(call,)))
        await self.client.do(Record(recorder=f"ear-{call}", path=str(heard)))
        await self.client.do(Connect(source=call, sink=f"ear-{call}:left"))
        return heard

    async def fall_silent(self, call: str) -> None:
        await self.client.do(StopPlaying(player=f"voice-{call}"))
        await self.client.do(StopRecording(recorder=f"ear-{call}"))


async def call_once(caller: Telephone, called: Telephone, number: int, seconds: float) -> str:
    """Returns what went wrong; empty when nothing did."""
    name, shown = f"out-{number}", f"{caller.name}{number}"
    arrived = ""
    try:
        await caller.client.do(Dial(call=name, uri=called.uri, caller=shown))
        arrived = await called.arrival(shown)
        await called.client.do(Answer(call=arrived, sound=called.card))
        await caller.until(name, CallState.CONFIRMED, media=True)
        await called.until(arrived, CallState.CONFIRMED, media=True)
        recordings = await caller.talk(name), await called.talk(arrived)
        await asyncio.sleep(seconds)
        await caller.fall_silent(name)
        await called.fall_silent(arrived)
        if number % 2:
            await caller.client.do(HangUp(call=name))
        else:
            await called.client.do(HangUp(call=arrived))
        await caller.until(name, CallState.ENDED)
        await called.until(arrived, CallState.ENDED)
        for path, hertz in zip(recordings, (THERE, HERE), strict=True):
            if await asyncio.to_thread(measure_tone, path, hertz) < HEARD:
                return f"{number}: nothing was heard at {path.stem.partition('-')[0]}"
            path.unlink()
    except (PhoneError, TimeoutError) as error:
        return f"{number}: {type(error).__name__} {error}"
    finally:
        caller.forget(name)
        called.forget(arrived)
    return ""


def measure_tone(path: Path, hertz: float) -> float:
    return Recording.read(path).strength(hertz)


def look_at(telephone: Telephone) -> dict[str, int]:
    """What the engine's process holds."""
    process = Path(f"/proc/{telephone.client.pid}")
    told = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    return {
        "rss_kib": int(told["VmRSS"].split()[0]),
        "threads": int(told["Threads"]),
        "descriptors": len(list((process / "fd").iterdir())),
    }


async def measure(folder: Path, count: int, at_once: int, seconds: float) -> dict[str, object]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(everyones_card(folder))
        called = Telephone(folder, "called", THERE, card=True)
        callers = [Telephone(folder, f"caller{chr(97 + index)}", HERE) for index in range(at_once)]
        for telephone in (called, *callers):
            await telephone.start(stack)
        await asyncio.sleep(SETTLING)
        failures: list[str] = []
        states = {"start": look_at(called)}
        numbers = iter(range(1, count + 1))
        done = 0

        async def keep_calling(caller: Telephone) -> None:
            nonlocal done
            for number in numbers:
                failed = await call_once(caller, called, number, seconds)
                if failed:
                    failures.append(failed)
                done += 1
                if done == MANY:
                    states["after_100"] = look_at(called)

        await asyncio.gather(*(keep_calling(caller) for caller in callers))
        if count >= MANY:
            await asyncio.sleep(REST)
        states["end"] = look_at(called)
        return {
            "bench": "calls",
            "calls": count,
            "at_once": at_once,
            "failures": failures,
            "deaths": called.deaths,
            **states,
            "load": round(os.getloadavg()[0], 2),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="calls (%(default)s)")
    parser.add_argument("--at-once", type=int, default=1, choices=(1, 2, 3), help="callers (%(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="speech in each call (%(default)s)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(measure(Path(folder), given.count, given.at_once, given.seconds))))


if __name__ == "__main__":
    main()
