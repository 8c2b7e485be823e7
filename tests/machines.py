"""Machines of their own to put programs into: network namespaces, and the cables between them. Needs root."""

import asyncio
import contextlib
import itertools
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CABLE = "cable"
"""What each of two machines calls the line to the other."""
_numbers = itertools.count()


@asynccontextmanager
async def machines(*names: str) -> AsyncIterator[tuple[str, ...]]:
    """Network namespaces that know no other than themselves; yields what they are called here, in that order.

    Raises OSError where this machine does not let us make any.
    """
    prefix = f"cg{os.getpid()}n{next(_numbers)}"
    made = []
    try:
        for name in names:
            await ip("netns", "add", prefix + name)
            made.append(prefix + name)
            await ip("-n", prefix + name, "link", "set", "lo", "up")
        yield tuple(made)
    finally:
        for name in made:
            with contextlib.suppress(OSError):
                await ip("netns", "del", name)


async def lay_cable(one: str, other: str, *, network: str, names: tuple[str, str] = (CABLE, CABLE)) -> None:
    """Join two machines, which are ``network``.1 and ``network``.2 then (``10.77.0``)."""
    ends = tuple(f"cg{os.getpid() % 100000}e{next(_numbers)}" for _ in range(2))
    await ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
    for number, (machine, end, name) in enumerate(zip((one, other), ends, names, strict=True), start=1):
        await ip("link", "set", end, "netns", machine)
        await ip("-n", machine, "link", "set", end, "name", name)
        await ip("-n", machine, "addr", "add", f"{network}.{number}/24", "dev", name)
        await ip("-n", machine, "link", "set", name, "up")


@asynccontextmanager
async def two_machines() -> AsyncIterator[tuple[str, str]]:
    """10.77.0.1 and 10.77.0.2, joined by a cable. Raises OSError."""
    async with machines("a", "b") as (one, other):
        await lay_cable(one, other, network="10.77.0")
        yield one, other


async def move_house(machine: str, before: str = "10.77.0.1", after: str = "10.77.0.9") -> None:
    """Another address at the same cable, as after moving to another network."""
    await ip("-n", machine, "addr", "del", f"{before}/24", "dev", CABLE)
    await ip("-n", machine, "addr", "add", f"{after}/24", "dev", CABLE)


async def ip(*words: str) -> None:
    """Raises OSError where the machine does not let us."""
    await run(shutil.which("ip") or "/usr/sbin/ip", *words)


async def run(*command: str) -> str:
    """What it says. Raises OSError where it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    if process.returncode:
        raise OSError(f"{' '.join(command)}: {errors.decode().strip()}")
    return output.decode()


async def translate(router: str, outward: str, *, symmetric: bool = False) -> None:
    """Make it a router as people have one at home: those behind it share its address on the device ``outward``, and
    nothing comes in from there that was not asked for. ``symmetric``: with another port for everybody whom somebody
    behind it talks to (RFC 4787, 4.1: address and port-dependent mapping). Raises OSError.
    """
    rules = f"""
        table ip home {{
            chain leaving {{
                type nat hook postrouting priority srcnat;
                oifname "{outward}" masquerade {"fully-random" if symmetric else ""}
            }}
            chain entering {{
                type filter hook input priority filter;
                iifname "{outward}" ct state != {{ established, related }} drop
            }}
            chain passing {{
                type filter hook forward priority filter;
                iifname "{outward}" ct state != {{ established, related }} drop
            }}
        }}
    """
    await forward(router)
    await ip("netns", "exec", router, shutil.which("nft") or "/usr/sbin/nft", rules)


async def forward(router: str) -> None:
    """Let packets pass through it that are for others. Raises OSError."""
    await ip("netns", "exec", router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
