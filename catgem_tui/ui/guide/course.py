"""Going through the first shift: pure, told by the screen what there is to see, and asking for citizens."""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from catgem_tui.config.i18n import N_
from catgem_tui.desk.state import DeskState, PhoneStatus
from catgem_tui.protocol.enums import Channel, ContactState, Presence
from catgem_tui.ui.actions import logged_in
from catgem_tui.ui.guide.steps import SHIFT, Part, Sight, Step, held, no_telephone

AGAIN = 10.0
"""Seconds without any citizen of a channel after which one is called for again."""
LOGGED_OUT = N_("Log in first: type the password demostracion and press %(choose)s; the guide goes on where it was.")
NOT_AVAILABLE = N_("You are not available: press %(state)s and choose “Available”, so that it is offered to you.")
GONE = N_("The citizen has left. Close the contact with %(finish)s; another citizen comes then.")
STARTING = N_("The telephone is starting; wait a moment.")
OTHERS = N_("Close the other contacts first: while you hold them nothing else may be offered to you.")


class Progress(Struct, frozen=True):
    """How far somebody is; kept between sessions."""

    step: str = ""
    """Id of the present step; empty before the first and after the last."""
    spent: dict[str, float] = {}
    """Seconds by step that is done."""
    left_out: tuple[str, ...] = ()
    """Steps that were skipped, by the person or for want of a telephone."""
    over: bool = False


class Practice(Protocol):
    """What the guide needs of the centre for practice."""

    def summon(self, channel: Channel) -> None:
        """Have a citizen come by this channel."""
        ...

    def keep(self, progress: Progress) -> None:
        """Keep it for the next time. Never raises."""
        ...


class Course:
    """``running`` is False until ``begin`` or ``carry_on``, after ``leave`` and after the last step."""

    def __init__(
        self, practice: Practice, clock: Callable[[], float], progress: Progress | None = None,
        parts: Sequence[Part] = SHIFT,
    ) -> None:  # fmt: skip
        self.parts = tuple(parts)
        self.steps: tuple[tuple[Part, Step], ...] = tuple((part, step) for part in parts for step in part.steps)
        self.progress = progress or Progress()
        self.running = False
        self.finished = False
        """Whether the last step was done in this session and nobody has been told yet."""
        self._practice = practice
        self._clock = clock
        self._place = 0
        self._since = 0.0
        self._begun: Sight | None = None
        self._performed: set[str] = set()
        self._alone_since = float("-inf")

    # --- what the person wants ---

    @property
    def begun(self) -> bool:
        """Whether there is something to carry on with."""
        return bool(self.progress.step)

    def begin(self) -> None:
        """From the first step, with nothing done."""
        self.progress = Progress()
        self.running, self.finished = True, False
        self._enter(0)

    def carry_on(self) -> None:
        """At the step that was left; a contact of before has gone, so its part is begun again."""
        ids = [step.id for _part, step in self.steps]
        if self.progress.step not in ids:
            self.begin()
            return
        self.running = True
        place = ids.index(self.progress.step)
        self._enter(self._first_of_part(place) if self.steps[place][0].channel else place)

    def leave(self) -> None:
        self.running = False
        self._practice.keep(self.progress)

    def repeat_part(self) -> None:
        self._enter(self._first_of_part(self._place))

    def go_on(self) -> None:
        """From a step that only explains, or over one that is left out."""
        if not self.step.explains:
            self._leave_out(self.step)
            self._enter(self._place + 1)
        else:
            self._finish_step()

    # --- what the screen tells ---

    def perform(self, action: str) -> None:
        """The person started an action."""
        self._performed.add(action)

    def look(self, state: DeskState, *, reading: bool) -> None:
        """Go on if what is to be done is done, and see that a citizen comes where one is needed."""
        if not self.running:
            return
        now = Sight(state, frozenset(self._performed), reading)
        if self._begun is None:
            self._begun = now
        if self.part.channel is Channel.CALL and no_telephone(state):
            self._leave_out_part()
            return
        if self.step.done(self._begun, now):
            self._finish_step()
            self._begun = Sight(state, frozenset(), reading) if self.running else None
        elif self._lost(state):
            self._enter(self._first_of_part(self._place))
        elif self._awaits_citizen and state.me is not None:
            self._see_to_citizen(state)

    def _see_to_citizen(self, state: DeskState) -> None:
        """Call for one at once, and again when nobody has been there for a while: they may be on the way."""
        now = self._clock()
        if self._coming(state):
            self._alone_since = now
        elif now - self._alone_since >= AGAIN and self.part.channel is not None:
            self._alone_since = now
            self._practice.summon(self.part.channel)

    def obstacle(self, state: DeskState) -> str:
        """What keeps the step from being done (a msgid), or nothing."""
        if not logged_in(state):
            return "" if self.step.id == "login" else LOGGED_OUT
        return self._obstacle_at_work(state)

    def _obstacle_at_work(self, state: DeskState) -> str:
        channel = self.part.channel
        if channel is None or state.me is None:
            return ""
        if channel is Channel.CALL and state.phone.status in {PhoneStatus.STARTING, PhoneStatus.RESTARTING}:
            return STARTING
        contact = held(state, channel)
        if self._awaits_citizen and contact is None:
            if any(each.channel is not channel and each.state is not ContactState.OFFERED for each in state.mine):
                return OTHERS
            return "" if state.me.presence is Presence.AVAILABLE else NOT_AVAILABLE
        closing = self.step.id in {"close", "finish", "chat-left", "mail-left"}
        if not closing and contact is not None and contact.state is ContactState.WRAP_UP:
            return GONE
        return ""

    # --- where it is ---

    @property
    def part(self) -> Part:
        return self.steps[self._place][0]

    @property
    def step(self) -> Step:
        return self.steps[self._place][1]

    @property
    def number(self) -> int:
        """Of the present step, from 1."""
        return self._place + 1

    @property
    def elapsed(self) -> float:
        """Seconds in the present step."""
        return self._clock() - self._since

    @property
    def _awaits_citizen(self) -> bool:
        return self.part.channel is not None and self.step.id in {self.part.steps[0].id, "call-again"}

    def _coming(self, state: DeskState) -> bool:
        """Whether such a citizen waits or is served already."""
        waiting = {
            Channel.CALL: state.summary.calls, Channel.CHAT: state.summary.chats, Channel.MAIL: state.summary.mails,
        }  # fmt: skip
        channel = self.part.channel
        return channel is not None and bool(waiting[channel] or any(each.channel is channel for each in state.mine))

    def _lost(self, state: DeskState) -> bool:
        """Whether the contact that the part is about has gone before its time."""
        channel = self.part.channel
        return channel is not None and not self._awaits_citizen and held(state, channel) is None

    def _first_of_part(self, place: int) -> int:
        part = self.steps[place][0]
        return next(number for number, (each, _step) in enumerate(self.steps) if each is part)

    def _enter(self, place: int) -> None:
        if place >= len(self.steps):
            self.running, self.finished = False, True
            self.progress = Progress(spent=self.progress.spent, left_out=self.progress.left_out, over=True)
        else:
            self._place = place
            self._since = self._clock()
            self._begun = None
            self._performed.clear()
            self._alone_since = float("-inf")
            self.progress = Progress(
                step=self.step.id, spent=self.progress.spent, left_out=self.progress.left_out, over=False
            )
        self._practice.keep(self.progress)

    def _finish_step(self) -> None:
        spent = {**self.progress.spent, self.step.id: self.elapsed}
        left_out = tuple(each for each in self.progress.left_out if each != self.step.id)
        self.progress = Progress(step=self.step.id, spent=spent, left_out=left_out)
        self._enter(self._place + 1)

    def _leave_out(self, *steps: Step) -> None:
        left_out = dict.fromkeys((*self.progress.left_out, *(step.id for step in steps)))
        self.progress = Progress(step=self.step.id, spent=self.progress.spent, left_out=tuple(left_out))

    def _leave_out_part(self) -> None:
        part = self.part
        self._leave_out(*part.steps)
        self._enter(self._first_of_part(self._place) + len(part.steps))
