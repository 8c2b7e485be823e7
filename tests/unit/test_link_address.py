"""Where central may be, and what an HTTP answer means."""

import msgspec
import pytest

from catgem_tui.link.address import Address, Failed, parse_address
from catgem_tui.link.api import read_answer
from catgem_tui.link.live import LONGEST_PAUSE, backoff
from catgem_tui.protocol.http import Health, Problem


@pytest.mark.parametrize(
    ("url", "http", "live"),
    [
        ("http://127.0.0.1:8070", "http://127.0.0.1:8070/api/v1", "ws://127.0.0.1:8070/api/v1/live"),
        ("http://[::1]:8070/", "http://[::1]:8070/api/v1", "ws://[::1]:8070/api/v1/live"),
        ("http://localhost", "http://localhost/api/v1", "ws://localhost/api/v1/live"),
        ("central.example", "https://central.example/api/v1", "wss://central.example/api/v1/live"),
        ("https://c.example:9/x", "https://c.example:9/x/api/v1", "wss://c.example:9/x/api/v1/live"),
    ],
)
def test_addresses_of_central(url: str, http: str, live: str) -> None:
    address = parse_address(url)
    assert isinstance(address, Address)
    assert (address.http, address.live) == (http, live)


@pytest.mark.parametrize("url", ["http://central.example", "http://192.168.1.4:8070", "http://127.0.0.1.example"])
def test_clear_text_to_another_machine_is_refused(url: str) -> None:
    assert parse_address(url) == Failed("insecure", url)


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://a:b@127.0.0.1"])
def test_what_is_no_address(url: str) -> None:
    failed = parse_address(url)
    assert isinstance(failed, Failed)
    assert failed.code == "bad_address"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, Problem(code="wrong_credentials"), "wrong_credentials"),
        (401, None, "unauthorized"),
        (403, Problem(code="not_allowed"), "not_allowed"),
        (404, None, "incompatible"),
        (429, Problem(code="too_many_attempts"), "too_many_attempts"),
        (503, Problem(code="storage"), "storage"),
        (503, None, "unreachable"),
        (200, None, "incompatible"),
    ],
)
def test_answers_that_are_failures(status: int, body: Problem | None, code: str) -> None:
    content = b"<html>" if body is None else msgspec.json.encode(body)
    failed = read_answer(Health, status, content)
    assert isinstance(failed, Failed)
    assert failed.code == code


def test_pauses_grow_to_five_seconds_and_never_beyond() -> None:
    assert [backoff(attempt, 1.0) for attempt in range(6)] == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 5.0])
    assert backoff(900, 1.0) == LONGEST_PAUSE
    assert backoff(0, 0.0) == pytest.approx(0.1)
