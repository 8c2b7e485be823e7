"""Twinkle from Debian, without its windows: a telephone with a sound card, driven by its command line."""

import asyncio
import contextlib
import os
import wave
from contextlib import AsyncExitStack
from pathlib import Path

from tests.phone_set import until
from tests.ports import free_port
from tests.sound_card import Card
from tests.speech import RATE

_SYSTEM = """\
dev_ringtone=alsa:ear
dev_speaker=alsa:ear
dev_mic=alsa:default
validate_audio_dev=no
play_ringtone=no
play_ringback=no
sip_port={sip}
rtp_port={rtp}
"""
_PROFILE = """\
user_name=twin
user_domain=127.0.0.1
user_display=Twinkle
codecs=g711a
registration_time_in_contact=yes
register_at_startup=no
pres_publish_startup=no
sip_transport=udp
allow_refer=yes
ask_user_to_refer=no
"""
_SOUND = """\
pcm.ear {{ type file slave.pcm null file "{heard}" format raw }}
pcm.!default {{ type pulse server "{server}" }}
ctl.!default {{ type pulse server "{server}" }}
"""
"""It keeps what it hears in a file: that of a sound server it would drain for seconds at every hold."""


_AGREED = "re-INVITE successful"
_LOCKED = 45.0
"""Seconds for which it may do nothing else."""


class Twinkle:
    """Is called ``twin``; what it says comes from the card's microphone."""

    def __init__(self, folder: Path, card: Card) -> None:
        self._folder, self._card = folder, card
        self.port = free_port()
        settings = folder / ".twinkle"
        settings.mkdir(parents=True)
        (settings / "twinkle.sys").write_text(_SYSTEM.format(sip=self.port, rtp=free_port(2)))
        (settings / "peer.cfg").write_text(_PROFILE)
        (folder / ".asoundrc").write_text(_SOUND.format(heard=folder / "heard.raw", server=card.server))

    async def start(self, stack: AsyncExitStack) -> None:
        with (self._folder / "output").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                "twinkle-console", "peer.cfg",
                stdin=asyncio.subprocess.PIPE, stdout=output, stderr=asyncio.subprocess.STDOUT,
                env={"HOME": str(self._folder), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(self._folder),
                     "PULSE_SOURCE": "microphone.monitor"},
            )  # fmt: skip
        stack.push_async_callback(end, self._process)
        await until(lambda: "Twinkle>" in self.said)

    async def speak(self, stack: AsyncExitStack, speech: Path) -> None:
        """A WAV file, into the microphone."""
        stack.push_async_callback(
            end, await self._card.run("paplay", "--device=microphone", "--latency-msec=20", str(speech))
        )

    async def listen(self, recording: Path, seconds: float) -> Path:
        """What it hears from now on, for so long, as WAV of 8 kHz."""
        raw = self._folder / "heard.raw"
        begun = raw.stat().st_size if raw.exists() else 0
        await until(lambda: raw.exists() and raw.stat().st_size >= begun + seconds * RATE * 2)
        with wave.open(str(recording), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(raw.read_bytes()[begun:])
        return recording

    @property
    def said(self) -> str:
        """All that it printed so far."""
        return (self._folder / "output").read_text(errors="replace")

    async def order_and_wait(self, words: str) -> None:
        """To put somebody on hold or to take them back, and until it is done with that: see ``test_twinkle``."""
        before = self.said.count(_AGREED)
        await self.order(words)
        async with asyncio.timeout(_LOCKED):
            while self.said.count(_AGREED) <= before:  # noqa: ASYNC110 - it is a file
                await asyncio.sleep(0.02)

    async def order(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n".encode())
        await self._process.stdin.drain()


async def end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
