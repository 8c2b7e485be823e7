"""The desk spoken to: one Talk hears what happens and shows what the desk wants done."""

from typing import Any, TypeVar

from catgem_tui.desk import effects, happenings
from catgem_tui.desk.model import Model
from catgem_tui.desk.reduce import reduce
from catgem_tui.desk.state import DeskState
from catgem_tui.phone import port
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import (
    AdvisorState,
    Channel,
    ContactState,
    Presence,
    Refusal,
    Role,
)
from catgem_tui.protocol.events import (
    FLOOR,
    CallExpected,
    ContactChanged,
    FloorSnapshot,
)
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.model import Advisor, CentreSettings, Contact, Struct, User
from catgem_tui.protocol.session import Answered, EventArrived, SnapshotArrived, Welcomed

ANA = User(id="u1", username="ana", name="Ana", role=Role.ADVISOR)
BETO = User(id="u2", username="beto", name="Beto", role=Role.COORDINATOR)
URI = "sip:catgem@127.0.0.1:40000"
E = TypeVar("E")


def contact(contact_id: str = "c1", state: ContactState = ContactState.ACTIVE, **fields: Any) -> Contact:
    given: dict[str, Any] = {
        "channel": Channel.CHAT,
        "queue": "general",
        "arrived_at": 10.0,
        "state_since": 20.0,
        "advisor": ANA.id,
        **fields,
    }
    return Contact(id=contact_id, folio="482-1057", state=state, **given)


def offered_call(contact_id: str = "c1") -> Contact:
    return contact(contact_id, ContactState.OFFERED, channel=Channel.CALL)


class Talk:
    """One desk, spoken to. ``effects`` are those of the last thing it heard."""

    def __init__(self, user: User = ANA, *contacts: Contact, online: bool = True) -> None:
        self.model = Model(view=DeskState(central="http://127.0.0.1:1"))
        self.now = 1000.0
        self.seq = 0
        self.effects: tuple[effects.Effect, ...] = ()
        self.hears(happenings.LoggedIn(user))
        if online:
            self.hears(Welcomed(user=user.id, now=5000.0))
            self.hears_snapshot(*contacts)

    @property
    def view(self) -> DeskState:
        return self.model.view

    def hears(self, happening: object) -> "Talk":
        self.model, self.effects = reduce(self.model, happening, self.now)
        return self

    def hears_event(self, body: Struct) -> "Talk":
        self.seq += 1
        return self.hears(EventArrived(topic=FLOOR, seq=self.seq, body=body))

    def hears_contact(self, changed: Contact) -> "Talk":
        return self.hears_event(ContactChanged(contact=changed))

    def hears_snapshot(self, *contacts: Contact, **fields: Any) -> "Talk":
        assert self.view.user is not None
        me = Advisor(user=self.view.user, presence=Presence.AVAILABLE, state=AdvisorState.AVAILABLE, since=0.0)
        body = FloorSnapshot(me=me, settings=CentreSettings(name="CATGEM"), contacts=contacts, **fields)
        return self.hears(SnapshotArrived(topic=FLOOR, body=body))

    def is_answered(self, body: type[Struct], refused: Refusal | None = None) -> "Talk":
        """Central answers the oldest command of this kind."""
        command_id = next(i for i, c in self.model.commands.items() if isinstance(c, body))
        return self.hears(Answered(to=command_id, refused=None if refused is None else Refused(code=refused)))

    def wants(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def sends(self) -> list[Struct]:
        return [effect.body for effect in self.wants(effects.Transmit)]

    def phones(self) -> list[port.PhoneCommand]:
        return [effect.command for effect in self.wants(effects.Telephone)]

    def notices(self) -> list[str]:
        return [notice.code for notice in self.view.notices]


def with_phone(talk: Talk) -> Talk:
    return talk.hears(port.Ready(uri=URI, sound="card", microphone="card"))


def talking() -> Talk:
    talk = with_phone(Talk(ANA, offered_call()))
    talk.hears_event(CallExpected(contact="c1", token="t1"))
    talk.hears(port.CallArrived(call="k1", caller="1", dialled="catgem", token="t1"))
    talk.hears_contact(contact(channel=Channel.CALL))
    return talk.hears(port.CallChanged(call="k1", state=CallState.CONFIRMED))
