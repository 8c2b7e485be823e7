"""The centre's synonyms: records that are no entries but say what else a word means."""

from collections.abc import Iterable

from catgem_tui.directory.fold import words
from catgem_tui.directory.rewriting import Synonyms
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record


def is_entry(record: Record) -> bool:
    """Whether it is there to be found."""
    return record.kind is not RecordKind.SYNONYM


class Thesaurus:
    """Synonym records by id."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._groups: dict[str, list[tuple[tuple[str, ...], ...]]] = {}
        for record in records:
            self.put(record)

    def put(self, record: Record) -> bool:
        """Take a record of any kind as it now is; whether that changed anything."""
        before = self._groups.pop(record.id, None)
        if record.retired or is_entry(record):
            return before is not None
        meant = tuple(words(record.title))
        self._groups[record.id] = [(meant, tuple(words(other))) for other in record.keywords]
        return True

    def remove(self, record_id: str) -> bool:
        """Whether it was one of these."""
        return self._groups.pop(record_id, None) is not None

    def synonyms(self) -> Synonyms:
        return Synonyms(group for groups in self._groups.values() for group in groups)
