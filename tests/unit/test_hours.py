"""Opening hours in words: what is understood, what is left alone, and what a moment makes of it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.ui.hours import ZONE, at, told, understand

TUESDAY = datetime(2026, 5, 12, 11, 54, tzinfo=ZONE)


def hours_of(text: str) -> dict[int, str]:
    """By weekday (0: Monday), as ``9:00-18:00 …``."""
    week = understand(text)
    assert week is not None, text
    return {
        day: " ".join(f"{start // 60}:{start % 60:02d}-{end // 60}:{end % 60:02d}" for start, end in intervals)
        for day, intervals in enumerate(week)
        if intervals
    }


@pytest.mark.parametrize(
    ("text", "days", "hours"),
    [
        ("lunes a viernes 9:00 a 18:00", range(5), "9:00-18:00"),
        ("L-V 9-15 h", range(5), "9:00-15:00"),
        ("De lunes a viernes de 9 a 15 hrs.", range(5), "9:00-15:00"),
        ("Lunes a viernes 9:00 a.m. a 6:00 p.m.", range(5), "9:00-18:00"),
        ("las 24 horas", range(7), "0:00-24:00"),
        ("24/7", range(7), "0:00-24:00"),
        ("lunes, miércoles y viernes 8:30-16:00", (0, 2, 4), "8:30-16:00"),
        ("Lun a Vie 09:00–14:00 y 16:00–18:00", range(5), "9:00-14:00 16:00-18:00"),
        ("diario de 8 a 20 h", range(7), "8:00-20:00"),
        ("viernes a lunes 20:00 a 6:00", (0, 4, 5, 6), "20:00-30:00"),
        ("sábados de 9:00 a 14:00 y domingos cerrado", (5,), "9:00-14:00"),
    ],
)
def test_hours_as_people_write_them(text: str, days: list[int], hours: str) -> None:
    assert hours_of(text) == dict.fromkeys(days, hours)


def test_days_with_different_hours() -> None:
    assert hours_of("L a V 9:00 a 18:00, S 9:00 a 13:00") == {
        **dict.fromkeys(range(5), "9:00-18:00"),
        5: "9:00-13:00",
    }


@pytest.mark.parametrize(
    "text",
    [
        "", "previa cita", "lunes a viernes", "9:00 a 18:00", "lunes a viernes 9 a 6", "lunes a viernes 9 a 25",
        "lunes 9:00", "lunes a viernes 9:00 a 18:00 excepto festivos", "lunes 9 a 15 y lunes 16 a 18", "x" * 5000,
        "lunes a viernes 9:99 a 18:00", "¿?", "💬 24",
    ],
)  # fmt: skip
def test_what_is_not_wholly_understood_says_nothing(text: str) -> None:
    assert understand(text) is None
    assert told(text, TUESDAY.timestamp()) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lunes a viernes 9:00 a 18:00", "abierto ahora, cierra a las 18:00"),
        ("martes 9:00 a 12:30", "abierto ahora, cierra a las 12:30, en 36 min"),
        ("martes 14:00 a 18:00", "cerrado ahora, abre hoy a las 14:00"),
        ("miércoles 14:00 a 18:00", "cerrado ahora, abre mañana a las 14:00"),
        ("lunes 9:00 a 11:00", "cerrado ahora, abre el lunes a las 9:00"),
        ("las 24 horas", "abierto ahora, día y noche"),
        ("domingo cerrado", "cerrado"),
    ],
)
def test_what_a_tuesday_before_noon_makes_of_it(text: str, words: str) -> None:
    span = told(text, TUESDAY.timestamp())
    assert span is not None
    assert span[0] == words


def test_a_night_belongs_to_the_day_it_begins() -> None:
    week = understand("lunes 20:00 a 6:00")
    assert week is not None
    tuesday = datetime(2026, 5, 12, 5, 59, tzinfo=ZONE)
    assert at(week, tuesday) == (True, tuesday + timedelta(minutes=1))
    assert not at(week, tuesday + timedelta(minutes=1)).open


@given(
    st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda span: span[0] < span[1]), min_size=1,
             max_size=1),
    st.sets(st.integers(0, 6), min_size=1),
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1)),
)  # fmt: skip
def test_open_is_what_the_clock_and_the_weekday_say(
    spans: list[tuple[int, int]], days: set[int], moment: datetime
) -> None:
    names = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
    (start, end) = spans[0]
    week = understand(f"{', '.join(names[day] for day in sorted(days))} {start}:00 a {end}:00")
    assert week is not None
    local = moment.replace(tzinfo=ZONE)
    opening = at(week, local)
    assert opening.open == (local.weekday() in days and start * 60 <= local.hour * 60 + local.minute < end * 60)
    if opening.changes is not None:
        assert opening.changes > local
        assert at(week, opening.changes).open != opening.open
