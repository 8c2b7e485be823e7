"""Keeping out whoever calls too often, on real sockets."""

import socket
import sys

import pytest

from catgem_tui.phone.engine import floodgate
from catgem_tui.phone.engine.floodgate import MOST_CALLS, Floodgate

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a filter of Linux's sockets")


def hears(listener: socket.socket) -> bool:
    """Whether a packet from this machine gets through: what is sent over loopback has arrived when ``sendto`` ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", listener.getsockname())
    try:
        return listener.recv(10, socket.MSG_DONTWAIT) == b"x"
    except BlockingIOError:
        return False


@pytest.mark.parametrize(("trusted", "heard"), [("127.0.0.1", True), ("127.0.0.0/8", True), ("192.0.2.1", False)])
def test_a_trusted_trunk_is_heard_whatever_it_brings(trusted: str, heard: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        gate = Floodgate(listener.getsockname()[1], [trusted])
        for _ in range(MOST_CALLS):
            gate.note("127.0.0.1:5060")
        assert hears(listener) is heard


def test_a_socket_that_is_opened_anew_keeps_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floodgate, "CLOSE_AGAIN_SECONDS", 0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
        first.bind(("127.0.0.1", 0))
        address = first.getsockname()
        gate = Floodgate(address[1])
        assert hears(first)
        for _ in range(MOST_CALLS):
            gate.note("127.0.0.1:5060")
        assert not hears(first)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second:
        second.bind(address)
        assert hears(second)
        gate.look()
        assert not hears(second)
