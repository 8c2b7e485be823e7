"""Twenty messages each way arrive once, in order, with accents and emoji."""

from catgem_tui.desk.intents import Send
from catgem_tui.protocol.commands import EndContact
from catgem_tui.protocol.enums import Author, Channel, Presence
from catgem_tui.selftest.report import Report
from catgem_tui.selftest.rig import Rig
from catgem_tui.selftest.visitor import Visitor
from catgem_tui.selftest.worker import Worker

NAMES = ("chat.offered", "chat.to_advisor", "chat.to_citizen", "chat.survey_stored")

COUNT = 20
FROM_CITIZEN = tuple(f"Línea {n}: ¿dónde queda el Registro Civil de Acambay? ñandú 🌮" for n in range(COUNT))
FROM_ADVISOR = tuple(f"Respuesta {n}: sobre Av. Hidalgo, de 9 a 15 h. Pingüino 🏛️" for n in range(COUNT))


async def run(rig: Rig, report: Report) -> None:
    await rig.advisor.be(Presence.AVAILABLE)
    async with Visitor(rig.central.chat, "Marisol R.") as visitor:
        for number, text in enumerate(FROM_CITIZEN):
            await visitor.say(f"c{number}", text)
        contact = await rig.advisor.take()
        report.equal(
            "chat.offered", "channel and name", (contact.channel, contact.citizen.name), (Channel.CHAT, "Marisol R.")
        )
        for text in FROM_ADVISOR:
            rig.advisor.desk.do(Send(contact=contact.id, text=text))
        await visitor.until(lambda v: len(v.lines) >= COUNT)
        await rig.advisor.until(lambda s: len(said(rig.advisor, contact.id, Author.CITIZEN)) >= COUNT)
        report.equal(
            "chat.to_advisor", "lines at the advisor", said(rig.advisor, contact.id, Author.CITIZEN), FROM_CITIZEN
        )
        seen = tuple(line.text for line in visitor.lines)
        report.equal("chat.to_citizen", "lines on the page", seen, FROM_ADVISOR)
        rig.advisor.desk.do(EndContact(contact=contact.id))
        await visitor.until(lambda v: v.ended)
        await visitor.answer_survey(5)
        state = await rig.coordinator.until(
            lambda s: contact.id in s.contacts and s.contacts[contact.id].survey is not None
        )
        report.equal("chat.survey_stored", "answer", state.contacts[contact.id].survey, 5)
        await rig.advisor.finish(contact.id)


def said(worker: Worker, contact: str, author: Author) -> tuple[str, ...]:
    """What one side has said, as the desk shows it."""
    return tuple(m.text for m in worker.state.messages.get(contact, ()) if m.author is author)
