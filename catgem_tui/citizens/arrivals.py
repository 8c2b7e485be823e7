"""When simulated citizens come, and by which channel."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any

from catgem_tui.protocol.enums import Channel

logger = logging.getLogger(__name__)

Visit = Callable[[Random], Coroutine[Any, Any, None]]
"""One citizen's whole visit; chance comes from the given source, so that a seed repeats a day."""

MIX = {Channel.CALL: 0.5, Channel.CHAT: 0.3, Channel.MAIL: 0.2}
"""Shares of the channels."""


class Arrivals:
    """A Poisson process: ``rate`` citizens an hour on average, the first one at once, 0 for nobody.

    ``mix`` weighs the channels; one without a visit is left out. At most ``most`` citizens visit at a time; those who
    would be more come when another has gone.
    """

    def __init__(
        self,
        visits: Mapping[Channel, Visit],
        *,
        rate: float,
        mix: Mapping[Channel, float] | None = None,
        seed: int | None = None,
        most: int = 20,
        first_after: float = 1.0,
    ) -> None:
        weights = MIX if mix is None else mix
        self._visits = {channel: visit for channel, visit in visits.items() if weights.get(channel, 0.0) > 0}
        self._weights = [weights[channel] for channel in self._visits]
        self._rate = rate
        self._random = Random(seed)  # noqa: S311 - nothing secret hangs on when a simulated citizen comes
        self._slots = asyncio.Semaphore(most)
        self._first_after = first_after

    async def run(self) -> None:
        """Until cancelled; citizens who are visiting then go as well."""
        if self._rate <= 0 or not self._visits:
            return
        pause = self._first_after
        async with asyncio.TaskGroup() as visiting:
            while True:
                await asyncio.sleep(pause)
                await self._slots.acquire()
                channel = self._random.choices(list(self._visits), self._weights)[0]
                source = Random(self._random.getrandbits(64))  # noqa: S311
                visiting.create_task(self._visit(channel, source), name=f"citizen by {channel}")
                pause = self._random.expovariate(self._rate / 3600)

    async def summon(self, channel: Channel) -> None:
        """One citizen by this channel, now, whoever else visits; nobody by a channel that there is not."""
        if channel in self._visits:
            await self._slots.acquire()
            await self._visit(channel, Random(self._random.getrandbits(64)))  # noqa: S311

    async def _visit(self, channel: Channel, random: Random) -> None:
        try:
            await self._visits[channel](random)
        except Exception:  # one citizen's trouble, whatever it is, keeps no other citizen away
            logger.exception("a simulated citizen by %s failed", channel)
        finally:
            self._slots.release()
