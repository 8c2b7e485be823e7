"""The live line without I/O: who sends what next, what has arrived, what was missed, who is dead.

Both sides are plain state machines with an injected clock (monotonic seconds). A transport feeds them what it reads
and sends what they hand out; it never looks into a frame. One ``WorkstationSession`` lives through any number of
connections, a ``CentralSession`` through one.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from catgem_tui.protocol import frames
from catgem_tui.protocol.events import DIRECTORY, FLOOR, DirectorySnapshot, FloorSnapshot
from catgem_tui.protocol.model import Struct

HEARTBEAT = 2.0
"""Seconds between central's pings."""
MISSED = 3
"""A side that hears nothing for this many heartbeats is dead."""
HANDSHAKE = 10.0
"""Seconds in which hello and its answer must have come."""
BUFFER = 500
"""Events a slow reader may be behind before it gets a snapshot instead."""
TOPICS: Mapping[str, type[Struct]] = {FLOOR: FloorSnapshot, DIRECTORY: DirectorySnapshot}
"""Topics with the body of their snapshot."""

log = logging.getLogger(__name__)
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is of no more use: close it.

    ``reason``: one of ``Goodbye``'s, or ``gap`` (an event was missed: connect again and it is sent again), ``silent``
    (the other side is dead), ``malformed`` (not our protocol), ``slow`` (the reader doesn't read).
    """

    reason: str


# --- the workstation's side ---


@dataclass(frozen=True, slots=True)
class Welcomed:
    user: str
    now: float
    """Central's clock, seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class SnapshotArrived:
    topic: str
    body: Struct


@dataclass(frozen=True, slots=True)
class EventArrived:
    topic: str
    seq: int
    body: Struct


@dataclass(frozen=True, slots=True)
class SignalArrived:
    body: Struct


@dataclass(frozen=True, slots=True)
class Answered:
    """The end of the command ``to``."""

    to: str
    refused: frames.Refused | None


Incoming = Welcomed | SnapshotArrived | EventArrived | SignalArrived | Answered | Closed


class WorkstationSession:
    """The workstation's end. ``cursors`` (last sequence number handled, by topic) live through reconnections."""

    def __init__(self, clock: Clock, cursors: Mapping[str, int] | None = None) -> None:
        self.cursors: dict[str, int] = dict(cursors or {})
        self.reached: dict[str, int] = {}
        """Of topics that take time to be taken in: how far that has come, -1 for nowhere yet. What came after it is
        acknowledged later."""
        self.online = False
        self._clock = clock
        self._connected = False
        self._out: deque[str] = deque()
        self._unacknowledged: dict[str, int] = {}
        self._acknowledged: dict[str, int] = {}
        self._pending: dict[str, None] = {}
        self._heard = 0.0
        self._patience = HANDSHAKE

    def connect(self, token: str) -> None:
        """A fresh connection is open: greet, and say where we were."""
        self._out.clear()
        self._unacknowledged.clear()
        self._acknowledged.clear()
        self._pending.clear()
        self._connected, self.online = True, False
        self._heard, self._patience = self._clock(), HANDSHAKE
        self._put(frames.Hello(token=token, cursors=dict(self.cursors)))

    def disconnect(self) -> tuple[str, ...]:
        """The connection is gone. Returns the ids of the commands sent on it and never answered, oldest first."""
        unanswered = tuple(self._pending)
        self._pending.clear()
        self._out.clear()
        self._unacknowledged.clear()
        self._connected = self.online = False
        return unanswered

    def send(self, command_id: str, body: Struct) -> bool:
        """Queue a command; False when there is no welcome yet (nothing is queued then)."""
        if not self.online:
            return False
        self._pending[command_id] = None
        self._put(frames.command_frame(command_id, body))
        return True

    def receive(self, data: str | bytes) -> list[Incoming]:
        """Take one frame in. What it returns is to be applied at once: the next ``frames_to_send`` acknowledges it."""
        if not self._connected:
            return []
        self._heard = self._clock()
        try:
            frame = frames.decode_from_central(data)
        except frames.FrameError as error:
            log.warning("skipped a frame that cannot be read: %s", error)
            return []
        incoming: list[Incoming] = []
        match frame:
            case frames.Ping(at=at):
                self._put(frames.Pong(at=at))
            case frames.Goodbye(reason=reason):
                incoming = [self._close(reason)]
            case frames.Welcome():
                self.online, self._patience = True, MISSED * frame.heartbeat
                incoming = [Welcomed(user=frame.user, now=frame.now)]
            case frames.Reply(to=to, refused=refused):
                self._pending.pop(to, None)
                incoming = [Answered(to=to, refused=refused)]
            case frames.Signal():
                incoming = self._receive_signal(frame)
            case frames.Snapshot():
                incoming = self._receive_snapshot(frame)
            case frames.Event():
                incoming = self._receive_event(frame)
        return incoming

    def frames_to_send(self) -> list[str]:
        """What to put on the wire now: acknowledgements of what was taken in, and everything queued."""
        for topic, arrived in list(self._unacknowledged.items()):
            seq = min(arrived, self.reached.get(topic, arrived))
            if seq > self._acknowledged.get(topic, -1):
                self._put(frames.Ack(topic=topic, seq=seq))
                self._acknowledged[topic] = seq
            if seq == arrived:
                del self._unacknowledged[topic]
        ready = list(self._out)
        self._out.clear()
        return ready

    @property
    def deadline(self) -> float:
        """When ``tick`` should be asked next, on the injected clock."""
        return self._heard + self._patience

    def tick(self) -> Closed | None:
        """Whether central has been silent for too long."""
        if self._connected and self._clock() >= self.deadline:
            return self._close("silent")
        return None

    def _receive_signal(self, frame: frames.Signal) -> list[Incoming]:
        try:
            body = frames.signal_body(frame)
        except frames.FrameError as error:
            log.warning("skipped a signal: %s", error)
            return []
        return [] if body is None else [SignalArrived(body)]

    def _receive_snapshot(self, frame: frames.Snapshot) -> list[Incoming]:
        kind = TOPICS.get(frame.topic)
        if kind is None:
            return []
        try:
            body = frames.snapshot_body(frame, kind)
        except frames.FrameError as error:
            log.warning("cannot read the snapshot of %s: %s", frame.topic, error)
            return [self._close("version")]
        self._advance(frame.topic, frame.cursor)
        return [SnapshotArrived(topic=frame.topic, body=body)]

    def _receive_event(self, frame: frames.Event) -> list[Incoming]:
        here = self.cursors.get(frame.topic)
        if here is None or frame.prev > here:
            # Without a snapshot there is no telling what came before; with a higher prev something was lost.
            return [self._close("gap")]
        if frame.seq <= here:
            return []
        self._advance(frame.topic, frame.seq)
        try:
            body = frames.event_body(frame)
        except frames.FrameError as error:
            log.warning("skipped event %s of %s: %s", frame.seq, frame.topic, error)
            return []
        return [] if body is None else [EventArrived(topic=frame.topic, seq=frame.seq, body=body)]

    def _advance(self, topic: str, seq: int) -> None:
        self.cursors[topic] = seq
        self._unacknowledged[topic] = seq

    def _close(self, reason: str) -> Closed:
        self._connected = self.online = False
        return Closed(reason)

    def _put(self, frame: frames.FromWorkstation) -> None:
        self._out.append(frames.encode(frame))


# --- central's side ---


class Entry(NamedTuple):
    """One event of a topic's log, encoded once for all its readers."""

    seq: int
    kind: str
    body: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Greeted:
    """Somebody said hello: check the token, then ``welcome`` or ``goodbye``."""

    token: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A command; ``reply`` to it exactly once."""

    command: frames.Command


Request = Greeted | Asked | Closed


class _Topic:
    """One topic's stream to this subscriber."""

    def __init__(self) -> None:
        self.sent: int | None = None
        """Sequence number of the last event or snapshot queued; None until the stream is settled."""
        self.wants_snapshot = False
        self.unsent = 0
        """Event frames queued and not yet handed out."""
        self.held: list[Entry] = []
        """Live events that came before the stream was settled."""
        self.dropped = 0
        """Highest sequence number thrown away because the reader was slow."""


class CentralSession:
    """Central's end of one connection, in this order.

    1. ``receive`` returns ``Greeted``; call ``welcome`` or ``goodbye``. From then on pass live events to ``event``.
    2. For each topic ``decide``; read the backlog it asks for and hand it to ``resume``.
    3. The sender: make a ``snapshot`` of each topic in ``snapshots_wanted()``, then send ``next_frame()``; when that is
       None, wait until something was put in. A slow reader fills a bounded buffer, loses it, and is wanted again.
    4. ``tick`` at ``deadline``; close the connection when it or ``receive`` returns ``Closed``.

    ``event`` may be called while the backlog is being read: nothing is lost or sent twice.
    """

    def __init__(
        self, clock: Clock, *, heartbeat: float = HEARTBEAT, buffer: int = BUFFER, topics: Iterable[str] = TOPICS
    ) -> None:
        self.user = ""
        self.acked: dict[str, int] = {}
        """Last sequence number the workstation has handled, by topic."""
        self._clock = clock
        self._heartbeat = heartbeat
        self._buffer = buffer
        self._topics = {topic: _Topic() for topic in topics}
        self._cursors: dict[str, int] = {}
        self._out: deque[frames.FromCentral] = deque()
        self._signals: dict[tuple[str, str], frames.Signal] = {}
        self._greeted = self._closed = False
        self._heard = clock()
        self._next_ping: float | None = None

    def receive(self, data: str | bytes) -> list[Request]:
        """Take one frame in."""
        if self._closed:
            return []
        self._heard = self._clock()
        try:
            frame = frames.decode_from_workstation(data)
        except frames.FrameError as error:
            log.info("closing a line that does not speak the protocol: %s", error)
            return [self.goodbye("malformed")]
        match frame:
            case frames.Hello() if not self._greeted:
                return self._receive_hello(frame)
            case frames.Command() if self.user:
                return [Asked(frame)]
            case frames.Ack(topic=topic, seq=seq) if topic in self._topics:
                self.acked[topic] = max(seq, self.acked.get(topic, 0))
            case frames.Ping(at=at):
                self._out.append(frames.Pong(at=at))
            case frames.Hello() | frames.Command():
                return [self.goodbye("malformed")]
        return []

    def welcome(self, user: str, now: float) -> None:
        """The token is good: ``user`` is its user id, ``now`` central's wall clock."""
        self.user = user
        self._next_ping = self._clock() + self._heartbeat
        self._out.append(frames.Welcome(version=frames.VERSION, user=user, now=now, heartbeat=self._heartbeat))

    def goodbye(self, reason: str) -> Closed:
        """Say why and close. Send what ``next_frame`` still has before closing the connection."""
        self._out.clear()
        self._signals.clear()
        self._out.append(frames.Goodbye(reason=reason))
        self._closed = True
        return Closed(reason)

    def decide(self, topic: str, *, oldest: int, latest: int) -> int | None:
        """How this topic goes on: the cursor after which to read the backlog, or None when a snapshot is due.

        ``oldest`` is the first sequence number still kept (``latest`` + 1 when none is), ``latest`` the last assigned.
        """
        cursor = self._cursors.get(topic)
        if cursor is None or not oldest - 1 <= cursor <= latest:
            self._topics[topic].wants_snapshot = True
            self.acked.pop(topic, None)  # of another log than this one, perhaps ahead of it
            return None
        return cursor

    def resume(self, topic: str, backlog: Iterable[Entry]) -> None:
        """Go on after the cursor ``decide`` gave, with what this subscriber may see of the log since."""
        if self._topics[topic].wants_snapshot:
            return  # more live events came meanwhile than the buffer holds
        self._settle(topic, self._cursors[topic])
        for entry in backlog:
            self.event(topic, entry)
        self._release(topic)

    def snapshot(self, topic: str, cursor: int, body: msgspec.Raw) -> None:
        """Replace the subscriber's state of ``topic`` with ``body``, which holds every event up to ``cursor``."""
        stream = self._topics[topic]
        if not stream.wants_snapshot or cursor < stream.dropped:
            return  # made before events that are already thrown away: a newer one is still wanted
        self._settle(topic, cursor)
        self._out.append(frames.Snapshot(topic=topic, cursor=cursor, body=body))
        self._release(topic)

    def snapshots_wanted(self) -> tuple[str, ...]:
        """Topics to make a snapshot of now: none before the reader has taken what is queued."""
        if self._closed or self._out:
            return ()
        return tuple(name for name, topic in self._topics.items() if topic.wants_snapshot)

    def event(self, topic: str, entry: Entry) -> None:
        """Queue one event of the log that this subscriber may see, in order; what was sent before is skipped."""
        stream = self._topics[topic]
        if self._closed or (stream.sent is not None and entry.seq <= stream.sent):
            return
        if stream.sent is None:
            if len(stream.held) < self._buffer:
                stream.held.append(entry)
            else:
                self._overflow(topic, entry.seq)
        elif stream.unsent >= self._buffer:
            self._overflow(topic, entry.seq)
        else:
            self._out.append(
                frames.Event(topic=topic, seq=entry.seq, prev=stream.sent, kind=entry.kind, body=entry.body)
            )
            stream.sent = entry.seq
            stream.unsent += 1

    def signal(self, body: Struct, key: str = "") -> None:
        """Queue a signal; it replaces an unsent one of the same kind and key. Of more with keys than the buffer holds
        the oldest is thrown away."""
        if self._closed or not self.user:
            return
        frame = frames.signal_frame(body)
        self._signals[frame.kind, key] = frame
        if len(self._signals) > self._buffer:
            oldest = next((each for each in self._signals if each[1]), None)
            if oldest is not None:
                del self._signals[oldest]

    def reply(self, to: str, refused: frames.Refused | None = None) -> None:
        """End the command ``to``: done, or refused."""
        if not self._closed:
            self._out.append(frames.Reply(to=to, refused=refused))

    def next_frame(self) -> str | None:
        """The next frame to send, or None. Take one, send it, come back: what waits here is what can be replaced."""
        if self._out:
            frame = self._out.popleft()
            if isinstance(frame, frames.Event):
                self._topics[frame.topic].unsent -= 1
            return frames.encode(frame)
        if self._signals:
            return frames.encode(self._signals.pop(next(iter(self._signals))))
        return None

    @property
    def ended(self) -> bool:
        """Whether nothing more can come of this connection: close it once ``next_frame`` is None."""
        return self._closed

    @property
    def deadline(self) -> float:
        """When ``tick`` should be asked next, on the injected clock."""
        silent = self._heard + (HANDSHAKE if self._next_ping is None else MISSED * self._heartbeat)
        return silent if self._next_ping is None else min(silent, self._next_ping)

    def tick(self) -> Closed | None:
        """Ping when it is time; ``Closed`` when the workstation is dead or doesn't read what it asked for."""
        if self._closed:
            return None
        now = self._clock()
        if now >= self._heard + (HANDSHAKE if self._next_ping is None else MISSED * self._heartbeat):
            return self.goodbye("silent")
        if len(self._out) > 4 * self._buffer:
            return self.goodbye("slow")
        if self._next_ping is not None and now >= self._next_ping:
            self._next_ping = now + self._heartbeat
            self._out.append(frames.Ping(at=now))
        return None

    def _receive_hello(self, frame: frames.Hello) -> list[Request]:
        self._greeted = True
        if frame.version != frames.VERSION:
            return [self.goodbye("version")]
        self._cursors = {topic: cursor for topic, cursor in frame.cursors.items() if topic in self._topics}
        self.acked = dict(self._cursors)
        return [Greeted(token=frame.token)]

    def _settle(self, topic: str, cursor: int) -> None:
        stream = self._topics[topic]
        stream.sent, stream.wants_snapshot = cursor, False

    def _release(self, topic: str) -> None:
        """Queue the live events that waited for the stream to settle."""
        stream = self._topics[topic]
        if stream.sent is None:
            return
        held, stream.held = stream.held, []
        for entry in held:
            self.event(topic, entry)

    def _overflow(self, topic: str, seq: int) -> None:
        """Throw away what this topic has queued; a snapshot will stand for it."""
        stream = self._topics[topic]
        self._out = deque(frame for frame in self._out if not isinstance(frame, frames.Event) or frame.topic != topic)
        stream.sent, stream.unsent, stream.wants_snapshot = None, 0, True
        stream.held.clear()
        stream.dropped = seq
