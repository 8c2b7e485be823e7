"""The desk at work: one place where happenings become a new state and effects are performed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from catgem_tui.desk import effects, happenings
from catgem_tui.desk.account import Account
from catgem_tui.desk.courier import Courier
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.errands import Errands
from catgem_tui.desk.examining import Examiner, Examining
from catgem_tui.desk.exchange import ExchangeAccount, ExchangeLine
from catgem_tui.desk.handset import Handset
from catgem_tui.desk.intents import Intent
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.desk.sound import SoundChoices, SoundView, write_choices
from catgem_tui.desk.source import CentralSource
from catgem_tui.desk.state import DeskState, PhoneStatus, PhoneView, Registration
from catgem_tui.directory.sync import Directory
from catgem_tui.link.address import Address, Failed, parse_address
from catgem_tui.link.api import Api
from catgem_tui.link.editing import EditingApi
from catgem_tui.link.live import FINAL, LONGEST_PAUSE, LiveLine
from catgem_tui.phone.port import DigitsBy, LevelsMeasured, Phone, QualityMeasured, RegistrationChanged
from catgem_tui.protocol.enums import RESTRICTED_READERS
from catgem_tui.protocol.events import DIRECTORY
from catgem_tui.protocol.http import Session
from catgem_tui.protocol.model import Struct
from catgem_tui.protocol.session import Incoming, SignalArrived, WorkstationSession

INTERVAL = 0.005
"""Seconds between two tellings of the state: a burst becomes one."""
SEARCH_AGAIN = 0.1
"""Seconds between two searches at least that only changes of the directory ask for."""
VOLATILE_INTERVAL = 0.1
"""The same for what is measured and counted all the time."""
VOLATILE = (LevelsMeasured, QualityMeasured, SignalArrived, happenings.DirectoryChanged)
PASSING = frozenset({"unreachable", "storage"})
"""Failures to take a session up that pass by themselves."""
HITS = 50
MOST_NEAR = 100
"""Records named by one that a card tells of."""
LOG = 20
"""Lines of a change log that a card shows."""
RING_SOUND = str(Path(__file__).parent / "sounds" / "ring.wav")
LAST_GOODBYE = 3.0
"""Seconds that closing lets unfinished work finish."""

log = logging.getLogger(__name__)
Callback = Callable[[DeskState], None]
T = TypeVar("T")


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
        self._central = central
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
        self._subscribers: list[Callback] = []
        self._telling: asyncio.TimerHandle | None = None
        self._told_at = 0.0
        self._sought_at = 0.0
        self._timers: dict[object, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = self._closed = False
        self._ready: asyncio.Event | None = None
        self._credentials = credentials or Credentials(central)
        self._handset = Handset(phone, self._happen)
        self._exchange = None
        if exchange is not None:
            self._exchange = ExchangeLine(exchange, self._credentials, self._handset.do, self._happen)
        self._courier = Courier(folder / "outbox.sqlite", self._send, self._happen)
        self._directory = Directory(
            folder / "directory.sqlite", CentralSource(self.ask_central), self._tell_of_directory
        )
        self._address = parse_address(central)
        self._api: EditingApi | None = None
        self._account: Account | None = None
        self._errands: Errands | None = None
        self._examining = Examining(examiner, self._happen)
        self._changing_user = asyncio.Lock()
        self._keeping_sound = asyncio.Lock()
        self._session: WorkstationSession | None = None
        self._line: LiveLine | None = None

    @property
    def state(self) -> DeskState:
        return self._model.view

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """``callback`` gets the latest state, soon after it changed. Returns what ends the subscription."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def do(self, wanted: Intent | Struct) -> None:
        """Carry out an intent or a wire command. Never blocks, never raises; ``state`` shows what came of it."""
        self._happen(wanted)

    async def start(self) -> None:
        """Open what is local; the rest goes on beside. An earlier session in the keyring is taken up by itself."""
        self._started = True
        self._ready = asyncio.Event()
        if isinstance(self._address, Address):
            self._api = EditingApi(self._address)
            self._account = Account(self._api, self._credentials)
            self._errands = Errands(self._api, self._account, self._directory, self._happen)
        self._handset.open()
        self._spawn(self._directory.start())
        self._spawn(self._prepare())

    async def close(self) -> None:
        """Leave: what is typed is on disk, the line is closed, the telephone is hung up. Never raises."""
        if not self._started or self._closed:
            return
        self._closed = True
        for timer in [*self._timers.values(), *([self._telling] if self._telling else [])]:
            timer.cancel()
        await self._courier.close()
        if self._line is not None:
            await self._line.close()
        if self._errands is not None:
            await self._errands.close()
        await self._examining.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._handset.close()
        await self._directory.close()
        if self._api is not None:
            await self._api.close()

    async def wait_for(self, predicate: Callable[[DeskState], bool], timeout: float) -> DeskState:  # noqa: ASYNC109
        """The latest state, once it fulfils ``predicate``; TimeoutError after ``timeout`` seconds. Needs no screen."""
        changed = asyncio.Event()
        unsubscribe = self.subscribe(lambda state: changed.set())
        try:
            async with asyncio.timeout(timeout):
                while not predicate(self.state):
                    changed.clear()
                    await changed.wait()
                return self.state
        finally:
            unsubscribe()

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
        if self._model.view is not before:
            self._tell_soon(VOLATILE_INTERVAL if isinstance(happening, VOLATILE) else INTERVAL)

    def _tell_soon(self, interval: float) -> None:
        if not self._started:
            return
        loop = asyncio.get_running_loop()
        when = max(loop.time(), self._told_at + interval)
        if self._telling is not None:
            if self._telling.when() <= when:
                return
            self._telling.cancel()
        self._telling = loop.call_at(when, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._told_at = asyncio.get_running_loop().time()
        for callback in list(self._subscribers):
            try:
                callback(self.state)
            except Exception:
                # A subscriber's fault is its own; the others and the desk go on.
                log.exception("a subscriber failed")

    # --- the line's listener ---

    def line_brought(self, incoming: Incoming) -> None:
        self._happen(incoming)

    def line_lost(self, reason: str, unanswered: tuple[str, ...]) -> None:
        self._directory.rest()
        self._happen(happenings.LineLost(reason, unanswered, final=reason in FINAL))

    def _send(self, command_id: str, body: Struct) -> bool:
        return self._line is not None and self._line.send(command_id, body)

    async def _give_token(self, renew: bool) -> str | Failed:
        """Called before each connection: also the moment to say where the directory's copy stands."""
        if self._account is None or self._session is None:
            return Failed("expired")
        self._session.cursors.pop(DIRECTORY, None)
        cursor = self._directory.tell_cursor()
        if cursor is not None:
            self._session.cursors[DIRECTORY] = cursor
        return await self._account.token(renew)

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
                self._start_timer(seconds, event)
            case effects.FindRecords():
                self._seek(effect)
            case effects.ReadCard():
                self._start_timer(0.0, effect)  # many changes in one turn of the loop are read once
            case (
                effects.ChangeDirectory()
                | effects.PullDirectory()
                | effects.PauseDirectory()
                | effects.ResumeDirectory()
                | effects.CompareDirectory()
                | effects.UseRecord()
                | effects.CountFacets()
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
            case effects.CountFacets():
                self._spawn(self._count_facets())

    def _perform_at_central(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Authenticate(username=username, password=password):
                self._spawn(self._log_in(username, password))
            case effects.OpenLine():
                self._open_line()
            case effects.LeaveCentral():
                self._spawn(self._leave())
            case effects.RunErrand(errand=errand):
                if self._errands is not None:
                    self._errands.run(errand)
            case effects.StopErrands():
                if self._errands is not None:
                    self._errands.stop()
            case effects.FetchHistory(contact=contact):
                self._spawn(self._fetch_history(contact))
            case effects.FetchLog(record=record):
                self._spawn(self._fetch_log(record))
            case _:
                log.error("nobody performs %s", type(effect).__name__)

    def _start_timer(self, seconds: float, event: object) -> None:
        def fire() -> None:
            self._timers.pop(event, None)
            if isinstance(event, effects.FindRecords):
                self._find(event.query)
            elif isinstance(event, effects.ReadCard):
                self._read_card(event.record)
            else:
                self._happen(event)

        running = self._timers.pop(event, None)
        if running is not None:
            running.cancel()
        self._timers[event] = asyncio.get_running_loop().call_later(seconds, fire)

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

    # --- central ---

    async def _prepare(self) -> None:
        """Open what keeps our things; then take an earlier session up, for as long as nobody logs in."""
        try:
            await self._credentials.open()
            await self._courier.open(await self._credentials.outbox_key())
            self._directory.key = await self._credentials.directory_key()
        finally:
            if self._ready is not None:
                self._ready.set()
        account = self._account if self._credentials.session is not None else None
        self._happen(happenings.Prepared(self._credentials.where, resuming=account is not None))
        while account is not None:
            async with self._changing_user:
                if self.state.user is not None:
                    return
                session = await account.resume()
                if isinstance(session, Session):
                    await self._enter(session)
                    return
            retrying = session.code in PASSING
            self._happen(happenings.LoginFailed(session.code, retrying=retrying))
            if not retrying:
                return
            await asyncio.sleep(LONGEST_PAUSE)

    async def _log_in(self, username: str, password: str) -> None:
        if self._ready is not None:
            await self._ready.wait()
        if self._account is None:
            code = self._address.code if isinstance(self._address, Failed) else "bad_address"
            self._happen(happenings.LoginFailed(code))
            return
        async with self._changing_user:
            session = await self._account.log_in(username, password)
            if isinstance(session, Failed):
                self._happen(happenings.LoginFailed(session.code))
            else:
                await self._enter(session)

    async def _enter(self, session: Session) -> None:
        kept = await self._courier.adopt(session.user.id)
        self._directory.serve(session.user.id, restricted=session.user.role in RESTRICTED_READERS)
        before = self.state.user
        if self._line is not None and (before is None or before.id != session.user.id):
            await self._line.close()
            self._line = None
        self._happen(happenings.LoggedIn(session.user, kept.commands, kept.texts))

    def _open_line(self) -> None:
        if self._line is None and isinstance(self._address, Address):
            self._session = WorkstationSession(asyncio.get_running_loop().time)
            self._session.reached[DIRECTORY] = self._directory.reached
            self._line = LiveLine(self._address, self._session, self._give_token, self)
        if self._line is not None:
            self._line.hurry()

    async def _register(self, password: str) -> None:
        if self._exchange is not None and self._ready is not None:
            await self._ready.wait()  # the keyring is open by then
            await self._exchange.register(password)

    async def _leave(self) -> None:
        async with self._changing_user:
            line, self._line = self._line, None
            if line is not None:
                await line.close()
            self._directory.rest()
            self._directory.leave()
            if self._account is not None:
                await self._account.log_out()

    async def _fetch_history(self, contact: str) -> None:
        items = await self.ask_central(lambda api, token: api.history(token, contact))
        if items is not None:
            self._happen(happenings.HistoryFetched(contact, items))

    # --- the directory ---

    async def _fetch_log(self, record: str) -> None:
        page = await self.ask_central(lambda api, token: api.record_log(token, record, LOG))
        self._happen(happenings.LogFetched(record, None if page is None else page.items))

    async def ask_central(self, ask: Callable[[Api, str], Awaitable[T | Failed]]) -> T | None:
        """What central gives to somebody logged in; None when it cannot now."""
        api = self._api
        if self._account is None or api is None:
            return None
        answer = await self._account.ask(lambda token: ask(api, token))
        return None if isinstance(answer, Failed) else answer

    def _tell_of_directory(self) -> None:
        copy = self._directory
        if self._session is not None and self._line is not None:
            self._session.reached[DIRECTORY] = copy.reached
            self._line.acknowledge()
        stage, done, total = copy.progress
        self._happen(
            happenings.DirectoryChanged(len(copy), copy.syncing, copy.problem, (done, total), stage, copy.complete)
        )

    async def _count_facets(self) -> None:
        self._happen(happenings.FacetsCounted(await self._directory.facets()))

    def _read_card(self, record: str) -> None:
        known = self._directory.record(record)
        shown = known or self.state.directory.card
        names = (shown.merged_into, *shown.related) if shown is not None and shown.id == record else ()
        near = {each: found for each in names[:MOST_NEAR] if each and (found := self._directory.record(each))}
        self._happen(happenings.CardRead(record, known, near))

    def _seek(self, effect: effects.FindRecords) -> None:
        """What is typed is sought at once; many changes are one reason to seek again, which they do not put off."""
        if effect.typed:
            self._find(effect.query)
        elif effect not in self._timers:
            self._start_timer(max(0.0, self._sought_at + SEARCH_AGAIN - asyncio.get_running_loop().time()), effect)

    def _find(self, query: str) -> None:
        self._sought_at = asyncio.get_running_loop().time()
        begun = time.perf_counter()
        found = self._directory.search(query, HITS)
        taken = (time.perf_counter() - begun) * 1000
        hits = tuple(each.record for each in found)
        self._happen(
            happenings.RecordsFound(
                query, hits, tuple(each.marks for each in found), taken, tuple(each.reason for each in found)
            )
        )
