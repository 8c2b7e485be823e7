"""How many lines of an exported log have come is known wherever its pieces are cut."""

import csv
import io
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.protocol.editing import LineCount

cells = st.text(alphabet='aé",;\n ', max_size=6)
tables = st.lists(st.lists(cells, min_size=2, max_size=2), max_size=6)


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["who", "comment"], *rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_jsonl(rows: list[list[str]]) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


@pytest.mark.parametrize(("form", "write"), [("csv", as_csv), ("jsonl", as_jsonl)])
@given(rows=tables, size=st.integers(1, 9))
def test_every_line_counts_once(
    form: str, write: Callable[[list[list[str]]], bytes], rows: list[list[str]], size: int
) -> None:
    written, lines, count = write(rows), LineCount(form), 0
    for start in range(0, len(written), size):
        before, count = count, lines.take(written[start : start + size])
        assert before <= count <= len(rows)
    assert count == len(rows)
