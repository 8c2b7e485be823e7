"""What the engine reads out of SIP messages by itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.phone.engine import names, sip
from catgem_tui.phone.port import PhoneError


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ('"Ana Luz" <sip:722@h>;tag=1', ("Ana Luz", "sip:722@h")),
        ('"Ana \\"Lu\\" Z" <sip:722@h>', ('Ana "Lu" Z', "sip:722@h")),
        ("Ana <sip:722@h:5060;user=phone>", ("Ana", "sip:722@h:5060;user=phone")),
        ("<sip:722@h>", ("", "sip:722@h")),
        ("sip:722@h;tag=9", ("", "sip:722@h")),
        ("", ("", "")),
    ],
)
def test_an_address_has_a_name_and_a_uri(address: str, expected: tuple[str, str]) -> None:
    assert sip.split_address(address) == expected


@pytest.mark.parametrize(
    ("uri", "user"),
    [
        ("sip:722%20550@h", "722 550"),
        ("sips:ana:secret@h:5061", "ana"),
        ("sip:h", ""),
        ("tel:722", ""),
        ("nonsense", ""),
    ],
)
def test_a_uri_may_have_a_user(uri: str, user: str) -> None:
    assert sip.find_user(uri) == user


MESSAGE = (
    "INVITE sip:070@h SIP/2.0\r\nVia: x\r\nX-Catgem-Token: abc\r\nX-Long: one\r\n two\r\nx-lower: 1\r\n"
    "Subject: X-Not: this\r\n\r\nX-Body: no\r\n"
)


def test_extension_headers_are_read_and_folded_lines_joined() -> None:
    assert sip.read_extension_headers(MESSAGE) == {"X-Catgem-Token": "abc", "X-Long": "one two", "x-lower": "1"}
    assert sip.find_header({"x-catgem-token": "t"}, "X-Catgem-Token") == "t"
    assert sip.read_request_uri(MESSAGE) == "sip:070@h"


@given(st.text())
def test_any_text_is_read_without_a_fault(text: str) -> None:
    sip.split_address(text)
    sip.find_user(text)
    sip.read_request_uri(text)
    assert len(sip.read_extension_headers(text)) <= sip.MAX_HEADERS


@given(st.binary())
def test_wrong_bytes_become_text_that_can_be_sent(data: bytes) -> None:
    sip.clean(data.decode("utf-8", "surrogateescape")).encode()


@pytest.mark.parametrize("headers", [{"X-A": "1\r\nX-B: 2"}, {"X A": "1"}, {"X-A\r\n": "1"}, {"": "1"}])
def test_a_header_that_breaks_the_message_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(PhoneError):
        sip.check_headers(headers)


@pytest.mark.parametrize("uri", ["", "sip:a b@h", "sip:a@h>", "sip:a@h\n", 'sip:"a"@h'])
def test_a_uri_that_breaks_the_message_is_refused(uri: str) -> None:
    with pytest.raises(PhoneError):
        sip.check_uri(uri)


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("sip:a@host:5060;x=1", ("sip:a@", "host", ":5060;x=1")),
        ("sip:host", ("sip:", "host", "")),
        ("sip:a@[::1]:5060", ("sip:a@", "[::1]", ":5060")),
        ("nonsense", ("", "", "nonsense")),
    ],
)
def test_a_uri_is_cut_around_its_host(uri: str, parts: tuple[str, str, str]) -> None:
    assert sip.split_host(uri) == parts


def test_only_names_are_looked_up() -> None:
    assert names.needs_look_up("sip:a@localhost:5060")
    assert not names.needs_look_up("sip:a@127.0.0.1:5060")
    assert not names.needs_look_up("sip:a@[::1]")


def test_name_servers_are_the_systems(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# nameserver 1.1.1.1\nsearch x\nnameserver 127.0.0.53\nnameserver ::1\nnameserver\n")
    assert names.find_nameservers(file) == ["127.0.0.53"]
    assert names.find_nameservers(tmp_path / "missing") == []
