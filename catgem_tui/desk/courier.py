"""Carries commands to central: durable ones by way of the disk, repeated until they are answered."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from pathlib import Path

from catgem_tui.desk.effects import DropText, KeepText
from catgem_tui.desk.happenings import OutboxFailed
from catgem_tui.desk.outbox import Kept, Outbox, OutboxError
from catgem_tui.protocol.commands import is_durable
from catgem_tui.protocol.model import Struct

TEXT_PAUSE = 0.3
"""Seconds in which keystrokes are gathered before a text goes to disk."""
RETRY = 2.0
"""Seconds after a write that failed until it is tried again."""
LAST_WRITES = 3.0
"""Seconds that closing waits for the disk."""

Writing = Callable[[], Awaitable[None]]
log = logging.getLogger(__name__)


class Courier:
    """One queue in front of the disk keeps what is kept, sent and forgotten in the order it was asked for."""

    def __init__(self, path: Path, send: Callable[[str, Struct], bool], report: Callable[[object], None]) -> None:
        self._path = path
        self._send = send
        self._report = report
        self._outbox: Outbox | None = None
        self._user = ""
        self._kept: dict[str, Struct] = {}
        """What is on disk and not answered, oldest first."""
        self._writing: Counter[str] = Counter()
        """Durable commands on their way to the disk, by contact."""
        self._jobs: asyncio.Queue[Callable[[Outbox], Awaitable[None]]] = asyncio.Queue()
        self._texts: dict[tuple[str, str], KeepText | DropText] = {}
        self._to_write: dict[tuple[str, str, str], KeepText | DropText] = {}
        """Texts gathered for the disk, by user, contact and field."""
        self._flushing: asyncio.TimerHandle | None = None
        self._owed: dict[Hashable, Writing] = {}
        """What the disk did not take, oldest first: tried again until it does, or until something later replaces it."""
        self._retrying: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None
        self._failing = ""
        """The code of what is wrong with the disk, as it was last told."""

    async def open(self, key: bytes | None) -> None:
        self._outbox = Outbox(self._path, key)
        begin = partial(self._begin, self._outbox)
        try:
            await begin()
        except OutboxError as error:
            self._owe("", begin, error)
        self._working = asyncio.get_running_loop().create_task(self._work(self._outbox), name="outbox")

    async def _begin(self, outbox: Outbox) -> None:
        if not await outbox.open():
            self._report(OutboxFailed("outbox_unreadable"))
        if outbox.shared:
            self._report(OutboxFailed("outbox_shared"))

    async def adopt(self, user: str) -> Kept:
        """Work for this user from now on; returns what was left undone for them."""
        kept = Kept((), (), 0)
        await self._jobs.join()
        try:
            if self._outbox is not None:
                kept = await self._outbox.load(user)
        except OutboxError as error:
            self._fail(error)
        if kept.unreadable:
            self._report(OutboxFailed("outbox_unreadable"))
        if user != self._user:
            self._user, self._kept = user, {}
        self._kept = {**dict(kept.commands), **self._kept}
        return kept

    def transmit(self, command_id: str, body: Struct) -> None:
        """A durable command is sent once it is on disk; if the disk fails it is sent all the same.

        Others go at once, but never overtake a durable one about the same contact: notes have to be at central before
        the contact is handed on, and a message before the chat is ended.
        """
        user, contact = self._user, str(getattr(body, "contact", ""))
        if not is_durable(body):
            if contact in self._writing:
                self._jobs.put_nowait(lambda outbox: self._send_if_still(user, command_id, body))
            else:
                self._send(command_id, body)
            return
        self._writing[contact] += 1

        async def keep_and_send(outbox: Outbox) -> None:
            try:
                await self._try(command_id, lambda: outbox.put(user, command_id, body))
            finally:
                self._writing -= Counter([contact])
            if user == self._user:
                self._kept[command_id] = body
                self._send(command_id, body)

        self._jobs.put_nowait(keep_and_send)

    async def _send_if_still(self, user: str, command_id: str, body: Struct) -> None:
        if user == self._user:
            self._send(command_id, body)

    def repeat_all(self) -> None:
        for command_id, body in list(self._kept.items()):
            self._send(command_id, body)

    def repeat(self, command_id: str) -> None:
        body = self._kept.get(command_id)
        if body is not None:
            self._send(command_id, body)

    def forget(self, command_id: str) -> None:
        self._kept.pop(command_id, None)
        self._jobs.put_nowait(lambda outbox: self._try(command_id, lambda: outbox.remove(command_id)))

    def keep_text(self, text: KeepText | DropText) -> None:
        """The last word on a text within ``TEXT_PAUSE`` goes to disk."""
        self._texts[text.contact, text.field] = text
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(TEXT_PAUSE, self._flush)

    async def close(self) -> None:
        """After what was asked is on disk. Never raises."""
        self._flush()
        self._retry()
        if self._working is not None:
            with contextlib.suppress(TimeoutError):
                # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
                await asyncio.wait_for(self._jobs.join(), LAST_WRITES)
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        if self._retrying is not None:
            self._retrying.cancel()
        if self._outbox is not None:
            await self._outbox.close()

    def _flush(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        texts, self._texts = self._texts, {}
        if not texts or not self._user:
            return
        if not self._to_write:  # else a slow disk has not come to the last ones yet, and one job is enough for both
            self._jobs.put_nowait(self._write_texts)
        self._to_write.update({(self._user, *place): text for place, text in texts.items()})

    async def _write_texts(self, outbox: Outbox) -> None:
        texts, self._to_write = self._to_write, {}
        for place, text in texts.items():
            await self._try(place, partial(_keep, outbox, place[0], text))

    async def _work(self, outbox: Outbox) -> None:
        while True:
            job = await self._jobs.get()
            try:
                await job(outbox)
            except Exception:
                # Whatever one entry does, those after it are still to be kept and sent.
                log.exception("an entry of the outbox could not be dealt with")
            finally:
                self._jobs.task_done()

    async def _try(self, place: Hashable, write: Writing) -> None:
        """Write what belongs to this place on the disk; whatever was owed to it is out of date."""
        self._owed.pop(place, None)
        try:
            await write()
        except OutboxError as error:
            self._owe(place, write, error)
        else:
            self._tell_whether_it_works()

    def _owe(self, place: Hashable, write: Writing, error: OutboxError) -> None:
        self._owed[place] = write
        self._fail(error)
        if self._retrying is None:
            self._retrying = asyncio.get_running_loop().call_later(RETRY, self._retry)

    def _retry(self) -> None:
        if self._retrying is not None:
            self._retrying.cancel()
            self._retrying = None
            self._jobs.put_nowait(self._write_owed)

    async def _write_owed(self, outbox: Outbox) -> None:
        """In the order in which it was asked for, as far as the disk takes it."""
        for place, write in list(self._owed.items()):
            try:
                await write()
            except OutboxError as error:
                self._owe(place, write, error)
                return
            del self._owed[place]
        self._tell_whether_it_works()

    def _tell_whether_it_works(self) -> None:
        if self._failing and not self._owed:
            self._failing = ""
            self._report(OutboxFailed(""))

    def _fail(self, error: OutboxError) -> None:
        if self._failing != error.code:
            log.error("the outbox cannot be used: %s", error)
            self._failing = error.code
            self._report(OutboxFailed(error.code))


def _keep(outbox: Outbox, user: str, text: KeepText | DropText) -> Awaitable[None]:
    if isinstance(text, KeepText):
        return outbox.keep_text(user, text)
    return outbox.drop_text(user, text.contact, text.field)
