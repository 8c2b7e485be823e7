"""A sound server whose Unix socket SSH forwards (``PULSE_SERVER``): it looks local, and shares no memory with us.

PulseAudio's library would pass descriptors of shared memory through the socket, which SSH does not carry: the server
takes that for a broken client. So the library is told to send the sound itself.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path

OWN = ("~/.config/pulse/client.conf", "/etc/pulse/client.conf")
"""What the library reads otherwise, the first that is there."""


def is_forwarded(environment: MutableMapping[str, str]) -> bool:
    """Whether a session over SSH was given a sound server behind a Unix socket, and nothing else was arranged."""
    server = environment.get("PULSE_SERVER", "")
    return (
        "SSH_CONNECTION" in environment
        and server.rpartition("}")[2].startswith(("unix:", "/"))
        and "PULSE_CLIENTCONFIG" not in environment
    )


def do_without_shared_memory(environment: MutableMapping[str, str]) -> None:
    """Before the library is loaded. Does nothing where the system has no files in memory (Linux has)."""
    if not is_forwarded(environment) or not hasattr(os, "memfd_create"):
        return
    read = next((path for name in OWN if (path := Path(name).expanduser()).is_file()), None)
    settings = f".include {read}\n" if read else ""
    file = os.memfd_create("pulse-client.conf", 0)
    os.write(file, f"{settings}enable-shm = no\n".encode())
    environment["PULSE_CLIENTCONFIG"] = f"/proc/self/fd/{file}"
