"""A filter that may be chosen instead of typed."""

from typing import NamedTuple


class Facet(NamedTuple):
    field: str
    """``kind``, ``level``, ``municipality`` or ``agency``."""
    typed: str
    """The filter as it is typed: ``@toluca``, ``:tramite``."""
    name: str
    """As people write it; of a kind or a level its code."""
    records: int
    """How many of them the filter leaves."""
