"""Whether rows of the screen moved up or down, so that the terminal can move them instead of being told them anew."""

from typing import NamedTuple

from catgem_tui.terminal.grid import Grid

_FURTHEST = 12
"""Rows."""
_LEAST = 48
"""Cells that must be spared: letting rows move costs some twenty bytes and a risk of repainting what comes in."""


class Scroll(NamedTuple):
    """Rows from ``top`` up to ``bottom`` (exclusive) move ``by`` rows: up when positive, down when negative."""

    top: int
    bottom: int
    by: int


def find_scroll(wanted: Grid, shown: Grid, changed: list[int]) -> Scroll | None:
    """The move that spares most cells of the ``changed`` rows, if any spares enough."""
    first, last = changed[0], changed[-1]
    span = range(max(0, first - _FURTHEST), min(wanted.height, last + 1 + _FURTHEST))
    by_words: dict[str, list[int]] = {}
    for y in span:
        by_words.setdefault("".join(shown.texts[y]), []).append(y)
    spared: dict[int, dict[int, int]] = {}
    for y in changed:
        words = "".join(wanted.texts[y])
        if not words.strip():
            continue
        for source in by_words.get(words, ()):
            by = source - y
            if by and abs(by) <= _FURTHEST and wanted.pens[y] == shown.pens[source]:
                spared.setdefault(by, {})[y] = _difference(wanted, shown, y)
    best: tuple[int, Scroll] | None = None
    for by, rows in spared.items():
        for start, end in _blocks(sorted(rows)):
            gain = sum(rows[y] for y in range(start, end) if y in rows)
            scroll = Scroll(start, end + by, by) if by > 0 else Scroll(start + by, end, by)
            if gain >= _LEAST and (best is None or gain > best[0]):
                best = gain, scroll
    return best[1] if best else None


def _blocks(rows: list[int]) -> list[tuple[int, int]]:
    """Rows that follow one another, as (first, after last); a blank row between two belongs to them."""
    blocks: list[tuple[int, int]] = []
    for y in rows:
        if blocks and y - blocks[-1][1] <= 1:
            blocks[-1] = blocks[-1][0], y + 1
        else:
            blocks.append((y, y + 1))
    return blocks


def _difference(wanted: Grid, shown: Grid, y: int) -> int:
    return sum(new != old for new, old in zip(wanted.texts[y], shown.texts[y], strict=True))
