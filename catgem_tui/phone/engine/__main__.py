"""``python -m catgem_tui.phone.engine``: serve one client over an inherited socket or a Unix socket, then exit."""

import argparse
import logging
import os
import queue
import socket
import sys
from pathlib import Path

from catgem_tui.phone import wire
from catgem_tui.phone.engine.channel import Channel
from catgem_tui.phone.engine.forwarded import do_without_shared_memory
from catgem_tui.phone.port import EngineSettings, PhoneError

HELLO_SECONDS = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="catgem_tui.phone.engine")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int, help="an inherited, connected stream socket")
    where.add_argument("--socket", type=Path, help="a Unix socket to listen on, in a directory of your own")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    do_without_shared_memory(os.environ)
    # miniaudio loads numpy where it is installed, and lets it lie: a third of the memory this process would have.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    try:
        connection = socket.socket(fileno=arguments.fd) if arguments.socket is None else _accept(arguments.socket)
    except OSError as error:
        parser.exit(1, f"The engine's socket cannot be used: {error}\n")
    status = _serve(Channel(connection))
    # SWIG's and pjsip's destructors at interpreter exit run in an order that can abort; nothing is left to save.
    os._exit(status)


def _accept(path: Path) -> socket.socket:
    """Listen at ``path`` (mode 0600) and take the first client. Raises OSError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        hidden = path.with_name(f".{path.name}")  # until it listens: whoever sees it may connect
        hidden.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            listener.bind(str(hidden))
        finally:
            os.umask(mask)
        listener.listen(1)
        hidden.rename(path)
        connection, _ = listener.accept()
        path.unlink(missing_ok=True)
    return connection


def _serve(channel: Channel) -> int:
    try:
        settings = _shake_hands(channel)
        if settings is None:
            return 0
        try:
            # Here and not above: this imports pjsua2, whose absence must be told to the client.
            from catgem_tui.phone.engine.loop import Engine
        except ImportError as error:
            raise PhoneError("no_library", str(error)) from error
        engine = Engine(settings, channel)
    except PhoneError as error:
        channel.send(wire.Failed(id=0, code=error.code, detail=error.detail))
        channel.close(1.0)
        return 1
    engine.run()
    return 0


def _shake_hands(channel: Channel) -> EngineSettings | None:
    """Return the settings, or None when no client is left to serve. Raises PhoneError."""
    try:
        hello = channel.inbox.get(timeout=HELLO_SECONDS)
    except queue.Empty:
        return None
    if not isinstance(hello, wire.Hello):
        return None
    if hello.version != wire.VERSION:
        raise PhoneError("not_running", f"the engine speaks version {wire.VERSION}, the client {hello.version}")
    return hello.settings


if __name__ == "__main__":
    main()
