"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from catgem_tui.central.actor import Actor
from catgem_tui.central.auth.passwords import Attempts
from catgem_tui.central.auth.sessions import Sessions
from catgem_tui.central.directory.agenda import Agenda
from catgem_tui.central.directory.changes import Changes
from catgem_tui.central.directory.copies import Copies
from catgem_tui.central.directory.currency import CurrencyBook
from catgem_tui.central.directory.documents import Documents
from catgem_tui.central.directory.service import Directory
from catgem_tui.central.live.hub import Hub
from catgem_tui.central.live.socket import LiveServer
from catgem_tui.central.store.database import Database
from catgem_tui.protocol.http import Health


@dataclass(frozen=True)
class Services:
    """Central's parts, as the routes need them."""

    database: Database
    sessions: Sessions
    attempts: Attempts
    actor: Actor
    hub: Hub
    live: LiveServer
    directory: Directory
    changes: Changes
    documents: Documents
    copies: Copies
    agenda: Agenda
    currency: CurrencyBook
    recordings: Path
    clock: Callable[[], float]
    """Seconds since the epoch."""
    health: Callable[[], Health]


Given = NamedDependency[SkipValidation[Services]]
"""Type of a route's ``services`` parameter."""
