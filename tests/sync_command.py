"""``catgem directory sync`` in a process of its own."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.central_house import PASSWORD, PATIENCE

ROOT = Path(__file__).resolve().parents[1]


class Run:
    """One run of the command in a process of its own."""

    def __init__(self, folder: Path, url: str, *options: str, user: str = "ana", password: str = PASSWORD) -> None:
        settings = folder / "settings.toml"
        settings.write_text(f'[workstation]\ndata = "{folder / "desk"}"\ncentral = "{url}"\nuser = "{user}"\n')
        command = ["-m", "catgem_tui", "directory", "sync", "--settings", str(settings), "--password-stdin", *options]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT, env={**os.environ, "CATGEM_LANGUAGE": "en", "XDG_STATE_HOME": str(folder / "state")}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.password = password
        self.said = self.told = ""

    async def ended(self) -> int:
        self.said, self.told = await asyncio.to_thread(self.process.communicate, f"{self.password}\n", PATIENCE)
        assert "Traceback" not in self.told, self.told
        return self.process.returncode

    @property
    def summary(self) -> dict[str, Any]:
        row: dict[str, Any] = msgspec.json.decode(self.said)
        return row


async def synced(folder: Path, url: str, *options: str, user: str = "ana") -> dict[str, Any]:
    run = Run(folder, url, "--json", *options, user=user)
    assert await run.ended() == 0, run.told
    assert run.told == ""
    return run.summary
