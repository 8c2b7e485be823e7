"""A telephone without an engine: calls travel through an exchange in memory, and a script may play the other side.

It keeps the engine's promises (one contract suite runs against both) but for sound, of which it only keeps the books:
who is connected to whom.
"""

import asyncio
import contextlib
import itertools
import re
import struct
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from catgem_tui.phone import port
from catgem_tui.phone.port import (
    RINGER,
    SOUND,
    TOKEN_HEADER,
    CallArrived,
    CallChanged,
    CallState,
    EngineSettings,
    EngineStopped,
    Gate,
    PhoneCommand,
    PhoneError,
    PhoneEvent,
    Ready,
)

_URI = re.compile(r"^sips?:(?:([^@\s<>]+)@)?([^@\s<>;:]+(?::\d+)?)(?:;\S*)?$", re.IGNORECASE)
_DIGITS = frozenset("0123456789ABCDabcd*#")
_FIRST_PORT = 15060
RESTART_SECONDS = 0.05
KNOCK_SECONDS = 2.0
"""How long a call with an unknown token waits for its announcement."""
MAX_CALLS = 4


class Exchange:
    """Where fakes find each other, by host and port."""

    def __init__(self) -> None:
        self.phones: dict[str, FakePhone] = {}
        self.ports = itertools.count(_FIRST_PORT)


@dataclass(eq=False)
class _Leg:
    """One side of a call. A scripted call has no phone at its other end."""

    name: str
    phone: "FakePhone"
    incoming: bool
    dial: port.Dial | None = None
    state: CallState = CallState.DIALLING
    held: bool = False
    peer: "_Leg | None" = None
    """Set while the two know of each other."""

    def is_known(self) -> bool:
        """Whether its phone still has it."""
        return self.phone._books.legs.get(self.name) is self


@dataclass
class _Player:
    seconds: float | None
    """None when it loops."""
    timer: asyncio.TimerHandle | None = None


@dataclass
class _Books:
    """What an engine forgets when it dies."""

    legs: dict[str, _Leg] = field(default_factory=dict)
    players: dict[str, _Player] = field(default_factory=dict)
    recorders: set[str] = field(default_factory=set)
    expected: dict[str, port.Expect] = field(default_factory=dict)
    knocking: dict[str, _Leg] = field(default_factory=dict)
    """Callers' legs that wait for their token's announcement."""
    connections: dict[tuple[str, str], float] = field(default_factory=dict)
    muted: bool = False
    registered: str = ""
    """Our address at the registrar."""


class FakePhone:
    """A ``Phone``. ``commands`` are those carried out; ``refuse`` makes the next of a kind fail."""

    def __init__(self, settings: EngineSettings | None = None, *, exchange: Exchange | None = None) -> None:
        self.settings = settings or EngineSettings()
        self.commands: list[PhoneCommand] = []
        self.devices: tuple[port.SoundDevice, ...] = ()
        """What its sound card consists of, for the script."""
        self.exchange = exchange or Exchange()
        self._events: asyncio.Queue[PhoneEvent | None] = asyncio.Queue()
        self._books = _Books()
        self._refusals: dict[type, PhoneError] = {}
        self._names = itertools.count(1)
        self._ready: Ready | None = None
        self._running = False
        self._closed = False

    # --- Phone ---

    async def start(self) -> Ready:
        if self._closed:
            raise PhoneError("not_running", "closed")
        if self._ready is None:
            number = self.settings.port or next(self.exchange.ports)
            if f"{self.settings.host}:{number}" in self.exchange.phones:
                raise PhoneError("port_taken", str(number))
            sound = "fake" if self.settings.sound else ""
            self._ready = Ready(
                uri=f"sip:{self.settings.user}@{self.settings.host}:{number}",
                sound=sound,
                microphone=sound,
                version="fake",
            )
            self.exchange.phones[self._place()] = self
            self._running = True
        return self._ready

    async def do(self, command: PhoneCommand) -> None:
        if not self._running:
            raise PhoneError("not_running")
        if refusal := self._refusals.pop(type(command), None):
            raise refusal
        self._carry_out(command)
        self.commands.append(command)

    async def events(self) -> AsyncIterator[PhoneEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for leg in list(self._books.legs.values()):
            self._hang_up(leg, 486)
        self._forget_everything()
        self._events.put_nowait(None)

    # --- the script ---

    @property
    def muted(self) -> bool:
        return self._books.muted

    def list_sources(self, sink: str) -> set[str]:
        """Names of those that ``sink`` hears."""
        return {source for source, taker in self._books.connections if taker == sink}

    def refuse(self, kind: type, error: PhoneError) -> None:
        """Let the next command of this kind fail."""
        self._refusals[kind] = error

    def emit(self, event: PhoneEvent) -> None:
        """Say that something happened."""
        self._events.put_nowait(event)

    def ring(self, caller: str = "7221234567", *, headers: dict[str, str] | None = None) -> str:
        """A call arrives from outside the exchange; returns its name. No gate stands in its way."""
        leg = self._admit(f"in-{next(self._names)}", incoming=True)
        self._announce(leg, port.Dial(call="", uri="", caller=caller, headers=headers or {}), caller)
        return leg.name

    def change(self, call: str, state: CallState, code: int = 0) -> None:
        """The other side of a scripted call rings, answers or hangs up."""
        leg = self._find(call)
        if state is CallState.ENDED:
            self._finish(leg, code or 200)
        else:
            self._move(leg, state, code)

    def press(self, call: str, digits: str) -> None:
        """The other side of a call sends digits."""
        self._find(call)
        for digit in digits:
            self.emit(port.DigitReceived(call=call, digit=digit))

    def die(self, reason: str = "signal 9") -> None:
        """The engine is killed: nobody hears of it but the client, and it comes back by itself."""
        for leg in self._books.legs.values():
            if leg.peer is not None:
                leg.peer.peer = None
        self._forget_everything()
        self.emit(EngineStopped(reason=reason))
        asyncio.get_running_loop().call_later(RESTART_SECONDS, self._come_back)

    # --- commands ---

    def _carry_out(self, command: PhoneCommand) -> None:  # noqa: PLR0912 - a table, written as one
        match command:
            case port.Register():
                self._register(command)
            case port.Unregister():
                self._unregister()
            case port.Expect():
                self._expect(command)
            case port.Dial():
                self._dial(command)
            case port.Answer():
                self._answer(command)
            case port.HangUp():
                self._hang_up(self._find(command.call), command.code)
            case port.Redirect():
                self._redirect(command)
            case port.SendDigits():
                self._send_digits(command)
            case port.Hold():
                self._hold(command.call, held=True)
            case port.Resume():
                self._hold(command.call, held=False)
            case port.Transfer():
                self._transfer(command)
            case port.Mute():
                self._books.muted = command.muted
            case port.ListDevices():
                self.emit(port.DevicesListed(devices=self.devices, server="fake" if self.settings.sound else ""))
            case port.TryMicrophone():
                for step in port.TrialStep:
                    self.emit(port.MicrophoneTried(step=step))
            case port.ChooseDevices() | port.Tune() | port.WatchLevels():
                pass  # kept among the commands, for whoever asks
            case port.Play():
                self._play(command)
            case port.StopPlaying():
                self._stop_playing(command.player)
            case port.Record():
                self._record(command)
            case port.StopRecording():
                self._stop_recording(command.recorder)
            case port.Connect():
                self._connect(command.source, command.sink, command.level)
            case port.Disconnect():
                self._books.connections.pop((command.source, command.sink), None)

    def _register(self, command: port.Register) -> None:
        """Its registrar takes everybody, at once; what else one may say the script says."""
        for uri in (command.uri, command.registrar):
            if not _URI.match(uri):
                raise PhoneError("bad_uri", uri)
        self._unregister()
        self._books.registered = command.uri
        self.emit(port.RegistrationChanged(state=port.Registered.TRYING))
        self.emit(port.RegistrationChanged(state=port.Registered.YES, code=200))

    def _unregister(self) -> None:
        if self._books.registered:
            self._books.registered = ""
            self.emit(port.RegistrationChanged(state=port.Registered.NOT))

    def _dial(self, command: port.Dial) -> None:
        if command.call in self._books.legs:
            raise PhoneError("sip", f"the name {command.call} is taken")
        if len(self._books.legs) >= self._max_calls():
            raise PhoneError("too_many_calls")
        if not _URI.match(command.uri):
            raise PhoneError("bad_uri", command.uri)
        if any(character < " " for value in command.headers.values() for character in value):
            raise PhoneError("sip", "a header holds control characters")
        leg = self._admit(command.call, incoming=False)
        leg.dial = command
        if command.sound:
            self._connect_sound(leg)
        self._move(leg, CallState.DIALLING, 0)
        self._reach(leg, command.uri)

    def _reach(self, leg: _Leg, uri: str) -> None:
        """Find who is called and let them ring, or tell why not."""
        match = _URI.match(uri)
        user, place = match.groups() if match else ("", "")
        other = self.exchange.phones.get(place)
        if other is None or leg.dial is None:
            self._finish(leg, 408)
            return
        token = _find_token(leg.dial)
        expected = other._books.expected.pop(token, None)
        if expected is not None or other.settings.gate is Gate.OPEN:
            other._let_in(leg, user or "", auto_answer=expected is not None and expected.auto_answer)
        elif token:
            other._books.knocking[token] = leg
            asyncio.get_running_loop().call_later(KNOCK_SECONDS, other._turn_away, token, leg)
        else:
            self._finish(leg, 403)

    def _expect(self, command: port.Expect) -> None:
        leg = self._books.knocking.pop(command.token, None)
        if leg is not None and leg.is_known():
            self._let_in(leg, self.settings.user, auto_answer=command.auto_answer)
        else:
            self._books.expected[command.token] = command

    def _turn_away(self, token: str, leg: _Leg) -> None:
        if self._books.knocking.pop(token, None) is leg and leg.is_known():
            leg.phone._finish(leg, 403)

    def _let_in(self, leg: _Leg, dialled: str, *, auto_answer: bool) -> None:
        """Let another phone's leg ring here."""
        caller = leg.phone
        if leg.dial is None or len(self._books.legs) >= self._max_calls():
            caller._finish(leg, 486)
            return
        arrived = self._admit(f"in-{next(self._names)}", incoming=True)
        leg.peer, arrived.peer = arrived, leg
        self._announce(arrived, leg.dial, leg.dial.caller or caller.settings.user, dialled, _find_token(leg.dial))
        caller._move(leg, CallState.RINGING, 180)
        if auto_answer:
            self._confirm(arrived)

    def _answer(self, command: port.Answer) -> None:
        leg = self._find(command.call)
        if not leg.incoming or leg.state is not CallState.RINGING:
            raise PhoneError("sip", "not an unanswered incoming call")
        if command.sound:
            self._connect_sound(leg)
        self._confirm(leg)

    def _confirm(self, leg: _Leg) -> None:
        self._move(leg, CallState.CONFIRMED, 200)
        if leg.peer is not None:
            leg.peer.phone._move(leg.peer, CallState.CONFIRMED, 200)

    def _hang_up(self, leg: _Leg, code: int) -> None:
        unanswered = leg.state is not CallState.CONFIRMED
        peer, leg.peer = leg.peer, None
        if not unanswered:
            code = 200
        elif not leg.incoming:
            code = 487
        self._finish(leg, code, by_us=True)
        if peer is not None:
            peer.peer = None
            peer.phone._finish(peer, code)

    def _redirect(self, command: port.Redirect) -> None:
        leg = self._find(command.call)
        if not leg.incoming or leg.state is not CallState.RINGING:
            raise PhoneError("sip", "not an unanswered incoming call")
        if not _URI.match(command.uri):
            raise PhoneError("bad_uri", command.uri)
        peer, leg.peer = leg.peer, None
        self._finish(leg, 302, by_us=True)
        if peer is not None:
            peer.peer = None
            peer.phone._reach(peer, command.uri)

    def _send_digits(self, command: port.SendDigits) -> None:
        leg = self._find_confirmed(command.call)
        if not command.digits or not _DIGITS.issuperset(command.digits):
            raise PhoneError("sip", "not digits")
        if leg.peer is not None:
            leg.peer.phone.press(leg.peer.name, command.digits)

    def _hold(self, name: str, *, held: bool) -> None:
        leg = self._find_confirmed(name)
        if leg.held is not held:
            leg.held = held
            self._tell(leg, 200)
            if leg.peer is not None:
                leg.peer.phone._tell(leg.peer, 200)

    def _transfer(self, command: port.Transfer) -> None:
        leg = self._find_confirmed(command.call)
        if bool(command.uri) == bool(command.to):
            raise PhoneError("sip", "a transfer goes to an address or to another call")
        if command.to:
            self._find_confirmed(command.to)
        elif not _URI.match(command.uri):
            raise PhoneError("bad_uri", command.uri)
        if leg.peer is not None:
            # A telephone of ours never does what a caller asks of it; what a scripted one answers the script says.
            self.emit(port.TransferChanged(call=leg.name, code=603))

    def _play(self, command: port.Play) -> None:
        seconds = _measure_sound(command.path)
        self._stop_playing(command.player)
        self._books.players[command.player] = _Player(None if command.loop else seconds)
        try:
            for sink in command.to:
                self._connect(command.player, sink)
        except PhoneError:
            self._stop_playing(command.player)
            raise

    def _stop_playing(self, name: str) -> None:
        player = self._books.players.pop(name, None)
        if player is not None and player.timer is not None:
            player.timer.cancel()
        self._drop_connections(name)

    def _end_playing(self, name: str) -> None:
        self._stop_playing(name)
        self.emit(port.PlayEnded(player=name))

    def _record(self, command: port.Record) -> None:
        try:
            with Path(command.path).open("wb") as raw, wave.open(raw) as file:
                file.setnchannels(2)
                file.setsampwidth(2)
                file.setframerate(16000)
        except OSError as error:
            raise PhoneError("no_such_file", command.path) from error
        self._books.recorders.add(command.recorder)

    def _stop_recording(self, name: str) -> None:
        self._books.recorders.discard(name)
        for side in ("left", "right"):
            self._drop_connections(f"{name}:{side}")

    def _connect(self, source: str, sink: str, level: float = 1.0) -> None:
        books = self._books
        if source not in books.legs and source not in books.players and source != SOUND:
            raise PhoneError("no_such_endpoint", source)
        recorder, _, side = sink.rpartition(":")
        is_side = recorder in books.recorders and side in ("left", "right")
        if sink not in books.legs and sink not in (SOUND, RINGER) and not is_side:
            raise PhoneError("no_such_endpoint", sink)
        books.connections[source, sink] = level
        player = books.players.get(source)
        if player is not None and player.timer is None and player.seconds is not None:
            player.timer = asyncio.get_running_loop().call_later(player.seconds, self._end_playing, source)

    # --- inside ---

    def _place(self) -> str:
        return self._ready.uri.rpartition("@")[2] if self._ready is not None else ""

    def _max_calls(self) -> int:
        return min(self.settings.max_calls, MAX_CALLS)

    def _find(self, name: str) -> _Leg:
        leg = self._books.legs.get(name)
        if leg is None:
            raise PhoneError("no_such_call", name)
        return leg

    def _find_confirmed(self, name: str) -> _Leg:
        leg = self._find(name)
        if leg.state is not CallState.CONFIRMED:
            raise PhoneError("sip", f"{name} is not in conversation")
        return leg

    def _admit(self, name: str, *, incoming: bool) -> _Leg:
        leg = _Leg(name, self, incoming)
        self._books.legs[name] = leg
        return leg

    def _announce(self, leg: _Leg, dial: port.Dial, caller: str, dialled: str = "", token: str = "") -> None:
        headers = {name: value for name, value in dial.headers.items() if name.lower().startswith("x-")}
        uri = f"sip:{caller}@{self.settings.host}"
        self.emit(
            CallArrived(
                call=leg.name,
                caller=caller,
                dialled=dialled or self.settings.user,
                caller_uri=uri,
                name=dial.caller,
                token=token,
                headers=headers,
            )
        )
        self._move(leg, CallState.RINGING, 180)

    def _connect_sound(self, leg: _Leg) -> None:
        self._connect(leg.name, SOUND)
        self._connect(SOUND, leg.name)

    def _move(self, leg: _Leg, state: CallState, code: int) -> None:
        leg.state = state
        self._tell(leg, code)

    def _tell(self, leg: _Leg, code: int) -> None:
        holds_us = leg.peer is not None and leg.peer.held
        media = leg.state is CallState.CONFIRMED and not leg.held and not holds_us
        self.emit(CallChanged(call=leg.name, state=leg.state, code=code, media=media, held=leg.held, holds_us=holds_us))

    def _finish(self, leg: _Leg, code: int, *, by_us: bool = False) -> None:
        self._books.legs.pop(leg.name, None)
        self._drop_connections(leg.name)
        self.emit(CallChanged(call=leg.name, state=CallState.ENDED, code=code, by_us=by_us))

    def _drop_connections(self, name: str) -> None:
        connections = self._books.connections
        for pair in [pair for pair in connections if name in pair]:
            del connections[pair]

    def _forget_everything(self) -> None:
        for player in self._books.players.values():
            if player.timer is not None:
                player.timer.cancel()
        self._books = _Books()
        self._running = False
        self.exchange.phones.pop(self._place(), None)

    def _come_back(self) -> None:
        if not self._closed and self._ready is not None:
            self.exchange.phones[self._place()] = self
            self._running = True
            self.emit(self._ready)


def _find_token(dial: port.Dial) -> str:
    return next((value for name, value in dial.headers.items() if name.lower() == TOKEN_HEADER.lower()), "")


def _measure_sound(path: str) -> float:
    """Seconds a WAV file of any encoding plays. Raises PhoneError ``no_such_file``."""
    with contextlib.suppress(OSError, struct.error, ZeroDivisionError):
        data = Path(path).read_bytes()
        if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
            rate: int = struct.unpack_from("<I", data, data.index(b"fmt ") + 16)[0]
            return len(data[data.index(b"data") + 8 :]) / rate
    raise PhoneError("no_such_file", path)
