"""Consultations and transfers in a whole central: advisors' telephones, a citizen's, and somebody's outside, all real.

Everybody speaks in a tone of their own, so what is heard says who hears whom.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from catgem_tui.central.app import Central
from catgem_tui.config.centre import Centre
from catgem_tui.config.settings import CallRules, QueueRules, Voice
from catgem_tui.phone.port import CallState, Expect, Gate
from catgem_tui.protocol.commands import (
    AcceptOffer,
    CompleteTransfer,
    Conference,
    Consult,
    EndConsult,
    EndContact,
    Monitor,
    SaveNotes,
    SetPhone,
    SetPresence,
    Swap,
    Transfer,
)
from catgem_tui.protocol.enums import AdvisorState, ContactState, Monitoring, NotReached, Presence, Role, Side
from catgem_tui.protocol.events import (
    AdvisorChanged,
    CallExpected,
    ColleaguesChanged,
    ContactChanged,
    ContactHidden,
    ContactShown,
    FloorSnapshot,
)
from catgem_tui.protocol.model import Contact, Struct
from catgem_tui.protocol.session import SignalArrived
from catgem_tui.selftest.sound import Recording, write_tone
from tests.central_house import Desk, client_of, desk_of, eventually, hire, settings_for
from tests.e2e.lines_rig import SILENT, TAIL_SECONDS, Telephone, hear_together, strengths
from tests.ports import free_port
from tests.sip_peers import Baresip

pytestmark = pytest.mark.require_module("pjsua2")

CITIZEN, ANA, LUIS, CARMEN, OUTSIDE = 620.0, 1050.0, 1370.0, 1730.0, 2090.0
MUSIC = 220.0
LEVEL = 0.3
"""Of a tone: three of them together are not yet too loud for a telephone."""
NUMBER = "7225550199"
AUDIBLE_AMONG_OTHERS = 0.2
"""Strength of such a tone, clicks of a busy machine allowed for."""
OFFER = 8.0
"""Seconds that a telephone rings."""


class Person:
    """Somebody at work: a workstation's live line, and a telephone that lets in what central announces."""

    def __init__(self, house: Central, desk: Desk, telephone: Telephone) -> None:
        self.house, self.desk, self.telephone = house, desk, telephone

    async def says(self, body: Struct) -> None:
        assert await self.desk.command(body) is None

    async def rings(self, *, after: int = 0) -> CallExpected:
        """Let the announced call in, and wait until it rings."""
        announced: CallExpected = await self.desk.until(
            lambda: next((it.body for it in self.desk.events(CallExpected)[after:]), None)
        )
        await self.telephone.phone.do(Expect(token=announced.token))
        await self.telephone.rings(announced.token)
        return announced

    async def answers(self, *, after: int = 0) -> CallExpected:
        announced = await self.rings(after=after)
        await self.telephone.answer()
        await self.telephone.speak()
        return announced

    async def takes(self, *, after: int = 0) -> str:
        """Answer a citizen's call, as a workstation does; the contact."""
        announced = await self.answers(after=after)
        await self.says(AcceptOffer(contact=announced.contact))
        await self.sees(lambda contact: contact.call is not None and contact.call.advisor_leg)
        return announced.contact

    def latest(self) -> Contact:
        contact: Contact = self.desk.events(ContactChanged)[-1].body.contact  # type: ignore[attr-defined]
        return contact

    async def sees(self, what: Callable[[Contact], bool]) -> Contact:
        """Wait until the contact as last told to this person is so."""
        found: Contact = await self.desk.until(
            lambda: self.latest() if self.desk.events(ContactChanged) and what(self.latest()) else None
        )
        return found

    async def sees_self(self, state: AdvisorState) -> None:
        """Wait until this is the last that one is told of one's own state."""
        await self.desk.until(
            lambda: (
                self.desk.events(AdvisorChanged) and self.desk.events(AdvisorChanged)[-1].body.advisor.state is state
            )  # type: ignore[attr-defined]
        )

    async def is_told(self, kind: type[Struct]) -> Struct:
        found: Struct = await self.desk.until(lambda: next((it.body for it in self.desk.events(kind)), None))
        return found


class Floor:
    """A central with one line, whose lines call outside at ``outside``."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.outside = free_port()
        self.house: Central
        self.citizen: Telephone

    async def open(self, blocked: str = "decline", **centre: str) -> "Floor":
        """``centre``: what differs in how it works; ``blocked``: what a blocked number meets."""
        hello = self.folder / "hello.wav"
        write_tone(hello, 440.0, seconds=0.2)
        dial = f"sip:{{number}}@127.0.0.1:{self.outside}"
        voice = msgspec.convert(
            {"lines": 1, "port": 0, "greeting": str(hello), "dial": dial, "blocked": blocked}, Voice
        )
        settings = msgspec.structs.replace(
            settings_for(self.folder / "data", voice=voice),
            queue=QueueRules(call=CallRules(offer_timeout=OFFER)),
            centre=msgspec.convert(centre, Centre),
        )
        self.house = await self.stack.enter_async_context(Central(settings))
        self.citizen = await self.telephone("citizen", CITIZEN)
        return self

    async def telephone(self, name: str, hertz: float, gate: Gate = Gate.OPEN, port: int = 0) -> Telephone:
        made = Telephone(self.folder, name, hertz, gate, port, level=LEVEL)
        self.stack.push_async_callback(made.close)
        return await made.start()

    async def hires(self, name: str, hertz: float, role: Role = Role.ADVISOR) -> Person:
        await hire(self.house, name, role)
        telephone = await self.telephone(name, hertz, Gate.TOKEN)
        desk = await self.stack.enter_async_context(desk_of(self.house, name))
        await desk.ready()
        person = Person(self.house, desk, telephone)
        await person.says(SetPhone(uri=telephone.uri))
        return person

    async def citizen_calls(self) -> None:
        await self.citizen.dial(f"sip:070@{self.house.health().sip}")
        await self.citizen.has_sound()
        await self.citizen.speak()

    async def talk(self) -> tuple[Person, Person, str]:
        """Ana speaks with the citizen; luis is free."""
        ana, luis = await self.hires("ana", ANA), await self.hires("luis", LUIS)
        await ana.says(SetPresence(presence=Presence.AVAILABLE))
        await self.citizen_calls()
        contact = await ana.takes()
        await luis.says(SetPresence(presence=Presence.AVAILABLE))
        return ana, luis, contact

    async def somebody_outside(self) -> Telephone:
        """Whom the lines' numbers reach."""
        return await self.telephone("outside", OUTSIDE, port=self.outside)

    def line_is_free(self) -> bool:
        [line] = self.house.channels.all[0]._lines  # type: ignore[attr-defined]
        return bool(line.free)

    def tape(self, contact: str) -> Path:
        [path] = list((self.folder / "data" / "recordings").rglob(f"{contact}.wav"))
        return path


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[Floor]:
    async with AsyncExitStack() as stack:
        yield await Floor(tmp_path, stack).open()


def consulting(connected: bool, side: Side = Side.CONSULTED) -> Callable[[Contact], bool]:
    def matches(contact: Contact) -> bool:
        asked = contact.call.consultation if contact.call else None
        return asked is not None and asked.connected is connected and asked.side is side

    return matches


def alone_with_the_citizen(contact: Contact) -> bool:
    return contact.call is not None and contact.call.consultation is None and not contact.call.held


def alone_because(why: NotReached) -> Callable[[Contact], bool]:
    """Who was called did not come."""
    return lambda it: alone_with_the_citizen(it) and it.call is not None and it.call.not_reached is why


async def hearing(*who: tuple[Telephone, tuple[float, ...]]) -> list[list[bool | None]]:
    """Which of these tones each telephone hears, all at the same time; music is one of them.

    A busy machine makes a voice faint for a while: what is neither heard nor not heard is listened to again.
    """
    for _ in range(6):
        heard = await hear_together(*(telephone for telephone, _ in who))
        found = [
            [music_in(recording) if tone == MUSIC else _is_heard(recording, tone) for tone in tones]
            for recording, (_, tones) in zip(heard, who, strict=True)
        ]
        if not any(None in each for each in found):
            break
    return found


def _is_heard(recording: Recording, tone: float) -> bool | None:
    strength = recording.strength(tone, start=TAIL_SECONDS)
    return True if strength > AUDIBLE_AMONG_OTHERS else False if strength < SILENT else None


def music_in(recording: Recording) -> bool:
    return recording.strength(MUSIC, start=0.4) > 0.02


async def test_who_hears_whom_while_a_colleague_is_asked_and_conferred_with(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    carmen = await floor.hires("carmen", CARMEN, Role.COORDINATOR)
    await carmen.says(Monitor(contact=contact, mode=Monitoring.LISTEN))
    await carmen.answers()
    everybody = (
        (floor.citizen, (MUSIC, ANA, LUIS, CARMEN)),
        (ana.telephone, (MUSIC, CITIZEN, LUIS, CARMEN)),
        (luis.telephone, (MUSIC, CITIZEN, ANA, CARMEN)),
        (carmen.telephone, (MUSIC, CITIZEN, ANA, LUIS)),
    )
    yes, no = True, False

    await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
    await luis.rings()
    assert await hearing(everybody[0], everybody[3]) == [[yes, no, no, no], [no, yes, yes, no]]
    await luis.telephone.answer()
    await luis.telephone.speak()
    await ana.sees(consulting(True))
    assert await hearing(*everybody) == [[yes, no, no, no], [no, no, yes, no], [no, no, yes, no], [no, yes, yes, yes]]

    await ana.says(Swap(contact=contact))
    await ana.sees(consulting(True, Side.CITIZEN))
    assert await hearing(*everybody) == [[no, yes, no, no], [no, yes, no, no], [yes, no, no, no], [no, yes, yes, yes]]

    await ana.says(Conference(contact=contact))
    await ana.sees(consulting(True, Side.ALL))
    assert await hearing(*everybody) == [
        [no, yes, yes, no],
        [no, yes, yes, no],
        [no, yes, yes, no],
        [no, yes, yes, yes],
    ]
    tape = floor.tape(contact)
    assert strengths(Recording.read(tape), CITIZEN, ANA, LUIS, channel=0) == [yes, no, no]
    assert strengths(Recording.read(tape), CITIZEN, ANA, LUIS, CARMEN, channel=1) == [no, yes, yes, no]

    await ana.says(EndConsult(contact=contact))
    await luis.telephone.becomes(CallState.ENDED)
    without_luis = (everybody[0], everybody[1], everybody[3])
    assert await hearing(*without_luis) == [[no, yes, no, no], [no, yes, no, no], [no, yes, yes, no]]


async def test_a_colleague_takes_over_with_the_notes(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    await ana.says(SaveNotes(contact=contact, text="Pide el acta de su hijo", revision=1))
    await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
    shown = await luis.is_told(ContactShown)
    assert isinstance(shown, ContactShown)
    assert (shown.by, shown.contact.notes) == ("Ana", "Pide el acta de su hijo")
    assert (await luis.answers()).consulting
    await ana.sees(consulting(True))
    await ana.says(CompleteTransfer(contact=contact))
    await ana.telephone.becomes(CallState.ENDED)
    moved = await luis.sees(lambda it: it.state is ContactState.ACTIVE and it.handed_by == "Ana")
    assert moved.notes == "Pide el acta de su hijo"
    assert await hearing((floor.citizen, (LUIS, ANA)), (luis.telephone, (CITIZEN, ANA))) == [[True, False]] * 2
    assert ana.latest().advisor == moved.advisor
    assert luis.desk.events(ContactHidden) == []

    await luis.says(EndContact(contact=contact))
    await luis.telephone.becomes(CallState.ENDED)
    await floor.citizen.press("5")
    await floor.citizen.becomes(CallState.ENDED)
    await eventually(floor.line_is_free)


async def user_id(person: Person, name: str) -> str:
    """Of a colleague, as the workstation knows them."""

    def found() -> str:
        signals = [it.body for it in person.desk.seen if isinstance(it, SignalArrived)]
        told = [body.colleagues for body in signals if isinstance(body, ColleaguesChanged)]
        return next((each.id for each in told[-1] if each.name == name), "") if told else ""

    identifier: str = await person.desk.until(found)
    return identifier


async def test_a_colleague_who_declines_and_one_who_is_let_go(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    colleague = await user_id(ana, "Luis")
    await ana.says(Consult(contact=contact, advisor=colleague))
    await luis.rings()
    await luis.telephone.hang_up()
    await ana.sees(alone_because(NotReached.BUSY))
    await luis.is_told(ContactHidden)
    assert await hearing((floor.citizen, (ANA,)), (ana.telephone, (CITIZEN,))) == [[True], [True]]

    await ana.says(Consult(contact=contact, advisor=colleague))
    await luis.rings(after=1)
    await ana.says(EndConsult(contact=contact))
    await luis.telephone.becomes(CallState.ENDED)
    await ana.says(Consult(contact=contact, advisor=colleague))
    await luis.answers(after=2)
    await ana.sees(consulting(True))
    async with client_of(floor.house.url, "luis") as client:
        assert (await client.get(f"/contacts/{contact}/history")).status_code == 200
        await luis.says(EndConsult(contact=contact))
        assert (await client.get(f"/contacts/{contact}/history")).status_code == 404
    await luis.telephone.becomes(CallState.ENDED)
    await ana.sees(alone_with_the_citizen)
    assert await hearing((floor.citizen, (ANA, LUIS))) == [[True, False]]


async def test_a_colleague_who_does_not_answer(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
    await luis.rings()
    at_ana = await ana.telephone.hear(OFFER - 2.0)
    assert at_ana.strength(425.0) > 0.05, "no ringing tone"
    assert strengths(at_ana, CITIZEN) == [False]
    await luis.telephone.becomes(CallState.ENDED)
    await ana.sees(alone_because(NotReached.UNANSWERED))
    assert await hearing((floor.citizen, (ANA,))) == [[True]]
    await luis.sees_self(AdvisorState.AVAILABLE)


@pytest.mark.require_program("baresip")
async def test_somebody_outside_is_asked_and_takes_over_until_one_hangs_up(floor: Floor) -> None:
    ana, _, contact = await floor.talk()
    bare = Baresip(floor.folder / "bare", OUTSIDE, NUMBER, port=floor.outside)
    await bare.start(floor.stack)
    await ana.says(Consult(contact=contact, number="722 555-0199"))
    await ana.sees(consulting(True))
    both = ((floor.citizen, (MUSIC, ANA, OUTSIDE)), (ana.telephone, (MUSIC, CITIZEN, OUTSIDE)))
    assert await hearing(*both) == [[True, False, False], [False, False, True]]
    await ana.says(Conference(contact=contact))
    assert await hearing(*both) == [[False, True, True], [False, True, True]]

    await ana.says(CompleteTransfer(contact=contact))
    await ana.telephone.becomes(CallState.ENDED)
    left = await ana.sees(lambda it: it.state is ContactState.WRAP_UP)
    assert left.citizen_present
    assert not floor.line_is_free()
    assert await hearing((floor.citizen, (MUSIC, OUTSIDE, ANA))) == [[False, True, False]]
    await floor.citizen.hang_up()
    await ana.sees(lambda it: not it.citizen_present)
    await eventually(floor.line_is_free)
    heard = await bare.quit()
    assert strengths(heard, CITIZEN, ANA) == [True, True]


async def test_handed_on_to_a_number_that_answers_and_hangs_up(floor: Floor) -> None:
    ana, _, contact = await floor.talk()
    outside = await floor.somebody_outside()
    await ana.says(Transfer(contact=contact, number=NUMBER))
    await ana.telephone.becomes(CallState.ENDED)
    assert ana.latest().state is ContactState.WRAP_UP
    arrived = await outside.is_called()
    assert (arrived.dialled, arrived.token, arrived.headers) == (NUMBER, "", {})
    assert music_in(await floor.citizen.hear())
    await outside.answer()
    await outside.speak()
    assert await hearing((floor.citizen, (OUTSIDE, ANA)), (outside, (CITIZEN, MUSIC))) == [[True, False]] * 2
    await outside.hang_up()
    await floor.citizen.becomes(CallState.ENDED)
    await ana.sees(lambda it: not it.citizen_present)
    await eventually(floor.line_is_free)


async def test_refused_outside_the_citizen_is_offered_to_the_same_advisor_again(floor: Floor) -> None:
    ana, _, contact = await floor.talk()
    outside = await floor.somebody_outside()
    await ana.says(Transfer(contact=contact, number=NUMBER))
    await outside.is_called()
    await ana.telephone.becomes(CallState.ENDED)
    await outside.hang_up()
    assert await ana.takes(after=1) == contact
    assert await hearing((floor.citizen, (ANA, OUTSIDE)), (ana.telephone, (CITIZEN, MUSIC))) == [[True, False]] * 2
    contact_now = ana.latest()
    assert contact_now.call is not None
    assert contact_now.call.recording
    assert contact_now.call.not_reached is NotReached.BUSY
    recording = Recording.read(floor.tape(contact))
    assert strengths(recording, CITIZEN, channel=0) == strengths(recording, ANA, channel=1) == [True]


async def test_a_citizen_who_hangs_up_takes_everybody_with_them(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
    await luis.answers()
    await ana.sees(consulting(True))
    await floor.citizen.hang_up()
    await asyncio.gather(ana.telephone.becomes(CallState.ENDED), luis.telephone.becomes(CallState.ENDED))
    await ana.sees(lambda it: it.state is ContactState.WRAP_UP)
    await luis.is_told(ContactHidden)
    await eventually(floor.line_is_free)


async def test_the_asking_telephone_dies_and_the_citizen_comes_back_to_the_next_one(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
    await luis.answers()
    await ana.sees(consulting(True))
    kill(ana.telephone)
    await ana.says(SetPhone(uri=""))  # as the workstation does when its engine is gone
    await luis.telephone.becomes(CallState.ENDED)
    await luis.is_told(ContactHidden)
    assert music_in(await floor.citizen.hear())
    ana.telephone = await floor.telephone("ana-again", ANA, Gate.TOKEN)
    await ana.says(SetPhone(uri=ana.telephone.uri))
    assert await ana.takes(after=1) == contact
    assert await hearing((floor.citizen, (ANA, LUIS))) == [[True, False]]


def kill(telephone: Telephone) -> None:
    assert telephone.phone.pid is not None
    os.kill(telephone.phone.pid, signal.SIGKILL)


async def test_the_line_dies_and_everybody_is_told(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
    await luis.answers()
    await ana.sees(consulting(True))
    [line] = floor.house.channels.all[0]._lines  # type: ignore[attr-defined]
    os.kill(line._phone.pid, signal.SIGKILL)
    await ana.sees(lambda it: it.state is ContactState.WRAP_UP and not it.citizen_present)
    await luis.is_told(ContactHidden)
    await eventually(floor.line_is_free)


async def test_a_workstation_that_comes_back_is_shown_what_it_is_asked_about(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
    announced = await luis.is_told(CallExpected)
    await luis.desk.leave()
    async with desk_of(floor.house, "luis") as again:
        await again.ready()
        [snapshot] = [it.body for it in again.snapshots() if isinstance(it.body, FloorSnapshot)]
        assert [(shown.contact.id, shown.by) for shown in snapshot.shown] == [(contact, "Ana")]
        assert snapshot.expected == (announced,)
        assert [each.name for each in snapshot.colleagues] == ["Ana"]
        assert snapshot.settings.calls_out


async def test_handed_on_to_a_colleague_and_then_to_a_queue(floor: Floor) -> None:
    ana, luis, contact = await floor.talk()
    await ana.says(SaveNotes(contact=contact, text="Pide el acta", revision=1))
    await ana.says(Transfer(contact=contact, advisor=await user_id(ana, "Luis")))
    await ana.telephone.becomes(CallState.ENDED)
    await luis.rings()
    assert music_in(await floor.citizen.hear())
    offered = luis.latest()
    assert (offered.state, offered.handed_by, offered.notes) == (ContactState.OFFERED, "Ana", "Pide el acta")
    await luis.telephone.answer()
    await luis.telephone.speak()
    await luis.says(AcceptOffer(contact=contact))
    await luis.sees(lambda it: it.call is not None and it.call.advisor_leg)
    assert await hearing((floor.citizen, (LUIS, ANA)), (luis.telephone, (CITIZEN, ANA))) == [[True, False]] * 2

    queue = floor.house.settings.centre.queues[1].id
    await luis.says(Transfer(contact=contact, queue=queue))
    await luis.telephone.becomes(CallState.ENDED)
    assert await ana.takes(after=1) == contact
    taken = ana.latest()
    assert (taken.queue, taken.handed_by, taken.notes) == (queue, "Luis", "Pide el acta")
    assert await hearing((floor.citizen, (ANA, LUIS))) == [[True, False]]


async def test_central_that_stops_leaves_nobody_on_the_line(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        floor = Floor(tmp_path, stack)
        await floor.open()
        ana, luis, contact = await floor.talk()
        await ana.says(Consult(contact=contact, advisor=await user_id(ana, "Luis")))
        await luis.answers()
        await ana.sees(consulting(True))
        await floor.house.__aexit__(None, None, None)
        for telephone in (floor.citizen, ana.telephone, luis.telephone):
            await telephone.becomes(CallState.ENDED)
