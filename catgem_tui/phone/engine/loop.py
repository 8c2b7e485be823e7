"""The one thread that owns pjsip: it polls the library, carries out commands, and looks after what has a time."""

import gc
import logging
import queue
import signal
import socket
import sys
import time
from collections.abc import Callable

import msgspec
import pjsua2 as pj

from catgem_tui.phone import port, wire
from catgem_tui.phone.engine.calls import Calls
from catgem_tui.phone.engine.channel import Channel
from catgem_tui.phone.engine.grave import Grave
from catgem_tui.phone.engine.haste import hurry_process
from catgem_tui.phone.engine.library import Library, describe_error, move, start_library
from catgem_tui.phone.engine.measure import Measures
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.engine.names import Names
from catgem_tui.phone.engine.players import Players
from catgem_tui.phone.engine.recorder import Recorders
from catgem_tui.phone.engine.registration import LOOK_SECONDS, Registration
from catgem_tui.phone.engine.ringer import Ringer
from catgem_tui.phone.engine.sound import Sound
from catgem_tui.phone.engine.trial import Trial
from catgem_tui.phone.engine.whereabouts import ANY
from catgem_tui.phone.port import EngineSettings, PhoneCommand, PhoneError, PhoneEvent
from catgem_tui.phone.standstill import WAKING_SECONDS, Standstill

_log = logging.getLogger(__name__)

POLL_MS, SOUND_POLL_MS = 40, 100
"""The longest pjsip is left waiting, without a card and with one; packets, its own timers and our wake-up end the wait
at once. What it has to tell us of sound (a digit heard, a file played to its end) waits for so long."""
CLIENT_SECONDS = 10.0
"""A client silent for so long is gone, whatever its socket says."""
ORPHAN_SECONDS = 0.5
"""A client that died is missed by central first: calls that end before look as if the person had hung up."""
FAREWELL_SECONDS = 0.6
COLLECT_SECONDS = 10.0
SWITCH_SECONDS = 0.0005


class Engine:
    def __init__(self, settings: EngineSettings, channel: Channel) -> None:
        """Start the library and the sound card and say Ready. Raises PhoneError."""
        # Python's cycle collector may run on any thread, and pjsip aborts when its objects die on a strange one.
        gc.disable()
        # The audio threads wait this long at most for whoever holds the interpreter; Python's own 5 ms is half a block.
        sys.setswitchinterval(SWITCH_SECONDS)
        self._channel = channel
        self._library = start_library(settings)
        wake = _create_wake(self._library)
        self._grave = Grave()
        self._mixer = Mixer()
        self._sound = Sound(self._library, settings, self._mixer, self._emit)
        self._calls = Calls(self._library, settings, self._mixer, Names(wake), self._emit)
        self._registration = Registration(self._library, self._calls, self._emit)
        self._ringer = Ringer(lambda: self._sound.choice.ringer if settings.sound else "")
        self._players = Players(self._mixer, self._grave, self._ringer, self._hear_player)
        self._recorders = Recorders(self._mixer, self._library.frame_ms)
        self._trial = Trial(self._mixer, self._recorders, self._players, self._emit)
        self._measures = Measures(self._calls, self._sound, self._emit, levels=settings.levels)
        self._has_card = settings.sound
        self._poll_ms = SOUND_POLL_MS if settings.sound else POLL_MS
        self._running = True
        self._orphaned: float | None = None
        self._client_seen = time.monotonic()
        self._channel.wake_with(wake)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        self._emit(
            port.Ready(
                uri=self._library.uri,
                **msgspec.structs.asdict(self._sound.state()),
                version=str(self._library.endpoint.libVersion().full),
            )
        )

    def run(self) -> None:
        """Work until the client leaves or a signal says so, then end every call."""
        chores = (
            _Chore(wire.BEAT_SECONDS, lambda: self._channel.send(wire.Beat())),
            _Chore(0.2, self._look_around),
            _Chore(LOOK_SECONDS, self._look_where_we_are),
            _Chore(COLLECT_SECONDS, gc.collect),
        )
        standstill = Standstill()
        gc.freeze()
        if self._has_card:
            hurry_process()
        while self._running:
            self._poll()
            self._drain()
            self._calls.outgoing.go_on()
            now = time.monotonic()
            for chore in chores:
                chore.run_if_due(now)
            if self._orphaned is not None and now - self._orphaned > ORPHAN_SECONDS:
                self._running = False
            if standstill.look() > WAKING_SECONDS:
                self._client_seen = now  # which sleeps as we do where it is on the same machine
                self._wake_up()
            if now - self._client_seen > CLIENT_SECONDS:
                _log.warning("the client fell silent")
                self._running = False
        self._say_farewell()

    def _poll(self) -> None:
        try:
            self._library.endpoint.libHandleEvents(self._poll_ms)
        except pj.Error as error:
            _log.warning("polling: %s", describe_error(error))

    def _look_around(self) -> None:
        self._calls.enforce_deadlines()
        self._calls.let_go()
        self._calls.outgoing.make_waiting()
        self._calls.send_waiting_digits()
        self._calls.transfers.look()
        self._calls.floodgate.look()
        self._registration.look()
        self._sound.look_after(in_call=bool(self._calls.confirmed()))
        self._ringer.look_after()
        self._trial.look_after()
        self._measures.look()
        self._grave.clear()
        self._players.look_after()

    def _wake_up(self) -> None:
        """Much may have happened that nobody told us of."""
        if self._registration.wanted:
            self._registration.wake()  # which asks after the calls too
        else:
            self._calls.ask_after_all()

    def _look_where_we_are(self) -> None:
        watch = self._library.watch
        if watch is not None and watch.has_changed():
            if not self._registration.wanted:  # which notices by itself, and tells the registrar as well
                move(self._library)
            self._emit(port.Moved(uri=self._library.uri))

    def _stop(self, *_: object) -> None:
        self._running = False

    def _say_farewell(self) -> None:
        self._trial.drop()
        self._recorders.stop_all()
        self._calls.end_all()
        self._registration.leave()
        limit = time.monotonic() + FAREWELL_SECONDS
        while not self._calls.is_idle() and time.monotonic() < limit:
            self._poll()
        self._channel.close(0.2)

    def _hear_player(self, event: PhoneEvent) -> None:
        if not (isinstance(event, port.PlayEnded) and self._trial.heard(event.player)):
            self._emit(event)

    def _emit(self, event: PhoneEvent) -> None:
        self._channel.send(wire.Happened(event=event))

    def _drain(self) -> None:
        while True:
            try:
                message = self._channel.inbox.get_nowait()
            except queue.Empty:
                return
            self._client_seen = time.monotonic()
            if message is None:
                self._orphaned = self._client_seen
            elif isinstance(message, wire.Bye):
                self._running = False
            elif isinstance(message, wire.Do):
                self._channel.send(self._carry_out(message))

    def _carry_out(self, order: wire.Do) -> wire.Done | wire.Failed:
        try:
            self._dispatch(order.command)
        except PhoneError as error:
            return wire.Failed(id=order.id, code=error.code, detail=error.detail)
        except pj.Error as error:
            return wire.Failed(id=order.id, code="sip", detail=describe_error(error))
        except Exception as error:  # noqa: BLE001 - one command's fault must not take the other calls down with it
            _log.exception("carrying out %s", type(order.command).__name__)
            return wire.Failed(id=order.id, code="not_running", detail=str(error))
        return wire.Done(id=order.id)

    def _dispatch(self, command: PhoneCommand) -> None:  # noqa: PLR0912 - a table, written as one
        match command:
            case port.Register():
                self._registration.register(command)
            case port.Unregister():
                self._registration.leave()
            case port.Expect():
                self._calls.expect(command)
            case port.Dial():
                self._calls.dial(command)
            case port.Answer():
                self._calls.answer(command)
            case port.HangUp():
                self._calls.hang_up(command)
            case port.Redirect():
                self._calls.redirect(command)
            case port.SendDigits():
                self._calls.send_digits(command)
            case port.Hold():
                self._calls.hold(command)
            case port.Resume():
                self._calls.resume(command)
            case port.Transfer():
                self._calls.transfer(command)
            case port.Mute(muted=muted):
                self._sound.mute(muted=muted)
            case port.ListDevices(watch=watch):
                self._sound.list_devices(watch=watch)
            case port.ChooseDevices():
                self._sound.choose(command)
            case port.Tune():
                self._sound.tune(command)
            case port.WatchLevels(watch=watch):
                self._measures.watched = watch
            case port.TryMicrophone():
                self._trial.begin(command)
            case port.Play():
                self._players.play(command)
            case port.StopPlaying(player=player):
                self._players.stop(player)
            case port.Record(recorder=recorder, path=path):
                self._recorders.record(recorder, path)
            case port.StopRecording(recorder=recorder):
                self._recorders.stop(recorder)
            case port.Connect(source=source, sink=sink, level=level):
                self._mixer.connect(source, sink, level)
            case port.Disconnect(source=source, sink=sink):
                self._mixer.disconnect(source, sink)


class _Chore:
    def __init__(self, every: float, work: Callable[[], object]) -> None:
        self._every = every
        self._work = work
        self._due = time.monotonic()

    def run_if_due(self, now: float) -> None:
        if now >= self._due:
            self._due = now + self._every
            self._work()


def _create_wake(library: Library) -> Callable[[], None]:
    """Return a function that ends pjsip's wait: an empty keep-alive (RFC 5626, 4.4.1) to its own SIP port."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.setblocking(False)
    host = "127.0.0.1" if library.host == ANY else library.host

    def wake() -> None:
        try:
            probe.sendto(b"\r\n\r\n", (host, library.port))
        except OSError:
            # Never mind: the poll ends by itself within SOUND_POLL_MS.
            return

    return wake
