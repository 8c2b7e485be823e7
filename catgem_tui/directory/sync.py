"""The local directory as the workstation has it: kept current by one program on this machine, followed by the others.

Whoever has a line to central takes the ``claim`` and writes: what the live line brings, and what is pulled where that
is not enough. Everybody else on the same folder sees within ``FOLLOW`` what was written, and goes on writing when the
claim is free. Without a disk the copy is kept in memory until there is one.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

from catgem_tui.directory.claim import Claim
from catgem_tui.directory.comparing import Comparing, Difference
from catgem_tui.directory.facet import Facet
from catgem_tui.directory.local import Found, LocalCopy
from catgem_tui.directory.pulling import Progress, Pulling
from catgem_tui.directory.sealing import Sealer
from catgem_tui.directory.source import Source
from catgem_tui.directory.store import Store, StoreFailed
from catgem_tui.directory.upkeep import Upkeep
from catgem_tui.directory.usage import Row
from catgem_tui.protocol.model import Record

FOLLOW = 0.25
"""Seconds between two looks at what another program wrote, and whether it still does: a file tells nobody.
A program that keeps the copy alone does not look; what it hears of wakes it."""
MOST_TOGETHER = 100
"""Changes of a burst that are taken in in one turn of the loop."""
LAST_WRITES = 2.0
"""Seconds that closing waits for the disk."""

log = logging.getLogger(__name__)


class Directory:
    """``start`` it, ``attend`` to it while there is a line, ``pull`` when that says the copy is behind, ``apply`` what
    changes, ``rest`` when the line is gone."""

    def __init__(self, path: Path, source: Source, changed: Callable[[], None]) -> None:
        self.key: bytes | None = None
        """Seals restricted fields (``sealing``); without one they are not kept."""
        self._path = path
        self._changed = changed
        self._copy = LocalCopy(path, self._tell)
        self._claim = Claim(path)
        self._upkeep = Upkeep(self._copy)
        self._pulling = Pulling(self._copy, source, self._upkeep, self._claim)
        self._comparing = Comparing(self._copy, source)
        self._online = False
        self._told: int | None = None
        """The cursor that central was told on this line."""
        self._came: list[tuple[Record, int]] = []
        """Changes with their sequence numbers, not taken in yet."""
        self._due: bool | None = None
        """A pull that waits for the claim; True: the copy is in doubt."""
        self._wake = asyncio.Event()
        self._version = 0
        self._look_again = 0.0
        self._lasting: list[asyncio.Task[None]] = []
        self._keeping_usage: set[asyncio.Task[None]] = set()

    def _tell(self) -> None:
        if not self._well:
            self._wake.set()
        self._changed()

    def __len__(self) -> int:
        return self._copy.place.records

    @property
    def problem(self) -> str:
        """Empty, ``unreachable``, ``rebuilding``, ``disk``, ``locked`` (by a program that is not ours), ``another``
        (one of ours makes the first copy) or ``paused``."""
        return self._copy.problem

    @property
    def syncing(self) -> bool:
        return self._pulling.active

    @property
    def progress(self) -> Progress:
        return self._pulling.progress

    @property
    def complete(self) -> bool:
        """Whether the copy holds everything that there was at some time, and no more is known to be missing."""
        return self._copy.place.complete and not self._pulling.paused

    @property
    def pulled(self) -> int:
        """Records that came in pages so far, retired ones among them."""
        return self._pulling.pulled

    @property
    def pulled_whole(self) -> bool:
        """Whether all of it has come as one file."""
        return self._pulling.whole

    @property
    def settled(self) -> bool:
        """Whether this program keeps the copy and has nothing more to do: all of it is on disk and can be searched."""
        copy = self._copy
        busy = self._due is not None or copy.unwritten or copy.stale or copy.keeps_too_much or self._upkeep.active
        return copy.ours and copy.store.on_disk and self.reached >= 0 and not busy

    @property
    def keeps(self) -> bool:
        """Whether it is this program that writes the copy."""
        return self._copy.ours

    @property
    def cursor(self) -> int | None:
        """The last change the copy holds; None before the first pull came to its end, and where it is of no use."""
        copy = self._copy
        return copy.place.cursor if copy.place.complete and not self._pulling.unfinished and not copy.stale else None

    @property
    def reached(self) -> int:
        """The change up to which a search knows everything; -1 while it does not."""
        copy = self._copy
        return copy.place.cursor if copy.place.complete and not self._pulling.unfinished and not copy.behind else -1

    # --- life ---

    async def start(self) -> None:
        """Open the copy and its index; what takes longer runs beside the event loop."""
        try:
            await self._open()
        except StoreFailed as error:
            await self._do_without_disk(error)
        loop = asyncio.get_running_loop()
        self._lasting = [
            loop.create_task(self._copy.write(), name="directory writer"),
            loop.create_task(self._look_after(), name="directory"),
        ]

    async def _open(self) -> None:
        """Have the copy on disk, to be written by us or by another program. Raises StoreFailed."""
        store = Store(self._path)
        try:
            ours = await asyncio.to_thread(self._claim.take)
            await (store.open() if ours else store.open_followed())
            version = store.version()  # first: what is written from here on is another one
            place = await store.place()
            await self._pulling.stop()
            await self._upkeep.stop()
            await self._copy.load(store, place, ours=ours)
        except (StoreFailed, OSError) as error:
            another = not self._claim.held and isinstance(error, StoreFailed) and error.code != "locked"
            self._claim.release()
            self._copy.ours = self._copy.ours and not self._copy.store.on_disk
            await store.close()
            log.warning("the directory's copy cannot be opened: %s", error)
            raise StoreFailed(str(error), "another" if another else getattr(error, "code", "disk")) from error
        self._version = version
        self._copy.be_well()
        if store.replaced:
            self._copy.say("pull", "rebuilding")
        self._pulling.tell_paused()
        self._upkeep.consider()

    async def _do_without_disk(self, error: StoreFailed) -> None:
        """Keep what comes in memory, unless another program is making the copy this moment."""
        memory = Store(self._path)
        await self._copy.load(memory, await memory.open_in_memory(), ours=error.code != "another")
        self._copy.say("store", error.code)
        self._look_again = time.monotonic() + (self._copy.RETRY if self._copy.ours else 0.0)

    async def close(self) -> None:
        """After what is to be on disk is there. Never raises."""
        self._take_in()
        for task in self._lasting:
            task.cancel()
        await asyncio.gather(*self._lasting, return_exceptions=True)
        for part in (self._pulling, self._comparing, self._upkeep):
            await part.stop()
        if self._copy.ours and self._copy.unwritten:
            with contextlib.suppress(TimeoutError):
                # Not asyncio.timeout: before Python 3.11.3 it raises CancelledError in a task once cancelled.
                await asyncio.wait_for(self._copy.keep(), LAST_WRITES)
        if self._keeping_usage:
            await asyncio.wait(self._keeping_usage, timeout=LAST_WRITES)
        await self._copy.store.close()
        self._claim.release()

    # --- who writes ---

    def attend(self) -> None:
        """There is a line to central, or will be in a moment: what changes will be heard here."""
        self._online = True
        self._wake.set()

    def rest(self) -> None:
        """There is none: another program may go on. What is under way stops where it is."""
        self._take_in()
        self._online = False
        self._wake.set()

    async def _look_after(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._look()
            except StoreFailed as error:
                log.warning("the directory's copy cannot be looked after: %s", error)
                self._copy.say_once("care", error.code)
            except Exception:
                log.exception("the directory's copy cannot be looked after")  # nobody watches this task
            else:
                self._copy.say_once("care", "")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if self._well else FOLLOW):
                    await self._wake.wait()

    @property
    def _well(self) -> bool:
        """Whether nobody else has to do with the copy, and nothing is to be mended or waited for."""
        copy = self._copy
        return copy.ours and self._online and copy.store.on_disk and not copy.damaged and not copy.keeps_too_much

    async def _look(self) -> None:
        """One look at what there is to be done. Raises StoreFailed."""
        copy = self._copy
        if not copy.store.on_disk or copy.damaged or copy.store.moved:
            await self._open_again()
        elif not copy.ours:
            await self._take_over_or_follow()
        elif not self._online:
            await self._let_go()
        elif copy.keeps_too_much and not self._pulling.active:
            await copy.drop_sealed()
        if copy.ours and self._due is not None:
            due, self._due = self._due, None
            self._pulling.begin(anew=copy.stale, doubted=due)

    async def _open_again(self) -> None:
        if time.monotonic() < self._look_again:
            return
        self._look_again = time.monotonic() + self._copy.RETRY
        try:
            await self._open()
        except StoreFailed as error:
            if self._copy.store.on_disk:
                raise  # what is open can still be searched
            if error.code == "another":
                self._look_again = 0.0  # it will be there in a moment
            if self._copy.ours != (error.code != "another"):
                await self._do_without_disk(error)
            return
        if self._online:
            self._due = self._due or False

    async def _take_over_or_follow(self) -> None:
        copy = self._copy
        if (self._online or copy.behind) and await asyncio.to_thread(self._claim.take):
            if copy.store.followed:
                await self._open()  # whoever kept it may have been killed: it is looked at before it is written
            else:
                await copy.follow()
                copy.ours = True
            copy.say("pull", "")
            self._upkeep.consider()
            return
        version = copy.store.version()
        if version != self._version or (copy.behind and time.monotonic() >= self._look_again):
            self._look_again = time.monotonic() + 1.0
            self._version = version
            identity = copy.place.identity
            await copy.follow()
            if self._due and copy.place.identity != identity:
                self._due = False  # it has been made anew since
        copy.say_once("pull", "" if copy.place.complete or not self._online else "another")

    async def _let_go(self) -> None:
        """Give the claim back, once nothing is under way."""
        copy = self._copy
        await self._pulling.stop()
        if copy.unwritten:
            await copy.keep()
        busy = copy.unwritten or copy.behind or self._upkeep.active or self._comparing.active
        if self._claim.held and not busy and not self._pulling.paused:  # whoever went on would fetch it
            self._version = copy.store.version()
            copy.ours = False
            self._claim.release()

    # --- searching ---

    def record(self, record_id: str) -> Record | None:
        """The record as the copy has it."""
        self._take_in()
        return self._copy.record(record_id)

    def search(self, query: str, limit: int) -> list[Found]:
        """The best ``limit`` records, best first."""
        self._take_in()
        return self._copy.search(query, limit)

    async def facets(self) -> tuple[Facet, ...]:
        """The filters there are, with how many records each leaves."""
        return await self._copy.facets()

    # --- use ---

    def serve(self, user: str, *, restricted: bool = False) -> None:
        """Rank for this person from now on; ``restricted``: whether they may see restricted fields."""
        self._copy.serve(user, Sealer(self.key) if restricted and self.key else None)
        self._wake.set()

    def leave(self) -> None:
        """Nobody is there: what is restricted is not shown, and kept for whoever comes back."""
        self._copy.leave()

    def use(self, record_id: str) -> None:
        """This person opened the record, or gave it to a citizen."""
        row: Row = self._copy.use(record_id)
        task = asyncio.get_running_loop().create_task(self._copy.keep_usage(row), name="directory usage")
        self._keeping_usage.add(task)
        task.add_done_callback(self._keeping_usage.discard)

    # --- changes ---

    def tell_cursor(self) -> int | None:
        """Where central may go on on a line that is being made; None: it has to say how far it is."""
        self.attend()
        self._told = self.cursor
        return self._told

    def pull(self) -> None:
        """Catch up over HTTP until there is no more.

        Central asks for it where it cannot go on from the cursor it was told. A complete copy is then far behind, or of
        another history: if what changed since does not make it equal to central's, all of it is pulled, found by
        searches meanwhile, and what did not come again is dropped.
        """
        doubted, self._told = self._told is not None, None
        if self._copy.ours:
            self._pulling.begin(anew=self._copy.stale, doubted=doubted)
        else:
            self._due = self._due or doubted
            self._wake.set()

    async def pause(self) -> None:
        """Fetch nothing more until ``resume``, in this process. What has come can be searched, what comes over the
        live line is taken, and a download that was begun is gone on with."""
        await self._comparing.stop()
        await self._pulling.pause()

    def resume(self) -> None:
        """Go on with what ``pause`` stopped, and with what was asked for meanwhile."""
        self._pulling.resume()
        self._wake.set()

    def apply(self, record: Record, seq: int) -> None:
        """One change from the live line. Those of a burst are taken in together, before anything is looked up."""
        self._came.append((record, seq))
        if len(self._came) == 1:
            asyncio.get_running_loop().call_soon(self._take_in)
        elif len(self._came) == MOST_TOGETHER:
            self._take_in()

    def _take_in(self) -> None:
        """What came over the live line since the last time."""
        came, self._came = self._came, []
        if not came:
            return
        self._wake.set()  # before it is written: whether the file is still there
        copy = self._copy
        if not copy.ours:  # whoever keeps the copy writes it, and it is followed; if nobody does, it is pulled
            self._due = self._due or False
            return
        copy.take([record for record, _seq in came])
        if self._pulling.active:
            self._pulling.begin()  # the page on its way may be older than these changes
        else:
            copy.write_later(came[-1][1])
        if self._comparing.due:
            self._comparing.begin()
        self._upkeep.consider()
        copy.tell()

    def compare(self) -> "asyncio.Task[Difference | None] | None":
        """Compare the copy with central's, range by range, and mend what differs; beside everything else.

        What it comes to: what was mended, None where it could not be told; no task where it cannot be done now.
        """
        return self._comparing.begin() if self._copy.ours else None
