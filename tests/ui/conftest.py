"""Every test of the screen sees the same language, the same clock and the same place on earth."""

import time
from collections.abc import Iterator

import pytest

from catgem_tui.config import i18n


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
