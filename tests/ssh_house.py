"""An SSH server of our own on a free loopback port: own host key, one user key, sockets may be forwarded."""

import asyncio
import contextlib
import getpass
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.ports import free_port

SERVER = shutil.which("sshd") or "/usr/sbin/sshd"
_SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
AllowStreamLocalForwarding yes
PrintMotd no
SetEnv HOME={home} XDG_RUNTIME_DIR={home} CATGEM_LANGUAGE=en
"""


class SshHouse:
    """``home`` is that of whoever logs in; ``options`` make ssh find the server and believe it."""

    def __init__(self, folder: Path, port: int, home: Path) -> None:
        self.folder, self.port, self.home = folder, port, home
        self.user = getpass.getuser()
        self.target = f"{self.user}@127.0.0.1"
        self.options = (
            "-F", "none", "-p", str(port), "-i", str(folder / "user"), "-o", "BatchMode=yes",
            "-o", f"UserKnownHostsFile={folder / 'known'}", "-o", "StrictHostKeyChecking=accept-new",
            "-o", "LogLevel=ERROR",
        )  # fmt: skip

    async def ssh(self, *words: str, **streams: int | None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "ssh",
            *self.options,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            **streams,  # type: ignore[arg-type]
        )


@asynccontextmanager
async def ssh_house() -> AsyncIterator[SshHouse]:
    # In a folder of its own with a short name: a socket's path has room for a hundred bytes.
    folder = Path(tempfile.mkdtemp(prefix="ssh-"))
    home = folder / "home"
    home.mkdir()
    if os.getuid() == 0:
        os.makedirs("/run/sshd", 0o755, exist_ok=True)  # noqa: PTH103 - the server insists; Debian makes it at its start
    port = free_port()
    for name in ("host", "user"):
        making = await asyncio.create_subprocess_exec(
            "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)
        )
        assert await making.wait() == 0
    (folder / "settings").write_text(_SETTINGS.format(port=port, folder=folder, home=home))
    with (folder / "log").open("wb") as log:
        server = await asyncio.create_subprocess_exec(SERVER, "-D", "-e", "-f", str(folder / "settings"), stderr=log)
    try:
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                assert server.returncode is None, (folder / "log").read_text()
                await asyncio.sleep(0.05)
        yield SshHouse(folder, port, home)
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.terminate()
        await server.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10.0)
    except TimeoutError:
        process.kill()
        await process.wait()
