"""Speaking while the microphone is closed."""

from msgspec.structs import replace

from catgem_tui.desk import intents
from catgem_tui.desk.reducers.unheard import LOUD
from catgem_tui.phone import port
from tests.desk_talk import Talk, talking


def speak(talk: Talk, times: int, *, microphone: float = 0.9, loudspeaker: float = 0.0) -> list[str]:
    """So many measurements, five a second; returns the tones that are played meanwhile. A voice pauses for a moment
    every two seconds."""
    tones = []
    for number in range(times):
        talk.now += 0.2
        level = 0.0 if microphone > LOUD and number % 10 == 9 else microphone
        talk.hears(port.LevelsMeasured(microphone=level, loudspeaker=loudspeaker))
        tones += [each.path.rsplit("/", 1)[-1] for each in talk.phones() if isinstance(each, port.Play)]
    return tones


def muted() -> Talk:
    talk = talking().hears(intents.SetMute(muted=True))
    speak(talk, 1, microphone=0.0)
    return talk


def test_it_is_said_after_a_second_and_the_tone_comes_every_twenty_at_most() -> None:
    talk = muted()
    assert speak(talk, 4) == []
    assert not talk.view.phone.unheard
    assert speak(talk, 1) == ["unheard.wav"]
    assert talk.view.phone.unheard
    assert speak(talk, 95) == []
    assert speak(talk, 10) == ["unheard.wav"]
    speak(talk, 15, microphone=0.1)
    assert not talk.view.phone.unheard


def test_a_cough_the_loudspeaker_and_an_open_microphone_are_none_of_it() -> None:
    talk = muted()
    for _ in range(5):
        speak(talk, 3)
        speak(talk, 3, microphone=0.1)
    speak(talk, 20, microphone=0.8, loudspeaker=0.9)
    assert not talk.view.phone.unheard
    speak(talk, 8)
    assert talk.view.phone.unheard
    talk.hears(intents.SetMute(muted=False))
    speak(talk, 1)
    assert not talk.view.phone.unheard


def test_the_tone_can_be_switched_off_and_the_word_stays() -> None:
    for fields in ({"unheard_tone": False}, {"signals": False}):
        talk = muted()
        talk.model = replace(talk.model, **fields)
        assert speak(talk, 8) == []
        assert talk.view.phone.unheard
