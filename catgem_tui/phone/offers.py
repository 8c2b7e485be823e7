"""What the telephone's library offers here, asked of it in a process of its own."""

import asyncio
import contextlib

import msgspec

from catgem_tui.phone.launch import MISSING, bootstrap
from catgem_tui.phone.port import PhoneError

PATIENCE = 10.0


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    """Of pjsip."""
    transports: tuple[str, ...]
    """Of SIP, that could be opened on this machine: ``UDP``, ``TCP``, ``TLS``, ``UDP6``."""
    codecs: tuple[str, ...]
    """Name, clock rate and channels: ``G722/16000/1``."""
    srtp: tuple[str, ...]
    """Ciphers, by their names in SDP (RFC 4568, RFC 6188); none: sound cannot be encrypted."""
    traversals: tuple[str, ...]
    """``ICE``, ``STUN``, ``TURN``."""
    sound: str
    """What moves the sound: ``pjsip`` where it sees a device by itself, ``miniaudio`` with its version, or nothing."""


async def ask_offers(python: str) -> Offers:
    """Of the library that this interpreter has. Raises PhoneError ``no_library`` or ``not_running``."""
    try:
        child = await asyncio.create_subprocess_exec(
            *bootstrap(python, "catgem_tui.phone.engine.offers"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except (OSError, ValueError) as error:
        raise PhoneError("not_running", f"{python}: {error}") from error
    try:
        async with asyncio.timeout(PATIENCE):
            output, errors = await child.communicate()
    except TimeoutError:
        raise PhoneError("not_running", f"no answer in {PATIENCE:.0f} seconds") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
    words = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
    if child.returncode == MISSING:
        raise PhoneError("no_library", *words)
    try:
        return msgspec.json.decode(output, type=Offers)
    except msgspec.MsgspecError:
        raise PhoneError("not_running", *words or (f"status {child.returncode}",)) from None
