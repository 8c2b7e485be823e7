"""Runs errands at central and in the local directory, and reports what came of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from catgem_tui.desk import effects
from catgem_tui.desk.account import Account
from catgem_tui.desk.duplicates import find_duplicates, find_namesakes
from catgem_tui.desk.happenings import ErrandDone, ErrandProgress
from catgem_tui.directory.sync import Directory
from catgem_tui.link.address import Failed
from catgem_tui.link.editing import EditingApi
from catgem_tui.protocol.editing import MOST_RECORDS, Answer, Decision
from catgem_tui.protocol.model import Record

SIMILAR = 5
STOPPABLE = (effects.UploadDocument, effects.ExportLog, effects.FetchRecord, effects.FetchRecords)
"""What changes nothing in the directory. A change on its way is not called back: it may have arrived."""

log = logging.getLogger(__name__)


class Errands:
    def __init__(
        self, api: EditingApi, account: Account, directory: Directory, report: Callable[[object], None]
    ) -> None:
        self._api = api
        self._account = account
        self._directory = directory
        self._report = report
        self._running: dict[asyncio.Task[None], effects.Errand] = {}

    def run(self, errand: effects.Errand) -> None:
        task = asyncio.get_running_loop().create_task(self._run(errand))
        self._running[task] = errand
        task.add_done_callback(lambda task: self._running.pop(task, None))

    def stop(self) -> None:
        """Give up what comes before a change is sent."""
        for task, errand in self._running.items():
            if isinstance(errand, STOPPABLE):
                task.cancel()

    async def close(self) -> None:
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, errand: effects.Errand) -> None:
        try:
            result = await self._with_token(errand)
        except asyncio.CancelledError:
            self._report(ErrandDone(errand, failure="cancelled"))
            raise
        except Exception as error:
            log.exception("%s could not be run", type(errand).__name__)
            result = Failed("incompatible", str(error))
        if isinstance(result, Failed):
            self._report(ErrandDone(errand, failure=result.code, detail=result.detail))
        else:
            self._report(ErrandDone(errand, result))

    async def _with_token(self, errand: effects.Errand) -> Any:
        match errand:
            case effects.FindSimilar(title=title):
                return find_namesakes(title, self._find)[:SIMILAR]
            case effects.FindAll(query=query):
                found = self._directory.search(query, MOST_RECORDS + 1)
                return tuple(each.record for each in found if each.whole)
            case effects.FindDuplicates(record=record):
                return find_duplicates(record, self._find)
            case effects.LookUp(record=known) if (held := self._directory.record(known)) is not None:
                return held
            case _:
                return await self._at_central(errand)

    def _find(self, query: str, limit: int) -> tuple[Record, ...]:
        return tuple(found.record for found in self._directory.search(query, limit))

    async def _at_central(self, errand: effects.Errand) -> Any:
        for renew in (False, True):
            token = await self._account.token(renew)
            if isinstance(token, Failed):
                return token
            result = await self._ask(errand, token)
            if not isinstance(result, Failed) or result.code not in {"unauthorized", "expired"}:
                break
        return result

    def _ask(self, errand: effects.Errand, token: str) -> Awaitable[Any]:  # noqa: PLR0911, PLR0912 - one call an errand
        api = self._api

        def progress(done: int, total: int) -> None:
            self._report(ErrandProgress(errand, done, total))

        match errand:
            case effects.FetchRecord(record=record) | effects.LookUp(record=record):
                return self._record(record, token)
            case effects.FetchRecords(records=records):
                return api.whole_records(token, records)
            case effects.FetchChanges(wanted=wanted, before=before):
                return api.changes(token, dict(wanted), before)
            case effects.FetchBlocked():
                return api.blocked(token)
            case effects.FetchCurrency(days=days):
                return api.currency(token, days)
            case effects.FetchProposal(change=change):
                return api.proposal(token, change)
            case effects.Decide(change=change, verdict=verdict, reason=reason):
                return api.decide(token, change, Decision(verdict=verdict, reason=reason))
            case effects.AnswerReport(report=report, text=text):
                return api.answer_report(token, report, Answer(text=text))
            case effects.FetchAnswers(since=since):
                return api.answers(token, since)
            case effects.PostChange(request=request):
                return api.post_changes(token, request)
            case effects.UploadDocument(path=path):
                return api.upload_document(token, Path(path).expanduser(), progress)
            case effects.ExportLog(path=path, wanted=wanted):
                return api.export_changes(token, Path(path).expanduser(), dict(wanted), progress)
            case _:
                return api.work(token)

    async def _record(self, record: str, token: str) -> Record | Failed | None:
        found = await self._api.whole_records(token, (record,))
        return found if isinstance(found, Failed) else next(iter(found), None)
