"""Opening hours as they are written in a directory: is it open now, and when does that change?

Spanish as people write it: ``lunes a viernes 9:00 a 18:00``, ``L-V 9-15 h``, ``sábados de 9 a 14 h``,
``las 24 horas``. What is not wholly understood says nothing: a wrong "open" costs a citizen a journey.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from catgem_tui.config.i18n import N_, _
from catgem_tui.ui.lines import Span

ZONE = timezone(timedelta(hours=-6))
"""The centre of Mexico, all year round (Ley de los Husos Horarios en los Estados Unidos Mexicanos, 2022)."""
SOON = 60
"""Minutes before closing from which on it is told as urgent."""
_DAY = 24 * 60
_EVENING = 15 * 60
"""From when on hours that end "earlier" go on after midnight; before it they are not understood."""

_DAYS = (
    ("lunes", "lun", "lu", "l"),
    ("martes", "mar", "ma"),
    ("miercoles", "mierc", "mie", "mi", "x"),
    ("jueves", "jue", "ju", "j"),
    ("viernes", "vier", "vie", "vi", "v"),
    ("sabados", "sabado", "sab", "sa", "s"),
    ("domingos", "domingo", "dom", "do", "d"),
)
_DAY_OF = {name: number for number, names in enumerate(_DAYS) for name in names}
_GROUPS = {
    "diario": range(7), "diariamente": range(7), "habiles": range(5), "semana": range(5, 7),
}  # fmt: skip
_FILLING = frozenset(
    {"de", "del", "los", "las", "el", "en", "dias", "dia", "todos", "horario", "atencion", "hrs", "hr", "h", "hs"}
    | {"horas", "hora", "desde", "con", "corrido", "y", "e", "fin", "fines", "oficina"}
)
_RANGE = frozenset({"a", "al", "hasta", "-"})
_CLOSED = frozenset({"cerrado", "cerrada", "cierra"})
_ROUND_THE_CLOCK = re.compile(r"\b24 ?(?:horas|hrs?|h)\b\.?|\b24/7\b")
_TOKEN = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?\s?m\b\.?|(\d{1,2})(?:[:.](\d{2}))?(?!\d)|([a-z]+)\.?|([-–—])|([,;/()])|\S"
)
"""A time with its half of the day, a time, a word, a dash, a mark that only divides."""
_PLAIN = str.maketrans("áéíóúü", "aeiouu")

Intervals = tuple[tuple[int, int], ...]
Week = tuple[Intervals, ...]
"""By day, Monday first: from minute to minute of the day; an end above 1,440 is in the next day."""


class Opening(NamedTuple):
    """How it is at an instant."""

    open: bool
    changes: datetime | None
    """When it closes or opens next; None: not within a week."""


@lru_cache(maxsize=512)
def understand(text: str) -> Week | None:
    """The week that a text tells; None for what is not wholly understood."""
    folded = text.lower().translate(_PLAIN).strip()
    if not folded or len(folded) > 300:
        return None
    rest = _ROUND_THE_CLOCK.sub(" 0:00 a 24:00 ", folded)
    tokens = list(_tokens(rest))
    if not tokens or ("?", 0) in tokens:
        return None
    if rest != folded and not any(kind in {"day", "days"} for kind, _value in tokens):
        tokens = [("days", tuple(range(7))), *tokens]
    return _Reading(tokens).week()


def _tokens(text: str) -> Iterator[tuple[str, object]]:
    for found in _TOKEN.finditer(text):
        hour, minute, half, hour24, minute24, word, dash, mark = found.groups()
        if hour or hour24:
            yield "time", _minutes(int(hour or hour24), int(minute or minute24 or 0), half or "")
        elif word:
            yield from _word(word)
        elif dash:
            yield "to", 0
        elif not mark:
            yield "?", 0


def _word(word: str) -> Iterator[tuple[str, object]]:
    if word in _RANGE:
        yield "to", 0
    elif word in _DAY_OF:
        yield "day", _DAY_OF[word]
    elif word in _GROUPS:
        yield "days", tuple(_GROUPS[word])
    elif word in _CLOSED:
        yield "closed", 0
    elif word not in _FILLING:
        yield "?", 0


def _minutes(hour: int, minute: int, half: str) -> int:
    """Minutes of the day; beyond it for what is no time."""
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 99
    return hour * 60 + minute if minute < 60 else 9999


class _Reading:
    """Days, then their hours, as often as there are any."""

    def __init__(self, tokens: list[tuple[str, object]]) -> None:
        self.tokens = tokens
        self.place = 0

    def week(self) -> Week | None:
        hours: dict[int, list[tuple[int, int]]] = {}
        told: set[int] = set()
        while self.place < len(self.tokens):
            days = self.days()
            intervals = self.intervals()
            if not days or intervals is None or told.intersection(days):
                return None
            told.update(days)
            for day in days:
                hours[day] = intervals
        return tuple(tuple(sorted(hours.get(day, ()))) for day in range(7)) if told else None

    def next_is(self, kind: str, ahead: int = 0) -> bool:
        place = self.place + ahead
        return place < len(self.tokens) and self.tokens[place][0] == kind

    def take(self) -> object:
        self.place += 1
        return self.tokens[self.place - 1][1]

    def days(self) -> list[int]:
        days: list[int] = []
        while True:
            if self.next_is("days"):
                group = self.take()
                days += group if isinstance(group, tuple) else ()
            elif self.next_is("day"):
                first = self.take()
                if self.next_is("to") and self.next_is("day", 1):
                    self.take()
                    last = self.take()
                    days += [(int(str(first)) + step) % 7 for step in range((int(str(last)) - int(str(first))) % 7 + 1)]
                else:
                    days.append(int(str(first)))
            else:
                return days

    def intervals(self) -> list[tuple[int, int]] | None:
        """None where they are not understood."""
        if self.next_is("closed"):
            self.take()
            return []
        found: list[tuple[int, int]] = []
        while self.next_is("time"):
            start = int(str(self.take()))
            if not (self.next_is("to") and self.next_is("time", 1)):
                return None
            self.take()
            end = int(str(self.take()))
            if start > _DAY or end > _DAY or start == end or (end < start < _EVENING):
                return None
            found.append((start, end if end > start else end + _DAY))
        return found or None


def at(week: Week, moment: datetime) -> Opening:
    """How it is at ``moment``, an aware instant."""
    local = moment.astimezone(ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    spans: list[tuple[datetime, datetime]] = []
    for ahead in range(-1, 9):
        day = midnight + timedelta(days=ahead)
        for start, end in week[day.weekday()]:
            begin, stop = day + timedelta(minutes=start), day + timedelta(minutes=end)
            if spans and begin <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
            else:
                spans.append((begin, stop))
    horizon = midnight + timedelta(days=8)
    for begin, stop in spans:
        if begin <= local < stop:
            return Opening(True, stop if stop < horizon else None)
        if local < begin:
            return Opening(False, begin)
    return Opening(False, None)


_WEEKDAYS = (N_("on Monday"), N_("on Tuesday"), N_("on Wednesday"), N_("on Thursday"), N_("on Friday"),
             N_("on Saturday"), N_("on Sunday"))  # fmt: skip


def told(text: str, now: float) -> Span | None:
    """In words whether it is open at ``now`` (seconds since the epoch); None when the text is not understood."""
    week = understand(text)
    if week is None:
        return None
    moment = datetime.fromtimestamp(now, ZONE)
    opening = at(week, moment)
    if opening.changes is None:
        return (_("open now, day and night"), "good") if opening.open else (_("closed"), "sla.warning")
    clock = f"{opening.changes.hour}:{opening.changes.minute:02d}"
    if opening.open:
        left = int((opening.changes - moment).total_seconds() // 60)
        if left < SOON:
            return (_("open now, closes at %(clock)s, in %(left)d min") % {"clock": clock, "left": left}, "sla.warning")
        return (_("open now, closes at %s") % clock, "good")
    days = (opening.changes.date() - moment.date()).days
    when = {0: _("today"), 1: _("tomorrow")}.get(days) or _(_WEEKDAYS[opening.changes.weekday()])
    return (_("closed now, opens %(day)s at %(clock)s") % {"day": when, "clock": clock}, "sla.warning")
