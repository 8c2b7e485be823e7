"""What a centre's day counts: answers within the target, and what citizens say of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts since midnight on ``clock``."""

    clock: tzinfo
    ends_at: float = 0.0
    """The next midnight."""
    answered: int = 0
    in_time: int = 0
    surveys: int = 0
    stars: int = 0

    def at(self, now: float) -> "Tally":
        """This tally, or a new day's."""
        if now < self.ends_at:
            return self
        return Tally(self.clock, ends_at=_midnight_after(now, self.clock))

    def answer(self, now: float, *, in_time: bool) -> "Tally":
        """A contact was accepted for the first time."""
        day = self.at(now)
        return replace(day, answered=day.answered + 1, in_time=day.in_time + in_time)

    def survey(self, now: float, score: int) -> "Tally":
        """A citizen answered the survey, 1 to 5."""
        day = self.at(now)
        return replace(day, surveys=day.surveys + 1, stars=day.stars + score)

    @property
    def service_level(self) -> float | None:
        """Share of the answered contacts that were answered within their target, 0 to 1."""
        return self.in_time / self.answered if self.answered else None

    @property
    def satisfaction(self) -> float | None:
        """Mean survey answer, 1 to 5 scaled to 0 to 1."""
        return (self.stars / self.surveys - 1) / 4 if self.surveys else None


def midnight_before(now: float, clock: tzinfo) -> float:
    """The instant at which the day of ``now`` began."""
    return _midnight(datetime.fromtimestamp(now, clock)).timestamp()


def _midnight_after(now: float, clock: tzinfo) -> float:
    return _midnight(datetime.fromtimestamp(now, clock) + timedelta(days=1)).timestamp()


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
