"""A directory record in words: one line of a list, the whole card, what is to become of it or became."""

from rich.cells import cell_len

from catgem_tui.config.i18n import _
from catgem_tui.desk.pieces import head
from catgem_tui.desk.state import Marks
from catgem_tui.protocol.editing import LoggedChange, Proposal, ProposalSummary
from catgem_tui.protocol.enums import ChangeState, RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures, hours, wording
from catgem_tui.ui.lines import ELLIPSIS, Line, Span, cell, clip, line, paragraph, span, wrap


def record_rows(record: Record, width: int, marks: Marks, reason: tuple[str, str], now: float) -> tuple[Line, ...]:
    """A record in a list of hits; a second line says why it is there where its title does not, or that it no longer
    holds."""
    holds = validity(record, now)
    out = holds is not None and holds[1] != "dim"
    rows = [record_row(record, width, marks, "dim" if out else "text")]
    field, text = reason
    if field:
        rows.append(clip((span(f"  {_(wording.RECORD_FIELDS[field])}: ", "dim"), span(text, "accent")), width))
    if holds is not None and out:
        rows.append(clip((("  ", "text"), holds), width))
    return tuple(rows)


def title_of(record: Record) -> str:
    """Its title, or what has to stand for one."""
    return record.title.strip() or record.post or record.unit or record.agency or _("(without a title)")


def named_row(record: Record, now: float) -> tuple[Span, ...]:
    """A record that another one names: its title, what it is, and that it does not hold."""
    holds = validity(record, now)
    out = holds is not None and holds[1] != "dim"
    told = [span(title_of(record), "dim" if out else "text"), span(f"  {_(wording.RECORD_KINDS[record.kind])}", "dim")]
    return (*told, *((("  ", "text"), holds) if holds is not None and out else ()))


def record_row(record: Record, width: int, marks: Marks = (), slot: str = "text") -> Line:
    """Title, place and telephone in columns; in a narrow list the telephone alone follows the title. A title that ends
    with its place keeps it where it is shortened, since it tells one office of a kind from the others.

    ``marks`` are the places of the title that met what was typed: they stand out.
    """
    telephone = figures.telephone(record.phone)
    tail = telephone if telephone else _(wording.RECORD_KINDS[record.kind])
    title = record.title if record.title.strip() else title_of(record)
    if record.kind is RecordKind.PERSON and record.post and title != record.post:
        title = f"{title}, {record.post}"
    place = place_in(record, title)
    place_width = 16 if width >= 64 and not place else 0
    columns = title_cells(title, place, slot, max(8, width - place_width - 14), marks)
    if place_width:
        columns.append(cell(" " + record.municipality, "dim", place_width))
    return (*columns, cell(tail, slot if telephone else "dim", 14, right=True))


_LEAST = 8
"""Cells of a title that are left of it before its place gives way."""


def place_in(record: Record, title: str) -> str:
    """The place with which the title ends, if it does."""
    return record.municipality if record.municipality and title.endswith(f" {record.municipality}") else ""


def title_cells(title: str, place: str, slot: str, width: int, marks: Marks = ()) -> list[Span]:
    """The title in ``width`` cells, the place at its end kept if there is room for some of the rest too."""
    place_width = cell_len(place)
    if not place or cell_len(title) <= width or width - place_width - 1 < _LEAST:
        return marked(cell(title, slot, width), marks)
    begins = len(title) - len(place)
    before = cell(title[: begins - 1].rstrip(), slot, width - place_width - 1)
    shifted = tuple((max(0, start - begins), end - begins) for start, end in marks if end > begins)
    return [*marked(before, marks), (" ", slot), *marked(span(place, slot), shifted)]


def marked(whole: Span, marks: Marks) -> list[Span]:
    """The span with these places bright; what was clipped off stays off."""
    text, slot = whole
    size = len(text.rstrip().removesuffix(ELLIPSIS))
    parts: list[Span] = []
    done = 0
    for start, end in marks:
        parts += [(text[done : min(start, size)], slot), (text[start : min(end, size)], "bright")]
        done = min(max(done, end), size)
    return [part for part in (*parts, (text[done:], slot)) if part[0]]


def _where(record: Record) -> str:
    """The address with its municipality, which many addresses end with themselves."""
    if record.address.endswith(record.municipality):
        return record.address
    return ", ".join(filter(None, (record.address, record.municipality)))


def _facts(record: Record, now: float) -> list[tuple[str, str, str]]:
    """Name, value and slot of everything there is; empty values are left out by who draws them."""
    telephone = figures.telephone(record.phone)
    if record.extension:
        telephone = f"{telephone}  " + _("ext. %s") % record.extension
    agency = f"{record.agency} ({record.agency_acronym})" if record.agency_acronym else record.agency
    opening = hours.told(record.hours, now)
    return [
        (_("Telephone"), telephone, "bright"),
        (_("Hours"), record.hours, "text"),
        ("", *opening) if opening else ("", "", "text"),
        (_("Address"), _where(record), "text"),
        (_("E-mail"), record.email, "text"),
        (_("Page"), record.url, "text"),
        (_("Post"), record.post, "text"),
        (_("Unit"), record.unit, "text"),
        (_("Agency"), agency, "text"),
        (_("Requirements"), record.requirements, "text"),
        (_("Cost"), figures.money(record.cost), "text"),
        (_("Says"), record.text, "text"),
        *((name, value, "text") for name, value in record.extra.items()),
        *((_("%s (internal)") % name, value, "sla.warning") for name, value in record.restricted.items()),
        (_("Keywords"), ", ".join(record.keywords), "dim"),
        (_("Responsible"), record.responsible, "text"),
        (_("Document"), record.support, "text"),
    ]


def validity(record: Record, now: float) -> Span | None:
    """What there is to say of when the record holds, if it does not simply hold."""
    if record.retired:
        return (_("This record was retired."), "sla.breach")
    if record.valid_from and now < record.valid_from:
        return (_("Valid from %s on.") % figures.date(record.valid_from), "sla.warning")
    if record.valid_until and now > record.valid_until:
        return (_("No longer valid since %s.") % figures.date(record.valid_until), "sla.breach")
    if record.valid_until:
        return (_("Valid until %s.") % figures.date(record.valid_until), "dim")
    return None


def _confirmed(record: Record, now: float) -> list[Line]:
    told = []
    if record.confirmed_at is not None:
        told.append(line((_("Confirmed %s") % figures.days_ago(record.confirmed_at, now), "dim")))
    if record.review_at is not None:
        overdue = record.review_at < now
        words = _("Its review was due on %s.") if overdue else _("To be reviewed by %s.")
        told.append(line((words % figures.date(record.review_at), "sla.warning" if overdue else "dim")))
    return told


def record_card(record: Record, now: float, width: int, longest: int | None = None) -> list[Line]:
    """Everything a record says, or of each field the first characters; empty fields are left out."""
    told: list[Line] = [*paragraph(title_of(record)[:longest], width, "bright")]
    kind = [_(wording.RECORD_KINDS[record.kind])]
    if record.level:
        kind.append(_(wording.LEVELS.get(record.level, record.level)))
    told.append(line((" · ".join(kind), "dim")))
    holds = validity(record, now)
    if holds is not None:
        told.append(line(holds))
    margin = min(15, width // 3)
    for name, value, slot in _facts(record, now):
        for number, part in enumerate(wrap(value[:longest], max(8, width - margin)) if value.strip() else ()):
            told.append((cell(name if not number else "", "dim", margin), span(part, slot)))
    return [*told, *_confirmed(record, now)]


def change_lines(change: LoggedChange, now: float, width: int) -> list[Line]:
    """One line of a record's change log: who, when, on which document, and what became what."""
    head = " · ".join(filter(None, (figures.moment(change.at, now), change.who, change.support.reference)))
    told = [line((head, "text"))]
    for name, before, after in differences(change.before, change.after):
        if change.before is None:
            continue
        words = f"{name}: {before or '—'} → {after or '—'}"
        told += paragraph(words, width, "dim", indent=2)[:3]
    if change.before is None:
        told.append(line((_("  created"), "dim")))
    return told


def proposal_lines(summary: ProposalSummary, proposal: Proposal | None, width: int) -> list[Line]:
    """Who proposes what and why; each record before and after, once that is here."""
    when = figures.stamp(summary.publish_at) if summary.publish_at is not None else ""
    head = (
        summary.who, _(wording.CHANGE_STATES[summary.state]), _("on %s") % when if when else "",
        summary.support.reference,
    )  # fmt: skip
    told = paragraph(" · ".join(part for part in head if part), width, "accent")
    for remark in (summary.comment, summary.reason):
        told += paragraph(remark, width) if remark else []
    if proposal is None:
        return told + [clip((span(title),), width) for _id, title in summary.records]
    for after, before in zip(proposal.records, proposal.current, strict=True):
        told += [(), line(span(after.title, "bright"))]
        if before is None:
            told.append(line((_("  created"), "dim")))
        elif before.revision != after.revision and summary.state is not ChangeState.REJECTED:
            # Nobody proposed to undo what somebody else changed since: approving does not either.
            words = _("Changed by somebody else since this was proposed: as it stands it will not be published.")
            told += paragraph(words, width, "sla.warning", indent=2)
        for name, old, new in differences(before, after):
            told += paragraph(f"{name}: {old or '—'} → {new or '—'}", width, indent=2)
    return told


def differences(before: Record | None, after: Record | None) -> list[tuple[str, str, str]]:
    """(field, before, after) of everything in which two states of a record differ, as text."""
    found = []
    for name in Record.__struct_fields__:
        if name in {"id", "revision"}:
            continue
        old, new = (_as_text(name, getattr(record, name)) if record else "" for record in (before, after))
        if old != new:
            found.append((_(wording.RECORD_FIELDS[name]), old, new))
    return found


def _as_text(name: str, value: object) -> str:
    match value:
        case None | "" | False:
            text = ""
        case True:
            text = _("yes")
        case float():
            text = figures.date(value)
        case tuple():
            text = ", ".join(map(str, value))
        case dict():
            text = "; ".join(f"{key}: {each}" for key, each in value.items())
        case _:
            text = _(wording.RECORD_KINDS[RecordKind(str(value))]) if name == "kind" else str(value)
    return text


def for_citizen(record: Record, longest: int) -> tuple[str, int]:
    """The record as a citizen is sent it: what is public and of use to them, a line for each thing.

    What is longest in it is cut until all of it has ``longest`` characters at most, and says so where it was cut.
    Returns how many characters were left out too.
    """
    facts = [(name, value.strip()) for name, value in _facts_for_citizen(record) if value.strip()]
    whole = _told(facts)
    left_out = 0
    cut = " " + _("[… shortened]")
    for _time in facts:
        excess = len(_told(facts)) - longest
        if excess <= 0:
            break
        place = max(range(len(facts)), key=lambda each: len(facts[each][1]))
        name, value = facts[place]
        kept = head(value, max(1, len(value) - excess - len(cut))).rstrip()
        left_out += len(value) - len(kept)
        facts[place] = (name, kept + cut)
    return head(_told(facts), longest) if left_out else whole, left_out


def _told(facts: list[tuple[str, str]]) -> str:
    return "\n".join(f"{name}: {value}" if name else value for name, value in facts)


def _facts_for_citizen(record: Record) -> list[tuple[str, str]]:
    telephone = figures.telephone(record.phone)
    if telephone and record.extension:
        telephone = f"{telephone}, " + _("ext. %s") % record.extension
    post = ", ".join(filter(None, (record.post, record.unit, record.agency)))
    return [
        ("", record.title),
        ("", post if post != record.title else ""),
        ("", record.text),
        (_("Requirements"), record.requirements),
        (_("Cost"), figures.money(record.cost)),
        (_("Telephone"), telephone),
        (_("Hours"), record.hours),
        (_("Address"), _where(record)),
        (_("E-mail"), record.email),
        (_("Page"), record.url),
    ]
