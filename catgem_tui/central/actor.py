"""The one task that handles everything that happens on the floor, so that there is nothing to lock.

It drains its inbox, lets the queue take its steps, writes what changed with the events that tell of it in one
transaction, and only then publishes, performs effects and replies. Nothing is told to anyone before it is on disk.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from catgem_tui.central.batch import FOLIO, Batch
from catgem_tui.central.ports import (
    AdvisorCommand,
    ContactChannel,
    Effect,
    Happening,
    RecordingStarted,
    StorageFailed,
    Tick,
)
from catgem_tui.central.queue import QueueRules, UniversalQueue
from catgem_tui.central.store import floor, guarding
from catgem_tui.central.store.database import Database
from catgem_tui.central.store.users import read_users
from catgem_tui.central.store.writing import read_counter
from catgem_tui.protocol.enums import Channel, Refusal
from catgem_tui.protocol.events import FLOOR
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.model import Colleague, QueueSummary, User

logger = logging.getLogger(__name__)

BATCH = 256
"""Happenings in one transaction at most."""
RETRY = 1.0
"""Seconds to wait before acting on a deadline again after the store failed."""
SUMMARY_INTERVAL = 0.25
"""Seconds between two summaries of the queue at least."""
COLLEAGUES_INTERVAL = 1.0
"""Seconds between two lists of who is on duty at least: everybody gets everybody."""
SUMMARY_CHECK = 1.0
"""Seconds after which a summary is looked at again though nothing happened: contacts become late by waiting."""
PRUNE_INTERVAL = 600.0
STOP = 5.0
"""Seconds that what is in the inbox and what the channels were told may take at the end."""

T = TypeVar("T")


class Audience(Protocol):
    """Who is told: the live lines."""

    def publish(self, events: Sequence[floor.LoggedEvent]) -> None: ...

    def summarize(self, summary: QueueSummary) -> None: ...

    def show_colleagues(self, colleagues: tuple[Colleague, ...]) -> None: ...

    def blocked_changed(self) -> None: ...


@dataclass
class _Letter:
    """A happening in the inbox."""

    happening: Happening
    answer: "asyncio.Future[Refused | None]"


@dataclass
class _Look:
    """A look at the queue between two transactions."""

    at: Callable[[UniversalQueue], Any]
    answer: "asyncio.Future[Any]"


class Actor:
    """Central's heart. ``start`` rebuilds the queue from the store; ``stop`` finishes what is in the inbox."""

    def __init__(
        self,
        database: Database,
        rules: QueueRules,
        audience: Audience,
        *,
        new_token: Callable[[], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._rules = rules
        self._audience = audience
        self._new_token = new_token
        self._clock = clock
        self._inbox: asyncio.Queue[_Letter | _Look] = asyncio.Queue()
        self._channels: dict[Channel, asyncio.Queue[Effect]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._queue = UniversalQueue(rules, (), new_token=new_token)
        self._folio = 0
        self._not_before = 0.0
        self._changed = asyncio.Event()
        self._stopping = False
        self.broken = asyncio.Event()
        """Set when a fault of ours has ended the actor: nothing is carried out any more."""
        self.cursor = 0
        """Sequence number of the floor's last event that is on disk."""

    # --- life ---

    async def start(self, channels: Iterable[Channel] = ()) -> None:
        """Rebuild the queue and begin to work. What is to be done on ``channels`` waits for ``attach``.

        Raises StorageFailed.
        """
        now = self._clock()
        async with self._database.read() as connection:
            users = await read_users(connection)
            contacts = await floor.read_contacts_for_queue(connection, self._midnight(now))
            messages = await floor.read_messages(connection, [contact.id for contact in contacts])
            advisors = await floor.read_advisors(connection)
            blocked = await guarding.read_blocks(connection, now)
            # A new database counts from the time of its making, so that no workstation takes a cursor of an earlier
            # one for its own.
            self.cursor = await read_counter(connection, FLOOR, int(now * 1000))
            self._folio = await read_counter(connection, FOLIO)
        self._queue, outcome = UniversalQueue.restore(
            self._rules,
            users,
            contacts,
            messages,
            advisors,
            now=now,
            next_folio=self._folio,
            new_token=self._new_token,
            blocked=blocked,
        )
        batch = Batch(cursor=self.cursor, folio=self._folio)
        batch.add(outcome)
        await self._write(batch, now)
        self._queue.keep()
        self._channels = {channel: asyncio.Queue() for channel in channels}
        self._told(batch)
        for work in (self._run(), self._summarize(), self._prune()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._task_ended)
            self._tasks.append(task)

    def attach(self, channel: ContactChannel) -> None:
        """The channel has started: hand it what is to be done."""
        effects = self._channels[channel.channel]
        self._tasks.append(asyncio.create_task(_perform(channel, effects), name=f"effects of {channel.channel}"))

    def detach(self, channel: Channel) -> None:
        """The channel could not start: nothing can be done on it."""
        del self._channels[channel]

    async def stop(self) -> None:
        """Finish what is in the inbox, then end. What comes later fails with StorageFailed."""
        if not self._tasks:
            return
        with suppress(TimeoutError, StorageFailed):
            async with asyncio.timeout(STOP):
                await self.look(lambda queue: None)
                self._stopping = True
                await asyncio.gather(*(effects.join() for effects in self._channels.values()))
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        while not self._inbox.empty():
            _fail(self._inbox.get_nowait(), StorageFailed("central is stopping"))

    # --- the inbox ---

    def _task_ended(self, task: "asyncio.Task[None]") -> None:
        """None of the actor's tasks ends by itself: central is then of no more use, and says so instead of hanging."""
        if task.cancelled() or self._stopping:
            return
        logger.critical("central's actor ended", exc_info=task.exception())
        self._stopping = True
        self.broken.set()
        while not self._inbox.empty():
            _fail(self._inbox.get_nowait(), StorageFailed("central is broken"))

    def post(self, happening: Happening) -> "asyncio.Future[Refused | None]":
        """Put a happening into the inbox, in order. The future ends as ``submit`` does."""
        letter = _Letter(happening, asyncio.get_running_loop().create_future())
        self._put(letter)
        return letter.answer

    async def submit(self, happening: Happening) -> Refused | None:
        return await self.post(happening)

    async def look(self, at: Callable[[UniversalQueue], T]) -> T:
        """Call ``at`` between two transactions, when the queue is exactly what is on disk at ``cursor``."""
        look = _Look(at, asyncio.get_running_loop().create_future())
        self._put(look)
        result: T = await look.answer
        return result

    async def admit(self, user: User) -> None:
        """Somebody new works here, or somebody's role or skills changed."""
        await self.look(lambda queue: queue.admit(user))

    def knows(self, contact: str) -> bool:
        return self._queue.knows(contact)

    def holder(self, contact: str) -> str | None:
        """Who has the contact now: a user id."""
        found = self._queue.contact(contact)
        return found.advisor if found else None

    def is_blocked(self, phone: str) -> bool:
        """Whether calls from this number are refused now."""
        return self._queue.is_blocked(phone, self._clock())

    def _put(self, item: _Letter | _Look) -> None:
        if self._stopping:
            _fail(item, StorageFailed("central is stopping"))
        else:
            self._inbox.put_nowait(item)

    # --- the loop ---

    async def _run(self) -> None:
        while True:
            items = await self._gather()
            letters = [item for item in items if isinstance(item, _Letter)]
            if self._patience() == 0.0:
                letters.insert(0, _Letter(Tick(), asyncio.get_running_loop().create_future()))
            if letters:
                try:
                    await self._handle(letters)
                except BaseException:
                    # A fault of ours, or the end: nobody may wait for ever. A command sent again finds its answer.
                    for letter in letters:
                        _fail(letter, StorageFailed("central is broken"))
                    raise
            for item in items:
                if isinstance(item, _Look):
                    _show(item, self._queue)

    async def _gather(self) -> list[_Letter | _Look]:
        """Wait for something to come or to be due; take whatever else has come."""
        items: list[_Letter | _Look] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience()):
                items.append(await self._inbox.get())
        while len(items) < BATCH and not self._inbox.empty():
            items.append(self._inbox.get_nowait())
        return items

    def _patience(self) -> float | None:
        deadline = self._queue.next_deadline()
        if deadline is None:
            return None
        return max(0.0, max(deadline, self._not_before) - self._clock())

    async def _handle(self, letters: list[_Letter]) -> None:
        now = self._clock()
        try:
            batch, replies = await self._step(letters, now)
            await self._write(batch, now)
        except StorageFailed as error:
            self._queue.discard()
            self._not_before = now + RETRY
            for letter in letters:
                _fail(letter, error)
            return
        self._queue.keep()
        self._told(batch)
        for letter, refused in replies:
            _answer(letter, refused)

    async def _step(self, letters: list[_Letter], now: float) -> tuple[Batch, list[tuple[_Letter, Refused | None]]]:
        """Let the queue take a step for each letter; what to write, and what to answer then. Raises StorageFailed."""
        ids = [letter.happening.id for letter in letters if isinstance(letter.happening, AdvisorCommand)]
        known: Mapping[str, tuple[str, Refused | None]] = {}
        if ids:
            async with self._database.read() as connection:
                known = await floor.read_answers(connection, ids)
        batch, replies = Batch(cursor=self.cursor, folio=self._folio), []
        for letter in letters:
            happening = letter.happening
            if isinstance(happening, AdvisorCommand):
                answered = known.get(happening.id) or batch.answers.get(happening.id)
                if answered is not None:
                    replies.append((letter, _stored(answered, happening)))
                    continue
            try:
                outcome = self._queue.step(happening, now)
            except Exception:
                # The queue has taken its half step back: a fault met by one contact must not stop the whole centre.
                logger.exception("the queue failed on %s", type(happening).__name__)
                self._not_before = now + RETRY
                replies.append((letter, Refused(code=Refusal.UNAVAILABLE)))
                continue
            batch.add(outcome)
            replies.append((letter, outcome.refused))
            if isinstance(happening, AdvisorCommand):
                batch.answers[happening.id] = (happening.advisor, outcome.refused)
            elif isinstance(happening, RecordingStarted) and outcome.refused is None:
                batch.recordings.append(happening)
        return batch, replies

    async def _write(self, batch: Batch, now: float) -> None:
        """One transaction for everything. Raises StorageFailed."""
        if batch:
            async with self._database.write() as connection:
                await batch.write(connection, now)

    def _told(self, batch: Batch) -> None:
        """It is on disk: now tell of it."""
        self.cursor, self._folio = batch.cursor, batch.folio
        if batch.events:
            self._audience.publish(batch.events)
        if batch.blocks:
            self._audience.blocked_changed()
        for effect in batch.effects:
            if effect.channel in self._channels:
                self._channels[effect.channel].put_nowait(effect)
        if batch:
            self._changed.set()

    # --- beside the loop ---

    async def _summarize(self) -> None:
        """Tell everybody how the line stands and who is on duty, not too often and only when it changed."""
        last: QueueSummary | None = None
        on_duty: tuple[Colleague, ...] = ()
        listed_at = -COLLEAGUES_INTERVAL
        loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SUMMARY_CHECK):
                    await self._changed.wait()
            self._changed.clear()
            summary, colleagues = await self.look(lambda queue: (queue.summary(self._clock()), queue.colleagues()))
            if summary != last:
                last = summary
                self._audience.summarize(summary)
            if colleagues != on_duty and loop.time() - listed_at >= COLLEAGUES_INTERVAL:
                on_duty, listed_at = colleagues, loop.time()
                self._audience.show_colleagues(colleagues)
            await asyncio.sleep(SUMMARY_INTERVAL)

    async def _prune(self) -> None:
        while True:
            with suppress(StorageFailed):
                async with self._database.write() as connection:
                    await floor.forget_old(connection, self._clock())
                    await guarding.forget_expired_blocks(connection, self._clock())
            await asyncio.sleep(PRUNE_INTERVAL)

    def _midnight(self, now: float) -> float:
        here = datetime.fromtimestamp(now, self._rules.clock)
        return here.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


async def _perform(channel: ContactChannel, effects: "asyncio.Queue[Effect]") -> None:
    """A task of its own for each channel: a slow one keeps its order and holds up nobody else."""
    while True:
        effect = await effects.get()
        try:
            await channel.perform(effect)
        except Exception:
            # A channel promises not to raise; if it does, the next effect still counts.
            logger.exception("the %s channel failed to perform %s", channel.channel, type(effect).__name__)
        finally:
            effects.task_done()


def _stored(answered: tuple[str, Refused | None], command: AdvisorCommand) -> Refused | None:
    user, refused = answered
    # Another user's id is no repetition: its answer is not theirs to see.
    return refused if user == command.advisor else Refused(code=Refusal.MALFORMED, field="id")


def _show(look: _Look, queue: UniversalQueue) -> None:
    try:
        _answer(look, look.at(queue))
    except Exception as error:  # noqa: BLE001 - whoever looks has to deal with it; the actor goes on
        _fail(look, error)


def _answer(item: _Letter | _Look, result: Any) -> None:
    if not item.answer.done():
        item.answer.set_result(result)


def _fail(item: _Letter | _Look, error: Exception) -> None:
    if not item.answer.done():
        item.answer.set_exception(error)
        item.answer.exception()  # a submitter that has gone away is no error
