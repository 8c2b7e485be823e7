"""The desk at work: happenings become a new state, and the effects of it are handed to whoever performs them."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from catgem_tui.desk import effects, happenings
from catgem_tui.desk.connection import Connection
from catgem_tui.desk.courier import Courier
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.errands import Errands
from catgem_tui.desk.examining import Examiner, Examining
from catgem_tui.desk.exchange import ExchangeAccount, ExchangeLine
from catgem_tui.desk.handset import Handset
from catgem_tui.desk.intents import Intent
from catgem_tui.desk.looking_up import LookingUp
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.desk.sound import SoundChoices, SoundView, write_choices
from catgem_tui.desk.state import DeskState, PhoneStatus, PhoneView, Registration
from catgem_tui.desk.telling import Callback, Telling
from catgem_tui.desk.timers import Timers
from catgem_tui.phone.port import DigitsBy, HangUp, LevelsMeasured, Phone, QualityMeasured, RegistrationChanged
from catgem_tui.protocol.events import RecordChanged
from catgem_tui.protocol.model import Struct
from catgem_tui.protocol.session import EventArrived, SignalArrived

VOLATILE = (LevelsMeasured, QualityMeasured, SignalArrived, happenings.DirectoryChanged)
"""What is measured and counted all the time; changes of records too, of which thousands come at once."""
RING_SOUND = str(Path(__file__).parent / "sounds" / "ring.wav")

log = logging.getLogger(__name__)


def _is_volatile(happening: object) -> bool:
    change = isinstance(happening, EventArrived) and isinstance(happening.body, RecordChanged)
    return change or isinstance(happening, VOLATILE)


class Desk:
    """One person's workstation without its screen. Everything happens on the event loop that called ``start``.

    ``central`` is its base URL, ``folder`` where this workstation keeps its things (made if it isn't there), ``phone``
    None where there is no telephone, ``dial`` the SIP address of a number (``sip:{number}@proxy``; empty: none can be
    called), ``digits`` how digits travel, ``auto_answer`` the seconds after which an offered call is answered by itself
    (0: by the person), ``signals`` whether short tones in the ear tell of the microphone, ``unheard_tone`` whether
    one tells that this person speaks while it is closed, ``exchange`` where it
    registers, if anywhere, ``choices`` of sound devices, ``ring_aloud`` whether offers are heard, ``elsewhere`` whether
    the phone's engine is on another computer, ``clock`` the wall clock in seconds since the epoch, ``examiner`` who
    examines this workstation.
    """

    def __init__(
        self,
        central: str,
        folder: Path,
        phone: Phone | None,
        *,
        dial: str = "",
        digits: DigitsBy = DigitsBy.RFC_4733,
        auto_answer: float = 0.0,
        signals: bool = True,
        unheard_tone: bool = True,
        exchange: ExchangeAccount | None = None,
        choices: SoundChoices | None = None,
        ring_aloud: bool = True,
        elsewhere: bool = False,
        practice: bool = False,
        clock: Callable[[], float] = time.time,
        credentials: Credentials | None = None,
        examiner: Examiner | None = None,
    ) -> None:
        self._clock = clock
        registration = Registration() if exchange is None else Registration(registrar=exchange.host)
        telephone = PhoneView(
            status=PhoneStatus.AWAY if elsewhere else PhoneStatus.STARTING,
            dial=dial,
            digits=digits,
            auto_answer=auto_answer,
            registration=registration,
            card=SoundView(choices=choices or SoundChoices()),
        )
        if auto_answer:
            telephone = replace(telephone, auto_usual=auto_answer)
        self._model = Model(
            view=DeskState(central=central, practice=practice, phone=telephone),
            signals=signals,
            unheard_tone=unheard_tone,
            ring_file=RING_SOUND,
            ring_aloud=ring_aloud,
        )
        self._folder = folder
        self._telling = Telling(lambda: self.state)
        self._timers = Timers()
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = self._closed = False
        self._ready: asyncio.Event | None = None
        self._credentials = credentials or Credentials(central)
        self._handset = Handset(phone, self._happen)
        self._exchange = None
        if exchange is not None:
            self._exchange = ExchangeLine(exchange, self._credentials, self._handset.do, self._happen)
        self._courier = Courier(folder / "outbox.sqlite", self._send, self._happen)
        self._connection = Connection(
            central,
            self._credentials,
            self._courier,
            folder / "directory.sqlite",
            user=lambda: self.state.user,
            report=self._happen,
        )
        self._directory = self._connection.directory
        self._looking_up = LookingUp(self._directory, lambda: self.state.directory.card, self._happen)
        self._errands: Errands | None = None
        self._examining = Examining(examiner, self._happen)
        self._keeping_sound = asyncio.Lock()

    @property
    def state(self) -> DeskState:
        return self._model.view

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """``callback`` gets the latest state, soon after it changed. Returns what ends the subscription."""
        return self._telling.subscribe(callback)

    def do(self, wanted: Intent | Struct) -> None:
        """Carry out an intent or a wire command. Never blocks, never raises; ``state`` shows what came of it."""
        self._happen(wanted)

    async def start(self) -> None:
        """Open what is local; the rest goes on beside. An earlier session in the keyring is taken up by itself."""
        self._started = True
        self._ready = asyncio.Event()
        self._connection.open()
        api, account = self._connection.api, self._connection.account
        if api is not None and account is not None:
            self._errands = Errands(api, account, self._directory, self._happen)
        self._handset.open()
        self._spawn(self._directory.start())
        self._spawn(self._prepare())

    async def close(self) -> None:
        """Leave: what is typed is on disk, the line is closed, the telephone is hung up. Never raises."""
        if not self._started or self._closed:
            return
        self._closed = True
        self._timers.stop()
        self._looking_up.stop()
        self._telling.stop()
        await self._courier.close()
        await self._connection.close_line()
        if self._errands is not None:
            await self._errands.close()
        await self._examining.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._handset.close()
        await self._directory.close()
        await self._connection.close()

    async def wait_for(self, predicate: Callable[[DeskState], bool], timeout: float) -> DeskState:  # noqa: ASYNC109
        """The latest state, once it fulfils ``predicate``; TimeoutError after ``timeout`` seconds. Needs no screen."""
        return await self._telling.wait_for(predicate, timeout)

    # --- happenings ---

    def _happen(self, happening: object) -> None:
        if self._closed:
            return
        if isinstance(happening, RegistrationChanged) and self._exchange is not None:
            self._exchange.note(happening)
        before = self._model.view
        try:
            self._model, wanted = reduce(self._model, happening, self._clock())
            for effect in wanted:
                self._perform(effect)
        except Exception:
            # One faulty reducer must not take a workstation down in the middle of a call; the log has it.
            log.exception("%s could not be dealt with", type(happening).__name__)
        if self._model.view is not before and self._started:
            self._telling.soon(volatile=_is_volatile(happening))

    def _send(self, command_id: str, body: Struct) -> bool:
        return self._connection.send(command_id, body)

    # --- effects ---

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Transmit(id=command_id, body=body):
                self._courier.transmit(command_id, body)
            case effects.RepeatOutbox():
                self._courier.repeat_all()
            case effects.RepeatCommand(id=command_id):
                self._courier.repeat(command_id)
            case effects.ForgetCommand(id=command_id):
                self._courier.forget(command_id)
            case effects.KeepText() | effects.DropText():
                self._courier.keep_text(effect)
            case (
                effects.Telephone()
                | effects.RegisterPhone()
                | effects.KeepSound()
                | effects.RunExamination()
                | effects.StopExamination()
            ):
                self._perform_on_machine(effect)
            case effects.Later(seconds=seconds, event=event):
                self._timers.start(seconds, event, lambda: self._happen(event))
            case effects.FindRecords() | effects.ReadCard() | effects.CountFacets():
                self._look_up(effect)
            case (
                effects.ChangeDirectory()
                | effects.PullDirectory()
                | effects.PauseDirectory()
                | effects.ResumeDirectory()
                | effects.CompareDirectory()
                | effects.UseRecord()
            ):
                self._perform_in_directory(effect)
            case _:
                self._perform_at_central(effect)

    def _perform_on_machine(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Telephone(command=command):
                self._handset.do(command)
            case effects.RegisterPhone(password=password):
                self._spawn(self._register(password))
            case effects.KeepSound(choices=choices):
                self._spawn(self._keep_sound(choices))
            case effects.RunExamination(parts=parts):
                self._examining.begin(parts)
            case effects.StopExamination():
                self._examining.stop()

    def _perform_in_directory(self, effect: effects.Effect) -> None:
        match effect:
            case effects.ChangeDirectory(record=record, seq=seq):
                self._directory.apply(record, seq)
            case effects.PullDirectory():
                self._directory.pull()
            case effects.PauseDirectory():
                self._spawn(self._directory.pause())
            case effects.ResumeDirectory():
                self._directory.resume()
            case effects.UseRecord(record=record):
                self._directory.use(record)
            case effects.CompareDirectory():
                self._directory.compare()

    def _look_up(self, effect: effects.Effect) -> None:
        match effect:
            case effects.FindRecords():
                self._looking_up.seek(effect)
            case effects.ReadCard(record=record):
                self._looking_up.read_card(record)
            case effects.CountFacets():
                self._spawn(self._looking_up.count_facets())

    def _perform_at_central(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Authenticate(username=username, password=password):
                self._spawn(self._log_in(username, password))
            case effects.OpenLine():
                self._connection.open_line()
            case effects.LeaveCentral(calls=calls):
                self._spawn(self._connection.leave(lambda: self._hang_up(calls)))
            case effects.RunErrand(errand=errand):
                if self._errands is not None:
                    self._errands.run(errand)
            case effects.StopErrands():
                if self._errands is not None:
                    self._errands.stop()
            case effects.FetchHistory(contact=contact):
                self._spawn(self._connection.fetch_history(contact))
            case effects.FetchLog(record=record):
                self._spawn(self._connection.fetch_log(record))
            case _:
                log.error("nobody performs %s", type(effect).__name__)

    def _hang_up(self, calls: tuple[str, ...]) -> None:
        for call in calls:
            self._handset.do(HangUp(call=call))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("unfinished work of the desk", exc_info=task.exception())

    async def _keep_sound(self, choices: SoundChoices) -> None:
        """The latest is the one that stays: what was chosen before it is written first."""
        async with self._keeping_sound:
            try:
                await asyncio.to_thread(write_choices, self._folder, choices)
            except OSError as error:
                log.warning("the choice of sound devices is not kept: %s", error)

    # --- what waits for the keyring ---

    async def _prepare(self) -> None:
        """Open what keeps our things; then take an earlier session up, for as long as nobody logs in."""
        try:
            await self._credentials.open()
            await self._courier.open(await self._credentials.outbox_key())
            self._directory.key = await self._credentials.directory_key()
        finally:
            if self._ready is not None:
                self._ready.set()
        resuming = self._credentials.session is not None and self._connection.account is not None
        self._happen(happenings.Prepared(self._credentials.where, resuming=resuming))
        if resuming:
            await self._connection.resume()

    async def _log_in(self, username: str, password: str) -> None:
        if self._ready is not None:
            await self._ready.wait()
        await self._connection.log_in(username, password)

    async def _register(self, password: str) -> None:
        if self._exchange is not None and self._ready is not None:
            await self._ready.wait()  # the keyring is open by then
            await self._exchange.register(password)
