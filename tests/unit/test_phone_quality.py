"""The estimated opinion score, against the formula worked out by hand."""

import pytest

from catgem_tui.phone.quality import estimate_mos


def test_a_call_with_nothing_wrong_is_as_good_as_narrow_band_gets() -> None:
    assert estimate_mos("PCMA", 0.0, 0.0) == pytest.approx(4.41, abs=0.01)


@pytest.mark.parametrize(
    ("delay", "mos"),
    [(150.0, 4.33), (250.0, 3.99), (400.0, 3.05)],  # ratings 89.6, 79.2 and 59.1
)
def test_a_late_answer_costs_little_until_people_begin_to_interrupt_each_other(delay: float, mos: float) -> None:
    assert estimate_mos("PCMU", delay, 0.0) == pytest.approx(mos, abs=0.01)


def test_loss_costs_more_than_delay_and_everything_lost_is_the_worst() -> None:
    scores = [estimate_mos("G722", 60.0, loss) for loss in (0.0, 0.01, 0.03, 0.05, 0.1, 1.0)]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] > 4.0 > scores[3] > 3.6 > scores[4] > scores[5]
    assert scores[5] == pytest.approx(1.1, abs=0.15)


def test_a_codec_that_squeezes_speech_is_never_as_good() -> None:
    assert estimate_mos("GSM", 20.0, 0.0) < estimate_mos("iLBC", 20.0, 0.0) < estimate_mos("PCMA", 20.0, 0.0)


@pytest.mark.parametrize(("delay", "loss"), [(0.0, -1.0), (100_000.0, 0.5), (10.0, 7.0)])
def test_the_score_stays_on_its_scale(delay: float, loss: float) -> None:
    assert 1.0 <= estimate_mos("anything", delay, loss) <= 4.5
