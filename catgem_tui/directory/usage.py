"""What is used here: by this person, and with less weight by the others on this machine; older use counts less."""

from collections.abc import Iterable, Mapping

HALF = 14
"""Days after which a use counts half."""
OTHERS = 0.3
"""What a use by somebody else is worth."""
MOST = 200
"""Records that count; every search looks at all of them."""

Row = tuple[str, str, float, int]
"""(id of a record, who, weight, day it was last used)"""


class Usage:
    """Weights by record and person. Days are those since the epoch."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows = {(record, who): (weight, day) for record, who, weight, day in rows}

    def use(self, record: str, who: str, day: int) -> Row:
        """One use more; returns the row to be kept."""
        weight, last = self._rows.get((record, who), (0.0, day))
        now = _faded(weight, day - last) + 1.0
        self._rows[record, who] = (now, day)
        return record, who, now, day

    def shares(self, who: str, day: int) -> Mapping[str, float]:
        """By record: how much it is used, 1 for the one used most; ``MOST`` at most."""
        total: dict[str, float] = {}
        for (record, user), (weight, last) in self._rows.items():
            worth = _faded(weight, day - last) * (1.0 if user == who else OTHERS)
            total[record] = total.get(record, 0.0) + worth
        best = sorted(total.items(), key=lambda pair: -pair[1])[:MOST]
        most = best[0][1] if best else 1.0
        return {record: worth / most for record, worth in best}


def _faded(weight: float, days: int) -> float:
    return float(weight * 0.5 ** (max(0, days) / HALF))
