"""From mouth to ear, softphone to softphone over loopback, ours and baresip's, on PulseAudio's null sinks.

Prints JSON. ``machine``: how late a sleep of 2 ms ends, and what a host steals. For each set-up: the delay of chirps
(milliseconds) over several calls, because how the blocks of two cards fall against each other is another in each; of
the first of them holes in a tone (dropouts heard at the ear), what the engine counted itself, CPU (per cent of a core;
``cpu_percent_at_first`` is that of the chirps before: a telephone may have more to do when a call begins, and baresip
mostly computes for a good half of a second) and memory (RSS and PSS, MB) of one telephone in a G.722 call.
``stood_still`` is how often during the tone a witness in real time, above every telephone, came more than 5 ms late,
half a short block, and by how much at most: no telephone can do better then. ``undisturbed`` are the seconds of the
tone between the engine's measurements in which it did not, and what was counted by both ends and heard as holes in
those that were not in the mouth before.
``auto`` waits until both engines have earned short blocks (``earned``), for two minutes at most. ``busy`` is our
automatic setting, from short blocks on, with one core kept busy: seconds until it fell back, and holes from two seconds
after that on.
Run: ``python tests/bench/bench_sound.py [--calls CALLS] [--count CHIRPS] [--seconds TONE] [--only SETUP …]
[--busy SECONDS] [--ordinary] [--awake]``; ``--only quick --seconds 600`` is the run of ten minutes. ``--awake`` keeps
the processors from sleeping, by what gives way to everything else: a virtual machine's that sleeps belongs to its host,
which may be late to give it back; one made of metal wakes in microseconds.
Where baresip is not installed its figures are null.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    EngineSettings,
    Gate,
    Latency,
    PhoneEvent,
    QualityMeasured,
    SoundChanged,
)
from tests.bench.sound_rig import Rig, chirps, delays_ms, holes, sound_server, tone, until
from tests.ports import free_port
from tests.sound_card import environed

PATIENCE = 20.0
PROOF = 60.0
"""Seconds, as the workstation has it."""
DISTURBED = 0.5
"""Seconds after a standstill in which buffers find their length again."""
PHONES = ("quick", "safe", "auto", "baresip", "baresip_tuned")
GOALS = {"quick": (60.0, 0.6, 0.4), "safe": (100.0, 1.0, 0.4)}
"""Milliseconds at most, and the ratio at most to baresip tuned and to baresip as shipped."""
_BARESIP = """\
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
module_path /usr/lib/baresip/modules
module g722.so
module g711.so
module menu.so
module account.so
module alsa.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
audio_source alsa,{source}
audio_player alsa,{sink}
audio_alert alsa,nobody
{tuning}
"""
_TUNING = {
    "baresip": "audio_buffer 20-160\njitter_buffer_delay 5-10\n",
    "baresip_tuned": "audio_buffer 20-60\njitter_buffer_delay 1-2\n",
}
"""As Debian ships it; and by hand, with packets of 10 ms (in the account)."""
_ASOUND = """\
pcm.microphone { type pulse device "microphone" }
pcm.quiet { type pulse device "nobody.monitor" }
pcm.ear { type pulse device "ear" }
pcm.nobody { type pulse device "nobody" }
ctl.!default { type pulse }
"""


class Ours:
    """One of our telephones, its engine started with this environment."""

    def __init__(self, latency: Latency, python: str, quick_after: float) -> None:
        settings = EngineSettings(gate=Gate.OPEN, latency=latency, codecs=("G722",), quick_after=quick_after)
        self.phone = EngineClient(settings, python=python)
        self.events: list[tuple[float, PhoneEvent]] = []
        self._news = asyncio.Condition()
        self.pid = 0

    async def start(self, stack: AsyncExitStack, environment: dict[str, str]) -> str:
        with environed(environment):
            ready = await self.phone.start()
        stack.push_async_callback(self.phone.close)
        if ready.sound_problem:
            raise RuntimeError(f"no sound: {ready.sound_problem}")
        listening = asyncio.create_task(self._listen())
        stack.callback(listening.cancel)
        self.pid = self.phone.pid or 0
        return ready.uri

    async def _listen(self) -> None:
        async for event in self.phone.events():
            async with self._news:
                self.events.append((time.monotonic(), event))
                self._news.notify_all()

    async def wait_for(self, kind: type, patience: float = PATIENCE, **fields: object) -> Any:
        def found() -> Any:
            for _, event in self.events:
                if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items()):
                    return event
            return None

        async with asyncio.timeout(patience), self._news:
            await self._news.wait_for(found)
            return found()

    def measured(self) -> list[tuple[float, int, int]]:
        """When the engine measured, and how many under- and overruns it had counted by then."""
        return [
            (at, event.underruns, event.overruns) for at, event in self.events if isinstance(event, QualityMeasured)
        ]

    def counted(self) -> dict[str, int]:
        measured = self.measured()
        return dict(zip(("underruns", "overruns"), measured[-1][1:], strict=True)) if measured else {}


@asynccontextmanager
async def our_call(
    rig: Rig, latency: Latency, python: str = sys.executable, quick_after: float = PROOF
) -> AsyncIterator[tuple[Ours, Ours]]:
    async with AsyncExitStack() as stack:
        caller, called = (Ours(latency, python, quick_after) for _ in range(2))
        await caller.start(stack, rig.environment(sink="nobody", source="microphone"))
        uri = await called.start(stack, rig.environment(sink="ear", source="nobody.monitor"))
        if latency is Latency.AUTO:
            with contextlib.suppress(TimeoutError):
                for phone in (caller, called):
                    await phone.wait_for(SoundChanged, 2 * PROOF, latency=Latency.QUICK)
        await caller.phone.do(Dial(call="out", uri=uri, sound=True))
        arrived = await called.wait_for(CallArrived)
        await called.phone.do(Answer(call=arrived.call, sound=True))
        await caller.wait_for(CallChanged, call="out", state=CallState.CONFIRMED, media=True)
        yield caller, called


@asynccontextmanager
async def baresip_call(rig: Rig, kind: str) -> AsyncIterator[tuple[int, int]]:
    """Process ids of the caller and of the called."""
    async with AsyncExitStack() as stack:
        ports = {"a": free_port(), "b": free_port()}
        pids = {}
        for name, source, sink in (("b", "quiet", "ear"), ("a", "microphone", "nobody")):
            folder = rig.folder / f"{kind}-{name}"
            folder.mkdir(exist_ok=True)
            settings = _BARESIP.format(
                port=ports[name], control=free_port(), source=source, sink=sink, tuning=_TUNING[kind]
            )
            (folder / "config").write_text(settings)
            ptime = ";ptime=10" if kind == "baresip_tuned" else ""
            account = f"<sip:{name}@127.0.0.1:{ports[name]};transport=udp>;regint=0;answermode=auto"
            (folder / "accounts").write_text(f"{account};audio_codecs=G722/16000/1{ptime}\n")
            (folder / "contacts").touch()
            (folder / "asoundrc").write_text(_ASOUND)
            options = ("-e", f"/dial sip:b@127.0.0.1:{ports['b']}") if name == "a" else ()
            environment = {
                **os.environ, "PULSE_SERVER": rig.server,
                "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{folder / 'asoundrc'}",
            }  # fmt: skip
            output = stack.enter_context((folder / "output").open("wb"))
            process = await asyncio.create_subprocess_exec(
                "baresip", "-v", "-f", str(folder), *options,
                env=environment, stdin=asyncio.subprocess.PIPE, stdout=output, stderr=output,
            )  # fmt: skip
            stack.push_async_callback(_end, process)
            pids[name] = process.pid
            await _said(folder / "output", "baresip is ready" if name == "b" else "Call established")
        yield pids["a"], pids["b"]


async def _said(path: Path, words: str) -> None:
    def said() -> str:
        return path.read_text(errors="replace")

    try:
        await until(lambda: words in said())
    except TimeoutError:
        raise RuntimeError(f"baresip did not say {words!r}: {said()[-600:]}") from None


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def unsteadiness(sleeps: int = 1500) -> dict[str, float]:
    """How this machine itself treats whoever wants 2 ms: lateness (milliseconds), and time its host took from it."""

    def stolen() -> tuple[int, int]:
        fields = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        return fields[7], sum(fields)

    before, late, at = stolen(), [], time.monotonic()
    for _ in range(sleeps):
        time.sleep(0.002)
        now = time.monotonic()
        late.append((now - at) * 1000 - 2)
        at = now
    after = stolen()
    late.sort()
    return {
        "late_ms_p99": round(late[int(sleeps * 0.99)], 2), "late_ms_max": round(late[-1], 2),
        "stolen_percent": round(100 * (after[0] - before[0]) / max(1, after[1] - before[1]), 2),
    }  # fmt: skip


_WITNESS = """
import contextlib, os, time
with contextlib.suppress(OSError, AttributeError):
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(30))
before = time.monotonic()
while True:
    time.sleep(0.002)
    now = time.monotonic()
    if now - before > 0.007:
        print(before, now, flush=True)
    before = now
"""


class Witness:
    """Whether the machine itself stood still: a process that goes before every telephone."""

    async def __aenter__(self) -> "Witness":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WITNESS, stdout=asyncio.subprocess.PIPE
        )
        self.told: dict[str, float] = {}
        self.stood_still: list[tuple[float, float]] = []
        """From when to when, on the clock of ``time.monotonic``, which is one for all processes."""
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._process.terminate()
        said, _ = await self._process.communicate()
        self.stood_still = [(float(before), float(now)) for before, now in map(bytes.split, said.splitlines())]
        late = [now - before - 0.002 for before, now in self.stood_still]
        self.told = {"times": len(late), "max_ms": round(1000 * max(late, default=0.0), 1)}

    def disturbed(self, begun: float, ended: float) -> bool:
        """Whether what happened between these two may be because the machine stood still then or just before."""
        return any(before < ended and now + DISTURBED > begun for before, now in self.stood_still)


_AWAKE = """
import os
os.nice(19)
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while True:
    pass
"""


@asynccontextmanager
async def awake() -> AsyncIterator[None]:
    """No processor sleeps; Linux only."""
    async with AsyncExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", _AWAKE)
            stack.push_async_callback(_end, process)
        yield


class Burden:
    """What a process costs: CPU since it was made, and memory."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._begun, self._spent = time.monotonic(), self._cpu()

    def _cpu(self) -> float:
        """Seconds by the scheduler: what is sampled at ticks misses most of a thread that works for a moment at a time.

        Linux's clock of another process (man 3 clock_getcpuclockid).
        """
        return time.clock_gettime(~self._pid << 3 | 2)

    def percent(self) -> float:
        """Of a processor."""
        return round(100 * (self._cpu() - self._spent) / (time.monotonic() - self._begun), 2)

    def told(self) -> dict[str, float]:
        memory = Path(f"/proc/{self._pid}/smaps_rollup").read_text()
        megabytes = {
            line.split(":")[0]: int(line.split()[1]) / 1024
            for line in memory.splitlines()
            if line.startswith(("Rss", "Pss:"))
        }
        return {
            "cpu_percent": self.percent(), "rss_mb": round(megabytes["Rss"], 1), "pss_mb": round(megabytes["Pss"], 1),
        }  # fmt: skip


def ordinary_python(folder: Path) -> str:
    """An interpreter without the right to real time, as somebody has it who isn't root and has no ``rtprio``."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return sys.executable
    script = folder / "ordinary-python"
    script.write_text(f'#!/bin/sh\nexec setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice {sys.executable} "$@"\n')
    script.chmod(0o755)
    return str(script)


@asynccontextmanager
async def call_of(rig: Rig, kind: str, python: str) -> AsyncIterator[tuple[int, tuple[Ours, ...]]]:
    """A second into a call: the caller's process, and both telephones where they are ours."""
    async with AsyncExitStack() as stack:
        ours: tuple[Ours, ...] = ()
        if kind.startswith("baresip"):
            pid, _ = await stack.enter_async_context(baresip_call(rig, kind))
        else:
            ours = await stack.enter_async_context(our_call(rig, Latency(kind), python))
            pid = ours[0].pid
        await asyncio.sleep(1.0)
        yield pid, ours


async def measure(rig: Rig, kind: str, asked: argparse.Namespace, python: str) -> dict[str, Any]:
    # Before and after the call: an engine that nobody listens to for a second is taken for dead.
    words, speech = chirps(asked.count), tone(asked.seconds)
    async with call_of(rig, kind, python) as (pid, ours):
        burden = Burden(pid)
        spoken = [await rig.hear(words)]
        at_first, burden = burden.percent(), Burden(pid)
        async with Witness() as witness:
            begun = time.monotonic()
            mouth, ear = await rig.hear(speech)
        silent, unsaid = holes(ear), holes(mouth, 0.0) or []
        told: dict[str, Any] = {"tone_s": asked.seconds, "stood_still": witness.told}
        told |= {**burden.told(), "cpu_percent_at_first": at_first}
        if ours:
            told["undisturbed"] = undisturbed(ours, witness, begun, silent or [], unsaid)
            told["counted_caller"], told["counted_called"] = (phone.counted() for phone in ours)
            told["earned"] = all(_became(phone, Latency.QUICK) is not None for phone in ours)
            told["fell_back"] = any(_became(phone, Latency.SAFE) is not None for phone in ours)
    for _ in range(asked.calls - 1):
        async with call_of(rig, kind, python):
            spoken.append(await rig.hear(words))
    delays = [delays_ms(*each) for each in spoken]
    found = [each for call in delays for each in call]
    told |= {
        "delay_ms": _summarise(found), "delay_ms_by_call": [_summarise(call) for call in delays],
        "arrived": f"{len(found)} of {asked.calls * asked.count}", "dropouts": None if silent is None else len(silent),
        "dropouts_at_the_mouth": len(unsaid),
    }  # fmt: skip
    return told


def undisturbed(
    phones: tuple[Ours, ...], witness: Witness, begun: float, silent: list[float], unsaid: list[float]
) -> dict[str, float]:
    """``begun``: when the recording did in which ``silent`` are the holes at the ear, ``unsaid`` those at the mouth."""
    told = {"seconds": 0.0, "underruns": 0, "overruns": 0, "dropouts": 0}
    for phone in phones:
        for (since, *before), (until_then, *after) in pairwise(phone.measured()):
            if since > begun and not witness.disturbed(since, until_then):
                told["seconds"] += (until_then - since) / len(phones)
                told["underruns"] += after[0] - before[0]
                told["overruns"] += after[1] - before[1]
    told["dropouts"] = sum(
        not witness.disturbed(begun + at - 0.5, begun + at + 0.5) and not any(0 < at - gap < 0.5 for gap in unsaid)
        for at in silent
    )
    return told | {"seconds": round(told["seconds"], 1)}


def _summarise(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {"median": round(statistics.median(values), 1), "max": round(max(values), 1)}


def _became(phone: Ours, latency: Latency) -> float | None:
    """When, on the clock of ``time.monotonic``."""
    for at, event in phone.events:
        if isinstance(event, SoundChanged) and event.latency is latency:
            return at
    return None


async def measure_busy(rig: Rig, seconds: float, python: str) -> dict[str, Any]:
    """Our automatic setting with one core kept busy."""
    async with our_call(rig, Latency.AUTO, python, quick_after=0.0) as phones:
        await asyncio.sleep(1.0)
        begun = time.monotonic()
        busy = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass")
        try:
            async with Witness() as witness:
                _, ear = await rig.hear(tone(seconds))
        finally:
            await _end(busy)
        changed = [_became(phone, Latency.SAFE) for phone in phones]
        counted = [phone.counted() for phone in phones]
    fell = [None if at is None else round(at - begun, 2) for at in changed]
    last = max((at for at in fell if at is not None), default=0.0)
    first, then = (len(holes(ear, skip) or []) for skip in (0.0, min(2.0 + last, seconds / 2)))
    return {
        "fell_back_s": fell, "stood_still": witness.told, "dropouts_first_2_s": first - then,
        "dropouts_then": then, "counted": counted, "tone_s": seconds,
    }  # fmt: skip


async def run(arguments: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"bench": "sound", "load": round(os.getloadavg()[0], 2), "machine": unsteadiness()}
    with tempfile.TemporaryDirectory() as folder:
        python = ordinary_python(Path(folder)) if arguments.ordinary else sys.executable
        async with awake() if arguments.awake else contextlib.nullcontext(), sound_server(Path(folder) / "rig") as rig:
            for kind in arguments.only or PHONES:
                if kind.startswith("baresip") and shutil.which("baresip") is None:
                    figures[kind] = None
                else:
                    figures[kind] = await measure(rig, kind, arguments, python)
            if arguments.busy:
                figures["busy"] = await measure_busy(rig, arguments.busy, python)
    figures["goals"] = _judge(figures)
    return figures


def _judge(figures: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for kind, (most, to_tuned, to_shipped) in GOALS.items():
        delay = _median(figures, kind)
        if delay is None:
            continue
        told[kind] = {"delay": delay <= most}
        for peer, limit in (("baresip_tuned", to_tuned), ("baresip", to_shipped)):
            theirs = _median(figures, peer)
            if theirs:
                told[kind][f"ratio_to_{peer}"] = round(delay / theirs, 2)
                told[kind][f"ratio_to_{peer}_ok"] = delay / theirs <= limit
                told[kind][f"cpu_ratio_to_{peer}"] = round(
                    figures[kind]["cpu_percent"] / figures[peer]["cpu_percent"], 2
                )
    return told


def _median(figures: dict[str, Any], kind: str) -> float | None:
    found = figures.get(kind) or {}
    return found.get("delay_ms", {}).get("median")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5, help="for the delay (%(default)s)")
    parser.add_argument("--count", type=int, default=10, help="chirps in each (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of tone, for each set-up (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=PHONES, help="set-ups to measure; all, if none is named")
    parser.add_argument("--busy", type=float, default=0.0, metavar="SECONDS", help="then with one core kept busy")
    parser.add_argument("--ordinary", action="store_true", help="our engines without the right to real time")
    parser.add_argument("--awake", action="store_true", help="no processor sleeps")
    print(json.dumps(asyncio.run(run(parser.parse_args()))))
