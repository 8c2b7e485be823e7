"""A directory record in words: one line of a list, or the whole card."""

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import Marks
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures, wording
from catgem_tui.ui.lines import ELLIPSIS, Line, Span, cell, line, paragraph, span, wrap


def record_row(record: Record, width: int, marks: Marks = ()) -> Line:
    """Title, place and telephone in columns; in a narrow list the telephone alone follows the title.

    ``marks`` are the places of the title that met what was typed: they stand out.
    """
    telephone = figures.telephone(record.phone)
    tail = telephone if telephone else _(wording.RECORD_KINDS[record.kind])
    place_width = 16 if width >= 64 else 0
    title = record.title
    if record.kind is RecordKind.PERSON and record.post:
        title = f"{record.title}, {record.post}"
    columns = marked(cell(title, "text", max(8, width - place_width - 14)), marks)
    if place_width:
        columns.append(cell(" " + record.municipality, "dim", place_width))
    return (*columns, cell(tail, "text" if telephone else "dim", 14, right=True))


def marked(whole: Span, marks: Marks) -> list[Span]:
    """The span with these places bright; what was clipped off stays off."""
    text, slot = whole
    size = len(text.rstrip().removesuffix(ELLIPSIS))
    parts: list[Span] = []
    done = 0
    for start, end in marks:
        parts += [(text[done:start], slot), (text[start : min(end, size)], "bright")]
        done = min(max(done, end), size)
    return [part for part in (*parts, (text[done:], slot)) if part[0]]


def _facts(record: Record) -> list[tuple[str, str]]:
    telephone = figures.telephone(record.phone)
    if record.extension:
        telephone = f"{telephone}  " + _("ext. %s") % record.extension
    agency = f"{record.agency} ({record.agency_acronym})" if record.agency_acronym else record.agency
    return [
        (_("Telephone"), telephone),
        (_("Address"), ", ".join(filter(None, (record.address, record.municipality)))),
        (_("Hours"), record.hours),
        (_("Post"), record.post),
        (_("Unit"), record.unit),
        (_("Agency"), agency),
        (_("Requirements"), record.requirements),
        (_("Cost"), record.cost),
        (_("E-mail"), record.email),
        (_("Page"), record.url),
        (_("Responsible"), record.responsible),
        (_("Document"), record.support),
        *((name, value) for name, value in record.restricted.items()),
    ]


def record_card(record: Record, now: float, width: int) -> list[Line]:
    """Everything a record says; empty fields are left out."""
    told: list[Line] = [*paragraph(record.title, width, "bright")]
    kind = [_(wording.RECORD_KINDS[record.kind])]
    if record.level:
        kind.append(_(wording.LEVELS.get(record.level, record.level)))
    told.append(line((" · ".join(kind), "dim")))
    margin = 15
    for name, value in _facts(record):
        for number, part in enumerate(wrap(value, max(8, width - margin)) if value else ()):
            told.append((cell(name if not number else "", "dim", margin), span(part)))
    if record.confirmed_at is not None:
        told.append(line((_("Confirmed %s") % figures.days_ago(record.confirmed_at, now), "dim")))
    return told
