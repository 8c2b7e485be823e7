"""Agreements and other records that near their end: each is told once to who keeps the directory, when it comes due.

What was told outlives this process, so that logging in again tells nothing twice; a record whose end was moved is told
anew when that end comes near.
"""

from collections.abc import Iterable

import msgspec

from catgem_tui.desk.effects import KeepText
from catgem_tui.desk.model import Turn
from catgem_tui.desk.state import Severity
from catgem_tui.protocol.editing import Due, Work

KEY, FIELD = "expiring", "told"
"""Of the kept text."""
Told = frozenset[tuple[str, float]]
"""(record, end)"""


def restore_told(turn: Turn, texts: Iterable[KeepText]) -> None:
    """What an earlier process had told."""
    for text in texts:
        if (text.contact, text.field) == (KEY, FIELD) and turn.model.told is None:
            try:
                turn.remember(told=msgspec.json.decode(text.text, type=Told))
            except msgspec.MsgspecError:
                return


def tell_expiring(turn: Turn, work: Work) -> None:
    """The list of what ends soon has come: tell what is new in it."""
    listed = frozenset((due.record, due.at) for due in work.expiring)
    before = turn.model.told
    if listed == before:
        return
    fresh = [due for due in work.expiring if before is None or (due.record, due.at) not in before]
    turn.remember(told=listed)
    turn.perform(KeepText(KEY, FIELD, msgspec.json.encode(sorted(listed)).decode()))
    if fresh:
        _tell(turn, fresh)


def _tell(turn: Turn, fresh: list[Due]) -> None:
    first = fresh[0]
    args: dict[str, str | int | float] = {"title": first.title, "date": first.at, "more": len(fresh) - 1}
    turn.notify("expiring" if len(fresh) == 1 else "several_expiring", Severity.WARNING, args=args)
