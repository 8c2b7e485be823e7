"""What a simulated citizen makes of what they hear."""

import array
import math

import pytest

from catgem_tui.central.voice.prompts import produce
from catgem_tui.citizens.hearing import Hearing, Signs

RATE = 8000


def sound(samples: list[float]) -> "array.array[int]":
    return array.array("h", (int(32767 * sample) for sample in samples))


def tone(hertz: float, seconds: float, level: float = 0.3) -> list[float]:
    return [level * math.sin(2 * math.pi * hertz * i / RATE) for i in range(int(seconds * RATE))]


def test_hold_music_is_music_all_along() -> None:
    hearing = Hearing(RATE)
    music = produce.music()
    step = RATE // 5
    heard = []
    for start in range(0, len(music), step):
        hearing.feed(sound(music[start : start + step]))
        heard.append(hearing.music)
    assert all(heard[4:])
    assert not hearing.asked


@pytest.mark.parametrize("hertz", [0.0, 440.0, 1050.0])
def test_another_tone_and_silence_are_not(hertz: float) -> None:
    hearing = Hearing(RATE)
    hearing.feed(sound(tone(hertz, 2.0)))
    assert not hearing.music


def test_music_that_ends_is_noticed_within_a_second() -> None:
    hearing = Hearing(RATE)
    hearing.feed(sound(tone(220.0, 2.0, level=0.06)))
    assert hearing.music
    hearing.feed(sound([0.0] * (RATE // 2)))
    assert not hearing.music


def test_the_chime_asks_and_only_in_its_order() -> None:
    first, second = produce.CHIME
    assert Signs().chime == produce.CHIME
    hearing = Hearing(RATE)
    hearing.feed(sound(tone(second, 0.25) + tone(first, 0.25) + tone(600.0, 1.0)))
    assert not hearing.asked
    hearing.feed(sound(tone(first, 0.25) + tone(second, 0.25)))
    assert hearing.asked
