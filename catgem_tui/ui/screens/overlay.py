"""What lies over a place until it is answered or left."""

from dataclasses import dataclass

from textual.screen import ModalScreen


class Overlay(ModalScreen[str]):
    """Leaves with what was chosen, or with an empty string."""

    carries = False
    """Whether another may be laid over it."""


@dataclass(slots=True)
class Remembered:
    """Where a dialog was left."""

    text: str = ""
    cursor: str = ""
