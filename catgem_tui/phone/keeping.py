"""What of a telephone must be told to a client who comes later: its calls, whether it is muted, what plays."""

from collections.abc import Iterable

from msgspec.structs import asdict, replace

from catgem_tui.phone import port
from catgem_tui.phone.port import CallState, KeptCall, PhoneCommand, PhoneEvent, Ready, RegistrationChanged


class Book:
    """Kept up to date by every command that was carried out and every event."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._calls: dict[str, KeptCall] = {}
        self._muted = False
        self.players: set[str] = set()
        """What plays and has not come to its end."""
        self.account: port.Register | None = None
        """By which the engine is registered."""
        self.registration: RegistrationChanged | None = None

    @property
    def ready(self) -> Ready:
        """As it is told to a new client."""
        return replace(self._ready, calls=tuple(self._calls.values()), muted=self._muted)

    @property
    def calls(self) -> Iterable[str]:
        return tuple(self._calls)

    def obey(self, command: PhoneCommand) -> None:
        match command:
            case port.Mute(muted=muted):
                self._muted = muted
            case port.Play(player=player):
                self.players.add(player)
            case port.StopPlaying(player=player):
                self.players.discard(player)
            case port.Register():
                self.account = command
            case port.Unregister():
                self.account = None

    def dial(self, command: port.Dial) -> None:
        """Before it is carried out: its first events come at once."""
        changed = port.CallChanged(call=command.call, state=CallState.DIALLING)
        self._calls.setdefault(command.call, KeptCall(changed=changed, dialled=command))

    def dial_failed(self, call: str) -> None:
        kept = self._calls.get(call)
        if kept is not None and kept.changed.state is CallState.DIALLING:
            del self._calls[call]

    def hear(self, event: PhoneEvent) -> None:
        match event:
            case Ready():
                self._ready = event
            case port.EngineStopped():
                self._calls.clear()
                self.players.clear()
                self.account = self.registration = None
            case port.CallArrived(call=call):
                changed = port.CallChanged(call=call, state=CallState.RINGING)
                self._calls[call] = KeptCall(changed=changed, arrived=event)
            case port.CallChanged(call=call, state=CallState.ENDED):
                self._calls.pop(call, None)
            case port.CallChanged(call=call) if call in self._calls:
                self._calls[call] = replace(self._calls[call], changed=event)
            case port.PlayEnded(player=player):
                self.players.discard(player)
            case port.SoundChanged():
                self._ready = replace(self._ready, **asdict(event))
            case RegistrationChanged():
                self.registration = event
