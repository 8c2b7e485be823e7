"""``catgem directory search``: what it prints."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec

from catgem_tui.config.i18n import _
from catgem_tui.directory.lookup import Lookup, LookupFailed, Result, copy_at, file_at


def run(queries: Iterable[str], *, data: Path | None, copy: Path, limit: int, as_json: bool) -> None:
    """Print what each query finds in the file ``data``, or else in this machine's copy. Raises LookupFailed."""
    source: AbstractContextManager[Lookup] = copy_at(copy) if data is None else nullcontext(file_at(data))
    with source as lookup:
        for query in queries:
            result = lookup.search(query, limit)
            print(_as_json(result) if as_json else _as_text(result))


def _as_json(result: Result) -> str:
    found = [
        {"id": record.id, "kind": record.kind, "title": record.title, "score": round(score, 4)}
        for record, score in result.found
    ]
    row = {"query": result.query, "milliseconds": round(result.milliseconds, 3), "results": found}
    return msgspec.json.encode(row).decode()


def _as_text(result: Result) -> str:
    if not result.found:
        return _("Nothing found for “%s”.") % result.query
    rows = []
    for record, _score in result.found:
        facts = (record.title, record.post, record.unit, record.municipality, record.phone, record.extension)
        rows.append("  ".join(fact for fact in facts if fact))
    return "\n".join(rows)


def sentence(failed: LookupFailed) -> str:
    """What went wrong, and what to do."""
    words = {
        "no_copy": _("There is no copy of the directory on this machine yet (%s). Log in once with “catgem”."),
        "damaged": _("The copy of the directory cannot be read (%s). “catgem” makes it anew."),
        "unreadable": _("The file cannot be read as JSON lines (%s)."),
    }[failed.code]
    return words % failed.detail
