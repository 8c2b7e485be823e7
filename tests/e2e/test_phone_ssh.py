"""Talking over SSH, with a real server on loopback: a forwarded sound server, and the engine on the advisor's side."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from catgem_tui.config.settings import Voice
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    EngineSettings,
    Gate,
    HangUp,
    Play,
    SoundChanged,
)
from catgem_tui.phone.remote import RemotePhone
from catgem_tui.selftest.sound import write_tone
from catgem_tui.telephone import SOCKET_VARIABLE
from tests.central_house import PASSWORD, hire, running_central
from tests.e2e.lines_rig import Telephone, strengths
from tests.e2e.test_phone_card import CITIZEN, HEARD, MICROPHONE, SILENT, Card, card, listen, tape
from tests.phone_set import Set, until
from tests.ssh_house import SERVER, SshHouse, end, ssh_house

__all__ = ("card",)

pytestmark = [
    pytest.mark.require_module("pjsua2", "miniaudio"),
    pytest.mark.require_program("pulseaudio", "parec", "pactl", "ssh", "ssh-keygen", SERVER),
    pytest.mark.timeout(240),
]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
ENGINE = f"{sys.executable} -m catgem_tui.phone.engine"
VIA_CARD = "PULSE_SINK=loudspeaker PULSE_SOURCE=microphone.monitor"


@pytest.fixture
async def host() -> AsyncIterator[SshHouse]:
    async with ssh_house() as house:
        yield house


async def eventually(read: "Path", **wanted: object) -> dict[str, object]:
    """The state that a workstation wrote, once it is like this."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(OSError, ValueError):
                state: dict[str, object] = json.loads(read.read_text())
                if all(state[name] == value for name, value in wanted.items()):
                    return state
            await asyncio.sleep(0.05)


# --- 1: the sound server is forwarded ---


async def test_an_engine_there_speaks_and_hears_here_and_outlives_the_sound(
    host: SshHouse, card: Card, tmp_path: Path
) -> None:
    """The engine runs under sshd; its microphone and loudspeaker are those of this side's sound server."""
    local, there = card.server.removeprefix("unix:"), host.folder / "pulse"
    door = host.folder / "engine"
    sound = await host.ssh("-N", "-R", f"{there}:{local}", host.target)
    await until(there.exists)
    engine = await host.ssh(
        host.target,
        f"cd {ROOT} && PULSE_SERVER=unix:{there} {VIA_CARD} {ENGINE} --socket {door}",
    )
    advisor = Set(EngineClient(EngineSettings(gate=Gate.OPEN), socket=door))
    citizen = Set(EngineClient(EngineSettings(gate=Gate.OPEN, sound=False)))
    await until(door.exists)
    try:
        ready = await advisor.start()
        assert (ready.sound_problem, bool(ready.sound)) == ("", True)
        await citizen.start()
        write_tone(tmp_path / "citizen.wav", CITIZEN, seconds=1.0)
        write_tone(tmp_path / "microphone.wav", MICROPHONE, seconds=60.0)
        await advisor.do(Dial(call="out", uri=citizen.uri, sound=True))
        call = (await citizen.next(CallArrived)).call
        await citizen.do(Answer(call=call))
        await citizen.do(Play(player="voice", path=str(tmp_path / "citizen.wav"), loop=True, to=(call,)))
        await advisor.state("out", CallState.CONFIRMED)
        speaking = await card.run("paplay", "--device=microphone", str(tmp_path / "microphone.wav"))
        try:
            await asyncio.sleep(1.0)  # until what was silent before has been played
            heard = await listen(card, tmp_path / "loudspeaker.wav")
            assert heard.strength(CITIZEN) > HEARD, "the citizen is heard in this side's loudspeaker"
            assert heard.strength(MICROPHONE) < SILENT
            assert (await tape(citizen, call, tmp_path / "far.wav")).strength(MICROPHONE) > HEARD
        finally:
            await end(speaking)
        sound.kill()
        await sound.wait()
        assert (await advisor.next(SoundChanged)).sound_problem == "no_device"
        assert not [e for e in advisor.heard if isinstance(e, CallChanged) and e.state is CallState.ENDED]
        # The same name anew, as the next session would have it; what the dead one left is out of the way first.
        there.unlink(missing_ok=True)
        sound = await host.ssh("-N", "-R", f"{there}:{local}", host.target)
        assert (await advisor.next(SoundChanged)).sound_problem == "", "it takes the sound up again by itself"
        await advisor.do(HangUp(call="out"))
        await citizen.state(call, CallState.ENDED)
    finally:
        await advisor.stop()
        await citizen.stop()
        await end(engine)
        await end(sound)


# --- 2: the engine is here, the workstation there ---


class Laptop:
    """``catgem phone`` in a home of its own, with this side's sound card."""

    def __init__(self, host: SshHouse, central: str) -> None:
        self.host, self.central = host, central
        self.home, self.temporary = host.folder / "laptop", host.folder / "t"
        self.desk = host.folder / "desk"
        for folder in (self.home, self.temporary, self.desk):
            folder.mkdir()

    async def start(self, run: str = "") -> None:
        """``run`` goes in the workstation's place."""
        catgem = f"env PYTHONPATH={ROOT} {sys.executable} -m catgem_tui"
        workstation = (
            f"env PYTHONPATH={ROOT} {sys.executable} {ROOT / 'tests' / 'ssh_desk.py'} "
            f"{self.central} ana {PASSWORD} {self.desk}"
        )
        self._terminal, terminal = os.openpty()  # so that what runs there gets one too, and a hang-up with it
        with (self.host.folder / "said").open("wb") as said:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "catgem_tui", "phone", "--ssh", self.host.target, "--host", "127.0.0.1",
                "--command", catgem, "--run", run or workstation, "--", *self.host.options,
                cwd=ROOT, stdin=terminal, stdout=said, stderr=said, start_new_session=True,
                env={
                    **os.environ, "HOME": str(self.home), "TMPDIR": str(self.temporary), "CATGEM_LANGUAGE": "en",
                    "XDG_STATE_HOME": str(self.home), "PYTHONUNBUFFERED": "1",
                },
            )  # fmt: skip
        os.close(terminal)

    async def stop(self) -> None:
        await end(self.process)
        os.close(self._terminal)

    @property
    def said(self) -> str:
        return (self.host.folder / "said").read_text()

    async def state(self, **wanted: object) -> dict[str, object]:
        try:
            return await eventually(self.desk / "state", **wanted)
        except TimeoutError as error:
            error.add_note(self.said)
            raise

    def order(self, word: str) -> None:
        (self.desk / "order").write_text(word)

    async def connection(self) -> int:
        """Process id of the ssh that carries everything."""
        (control,) = self.temporary.glob("catgem-*/ssh*")
        asking = await asyncio.create_subprocess_exec(
            "ssh", "-o", f"ControlPath={control}", "-O", "check", self.host.target, stderr=asyncio.subprocess.PIPE
        )
        _, words = await asking.communicate()
        found = re.search(rb"pid=(\d+)", words)
        assert found, words
        return int(found[1])


async def test_a_call_survives_its_ssh_session_and_is_taken_up_again(
    host: SshHouse, card: Card, tmp_path: Path
) -> None:
    write_tone(tmp_path / "greeting.wav", 900.0, seconds=0.2)
    voice = Voice(lines=1, port=0, greeting=str(tmp_path / "greeting.wav"))
    async with running_central(tmp_path / "central", heartbeat=1.0, voice=voice) as central:
        await hire(central, "ana")
        laptop = Laptop(host, central.url)
        await laptop.start()
        citizen = await Telephone(tmp_path, "citizen", CITIZEN).start()
        write_tone(tmp_path / "microphone.wav", MICROPHONE, seconds=120.0)
        speaking = await card.run("paplay", "--device=microphone", str(tmp_path / "microphone.wav"))
        try:
            await laptop.state(phone="ready")
            await citizen.dial(f"sip:catgem@{central.health().sip}")
            await citizen.becomes(CallState.CONFIRMED)
            await citizen.speak()
            contact = await in_conversation(laptop)
            await hears(citizen)
            secrets = [key.read_text() for key in host.home.glob("catgem-phone/*.key")]
            assert secrets
            assert not [secret for secret in secrets if secret in command_lines()], "ps shows the secret"
            first = (await laptop.state())["pid"]
            os.kill(await laptop.connection(), signal.SIGKILL)
            await until(lambda: "the call goes on" in laptop.said)
            await hears(citizen)  # while no session is there
            async with asyncio.timeout(PATIENCE):
                while (await listen(card, tmp_path / "loudspeaker.wav")).strength(CITIZEN) <= HEARD:
                    pass
            async with asyncio.timeout(PATIENCE):
                while (await laptop.state())["pid"] == first:  # noqa: ASYNC110 - it is a file
                    await asyncio.sleep(0.05)
            assert await in_conversation(laptop) == contact, "the new workstation knows whose call it is"
            await hears(citizen)
            laptop.order("mute")
            await laptop.state(muted=True)
            await hears(citizen, False)  # it is in control
            laptop.order("end")
            await laptop.state(contacts={contact: "wrap_up"}, calls=[])
            laptop.order("quit")
            async with asyncio.timeout(PATIENCE):
                assert await laptop.process.wait() == 0, laptop.said
            assert "Traceback" not in laptop.said
        finally:
            await end(speaking)
            await citizen.close()
            await laptop.stop()


async def test_the_steps_by_hand_do_what_they_say(host: SshHouse) -> None:
    """``catgem phone --no-ssh``, with an SSH session that one opens oneself."""
    catgem = (sys.executable, "-m", "catgem_tui", "phone")
    said = host.folder / "said"
    environment = {**os.environ, "HOME": str(host.folder), "CATGEM_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
    with said.open("wb") as output:
        lending = await asyncio.create_subprocess_exec(
            *catgem, "--no-ssh", "--host", "127.0.0.1", cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    forwarding: asyncio.subprocess.Process | None = None
    try:
        await until(lambda: "Ctrl-C" in said.read_text())
        lines = [line.strip() for line in said.read_text().splitlines()]
        (secret,) = (line for line in lines if re.fullmatch("[0-9a-f]{64}", line))
        (local,) = (found[1] for line in lines if (found := re.search("-R SOCKET:([^ ]+) USER@HOST", line)))
        (variable,) = (found[1] for line in lines if (found := re.search("There: (.+)=SOCKET catgem", line)))
        assert variable == SOCKET_VARIABLE
        receiving = await asyncio.create_subprocess_exec(
            "ssh", *host.options, host.target, f"cd {ROOT} && {' '.join(catgem)} --receive",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        named, _ = await receiving.communicate(f"{secret}\n".encode())
        there = Path(named.decode().strip())
        forwarding = await host.ssh("-N", "-R", f"{there}:{local}", host.target)
        await until(there.exists)
        workstation = RemotePhone(there)
        assert (await workstation.start()).uri.startswith("sip:")
        await until(lambda: "The workstation has taken the telephone up." in said.read_text())
        await workstation.close()
        await until(lambda: "The workstation is gone" in said.read_text())
    finally:
        await end(lending)
        if forwarding is not None:
            await end(forwarding)


async def test_killed_outright_it_leaves_no_ssh_behind(host: SshHouse, tmp_path: Path) -> None:
    laptop = Laptop(host, "http://127.0.0.1:9")
    told = laptop.desk / "pid"
    await laptop.start(f"sh -c 'echo $$ > {told}.new; mv {told}.new {told}; exec sleep 300'")
    try:
        await until(told.exists)
        left = [await laptop.connection(), int(told.read_text())]
        laptop.process.kill()
        await until(lambda: not any(is_alive(each) for each in left))
    finally:
        await laptop.stop()


def is_alive(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def command_lines() -> str:
    """Of every process, with what it has in its environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                found.append((process / name).read_bytes().decode("utf-8", "replace"))
    return "\n".join(found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--command", "/nowhere/catgem"), "There is no command /nowhere/catgem there"),
        (("--command", "true"), "did not take the telephone; is it of the same version?"),
    ],
)
async def test_what_is_wrong_on_the_other_side_is_a_sentence(
    host: SshHouse, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    status, output = await run_phone(tmp_path, "--ssh", host.target, "--host", "127.0.0.1", *words, "--", *host.options)
    assert (status, said in output, "Traceback" in output) == (1, True, False), output


async def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    options = ("-F", "none", "-o", "BatchMode=yes", "-p", "9")
    status, output = await run_phone(tmp_path, "--ssh", "nobody@127.0.0.1", "--host", "127.0.0.1", "--", *options)
    assert (status, "SSH did not connect." in output, "Traceback" in output) == (1, True, False), output


async def run_phone(home: Path, *words: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "catgem_tui", "phone", *words,
        cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home), "CATGEM_LANGUAGE": "en"},
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


async def hears(citizen: Telephone, microphone: bool = True) -> None:
    """Wait until what comes is this side's microphone, or is not: a machine under load lets no sound through at times,
    and one that is told to be silent is so a moment later."""
    async with asyncio.timeout(PATIENCE):
        while strengths(await citizen.hear(), MICROPHONE) != [microphone]:
            pass


async def in_conversation(laptop: Laptop) -> str:
    """The contact whose call the workstation has."""
    async with asyncio.timeout(PATIENCE):
        while True:
            state = await laptop.state(phone="ready")
            calls = [call for call in state["calls"] if call[1] == "confirmed"]  # type: ignore[attr-defined]
            if calls and state["contacts"].get(calls[0][0]) == "active":  # type: ignore[attr-defined]
                return str(calls[0][0])
            await asyncio.sleep(0.05)
