"""The actor with the real queue and a real store: nothing is told before it is on disk."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import event

from catgem_tui.central.actor import Actor
from catgem_tui.central.auth.accounts import create_user
from catgem_tui.central.ports import (
    AdvisorCommand,
    AdvisorConnected,
    CitizenWrote,
    ContactArrived,
    Deliver,
    Effect,
    Inbox,
    Join,
    StorageFailed,
)
from catgem_tui.central.queue import QueueRules, UniversalQueue
from catgem_tui.central.queue.rules import DEFAULT_CHANNELS
from catgem_tui.central.store import floor
from catgem_tui.central.store.database import Database, sqlite_url
from catgem_tui.central.store.users import read_users
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import AdvisorState, Author, Channel, ContactState, Presence, Refusal, Role
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import Colleague, Message, QueueSummary, Struct, User
from tests.central_house import eventually

PASSWORD = "una-clave-larga"


@dataclass
class Listeners:
    """Stands for the live lines."""

    events: list[floor.LoggedEvent] = field(default_factory=list)
    summaries: list[QueueSummary] = field(default_factory=list)
    colleagues: list[tuple[Colleague, ...]] = field(default_factory=list)
    published: Callable[[], None] = lambda: None

    def publish(self, events: Sequence[floor.LoggedEvent]) -> None:
        self.events.extend(events)
        self.published()

    def summarize(self, summary: QueueSummary) -> None:
        self.summaries.append(summary)

    def show_colleagues(self, colleagues: tuple[Colleague, ...]) -> None:
        self.colleagues.append(colleagues)


class Page:
    """A chat channel that only writes down what it is to do."""

    channel = Channel.CHAT

    def __init__(self) -> None:
        self.performed: list[Effect] = []
        self.fault: Exception | None = None

    async def start(self, inbox: Inbox) -> None: ...

    async def stop(self) -> None: ...

    async def perform(self, effect: Effect) -> None:
        self.performed.append(effect)
        if self.fault is not None:
            raise self.fault


@dataclass
class House:
    database: Database
    actor: Actor
    listeners: Listeners
    page: Page
    user: User

    async def ask(self, body: Struct, command: str = "") -> Refused | None:
        return await self.actor.submit(AdvisorCommand(advisor=self.user.id, id=command or new_id(), body=body))

    async def arrive(self) -> str:
        contact = new_id()
        arrived = ContactArrived(contact=contact, channel=Channel.CHAT, first=said(contact, "Buenos días"))
        assert await self.actor.submit(arrived) is None
        return contact

    async def talk(self) -> str:
        """An active chat of the advisor."""
        await self.actor.submit(AdvisorConnected(advisor=self.user.id))
        assert await self.ask(commands.SetPresence(presence=Presence.AVAILABLE)) is None
        contact = await self.arrive()
        assert await self.ask(commands.AcceptOffer(contact=contact)) is None
        return contact

    async def state(self, contact: str) -> ContactState | None:
        found = await self.actor.look(lambda queue: queue.contact(contact))
        return found.state if found else None

    async def is_in(self, contact: str, state: ContactState) -> bool:
        return await self.state(contact) is state


def said(contact: str, text: str) -> Message:
    return Message(id=new_id(), contact=contact, author=Author.CITIZEN, text=text, sent_at=1.0)


def quick_rules(**figures: float) -> QueueRules:
    channels = {channel: replace(rules, **figures) for channel, rules in DEFAULT_CHANNELS.items()}  # type: ignore[arg-type]
    return QueueRules(channels=channels)


@asynccontextmanager
async def working(path: Path, rules: QueueRules | None = None) -> AsyncIterator[House]:
    database = Database(sqlite_url(path / "central.sqlite"))
    await database.migrate()
    async with database.read() as connection:
        user = next(iter(await read_users(connection)), None)
    if user is None:
        user = await create_user(database, username="ana", name="Ana", role=Role.ADVISOR, password=PASSWORD)
    listeners, page = Listeners(), Page()
    actor = Actor(database, rules or QueueRules(), listeners, new_token=lambda: uuid.uuid4().hex)
    await actor.start([Channel.CHAT])
    actor.attach(page)
    try:
        yield House(database, actor, listeners, page, user)
    finally:
        await actor.stop()
        await database.close()


async def fill(database: Database) -> None:
    """From now on the disk is full: SQLite refuses to grow beyond its present size."""
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1")


async def empty(database: Database) -> None:
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")


async def test_it_is_on_disk_before_anyone_is_told(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        seen: list[int] = []
        other = sqlite3.connect(tmp_path / "central.sqlite")

        def look() -> None:
            seen.append(other.execute("select count(*) from contacts").fetchone()[0])

        house.listeners.published = look
        await house.arrive()
        other.close()
        assert seen == [1]


async def test_what_happens_at_once_is_one_transaction(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        commits = 0

        @event.listens_for(house.database.writer.sync_engine, "commit")
        def count(_: object) -> None:
            nonlocal commits
            commits += 1

        before = house.actor.cursor
        await asyncio.gather(*(house.arrive() for _ in range(100)))
        assert commits <= 2  # the other is the pruning at the start
        numbers = [entry.seq for entry in house.listeners.events]
        assert numbers == list(range(before + 1, before + 1 + len(numbers)))
        assert house.actor.cursor == numbers[-1]


async def test_effects_reach_the_channel_in_order_and_a_faulty_channel_goes_on(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        house.page.fault = RuntimeError("roto")
        contact = await house.talk()
        for text in ("uno", "dos"):
            assert await house.ask(commands.SendChat(contact=contact, text=text)) is None
        await eventually(lambda: sum(isinstance(effect, Deliver) for effect in house.page.performed) == 2)
        joined = [type(effect) for effect in house.page.performed if isinstance(effect, Join | Deliver)]
        assert joined == [Join, Deliver, Deliver]
        texts = [effect.message.text for effect in house.page.performed if isinstance(effect, Deliver)]
        assert texts == ["uno", "dos"]


async def test_a_full_disk_refuses_everything_tells_nobody_and_changes_nothing(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        contact = await house.talk()
        cursor, told, done = house.actor.cursor, len(house.listeners.events), len(house.page.performed)
        before = await house.actor.look(lambda queue: queue.snapshot(house.user.id, 0.0))
        await fill(house.database)
        command = new_id()
        for _ in range(3):
            with pytest.raises(StorageFailed):
                await house.ask(commands.SendChat(contact=contact, text="x" * 4_000), command)
            with pytest.raises(StorageFailed):
                await house.actor.submit(CitizenWrote(message=said(contact, "x" * 4_000)))
        assert await house.actor.look(lambda queue: queue.snapshot(house.user.id, 0.0)) == before
        assert (house.actor.cursor, len(house.listeners.events), len(house.page.performed)) == (cursor, told, done)
        await empty(house.database)
        assert await house.ask(commands.SendChat(contact=contact, text="ya hay lugar"), command) is None
        assert house.listeners.events[told].seq == cursor + 1


async def test_a_deadline_that_cannot_be_written_is_tried_again_without_haste(tmp_path: Path) -> None:
    async with working(tmp_path, quick_rules(offer_timeout=0.2)) as house:
        await house.actor.submit(AdvisorConnected(advisor=house.user.id))
        await house.ask(commands.SetPresence(presence=Presence.AVAILABLE))
        contact = await house.arrive()
        assert await house.state(contact) is ContactState.OFFERED
        lock = sqlite3.connect(tmp_path / "central.sqlite", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(0.5)
        assert await house.state(contact) is ContactState.OFFERED
        lock.execute("ROLLBACK")
        lock.close()
        await eventually(lambda: house.is_in(contact, ContactState.QUEUED))


async def test_deadlines_come_in_time_and_nothing_runs_before_them(tmp_path: Path) -> None:
    async with working(tmp_path, quick_rules(offer_timeout=0.3)) as house:
        await house.actor.submit(AdvisorConnected(advisor=house.user.id))
        await house.ask(commands.SetPresence(presence=Presence.AVAILABLE))
        started = asyncio.get_running_loop().time()
        contact = await house.arrive()
        await eventually(lambda: house.is_in(contact, ContactState.QUEUED))
        assert asyncio.get_running_loop().time() - started > 0.25


async def test_a_repeated_command_gets_its_stored_answer_also_after_a_restart(tmp_path: Path) -> None:
    send, notes = new_id(), new_id()
    async with working(tmp_path) as house:
        contact = await house.talk()
        body = commands.SendChat(contact=contact, text="una sola vez")
        answers = await asyncio.gather(*(house.ask(body, send) for _ in range(5)))
        assert answers == [None] * 5
        stale = await house.ask(commands.SaveNotes(contact=contact, text="x", revision=9), notes)
        assert stale is not None and stale.code is Refusal.STALE
    async with working(tmp_path) as house:
        told = len(house.listeners.events)
        assert await house.ask(body, send) is None
        assert await house.ask(commands.SaveNotes(contact=contact, text="x", revision=9), notes) == stale
        assert len(house.listeners.events) == told
        async with house.database.read() as connection:
            texts = [message.text for message in await floor.read_messages(connection, [contact])]
        assert texts.count("una sola vez") == 1


async def test_a_restart_loses_no_contact_no_message_and_goes_on_counting(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        talking = await house.talk()
        waiting = [await house.arrive() for _ in range(5)]
        cursor = house.actor.cursor
        folios = {await house.actor.look(lambda queue, c=c: queue.contact(c).folio) for c in [talking, *waiting]}  # type: ignore[union-attr,misc]
    async with working(tmp_path) as house:
        assert house.actor.cursor >= cursor
        assert await house.state(talking) is ContactState.ACTIVE
        for contact in waiting:
            assert await house.state(contact) in {ContactState.QUEUED, ContactState.OFFERED}
            assert house.actor.knows(contact)
        another = await house.arrive()
        found = await house.actor.look(lambda queue: queue.contact(another))
        assert found is not None and found.folio not in folios
        assert house.listeners.events[-1].seq > cursor


async def test_a_fault_of_the_queue_refuses_one_happening_and_not_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(tmp_path) as house:
        step = UniversalQueue.step

        def faulty(queue: UniversalQueue, happening: object, now: float) -> object:
            if isinstance(happening, ContactArrived) and happening.subject == "veneno":
                raise RuntimeError("roto")
            return step(queue, happening, now)  # type: ignore[arg-type]

        monkeypatch.setattr(UniversalQueue, "step", faulty)
        good, bad = new_id(), new_id()
        answers = await asyncio.gather(
            house.actor.submit(ContactArrived(contact=bad, channel=Channel.CHAT, subject="veneno")),
            house.actor.submit(ContactArrived(contact=good, channel=Channel.CHAT)),
        )
        assert answers == [Refused(code=Refusal.UNAVAILABLE), None]
        assert (house.actor.knows(bad), house.actor.knows(good)) == (False, True)


async def test_a_look_that_fails_is_the_lookers_trouble(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        with pytest.raises(ZeroDivisionError):
            await house.actor.look(lambda queue: 1 / 0)
        await house.arrive()


async def test_an_actor_that_breaks_says_so_instead_of_hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with working(tmp_path) as house:
        monkeypatch.setattr(UniversalQueue, "keep", lambda queue: 1 / 0)
        with pytest.raises(StorageFailed):
            await house.actor.submit(ContactArrived(contact=new_id(), channel=Channel.CHAT))
        async with asyncio.timeout(5):
            await house.actor.broken.wait()
        with pytest.raises(StorageFailed):
            await house.actor.submit(AdvisorConnected(advisor=house.user.id))


async def test_what_comes_after_the_end_is_not_left_waiting(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        pass
    with pytest.raises(StorageFailed):
        await house.actor.submit(AdvisorConnected(advisor=house.user.id))


async def test_summaries_are_few_and_end_with_the_truth(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        for _ in range(60):
            await house.arrive()
        await eventually(lambda: house.listeners.summaries and house.listeners.summaries[-1].chats == 60)
        assert len(house.listeners.summaries) < 30
        told = len(house.listeners.summaries)
        await asyncio.sleep(0.6)
        assert len(house.listeners.summaries) == told


async def test_who_is_on_duty_is_told_when_it_changes(tmp_path: Path) -> None:
    async with working(tmp_path) as house:
        await house.talk()
        await eventually(lambda: house.listeners.colleagues)
        await eventually(lambda: house.listeners.colleagues[-1][0].state is AdvisorState.BUSY)
        assert [each.id for each in house.listeners.colleagues[-1]] == [house.user.id]
