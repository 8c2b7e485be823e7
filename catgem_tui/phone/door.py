"""Where a telephone on another computer is reached from here: one socket a session, its secret in a file beside it.

The folder is the person's own (0700). A session's socket is named anew, so that one left by a session that died is in
nobody's way; the secret's file (0600) goes with the next session.
"""

import contextlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from catgem_tui.phone.secret import BYTES

SOCKET, SECRET = ".sock", ".key"
LONGEST_PATH = 100
"""Bytes of a Unix socket's path that every system takes (104 on macOS, with the terminating zero)."""
KEPT = 2
"""Doors of former sessions that stay: another session may be using one."""


class Unusable(Exception):
    """The folder or the secret is not safe or not there."""


@dataclass(frozen=True)
class Door:
    socket: Path
    secret: bytes


def make_folder(folder: Path) -> None:
    """Raises Unusable where somebody else could reach in."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.stat(follow_symlinks=False)
    except OSError as error:
        raise Unusable(str(error)) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Unusable(str(folder))


def open_door(folder: Path, secret: bytes) -> Path:
    """Write down the secret of a new session; returns where its socket is to be. Raises Unusable."""
    make_folder(folder)
    for old in _newest_first(folder)[KEPT:]:
        for file in (old, old.with_suffix(SECRET)):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
    socket = folder / f"{secrets.token_hex(6)}{SOCKET}"
    if len(os.fsencode(socket)) > LONGEST_PATH:
        raise Unusable(str(socket))
    write_secret(socket.with_suffix(SECRET), secret)
    return socket


def write_secret(file: Path, secret: bytes) -> None:
    """Raises Unusable."""
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:  # noqa: PTH123
            out.write(secret.hex())
    except OSError as error:
        raise Unusable(str(error)) from error


def find_doors(place: Path) -> list[Door]:
    """The doors of a folder, newest first; of a socket's name, those in its folder: a session's follows the other.

    The newest first even so, for the door of a session that broke may still stand open and lead nowhere.
    """
    doors: list[Door] = []
    for socket in _newest_first(place if place.is_dir() else place.parent):
        with contextlib.suppress(OSError, ValueError):
            secret = bytes.fromhex(socket.with_suffix(SECRET).read_text("ascii").strip())
            if len(secret) == BYTES:
                doors.append(Door(socket, secret))
    return doors


def _newest_first(folder: Path) -> list[Path]:
    """Sockets' names, by the age of their secrets."""
    keys: list[tuple[int, Path]] = []
    with contextlib.suppress(OSError):
        for key in folder.glob(f"*{SECRET}"):
            with contextlib.suppress(OSError):
                keys.append((key.stat().st_mtime_ns, key.with_suffix(SOCKET)))
    return [socket for _, socket in sorted(keys, reverse=True)]
