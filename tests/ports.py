"""Ports for programs that have to be told one."""

import contextlib
import random
import socket

_LOWEST, _HIGHEST = 10_000, 32_767
_RANDOM = random.SystemRandom()
"""Test runners side by side may have been given the same seed."""


def free_port(together: int = 1) -> int:
    """An even one on loopback, and as many that follow it, where nobody listens over TCP or UDP.

    They are below those that Linux gives to whoever asks for any (``ip_local_port_range``, from 32,768): between this
    look and the start of the program that is told of it, the other tests ask for hundreds of those.
    """
    while True:
        first = _RANDOM.randrange(_LOWEST, _HIGHEST - together, 2)
        with contextlib.suppress(OSError), contextlib.ExitStack() as probes:
            for port in range(first, first + together):
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    probes.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
            return first
