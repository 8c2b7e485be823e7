"""Fields that take their keys in the order of typing, however fast they come."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget


def keys_of(bindings: Iterable[BindingType]) -> dict[str, str]:
    """Action by key."""
    found = (binding for binding in bindings if isinstance(binding, Binding))
    return {key.strip(): binding.action for binding in found for key in binding.key.split(",")}


class InOrder(Widget):
    """Does its own keys at once. ``own_keys``: action by key; one whose action has nothing to do goes on its way.

    By itself Textual sends a key that has a binding on its way through all that the field lies in, and the field takes
    the letters behind it first: of ``ab``, Backspace, ``c`` in one burst would come ``ab``, and what a key does would
    be done to a field to which the focus has gone on meanwhile.
    """

    own_keys: ClassVar[Mapping[str, str]] = {}

    async def on_key(self, event: events.Key) -> None:
        action = self.own_keys.get(event.key)
        if action is not None and await self.app.run_action(action, self):
            event.stop()
            event.prevent_default()
