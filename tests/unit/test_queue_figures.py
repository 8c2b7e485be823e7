"""Folios, and the queue at a glance."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from catgem_tui.central.ports import SurveyAnswered
from catgem_tui.central.queue.folio import FIRST, following, is_folio, make_folio
from catgem_tui.protocol.commands import EndContact
from tests.queue_dialogue import CALL, CENTRE, CHAT, MAIL, Dialogue

# --- folios ---


def test_the_published_example_of_damms_method() -> None:
    """572 has the check digit 4 (Damm 2004)."""
    assert make_folio(572).endswith("5724")


def test_a_folio_reads_as_two_groups() -> None:
    assert make_folio(482_105) == "482-1051"
    assert is_folio("482-1051")
    assert is_folio(" 4821051 ")


@pytest.mark.parametrize("text", ["", "482-105", "482-1053", "482-10511", "48a-1051", "４８２-1051"])
def test_what_is_no_folio(text: str) -> None:
    assert not is_folio(text)


def test_every_wrong_digit_and_every_swap_of_neighbours_is_noticed() -> None:
    for counter in range(FIRST, FIRST + 9000, 37):
        digits = make_folio(counter).replace("-", "")
        wrong = [digits[:at] + digit + digits[at + 1 :] for at in range(7) for digit in "0123456789"]
        swapped = [digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(6)]
        assert not any(is_folio(text) for text in wrong + swapped if text != digits)


def test_the_counter_begins_again_after_a_million() -> None:
    assert following(FIRST) == FIRST + 1
    assert following(999_999) == FIRST
    assert following(0) == FIRST


# --- the summary ---


def test_an_empty_queue_has_nothing_to_say() -> None:
    summary = Dialogue("ana").summary()
    assert (summary.calls, summary.chats, summary.mails) == (0, 0, 0)
    assert (summary.oldest_since, summary.service_level, summary.satisfaction) == (None, None, None)


def test_the_line_at_a_glance() -> None:
    floor = Dialogue("ana").arrives("m1", MAIL).passes(10)
    for number in range(12):
        floor.arrives(f"c{number}", CALL)
    floor.passes(21).arrives("k1", CHAT)
    summary = floor.summary()
    assert (summary.calls, summary.chats, summary.mails) == (12, 1, 1)
    assert summary.oldest_since == floor.contacts["m1"].arrived_at
    assert [each.contact for each in summary.next] == [f"c{number}" for number in range(10)]
    assert all(each.late for each in summary.next)
    assert summary.next[0].since == floor.contacts["c0"].arrived_at


def test_what_is_offered_waits_no_longer() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).arrives("c2", CALL)
    assert floor.summary().calls == 1


def test_the_service_level_counts_first_answers_within_the_target() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).passes(15).serves("ana", "c1")
    assert floor.summary().service_level == 1.0
    floor.arrives("c2", CALL).takes("ana", "c2").arrives("c3", CALL).passes(6).says("ana", EndContact(contact="c2"))
    floor.passes(60).serves("ana", "c3")
    assert floor.summary().service_level == pytest.approx(2 / 3)


def test_satisfaction_is_the_mean_survey_answer() -> None:
    floor = Dialogue("ana").comes("ana")
    for contact, score in (("k1", 5), ("k2", 5), ("k3", 4)):
        floor.arrives(contact, CHAT).serves("ana", contact).hears(SurveyAnswered(contact=contact, score=score))
    assert floor.summary().satisfaction == pytest.approx(11 / 12)


def test_a_new_day_begins_at_the_centres_midnight() -> None:
    floor = Dialogue("ana").comes("ana").arrives("c1", CALL).serves("ana", "c1").passes(15 * 3600 - 10)
    assert floor.summary().service_level == 1.0, "23:59:50 in central Mexico"
    floor.passes(10)
    assert floor.summary().service_level is None
    utc = replace(CENTRE, clock=timezone(timedelta(0)))
    floor = Dialogue("ana", rules=utc).comes("ana").arrives("c1", CALL).serves("ana", "c1").passes(9 * 3600)
    assert floor.summary().service_level is None
