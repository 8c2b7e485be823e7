"""A coordinator listens, whispers and barges in; each is heard by whom it should be and by nobody else."""

from catgem_tui.protocol.commands import Monitor, Reassign, StopMonitoring
from catgem_tui.protocol.enums import AdvisorState, ContactState, Monitoring, Presence
from catgem_tui.selftest.checks.voice import AUDIBLE
from catgem_tui.selftest.report import Report
from catgem_tui.selftest.rig import ADVISOR_TONE, CITIZEN_TONE, COORDINATOR_TONE, Rig
from catgem_tui.selftest.sound import Recording
from catgem_tui.selftest.telephone import CitizenPhone
from catgem_tui.selftest.worker import settle

NAMES = (
    "supervision.sees_the_floor",
    "supervision.listening_hears_both",
    "supervision.listening_is_not_heard",
    "supervision.whisper_heard_by_advisor",
    "supervision.whisper_not_heard_by_citizen",
    "supervision.barge_heard_by_both",
    "supervision.leaves",
    "supervision.reassigns",
)

SILENT = AUDIBLE / 5


async def run(rig: Rig, report: Report) -> None:
    async with CitizenPhone(rig.folder) as citizen:
        await rig.advisor.be(Presence.AVAILABLE)
        await citizen.dial(rig.central.sip)
        contact = (await rig.advisor.take(within=rig.greeting_seconds + 15)).id
        advisor = rig.advisor.state.user
        me = advisor.id if advisor else ""
        state = await rig.coordinator.until(lambda s: me in s.advisors and s.advisors[me].state is AdvisorState.BUSY)
        report.equal("supervision.sees_the_floor", "the advisor's contacts", state.advisors[me].contacts, (contact,))
        await citizen.say(rig.tone(CITIZEN_TONE))
        await rig.advisor.speak(rig.tone(ADVISOR_TONE))

        await _join(rig, contact, Monitoring.LISTEN)
        await rig.coordinator.speak(rig.tone(COORDINATOR_TONE))
        at_coordinator, at_advisor, at_citizen = await _listen_everywhere(rig, citizen)
        weaker = min(at_coordinator.strength(CITIZEN_TONE), at_coordinator.strength(ADVISOR_TONE))
        report.at_least("supervision.listening_hears_both", "strength of the weaker side", weaker, AUDIBLE)
        leak = max(at_advisor.strength(COORDINATOR_TONE), at_citizen.strength(COORDINATOR_TONE))
        report.at_most("supervision.listening_is_not_heard", "strength at either side", leak, SILENT)

        await _join(rig, contact, Monitoring.WHISPER)
        _, at_advisor, at_citizen = await _listen_everywhere(rig, citizen)
        whisper = at_advisor.strength(COORDINATOR_TONE)
        report.at_least("supervision.whisper_heard_by_advisor", "strength", whisper, AUDIBLE)
        leak = at_citizen.strength(COORDINATOR_TONE)
        report.at_most("supervision.whisper_not_heard_by_citizen", "strength", leak, SILENT)

        await _join(rig, contact, Monitoring.BARGE)
        _, at_advisor, at_citizen = await _listen_everywhere(rig, citizen)
        weaker = min(at_advisor.strength(COORDINATOR_TONE), at_citizen.strength(COORDINATOR_TONE))
        report.at_least("supervision.barge_heard_by_both", "strength of the weaker side", weaker, AUDIBLE)

        rig.coordinator.desk.do(StopMonitoring(contact=contact))
        await rig.coordinator.until(lambda s: not s.phone.calls)
        report.add("supervision.leaves", True, "the coordinator's telephone is free again", "so it is")

        await rig.advisor.be(Presence.PAUSED)
        rig.coordinator.desk.do(Reassign(contact=contact, queue=rig.coordinator.state.contacts[contact].queue))
        await rig.coordinator.until(lambda s: s.contacts[contact].state is ContactState.QUEUED)
        await rig.advisor.until(lambda s: not s.phone.calls)
        report.add(
            "supervision.reassigns", True, "the contact waits again, the advisor's telephone is free", "so it is"
        )
        await citizen.hang_up()
        await rig.coordinator.until(lambda s: contact not in s.contacts)  # ended ones leave the floor


async def _join(rig: Rig, contact: str, mode: Monitoring) -> None:
    rig.coordinator.desk.do(Monitor(contact=contact, mode=mode))
    me = rig.coordinator.state.user
    wanted = (me.id if me else "", mode)
    await rig.coordinator.until(
        lambda s: (
            (call := s.contacts[contact].call) is not None
            and wanted in call.monitors
            and any(c.media for c in s.phone.calls)
        )
    )


async def _listen_everywhere(rig: Rig, citizen: CitizenPhone) -> tuple[Recording, Recording, Recording]:
    await settle(0.5)
    async with (
        rig.coordinator.listening() as at_coordinator,
        rig.advisor.listening() as at_advisor,
        citizen.listening() as at_citizen,
    ):
        await settle(2.5)
    return at_coordinator.recording(), at_advisor.recording(), at_citizen.recording()
