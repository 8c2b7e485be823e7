"""A line between two machines on which every packet of IP may be late, lost, out of step or doubled.

As the kernel's ``netem`` (tc-netem(8)), which not every kernel has: a TUN device in each of two network namespaces, and
this process between them. Needs root and /dev/net/tun.
"""

import asyncio
import contextlib
import fcntl
import itertools
import os
import random
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.machines import CABLE, ip, machines

TUN = "/dev/net/tun"
_SET = 0x400454CA
"""TUNSETIFF, for a TUN device (1) whose packets have nothing before them (IFF_NO_PI), of linux/if_tun.h."""
_PLAIN = 0x1001
_LONGEST = 65535
_numbers = itertools.count()


@dataclass
class Weather:
    """What becomes of packets, each for itself; may be changed at any moment. Times are seconds, the rest shares."""

    delay: float = 0.0
    jitter: float = 0.0
    """Each is late by up to so much more or less, every amount as likely: so they overtake each other."""
    loss: float = 0.0
    doubled: float = 0.0
    hurried: float = 0.0
    """Those that go at once, before the others, which wait."""


@dataclass
class BadLine:
    """``here`` is 10.77.0.1 and ``there`` 10.77.0.2, each on its device ``cable``."""

    here: str
    there: str
    weather: Weather = field(default_factory=Weather)
    told: Counter[str] = field(default_factory=Counter)
    """How many packets came, and what became of them: ``sent``, ``lost``, ``doubled``, ``hurried``."""


class _End:
    """A device; what comes out of it goes into the other one. ``seed`` decides what becomes of which packet."""

    def __init__(self, seed: int, line: BadLine, name: str) -> None:
        self.other = self
        self._line = line
        self._random = random.Random(seed)  # noqa: S311 - not a secret
        self._loop = asyncio.get_running_loop()
        self._device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(self._device, _SET, struct.pack("16sH22x", name.encode(), _PLAIN))
        except OSError:
            os.close(self._device)
            raise
        self._loop.add_reader(self._device, self._read)

    def close(self) -> None:
        self._loop.remove_reader(self._device)
        os.close(self._device)
        self._device = -1

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # no more, or the device is down
            while True:
                packet = os.read(self._device, _LONGEST)
                if packet[0] >> 4 == 4:  # the kernel looks for neighbours by IPv6 unasked
                    self._pass_on(packet)

    def _pass_on(self, packet: bytes) -> None:
        weather, happens = self._line.weather, self._happens
        happens("sent", 1.0)
        if happens("lost", weather.loss):
            return
        for _ in range(2 if happens("doubled", weather.doubled) else 1):
            if happens("hurried", weather.hurried):
                self.other.deliver(packet)
                continue
            late = weather.delay + self._random.uniform(-weather.jitter, weather.jitter)
            self._after(late, lambda: self.other.deliver(packet))

    def _happens(self, what: str, share: float) -> bool:
        happens = self._random.random() < share
        self._line.told[what] += happens
        return happens

    def _after(self, seconds: float, work: Callable[[], None]) -> None:
        if seconds > 0:
            self._loop.call_later(seconds, work)
        else:
            work()

    def deliver(self, packet: bytes) -> None:
        if self._device >= 0:
            with contextlib.suppress(OSError):  # the device is down
                os.write(self._device, packet)


@asynccontextmanager
async def bad_line(weather: Weather | None = None, seed: int = 4) -> AsyncIterator[BadLine]:
    """Raises OSError where this machine lets us make no such thing."""
    async with machines("a", "b") as (here, there):
        line = BadLine(here, there, weather or Weather())
        ends: list[_End] = []
        try:
            for number, machine in enumerate((here, there), start=1):
                name = f"cg{os.getpid() % 100000}t{next(_numbers)}"
                ends.append(_End(seed + number, line, name))
                await ip("link", "set", name, "netns", machine, "name", CABLE)
                await ip("-n", machine, "addr", "add", f"10.77.0.{number}/24", "dev", CABLE)
                await ip("-n", machine, "link", "set", CABLE, "up")
            ends[0].other, ends[1].other = ends[1], ends[0]
            yield line
        finally:
            for end in ends:
                end.close()
