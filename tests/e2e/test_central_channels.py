"""Central with its channels put together from the settings: what a citizen does reaches an advisor's desk, and back."""

import asyncio
import email
import email.policy
import json
import smtplib
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from catgem_tui.central.app import Central
from catgem_tui.central.ports import ContactArrived
from catgem_tui.central.queue import ChannelRules, QueueRules
from catgem_tui.central.rules import rules_of
from catgem_tui.central.store.floor import read_undelivered
from catgem_tui.config.settings import Chat, Mail, Relay, Settings
from catgem_tui.protocol import commands, events
from catgem_tui.protocol.enums import Author, Channel, ContactState, Delivery, Outcome, Presence
from catgem_tui.protocol.events import CitizenTyping, ContactChanged, MessageAdded
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Citizen, Contact, MailHeaders, Message
from catgem_tui.protocol.session import SignalArrived
from tests.central_house import Desk, desk_of, eventually, hire, running_central


class Sink:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.mails: asyncio.Queue[EmailMessage] = asyncio.Queue()
        self.port = 0

    async def handle_DATA(self, _server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self.mails.put_nowait(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    kept = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(kept), "127.0.0.1", 0)
    kept.port = server.sockets[0].getsockname()[1]
    yield kept
    server.close()
    await server.wait_closed()


@pytest.fixture
async def house(tmp_path: Path, sink: Sink) -> AsyncIterator[Central]:
    relay = Relay(host="127.0.0.1", port=sink.port, tls=False)
    async with running_central(tmp_path / "data", chat=Chat(), mail=Mail(port=0, relay=relay)) as central:
        yield central


async def next_offer(desk: Desk) -> Contact:
    def offered() -> Contact | None:
        contacts = [it.body.contact for it in desk.events() if isinstance(it.body, ContactChanged)]
        return next((contact for contact in contacts if contact.state is ContactState.OFFERED), None)

    assert await desk.command(commands.SetPresence(presence=Presence.AVAILABLE)) is None
    contact: Contact = await desk.until(offered)
    assert await desk.command(commands.AcceptOffer(contact=contact.id)) is None
    return contact


async def test_a_mail_is_offered_answered_and_threaded(house: Central, sink: Sink) -> None:
    await hire(house, "ana")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Luz <luz@ejemplo.mx>", "atencion@catgem.example", "Mi acta 🙂"
    mail["Message-ID"] = "<uno@ejemplo.mx>"
    mail.set_content("¿Dónde tramito mi acta?")
    host, port = house.health().smtp.split(":")

    def send() -> None:
        with smtplib.SMTP(host, int(port), timeout=10) as client:
            client.send_message(mail)

    await asyncio.to_thread(send)
    async with desk_of(house, "ana") as desk:
        await desk.ready()
        contact = await next_offer(desk)
        assert (contact.channel, contact.subject, contact.citizen.email) == (
            Channel.MAIL,
            "Mi acta 🙂",
            "luz@ejemplo.mx",
        )
        assert await desk.command(commands.SendMail(contact=contact.id, text="En el Registro Civil, señora.")) is None
        async with asyncio.timeout(15):
            answer = await sink.mails.get()
        assert answer["In-Reply-To"] == "<uno@ejemplo.mx>"
        assert "luz@ejemplo.mx" in answer["To"]
        assert "En el Registro Civil, señora." in answer.get_content()
        await desk.until(
            lambda: any(
                isinstance(it.body, MessageAdded)
                and it.body.message.mail is not None
                and it.body.message.author == "advisor"
                and it.body.message.delivery is Delivery.SENT
                for it in desk.events()
            )
        )


async def test_a_mail_that_could_not_be_sent_goes_out_once_after_a_restart(
    tmp_path: Path, sink: Sink, free_port: Callable[[], int]
) -> None:
    nowhere = Mail(port=0, relay=Relay(host="127.0.0.1", port=free_port(), tls=False))
    async with running_central(tmp_path / "data", mail=nowhere) as house:
        await hire(house, "ana")
        arrived = Message(
            id=new_id(),
            contact=new_id(),
            author=Author.CITIZEN,
            text="¿Y mi acta?",
            sent_at=1.0,
            mail=MailHeaders(subject="Acta", sender="luz@ejemplo.mx", message_id="<dos@ejemplo.mx>"),
        )
        contact = arrived.contact
        citizen = Citizen(email="luz@ejemplo.mx")
        assert (
            await house.actor.submit(
                ContactArrived(contact=contact, channel=Channel.MAIL, citizen=citizen, subject="Acta", first=arrived)
            )
            is None
        )
        async with desk_of(house, "ana") as desk:
            await desk.ready()
            await next_offer(desk)
            assert await desk.command(commands.SendMail(contact=contact, text="Aquí está.")) is None
            assert await desk.command(commands.EndContact(contact=contact)) is None
            closed = commands.CloseContact(
                contact=contact, disposition=house.settings.centre.default_disposition, outcome=Outcome.RESOLVED
            )
            assert await desk.command(closed) is None
    relay = Relay(host="127.0.0.1", port=sink.port, tls=False)
    async with running_central(tmp_path / "data", mail=Mail(port=0, relay=relay)) as house:
        async with asyncio.timeout(15):
            answer = await sink.mails.get()
        assert answer["In-Reply-To"] == "<dos@ejemplo.mx>"

        async def sent() -> bool:
            async with house.database.read() as connection:
                return not await read_undelivered(connection)

        await eventually(sent)
    assert sink.mails.empty()


async def test_a_citizens_page_reaches_the_desk_and_hears_back(house: Central) -> None:
    await hire(house, "ana")
    async with httpx.AsyncClient(trust_env=False) as client:
        page = await client.get(f"{house.url}{house.health().chat}")
        assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")
    address = house.url.replace("http", "ws") + "/chat/socket"
    async with websockets.connect(address, proxy=None) as citizen, desk_of(house, "ana") as desk:

        async def hear(kind: str) -> dict[str, Any]:
            async with asyncio.timeout(15):
                while True:
                    frame: dict[str, Any] = json.loads(await citizen.recv())
                    if frame["t"] == kind:
                        return frame

        await desk.ready()
        await citizen.send(json.dumps({"t": "start", "consent": True, "name": "Luz"}))
        await hear("welcome")
        await citizen.send(json.dumps({"t": "say", "id": "1", "text": "Buenos días"}))
        await hear("said")
        contact = await next_offer(desk)
        await hear("joined")
        await citizen.send(json.dumps({"t": "typing"}))
        await desk.until(
            lambda: any(
                isinstance(it, SignalArrived) and it.body == CitizenTyping(contact=contact.id) for it in desk.seen
            )
        )
        assert await desk.command(commands.SendChat(contact=contact.id, text="¿En qué le sirvo?")) is None
        while "¿En qué le sirvo?" not in json.dumps(await hear("message"), ensure_ascii=False):
            pass
        assert desk.session.cursors[events.FLOOR] == house.actor.cursor


def test_the_rules_say_what_the_settings_say() -> None:
    settings = Settings()
    rules = rules_of(settings)
    assert rules.name == settings.centre.name
    assert [option.id for option in rules.queues] == [option.id for option in settings.centre.queues]
    assert rules.default_disposition in {option.id for option in rules.dispositions}
    for channel in Channel:
        wanted = getattr(settings.queue, channel.value)
        assert rules.channels[channel] == ChannelRules(
            target=wanted.target,
            capacity=wanted.capacity,
            interrupts=frozenset(Channel(it) for it in wanted.interrupts),
            offer_timeout=wanted.offer_timeout,
            wrap_up=wanted.wrap_up,
        )
        assert [step.id for step in rules.protocols[channel]] == [
            step.id for step in getattr(settings.centre.protocols, channel.value)
        ]
    assert isinstance(rules, QueueRules)
