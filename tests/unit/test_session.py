"""The live line as dialogues, and one property: whatever happens to the line, every event arrives once, in order."""

from collections import deque

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catgem_tui.protocol import frames
from catgem_tui.protocol.commands import Park
from catgem_tui.protocol.enums import AdvisorState, Author, Presence, Refusal, Role
from catgem_tui.protocol.events import (
    DIRECTORY,
    FLOOR,
    CitizenTyping,
    DirectorySnapshot,
    FloorSnapshot,
    MessageAdded,
    QueueChanged,
)
from catgem_tui.protocol.frames import Ack, Event, Goodbye, Hello, Ping, Refused, Snapshot, Welcome, raw
from catgem_tui.protocol.model import Advisor, CentreSettings, Message, QueueSummary, User
from catgem_tui.protocol.session import (
    Answered,
    Asked,
    CentralSession,
    Closed,
    Entry,
    EventArrived,
    Greeted,
    SignalArrived,
    SnapshotArrived,
    Welcomed,
    WorkstationSession,
)

ME = Advisor(
    user=User(id="u1", username="ana", name="Ana", role=Role.ADVISOR),
    presence=Presence.AVAILABLE,
    state=AdvisorState.AVAILABLE,
    since=0.0,
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def message(seq: int) -> Message:
    return Message(id=str(seq), contact="c", author=Author.CITIZEN, text=f"línea {seq}", sent_at=float(seq))


def entry(seq: int) -> Entry:
    return Entry(seq, "message.added", raw(MessageAdded(message=message(seq))))


def floor(seqs: list[int]) -> msgspec.Raw:
    return raw(
        FloorSnapshot(me=ME, settings=CentreSettings(name="CATGEM"), messages=tuple(message(seq) for seq in seqs))
    )


def event_frame(seq: int, prev: int, kind: str = "message.added", body: msgspec.Raw | None = None) -> str:
    return frames.encode(Event(topic=FLOOR, seq=seq, prev=prev, kind=kind, body=body or entry(seq).body))


def sent(session: CentralSession) -> list[frames.FromCentral]:
    out = []
    while (frame := session.next_frame()) is not None:
        out.append(frames.decode_from_central(frame))
    return out


def workstation(cursor: int | None = 5) -> WorkstationSession:
    session = WorkstationSession(Clock(), {} if cursor is None else {FLOOR: cursor})
    session.connect("token")
    session.receive(frames.encode(Welcome(version=1, user="u1", now=7.0, heartbeat=2.0)))
    session.frames_to_send()
    return session


def central(cursors: dict[str, int] | None = None, buffer: int = 500) -> CentralSession:
    session = CentralSession(Clock(), buffer=buffer, topics=(FLOOR,))
    assert session.receive(frames.encode(Hello(token="t", cursors=cursors or {}))) == [Greeted("t")]
    session.welcome("u1", 7.0)
    assert sent(session) == [Welcome(version=1, user="u1", now=7.0, heartbeat=2.0)]
    return session


# --- the workstation's side ---


def test_hello_says_who_and_where_we_were() -> None:
    session = WorkstationSession(Clock(), {FLOOR: 41})
    session.connect("secret")
    assert [frames.decode_from_workstation(f) for f in session.frames_to_send()] == [
        Hello(token="secret", cursors={FLOOR: 41})
    ]
    welcome = frames.encode(Welcome(version=1, user="u1", now=7.0, heartbeat=2.0))
    assert session.receive(welcome) == [Welcomed(user="u1", now=7.0)]


def test_events_are_applied_once_and_acknowledged_together() -> None:
    session = workstation()
    assert [type(x) for x in session.receive(event_frame(6, 5))] == [EventArrived]
    assert session.receive(event_frame(6, 5)) == []
    assert [type(x) for x in session.receive(event_frame(9, 6))] == [EventArrived]
    assert [frames.decode_from_workstation(f) for f in session.frames_to_send()] == [Ack(topic=FLOOR, seq=9)]
    assert session.frames_to_send() == []


def test_a_missed_event_closes_the_line_and_the_next_hello_asks_for_it_again() -> None:
    session = workstation()
    assert session.receive(event_frame(9, 8)) == [Closed("gap")]
    assert session.receive(event_frame(10, 9)) == []
    session.connect("token")
    assert [frames.decode_from_workstation(f) for f in session.frames_to_send()] == [
        Hello(token="token", cursors={FLOOR: 5})
    ]


def test_an_event_before_any_snapshot_is_a_gap() -> None:
    assert workstation(cursor=None).receive(event_frame(1, 0)) == [Closed("gap")]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("survey.invented", msgspec.Raw(b'{"x":1}')), ("message.added", msgspec.Raw(b'{"message":{"id":3}}'))],
)
def test_what_cannot_be_understood_is_skipped_and_acknowledged(kind: str, body: msgspec.Raw) -> None:
    session = workstation()
    assert session.receive(event_frame(6, 5, kind, body)) == []
    assert [type(x) for x in session.receive(event_frame(7, 6))] == [EventArrived]
    assert [frames.decode_from_workstation(f) for f in session.frames_to_send()] == [Ack(topic=FLOOR, seq=7)]


def test_a_frame_that_is_no_frame_is_skipped() -> None:
    session = workstation()
    assert session.receive(b"\xff{") == []
    assert session.receive('{"t":"novelty"}') == []
    assert [type(x) for x in session.receive(event_frame(6, 5))] == [EventArrived]


def test_a_snapshot_replaces_the_cursor_even_backwards() -> None:
    session = workstation(cursor=900)
    snapshot = frames.encode(Snapshot(topic=FLOOR, cursor=3, body=floor([3])))
    assert [type(x) for x in session.receive(snapshot)] == [SnapshotArrived]
    assert [type(x) for x in session.receive(event_frame(4, 3))] == [EventArrived]


def test_commands_wait_for_the_welcome_and_unanswered_ones_are_named() -> None:
    session = WorkstationSession(Clock())
    session.connect("token")
    assert not session.send("1", Park(contact="c"))
    session.receive(frames.encode(Welcome(version=1, user="u1", now=7.0, heartbeat=2.0)))
    assert session.send("1", Park(contact="c"))
    assert session.send("2", Park(contact="c"))
    refused = Refused(code=Refusal.WRONG_STATE)
    reply = frames.encode(frames.Reply(to="1", refused=refused))
    assert session.receive(reply) == [Answered(to="1", refused=refused)]
    assert session.disconnect() == ("2",)
    assert not session.send("3", Park(contact="c"))


def test_a_ping_is_answered_and_silence_is_death_after_three() -> None:
    clock = Clock()
    session = WorkstationSession(clock, {FLOOR: 5})
    session.connect("token")
    session.receive(frames.encode(Welcome(version=1, user="u1", now=7.0, heartbeat=2.0)))
    session.frames_to_send()
    clock.now += 5.9
    session.receive(frames.encode(Ping(at=3.0)))
    assert [frames.decode_from_workstation(f) for f in session.frames_to_send()] == [frames.Pong(at=3.0)]
    clock.now += 5.9
    assert session.tick() is None
    clock.now += 0.2
    assert session.tick() == Closed("silent")


def test_goodbye_ends_it() -> None:
    assert workstation().receive(frames.encode(Goodbye(reason="replaced"))) == [Closed("replaced")]


# --- central's side ---


def test_a_newcomer_gets_a_snapshot_and_what_happens_after_it() -> None:
    session = central()
    assert session.decide(FLOOR, oldest=1, latest=4) is None
    session.event(FLOOR, entry(5))
    assert session.snapshots_wanted() == (FLOOR,)
    session.snapshot(FLOOR, 4, floor([1, 2, 3, 4]))
    got = sent(session)
    assert [type(f).__name__ for f in got] == ["Snapshot", "Event"]
    assert isinstance(got[1], Event)
    assert (got[1].seq, got[1].prev) == (5, 4)


def test_who_comes_back_gets_the_backlog_linked_to_the_cursor() -> None:
    session = central({FLOOR: 7})
    assert session.decide(FLOOR, oldest=3, latest=12) == 7
    session.event(FLOOR, entry(13))
    session.resume(FLOOR, [entry(9), entry(12), entry(13)])
    assert [(f.prev, f.seq) for f in sent(session) if isinstance(f, Event)] == [(7, 9), (9, 12), (12, 13)]


@pytest.mark.parametrize(("oldest", "latest"), [(9, 20), (1, 6)])
def test_too_far_behind_or_from_another_history_gets_a_snapshot(oldest: int, latest: int) -> None:
    session = central({FLOOR: 7})
    assert session.decide(FLOOR, oldest=oldest, latest=latest) is None


def test_a_slow_reader_loses_its_buffer_and_gets_a_snapshot() -> None:
    session = central({FLOOR: 0}, buffer=3)
    assert session.decide(FLOOR, oldest=1, latest=0) == 0
    session.resume(FLOOR, [])
    session.reply("command")
    for seq in range(1, 6):
        session.event(FLOOR, entry(seq))
    assert session.snapshots_wanted() == ()  # the reply is still to be read
    assert [type(f).__name__ for f in sent(session)] == ["Reply"]
    session.snapshot(FLOOR, 3, floor([]))  # too old: four is already thrown away
    assert session.snapshots_wanted() == (FLOOR,)
    session.snapshot(FLOOR, 5, floor([1, 2, 3, 4, 5]))
    session.event(FLOOR, entry(6))
    assert [getattr(f, "seq", f.cursor if isinstance(f, Snapshot) else None) for f in sent(session)] == [5, 6]


def test_more_live_events_than_the_buffer_while_the_backlog_is_read() -> None:
    session = central({FLOOR: 0}, buffer=2)
    session.decide(FLOOR, oldest=1, latest=1)
    for seq in range(2, 6):
        session.event(FLOOR, entry(seq))
    session.resume(FLOOR, [entry(1)])
    assert sent(session) == []
    assert session.snapshots_wanted() == (FLOOR,)


def test_of_more_signals_than_the_buffer_holds_the_oldest_with_a_key_goes() -> None:
    session = central({FLOOR: 0}, buffer=3)
    session.decide(FLOOR, oldest=1, latest=0)
    session.resume(FLOOR, [])
    session.signal(QueueChanged(summary=QueueSummary(calls=1)))
    for contact in "abcd":
        session.signal(CitizenTyping(contact=contact), key=contact)
    receiver = workstation()
    arrived = [body for frame in sent(session) for body in receiver.receive(frames.encode(frame))]
    assert [each.body for each in arrived if isinstance(each, SignalArrived)] == [
        QueueChanged(summary=QueueSummary(calls=1)), CitizenTyping(contact="c"), CitizenTyping(contact="d"),
    ]  # fmt: skip


def test_the_last_signal_wins_and_waits_for_the_events() -> None:
    session = central({FLOOR: 0})
    session.decide(FLOOR, oldest=1, latest=0)
    session.resume(FLOOR, [])
    for calls in (1, 2, 3):
        session.signal(QueueChanged(summary=QueueSummary(calls=calls)))
    session.signal(CitizenTyping(contact="a"), key="a")
    session.signal(CitizenTyping(contact="b"), key="b")
    session.event(FLOOR, entry(1))
    got = sent(session)
    assert [type(f).__name__ for f in got] == ["Event", "Signal", "Signal", "Signal"]
    receiver = workstation()
    bodies = [receiver.receive(frames.encode(f)) for f in got[1:]]
    assert bodies[0] == [SignalArrived(QueueChanged(summary=QueueSummary(calls=3)))]


def test_commands_before_the_welcome_and_garbage_are_refused() -> None:
    clock = Clock()
    early = CentralSession(clock)
    assert early.receive(frames.encode(frames.command_frame("1", Park(contact="c")))) == [Closed("malformed")]
    garbage = CentralSession(clock)
    assert garbage.receive("[]") == [Closed("malformed")]
    assert sent(garbage) == [Goodbye(reason="malformed")]
    old = CentralSession(clock)
    assert old.receive(frames.encode(Hello(token="t", version=99))) == [Closed("version")]
    twice = central()
    assert twice.receive(frames.encode(Hello(token="t"))) == [Closed("malformed")]


def test_commands_acks_and_pongs_after_the_welcome() -> None:
    session = central({FLOOR: 2})
    command = frames.command_frame("1", Park(contact="c"))
    assert session.receive(frames.encode(command)) == [Asked(command)]
    session.receive(frames.encode(Ack(topic=FLOOR, seq=9)))
    session.receive(frames.encode(Ack(topic=FLOOR, seq=4)))
    assert session.acked == {FLOOR: 9}


def test_central_pings_and_notices_a_dead_workstation() -> None:
    clock = Clock()
    session = CentralSession(clock, heartbeat=2.0)
    session.receive(frames.encode(Hello(token="t")))
    session.welcome("u1", 7.0)
    sent(session)
    for _ in range(2):
        clock.now = session.deadline
        assert session.tick() is None
        assert [type(f) for f in sent(session)] == [Ping]
    clock.now = session.deadline
    assert session.tick() == Closed("silent")


def test_somebody_who_never_says_hello_is_sent_away() -> None:
    clock = Clock()
    session = CentralSession(clock)
    clock.now += 9.9
    assert session.tick() is None
    clock.now += 0.2
    assert session.tick() == Closed("silent")


# --- the property ---


class World:
    """One central with a log, one workstation, and a line between them that does what it likes."""

    def __init__(self, buffer: int, visible: set[int]) -> None:
        self.clock = Clock()
        self.visible = visible
        self.latest = 0
        self.oldest = 1
        self.buffer = buffer
        self.workstation = WorkstationSession(self.clock)
        self.central: CentralSession | None = None
        self.reading: int | None = None
        self.line: deque[str] = deque()
        self.seen: list[int] = []

    def shown(self, after: int = 0) -> list[int]:
        return [seq for seq in range(after + 1, self.latest + 1) if seq % 7 in self.visible]

    def publish(self) -> None:
        self.latest += 1
        if self.central and self.latest % 7 in self.visible:
            self.central.event(FLOOR, entry(self.latest))

    def connect(self) -> None:
        self.workstation.disconnect()
        self.line.clear()
        self.central = CentralSession(self.clock, buffer=self.buffer, topics=(FLOOR,))
        self.workstation.connect("t")
        for frame in self.workstation.frames_to_send():
            self.central.receive(frame)
        self.central.welcome("u1", 0.0)
        self.reading = self.central.decide(FLOOR, oldest=self.oldest, latest=self.latest)

    def read_backlog(self) -> None:
        if self.central and self.reading is not None:
            self.central.resume(FLOOR, [entry(seq) for seq in self.shown(self.reading)])
            self.reading = None

    def pump(self) -> None:
        """Central puts one frame on the line."""
        if self.central is None:
            return
        for _topic in self.central.snapshots_wanted():
            self.central.snapshot(FLOOR, self.latest, floor(self.shown()))
        frame = self.central.next_frame()
        if frame is not None:
            self.line.append(frame)

    def deliver(self) -> None:
        if not self.line:
            return
        for got in self.workstation.receive(self.line.popleft()):
            match got:
                case SnapshotArrived(body=FloorSnapshot(messages=messages)):
                    self.seen = [int(m.id) for m in messages]
                case EventArrived(body=MessageAdded(message=one)):
                    self.seen.append(int(one.id))
                case Closed():
                    self.central = None
        if self.central:
            for frame in self.workstation.frames_to_send():
                self.central.receive(frame)

    def do(self, action: str) -> None:
        match action:
            case "publish":
                self.publish()
            case "connect":
                self.connect()
            case "read":
                self.read_backlog()
            case "pump":
                self.pump()
            case "deliver":
                self.deliver()
            case "duplicate" if self.line:
                self.line.appendleft(self.line[0])
            case "drop" if self.line:
                self.line.popleft()
            case "cut":
                self.central = None
                self.line.clear()
            case "forget":
                self.oldest = self.latest + 1


OFTEN = ["publish"] * 10 + ["pump"] * 12 + ["deliver"] * 10 + ["read"] * 4
SELDOM = ["connect", "duplicate", "duplicate", "drop", "cut", "forget"]


@settings(max_examples=200, deadline=None)
@given(
    actions=st.lists(st.sampled_from(OFTEN + SELDOM), min_size=80, max_size=200),
    buffer=st.integers(1, 6),
    visible=st.sets(st.integers(0, 6), min_size=1),
)
def test_every_event_arrives_once_and_in_order_whatever_the_line_does(
    actions: list[str], buffer: int, visible: set[int]
) -> None:
    world = World(buffer, visible)
    world.connect()
    for action in actions:
        world.do(action)
        assert world.seen == world.shown()[: len(world.seen)], "a prefix of the truth at every moment"
    for _ in range(3):  # a dropped frame may only be noticed after one more try
        world.connect()
        world.read_backlog()
        while True:
            world.pump()
            if not world.line:
                break
            world.deliver()
    assert world.seen == world.shown()
    if world.central:
        assert world.central.acked.get(FLOOR, 0) >= (world.seen[-1] if world.seen else 0)


def test_the_directory_snapshot_only_names_the_cursor() -> None:
    session = workstation()
    frame = frames.encode(Snapshot(topic=DIRECTORY, cursor=77, body=raw(DirectorySnapshot())))
    assert session.receive(frame) == [SnapshotArrived(topic=DIRECTORY, body=DirectorySnapshot())]
    assert session.cursors[DIRECTORY] == 77


def acknowledged(session: WorkstationSession) -> list[int]:
    sent = [frames.decode_from_workstation(text) for text in session.frames_to_send()]
    return [frame.seq for frame in sent if isinstance(frame, Ack)]


def test_what_takes_time_to_be_taken_in_is_acknowledged_when_it_is() -> None:
    session = workstation()
    session.reached[DIRECTORY] = -1
    session.receive(frames.encode(Snapshot(topic=DIRECTORY, cursor=77, body=raw(DirectorySnapshot()))))
    assert acknowledged(session) == []
    session.reached[DIRECTORY] = 70
    assert acknowledged(session) == [70]
    assert acknowledged(session) == []
    session.reached[DIRECTORY] = 80
    assert acknowledged(session) == [77]
    assert acknowledged(session) == []
