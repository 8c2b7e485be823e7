"""Who hears whom on a telephone line."""

from catgem_tui.central.voice.wiring import Cast, wires
from catgem_tui.protocol.enums import Monitoring


def heard_by(cast: Cast, sink: str) -> set[str]:
    return {source for source, to in wires(cast) if to == sink}


def talk(**more: object) -> Cast:
    return Cast(citizen="citizen", advisor="advisor", music="music", recorder="tape", **more)  # type: ignore[arg-type]


def test_who_waits_hears_music_alone() -> None:
    assert wires(Cast(citizen="citizen", music="music")) == {("music", "citizen")}


def test_talk_goes_both_ways_and_onto_both_channels() -> None:
    assert wires(talk()) == {
        ("citizen", "advisor"),
        ("advisor", "citizen"),
        ("citizen", "tape:left"),
        ("advisor", "tape:right"),
    }


def test_on_hold_nobody_hears_the_other_and_both_are_still_recorded() -> None:
    assert wires(talk(held=True)) == {
        ("music", "citizen"),
        ("citizen", "tape:left"),
        ("advisor", "tape:right"),
    }


def test_a_listener_hears_both_and_is_heard_by_none() -> None:
    cast = talk(coordinators={"boss": Monitoring.LISTEN})
    assert heard_by(cast, "boss") == {"citizen", "advisor"}
    assert not {sink for source, sink in wires(cast) if source == "boss"}


def test_a_whisper_reaches_the_advisor_alone() -> None:
    cast = talk(coordinators={"boss": Monitoring.WHISPER})
    assert {sink for source, sink in wires(cast) if source == "boss"} == {"advisor"}


def test_barging_is_heard_by_both_and_recorded_with_the_advisor() -> None:
    cast = talk(coordinators={"boss": Monitoring.BARGE})
    assert {sink for source, sink in wires(cast) if source == "boss"} == {"advisor", "citizen", "tape:right"}


def test_barging_stops_at_hold() -> None:
    cast = talk(held=True, coordinators={"boss": Monitoring.BARGE})
    assert {sink for source, sink in wires(cast) if source == "boss"} == {"advisor"}
    assert heard_by(cast, "citizen") == {"music"}


def test_barging_goes_on_when_the_advisor_is_gone() -> None:
    cast = Cast(citizen="citizen", music="music", recorder="tape", coordinators={"boss": Monitoring.BARGE})
    assert heard_by(cast, "citizen") == {"boss"}


def test_a_second_coordinator_hears_the_first_but_not_a_silent_one() -> None:
    cast = talk(coordinators={"boss": Monitoring.WHISPER, "chief": Monitoring.LISTEN})
    assert heard_by(cast, "chief") == {"citizen", "advisor", "boss"}
    assert heard_by(cast, "boss") == {"citizen", "advisor"}


def test_a_prompt_is_heard_by_the_waiting_advisor_and_stops_everyone_else() -> None:
    cast = talk(prompt="greeting")
    assert heard_by(cast, "citizen") == {"greeting"}
    assert heard_by(cast, "advisor") == {"greeting"}
