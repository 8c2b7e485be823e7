"""``catgem directory import`` and ``export``: files, this machine's copy of the directory and central, put together."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import msgspec

from catgem_tui.config.i18n import _
from catgem_tui.config.reasons import reason
from catgem_tui.directory.lookup import LookupFailed, copy_at, records_at
from catgem_tui.exchange import report
from catgem_tui.exchange.faults import BadRow
from catgem_tui.exchange.mapping import ColumnMapping
from catgem_tui.exchange.planning import Change, Plan, find_clash, make_plan, propose
from catgem_tui.exchange.reading import FileRead, read_file
from catgem_tui.exchange.writing import write_records
from catgem_tui.link.address import Failed
from catgem_tui.protocol.editing import MOST_RECORDS, ChangeOutcome, ChangeRequest, Clash, Support
from catgem_tui.protocol.enums import ChangeState, RecordKind
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Record
from catgem_tui.terminal_login import Admitted, NotAdmitted, admitted, sentence
from catgem_tui.terminal_progress import Tell, counted, progress

MOST_BYTES = 4 << 20
"""Bytes of records in one request; central reads it between two beats of its live lines."""
PAGE = 1000
"""Records asked for at once."""
AT_ONCE = 2
"""Slices under way: central reads and checks one while its disk takes the other."""
TRIES = 4
"""Times that one request is sent to a central that does not answer, or that clashes with somebody's work."""
EVERYTHING = 10_000_000
"""More results than any directory has."""


class ExchangeFailed(Exception):
    """Nothing more is done; the message is a sentence."""


@dataclass(frozen=True)
class Wanted:
    """What the person asked for."""

    file: Path
    mapping: ColumnMapping
    all_or_nothing: bool = False
    report: Path | None = None
    support: str = ""
    document: Path | None = None
    comment: str = ""
    overwrite: bool = False
    """Whether a row may undo what somebody else changed since the file was exported, or since it was read."""


@dataclass
class Sent:
    """What central made of the changes."""

    wanted: int
    done: int = 0
    """Changes that were dealt with."""
    changed: int = 0
    pending: int = 0
    """Records that wait for a second pair of eyes."""
    bad: list[BadRow] = field(default_factory=list)
    stopped: str = ""
    """Why not everything was sent."""
    interrupted: bool = False


# --- import ---


def dry_run(wanted: Wanted, copy: Path) -> int:
    """Tell what the file would change in this machine's copy. Returns the exit status; raises ExchangeFailed, BadFile,
    SheetsMissing."""
    read = read_file(wanted.file, wanted.mapping)
    try:
        current = {record.id: record for record in records_at(copy)}
    except LookupFailed as failed:
        if failed.code != "no_copy":
            raise ExchangeFailed(
                _("The copy of the directory cannot be read (%s). “catgem” makes it anew.") % failed.detail
            ) from failed
        current = {}
        print(_("There is no copy of the directory on this machine: every record counts as new."))
    plan = make_plan(read.rows, current, overwrite=wanted.overwrite)
    bad = _tell(wanted, read, plan)
    for line in report.changed_lines(plan):
        print(line)
    print(report.summary(plan, len(bad)))
    return 1 if bad else 0


def import_file(wanted: Wanted, central: str, username: str, password: str) -> int:
    """Send what is different to central. Returns the exit status; raises ExchangeFailed, BadFile, SheetsMissing."""
    read = read_file(wanted.file, wanted.mapping)
    try:
        return asyncio.run(_import(wanted, read, central, username, password))
    except NotAdmitted as error:
        raise ExchangeFailed(str(error)) from error


async def _import(wanted: Wanted, read: FileRead, central: str, username: str, password: str) -> int:
    async with admitted(central, username, password) as session:
        with progress() as tell:
            current = await _current(session, central, tell)
        plan = make_plan(read.rows, current, overwrite=wanted.overwrite)
        bad = _tell(wanted, read, plan)
        print(report.summary(plan, len(bad)))
        if bad and wanted.all_or_nothing:
            raise ExchangeFailed(_("Nothing was sent, because there are bad rows."))
        sent = Sent(len(plan.changes))
        if plan.changes:
            with progress() as tell:
                await Sender(session, central, wanted, sent, tell).send(plan.changes)
    _tell_bad(sent.bad)
    print(_("Changed at central: %(changed)d of %(wanted)d.") % {"changed": sent.changed, "wanted": sent.wanted})
    if sent.pending:
        print(_("Waiting for a second pair of eyes: %d.") % sent.pending)
    if sent.interrupted:
        print(_("Interrupted after %(done)d of %(wanted)d; import the file again to send the rest.")
              % {"done": sent.done, "wanted": sent.wanted}, file=sys.stderr)  # fmt: skip
        return 130
    if sent.stopped:
        told = _("Only %(done)d of %(wanted)d were sent; import the file again for the rest.")
        raise ExchangeFailed(f"{sent.stopped} {told % {'done': sent.done, 'wanted': sent.wanted}}")
    return 1 if bad or sent.bad else 0


def _tell(wanted: Wanted, read: FileRead, plan: Plan) -> list[BadRow]:
    """Name the bad rows, write the report. Returns the bad rows; raises ExchangeFailed."""
    bad = sorted([*read.bad, *plan.bad])
    _tell_bad(bad)
    if wanted.report:
        try:
            report.write_report(wanted.report, plan, bad)
        except OSError as error:
            words = {"file": wanted.report, "detail": reason(error)}
            raise ExchangeFailed(_("The report cannot be written: %(file)s: %(detail)s.") % words) from error
    return bad


def _tell_bad(bad: Iterable[BadRow]) -> None:
    for row in bad:
        print(report.bad_line(row), file=sys.stderr)


async def _current(session: Admitted, central: str, tell: Tell) -> dict[str, Record]:
    """The whole directory as central has it, retired records too: no copy here has the restricted fields, which a
    change must carry along. Raises ExchangeFailed."""
    current: dict[str, Record] = {}
    cursor, more = 0, True
    while more:
        token = await session.account.token()
        page = token if isinstance(token, Failed) else await session.api.records(token, cursor, PAGE)
        if isinstance(page, Failed):
            raise ExchangeFailed(sentence(page, central))
        current.update((record.id, record) for record in page.records)
        cursor, more = page.cursor, page.more
        tell(_("Records read from central: %d") % len(current), 0, 0)
    return current


class Sender:
    """Sends changes in slices, each of them all or nothing at central, and stops between two of them."""

    def __init__(self, session: Admitted, central: str, wanted: Wanted, sent: Sent, tell: Tell) -> None:
        self._session, self._central, self._wanted, self._sent = session, central, wanted, sent
        self._tell = tell
        self._support = Support(reference=wanted.support)

    async def send(self, changes: Sequence[Change]) -> None:
        with _interruptible(self._sent):
            if self._wanted.document and not await self._upload(self._wanted.document):
                return
            slices = _slices(changes)
            self._tell_sent()
            while parts := list(islice(slices, AT_ONCE)):
                if self._sent.interrupted or not all(await asyncio.gather(*map(self._send_slice, parts))):
                    return
                self._tell_sent()

    def _tell_sent(self) -> None:
        done, wanted = self._sent.done, self._sent.wanted
        self._tell(_("Sent: %(done)d of %(wanted)d") % {"done": done, "wanted": wanted}, done, wanted)

    async def _upload(self, document: Path) -> bool:
        token = await self._session.account.token()
        stored = (
            token
            if isinstance(token, Failed)
            else await self._session.api.upload_document(
                token, document, counted(self._tell, _("Sending the document:"))
            )
        )
        if isinstance(stored, Failed):
            return self._stop(stored)
        self._support = Support(reference=self._wanted.support, document=stored.sha256)
        return True

    async def _send_slice(self, part: Sequence[Change]) -> bool:
        """Returns whether to go on. What central refuses is dropped, and what would undo somebody's work of meanwhile;
        other changes to a record that was changed meanwhile are made anew on top."""
        clashes, count = 0, len(part)
        while part:
            outcome = await self._post(part)
            if isinstance(outcome, Failed):
                refused = _refused(outcome, part)
                if refused is None:
                    return self._stop(outcome)
                change, row = refused
                self._sent.bad.append(row)
                if self._wanted.all_or_nothing:
                    self._sent.stopped = _("Central refused a row.")
                    return False
                part = [it for it in part if it is not change]
            elif outcome.state is ChangeState.CLASHED:
                clashes += 1
                if clashes == TRIES:
                    return self._stop(Failed("stale"))
                before = len(self._sent.bad)
                part = self._rebased(part, outcome.clashes)
                if self._wanted.all_or_nothing and len(self._sent.bad) > before:
                    self._sent.stopped = _("Somebody changed a record of the file meanwhile.")
                    return False
            else:
                waits = outcome.state in {ChangeState.PENDING, ChangeState.SCHEDULED}
                self._sent.pending += len(part) if waits else 0
                self._sent.changed += 0 if waits else outcome.changed
                break
        self._sent.done += count
        return True

    async def _post(self, part: Sequence[Change]) -> ChangeOutcome | Failed:
        """The same request again while central does not answer; it is carried out once."""
        request = ChangeRequest(
            id=new_id(),
            records=tuple(change.after for change in part),
            support=self._support,
            comment=self._wanted.comment,
        )
        outcome: ChangeOutcome | Failed = Failed("unreachable")
        for again in range(TRIES):
            if again:
                await asyncio.sleep(again)
            token = await self._session.account.token()
            outcome = token if isinstance(token, Failed) else await self._session.api.post_changes(token, request)
            if not (isinstance(outcome, Failed) and outcome.code == "unreachable"):
                break
        return outcome

    def _rebased(self, part: Sequence[Change], clashes: Sequence[Clash]) -> list[Change]:
        moved = {clash.record: clash for clash in clashes}
        kept = [change for change in part if change.after.id not in moved]
        for change in part:
            if change.after.id in moved:
                clash = moved[change.after.id]
                undone = None if self._wanted.overwrite else find_clash(change, clash.current, clash.who)
                proposed = undone or propose(change.row, clash.current)
                if isinstance(proposed, Change):
                    kept.append(proposed)
                elif proposed is not None:
                    self._sent.bad.append(proposed)
        return kept

    def _stop(self, failed: Failed) -> bool:
        if failed.code == "support_required":
            self._sent.stopped = _("Central wants the document that the changes rest on: --support or --document.")
        else:
            self._sent.stopped = sentence(failed, self._central)
        return False


def _refused(failed: Failed, part: Sequence[Change]) -> tuple[Change, BadRow] | None:
    """Which change central would not take, by a detail ``ID: FIELD: REASON``."""
    if failed.code != "bad_record":
        return None
    for change in part:
        start = f"{change.after.id}: "
        if failed.detail.startswith(start):
            column, _colon, reason = failed.detail.removeprefix(start).partition(": ")
            return change, BadRow(change.row.line, column, _("central refuses it (%s)") % reason)
    return None


def _slices(changes: Sequence[Change]) -> Iterator[list[Change]]:
    encode = msgspec.json.Encoder().encode
    part: list[Change] = []
    size = 0
    for change in changes:
        length = len(encode(change.after)) + 1
        if part and (len(part) == MOST_RECORDS or size + length > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(change)
        size += length
    if part:
        yield part


@contextlib.contextmanager
def _interruptible(sent: Sent) -> Iterator[None]:
    """Ctrl-C ends the sending once central answered, so that it can be said what was sent."""
    loop = asyncio.get_running_loop()

    def note() -> None:
        sent.interrupted = True

    before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, note)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


# --- export ---


def export(copy: Path, target: str, name: str, *, kind: RecordKind | None, query: str) -> int:
    """Write this machine's copy to a file, whole or not at all, or to standard output (``-``); returns how many.

    Raises LookupFailed, BadFile, SheetsMissing, ExchangeFailed.
    """
    records = _chosen(copy, kind, query)
    if target == "-":
        write_records(sys.stdout.buffer, name, records)
        sys.stdout.buffer.flush()
        return len(records)
    path = Path(target)
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as file, progress() as tell:
            write_records(file, name, records, counted(tell, _("Writing records:")))
        beside.replace(path)
    except OSError as error:
        words = {"file": target, "detail": reason(error)}
        raise ExchangeFailed(_("The file cannot be written: %(file)s: %(detail)s.") % words) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    return len(records)


def _chosen(copy: Path, kind: RecordKind | None, query: str) -> list[Record]:
    """Found ones best first, otherwise all by id."""
    if query:
        with copy_at(copy) as lookup:
            records = [record for record, _score in lookup.search(query, EVERYTHING, whole=True).found]
    else:
        records = sorted(records_at(copy), key=lambda record: record.id)
    return [record for record in records if kind is None or record.kind is kind]
