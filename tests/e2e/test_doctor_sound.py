"""``catgem doctor sound`` on a real sound server, near and far, looped and not, and where there is none."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from catgem_tui.doctor.finding import Level
from catgem_tui.doctor.sound import SoundFindings, judge, list_servers, tell
from tests.e2e.test_phone_card import card
from tests.sound_card import Card

__all__ = ["card"]
pytestmark = [
    pytest.mark.require_module("pjsua2", "miniaudio"),
    pytest.mark.require_program("pulseaudio", "pactl"),
]


async def doctor(folder: Path, *options: str) -> tuple[int, str]:
    environment = {**os.environ, "CATGEM_LANGUAGE": "en"}
    environment |= {f"XDG_{kind}_HOME": str(folder / kind) for kind in ("STATE", "CONFIG", "DATA")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "catgem_tui", "doctor", "sound", *options,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(), 60.0)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def findings(folder: Path) -> tuple[int, dict[str, Any]]:
    status, output = await doctor(folder, "--json")
    return status, json.loads(output)["parts"]["sound"]["measured"]


async def test_chirps_that_come_back_are_measured(card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SOURCE", "loudspeaker.monitor")
    status, found = await findings(tmp_path)
    assert status == 0
    assert (found["server"], found["forwarded"], found["problem"]) == ("PulseAudio", True, "")
    assert f"PULSE_SERVER={card.server}" in found["servers"]
    assert {"loudspeaker", "microphone"} <= {device["id"] for device in found["devices"]}
    # A way there and one back, each of at least a block; and a delay that was added is found again.
    near = found["round_trip_ms"]
    assert 10 < near < 300
    await card.plug("far")
    loop = await card.run(
        "pactl", "load-module", "module-loopback", "source=loudspeaker.monitor", "sink=far", "latency_msec=200"
    )
    await loop.wait()
    monkeypatch.setenv("PULSE_SOURCE", "far.monitor")
    _status, found = await findings(tmp_path)
    assert found["round_trip_ms"] > near + 100


async def test_chirps_that_are_not_heard_leave_the_servers_answer(card: Card, tmp_path: Path) -> None:
    status, output = await doctor(tmp_path)
    assert status == 0
    assert "The sound server answers in" in output
    assert "The chirps were not heard in the microphone" in output
    assert "Usable for calls." in output


async def test_without_a_sound_server_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nobody")
    if Path("/proc/asound/cards").exists() and "[" in Path("/proc/asound/cards").read_text():  # noqa: ASYNC240
        pytest.skip("this machine has a sound card of its own")
    status, output = await doctor(tmp_path)
    assert status == 2
    assert "Not usable for calls: no sound server and no sound card answers." in output


FOUND = SoundFindings(servers=(), server="PulseAudio", microphone="m", loudspeaker="l")


@pytest.mark.parametrize(
    ("trip", "answer", "verdict"),
    [
        (60.0, 900.0, "good"), (200.0, 1.0, "bearable"), (700.0, 1.0, "unusable"), (None, 3.0, "good"),
        (None, 60.0, "bearable"), (None, 200.0, "unusable"), (None, None, "unusable"),
    ],
)  # fmt: skip
def test_the_verdict(trip: float | None, answer: float | None, verdict: str) -> None:
    assert judge(replace(FOUND, round_trip_ms=trip, answer_ms=answer)).verdict == verdict


def test_without_a_microphone_nobody_can_be_called() -> None:
    found = judge(replace(FOUND, microphone="", answer_ms=1.0))
    assert found.verdict == "unusable"
    assert tell(found)[0].level is Level.FAULT
    assert "micrófono" in tell(found)[0].sentence


def test_servers_are_found_by_their_sockets(tmp_path: Path) -> None:
    (tmp_path / "pulse").mkdir()
    (tmp_path / "pulse" / "native").touch()
    (tmp_path / "pipewire-0").touch()
    told = list_servers({"XDG_RUNTIME_DIR": str(tmp_path), "PULSE_SERVER": "tcp:localhost:4713"})
    assert told[:3] == (
        "PULSE_SERVER=tcp:localhost:4713",
        f"PulseAudio {tmp_path}/pulse/native",
        f"PipeWire {tmp_path}/pipewire-0",
    )
