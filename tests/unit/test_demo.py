"""The demo's ports and children."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import pytest

from catgem_tui import demo
from catgem_tui.config.settings import Settings
from tests.phone_set import until


@pytest.mark.parametrize("taken", [True, False], ids=["port taken", "broken"])
def test_a_port_taken_since_it_was_chosen_is_chosen_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    tried: list[int] = []
    with socket.socket() as other:

        async def start(settings: Settings, _folder: Path, **_options: object) -> int:
            port = settings.central.mail.relay.port
            tried.append(port)
            if len(tried) > 1:
                return 0
            if taken:
                other.bind(("127.0.0.1", port))
                other.listen()
            raise demo.DemoFailed("it did not start")

        monkeypatch.setattr(demo, "USUAL_PORTS", dict.fromkeys(demo.USUAL_PORTS, 0))  # the usual ones may be in use
        monkeypatch.setattr(demo, "_demo", start)
        monkeypatch.setattr(demo.paths, "demo_folder", lambda: tmp_path)
        if taken:
            assert demo.run(Settings(), rate=0, fresh=False, lines=0, user="asesora") == 0
            assert tried[0] != tried[1]
        else:
            with pytest.raises(demo.DemoFailed, match="it did not start"):
                demo.run(Settings(), rate=0, fresh=False, lines=0, user="asesora")


def lives(process: str) -> bool:
    return Path(f"/proc/{process}").exists()


async def test_a_child_whose_start_is_interrupted_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number, program = tmp_path / "number", tmp_path / "python"
    program.write_text(f'#!/bin/sh\necho $$ > "{number}.part"; mv "{number}.part" "{number}"; exec sleep 600\n')
    program.chmod(0o700)
    monkeypatch.setattr(demo.sys, "executable", str(program))
    monkeypatch.setattr(demo, "STOP", 0.05)
    starting = asyncio.create_task(demo._start("central", None))
    await until(number.exists)
    starting.cancel()
    await asyncio.wait([starting])
    assert not lives(number.read_text().strip())


async def test_a_child_that_does_not_leave_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "STOP", 0.05)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import time; time.sleep(600)", stdin=asyncio.subprocess.PIPE
    )
    keeper = asyncio.create_task(demo._keep("central", None, demo.Child(child, "")))
    await asyncio.sleep(0)
    keeper.cancel()
    await asyncio.wait([keeper])
    assert child.returncode == -signal.SIGKILL


def test_what_the_last_demo_s_connections_leave_behind_takes_no_port_from_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        visitor = socket.create_connection(("127.0.0.1", port))
        kept, _address = server.accept()
        assert demo._try_port(port, socket.SOCK_STREAM) is None, "somebody listens"
        kept.close()  # who closes first keeps the connection for a while
        visitor.close()
    assert demo._try_port(port, socket.SOCK_STREAM) == port
