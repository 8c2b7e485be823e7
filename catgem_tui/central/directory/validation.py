"""What a change must be like before anything of it is kept."""

import math

import msgspec

from catgem_tui.protocol.editing import LONGEST_RECORD, MOST_RECORDS, ChangeRequest
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

LONGEST_ID = 200
LONGEST_TITLE = 500
LONGEST_COMMENT = 2000
"""Characters, as the others."""
LATEST = 1e11
"""Seconds since the epoch: beyond it no calendar can show the instant."""


class RefusedChange(Exception):
    """Why a change is not taken: a code of the API and its detail."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def check(request: ChangeRequest, *, support_required: bool) -> None:
    """Raises RefusedChange."""
    if not 0 < len(request.id) <= 64:
        raise RefusedChange("malformed", "id")
    if not request.records:
        raise RefusedChange("malformed", "records")
    if len(request.records) > MOST_RECORDS:
        raise RefusedChange("too_long", "records")
    if max(len(request.comment), len(request.support.reference)) > LONGEST_COMMENT:
        raise RefusedChange("too_long", "comment")
    if "\0" in request.comment + request.support.reference:  # which PostgreSQL keeps in no text
        raise RefusedChange("malformed", "comment")
    if not (_is_instant(request.publish_at) and _is_instant(request.support.dated_at)):
        raise RefusedChange("malformed", "publish_at")
    if support_required and not request.support.reference.strip() and not request.support.document:
        raise RefusedChange("support_required")
    seen: set[str] = set()
    for record in request.records:
        fault = "id: twice" if record.id in seen else _fault(record)
        if fault:
            raise RefusedChange("bad_record", f"{record.id[:LONGEST_ID]}: {fault}")
        seen.add(record.id)


def _fault(record: Record) -> str:
    """``FIELD: REASON`` of the first thing that is wrong with the record, or empty."""
    wrong = {
        "id: form": not 0 < len(record.id) <= LONGEST_ID or record.id != record.id.strip() or not _shown(record.id),
        "title: empty": not record.title.strip(),
        "title: too_long": len(record.title) > LONGEST_TITLE,
        "title: control_characters": not _shown(record.title),
        "kind: unknown": record.kind is RecordKind.OTHER,
        "merged_into: not_retired": bool(record.merged_into) and not record.retired,
        "merged_into: itself": bool(record.merged_into) and record.merged_into == record.id,
        "record: too_long": len(msgspec.json.encode(record)) > LONGEST_RECORD,
    }
    for field in ("confirmed_at", "review_at", "valid_from", "valid_until"):
        wrong[f"{field}: instant"] = not _is_instant(getattr(record, field))
    if record.kind is RecordKind.AGREEMENT and not record.retired:
        wrong["agency: empty"] = not record.agency.strip()
        wrong["responsible: empty"] = not record.responsible.strip()
        # One without an end is looked at instead, so that none is forgotten.
        wrong["valid_until: or_review_at"] = record.valid_until is None and record.review_at is None
    begin, end = record.valid_from, record.valid_until
    wrong["valid_until: before_valid_from"] = begin is not None and end is not None and end < begin
    return next((fault for fault, there in wrong.items() if there), "")


def _shown(text: str) -> bool:
    return all(letter.isprintable() for letter in text)


def _is_instant(value: float | None) -> bool:
    return value is None or (math.isfinite(value) and 0 <= value <= LATEST)
