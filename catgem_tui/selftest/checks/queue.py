"""Who is served next, what happens to a missed offer, and how many contacts one advisor can be given."""

from contextlib import AsyncExitStack
from email.message import EmailMessage
from email.utils import make_msgid
from functools import partial

from catgem_tui.desk.intents import AcceptOffer
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.enums import Channel, ContactState, Presence
from catgem_tui.selftest.report import Report
from catgem_tui.selftest.rig import CHAT_CAPACITY, OFFER_TIMEOUT, Rig
from catgem_tui.selftest.telephone import CitizenPhone
from catgem_tui.selftest.visitor import Visitor
from catgem_tui.selftest.worker import settle

NAMES = ("queue.most_urgent_first", "queue.missed_offer_returns_to_the_front", "queue.capacity_never_exceeded")


async def run(rig: Rig, report: Report) -> None:
    await _most_urgent_first(rig, report)
    await _missed_offer(rig, report)
    await _capacity(rig, report)


async def _most_urgent_first(rig: Rig, report: Report) -> None:
    """A mail comes first, then a chat, then a call; their targets are hours, 40 s and 20 s."""
    await rig.advisor.be(Presence.PAUSED)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "paciente@selftest.example", "atencion@catgem.example", "Sin prisa"
    mail["Message-ID"] = make_msgid(domain="selftest.example")
    mail.set_content("No corre prisa.")
    await rig.post(mail)
    async with Visitor(rig.central.chat, "Con prisa") as visitor, CitizenPhone(rig.folder) as citizen:
        await visitor.say("1", "Tengo algo de prisa.")
        await rig.coordinator.until(lambda s: _waiting(s, Channel.CHAT) == 1)
        await settle(1)
        await citizen.dial(rig.central.sip)
        await rig.coordinator.until(lambda s: _waiting(s, Channel.CALL) == 1)
        # The call arrived last; waiting twice as fast in terms of its target it overtakes the chat after a few seconds.
        await settle(4)
        await rig.advisor.be(Presence.AVAILABLE)
        served = []
        for _ in range(3):
            contact = await rig.advisor.take()
            served.append(contact.channel)
            await rig.advisor.finish(contact.id)
    report.equal("queue.most_urgent_first", "order", served, [Channel.CALL, Channel.CHAT, Channel.MAIL])


async def _missed_offer(rig: Rig, report: Report) -> None:
    await rig.advisor.be(Presence.PAUSED)
    async with Visitor(rig.central.chat, "Primera") as first, Visitor(rig.central.chat, "Segunda") as second:
        await first.say("1", "Llegué primero.")
        await rig.coordinator.until(lambda s: _waiting(s, Channel.CHAT) == 1)
        await second.say("1", "Llegué después.")
        await rig.coordinator.until(lambda s: _waiting(s, Channel.CHAT) == 2)
        await rig.advisor.be(Presence.AVAILABLE)
        missed = await rig.advisor.offered()
        state = await rig.advisor.until(
            lambda s: s.me is not None and s.me.presence is Presence.NOT_RESPONDING, OFFER_TIMEOUT + 10
        )
        await rig.advisor.until(lambda s: bool(s.summary.next) and s.summary.next[0].contact == missed.id)
        await rig.advisor.be(Presence.AVAILABLE)
        again = await rig.advisor.take()
        report.add(
            "queue.missed_offer_returns_to_the_front",
            again.id == missed.id and again.citizen.name == "Primera",
            "the missed one is offered first again, its advisor having been taken out of the queue",
            f"{again.citizen.name}, advisor {state.me.presence if state.me else '?'}",
        )
        await rig.advisor.finish(again.id)
        await rig.advisor.finish((await rig.advisor.take()).id)


async def _capacity(rig: Rig, report: Report) -> None:
    await rig.advisor.be(Presence.PAUSED)
    most = 0

    def count(state: DeskState) -> None:
        nonlocal most
        most = max(most, len(state.mine))

    async with AsyncExitStack() as stack:
        for number in range(CHAT_CAPACITY + 2):
            visitor = await stack.enter_async_context(Visitor(rig.central.chat, f"Visitante {number}"))
            await visitor.say("1", "Hola, buenas tardes.")
        await rig.coordinator.until(lambda s: _waiting(s, Channel.CHAT) == CHAT_CAPACITY + 2)
        forget = rig.advisor.desk.subscribe(count)
        await rig.advisor.be(Presence.AVAILABLE)
        for _ in range(CHAT_CAPACITY):
            contact = await rig.advisor.offered()
            rig.advisor.desk.do(AcceptOffer(contact=contact.id))
            await rig.advisor.until(partial(_is_active, contact.id))
        await settle(1.5)
        forget()
        waiting = rig.coordinator.state
        report.add(
            "queue.capacity_never_exceeded",
            most == CHAT_CAPACITY and _waiting(waiting, Channel.CHAT) == 2,
            f"at most {CHAT_CAPACITY} held, 2 waiting",
            f"{most} held, {_waiting(waiting, Channel.CHAT)} waiting",
        )
        await rig.advisor.be(Presence.PAUSED)
        for held in rig.advisor.state.mine:
            await rig.advisor.finish(held.id)
        await rig.advisor.be(Presence.AVAILABLE)
        for _ in range(2):
            await rig.advisor.finish((await rig.advisor.take()).id)


def _is_active(contact: str, state: DeskState) -> bool:
    return state.contacts[contact].state is ContactState.ACTIVE


def _waiting(state: DeskState, channel: Channel) -> int:
    return sum(c.state is ContactState.QUEUED and c.channel is channel for c in state.contacts.values())
