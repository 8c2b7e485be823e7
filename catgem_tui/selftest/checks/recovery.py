"""What is killed comes back, and nobody's words are lost or said twice."""

import os
import signal
import time

from catgem_tui.desk.intents import Send
from catgem_tui.desk.state import Line, PhoneStatus
from catgem_tui.phone.port import EngineStopped
from catgem_tui.protocol.enums import Author, Presence
from catgem_tui.selftest.checks.chat import said
from catgem_tui.selftest.report import Report
from catgem_tui.selftest.rig import Rig
from catgem_tui.selftest.visitor import Visitor

NAMES = (
    "recovery.phone_engine_noticed",
    "recovery.phone_engine_back",
    "recovery.workstation_went_on",
    "recovery.central_back",
    "recovery.nothing_lost_to_advisor",
    "recovery.nothing_lost_to_citizen",
)


async def run(rig: Rig, report: Report) -> None:
    await rig.advisor.be(Presence.AVAILABLE)
    async with Visitor(rig.central.chat, "Paciencia") as visitor:
        await visitor.say("c0", "0 ¿Sigue ahí?")
        contact = (await rig.advisor.take()).id
        await _kill_phone_engine(rig, report, visitor, contact)
        await _kill_central(rig, report, visitor, contact)
        await rig.advisor.finish(contact)


async def _kill_phone_engine(rig: Rig, report: Report, visitor: Visitor, contact: str) -> None:
    begin = time.monotonic()
    pid = rig.advisor.engine.pid
    if pid is None:
        raise RuntimeError("the phone engine does not run")
    os.kill(pid, signal.SIGKILL)
    rig.advisor.desk.do(Send(contact=contact, text="0 Aquí estoy."))
    await rig.advisor.phone.wait_for(EngineStopped)
    report.at_most("recovery.phone_engine_noticed", "seconds", time.monotonic() - begin, 1.5)
    await visitor.until(lambda v: len(v.lines) == 1)
    await rig.advisor.until(
        lambda s: s.phone.status is PhoneStatus.READY and s.me is not None and s.me.phone_ready, within=15
    )
    report.at_most("recovery.phone_engine_back", "seconds", time.monotonic() - begin, 10)
    report.equal("recovery.workstation_went_on", "line to central", rig.advisor.state.line, Line.ONLINE)


async def _kill_central(rig: Rig, report: Report, visitor: Visitor, contact: str) -> None:
    for number in range(1, 10):
        await visitor.say(f"c{number}", f"{number} ¿Y ahora?")
        rig.advisor.desk.do(Send(contact=contact, text=f"{number} También ahora."))
        if number == 4:
            await rig.process.kill()
        if number == 7:
            begin = time.monotonic()
            await rig.process.start()
    await rig.advisor.until(lambda s: s.line is Line.ONLINE, within=30)
    report.at_most(
        "recovery.central_back", "seconds from its start to the workstation on line", time.monotonic() - begin, 20
    )
    await visitor.until(lambda v: len(v.lines) >= 10, within=30)
    await rig.advisor.until(lambda s: len(said(rig.advisor, contact, Author.CITIZEN)) >= 10, within=30)
    to_advisor = said(rig.advisor, contact, Author.CITIZEN)
    expected = ("0 ¿Sigue ahí?", *(f"{n} ¿Y ahora?" for n in range(1, 10)))
    report.equal("recovery.nothing_lost_to_advisor", "lines, once and in order", to_advisor, expected)
    to_citizen = tuple(line.text for line in visitor.lines)
    expected = ("0 Aquí estoy.", *(f"{n} También ahora." for n in range(1, 10)))
    report.equal("recovery.nothing_lost_to_citizen", "lines, once and in order", to_citizen, expected)
