"""Whom this person called by a number: kept on this machine as what they write is."""

from collections.abc import Iterable

import msgspec

from catgem_tui.desk.effects import KeepText
from catgem_tui.desk.model import Turn
from catgem_tui.desk.state import Dialled

FIELD = "dialled"
KEY = "telephone"
"""Under which the list is kept among the texts."""
MOST = 50


def remember(turn: Turn, number: str, extension: str = "", name: str = "") -> None:
    """Newest first, each number with its extension once; a number called again by hand keeps the name it had."""
    before = turn.view.dialled
    same = next((each for each in before if (each.number, each.extension) == (number, extension)), None)
    new = Dialled(number, extension, name or (same.name if same else ""), turn.view.now(turn.now))
    kept = (new, *(each for each in before if each is not same))[:MOST]
    turn.show(dialled=kept)
    turn.perform(KeepText(KEY, FIELD, msgspec.json.encode(kept).decode()))


def restore(turn: Turn, texts: Iterable[KeepText]) -> None:
    """What an earlier process kept."""
    for text in texts:
        if (text.contact, text.field) == (KEY, FIELD) and not turn.view.dialled:
            try:
                turn.show(dialled=msgspec.json.decode(text.text, type=tuple[Dialled, ...])[:MOST])
            except msgspec.MsgspecError:
                return
