"""The log: everything in the file, no traceback on the screen."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from catgem_tui.config import log


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    root = logging.getLogger()
    before, level, raising = list(root.handlers), root.level, logging.raiseExceptions
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.raiseExceptions = raising
    logging.captureWarnings(False)


def test_the_file_has_the_traceback_and_the_screen_the_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log.paths, "log_file", lambda program: tmp_path / f"{program}.log")
    log.start("central", aloud=True)
    failure = OSError("database or disk is full")
    logging.getLogger("catgem_tui.test").error("the store failed", exc_info=failure)
    shown, kept = capsys.readouterr().err, (tmp_path / "central.log").read_text(encoding="utf-8")
    assert "the store failed" in shown
    assert "OSError" not in shown
    assert "the store failed" in kept
    assert "OSError: database or disk is full" in kept
