"""The telephone that is lent to another computer: who may drive it, and what a client is told who comes later."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from catgem_tui.desk.runtime import RING_SOUND
from catgem_tui.phone import port, secret, wire
from catgem_tui.phone.door import Unusable, find_doors, open_door
from catgem_tui.phone.fake import FakePhone
from catgem_tui.phone.port import CallArrived, CallChanged, CallState, EngineAway, EngineStopped, PhoneError, Ready
from catgem_tui.phone.relay import Relay
from catgem_tui.phone.remote import RemotePhone
from tests.phone_set import Set, refusal, until

ACCOUNT = port.Register(uri="sip:ana@centro.example", registrar="sip:centro.example", password="clave")


class House:
    """A laptop with its telephone, and the folder on the host where its doors appear."""

    def __init__(self, folder: Path) -> None:
        self.fake = FakePhone()
        self.told: list[str] = []
        self.relay = Relay(self.fake, folder / "laptop.sock", Path(RING_SOUND), self.told.append)
        self.doors = folder / "doors"
        self.socket = folder / "laptop.sock"
        self.sets: list[Set] = []

    def new_session(self) -> Path:
        """As an SSH session does it: a new secret, and a new name that leads to the laptop's socket."""
        door = open_door(self.doors, self.relay.renew())
        door.symlink_to(self.socket)
        return door

    async def workstation(self) -> tuple[Set, Ready]:
        one = Set(RemotePhone(self.doors))
        self.sets.append(one)
        return one, await one.start()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.relay.start()
    house.new_session()
    yield house
    for one in house.sets:
        await one.stop()
    await house.relay.close()


def cut(one: Set) -> None:
    """The way there breaks, without a farewell."""
    assert isinstance(one.phone, RemotePhone)
    assert one.phone._engine is not None
    one.phone._engine._writer.transport.abort()


async def test_it_is_driven_as_if_it_were_here(house: House) -> None:
    workstation, ready = await house.workstation()
    assert ready.uri == (await house.fake.start()).uri
    call = house.fake.ring("7221234567")
    await workstation.next(CallArrived, call=call)
    await workstation.do(port.Answer(call=call, sound=True))
    await workstation.state(call, CallState.CONFIRMED)
    assert await refusal(workstation, port.HangUp(call="nobody")) == "no_such_call"


async def test_a_call_goes_on_without_the_way_there_and_is_told_of_afterwards(house: House) -> None:
    workstation, _ = await house.workstation()
    call = house.fake.ring("7221234567", headers={"X-Catgem-Contact": "c1"})
    await workstation.next(CallArrived, call=call)
    await workstation.do(port.Answer(call=call, sound=True))
    await workstation.do(port.Mute(muted=True))
    cut(workstation)
    assert (await workstation.next(EngineAway)).code == "away"
    ready = await workstation.next(Ready)
    (kept,) = ready.calls
    assert (kept.changed.call, kept.changed.state, ready.muted) == (call, CallState.CONFIRMED, True)
    assert kept.arrived is not None
    assert kept.arrived.headers["X-Catgem-Contact"] == "c1"
    await workstation.do(port.HangUp(call=call))
    await workstation.state(call, CallState.ENDED)


async def test_of_the_sound_what_is_there_now_is_told_to_who_comes_back(house: House) -> None:
    workstation, _ = await house.workstation()
    now = port.SoundChanged(sound="Diadema", microphone="Cámara", missing=("usb",), latency=port.Latency.QUICK)
    house.fake.emit(now)
    await workstation.next(port.SoundChanged)
    cut(workstation)
    ready = await workstation.next(Ready)
    assert (ready.sound, ready.microphone, ready.missing, ready.latency) == (
        "Diadema", "Cámara", ("usb",), port.Latency.QUICK
    )  # fmt: skip


async def test_what_ends_meanwhile_is_not_told_of(house: House) -> None:
    workstation, _ = await house.workstation()
    call = house.fake.ring()
    await workstation.next(CallArrived, call=call)
    await workstation.do(port.Answer(call=call))
    house.doors.rename(house.doors.with_name("elsewhere"))
    cut(workstation)
    await workstation.next(EngineAway, code="away")
    assert await refusal(workstation, port.HangUp(call=call)) == "away"
    house.fake.change(call, CallState.ENDED)
    await until(lambda: house.relay.calls == 0)
    house.doors.with_name("elsewhere").rename(house.doors)
    assert (await workstation.next(Ready)).calls == ()


async def test_a_new_session_has_a_new_door_and_the_old_one_bars_nothing(house: House) -> None:
    workstation, _ = await house.workstation()
    for stale in house.doors.glob("*.sock"):
        stale.unlink()
        stale.touch()  # what an SSH session that died has left
    house.new_session()
    cut(workstation)
    await workstation.next(EngineAway)
    await workstation.next(Ready)


async def test_whoever_comes_with_the_secret_takes_the_place_of_who_was_there(house: House) -> None:
    first, _ = await house.workstation()
    second, _ = await house.workstation()
    assert (await first.next(EngineAway)).code == "replaced"
    await second.do(port.Mute(muted=True))
    assert await refusal(first, port.Mute(muted=False)) == "away"
    assert house.fake.muted


async def test_without_the_secret_nobody_gets_in(house: House) -> None:
    for key in house.doors.glob("*.key"):
        key.write_text(secret.new_secret().hex())
    with pytest.raises(PhoneError) as caught:
        await house.workstation()
    assert (caught.value.code, house.told) == ("refused", ["refused"])


async def test_a_secret_of_an_earlier_session_is_worth_nothing(house: House) -> None:
    house.relay.renew()
    with pytest.raises(PhoneError, match="refused"):
        await house.workstation()


async def test_the_other_side_must_know_the_secret_too(tmp_path: Path) -> None:
    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(wire.frame(secret.encode(secret.Challenge(version=wire.VERSION, nonce=bytes(32)))))
        await wire.read_frame(reader, secret.LONGEST)
        writer.write(wire.frame(secret.encode(secret.Accepted(proof=bytes(32)))))
        writer.close()

    door = open_door(tmp_path / "doors", secret.new_secret())
    server = await asyncio.start_unix_server(pretend, door)
    with pytest.raises(PhoneError, match="refused"):
        await RemotePhone(door).start()
    server.close()


async def test_another_version_is_said(tmp_path: Path) -> None:
    async def speak_another(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(wire.frame(secret.encode(secret.Challenge(version=wire.VERSION + 1, nonce=bytes(32)))))
        await reader.read()
        writer.close()

    door = open_door(tmp_path / "doors", secret.new_secret())
    server = await asyncio.start_unix_server(speak_another, door)
    with pytest.raises(PhoneError) as caught:
        await RemotePhone(door).start()
    assert (caught.value.code, caught.value.detail) == ("version", f"{wire.VERSION + 1} {wire.VERSION}")
    server.close()


async def test_a_farewell_ends_the_calls_and_being_made_to_leave_does_not(house: House) -> None:
    for keeps in (True, False):
        workstation, _ = await house.workstation()
        if keeps:
            call = house.fake.ring()
            await workstation.next(CallArrived, call=call)
            await workstation.do(port.Answer(call=call))
        assert isinstance(workstation.phone, RemotePhone)
        workstation.phone.keep_calls = keeps
        await workstation.stop()
        await until(lambda: house.told[-1] == "left")
        assert house.relay.calls == (1 if keeps else 0)


async def test_a_client_cannot_touch_this_computers_files(house: House, tmp_path: Path) -> None:
    workstation, _ = await house.workstation()
    assert await refusal(workstation, port.Record(recorder="spy", path=str(tmp_path / "spy.wav"))) == "no_such_file"
    (tmp_path / "own.wav").write_bytes(b"private")
    await workstation.do(port.Play(player="ring", path=str(tmp_path / "own.wav"), loop=True))
    await workstation.do(port.Play(player="chime", path="/elsewhere/catgem_tui/sounds/ring.wav"))
    played = [c.path for c in house.fake.commands if isinstance(c, port.Play)]
    assert played == [RING_SOUND] * 2


async def test_nothing_rings_on_when_nobody_is_there(house: House) -> None:
    workstation, _ = await house.workstation()
    await workstation.do(port.Play(player="ring", path="ring.wav", loop=True))
    cut(workstation)
    await until(lambda: port.StopPlaying(player="ring") in house.fake.commands)


async def test_a_registration_is_not_made_anew_by_who_comes_back(house: House) -> None:
    workstation, _ = await house.workstation()
    await workstation.do(ACCOUNT)
    await workstation.next(port.RegistrationChanged, state=port.Registered.YES)
    cut(workstation)
    await workstation.next(Ready)
    await workstation.next(port.RegistrationChanged, state=port.Registered.YES)
    await workstation.do(ACCOUNT)
    await workstation.next(port.RegistrationChanged, state=port.Registered.YES)
    assert house.fake.commands.count(ACCOUNT) == 1


async def test_an_engine_that_dies_there_is_told_of_as_ever(house: House) -> None:
    workstation, _ = await house.workstation()
    call = house.fake.ring()
    await workstation.next(CallArrived, call=call)
    house.fake.die()
    await workstation.next(EngineStopped)
    assert (await workstation.next(Ready)).calls == ()
    assert house.relay.calls == 0


async def test_sockets_and_secrets_are_for_one_person_only(house: House) -> None:
    assert house.socket.stat().st_mode & 0o077 == 0
    (door,) = find_doors(house.doors)
    assert door.socket.with_suffix(".key").stat().st_mode & 0o077 == 0
    assert len(door.secret) * 8 == 256
    house.doors.chmod(0o755)
    with pytest.raises(Unusable):
        open_door(house.doors, secret.new_secret())


async def test_garbage_from_a_stranger_is_put_up_with(house: House) -> None:
    for rubbish in (b"", os.urandom(50), b"\xff" * 4, b"\0\0\0\x01\xc1", b"GET / HTTP/1.1\r\n\r\n"):
        reader, writer = await asyncio.open_unix_connection(house.socket)
        writer.write(rubbish)
        writer.write_eof()
        await reader.read()
        writer.close()
    workstation, _ = await house.workstation()
    await workstation.do(port.Mute(muted=True))


async def test_calls_made_from_here_are_kept_with_their_number(house: House) -> None:
    workstation, _ = await house.workstation()
    other = FakePhone(port.EngineSettings(gate=port.Gate.OPEN), exchange=house.fake.exchange)
    uri = (await other.start()).uri
    await workstation.do(port.Dial(call="out", uri=uri, sound=True))
    await workstation.next(CallChanged, call="out", state=CallState.RINGING)
    cut(workstation)
    (kept,) = (await workstation.next(Ready)).calls
    assert kept.dialled is not None
    assert (kept.dialled.uri, kept.changed.state) == (uri, CallState.RINGING)
    await other.close()
