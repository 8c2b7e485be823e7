"""One telephone line's conversation, without I/O: phone events and central's effects in, commands and happenings out.

A line serves one citizen at a time. Every ``ContactArrived`` it tells is followed by exactly one ``CitizenLeft`` or
``LineLost``. What the advisor's and the coordinators' telephones do is told unless central itself asked for it.
"""

import logging
from collections.abc import Callable
from datetime import date
from typing import ClassVar

from catgem_tui.central.plaintext import clean_line
from catgem_tui.central.ports import (
    CitizenLeft,
    ContactArrived,
    Deliver,
    DeliveryFailed,
    EndConsulting,
    EndMonitoring,
    Finish,
    HandOver,
    Happening,
    Join,
    LineLost,
    Offer,
    PauseRecording,
    Requeue,
    SendOut,
    SetHold,
    SetSide,
    StartConsulting,
    StartMonitoring,
    SurveyAnswered,
    Withdraw,
)
from catgem_tui.central.voice.consulting import RINGING, Consulting
from catgem_tui.central.voice.legs import PARTY_TIMER, Legs
from catgem_tui.central.voice.listening import Listening
from catgem_tui.central.voice.outbox import Outbox
from catgem_tui.central.voice.signals import (
    ArrivalRefused,
    CommandFailed,
    Input,
    LineScript,
    Output,
    TimerFired,
)
from catgem_tui.central.voice.tape import RECORDER, Tape
from catgem_tui.central.voice.telephones import REACH, Telephones
from catgem_tui.central.voice.visit import Leg, Phase, Visit
from catgem_tui.central.voice.wiring import Cast, wires
from catgem_tui.phone.port import (
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    DigitReceived,
    EngineStopped,
    Play,
    PlayEnded,
    Ready,
    Record,
    SendDigits,
    StopPlaying,
)
from catgem_tui.protocol.enums import Channel, NotReached
from catgem_tui.protocol.model import Citizen

log = logging.getLogger(__name__)

MUSIC = "music"
MUSICAL = frozenset({Phase.SERVING, Phase.OUTSIDE})
GOODBYE_SECONDS = 20.0
"""The last words take no longer, whatever becomes of the sound file."""
SCORES = frozenset("12345")
LONGEST_NUMBER = 60
LONGEST_NAME = 100
NOBODY = frozenset({"anonymous", "restricted", "private", "unavailable", "unknown"})
"""What networks put in the place of a number that is withheld (RFC 3323, 4.1.1.3). Taken for a number, all who withhold
theirs would be one citizen, with one history."""


class Conversation:
    """``handle`` takes one input and returns what to do, in order."""

    def __init__(self, script: LineScript, new_id: Callable[[], str], today: Callable[[], date] = date.today) -> None:
        self._script = script
        self._new_id = new_id
        self._visit: Visit | None = None
        self._out = Outbox()
        self._telephones = Telephones(self._out, script.reach_seconds)
        self._legs = Legs(self._out, self._telephones)
        self._listening = Listening(self._out, self._telephones, self._legs)
        self._tape = Tape(self._out, script.recordings, today)
        self._consulting = Consulting(
            self._out, self._telephones, self._legs, self._tape, script, self._serve, self._dismiss
        )

    @property
    def contact(self) -> str:
        """The contact central knows to be on this line; empty when there is none."""
        return self._visit.contact if self._visit and self._visit.told else ""

    @property
    def busy(self) -> bool:
        return self._visit is not None

    def handle(self, event: Input) -> list[Output]:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(self, event)
        self._settle()
        return self._out.take()

    # --- the citizen's call ---

    def _call_arrived(self, event: CallArrived) -> None:
        self._telephones.admit(event.call)
        if self._visit is not None:
            self._out.hang_up(event.call)
            return
        number, name = clean_line(event.caller, LONGEST_NUMBER), clean_line(event.name, LONGEST_NAME)
        self._visit = Visit(
            contact=self._new_id(),
            call=event.call,
            number="" if number.lower() in NOBODY else number,
            name="" if name == number or name.lower() in NOBODY else name,
            dialled=clean_line(event.dialled, LONGEST_NUMBER),
        )
        self._out.do(Answer(call=event.call))

    def _call_changed(self, event: CallChanged) -> None:
        if event.state is CallState.ENDED:
            self._telephones.release(event.call)
        visit = self._visit
        if visit is None:
            return
        if event.call == visit.call:
            self._citizen_changed(visit, event)
        elif leg := visit.leg(event.call):
            self._leg_changed(visit, leg, event)

    def _citizen_changed(self, visit: Visit, event: CallChanged) -> None:
        if event.state is CallState.ENDED:
            self._end_visit(visit)
        elif event.state is CallState.CONFIRMED and visit.phase is Phase.GREETING and not visit.prompt:
            self._say(visit, "greeting")
            if self._script.menu is None:
                self._tell_arrival(visit, "")

    def _tell_arrival(self, visit: Visit, chosen: str) -> None:
        visit.told = True
        queue = chosen or self._script.queues.get(visit.dialled, "")
        citizen = Citizen(phone=visit.number, name=visit.name)
        self._out.tell(
            ContactArrived(
                contact=visit.contact, channel=Channel.CALL, queue=queue, citizen=citizen, dialled=visit.dialled
            )
        )

    def _digit(self, event: DigitReceived) -> None:
        visit = self._visit
        if visit is None:
            return
        if sink := visit.keys_go_to(event.call):
            self._out.do(SendDigits(call=sink, digits=event.digit))
            return
        if event.call != visit.call:
            return
        menu = self._script.menu
        if menu and visit.phase in {Phase.GREETING, Phase.CHOOSING} and event.digit in menu.queues:
            self._chosen(visit, menu.queues[event.digit])
        elif visit.phase is Phase.SURVEY and event.digit in SCORES:
            self._out.tell(SurveyAnswered(contact=visit.contact, score=int(event.digit)))
            self._part(visit, "thanks")

    def _chosen(self, visit: Visit, queue: str) -> None:
        # The greeting carries the privacy notice: a key pressed early chooses, but does not cut it short.
        if not visit.told:
            self._tell_arrival(visit, queue)
        if visit.phase is Phase.CHOOSING:
            self._stop_prompt(visit)
            self._serve(visit)

    def _play_ended(self, event: PlayEnded) -> None:
        self._out.forget(event.player)
        visit = self._visit
        if visit is None or event.player != visit.prompt:
            return
        visit.prompt = ""
        if visit.phase is Phase.GREETING and self._script.menu and not visit.told:
            visit.phase = Phase.CHOOSING
            self._say(visit, "menu")
        elif visit.phase is Phase.GREETING:
            self._serve(visit)
        elif visit.phase is Phase.CHOOSING and self._script.menu:
            self._out.set_timer("menu", self._script.menu.seconds)
        elif visit.phase is Phase.SERVING:
            self._out.set_timer("announce", self._script.announce_seconds)
        elif visit.phase is Phase.SURVEY:
            self._out.set_timer("survey", self._script.survey_seconds)
        elif visit.phase is Phase.PARTING:
            self._out.hang_up(visit.call)

    def _serve(self, visit: Visit) -> None:
        visit.phase = Phase.SERVING
        self._out.set_timer("announce", self._script.announce_seconds)

    def _timer(self, event: TimerFired) -> None:
        self._out.timer_fired(event.name)
        visit = self._visit
        if visit is None:
            return
        if event.name == "menu" and visit.phase is Phase.CHOOSING:
            self._chosen(visit, "")
        elif event.name == "announce" and visit.phase is Phase.SERVING:
            if visit.served_by() or visit.barged():
                self._out.set_timer("announce", self._script.announce_seconds)
            else:
                self._say(visit, "waiting")
        elif event.name == "survey" and visit.phase is Phase.SURVEY:
            self._part(visit, "thanks")
        elif event.name == PARTY_TIMER:
            self._consulting.unanswered(visit)
        elif event.name == "goodbye":
            self._stop_prompt(visit)
            self._out.hang_up(visit.call)
        elif event.name.startswith(REACH) and (leg := visit.leg(event.name.removeprefix(REACH))):
            self._telephones.hang_up(leg.call)
            self._leg_failed(visit, leg, "unreachable", NotReached.FAILED)

    def _arrival_refused(self, event: ArrivalRefused) -> None:
        visit = self._visit
        if visit and visit.contact == event.contact:
            visit.told = False
            self._legs.drop_everyone(visit)
            self._part(visit, "closed")

    def _part(self, visit: Visit, prompt: str) -> None:
        visit.phase = Phase.PARTING
        self._out.clear_timer("survey")
        self._out.set_timer("goodbye", GOODBYE_SECONDS)
        self._say(visit, prompt)

    def _dismiss(self, visit: Visit) -> None:
        visit.phase = Phase.PARTING
        self._stop_prompt(visit)
        self._out.hang_up(visit.call)

    def _end_visit(self, visit: Visit) -> None:
        self._legs.drop_everyone(visit)
        self._consulting.settle(visit)
        self._stop_prompt(visit)
        if visit.music:
            self._out.do(StopPlaying(player=MUSIC))
            self._out.forget(MUSIC)
        self._tape.stop(visit)
        self._over(visit, CitizenLeft(contact=visit.contact))

    def _over(self, visit: Visit, last: Happening) -> None:
        if visit.told:
            self._out.tell(last)
        self._out.clear_timers()
        self._telephones.forget_waiting()
        self._visit = None

    # --- central's effects ---

    def _offer(self, effect: Offer) -> None:
        visit = self._visit_of(effect.contact)
        if visit is None:
            return
        if former := visit.advisors.pop(effect.advisor, None):
            self._telephones.hang_up(former.call)
        leg = Leg(call=self._telephones.name("advisor"), person=effect.advisor, token=effect.token)
        visit.advisors[effect.advisor] = leg
        self._legs.dial(visit, leg, effect.uri)

    def _withdraw(self, effect: Withdraw) -> None:
        visit = self._visit_of(effect.contact)
        if visit and effect.advisor != visit.serving and (leg := visit.advisors.pop(effect.advisor, None)):
            self._telephones.hang_up(leg.call)

    def _join(self, effect: Join) -> None:
        visit = self._visit_of(effect.contact)
        if visit is None:
            return
        visit.serving = effect.advisor
        visit.held = False
        for person in [person for person in visit.advisors if person != effect.advisor]:
            self._telephones.hang_up(visit.advisors.pop(person).call)

    def _requeue(self, effect: Requeue) -> None:
        visit = self._visit_of(effect.contact)
        if visit:
            self._legs.drop_advisors(visit)
            if visit.phase is Phase.SERVING and not visit.prompt:
                self._out.set_timer("announce", self._script.announce_seconds)

    def _hold(self, effect: SetHold) -> None:
        visit = self._visit_of(effect.contact)
        if visit:
            visit.held = effect.held

    def _pause_recording(self, effect: PauseRecording) -> None:
        if visit := self._visit_of(effect.contact):
            visit.recording_paused = effect.paused

    def _finish(self, effect: Finish) -> None:
        visit = self._visit_of(effect.contact)
        if visit is None:
            return
        self._legs.drop_everyone(visit)
        self._tape.stop(visit)
        self._out.clear_timer("announce")
        if effect.survey and self._script.survey:
            visit.phase = Phase.SURVEY
            self._say(visit, "survey")
        else:
            self._part(visit, "thanks")

    def _monitor(self, effect: StartMonitoring | EndMonitoring) -> None:
        visit = self._visit_of(effect.contact)
        if visit and isinstance(effect, StartMonitoring):
            self._listening.start(visit, effect)
        elif visit and isinstance(effect, EndMonitoring):
            self._listening.end(visit, effect)

    def _consult(self, effect: StartConsulting | SetSide | EndConsulting | HandOver | SendOut) -> None:
        visit = self._visit_of(effect.contact)
        if visit is None:
            return
        match effect:
            case StartConsulting():
                self._consulting.start(visit, effect)
            case SetSide():
                self._consulting.set_side(visit, effect)
            case EndConsulting():
                self._consulting.end(visit, effect)
            case HandOver():
                self._consulting.hand_over(visit, effect)
            case SendOut():
                self._consulting.send_out(visit, effect)

    def _visit_of(self, contact: str) -> Visit | None:
        """The visit an effect is about, as long as there is still something to decide about it."""
        visit = self._visit
        if visit and visit.told and visit.contact == contact and visit.phase not in {Phase.SURVEY, Phase.PARTING}:
            return visit
        log.info("an effect came too late for contact %s", contact)
        return None

    # --- our own telephones ---

    def _leg_changed(self, visit: Visit, leg: Leg, event: CallChanged) -> None:
        if event.state is CallState.ENDED:
            self._leg_failed(visit, leg, event.reason or str(event.code), NotReached.by_answer(event.code))
        elif leg is visit.party:
            self._telephones.reached(leg.call)
            self._consulting.changed(visit, event.state)
        elif event.state is CallState.RINGING:
            self._telephones.reached(leg.call)
        elif event.state is CallState.CONFIRMED and not leg.confirmed:
            self._telephones.reached(leg.call)
            leg.confirmed = True
            self._legs.tell(visit, leg, connected=True)

    def _leg_failed(self, visit: Visit, leg: Leg, reason: str, why: NotReached) -> None:
        """The telephone went by itself, or never came."""
        if leg is visit.party:
            self._consulting.lost(visit, why)
            return
        if visit.coordinators.get(leg.person) is leg:
            self._listening.lost(visit, leg)
            return
        del visit.advisors[leg.person]
        if leg.person == visit.serving:
            visit.serving, visit.held = "", False
        if leg.confirmed:
            self._legs.tell(visit, leg, connected=False)
        else:
            self._out.tell(DeliveryFailed(contact=visit.contact, advisor=leg.person, reason=reason, token=leg.token))

    # --- the engine ---

    def _engine_stopped(self, _: EngineStopped | Ready) -> None:
        # A Ready without a stop before it finds nothing here: the engine begins with no calls.
        self._telephones.release_all()
        if self._visit:
            self._over(self._visit, LineLost(contact=self._visit.contact))

    def _command_failed(self, event: CommandFailed) -> None:
        visit = self._visit
        command = event.command
        if isinstance(command, Dial):
            self._telephones.release(command.call)
            if visit and (leg := visit.leg(command.call)):
                why = NotReached.UNKNOWN if event.code == "bad_uri" else NotReached.FAILED
                self._leg_failed(visit, leg, event.code, why)
        elif visit and isinstance(command, Record):
            self._tape.failed(visit)
        elif visit and isinstance(command, Play) and command.player == visit.prompt:
            # A prompt that can't be read must not hold anyone up.
            self._play_ended(PlayEnded(player=command.player))
        elif visit and isinstance(command, Answer) and command.call == visit.call:
            self._out.hang_up(command.call)
            self._end_visit(visit)

    # --- what follows from the state ---

    def _settle(self) -> None:
        visit = self._visit
        if visit:
            self._telephones.dial_waiting()
            if visit.prompt and visit.phase is not Phase.CHOOSING and self._interrupts(visit):
                self._stop_prompt(visit)
                if visit.phase is Phase.GREETING:
                    self._serve(visit)
                else:
                    self._out.set_timer("announce", self._script.announce_seconds)
            if visit.phase in MUSICAL and not visit.music and not visit.prompt:
                visit.music = True
                self._out.do(Play(player=MUSIC, path=str(self._script.prompts.music), loop=True))
            self._consulting.settle(visit)
            if self._should_record(visit):
                self._tape.start(visit)
        self._out.rewire(wires(self._cast(visit)) if visit else ())

    def _interrupts(self, visit: Visit) -> bool:
        """Whether somebody is there to speak instead of the prompt."""
        if visit.phase is Phase.SERVING or (visit.phase is Phase.GREETING and not self._script.finish_greeting):
            return visit.served_by() is not None or visit.barged()
        return False

    def _should_record(self, visit: Visit) -> bool:
        if not self._script.record or visit.recording or not visit.recordable:
            return False
        return visit.phase is Phase.SERVING and visit.served_by() is not None

    def _cast(self, visit: Visit) -> Cast:
        advisor = visit.served_by()
        return Cast(
            citizen=visit.call,
            advisor=advisor.call if advisor else "",
            coordinators={leg.call: leg.mode for leg in visit.coordinators.values() if leg.confirmed},
            prompt=visit.prompt,
            party=visit.party.call if visit.party and visit.party.confirmed else "",
            side=visit.side,
            ringing=RINGING if visit.ringing else "",
            music=MUSIC if visit.music and visit.phase in MUSICAL else "",
            recorder=RECORDER
            if visit.recording and not visit.recording_paused and visit.phase is not Phase.OUTSIDE
            else "",
            held=visit.held,
        )

    # --- small change ---

    def _say(self, visit: Visit, prompt: str) -> None:
        self._stop_prompt(visit)
        visit.prompt = self._telephones.name(prompt)
        menu = self._script.menu
        path = menu.prompt if menu and prompt == "menu" else getattr(self._script.prompts, prompt)
        self._out.do(Play(player=visit.prompt, path=str(path)))

    def _stop_prompt(self, visit: Visit) -> None:
        if visit.prompt:
            self._out.do(StopPlaying(player=visit.prompt))
            self._out.forget(visit.prompt)
            visit.prompt = ""

    def _ignore(self, _: Deliver) -> None:
        """Nothing to deliver on a telephone line."""

    _handlers: ClassVar[dict[type, Callable[..., None]]] = {
        CallArrived: _call_arrived,
        CallChanged: _call_changed,
        DigitReceived: _digit,
        PlayEnded: _play_ended,
        EngineStopped: _engine_stopped,
        Ready: _engine_stopped,
        TimerFired: _timer,
        ArrivalRefused: _arrival_refused,
        CommandFailed: _command_failed,
        Offer: _offer,
        Withdraw: _withdraw,
        Join: _join,
        Requeue: _requeue,
        SetHold: _hold,
        PauseRecording: _pause_recording,
        Finish: _finish,
        StartMonitoring: _monitor,
        EndMonitoring: _monitor,
        StartConsulting: _consult,
        SetSide: _consult,
        EndConsulting: _consult,
        HandOver: _consult,
        SendOut: _consult,
        Deliver: _ignore,
    }
