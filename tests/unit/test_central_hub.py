"""Who is told what, and what the queue is told of who is there."""

import asyncio

import msgspec
import pytest

from catgem_tui.central.auth.roles import visible_record
from catgem_tui.central.live import hub as hub_module
from catgem_tui.central.live.fitting import fit_snapshot
from catgem_tui.central.live.hub import Hub, Line, visible_entry
from catgem_tui.central.ports import AdvisorConnected, AdvisorLost, Happening, StorageFailed
from catgem_tui.central.store.floor import LoggedEvent
from catgem_tui.protocol.enums import (
    AdvisorState,
    Author,
    Channel,
    ContactState,
    Monitoring,
    Presence,
    RecordKind,
    Role,
)
from catgem_tui.protocol.events import ColleaguesChanged, ContactChanged, FloorSnapshot
from catgem_tui.protocol.frames import MAX_FRAME, Refused, Signal, decode_from_central, signal_body
from catgem_tui.protocol.model import Advisor, Call, CentreSettings, Colleague, Contact, Message, Record, User
from catgem_tui.protocol.session import CentralSession

ANA = User(id="u1", username="ana", name="Ana", role=Role.ADVISOR)
COORDINATOR = User(id="u2", username="coordina", name="Coordina", role=Role.COORDINATOR)


class Book:
    """An inbox that writes down, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.told: list[Happening] = []
        self.failures = 0
        self.slow = asyncio.Event()
        self.slow.set()

    async def submit(self, happening: Happening) -> Refused | None:
        await self.slow.wait()
        if self.failures:
            self.failures -= 1
            raise StorageFailed
        self.told.append(happening)
        return None

    def knows(self, contact: str) -> bool:
        return False


def new_line(user: User = ANA) -> Line:
    session = CentralSession(lambda: 0.0)
    session.welcome(user.id, 0.0)
    return Line(session, user, "s", asyncio.Event())


async def test_the_queue_hears_of_coming_and_going_and_not_of_a_line_that_was_replaced() -> None:
    hub, book = Hub(), Book()
    hub.serve(book)
    first, second = new_line(), new_line()
    await hub.join(first)
    await hub.join(second)
    assert first.session.ended
    await hub.leave(first)
    await hub.leave(second)
    assert book.told == [AdvisorConnected(advisor="u1"), AdvisorConnected(advisor="u1"), AdvisorLost(advisor="u1")]


async def test_it_is_told_again_once_the_store_can_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "ANNOUNCE_RETRY", 0.01)
    hub, book = Hub(), Book()
    hub.serve(book)
    book.failures = 3
    line = new_line()
    await hub.join(line)
    assert book.told == []
    async with asyncio.timeout(5):
        await asyncio.wait(hub._announcing.values())
    assert book.told == [AdvisorConnected(advisor="u1")]


async def test_the_last_word_is_the_truth_however_fast_somebody_comes_and_goes() -> None:
    hub, book = Hub(), Book()
    hub.serve(book)
    book.slow.clear()
    line = new_line()
    coming = asyncio.create_task(hub.join(line))
    await asyncio.sleep(0)
    going = asyncio.create_task(hub.leave(line))
    await asyncio.sleep(0)
    book.slow.set()
    async with asyncio.timeout(5):
        await asyncio.gather(coming, going)
    assert book.told[-1] == AdvisorLost(advisor="u1")


async def test_nobody_waits_for_an_announcement_that_was_never_begun() -> None:
    hub, book = Hub(), Book()
    hub.serve(book)
    line = new_line()
    async with asyncio.timeout(5):
        await asyncio.gather(hub.join(line), hub.leave(line), hub.join(line), hub.leave(line))
    assert book.told[-1:] in ([], [AdvisorLost(advisor="u1")])


async def test_everybody_is_told_of_the_others_on_duty_now_and_when_they_come() -> None:
    hub = Hub()
    ana, carmen = (Colleague(id=user.id, name=user.name, state=AdvisorState.AVAILABLE) for user in (ANA, COORDINATOR))
    first, late = new_line(ANA), new_line(COORDINATOR)
    await hub.join(first)
    hub.show_colleagues((ana, carmen))
    await hub.join(late)
    assert (colleagues_told(first), colleagues_told(late)) == ((carmen,), (ana,))


def colleagues_told(line: Line) -> tuple[Colleague, ...]:
    """The last that the line is told."""
    told: tuple[Colleague, ...] = ()
    while (frame := line.session.next_frame()) is not None:
        decoded = decode_from_central(frame)
        body = signal_body(decoded) if isinstance(decoded, Signal) else None
        if isinstance(body, ColleaguesChanged):
            told = body.colleagues
    return told


def contact_event(readers: set[str], *, floor: bool = True) -> LoggedEvent:
    contact = Contact(
        id="c",
        folio="1",
        channel=Channel.CALL,
        queue="q",
        state=ContactState.ACTIVE,
        arrived_at=1.0,
        state_since=1.0,
        call=Call(dialled="070", monitors=(("u2", Monitoring.LISTEN),)),
    )
    body = msgspec.json.encode(ContactChanged(contact=contact))
    return LoggedEvent(seq=7, kind="contact.changed", readers=frozenset(readers), floor=floor, body=body)


def test_an_event_is_for_its_readers_and_if_it_says_so_for_the_floor() -> None:
    assert visible_entry(contact_event(set()), ANA) is None
    assert visible_entry(contact_event({"u1"}), ANA) is not None
    assert visible_entry(contact_event(set()), COORDINATOR) is not None
    assert visible_entry(contact_event({"u1"}, floor=False), COORDINATOR) is None


def test_only_the_floor_learns_who_listens() -> None:
    for user, seen in ((ANA, ()), (COORDINATOR, (("u2", Monitoring.LISTEN),))):
        entry = visible_entry(contact_event({"u1"}), user)
        assert entry is not None
        call = msgspec.json.decode(entry.body, type=ContactChanged).contact.call
        assert call is not None
        assert (call.dialled, call.monitors) == ("070", seen)


def test_restricted_fields_are_for_those_who_keep_them() -> None:
    record = Record(id="r", kind=RecordKind.PERSON, title="x", revision=1, restricted={"mobile": "1"})
    assert visible_record(record, Role.ADVISOR).restricted == {}
    for role in set(Role) - {Role.ADVISOR}:
        assert visible_record(record, role).restricted == {"mobile": "1"}


def snapshot(messages: tuple[Message, ...]) -> FloorSnapshot:
    me = Advisor(user=ANA, presence=Presence.AVAILABLE, state=AdvisorState.BUSY, since=0.0, contacts=("mine",))
    return FloorSnapshot(me=me, settings=CentreSettings(name="x"), messages=messages)


def message(number: int, contact: str, size: int = 4_000) -> Message:
    return Message(
        id=f"{contact}{number}", contact=contact, author=Author.CITIZEN, text="ñ" * size, sent_at=float(number)
    )


def test_a_snapshot_that_fits_is_whole_and_another_gives_up_its_oldest_messages() -> None:
    few = tuple(message(number, "mine", 10) for number in range(5))
    assert msgspec.json.decode(fit_snapshot(snapshot(few)), type=FloorSnapshot).messages == few
    many = tuple(message(number, contact) for number in range(120) for contact in ("mine", "other"))
    body = fit_snapshot(snapshot(many))
    assert MAX_FRAME - 20_000 < len(memoryview(body)) < MAX_FRAME
    kept = msgspec.json.decode(body, type=FloorSnapshot).messages
    mine = [it.sent_at for it in kept if it.contact == "mine"]
    other = [it.sent_at for it in kept if it.contact == "other"]
    assert mine == [float(number) for number in range(120)]
    assert other == [float(number) for number in range(120 - len(other), 120)]
    assert list(kept) == [it for it in many if it in kept]
