"""Keys and pasted texts one after the other, however fast they come: each finds done what the one before it did.

A key goes through the application, through what has the focus and through all that this lies in, and may open a dialog
on its way, close one or move the focus. Of several that come in one piece, from a fast typist, a paste without marks or
a slow line, each would be on its way while those before it are: what is typed behind the key of a dialog would go to
what lies below it. So what comes is held until the one before it has been through, and the screen that it opened has
the focus in its first field. Only text behind text need not wait: it changes nothing but its field.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.widget import Widget

from catgem_tui.ui.screens.overlay import Overlay

PATIENCE = 5.0
"""Seconds after which a key is taken to have been through: what it went to is gone, or hangs."""
Typed = events.Key | events.Paste


class Turns:
    """Of one application. ``handle`` deals with what was typed, as far as the application does that; ``is_letter``:
    whether it will be text of what has the focus, and nothing else."""

    def __init__(
        self, app: App[Any], handle: Callable[[Typed], Awaitable[None]], is_letter: Callable[[Typed], bool]
    ) -> None:
        self._app = app
        self._handle = handle
        self._is_letter = is_letter
        self._held: deque[Typed] = deque()
        self._under_way = 0
        """The number of what is on its way; 0: nothing is."""
        self._number = 0
        self._text_to: Widget | None = None
        """The field to which all that is on its way is text."""
        self._patience: asyncio.TimerHandle | None = None

    @property
    def resting(self) -> bool:
        """Whether all that was typed has been through."""
        return not self._under_way and not self._held

    async def take(self, event: Typed) -> None:
        """Deal with it in its turn."""
        self._held.append(event)
        await self._go_on()

    async def _go_on(self) -> None:
        while self._held and self._app.screen_stack:
            field = self._app.focused if self._is_letter(self._held[0]) else None
            if self._under_way and (field is None or field is not self._text_to):
                return
            self._number += 1
            self._under_way, self._text_to = self._number, field
            at = self._app.focused or self._app.screen
            await self._handle(self._held.popleft())
            self._stop_waiting()
            self._patience = asyncio.get_running_loop().call_later(
                PATIENCE, self._app.call_later, self._arrive, self._number
            )
            self._follow(at, self._number)

    def _follow(self, pump: MessagePump, number: int, *, again: bool = False) -> None:
        """Go its way behind it; at each station twice, behind what it has posted there as well."""
        if number != self._under_way:  # text came behind it, and is followed in its place
            return
        if not again and pump.call_later(lambda: self._follow(pump, number, again=True)):
            return
        above = pump._parent
        if above is not None:
            self._follow(above, number)
        else:
            self._app.call_later(self._arrive, number)

    async def _arrive(self, number: int) -> None:
        """It has been through; once the screen that it opened stands, the next may come."""
        if number != self._under_way:
            return
        self._stop_waiting()
        if self._app.screen_stack and isinstance(screen := self._app.screen, Overlay):
            await screen.stand()
        self._under_way = 0
        await self._go_on()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
