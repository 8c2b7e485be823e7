"""The queue as central's actor sees it: one object, one step at a time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from msgspec.structs import replace as with_fields

from catgem_tui.central.ports import Happening
from catgem_tui.central.queue.blocking import is_blocked
from catgem_tui.central.queue.course import take_course
from catgem_tui.central.queue.guarding import settle_recordings
from catgem_tui.central.queue.offers import assign
from catgem_tui.central.queue.outcome import Outcome
from catgem_tui.central.queue.presence import settle_presences
from catgem_tui.central.queue.restoring import resettle, restore_state
from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.central.queue.state import State, empty_seat, is_open
from catgem_tui.central.queue.summary import colleagues, snapshot_for, summarize
from catgem_tui.central.queue.tally import Tally
from catgem_tui.central.queue.turn import NotDone, Turn
from catgem_tui.protocol.events import FloorSnapshot
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import Advisor, Colleague, Contact, Message, QueueSummary, User


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
        self._state = State(rules, users, Tally(rules.clock))
        self._new_token = new_token
        self._now = 0.0

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
        blocked: Mapping[str, Blocked] | None = None,
    ) -> tuple["UniversalQueue", Outcome]:
        """Rebuild the queue after a restart. The outcome is what the restart itself changed: write it like any other.

        ``contacts``: all that have not ended, those that arrived or ended since midnight (for the service level and
        late surveys), and those with a pending message. ``messages``: all of these contacts' in the order they were
        written. ``advisors`` as last stored. ``next_folio`` is the last stored ``Outcome.next_folio`` (0 at the very
        first start). ``blocked`` is the block list by number.

        Waiting contacts keep their place in the line. Offers are void: their contacts return to the front. The lines
        of calls died with central: waiting and offered calls are abandoned, active ones go to wrap-up with their
        advisor, and nobody is consulted or called outside any more. Chats and mails stay with their advisor and wait
        for the workstation for ``rules.grace``, as does everyone's presence. Pending mails are given to their channel
        again (``Deliver``).
        """
        queue = cls(rules, (), new_token=new_token)
        queue._state = restore_state(rules, users, contacts, messages, advisors, now=now, next_folio=next_folio)
        queue._state.blocked.update(blocked or {})
        queue._now = now
        return queue, resettle(queue._state, now, new_token)

    def step(self, happening: Happening, now: float) -> Outcome:
        """Let one happening take its course, new offers included. Never raises for what a happening says.

        ``Tick`` acts on every deadline up to ``now``; no other happening does.
        """
        self._now = max(self._now, now)
        mark = self._state.mark()
        turn = Turn(self._state, self._now, self._new_token)
        try:
            take_course(turn, happening)
            settle_recordings(turn)
            settle_presences(turn)
            assign(turn)
            return turn.finish()
        except NotDone as refusal:
            self._state.take_back(mark)
            return Outcome(refused=refusal.refused, next_folio=self._state.next_folio)
        except BaseException:
            # A fault of ours must not leave half a step behind: the next one would be written as if it were whole.
            self._state.take_back(mark)
            raise

    def keep(self) -> None:
        """The steps so far are on disk."""
        self._state.keep()

    def discard(self) -> None:
        """The steps since the last ``keep`` could not be written: be again as before them."""
        self._state.take_back()

    def admit(self, user: User) -> None:
        """Take in a new person, or a changed name, role or skills. Call it between ``keep`` and the next step."""
        seat = self._state.seats.get(user.id)
        if seat is None:
            self._state.seat(empty_seat(user, self._now))
        else:
            self._state.seat(replace(seat, advisor=with_fields(seat.advisor, user=user)))

    def next_deadline(self) -> float | None:
        """When the next ``Tick`` is due: never earlier than needed; None while nothing can expire."""
        return self._state.next_deadline()

    def knows(self, contact: str) -> bool:
        """Whether this contact exists and has not ended."""
        record = self._state.records.get(contact)
        return record is not None and is_open(record.contact)

    def is_blocked(self, phone: str, now: float) -> bool:
        """Whether calls from this number are refused now."""
        return is_blocked(self._state, phone, max(self._now, now))

    def contact(self, contact: str) -> Contact | None:
        """A contact in memory: open, or ended not long ago."""
        record = self._state.records.get(contact)
        return record.contact if record else None

    def advisor(self, user: str) -> Advisor | None:
        seat = self._state.seats.get(user)
        return seat.advisor if seat else None

    def colleagues(self) -> tuple[Colleague, ...]:
        """Everybody who is on duty; the ``floor.colleagues`` signal has them without its reader."""
        return colleagues(self._state)

    def summary(self, now: float) -> QueueSummary:
        """The line at a glance; the body of the ``queue.summary`` signal."""
        return summarize(self._state, max(self._now, now))

    def snapshot(self, user: str, now: float) -> FloorSnapshot | None:
        """The floor topic as this user may see it: their own contacts, or for the floor roles everything open.

        None for someone unknown.
        """
        return snapshot_for(self._state, user, max(self._now, now)) if user in self._state.seats else None
