"""Every test of the screen sees the same language, the same clock and the same place on earth."""

import time
from collections.abc import Iterator

import pytest

from catgem_tui.config import i18n


@pytest.fixture(scope="session", autouse=True)
def attentive_pilot() -> Iterator[None]:
    """A pilot waits until the process is idle, by default in steps of 20 ms, three or four of them for each key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual._wait.SLEEP_GRANULARITY", 0.004)
        patch.setattr("textual._wait.SLEEP_IDLE", 0.0004)
        yield


@pytest.fixture(autouse=True)
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/Mexico_City")
    for variable in ("NO_COLOR", "TEXTUAL_ANIMATIONS", "COLORTERM"):
        monkeypatch.delenv(variable, raising=False)
    time.tzset()
    i18n.use("es_MX")
    yield
    monkeypatch.undo()
    time.tzset()
