"""A real registrar and proxy, Kamailio, which may live in a network namespace of its own."""

import asyncio
import contextlib
import datetime
import ipaddress
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.ports import free_port

PASSWORD = "secreto"
_MODULES = (
    "tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "auth",
)  # fmt: skip
_ROUTES = """
request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("catgem", "{password}", "0")) {{ www_challenge("catgem", "0"); exit; }}
        save("location");
        exit;
    }}
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
        sl_send_reply("404", "Not here");
        exit;
    }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
    record_route();
    if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
    t_relay();
}}
"""


@dataclass
class Registrar:
    """``port`` is for UDP and TCP, ``tls_port`` for TLS, believed by ``authorities``."""

    folder: Path
    host: str
    port: int
    tls_port: int
    algorithm: str
    within: Sequence[str] = ()
    """What runs it elsewhere: ``ip netns exec NAME``."""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.authorities = self.folder / "ca.pem"
        make_certificate(self.host, self.authorities, self.folder / "key.pem")
        self._process: asyncio.subprocess.Process | None = None
        modules = next(Path("/usr/lib").glob("*/kamailio/modules"))
        lines = [
            "#!KAMAILIO",
            "children=1",
            "tcp_children=1",
            "auto_aliases=no",
            "enable_tls=yes",
            f"listen=udp:{self.host}:{self.port}",
            f"listen=tcp:{self.host}:{self.port}",
            f"listen=tls:{self.host}:{self.tls_port}",
            f'mpath="{modules}"',
            *(f'loadmodule "{name}.so"' for name in (*_MODULES, "tls")),
            f'modparam("auth", "algorithm", "{self.algorithm}")',
            'modparam("usrloc", "db_mode", 0)',
            'modparam("tls", "tls_method", "TLSv1.2+")',
            f'modparam("tls", "certificate", "{self.authorities}")',
            f'modparam("tls", "private_key", "{self.folder / "key.pem"}")',
            _ROUTES.format(password=PASSWORD),
        ]
        (self.folder / "kamailio.cfg").write_text("\n".join(lines))

    @property
    def address(self) -> str:
        """Over UDP and TCP."""
        return f"{self.host}:{self.port}"

    async def start(self) -> None:
        """Returns once it listens."""
        program = shutil.which("kamailio") or "/usr/sbin/kamailio"
        with (self.folder / "output").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self.within, program, "-f", str(self.folder / "kamailio.cfg"), "-DD", "-E",
                "-m", "32", "-M", "8", "-w", str(self.folder), "-Y", str(self.folder),
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        async with asyncio.timeout(15):
            while not await self._listens():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _listens(self) -> bool:
        probe = f"import socket; socket.create_connection(({self.host!r}, {self.port}), 1)"
        command = (*self.within, sys.executable, "-c", probe)
        tried = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
        return await tried.wait() == 0

    async def stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)  # its workers are processes of their own
            await self._process.wait()
            self._process = None


async def start_registrar(
    stack: AsyncExitStack, folder: Path, algorithm: str = "SHA-256", *, within: str = "", host: str = "10.77.0.2"
) -> Registrar:
    """One that runs until the stack's end: on loopback, or in the network namespace ``within``, where ``host`` is its
    address."""
    if within:
        registrar = Registrar(folder, host, 5060, 5061, algorithm, within=("ip", "netns", "exec", within))
    else:
        registrar = Registrar(folder, "127.0.0.1", free_port(), free_port(), algorithm)
    stack.push_async_callback(registrar.stop)
    await registrar.start()
    return registrar


def make_certificate(host: str, certificate: Path, key: Path) -> None:
    """Signed by itself, good for a day."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "catgem test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
