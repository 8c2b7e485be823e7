"""A citizen writes a mail; the answer reaches them, in the same thread and in their letters."""

from email.message import EmailMessage
from email.utils import make_msgid

from catgem_tui.desk.intents import Send
from catgem_tui.protocol.enums import Author, Channel, Delivery, Presence
from catgem_tui.selftest.report import Report
from catgem_tui.selftest.rig import Rig

NAMES = ("mail.arrives", "mail.answered", "mail.in_reply_to", "mail.references", "mail.text")

QUESTION = "Buenos días: ¿dónde saco el acta de nacimiento de mi niña? — José Ñúñez 👶"
ANSWER = "Estimado José: en la Oficialía 01, de 9:00 a 15:00. ¡Mucho gusto! — Atención ciudadana 🌻"


async def run(rig: Rig, report: Report) -> None:
    earlier = make_msgid(domain="selftest.example")
    mail = EmailMessage()
    mail["From"] = "José Ñúñez <jose@selftest.example>"
    mail["To"] = "atencion@catgem.example"
    mail["Subject"] = "Acta de nacimiento de mi niña"
    mail["Message-ID"] = make_msgid(domain="selftest.example")
    mail["References"] = earlier
    mail.set_content(QUESTION)
    await rig.post(mail)

    await rig.advisor.be(Presence.AVAILABLE)
    contact = await rig.advisor.take()
    report.equal(
        "mail.arrives", "channel and subject", (contact.channel, contact.subject), (Channel.MAIL, mail["Subject"])
    )
    rig.advisor.desk.do(Send(contact=contact.id, text=ANSWER))
    answer = await rig.sink.wait_for(str(mail["Message-ID"]))
    await rig.advisor.until(
        lambda s: any(
            m.author is Author.ADVISOR and m.delivery is Delivery.SENT for m in s.messages.get(contact.id, ())
        )
    )
    report.add("mail.answered", True, "delivered, and marked so on the desk", "so it is")
    report.equal("mail.in_reply_to", "In-Reply-To", str(answer["In-Reply-To"]).strip(), str(mail["Message-ID"]))
    report.equal("mail.references", "References", str(answer["References"]).split(), [earlier, str(mail["Message-ID"])])
    body = answer.get_body(("plain",))
    text = body.get_content().strip() if body else ""
    report.add("mail.text", ANSWER in text, ANSWER, text[:200])
    await rig.advisor.finish(contact.id)
