"""``catgem phone``: the telephone on the advisor's own computer, for a workstation that runs where SSH leads.

One SSH connection carries the terminal and the telephone's socket. When it breaks the engine goes on with its calls,
and the connection is made anew. The secret travels inside SSH, on standard input: no list of processes shows it.
"""

import argparse
import asyncio
import contextlib
import ctypes
import os
import shlex
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from catgem_tui import telephone
from catgem_tui.config.i18n import _

if TYPE_CHECKING:
    from catgem_tui.config.settings import Settings
    from catgem_tui.phone.relay import Relay

LOST = 255
"""What ssh ends with when the connection, not the command, ended."""
ENDED = 143
"""A shell's status for what a signal has ended in good order (128 + SIGTERM)."""
NOT_FOUND = 127
"""What a shell ends with that knows no such command."""
PAUSES = (1, 2, 5, 10, 15)
"""Seconds before each new try; the last one is repeated."""
ALIVE = ("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3")
"""A connection that carries nothing for 15 seconds is given up, unless the person's own options say otherwise."""


_GREETING = b"catgem\n"
"""Said to ``cat`` on the other side, which says it back once the connection is made."""
_SET_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
LEAVE_SCREEN = "".join(f"\x1b[?{mode}l" for mode in (1049, 1000, 1002, 1003, 1004, 1006, 1015, 2004, 2031, 2048)) + (
    "\x1b[<u\x1b[?7h\x1b[?25h\x1b[0m\r\n"
)
"""Out of the alternate screen; no reports of mouse, focus, pasting or size; plain keys, long lines that go on in the
next, a cursor, plain colours."""


class PhoneFailed(Exception):
    """A sentence."""


class _Lost(Exception):
    """The SSH connection ended by itself, or could not be made."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ssh", metavar=_("USER@HOST"), help=_("where the workstation runs"))
    parser.add_argument(
        "--command", default="catgem", metavar=_("COMMAND"), help=_("how catgem is started there (%(default)s)")
    )
    parser.add_argument(
        "--run", dest="there", metavar=_("COMMAND"), help=_("what to run there instead of the workstation")
    )
    parser.add_argument(
        "--host", metavar=_("ADDRESS"), help=_("this computer's address, at which central's lines reach it")
    )
    parser.add_argument("--no-ssh", action="store_true", help=_("wait for a connection that you make yourself"))
    parser.add_argument(
        "--receive", action="store_true", help=_("on the workstation's machine: take a secret, name a socket")
    )
    parser.add_argument("options", nargs="*", metavar=_("OPTION"), help=_("for ssh, after --"))


def run(settings: "Settings", options: argparse.Namespace) -> int:
    """Raises PhoneFailed."""
    if os.name == "nt":
        raise PhoneFailed(_("catgem phone needs Unix sockets; on Windows run it in WSL, or use an outside telephone."))
    if options.receive:
        return _receive()
    if bool(options.ssh) == options.no_ssh:
        raise PhoneFailed(_("Say where the workstation runs: catgem phone --ssh USER@HOST; or --no-ssh."))
    try:
        return asyncio.run(_lend(settings, options))
    except asyncio.CancelledError:
        return ENDED


# --- on the workstation's machine ---


def _receive() -> int:
    """Read a secret in hexadecimal, print the name of the socket that goes with it. Raises PhoneFailed."""
    import getpass

    from catgem_tui.phone.door import Unusable, open_door
    from catgem_tui.phone.secret import BYTES

    given = getpass.getpass(_("Secret: ")) if sys.stdin.isatty() else sys.stdin.readline()
    try:
        secret = bytes.fromhex(given.strip())
    except ValueError:
        secret = b""
    if len(secret) != BYTES:
        raise PhoneFailed(_("That is no secret of catgem phone."))
    try:
        print(open_door(telephone.doors_folder(), secret))
    except Unusable as error:
        raise PhoneFailed(_("The folder for the telephone's socket cannot be used: %s") % error) from error
    return 0


# --- on the advisor's computer ---


async def _lend(settings: "Settings", options: argparse.Namespace) -> int:
    """Raises PhoneFailed."""
    import tempfile

    from catgem_tui.desk.runtime import RING_SOUND
    from catgem_tui.phone.relay import Relay

    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    own = settings.workstation.phone
    host = options.host or (own.host if own.host != "127.0.0.1" else await _find_host(options)) or own.host
    with tempfile.TemporaryDirectory(prefix="catgem-") as folder:
        place = Path(folder)
        words = _Words(aloud=options.no_ssh)
        relay = Relay(telephone.build_engine(settings, host=host), place / "phone", Path(RING_SOUND), words.tell)
        try:
            await _start(relay)
            if options.no_ssh:
                _explain(place / "phone", relay.renew().hex())
                await asyncio.get_running_loop().create_future()
            return await _keep_session(relay, place, options)
        finally:
            await relay.close()


async def _start(relay: "Relay") -> None:
    """Raises PhoneFailed."""
    from catgem_tui.phone.port import PhoneError

    try:
        ready = await relay.start()
    except (PhoneError, OSError) as error:
        raise PhoneFailed(_("The telephone does not start here: %s") % error) from error
    print(_("The telephone is ready: %(uri)s; sound: %(sound)s") % {"uri": ready.uri, "sound": ready.sound or "–"})


class _Words:
    """Tells of workstations that come and go, where no full-screen program is in the way."""

    def __init__(self, *, aloud: bool) -> None:
        self._aloud = aloud

    def tell(self, word: str) -> None:
        if not self._aloud:
            return
        sentences = {
            "came": _("The workstation has taken the telephone up."),
            "left": _("The workstation is gone; a call goes on."),
            "refused": _("Somebody without the secret was refused."),
        }
        print(sentences[word], flush=True)


def _explain(local: Path, secret: str) -> None:
    """What to do by hand."""
    steps = (
        _("1. On the workstation's machine: catgem phone --receive"),
        _("   It asks for this secret, and names a socket:"),
        f"   {secret}",  # in a line of its own: what goes on in the next one is not copied as one
        _("2. From here: ssh -R SOCKET:%s USER@HOST") % local,
        _("3. There: %s=SOCKET catgem") % telephone.SOCKET_VARIABLE,
        _("Ctrl-C ends the telephone."),
    )
    print("\n".join(steps), flush=True)


async def _keep_session(relay: "Relay", place: Path, options: argparse.Namespace) -> int:
    """One SSH session after another, until the person leaves the workstation. Raises PhoneFailed."""
    failures, begun = 0, False
    terminal = _Terminal()
    while True:
        session = _Session(place / f"ssh{failures}", options)
        try:
            socket_there = await session.open(relay)
            begun, failures = True, 0
            return await session.work(socket_there)
        except _Lost as lost:
            if not begun:
                raise PhoneFailed(str(lost) or _("SSH did not connect.")) from lost
        finally:
            await session.close()
        pause = PAUSES[min(failures, len(PAUSES) - 1)]
        failures += 1
        terminal.restore()
        if relay.calls:
            print(_("The SSH session is lost; the call goes on. Trying again in %d s; Ctrl-C ends both.") % pause)
        else:
            print(_("The SSH session is lost. Trying again in %d s; Ctrl-C ends the telephone.") % pause)
        await asyncio.sleep(pause)


class _Terminal:
    """As it was before a workstation that cannot put it back any more."""

    def __init__(self) -> None:
        import termios  # not on Windows, where none of this runs

        self._termios = termios
        self._kept = termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None

    def restore(self) -> None:
        if self._kept is not None:
            self._termios.tcsetattr(sys.stdin, self._termios.TCSADRAIN, self._kept)
        if sys.stdout.isatty():
            print(LEAVE_SCREEN, end="", flush=True)


class _Session:
    """One connection of ssh, shared by what is done over it (ControlMaster)."""

    def __init__(self, control: Path, options: argparse.Namespace) -> None:
        self._control = control
        self._options = options
        self._master: asyncio.subprocess.Process | None = None
        self._complaints: asyncio.Task[None] | None = None
        self._connected = False
        # Never by a connection of its own: then the telephone's socket would not be there.
        self._shared = ("-o", f"ControlPath={control}", "-o", "ControlMaster=no", "-o", "ProxyCommand=false")

    async def open(self, relay: "Relay") -> str:
        """Connect, tell the secret and forward the telephone; returns the socket's name there.

        Raises PhoneFailed, _Lost.
        """
        self._control.unlink(missing_ok=True)
        await self._connect()
        named = await self._receive(relay.renew().hex())
        forwarding = f"{named}:{self._control.parent / 'phone'}"
        if await _run("ssh", *self._shared, "-O", "forward", "-R", forwarding, self._options.ssh):
            raise PhoneFailed(_("The SSH server does not forward sockets (AllowStreamLocalForwarding)."))
        return named

    async def _connect(self) -> None:
        """Its own session is a ``cat`` on a pipe of ours, which ends when we do, however that comes.

        Raises PhoneFailed, _Lost.
        """
        shared = ("-o", "ControlMaster=yes", "-o", f"ControlPath={self._control}", "-o", "ControlPersist=no")
        master = self._master = await _launch(
            "ssh", *self._options.options, *ALIVE, *shared, "-T", self._options.ssh, "cat",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        ours, theirs = cast(asyncio.StreamWriter, master.stdin), cast(asyncio.StreamReader, master.stdout)
        self._complaints = asyncio.create_task(self._pass_on_complaints(cast(asyncio.StreamReader, master.stderr)))
        ours.write(_GREETING)
        while (line := await theirs.readline()) != _GREETING:
            if not line:
                await self._complaints
                raise _Lost
        self._connected = True

    async def _pass_on_complaints(self, complaints: asyncio.StreamReader) -> None:
        """What ssh says while it connects; later the screen is the workstation's."""
        while said := await complaints.read(4096):
            if not self._connected:
                sys.stderr.buffer.write(said)
                sys.stderr.flush()

    async def work(self, socket_there: str) -> int:
        """Run the workstation there; returns what it ended with. Raises _Lost."""
        variable = f"{telephone.SOCKET_VARIABLE}={shlex.quote(socket_there)}"
        command = f"env {variable} {self._options.there or self._options.command}"
        terminal = ("-t",) if sys.stdin.isatty() else ()
        status = await _run("ssh", *self._shared, *terminal, self._options.ssh, command)
        if status == LOST or status < 0 or not await self._is_alive():
            raise _Lost
        return status

    async def close(self) -> None:
        if self._control.exists():
            await _run("ssh", *self._shared, "-O", "exit", self._options.ssh, quiet=True)
        if self._master is not None:
            with contextlib.suppress(ProcessLookupError):
                self._master.terminate()
            await self._master.wait()
        if self._complaints is not None:
            await self._complaints

    async def _is_alive(self) -> bool:
        return await _run("ssh", *self._shared, "-O", "check", self._options.ssh, quiet=True) == 0

    async def _receive(self, secret: str) -> str:
        """Raises PhoneFailed, _Lost."""
        process = await _launch(
            "ssh", *self._shared, self._options.ssh, f"{self._options.command} phone --receive",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _errors = await process.communicate(f"{secret}\n".encode())
        if process.returncode == LOST:
            raise _Lost
        if process.returncode == NOT_FOUND:
            raise PhoneFailed(
                _("There is no command %s there; say how it is started: --command") % self._options.command
            )
        lines = output.decode("utf-8", "replace").split("\n")
        named = next((line.strip() for line in reversed(lines) if line.strip()), "")
        if process.returncode or not named.startswith("/"):
            raise PhoneFailed(_("The catgem there did not take the telephone; is it of the same version?"))
        return named


async def _run(*command: str, quiet: bool = False) -> int:
    """Run a program on this terminal; returns its status, negative for a signal. Raises PhoneFailed."""
    silence = asyncio.subprocess.DEVNULL if quiet else None
    process = await _launch(*command, stdout=silence, stderr=silence)
    try:
        return await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise


async def _launch(*command: str, **streams: Any) -> asyncio.subprocess.Process:
    """Raises PhoneFailed."""
    try:
        return await asyncio.create_subprocess_exec(*command, **streams, preexec_fn=_end_with_parent)
    except OSError as error:
        raise PhoneFailed(_("ssh cannot be started: %s") % error) from error


_NATIVE = ctypes.CDLL(None) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """In the new process, before it becomes ssh: have the kernel end it when we are killed, which nobody could do then.
    Only Linux does; elsewhere the workstation's session stays until it is left, and the connection with it."""
    if _NATIVE is not None:
        _NATIVE.prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)


async def _find_host(options: argparse.Namespace) -> str:
    """This computer's address on the way to the SSH server; empty when that cannot be told."""
    if not options.ssh:
        return ""
    process = await _launch("ssh", "-G", *options.options, options.ssh, stdout=asyncio.subprocess.PIPE)
    output, _errors = await process.communicate()
    words = [line.split(maxsplit=1) for line in output.decode("utf-8", "replace").splitlines()]
    host = next((line[1] for line in words if len(line) == 2 and line[0] == "hostname"), "")
    return await asyncio.to_thread(_find_address_towards, host)


def _find_address_towards(host: str) -> str:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 5060))  # sends nothing
        address: str = probe.getsockname()[0]
        return address
    return ""
