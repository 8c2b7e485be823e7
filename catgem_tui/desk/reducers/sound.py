"""The sound card: what there is of it, what this person chose, and how each call sounded."""

from typing import Any

from msgspec.structs import replace

from catgem_tui.desk.effects import KeepSound, Telephone
from catgem_tui.desk.intents import ChangeSound, ShowSound, TrySound
from catgem_tui.desk.model import Devices, Heard, Turn
from catgem_tui.desk.state import PhoneCall, PhoneStatus, Quality, Severity
from catgem_tui.phone import port
from catgem_tui.protocol.commands import ReportSound

TRIAL = "ring-trial"
"""The player of the ringing sound, to be tried."""

# --- what there is ---


def hear_of_sound(turn: Turn, event: port.SoundInUse) -> None:
    choices = turn.view.phone.card.choices
    missing = tuple(choices.name_of(wanted) for wanted in event.missing)
    show_card(turn, microphone=event.microphone, missing=missing, latency=event.latency)
    _show_phone(turn, sound=event.sound, sound_problem=event.sound_problem)
    if event.sound_problem:
        turn.notify("no_sound_device", Severity.WARNING, args={"cause": event.sound_problem})
    else:
        turn.withdraw_notices("no_sound_device")
    if missing:
        turn.notify("device_missing", Severity.WARNING, args={"names": ", ".join(missing)})
    else:
        turn.withdraw_notices("device_missing")
    if event.sound and not event.microphone:
        turn.notify("no_microphone", Severity.WARNING)
    else:
        turn.withdraw_notices("no_microphone")
    _note_devices(turn, event)


def _note_devices(turn: Turn, event: port.SoundInUse) -> None:
    """Where nobody chose, the system goes on with another when one is unplugged: from an ear into the room, perhaps."""
    before, choices = turn.model.devices, turn.view.phone.card.choices
    now = Devices(event.sound or before.loudspeaker, event.microphone or before.microphone, choices.devices)
    turn.remember(devices=now)
    if now.chosen != before.chosen:
        return
    for code, chosen, was, became in (
        ("loudspeaker_changed", choices.loudspeaker, before.loudspeaker, now.loudspeaker),
        ("microphone_changed", choices.microphone, before.microphone, now.microphone),
    ):
        if was and became != was and not chosen.id:
            turn.withdraw_notices(code)
            turn.notify(code, Severity.WARNING, args={"before": was, "now": became})


def hear_of_devices(turn: Turn, event: port.DevicesListed) -> None:
    show_card(turn, devices=event.devices)


def hear_of_trial(turn: Turn, event: port.MicrophoneTried) -> None:
    show_card(turn, trial=event.step)


def set_up(turn: Turn, *, again: bool) -> None:
    """The engine began with the devices that were chosen then; one that began ``again`` is told what is chosen now."""
    choices = turn.view.phone.card.choices
    if again:
        turn.perform(Telephone(choices.devices))
    if again or choices.tuning != port.Tune():
        turn.perform(Telephone(choices.tuning))
    show_card(turn, trial=port.TrialStep.OVER, broken=0)


# --- what the person wants ---


def show(turn: Turn, intent: ShowSound) -> None:
    turn.perform(Telephone(port.ListDevices(watch=intent.shown)), Telephone(port.WatchLevels(watch=intent.shown)))
    if not intent.shown:
        turn.perform(Telephone(port.StopPlaying(player=TRIAL)))


def change(turn: Turn, intent: ChangeSound) -> None:
    before, choices = turn.view.phone.card.choices, intent.choices
    if choices == before:
        return
    show_card(turn, choices=choices)
    turn.perform(KeepSound(choices))
    if choices.devices != before.devices:
        turn.perform(Telephone(choices.devices))
    if choices.tuning != before.tuning:
        turn.perform(Telephone(choices.tuning))


def try_out(turn: Turn, intent: TrySound) -> None:
    if turn.view.phone.status is not PhoneStatus.READY:
        return
    if intent.ring:
        turn.perform(Telephone(port.Play(player=TRIAL, path=turn.model.ring_file, to=(port.RINGER,))))
    else:
        turn.perform(Telephone(port.TryMicrophone()))


# --- how a call sounds ---


def measure(turn: Turn, event: port.QualityMeasured) -> None:
    """Of a call that waits nothing comes, which is no poor line."""
    if any(call.id == event.call and (call.held or call.holds_us) for call in turn.view.phone.calls):
        return
    before = turn.model.heard.get(event.call, Heard())
    broken = event.underruns + event.overruns - before.underruns - before.overruns
    _show_phone(turn, quality=Quality(event.codec, event.round_trip_ms, event.jitter_ms, event.loss, event.mos))
    show_card(turn, broken=max(0, broken))
    turn.remember(heard={**turn.model.heard, event.call: before.and_then(event)})


def report(turn: Turn, call: PhoneCall) -> None:
    """The call is over: what was measured of it goes to central, to be kept with its contact."""
    heard = turn.model.heard.get(call.id)
    turn.remember(heard={name: one for name, one in turn.model.heard.items() if name != call.id})
    show_card(turn, broken=0)
    if heard is not None and call.contact and call.monitoring is None:
        seconds = round(max(0.0, turn.view.now(turn.now) - call.since), 1)
        turn.transmit(ReportSound(contact=call.contact, sound=heard.report(seconds)))


def show_card(turn: Turn, **changes: Any) -> None:
    _show_phone(turn, card=replace(turn.view.phone.card, **changes))


def _show_phone(turn: Turn, **changes: Any) -> None:
    turn.show(phone=replace(turn.view.phone, **changes))
