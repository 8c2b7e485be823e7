"""A telephone without an engine, whose other side a script may play.

It keeps the engine's promises (one contract suite runs against both) but for sound, of which it only keeps the books.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator

from catgem_tui.phone import port
from catgem_tui.phone.fake.calls import URI, Exchange, FakeCalls
from catgem_tui.phone.port import CallState, EngineSettings, EngineStopped, PhoneCommand, PhoneError, PhoneEvent, Ready

RESTART_SECONDS = 0.05


class FakePhone:
    """A ``Phone``. ``commands`` are those carried out; ``refuse`` makes the next of a kind fail."""

    def __init__(self, settings: EngineSettings | None = None, *, exchange: Exchange | None = None) -> None:
        self.settings = settings or EngineSettings()
        self.commands: list[PhoneCommand] = []
        self.devices: tuple[port.SoundDevice, ...] = ()
        """What its sound card consists of, for the script."""
        self.exchange = exchange or Exchange()
        self.muted = False
        self._events: asyncio.Queue[PhoneEvent | None] = asyncio.Queue()
        self._names = itertools.count(1)
        self._calls = FakeCalls(self.settings, self.exchange, self._names, self.emit)
        self._registered = ""
        """Our address at the registrar."""
        self._refusals: dict[type, PhoneError] = {}
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
            self._go_on_air()
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
        self._calls.hang_up_all()
        self._forget_everything()
        self._events.put_nowait(None)

    # --- the script ---

    def list_sources(self, sink: str) -> set[str]:
        """Names of those that ``sink`` hears."""
        return self._calls.sound.list_sources(sink)

    def refuse(self, kind: type, error: PhoneError) -> None:
        """Let the next command of this kind fail."""
        self._refusals[kind] = error

    def emit(self, event: PhoneEvent) -> None:
        """Say that something happened."""
        self._events.put_nowait(event)

    def ring(self, caller: str = "7221234567", *, headers: dict[str, str] | None = None) -> str:
        """A call arrives from outside the exchange; returns its name. No gate stands in its way."""
        return self._calls.ring(caller, headers or {})

    def change(self, call: str, state: CallState, code: int = 0) -> None:
        """The other side of a scripted call rings, answers or hangs up."""
        self._calls.change(call, state, code)

    def press(self, call: str, digits: str) -> None:
        """The other side of a call sends digits."""
        self._calls.press(call, digits)

    def die(self, reason: str = "signal 9") -> None:
        """The engine is killed: nobody hears of it but the client, and it comes back by itself."""
        self._forget_everything()
        self.emit(EngineStopped(reason=reason))
        asyncio.get_running_loop().call_later(RESTART_SECONDS, self._come_back)

    # --- inside ---

    def _carry_out(self, command: PhoneCommand) -> None:  # noqa: PLR0912 - a table, written as one
        calls, sound = self._calls, self._calls.sound
        match command:
            case port.Register():
                self._register(command)
            case port.Unregister():
                self._unregister()
            case port.Expect():
                calls.expect(command)
            case port.Dial():
                calls.dial(command)
            case port.Answer():
                calls.answer(command)
            case port.HangUp():
                calls.hang_up(command)
            case port.Redirect():
                calls.redirect(command)
            case port.SendDigits():
                calls.send_digits(command)
            case port.Hold():
                calls.hold(command.call, held=True)
            case port.Resume():
                calls.hold(command.call, held=False)
            case port.Transfer():
                calls.transfer(command)
            case port.Mute():
                self.muted = command.muted
            case port.ListDevices():
                self.emit(port.DevicesListed(devices=self.devices, server="fake" if self.settings.sound else ""))
            case port.TryMicrophone():
                for step in port.TrialStep:
                    self.emit(port.MicrophoneTried(step=step))
            case port.ChooseDevices() | port.Tune() | port.WatchLevels():
                pass  # kept among the commands, for whoever asks
            case port.Play():
                sound.play(command)
            case port.StopPlaying():
                sound.stop_playing(command.player)
            case port.Record():
                sound.record(command)
            case port.StopRecording():
                sound.stop_recording(command.recorder)
            case port.Connect():
                sound.connect(command.source, command.sink)
            case port.Disconnect():
                sound.disconnect(command.source, command.sink)

    def _register(self, command: port.Register) -> None:
        """Its registrar takes everybody, at once; what else one may say the script says."""
        for uri in (command.uri, command.registrar):
            if not URI.match(uri):
                raise PhoneError("bad_uri", uri)
        self._unregister()
        self._registered = command.uri
        self.emit(port.RegistrationChanged(state=port.Registered.TRYING))
        self.emit(port.RegistrationChanged(state=port.Registered.YES, code=200))

    def _unregister(self) -> None:
        if self._registered:
            self._registered = ""
            self.emit(port.RegistrationChanged(state=port.Registered.NOT))

    def _place(self) -> str:
        return self._ready.uri.rpartition("@")[2] if self._ready is not None else ""

    def _go_on_air(self) -> None:
        self.exchange.phones[self._place()] = self._calls
        self._running = True

    def _forget_everything(self) -> None:
        """As an engine does that dies."""
        self._calls.vanish()
        self._calls = FakeCalls(self.settings, self.exchange, self._names, self.emit)
        self.muted, self._registered, self._running = False, "", False
        self.exchange.phones.pop(self._place(), None)

    def _come_back(self) -> None:
        if not self._closed and self._ready is not None:
            self._go_on_air()
            self.emit(self._ready)
