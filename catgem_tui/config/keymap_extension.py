"""Keymaps that extend another and say only what differs."""

from collections.abc import Mapping
from pathlib import Path

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.i18n import _
from catgem_tui.config.keymap import Written, read_keymap


def lineage(last: Written, known: Mapping[str, Path] | None = None) -> list[Written]:
    """The keymap and all that it extends, the most basic first.

    A name is that of the person's own file first, then of a shipped one; a file that extends its own name extends the
    shipped one. Raises FileFault, of the file that is at fault.
    """
    shipped = assets.keymaps()
    chain = [last]
    while "extends" in chain[0].table:
        here = chain[0]
        name = here.table["extends"]
        if not isinstance(name, str):
            raise here.fault("", "extends", _('give the name of one keymap, as in "default"'))
        path = (shipped if known is None else known).get(name)
        if path is not None and _same(path, here.path):
            path = shipped.get(name)
        if path is None:
            listed = ", ".join(sorted({**shipped, **(known or {})}))
            raise here.fault("", "extends", _("there is no keymap “%(name)s”; there are: %(known)s")
                             % {"name": name, "known": listed})  # fmt: skip
        if any(_same(path, each.path) for each in chain):
            way = " → ".join([*(each.path.name for each in reversed(chain)), path.name])
            raise here.fault("", "extends", _("the keymaps extend each other in a circle: %s") % way)
        chain.insert(0, _read(path, here))
    return chain


def _read(path: Path, extending: Written) -> Written:
    try:
        return read_keymap(path)
    except FileFault as fault:
        reason = _("%(reason)s (extended by %(file)s)") % {"reason": fault.reason, "file": extending.path.name}
        raise FileFault(fault.path, fault.line, fault.key, reason) from fault


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
