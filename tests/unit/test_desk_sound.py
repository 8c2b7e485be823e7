"""Sound on the desk: what was chosen and remembered, what is said of devices, and the report of each call."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from catgem_tui.desk import effects, intents
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.sound import FILE, STEPS, Chosen, SoundChoices, read_choices, write_choices
from catgem_tui.phone import port
from catgem_tui.phone.fake import FakePhone
from catgem_tui.phone.port import CallState, Latency
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel, Refusal
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.model import Call, SoundReport
from tests.desk_talk import Talk, contact, with_phone
from tests.phone_set import PATIENCE

HEADSET = SoundChoices(microphone=Chosen("usb.mic", "Diadema"), ringer=Chosen("hdmi", "Pantalla"), microphone_step=2)


# --- remembered ---


def test_what_was_chosen_is_remembered(tmp_path: Path) -> None:
    assert read_choices(tmp_path) is None
    write_choices(tmp_path / "new", HEADSET)
    assert read_choices(tmp_path / "new") == HEADSET
    write_choices(tmp_path / "new", SoundChoices())
    assert [path.name for path in (tmp_path / "new").iterdir()] == [FILE], "nothing else is left there"


@pytest.mark.parametrize("text", ["", "{", '{"microphone": 7}', "[]"])
def test_a_damaged_memory_is_no_memory(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert read_choices(tmp_path) is None


def test_steps_become_factors_and_have_an_end() -> None:
    tuning = SoundChoices(microphone_step=2, loudspeaker_step=-2).tuning
    assert (tuning.microphone, tuning.loudspeaker) == (pytest.approx(2.0, rel=0.01), pytest.approx(0.5, rel=0.01))
    assert SoundChoices(microphone_step=99).tuning == SoundChoices(microphone_step=STEPS).tuning


async def test_the_desk_keeps_a_choice_and_tells_the_telephone(tmp_path: Path) -> None:
    phone = FakePhone()
    desk = Desk("http://127.0.0.1:1", tmp_path, phone)
    await desk.start()
    try:
        await desk.wait_for(lambda state: state.phone.uri != "", PATIENCE)
        desk.do(intents.ChangeSound(HEADSET))
        await desk.wait_for(lambda state: read_choices(tmp_path) == HEADSET, PATIENCE)
    finally:
        await desk.close()
    assert HEADSET.devices in phone.commands
    assert HEADSET.tuning in phone.commands


# --- chosen ---


def test_only_what_changed_is_told() -> None:
    talk = with_phone(Talk()).hears(intents.ChangeSound(SoundChoices(microphone=Chosen("usb.mic", "Diadema"))))
    assert talk.phones() == [port.ChooseDevices(microphone="usb.mic")]
    assert len(talk.wants(effects.KeepSound)) == 1
    chosen = talk.view.phone.card.choices
    talk.hears(intents.ChangeSound(replace(chosen, cancel_echo=True)))
    assert talk.phones() == [port.Tune(cancel_echo=True)]
    talk.hears(intents.ChangeSound(talk.view.phone.card.choices))
    assert (talk.phones(), talk.wants(effects.KeepSound)) == ([], [])


def test_an_engine_that_began_again_is_told_what_was_chosen() -> None:
    talk = with_phone(Talk()).hears(intents.ChangeSound(HEADSET))
    talk.phones()
    talk.hears(port.EngineStopped(reason="signal 9")).hears(port.Ready(uri="sip:new", sound="a", microphone="a"))
    assert talk.phones() == [HEADSET.devices, HEADSET.tuning]


def test_a_device_that_is_not_there_is_said_by_its_name_until_it_comes() -> None:
    talk = with_phone(Talk()).hears(intents.ChangeSound(HEADSET))
    talk.hears(port.SoundChanged(sound="a", microphone="a", missing=("usb.mic",)))
    assert talk.view.phone.card.missing == ("Diadema",)
    assert talk.notices() == ["device_missing"]
    talk.hears(port.SoundChanged(sound="a", microphone="a"))
    assert talk.notices() == []


def test_without_a_microphone_it_is_said() -> None:
    talk = with_phone(Talk()).hears(port.SoundChanged(sound="card"))
    assert talk.notices() == ["no_microphone"]
    talk.hears(port.SoundChanged(sound="card", microphone="card", latency=Latency.QUICK))
    assert (talk.notices(), talk.view.phone.card.latency) == ([], Latency.QUICK)


def test_a_device_that_nobody_chose_and_that_the_system_changed_is_said() -> None:
    talk = with_phone(Talk()).hears(port.SoundChanged(sound="Bocina", microphone="card", latency=Latency.QUICK))
    assert talk.notices() == ["loudspeaker_changed"]
    assert talk.view.notices[0].args == {"before": "card", "now": "Bocina"}
    talk.hears(port.SoundChanged(sound_problem="no_device")).hears(port.SoundChanged(sound="Bocina", microphone="otro"))
    assert talk.notices() == ["loudspeaker_changed", "microphone_changed"]
    talk.hears(port.SoundChanged(sound="card", microphone="otro"))
    assert talk.notices() == ["microphone_changed", "loudspeaker_changed"], "of each only the last"


def test_a_device_that_this_person_chose_is_no_news() -> None:
    talk = with_phone(Talk()).hears(intents.ChangeSound(SoundChoices(loudspeaker=Chosen("usb", "Diadema"))))
    talk.hears(port.SoundChanged(sound="Diadema", microphone="card"))
    talk.hears(port.SoundChanged(sound="card", microphone="card", missing=("usb",)))
    assert talk.notices() == ["device_missing"]
    talk.hears(port.SoundChanged(sound="Diadema", microphone="card"))
    talk.hears(intents.ChangeSound(SoundChoices())).hears(port.SoundChanged(sound="card", microphone="card"))
    assert talk.notices() == []


def test_devices_and_levels_are_watched_while_somebody_looks() -> None:
    talk = with_phone(Talk()).hears(intents.ShowSound(True))
    assert talk.phones() == [port.ListDevices(watch=True), port.WatchLevels(watch=True)]
    devices = (port.SoundDevice(id="a", name="A", kind=port.DeviceKind.MICROPHONE),)
    talk.hears(port.DevicesListed(devices=devices))
    assert talk.view.phone.card.devices == devices
    talk.hears(intents.TrySound(ring=True))
    (ring,) = talk.phones()
    assert ring.to == (port.RINGER,)
    talk.hears(intents.TrySound())
    assert talk.phones() == [port.TryMicrophone()]
    talk.hears(intents.ShowSound(False))
    assert port.ListDevices(watch=False) in talk.phones()


def test_offers_may_be_silent() -> None:
    talk = with_phone(Talk())
    talk.model = replace(talk.model, ring_aloud=False)
    talk.hears_snapshot(contact("c1", channel=Channel.CALL, call=Call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.phones()
    talk.hears(port.CallArrived(call="k1", caller="7221112233", dialled="070", token="t1"))
    assert not [command for command in talk.phones() if isinstance(command, port.Play)]


# --- reported ---


def in_call(talk: Talk) -> Talk:
    talk.hears_snapshot(contact("c1", channel=Channel.CALL, call=Call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="7221112233", dialled="070", token="t1"))
    return talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED, media=True))


def measured(mos: float, underruns: int = 0, overruns: int = 0) -> port.QualityMeasured:
    return port.QualityMeasured(
        call="k1", codec="G722", round_trip_ms=20.0, jitter_ms=4.0, loss=0.02, mos=mos, underruns=underruns,
        overruns=overruns,
    )  # fmt: skip


def test_how_a_call_sounded_goes_to_central_at_its_end() -> None:
    talk = in_call(with_phone(Talk()))
    talk.hears(measured(4.4)).hears(measured(3.6, underruns=2, overruns=1))
    assert talk.view.phone.card.broken == 3
    talk.hears(measured(4.0, underruns=2, overruns=1))
    assert talk.view.phone.card.broken == 0, "only what is new is shown"
    talk.sends()
    talk.hears(port.CallChanged(call="k1", state=CallState.ENDED))
    (report,) = [body for body in talk.sends() if isinstance(body, commands.ReportSound)]
    assert report.contact == "c1"
    assert report.sound == SoundReport(
        codec="G722", mos=4.0, worst_mos=3.6, round_trip_ms=20.0, jitter_ms=4.0, loss=0.02, underruns=2, overruns=1
    )
    assert talk.model.heard == {}


def test_what_is_not_known_yet_counts_for_nothing() -> None:
    unknown = port.QualityMeasured(call="k1", codec="G722")
    talk = in_call(with_phone(Talk())).hears(unknown).hears(measured(4.0)).hears(replace(measured(4.2), loss=None))
    talk.sends()
    talk.hears(port.CallChanged(call="k1", state=CallState.ENDED))
    (report,) = [body for body in talk.sends() if isinstance(body, commands.ReportSound)]
    assert (report.sound.mos, report.sound.worst_mos) == (4.1, 4.0)
    assert (report.sound.round_trip_ms, report.sound.jitter_ms, report.sound.loss) == (20.0, 4.0, 0.02)


def test_a_call_that_died_with_its_engine_is_reported_too() -> None:
    talk = in_call(with_phone(Talk())).hears(measured(4.4))
    talk.sends()
    talk.hears(port.EngineStopped(reason="signal 9"))
    assert [body.contact for body in talk.sends() if isinstance(body, commands.ReportSound)] == ["c1"]


def test_what_nobody_measured_is_not_reported() -> None:
    talk = in_call(with_phone(Talk()))
    talk.sends()
    talk.hears(port.CallChanged(call="k1", state=CallState.ENDED))
    assert not [body for body in talk.sends() if isinstance(body, commands.ReportSound)]


def test_a_report_that_came_too_late_is_no_news() -> None:
    talk = in_call(with_phone(Talk())).hears(measured(4.4))
    talk.hears(port.CallChanged(call="k1", state=CallState.ENDED))
    talk.is_answered(commands.ReportSound, Refusal.NOT_FOUND)
    assert talk.notices() == []
