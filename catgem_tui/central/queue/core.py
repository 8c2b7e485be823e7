"""The queue as central's actor sees it: one object, one step at a time."""

from collections.abc import Callable, Iterable

from catgem_tui.central.ports import Happening
from catgem_tui.central.queue.outcome import Outcome
from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.protocol.events import FloorSnapshot
from catgem_tui.protocol.model import Advisor, Contact, Message, QueueSummary, User


class UniversalQueue:
    """All contacts that have not ended, everyone who works here, and the rules between them.

    The actor drains its inbox with ``step``, writes all the outcomes in one transaction, and then calls ``keep``; or,
    when the store failed, ``discard``, which takes back every step since the last ``keep`` as if it had never been.
    Only after ``keep`` may it publish events and perform effects. Instants are seconds since the epoch and never go
    backwards: a smaller ``now`` than before counts as the last one.

    Command ids are not remembered here: the actor answers a repeated command from its store. Message ids are: a
    message whose id the contact already has changes nothing.
    """

    def __init__(self, rules: QueueRules, users: Iterable[User], *, new_token: Callable[[], str]) -> None:
        """An empty queue, everyone offline. ``new_token`` makes the secrets by which a line proves itself."""
        raise NotImplementedError

    @classmethod
    def restore(
        cls,
        rules: QueueRules,
        users: Iterable[User],
        contacts: Iterable[Contact],
        messages: Iterable[Message],
        advisors: Iterable[Advisor],
        *,
        now: float,
        next_folio: int,
        new_token: Callable[[], str],
    ) -> tuple["UniversalQueue", Outcome]:
        """Rebuild the queue after a restart. The outcome is what the restart itself changed: write it like any other.

        ``contacts``: all that have not ended, those that arrived or ended since midnight (for the service level and
        late surveys), and those with a pending message. ``messages``: all of these contacts' in the order they were
        written. ``advisors`` as last stored. ``next_folio`` is the last stored ``Outcome.next_folio`` (0 at the very
        first start).

        Waiting contacts keep their place in the line. Offers are void: their contacts return to the front. The lines
        of calls died with central: waiting and offered calls are abandoned, active ones go to wrap-up with their
        advisor. Chats and mails stay with their advisor and wait for the workstation for ``rules.grace``, as does
        everyone's presence. Pending mails are given to their channel again (``Deliver``).
        """
        raise NotImplementedError

    def step(self, happening: Happening, now: float) -> Outcome:
        """Let one happening take its course, new offers included. Never raises for what a happening says.

        ``Tick`` acts on every deadline up to ``now``; no other happening does.
        """
        raise NotImplementedError

    def keep(self) -> None:
        """The steps so far are on disk."""
        raise NotImplementedError

    def discard(self) -> None:
        """The steps since the last ``keep`` could not be written: be again as before them."""
        raise NotImplementedError

    def admit(self, user: User) -> None:
        """Take in a new person, or a changed name, role or skills. Counts from the next step on."""
        raise NotImplementedError

    def next_deadline(self) -> float | None:
        """When the next ``Tick`` is due: never earlier than needed; None while nothing can expire."""
        raise NotImplementedError

    def knows(self, contact: str) -> bool:
        """Whether this contact exists and has not ended."""
        raise NotImplementedError

    def contact(self, contact: str) -> Contact | None:
        """A contact in memory: open, or ended not long ago."""
        raise NotImplementedError

    def advisor(self, user: str) -> Advisor | None:
        raise NotImplementedError

    def summary(self, now: float) -> QueueSummary:
        """The line at a glance; the body of the ``queue.summary`` signal."""
        raise NotImplementedError

    def snapshot(self, user: str, now: float) -> FloorSnapshot | None:
        """The floor topic as this user may see it: their own contacts, or for the floor roles everything open.

        None for someone unknown.
        """
        raise NotImplementedError
