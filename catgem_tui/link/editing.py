"""The part of central's HTTP API that edits the directory (``protocol.editing``)."""

import asyncio
import errno
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlencode

import msgspec

from catgem_tui.link.address import Failed
from catgem_tui.link.api import Api, read_answer
from catgem_tui.protocol.editing import (
    EXPORTED,
    LARGEST_DOCUMENT,
    Answer,
    ChangeOutcome,
    ChangePage,
    ChangeRequest,
    Currency,
    Decision,
    Document,
    LineCount,
    Proposal,
    Report,
    Work,
)
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.sums import MOST_WANTED

CHUNK = 64 << 10
"""Bytes read from a file, or written to it, at once."""
PATIENCE = 60.0
"""Seconds without a byte after which a file counts as stuck."""
PAGE = 50
"""Lines of the change log asked for at once."""

log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
"""Bytes done and bytes in all; 0 where nobody knows."""


class EditingApi(Api):
    """Everything of ``Api``, and what information managers ask for."""

    async def whole_records(self, token: str, ids: Sequence[str]) -> tuple[Record, ...] | Failed:
        """These records as central has them, restricted fields included; those it no longer has are missing."""
        found: tuple[Record, ...] = ()
        for start in range(0, len(ids), MOST_WANTED):
            part = await self.some_records(token, ids[start : start + MOST_WANTED])
            if isinstance(part, Failed):
                return part
            found += part
        return found

    async def post_changes(self, token: str, body: ChangeRequest) -> ChangeOutcome | Failed:
        return await self._ask(ChangeOutcome, "POST", "/directory/changes", token=token, body=body)

    async def changes(
        self, token: str, wanted: Mapping[str, str], before: int = 0, limit: int = PAGE
    ) -> ChangePage | Failed:
        """A page of the change log; ``before`` 0: the newest. ``wanted``: record, who, text, since, until."""
        asked = {key: value for key, value in wanted.items() if value} | {"limit": str(limit)}
        if before:
            asked["before"] = str(before)
        return await self._ask(ChangePage, "GET", f"/directory/changes?{urlencode(asked)}", token=token)

    async def proposal(self, token: str, change: str) -> Proposal | Failed:
        return await self._ask(Proposal, "GET", f"/directory/proposals/{quote(change, safe='')}", token=token)

    async def decide(self, token: str, change: str, body: Decision) -> ChangeOutcome | Failed:
        path = f"/directory/proposals/{quote(change, safe='')}"
        return await self._ask(ChangeOutcome, "POST", path, token=token, body=body)

    async def work(self, token: str) -> Work | Failed:
        return await self._ask(Work, "GET", "/directory/work", token=token)

    async def answer_report(self, token: str, report: str, body: Answer) -> Report | Failed:
        path = f"/directory/reports/{quote(report, safe='')}"
        return await self._ask(Report, "POST", path, token=token, body=body)

    async def answers(self, token: str, since: float) -> tuple[Report, ...] | Failed:
        """This person's reports that were answered after the instant, in that order."""
        return await self._ask(tuple[Report, ...], "GET", f"/directory/reports?since={since!r}", token=token)

    async def blocked(self, token: str) -> tuple[Blocked, ...] | Failed:
        """The callers who are refused now."""
        return await self._ask(tuple[Blocked, ...], "GET", "/guard/blocked", token=token)

    async def currency(self, token: str, days: int) -> Currency | Failed:
        return await self._ask(Currency, "GET", f"/directory/currency?days={days}", token=token)

    async def upload_document(
        self, token: str, path: Path, progress: Progress = lambda done, total: None
    ) -> Document | Failed:
        """Store a file at central. ``too_long``, ``damaged`` when what arrived is not what was sent, or ``no_file``,
        with the system's name of why."""
        try:
            file = await asyncio.to_thread(path.open, "rb")
            size = await asyncio.to_thread(lambda: path.stat().st_size)
        except OSError as error:
            return Failed("no_file", _name_of(error))
        try:
            if size > LARGEST_DOCUMENT:
                return Failed("too_long", str(size))
            return await self._send_file(token, path.name, file, size, progress)
        finally:
            await asyncio.to_thread(file.close)

    async def _send_file(
        self, token: str, name: str, file: BinaryIO, size: int, progress: Progress
    ) -> Document | Failed:
        digest = hashlib.sha256()

        async def chunks() -> AsyncIterator[bytes]:
            done = 0
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                digest.update(chunk)
                yield chunk
                done += len(chunk)
                progress(done, size)

        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        try:
            client = await self._open()
        except (ImportError, OSError, ValueError) as error:
            return Failed("unreachable", str(error))
        import httpx

        try:
            answer = await client.post(
                f"{self._address.http}/directory/documents?{urlencode({'name': name})}",
                headers=headers, content=chunks(), timeout=PATIENCE,
            )  # fmt: skip
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Failed("unreachable", str(error))
        except OSError as error:
            return Failed("no_file", _name_of(error))
        document = read_answer(Document, answer.status_code, answer.content)
        if isinstance(document, Document) and document.sha256 != digest.hexdigest():
            return Failed("damaged", document.sha256)
        return document

    async def export_changes(
        self, token: str, path: Path, wanted: Mapping[str, str], progress: Progress = lambda done, total: None
    ) -> int | Failed:
        """Write the change log to ``path`` (``.csv``, otherwise JSON lines). Returns the bytes; ``not_written``, with
        the system's name of why, if not. ``progress`` is told the lines, and of how many.

        The file appears whole or not at all, and never in the place of another: that may be evidence too.
        """
        asked = {key: value for key, value in wanted.items() if value}
        asked["format"] = "csv" if path.suffix.lower() == ".csv" else "jsonl"
        beside = path.with_name(f".{path.name}.part")
        try:
            client = await self._open()
        except (ImportError, OSError, ValueError) as error:
            return Failed("unreachable", str(error))
        import httpx

        url = f"{self._address.http}/directory/changes/export?{urlencode(asked)}"
        done, lines = 0, LineCount(asked["format"])
        try:
            async with client.stream("GET", url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE) as got:
                if got.status_code != 200:
                    refused = read_answer(msgspec.Raw, got.status_code, await got.aread())
                    return refused if isinstance(refused, Failed) else Failed("incompatible")
                if await asyncio.to_thread(path.exists):
                    return Failed("not_written", "EISDIR" if await asyncio.to_thread(path.is_dir) else "EEXIST")
                told = got.headers.get(EXPORTED, "")
                count = int(told) if told.isdecimal() else 0
                file = await asyncio.to_thread(beside.open, "wb")
                try:
                    async for chunk in got.aiter_bytes(CHUNK):
                        await asyncio.to_thread(file.write, chunk)
                        done += len(chunk)
                        progress(lines.take(chunk), count)
                finally:
                    await asyncio.to_thread(file.close)
            await asyncio.to_thread(beside.replace, path)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Failed("unreachable", str(error))
        except OSError as error:
            return Failed("not_written", _name_of(error))
        finally:
            with suppress(OSError):  # where nothing could be written nothing can be removed either
                await asyncio.to_thread(beside.unlink)
        return done


def _name_of(error: OSError) -> str:
    """The system's name of an error, such as ``ENOSPC``: it is put into words where it is shown."""
    return errno.errorcode.get(error.errno or 0, "")
