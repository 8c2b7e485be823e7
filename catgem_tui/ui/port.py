"""What the screen needs of the desk."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Struct

if TYPE_CHECKING:
    from catgem_tui.desk.intents import Intent


class Desk(Protocol):
    """One person's state, and what they want of it."""

    @property
    def state(self) -> DeskState: ...

    def subscribe(self, callback: Callable[[DeskState], None], /) -> Callable[[], None]:
        """Be told of every new state, on the event loop; returns how to stop."""
        ...

    def do(self, intent: "Intent | Struct", /) -> None:
        """Want something: an intent of ``desk.intents`` or a wire command. Never blocks, never raises."""
        ...
