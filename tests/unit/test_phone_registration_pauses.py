"""How long a telephone waits before it asks a registrar again that did not take it."""

import itertools
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

pytest.importorskip("pjsua2", reason="the telephone's library is not installed")

from catgem_tui.phone.engine import registration
from catgem_tui.phone.engine.registration import LONGEST_PAUSE, LONGEST_SILENCE, Registration
from catgem_tui.phone.port import Register

LOOK = 0.2
WHILE = 180.0
"""Seconds of the test's clock."""


class Account:
    """At a registrar that answers every REGISTER at once, with ``code``."""

    code = 503
    needs_connection = False

    def __init__(
        self, _library: Any, _calls: Any, _command: Register, answered: Callable[[int, str, str], None]
    ) -> None:
        self._answered = answered

    def ask(self) -> None:
        self._answered(self.code, "", "127.0.0.1:5060")


def pauses(monkeypatch: pytest.MonkeyPatch, code: int) -> list[float]:
    """Between one REGISTER and the next."""
    now, asked = 1000.0, []

    class Counted(Account):
        def ask(self) -> None:
            asked.append(now)
            super().ask()

    Counted.code = code
    monkeypatch.setattr(registration.time, "monotonic", lambda: now)
    monkeypatch.setattr(registration, "_Registered", Counted)
    library = mock.Mock(**{"endpoint.utilVerifySipUri.return_value": 0})
    one = Registration(library, mock.Mock(), lambda _event: None)
    one.register(Register(uri="sip:ana@127.0.0.1", registrar="sip:127.0.0.1:5060", password="secreto"))
    for _ in range(int(WHILE / LOOK)):
        now += LOOK
        one.look()
    return [after - before for before, after in itertools.pairwise(asked)]


@pytest.mark.parametrize(
    ("code", "longest"), [(403, LONGEST_PAUSE), (503, LONGEST_SILENCE)], ids=["refused", "not reached"]
)
def test_it_waits_longer_and_longer_but_never_beyond_the_limit(
    monkeypatch: pytest.MonkeyPatch, code: int, longest: float
) -> None:
    waited = pauses(monkeypatch, code)
    assert waited[0] <= 1.0 + LOOK
    assert max(waited) <= longest + LOOK <= 15.0 + LOOK
    assert min(waited[5:]) >= longest / 2 - LOOK


def test_no_two_telephones_ask_in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pauses(monkeypatch, 403) != pauses(monkeypatch, 403)


def test_once_it_is_taken_it_is_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(map(round, pauses(monkeypatch, 200))) == {round(registration.REFRESH_SECONDS)}
