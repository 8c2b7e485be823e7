"""A citizen calls; everything that should be heard is, and nothing else."""

import time

from catgem_tui.desk.intents import SendDigits
from catgem_tui.phone.port import CallArrived, DigitReceived
from catgem_tui.protocol.commands import EndContact, Hold, Unhold
from catgem_tui.protocol.enums import Channel, ContactState, Presence
from catgem_tui.selftest.report import Report
from catgem_tui.selftest.rig import ADVISOR_TONE, CITIZEN_TONE, Rig
from catgem_tui.selftest.sound import Recording
from catgem_tui.selftest.telephone import CitizenPhone
from catgem_tui.selftest.worker import settle

NAMES = (
    "voice.answered",
    "voice.queued",
    "voice.greeting_heard",
    "voice.music_heard",
    "voice.offered",
    "voice.accepted",
    "voice.advisor_hears_citizen",
    "voice.citizen_hears_advisor",
    "voice.hold",
    "voice.resume",
    "voice.digits_to_advisor",
    "voice.digits_to_citizen",
    "voice.hang_up_by_advisor",
    "voice.survey_stored",
    "voice.recording_left_citizen",
    "voice.recording_right_advisor",
    "voice.hang_up_by_citizen",
)

AUDIBLE = 0.05
"""Least strength of a tone that counts as heard; the tones are sent at 0.4."""
LOUD = 0.01
"""Least loudness of speech or music, root mean square."""


async def run(rig: Rig, report: Report) -> None:
    async with CitizenPhone(rig.folder) as citizen:
        contact = await _arrive(rig, report, citizen)
        await _be_served(rig, report, citizen)
        await _talk(rig, report, citizen)
        await _hold(rig, report, citizen, contact)
        await _digits(rig, report, citizen)
        await _end(rig, report, citizen, contact)
        await _hang_up_first(rig, report, citizen)


async def _arrive(rig: Rig, report: Report, citizen: CitizenPhone) -> str:
    await rig.advisor.be(Presence.PAUSED)
    known = set(rig.coordinator.state.contacts)
    begin = time.monotonic()
    await citizen.dial(rig.central.sip)
    report.at_most("voice.answered", "seconds from INVITE to answer", time.monotonic() - begin, 2.0)
    async with citizen.listening() as ear:
        state = await rig.coordinator.until(
            lambda s: any(
                c.state is ContactState.QUEUED and c.channel is Channel.CALL and c.id not in known
                for c in s.contacts.values()
            )
        )
        contact = next(c for c in state.contacts.values() if c.channel is Channel.CALL and c.id not in known)
        report.equal("voice.queued", "caller's number", contact.citizen.phone, "7225550134")
        await settle(rig.greeting_seconds + 4)
    heard = ear.recording()
    report.at_least("voice.greeting_heard", "loudness of the first 3 s", heard.loudness(start=0.2, end=3), LOUD)
    report.at_least("voice.music_heard", "loudness of the last 2 s", heard.loudness(start=heard.seconds - 2), LOUD)
    return contact.id


async def _be_served(rig: Rig, report: Report, citizen: CitizenPhone) -> None:
    begin = time.monotonic()
    await rig.advisor.be(Presence.AVAILABLE)
    contact = await rig.advisor.offered()
    await rig.advisor.phone.wait_for(CallArrived, lambda e: e.caller == "7225550134")
    report.at_most("voice.offered", "seconds from available to ringing", time.monotonic() - begin, 2.0)
    begin = time.monotonic()
    await rig.advisor.accept(contact.id)
    report.at_most("voice.accepted", "seconds from accepting to sound", time.monotonic() - begin, 2.0)


async def _talk(rig: Rig, report: Report, citizen: CitizenPhone) -> None:
    await citizen.say(rig.tone(CITIZEN_TONE))
    await rig.advisor.speak(rig.tone(ADVISOR_TONE))
    async with rig.advisor.listening() as advisor_ear, citizen.listening() as citizen_ear:
        await settle(2.5)
    at_advisor, at_citizen = advisor_ear.recording(), citizen_ear.recording()
    report.at_least("voice.advisor_hears_citizen", "strength", at_advisor.strength(CITIZEN_TONE), AUDIBLE)
    report.at_least("voice.citizen_hears_advisor", "strength", at_citizen.strength(ADVISOR_TONE), AUDIBLE)


async def _hold(rig: Rig, report: Report, citizen: CitizenPhone, contact: str) -> None:
    rig.advisor.desk.do(Hold(contact=contact))
    await rig.advisor.until(lambda s: bool((call := s.contacts[contact].call) and call.held))
    await settle(0.5)
    async with rig.advisor.listening() as advisor_ear, citizen.listening() as citizen_ear:
        await settle(2.5)
    at_advisor, at_citizen = advisor_ear.recording(), citizen_ear.recording()
    crossing = max(at_advisor.strength(CITIZEN_TONE), at_citizen.strength(ADVISOR_TONE))
    music = at_citizen.loudness()
    report.add(
        "voice.hold",
        crossing < AUDIBLE / 5 and music >= LOUD,
        f"neither hears the other (strength < {AUDIBLE / 5:g}), the citizen hears music (loudness >= {LOUD:g})",
        f"strength {crossing:.4f}, loudness {music:.4f}",
    )
    rig.advisor.desk.do(Unhold(contact=contact))
    await rig.advisor.until(lambda s: bool((call := s.contacts[contact].call) and not call.held))
    async with rig.advisor.listening() as advisor_ear, citizen.listening() as citizen_ear:
        await settle(2.5)
    weaker = min(advisor_ear.recording().strength(CITIZEN_TONE), citizen_ear.recording().strength(ADVISOR_TONE))
    report.at_least("voice.resume", "strength of the weaker side", weaker, AUDIBLE)


async def _digits(rig: Rig, report: Report, citizen: CitizenPhone) -> None:
    await citizen.be_silent()
    await rig.advisor.be_silent()
    await citizen.press("5")
    at_advisor = await rig.advisor.phone.wait_for(DigitReceived)
    report.equal("voice.digits_to_advisor", "digit", at_advisor.digit, "5")
    rig.advisor.desk.do(SendDigits(digits="7"))
    at_citizen = await citizen.phone.wait_for(DigitReceived)
    report.equal("voice.digits_to_citizen", "digit", at_citizen.digit, "7")


async def _end(rig: Rig, report: Report, citizen: CitizenPhone, contact: str) -> None:
    rig.advisor.desk.do(EndContact(contact=contact))
    await rig.advisor.until(lambda s: not s.phone.calls and s.contacts[contact].state is ContactState.WRAP_UP)
    report.add("voice.hang_up_by_advisor", True, "advisor's telephone free, contact in wrap-up", "so it is")
    await settle(1.0)
    await citizen.press("4")
    await citizen.ended()
    state = await rig.coordinator.until(lambda s: s.contacts[contact].survey is not None)
    report.equal("voice.survey_stored", "answer", state.contacts[contact].survey, 4)
    await rig.advisor.finish(contact)
    path = rig.folder / "recording.wav"
    path.write_bytes(await rig.recording_of(contact))
    recording = Recording.read(path)
    for name, channel, tone, other in (
        ("voice.recording_left_citizen", 0, CITIZEN_TONE, ADVISOR_TONE),
        ("voice.recording_right_advisor", 1, ADVISOR_TONE, CITIZEN_TONE),
    ):
        right, wrong = recording.strength(tone, channel), recording.strength(other, channel)
        report.add(
            name,
            right >= AUDIBLE and wrong < AUDIBLE / 5,
            f"own tone >= {AUDIBLE:g}, the other's < {AUDIBLE / 5:g}",
            f"{right:.4f}, {wrong:.4f}",
        )


async def _hang_up_first(rig: Rig, report: Report, citizen: CitizenPhone) -> None:
    await citizen.dial(rig.central.sip)
    contact = await rig.advisor.take(within=rig.greeting_seconds + 15)
    await citizen.hang_up()
    await rig.advisor.until(lambda s: not s.phone.calls and s.contacts[contact.id].state is ContactState.WRAP_UP)
    report.add("voice.hang_up_by_citizen", True, "advisor's telephone free, contact in wrap-up", "so it is")
    await rig.advisor.finish(contact.id)
