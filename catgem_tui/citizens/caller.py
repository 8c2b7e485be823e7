"""Simulated citizens on the telephone: they dial, wait, speak when someone listens, rate, and hang up.

``Callers.call`` is what a demonstration or a check wants: it finds or starts a free telephone, makes one call and
says how it went. Each telephone is a phone engine of its own and serves one call after another.
"""

import array
import asyncio
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from catgem_tui.citizens.hearing import Hearing, Signs
from catgem_tui.citizens.voices import VOICES
from catgem_tui.phone.client import EngineClient
from catgem_tui.phone.port import (
    CallChanged,
    CallState,
    Connect,
    Dial,
    EngineSettings,
    EngineStopped,
    Gate,
    HangUp,
    Phone,
    PhoneCommand,
    PhoneError,
    PhoneEvent,
    Play,
    PlayEnded,
    Record,
    SendDigits,
    StopPlaying,
    StopRecording,
)

log = logging.getLogger(__name__)

TICK_SECONDS = 0.2
ANSWER_SECONDS = 20.0
REWIND_SECONDS = 60.0
"""After so long what was heard is thrown away, so that a patient citizen fills no disk."""
RATE = 16000
"""Of the engine's recordings, which have two channels; ours is the left one."""
THINNING = 2
"""Every so-manieth sample is judged; telephone prompts have nothing above 4 kHz."""
HEADER_BYTES = 44
EAR, VOICE = "ear", "voice"


class Outcome(StrEnum):
    SERVED = "served"
    """Somebody listened; either side hung up."""
    ABANDONED = "abandoned"
    """The citizen's patience ended first."""
    BUSY = "busy"
    """Every line was taken (486)."""
    FAILED = "failed"
    """No answer, refused, or cut off while waiting."""


@dataclass(frozen=True, kw_only=True)
class CallPlan:
    """What the citizen will do. Times in seconds."""

    uri: str
    """The public SIP port, ``sip:070@127.0.0.1:5060``."""
    number: str
    """The citizen's telephone number."""
    voices: Sequence[Path] = VOICES[:1]
    """Said one after another, and again, whenever somebody seems to listen."""
    pause: float = 5.0
    """Between two things said."""
    patience: float = 300.0
    """From the answer until the citizen gives up waiting."""
    talk: float | None = 60.0
    """How long the citizen talks before hanging up; None waits for the other side to end it."""
    survey: int | None = 5
    """The key pressed when the survey asks; None presses none."""
    greeting: float = 9.0
    """Who has heard no music so long after the answer takes it that somebody listens already."""


@dataclass(frozen=True, kw_only=True)
class CallResult:
    outcome: Outcome
    code: int
    """Last SIP status code."""
    waited: float
    talked: float
    rated: bool
    """Whether the survey asked and the key was pressed."""


class Caller:
    """One citizen's telephone. ``start`` it, ``call`` as often as wanted (one at a time), ``close`` it."""

    def __init__(self, phone: Phone, signs: Signs | None = None) -> None:
        self._phone = phone
        self._signs = signs
        self._call: _Call | None = None
        self._count = 0
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises PhoneError."""
        await self._phone.start()
        self._listening = asyncio.create_task(self._listen(), name="citizen's telephone")

    async def close(self) -> None:
        await self._phone.close()
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def call(self, plan: CallPlan) -> CallResult:
        """Make one call to its end. Cancelling hangs up. Never raises PhoneError: a failed call is a result."""
        self._count += 1
        with tempfile.TemporaryDirectory(prefix="catgem-citizen-") as folder:
            call = _Call(self._phone, plan, f"call-{self._count}", Path(folder) / "heard.wav", self._signs)
            self._call = call
            try:
                return await call.run()
            finally:
                self._call = None

    async def _listen(self) -> None:
        async for event in self._phone.events():
            if self._call:
                self._call.hear(event)


class Callers:
    """Telephones that are lent out, one to a call, and kept for the next one."""

    def __init__(
        self, *, host: str = "127.0.0.1", python: str = "", make_phone: Callable[[], Phone] | None = None
    ) -> None:
        """``python`` is the engines' interpreter, empty for this one; ``make_phone`` replaces them altogether."""
        settings = EngineSettings(host=host, user="citizen", gate=Gate.OPEN, sound=False, codecs=("PCMA", "PCMU"))
        self._make_phone = make_phone or (lambda: EngineClient(settings, python=python or sys.executable))
        self._idle: list[Caller] = []
        self._all: list[Caller] = []

    async def call(self, plan: CallPlan) -> CallResult:
        """Raises PhoneError when a telephone is needed and cannot be started."""
        if self._idle:
            caller = self._idle.pop()
        else:
            caller = Caller(self._make_phone())
            self._all.append(caller)
            await caller.start()
        try:
            return await caller.call(plan)
        finally:
            self._idle.append(caller)

    async def close(self) -> None:
        await asyncio.gather(*(caller.close() for caller in self._all))
        self._all.clear()
        self._idle.clear()


class _Call:
    """One call from dialling to its end."""

    def __init__(self, phone: Phone, plan: CallPlan, name: str, tape: Path, signs: Signs | None) -> None:
        self._phone = phone
        self._plan = plan
        self._name = name
        self._tape = tape
        self._hearing = Hearing(RATE // THINNING, signs)
        self._clock = asyncio.get_running_loop().time
        self._confirmed = asyncio.Event()
        self._ended = asyncio.Event()
        self._code = 0
        self._read = HEADER_BYTES
        self._said = 0
        self._speaking = False
        self._speak_after = 0.0
        self._music_heard = False
        self._asked_at: float | None = None
        self._rated = False
        self._waited = self._talked = 0.0

    def hear(self, event: PhoneEvent) -> None:
        match event:
            case CallChanged(call=self._name, state=state, code=code):
                self._code = code or self._code
                if state is CallState.CONFIRMED:
                    self._confirmed.set()
                elif state is CallState.ENDED:
                    self._ended.set()
            case PlayEnded(player=player) if player == VOICE:
                self._speaking = False
                self._speak_after = self._clock() + self._plan.pause
            case EngineStopped():
                self._ended.set()

    async def run(self) -> CallResult:
        try:
            await self._phone.do(Dial(call=self._name, uri=self._plan.uri, caller=self._plan.number))
            if not await self._answered():
                return self._result(Outcome.BUSY if self._code == 486 else Outcome.FAILED)
            return await self._stay()
        except PhoneError as error:
            log.info("a citizen's call failed: %s", error)
            return self._result(Outcome.FAILED)
        finally:
            await asyncio.shield(self._leave())

    async def _answered(self) -> bool:
        waiting = [asyncio.ensure_future(event.wait()) for event in (self._confirmed, self._ended)]
        try:
            await asyncio.wait(waiting, timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return self._confirmed.is_set()

    async def _stay(self) -> CallResult:
        await self._prick_up()
        answered = rewound = last = self._clock()
        while not self._ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), TICK_SECONDS)
            now = self._clock()
            self._hearing.feed(await asyncio.to_thread(self._heard))
            listened_to = self._listened_to(now - answered)
            if listened_to:
                self._talked += now - last
            elif self._talked == 0.0:
                self._waited = now - answered
            last = now
            if self._talked == 0.0 and self._waited > self._plan.patience:
                return self._result(Outcome.ABANDONED)
            if self._plan.talk is not None and self._talked > self._plan.talk and not self._hearing.asked:
                break
            await self._act(now, listened_to)
            if now - rewound > REWIND_SECONDS:
                rewound = now
                await self._prick_up()
        return self._result(Outcome.SERVED if self._talked else Outcome.FAILED)

    def _listened_to(self, since_answer: float) -> bool:
        if self._hearing.music:
            self._music_heard = True
            return False
        if self._hearing.asked:
            return False
        return self._music_heard or since_answer > self._plan.greeting

    async def _act(self, now: float, listened_to: bool) -> None:
        if self._hearing.asked:
            self._asked_at = self._asked_at or now
            await self._be_silent()
            # A person listens to some of the question first.
            if self._plan.survey is not None and not self._rated and now - self._asked_at > 2.0:
                self._rated = True
                await self._try(SendDigits(call=self._name, digits=str(self._plan.survey)))
        elif not listened_to:
            await self._be_silent()
        elif not self._speaking and self._plan.voices and now >= self._speak_after:
            voice = self._plan.voices[self._said % len(self._plan.voices)]
            self._said += 1
            self._speaking = True
            await self._try(Play(player=VOICE, path=str(voice), to=(self._name,)))

    async def _be_silent(self) -> None:
        if self._speaking:
            self._speaking = False
            await self._try(StopPlaying(player=VOICE))

    async def _prick_up(self) -> None:
        """Listen, from an empty tape."""
        await self._try(Record(recorder=EAR, path=str(self._tape)))
        await self._try(Connect(source=self._name, sink=f"{EAR}:left"))
        self._read = HEADER_BYTES

    def _heard(self) -> "array.array[int]":
        """What has been added to the tape since the last time, thinned out."""
        both: array.array[int] = array.array("h")
        try:
            with self._tape.open("rb") as tape:
                tape.seek(self._read)
                data = tape.read()
        except OSError:
            return both
        step = 4 * THINNING
        whole = len(data) - len(data) % step
        self._read += whole
        both.frombytes(data[:whole])
        return both[:: 2 * THINNING]

    async def _leave(self) -> None:
        for command in (StopPlaying(player=VOICE), StopRecording(recorder=EAR), HangUp(call=self._name)):
            await self._try(command)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), 3.0)

    async def _try(self, command: PhoneCommand) -> None:
        """The other side may hang up at any moment: what fails then doesn't matter."""
        try:
            await self._phone.do(command)
        except PhoneError as error:
            log.debug("%s: %s", type(command).__name__, error)

    def _result(self, outcome: Outcome) -> CallResult:
        return CallResult(
            outcome=outcome,
            code=self._code,
            waited=round(self._waited, 1),
            talked=round(self._talked, 1),
            rated=self._rated,
        )
