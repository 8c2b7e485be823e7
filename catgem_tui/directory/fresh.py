"""Records as they came since the index was built: what is looked at before the disk is."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from catgem_tui.directory.store import Known
from catgem_tui.protocol.model import Record


class Change(NamedTuple):
    """One record as it came; None when it was retired."""

    id: str
    known: Known
    record: Record | None

    @classmethod
    def of(cls, key: int, epoch: int, record: Record) -> "Change":
        return cls(record.id, Known(key, epoch, record.revision), None if record.retired else record)


class Fresh:
    """The last change of each record."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._changes: dict[str, Change] = {}
        self._records: dict[int, Record] = {}
        for change in changes:
            self.put(change)

    def __len__(self) -> int:
        return len(self._changes)

    def __contains__(self, record_id: str) -> bool:
        return record_id in self._changes

    def put(self, change: Change) -> None:
        self._changes[change.id] = change
        if change.record is None:
            self._records.pop(change.known.key, None)
        else:
            self._records[change.known.key] = change.record

    def known(self, record_ids: Sequence[str]) -> dict[str, tuple[Known, bool]]:
        """What is known of those that came, by id, and whether they are there."""
        came = [self._changes[each] for each in record_ids if each in self._changes]
        return {change.id: (change.known, change.record is not None) for change in came}

    def read(self, keys: Sequence[int]) -> dict[int, Record]:
        """Those with these keys that came and are there."""
        return {key: self._records[key] for key in keys if key in self._records}

    def forget(self, record_ids: Iterable[str], keys: frozenset[int] = frozenset()) -> None:
        """Records with these ids or keys have been written by somebody else since, or dropped."""
        having = [change.id for change in self._changes.values() if change.known.key in keys] if keys else []
        for record_id in (*record_ids, *having):
            change = self._changes.pop(record_id, None)
            if change is not None:
                self._records.pop(change.known.key, None)

    def hide_restricted(self) -> None:
        for change in list(self._changes.values()):
            if change.record is not None and change.record.restricted:
                self.put(change._replace(record=msgspec.structs.replace(change.record, restricted={})))
