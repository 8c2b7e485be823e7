"""Simulated citizens by chat and by mail, against the real channels."""

import asyncio
import contextlib
from collections.abc import Callable
from random import Random

from catgem_tui.central.mail.channel import MailChannel, MailSettings
from catgem_tui.central.mail.smtp import DoorSettings
from catgem_tui.central.ports import CitizenWrote, ContactArrived
from catgem_tui.citizens import phrases
from catgem_tui.citizens.arrivals import Arrivals
from catgem_tui.citizens.chatter import Chatter
from catgem_tui.citizens.mailer import Mailer
from catgem_tui.protocol.enums import Channel
from tests.chat_server import serving
from tests.citizen_floor import Floor


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - simulated citizens have no secrets


async def test_a_chatter_asks_answers_and_is_asked(free_port: Callable[[], int]) -> None:
    floor, port = Floor(), free_port()
    citizen = Chatter(url=f"ws://127.0.0.1:{port}/chat/socket", random=chance(4), pace=0.0)
    visit = asyncio.create_task(citizen.run())
    async with serving(floor, port) as channel:
        await floor.until(lambda: floor.contacts)
        (contact,) = floor.contacts
        await floor.join(channel, contact, "marisol")
        await floor.write(channel, contact, "Buenas tardes, con gusto.")
        await floor.until(lambda: len(floor.of(CitizenWrote)) == 1)
    # central is gone for a moment, and the advisor writes as soon as it is back
    async with serving(floor, port) as channel:
        await floor.write(channel, contact, "Cuesta 93 pesos.")
        await floor.until(lambda: len(floor.of(CitizenWrote)) == 2)
        await floor.finish(channel, contact)
        async with asyncio.timeout(20):
            await visit
    assert citizen.heard == ["Buenas tardes, con gusto.", "Cuesta 93 pesos."]
    said = [message.text for message in await floor.messages(contact) if message.text not in citizen.heard]
    assert citizen.said == said
    assert citizen.score == floor.contacts[contact].survey
    assert len(floor.of(ContactArrived)) == 1


async def test_a_chatter_loses_patience(free_port: Callable[[], int]) -> None:
    floor, port = Floor(), free_port()
    async with serving(floor, port), asyncio.timeout(20):
        await Chatter(url=f"ws://127.0.0.1:{port}/chat/socket", random=chance(1), patience=0.3).run()


async def test_mailers_bring_mails_that_can_be_answered() -> None:
    floor = Floor()
    channel = MailChannel(floor, MailSettings(door=DoorSettings(port=0)))
    await channel.start(floor)
    mailer = Mailer("127.0.0.1", channel.port)
    mails = [mailer.write(chance(seed)) for seed in range(12)]
    await asyncio.gather(*(mailer.send(mail) for mail in mails))
    await channel.stop()
    arrived = [happening for happening in floor.happened if isinstance(happening, ContactArrived)]
    assert {one.citizen.email for one in arrived} == {mail["From"].addresses[0].addr_spec for mail in mails}
    assert {one.citizen.name for one in arrived} == {mail["From"].addresses[0].display_name for mail in mails}
    assert all(one.subject and one.first is not None and "Gracias" in one.first.text for one in arrived)


async def test_a_mailer_tries_again_when_it_is_asked_to() -> None:
    floor = Floor()
    channel = MailChannel(floor, MailSettings(door=DoorSettings(port=0)))
    await channel.start(floor)
    floor.broken = True
    mailer = Mailer("127.0.0.1", channel.port)
    sending = asyncio.create_task(mailer.send(mailer.write(chance(1))))
    await asyncio.sleep(0.3)
    assert not sending.done()
    floor.broken = False
    await sending
    await channel.stop()
    assert len(floor.happened) == 1


def test_phrases_are_complete() -> None:
    random = chance(1)
    for enquiry in phrases.ENQUIRIES:
        person = phrases.make_person(random)
        words = [phrases.make_question(random, person, enquiry), *phrases.make_follow_ups(random, person, enquiry)]
        assert not any("{" in line for line in words)
        assert person.email.isascii()


class Visits:
    """Notes when which citizen came; the source gives them an end."""

    def __init__(self, *, lasting: float = 0.0, failing: bool = False) -> None:
        self.came: list[tuple[str, float]] = []
        self.now = self.most = 0
        self.lasting, self.failing = lasting, failing

    def by(self, channel: Channel) -> Callable[[Random], asyncio.Future[None]]:
        async def visit(random: Random) -> None:
            self.now += 1
            self.most = max(self.most, self.now)
            self.came.append((channel.value, random.random()))
            try:
                await asyncio.sleep(self.lasting)
                if self.failing:
                    raise RuntimeError("a citizen's trouble")
            finally:
                self.now -= 1

        return visit  # type: ignore[return-value]

    def all(self) -> dict[Channel, Callable[[Random], asyncio.Future[None]]]:
        return {channel: self.by(channel) for channel in Channel}


async def run_for(arrivals: Arrivals, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await arrivals.run()


async def test_nobody_comes_at_rate_nought() -> None:
    visits = Visits()
    async with asyncio.timeout(1):
        await Arrivals(visits.all(), rate=0).run()
    assert visits.came == []


async def test_the_first_citizen_comes_at_once_and_a_seed_repeats_the_day() -> None:
    days = []
    for _ in range(2):
        visits = Visits(failing=True)
        await run_for(Arrivals(visits.all(), rate=1, seed=7, first_after=0.0), 0.2)
        days.append(visits.came)
    assert len(days[0]) == 1
    assert days[0] == days[1]


async def test_many_come_by_every_channel_but_no_more_at_a_time_than_allowed() -> None:
    visits = Visits(lasting=0.01)
    await run_for(Arrivals(visits.all(), rate=3600 * 400, seed=1, most=3, first_after=0.0), 1.0)
    assert visits.most == 3
    assert {channel for channel, _chance in visits.came} == {"call", "chat", "mail"}
    assert visits.now == 0


async def test_a_channel_without_weight_is_left_out() -> None:
    visits = Visits()
    mix = {Channel.CHAT: 1.0}
    await run_for(Arrivals(visits.all(), rate=3600 * 100, mix=mix, seed=1, first_after=0.0), 0.2)
    assert {channel for channel, _chance in visits.came} == {"chat"}
