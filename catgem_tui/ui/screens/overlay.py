"""What lies over a place until it is answered or left."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from textual.screen import ModalScreen

from catgem_tui.ui.screens.sparing import SparingScreen

_PATIENCE = 5.0
"""Seconds."""


class Overlay(ModalScreen[str], SparingScreen[str]):
    """Leaves with what was chosen, or with an empty string."""

    carries = False
    """Whether another may be laid over it."""
    reads = False
    """Whether one only reads in it: what is done with the place below closes it."""
    tells = False
    """Whether it only tells what there is: it may be laid over any other."""
    place: ClassVar[str] = ""
    """Of the actions that are its own; empty where it has none and those of the place below go on."""
    topic = ""
    """What the manual says of it, where it was opened by an action."""

    def __init__(self) -> None:
        super().__init__()
        self.standing = asyncio.Event()
        """Set once it is mounted and its first field has the focus: before that no key belongs to it."""

    async def stand(self) -> None:
        """Wait for that, but not for ever: it may be closed before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self.standing.wait()

    def name_keys(self) -> None:
        """Draw anew what names keys, because another keymap is in force."""

    def on_compose(self) -> None:
        self.shape(self.app.size)  # while there is nothing in it that would be styled anew

    def on_mount(self) -> None:
        """Textual calls this after the ``on_mount`` of the class that inherits it."""
        self.standing.set()


@dataclass(slots=True)
class Remembered:
    """Where a dialog was left."""

    text: str = ""
    cursor: str = ""
