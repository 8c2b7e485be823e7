"""The system's reasons in the reader's language."""

import os
from pathlib import Path

import pytest

from catgem_tui.config.reasons import reason


def refusal(path: Path) -> OSError:
    with pytest.raises(OSError) as caught:
        path.read_bytes()
    return caught.value


@pytest.mark.parametrize(("path", "words"), [("nowhere", "no existe ese archivo o carpeta"), (".", "es una carpeta")])
def test_what_the_system_says_is_told_in_spanish(path: str, words: str, tmp_path: Path) -> None:
    assert reason(refusal(tmp_path / path)) == words


def test_a_rare_reason_keeps_the_words_of_the_system() -> None:
    assert reason(OSError(84, os.strerror(84))) == os.strerror(84)
    assert reason(OSError("of its own")) == "of its own"
