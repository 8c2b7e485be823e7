"""The operator's self-test, as an operator runs it."""

import json
import subprocess
import sys

import pytest

from catgem_tui.commands import selftest as command_line
from catgem_tui.selftest import run as selftest
from catgem_tui.selftest.run import PARTS, WITHOUT_TELEPHONE


@pytest.mark.timeout(280)
@pytest.mark.parametrize(
    "part",
    [
        part if part in WITHOUT_TELEPHONE else pytest.param(part, marks=pytest.mark.require_module("pjsua2"))
        for part in PARTS
    ],
)
def test_every_check_of_a_part_passes(part: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "catgem_tui", "selftest", "--json", "--part", part],
        capture_output=True,
        text=True,
        timeout=270,
        check=False,
    )
    report = json.loads(done.stdout)
    assert [check for check in report["checks"] if not check["ok"]] == []
    assert [check["name"] for check in report["checks"]] == list(PARTS[part][0])
    assert done.returncode == 0


def test_a_central_that_does_not_answer_is_told_in_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "catgem_tui", "selftest", "--central", "http://127.0.0.1:1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "http://127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr


async def test_without_the_telephones_library_nothing_waits_for_a_telephone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest.importlib.util, "find_spec", lambda _name: None)
    report = await selftest.check(["voice", "supervision"], lambda _: None, new_rig=pytest.fail)
    assert not report.ok
    assert {finding.seen for finding in report.findings} == {"the telephone's library is not installed"}
    assert [finding.name for finding in report.findings] == [*PARTS["voice"][0], *PARTS["supervision"][0]]


def test_the_command_line_knows_every_part() -> None:
    assert set(command_line.PARTS) == set(PARTS)
