"""A telephone line with what it commands and tells, for the tests of its conversation."""

from datetime import date
from itertools import count
from pathlib import Path

from catgem_tui.central.ports import (
    Happening,
    Join,
    Offer,
    StartMonitoring,
)
from catgem_tui.central.voice.conversation import Conversation
from catgem_tui.central.voice.signals import (
    ClearTimer,
    Do,
    Input,
    LineScript,
    Output,
    SetTimer,
    Tell,
)
from catgem_tui.phone.port import (
    CallArrived,
    CallChanged,
    CallState,
    Connect,
    Dial,
    Disconnect,
    EngineStopped,
    HangUp,
    PhoneCommand,
    Play,
    PlayEnded,
    StopPlaying,
    StopRecording,
)
from catgem_tui.protocol.enums import Channel, Monitoring

CALL = Channel.CALL


class Floor:
    """A line, its engine's endpoints as they follow from its commands, and what central was told."""

    def __init__(self, **script: object) -> None:
        ids = count(1)
        self.script = LineScript(recordings=Path("/recordings"), **script)  # type: ignore[arg-type]
        self.line = Conversation(self.script, lambda: f"contact-{next(ids)}", lambda: date(2026, 3, 9))
        self.told: list[Happening] = []
        self.did: list[PhoneCommand] = []
        self.wires: set[tuple[str, str]] = set()
        self.timers: dict[str, float] = {}
        self.playing: dict[str, str] = {}
        self.calls: set[str] = set()

    def happens(self, *events: Input) -> list[Output]:
        made: list[Output] = []
        for event in events:
            if isinstance(event, CallChanged) and event.state is CallState.ENDED:
                self.calls.discard(event.call)
                self._gone(event.call)
            elif isinstance(event, PlayEnded):
                self._gone(event.player)
                self.playing.pop(event.player, None)
            elif isinstance(event, CallArrived):
                self.calls.add(event.call)
            elif isinstance(event, EngineStopped):
                self.calls.clear(), self.playing.clear(), self.wires.clear()
            outputs = self.line.handle(event)
            for output in outputs:
                self._perform(output)
            made += outputs
        return made

    def _perform(self, output: Output) -> None:
        match output:
            case Tell(happening=happening):
                self.told.append(happening)
            case SetTimer(name=name, seconds=seconds):
                self.timers[name] = seconds
            case ClearTimer(name=name):
                del self.timers[name]
            case Do(command=command, then=then):
                self.did.append(command)
                if then:
                    self.told.append(then)
                self._engine(command)

    def _engine(self, command: PhoneCommand) -> None:
        match command:
            case Dial(call=call):
                self.calls.add(call)
                assert len(self.calls) <= 4
            case HangUp(call=call):
                assert not any(call in wire for wire in self.wires), "a wire would be cut after its call"
            case Connect(source=source, sink=sink):
                self.wires.add((source, sink))
            case Disconnect(source=source, sink=sink):
                assert (source, sink) in self.wires
                self.wires.discard((source, sink))
            case Play(player=player, path=path):
                assert player not in self.playing
                self.playing[player] = Path(path).stem
            case StopPlaying(player=player):
                del self.playing[player]
                self._gone(player)
            case StopRecording(recorder=recorder):
                self._gone(f"{recorder}:left")
                self._gone(f"{recorder}:right")

    def _gone(self, endpoint: str) -> None:
        self.wires = {wire for wire in self.wires if endpoint not in wire}

    # the story

    def citizen_calls(self, number: str = "7225550134") -> None:
        self.happens(CallArrived(call="in-1", caller=number, dialled="070"), confirmed("in-1"))

    def prompt_ends(self) -> None:
        player = next(player for player in self.playing if player != "music")
        self.happens(PlayEnded(player=player))

    def citizen_waits(self) -> None:
        self.citizen_calls()
        self.prompt_ends()

    def citizen_talks_to(self, advisor: str = "ana") -> None:
        self.citizen_waits()
        self.happens(offer(advisor))
        self.happens(ringing(self.dialled()), confirmed(self.dialled()), join(advisor))

    def dialled(self) -> str:
        return next(command.call for command in reversed(self.did) if isinstance(command, Dial))

    def says(self) -> set[str]:
        """What the citizen hears that is not a person."""
        return {self.playing[source] for source, sink in self.wires if sink == "in-1" and source in self.playing}

    def last(self, kind: type) -> PhoneCommand:
        return next(command for command in reversed(self.did) if isinstance(command, kind))


def confirmed(call: str) -> CallChanged:
    return CallChanged(call=call, state=CallState.CONFIRMED, code=200, media=True)


def ringing(call: str) -> CallChanged:
    return CallChanged(call=call, state=CallState.RINGING, code=180)


def ended(call: str, code: int = 200, reason: str = "") -> CallChanged:
    return CallChanged(call=call, state=CallState.ENDED, code=code, reason=reason)


def offer(advisor: str = "ana", contact: str = "contact-1") -> Offer:
    return Offer(contact=contact, channel=CALL, advisor=advisor, uri=f"sip:{advisor}@127.0.0.1:5999", token="t0ken")


def join(advisor: str = "ana") -> Join:
    return Join(contact="contact-1", channel=CALL, advisor=advisor, name=advisor.title())


def monitor(mode: Monitoring, coordinator: str = "eva") -> StartMonitoring:
    return StartMonitoring(
        contact="contact-1", channel=CALL, coordinator=coordinator, mode=mode, uri="sip:eva@127.0.0.1:5998", token="m"
    )
