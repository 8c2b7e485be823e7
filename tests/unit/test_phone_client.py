"""The client's watch over its engine: what hangs, what is missing, what leaves."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from catgem_tui.phone import wire
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.launch import spawn_engine
from catgem_tui.phone.port import CallState, Dial, EngineSettings, EngineStopped, Gate, Mute, PhoneError, Ready
from tests.phone_set import Set, until

SETTINGS = EngineSettings(gate=Gate.OPEN, sound=False)
with_library = pytest.mark.require_module("pjsua2")


@pytest.fixture
async def phone() -> AsyncIterator[Set]:
    one = Set(EngineClient(SETTINGS))
    await one.start()
    yield one
    await one.stop()


def engine_pid(phone: Set) -> int:
    assert isinstance(phone.phone, EngineClient)
    assert phone.phone.pid is not None
    return phone.phone.pid


def is_alive(pid: int) -> bool:
    """Not of a zombie: in a container orphans come to whatever is process 1, which may be these tests."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@with_library
async def test_a_hung_engine_is_replaced(phone: Set) -> None:
    pid = engine_pid(phone)
    os.kill(pid, signal.SIGSTOP)
    assert "silent" in (await phone.next(EngineStopped)).reason
    await phone.next(Ready)
    await phone.do(Mute(muted=False))
    assert not is_alive(pid)


@with_library
async def test_commands_under_way_fail_when_the_engine_dies(phone: Set) -> None:
    os.kill(engine_pid(phone), signal.SIGSTOP)
    order = asyncio.create_task(phone.phone.do(Mute(muted=True)))
    await asyncio.sleep(0)
    os.kill(engine_pid(phone), signal.SIGKILL)
    with pytest.raises(PhoneError, match="not_running"):
        await asyncio.wait_for(order, 5)


@with_library
async def test_closing_is_quick_even_when_the_engine_hangs() -> None:
    phone = Set(EngineClient(SETTINGS))
    await phone.start()
    pid = engine_pid(phone)
    os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    await phone.stop()
    assert time.monotonic() - started < 1.5
    assert not is_alive(pid)


@with_library
async def test_a_false_alarm_is_not_raised_when_our_own_loop_stood_still(phone: Set) -> None:
    time.sleep(2.5)  # noqa: ASYNC251 - the very thing to be tried
    await phone.do(Mute(muted=False))
    assert not [event for event in phone.heard if isinstance(event, EngineStopped)]


@with_library
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signalled_engine_leaves_in_good_order(phone: Set, number: signal.Signals) -> None:
    os.kill(engine_pid(phone), number)
    assert (await phone.next(EngineStopped)).reason.startswith("status 0")


@with_library
async def test_the_engine_ends_with_its_client() -> None:
    code = (
        "import asyncio, os\n"
        "from catgem_tui.phone.client import EngineClient\n"
        "from catgem_tui.phone.port import EngineSettings\n"
        "async def main():\n"
        "    client = EngineClient(EngineSettings(sound=False))\n"
        "    await client.start()\n"
        "    print(client.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    pid = int(out)
    try:
        await until(lambda: not is_alive(pid))
    finally:
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)


async def test_an_engine_whose_start_is_given_up_is_killed() -> None:
    process, (_reader, writer) = await spawn_engine(sys.executable)

    async def start() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await process.end(0.0)

    starting = asyncio.create_task(start())
    await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting])
    assert not is_alive(process.pid)
    writer.close()


@with_library
async def test_an_engine_behind_a_socket_can_be_reached(tmp_path: Path) -> None:
    path = tmp_path / "engine"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "catgem_tui.phone.engine", "--socket", str(path), stdout=asyncio.subprocess.PIPE
    )
    await until(path.exists)
    assert path.stat().st_mode & 0o077 == 0
    phone = Set(EngineClient(SETTINGS, socket=path))
    assert (await phone.start()).uri.startswith("sip:catgem@127.0.0.1:")
    await phone.do(Mute(muted=False))
    await phone.stop()
    out, _ = await asyncio.wait_for(process.communicate(), 5)
    assert (process.returncode, out) == (0, b"")


@with_library
async def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "VERSION", 99)
    with pytest.raises(PhoneError, match="version"):
        await EngineClient(SETTINGS).start()


async def test_a_missing_library_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pjsua2.py").write_text("raise ImportError('No module named pjsua2')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    phone = EngineClient(SETTINGS)
    with pytest.raises(PhoneError) as caught:
        await phone.start()
    assert caught.value.code == "no_library"
    await phone.close()


async def test_an_interpreter_without_our_packages_is_said(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    bare.chmod(0o700)
    with pytest.raises(PhoneError) as caught:
        await EngineClient(SETTINGS, python=str(bare)).start()
    assert caught.value.code == "no_library"


async def test_an_engine_that_hangs_at_its_start_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catgem_tui.phone.connection.START_SECONDS", 0.3)
    hanging = tmp_path / "python"
    hanging.write_text(f"#!/bin/sh\necho $$ >{tmp_path / 'pid'}\nexec sleep 600\n")
    hanging.chmod(0o700)
    with pytest.raises(PhoneError, match="no answer"):
        await EngineClient(SETTINGS, python=str(hanging)).start()
    assert not is_alive(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("program", ["/nonexistent/python", "/bin/false"])
async def test_an_interpreter_that_is_none_is_said(program: str) -> None:
    with pytest.raises(PhoneError) as caught:
        await EngineClient(SETTINGS, python=program).start()
    assert caught.value.code == "not_running"


async def test_nobody_behind_the_socket_is_said(tmp_path: Path) -> None:
    with pytest.raises(PhoneError) as caught:
        await EngineClient(SETTINGS, socket=tmp_path / "nobody").start()
    assert caught.value.code == "not_running"


@with_library
async def test_a_host_nobody_knows_ends_the_call_only(phone: Set) -> None:
    # Too long for a label: the system says so without asking anybody.
    await phone.do(Dial(call="out", uri=f"sip:x@{'a' * 64}.test"))
    ended = await phone.state("out", CallState.ENDED)
    assert (ended.code, ended.by_us) == (503, False)
    await phone.do(Dial(call="out", uri=f"sip:x@{'a' * 64}.test"))


@with_library
async def test_the_loop_is_never_held_up(free_port: Callable[[], int]) -> None:
    """Starting, a host name that must be looked up, closing: none may stop the screen."""
    worst = 0.0

    async def tick() -> None:
        nonlocal worst
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            worst, last = max(worst, now - last), now

    ticking = asyncio.create_task(tick())
    phone = Set(EngineClient(SETTINGS))
    await phone.start()
    await phone.do(Mute(muted=True))
    await phone.stop()
    ticking.cancel()
    assert worst < 0.25
