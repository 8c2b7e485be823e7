"""Mail over real sockets: in from swaks and smtplib, out to a real SMTP server."""

import asyncio
import smtplib
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope

from catgem_tui.central.mail.channel import MailChannel, MailSettings
from catgem_tui.central.mail.sending import RelaySettings
from catgem_tui.central.mail.smtp import DoorSettings
from catgem_tui.central.ports import CitizenWrote, ContactArrived, DeliveryChanged, PortTaken
from catgem_tui.protocol.enums import Delivery
from catgem_tui.protocol.model import MailHeaders
from tests.citizen_floor import Floor

MB = 1024 * 1024


@pytest.fixture
def floor() -> Floor:
    return Floor()


@asynccontextmanager
async def channel_on(
    floor: Floor, *, door: DoorSettings | None = None, relay: RelaySettings | None = None
) -> AsyncIterator[MailChannel]:
    channel = MailChannel(floor, MailSettings(door=door or DoorSettings(port=0), relay=relay or RelaySettings()))
    await channel.start(floor)
    try:
        yield channel
    finally:
        await channel.stop()


def a_mail(text: str = "¿Cuánto cuesta el reemplacamiento?", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    given = {"From": "Ana Peña <ana@example.org>", "To": "atencion@example.org", "Subject": "Reemplacamiento"}
    for name, value in (given | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        mail[name] = value
    mail.set_content(text)
    return mail


async def send(port: int, mail: EmailMessage | bytes, *, sender: str = "ana@example.org") -> tuple[int, bytes]:
    """The server's answer to the mail's end."""

    def talk() -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.ehlo("client.example")
            client.mail(sender)
            client.rcpt("atencion@example.org")
            return client.data(mail if isinstance(mail, bytes) else mail.as_bytes(policy=policy.SMTP))

    return await asyncio.to_thread(talk)


async def swaks(program: Path, port: int, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        program,
        "--server",
        "127.0.0.1",
        "--port",
        str(port),
        "--to",
        "atencion@example.org",
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _none = await process.communicate()
    return process.returncode or 0, output.decode("utf-8", "replace")


async def test_swaks_brings_a_contact(floor: Floor, require_program: Callable[[str], Path], tmp_path: Path) -> None:
    attachment = tmp_path / "acta.pdf"
    attachment.write_bytes(b"%PDF-1.4 " + bytes(5000))
    async with channel_on(floor) as channel:
        status, output = await swaks(
            require_program("swaks"),
            channel.port,
            "--from",
            "ana@example.org",
            "--header",
            "Subject: Acta",
            "--body",
            "Necesito mi acta.",
            "--attach-type",
            "application/pdf",
            "--attach-name",
            "acta.pdf",
            "--attach",
            f"@{attachment}",
        )
    assert status == 0, output
    (arrived,) = floor.of(ContactArrived)
    assert isinstance(arrived, ContactArrived)
    assert (arrived.subject, arrived.citizen.email, arrived.priority) == ("Acta", "ana@example.org", 0)
    assert arrived.first is not None
    assert arrived.first.mail is not None
    assert arrived.first.text == "Necesito mi acta."
    assert arrived.first.mail.attachments == (("acta.pdf", "application/pdf", 5009),)


async def test_stored_before_it_is_accepted(floor: Floor) -> None:
    floor.delay = 0.2
    async with channel_on(floor) as channel:
        code, _words = await send(channel.port, a_mail())
        assert (code, len(floor.happened)) == (250, 1)


async def test_a_full_disk_makes_the_sender_try_again(floor: Floor) -> None:
    floor.broken = True
    mail = a_mail(Message_ID="<1@example.org>")
    async with channel_on(floor) as channel:
        assert (await send(channel.port, mail))[0] == 451
        floor.broken = False
        assert (await send(channel.port, mail))[0] == 250
    assert len(floor.happened) == 1


async def test_a_mail_sent_again_arrives_once(floor: Floor) -> None:
    floor.delay = 0.05
    mail = a_mail(Message_ID="<1@example.org>")
    async with channel_on(floor) as channel:
        answers = await asyncio.gather(*(send(channel.port, mail) for _ in range(4)))
    async with channel_on(floor) as channel:
        answers.append(await send(channel.port, mail))
    assert [code for code, _words in answers] == [250] * 5
    assert len(floor.happened) == 1


async def test_a_sender_who_hangs_up_before_the_answer_is_not_lost(floor: Floor) -> None:
    floor.delay = 0.3
    async with channel_on(floor) as channel:
        reader, writer = await asyncio.open_connection("127.0.0.1", channel.port)
        writer.write(b"HELO x\r\nMAIL FROM:<a@x.mx>\r\nRCPT TO:<b@x.mx>\r\nDATA\r\n")
        while not (await reader.readline()).startswith(b"354"):
            pass
        writer.write(b"From: a@x.mx\r\n\r\nHola\r\n.\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)  # the commit is under way
        writer.close()
        await floor.until(lambda: floor.happened)


async def test_answers_join_the_open_contact_and_later_ones_begin_another(floor: Floor) -> None:
    async with channel_on(floor) as channel:
        await send(channel.port, a_mail(Message_ID="<1@example.org>"))
        (contact,) = floor.contacts
        await floor.write(channel, contact, "Cuesta 800 pesos.", MailHeaders(message_id="<ours@centre>"))
        await send(channel.port, a_mail("Gracias", Message_ID="<2@example.org>", In_Reply_To="<ours@centre>"))
        assert [type(h) for h in floor.happened if not isinstance(h, DeliveryChanged)] == [ContactArrived, CitizenWrote]
        await floor.finish(channel, contact)
        await send(channel.port, a_mail("Otra cosa", Message_ID="<3@example.org>", References="<1@example.org>"))
        assert len(floor.of(ContactArrived)) == 2


async def test_a_mail_without_from(floor: Floor) -> None:
    async with channel_on(floor) as channel:
        assert (await send(channel.port, b"Subject: x\r\n\r\nTexto\r\n"))[0] == 250
    (arrived,) = floor.happened
    assert isinstance(arrived, ContactArrived)
    assert arrived.citizen.email == ""


async def test_bounces_are_kept_and_come_last(floor: Floor) -> None:
    async with channel_on(floor) as channel:
        assert (await send(channel.port, a_mail(), sender=""))[0] == 250
    (arrived,) = floor.happened
    assert isinstance(arrived, ContactArrived)
    assert arrived.priority < 0


async def test_a_giant_mail_is_refused_by_its_announced_size(
    floor: Floor, require_program: Callable[[str], Path]
) -> None:
    async with channel_on(floor) as channel:

        def announce() -> tuple[int, bytes]:
            with smtplib.SMTP("127.0.0.1", channel.port, timeout=60) as client:
                client.ehlo()
                assert client.has_extn("size")
                return client.mail("a@x.mx", [f"SIZE={50 * MB}"])

        assert (await asyncio.to_thread(announce))[0] == 552


async def test_a_giant_mail_that_was_not_announced_is_refused_and_the_next_one_is_not(floor: Floor) -> None:
    line = b"x" * 76 + b"\r\n"
    async with channel_on(floor, door=DoorSettings(port=0, size_limit=2 * MB)) as channel:
        code, _words = await send(channel.port, b"From: a@x.mx\r\n\r\n" + line * (4 * MB // 78))
        assert code == 552
        assert (await send(channel.port, a_mail()))[0] == 250
    assert len(floor.happened) == 1


async def test_one_endless_line_is_cut_off(floor: Floor) -> None:
    async with channel_on(floor, door=DoorSettings(port=0, size_limit=MB)) as channel:
        reader, writer = await asyncio.open_connection("127.0.0.1", channel.port)
        writer.write(b"HELO x\r\nMAIL FROM:<a@x.mx>\r\nRCPT TO:<b@x.mx>\r\nDATA\r\n")
        sent = 0
        with pytest.raises(ConnectionError):
            while sent < 64 * MB:
                writer.write(b"x" * 65536)
                await writer.drain()
                sent += 65536
        assert sent < 16 * MB
        writer.close()
        del reader
        assert (await send(channel.port, a_mail()))[0] == 250


async def test_a_long_html_line_is_accepted(floor: Floor) -> None:
    source = b"From: a@x.mx\r\nContent-Type: text/html\r\n\r\n<p>" + b"hola " * 20_000 + b"</p>\r\n"
    async with channel_on(floor) as channel:
        assert (await send(channel.port, source))[0] == 250


async def test_mail_for_others_is_refused(floor: Floor) -> None:
    async with channel_on(floor, door=DoorSettings(port=0, accepted=("Otra@example.org", "centro.example"))) as channel:

        def talk() -> list[int]:
            with smtplib.SMTP("127.0.0.1", channel.port, timeout=60) as client:
                client.ehlo()
                client.mail("a@x.mx")
                return [client.rcpt(to)[0] for to in ("nadie@example.org", "otra@example.org", "a@Centro.example")]

        assert await asyncio.to_thread(talk) == [550, 250, 250]


async def test_too_many_connections_are_asked_to_come_later(floor: Floor) -> None:
    async with channel_on(floor, door=DoorSettings(port=0, connections=1)) as channel:
        reader, writer = await asyncio.open_connection("127.0.0.1", channel.port)
        assert (await reader.readline()).startswith(b"220")
        second, other = await asyncio.open_connection("127.0.0.1", channel.port)
        assert (await second.readline()).startswith(b"421")
        other.close()
        writer.close()


async def test_a_taken_port_is_said(floor: Floor) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken):
            async with channel_on(floor, door=DoorSettings(port=taken.getsockname()[1])):
                pass


class Relay:
    """A real SMTP server that gives the answers it was told, then 250."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.taken: list[Envelope] = []
        self.tried = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Relay":
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, loop=loop, hostname="relay"), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exception: object) -> None:
        assert self._server is not None
        self._server.close()

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        self.tried += 1
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(envelope)
        return "250 OK"

    def settings(self) -> RelaySettings:
        return RelaySettings(
            host="127.0.0.1",
            port=self.port,
            security="plain",
            sender="Atención Ciudadana <atencion@example.org>",
            first_retry=0.05,
            timeout=10,
        )


ANSWER = MailHeaders(
    subject="Re: Reemplacamiento – ¿costo?",
    sender="atencion@example.org",
    to=("ana@example.org",),
    message_id="<fixed@centre>",
    in_reply_to="<" + "a" * 120 + "@example.org>",
    references=("<0@example.org>", "<" + "a" * 120 + "@example.org>"),
)


async def answer(floor: Floor, channel: MailChannel, text: str, mail: MailHeaders = ANSWER) -> str:
    await send(channel.port, a_mail())
    (contact,) = floor.contacts
    message = await floor.write(channel, contact, text, mail)
    return message.id


async def test_an_answer_reaches_the_relay(floor: Floor) -> None:
    text = "Buenos días, Ana:\n\nCuesta $845.00 – pague en línea.\n.\nFrom aquí 👩🏽‍💻 " + "ñ" * 2000
    async with Relay() as relay, channel_on(floor, relay=relay.settings()) as channel:
        message = await answer(floor, channel, text)
        await floor.until(lambda: floor.of(DeliveryChanged))
    (envelope,) = relay.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("atencion@example.org", ["ana@example.org"])
    assert isinstance(envelope.original_content, bytes)
    mail = message_from_bytes(envelope.original_content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert str(mail["From"]) == "Atención Ciudadana <atencion@example.org>"
    assert mail["Subject"] == ANSWER.subject
    assert mail["Message-ID"] == "<fixed@centre>"
    assert mail["In-Reply-To"] == ANSWER.in_reply_to
    assert tuple(mail["References"].split()) == ANSWER.references
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == text
    assert all(len(line) <= 998 for line in envelope.original_content.split(b"\r\n"))
    assert envelope.original_content.isascii()
    assert floor.said[message].delivery is Delivery.SENT


async def test_a_busy_relay_is_tried_again_with_the_same_message_id(floor: Floor) -> None:
    async with Relay("451 later", "421 later") as relay, channel_on(floor, relay=relay.settings()) as channel:
        message = await answer(floor, channel, "Hola")
        await floor.until(lambda: floor.of(DeliveryChanged))
        assert (relay.tried, len(relay.taken)) == (3, 1)
        assert floor.of(DeliveryChanged) == [DeliveryChanged(contact=next(iter(floor.contacts)), message=message)]


async def test_a_refused_answer_is_said_with_the_relays_words(floor: Floor) -> None:
    async with Relay("550 5.1.1 No such user") as relay, channel_on(floor, relay=relay.settings()) as channel:
        await answer(floor, channel, "Hola")
        await floor.until(lambda: floor.of(DeliveryChanged))
    (changed,) = floor.of(DeliveryChanged)
    assert isinstance(changed, DeliveryChanged)
    assert changed.error == "rejected 550 5.1.1 No such user"


@pytest.mark.parametrize(
    ("mail", "error"),
    [
        (MailHeaders(message_id="<1@x>"), "no_recipient"),
        (MailHeaders(message_id="<1@x>", to=("sin arroba",)), "bad_address"),
        (MailHeaders(message_id="<1@x>", to=("a@x.mx\r\nBcc: all@x.mx",)), "bad_address"),
    ],
)
async def test_answers_that_cannot_be_addressed(floor: Floor, mail: MailHeaders, error: str) -> None:
    async with Relay() as relay, channel_on(floor, relay=relay.settings()) as channel:
        await answer(floor, channel, "Hola", mail)
        await floor.until(lambda: floor.of(DeliveryChanged))
    assert [changed.error for changed in floor.of(DeliveryChanged) if isinstance(changed, DeliveryChanged)] == [error]
    assert relay.tried == 0


async def test_without_a_relay_nothing_pretends_to_be_sent(floor: Floor) -> None:
    async with channel_on(floor) as channel:
        message = await answer(floor, channel, "Hola")
        await floor.until(lambda: floor.of(DeliveryChanged))
    assert floor.said[message].delivery is Delivery.FAILED


async def test_what_was_pending_goes_out_after_a_restart(floor: Floor, free_port: Callable[[], int]) -> None:
    relay = Relay()
    relay.port = free_port()
    async with channel_on(floor, relay=relay.settings()) as channel:
        message = await answer(floor, channel, "Hola")
    assert floor.said[message].delivery is Delivery.PENDING
    async with relay, channel_on(floor, relay=relay.settings()):
        await floor.until(lambda: floor.of(DeliveryChanged))
    assert len(relay.taken) == 1


async def test_a_sent_mail_is_not_sent_again_while_the_store_is_down(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.central.mail.sending._STORE_AGAIN", 0.05)
    async with Relay() as relay, channel_on(floor, relay=relay.settings()) as channel:
        await send(channel.port, a_mail())
        floor.broken = True
        await floor.write(channel, next(iter(floor.contacts)), "Hola", ANSWER)
        await floor.until(lambda: floor.failed)
        floor.broken = False
        await floor.until(lambda: floor.of(DeliveryChanged))
        assert relay.tried == 1
