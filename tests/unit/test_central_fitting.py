"""Snapshots of a floor that is fuller than a frame."""

from catgem_tui.central.live.fitting import fit_snapshot
from catgem_tui.protocol.enums import AdvisorState, Author, Channel, ContactState, Presence, Role
from catgem_tui.protocol.events import FLOOR, FloorSnapshot
from catgem_tui.protocol.frames import MAX_FRAME, Snapshot, encode, snapshot_body
from catgem_tui.protocol.model import Advisor, CentreSettings, Contact, Message, User

ROSA = User(id="rosa", username="rosa", name="Rosa", role=Role.COORDINATOR)


def contact(number: int, state: ContactState, notes: str = "") -> Contact:
    advisor = None if state is ContactState.QUEUED else "ana"
    return Contact(
        id=f"c{number}", folio="482-1057", channel=Channel.MAIL, queue="general", state=state, subject="s" * 300,
        arrived_at=float(number), state_since=float(number), advisor=advisor, notes=notes,
    )  # fmt: skip


def fitted(*contacts: Contact, mine: tuple[str, ...] = (), messages: tuple[Message, ...] = ()) -> FloorSnapshot:
    me = Advisor(user=ROSA, presence=Presence.AVAILABLE, state=AdvisorState.AVAILABLE, since=0.0, contacts=mine)
    full = FloorSnapshot(me=me, settings=CentreSettings(name="CATGEM"), contacts=contacts, messages=messages)
    frame = Snapshot(topic=FLOOR, cursor=2**53, body=fit_snapshot(full))
    assert len(encode(frame).encode()) <= MAX_FRAME
    return snapshot_body(frame, FloorSnapshot)


def test_a_flood_of_mails_locks_no_coordinator_out() -> None:
    waiting = [contact(number, ContactState.QUEUED) for number in range(4000)]
    seen = fitted(
        *waiting, contact(9000, ContactState.ACTIVE), contact(9001, ContactState.WRAP_UP, "n"), mine=("c9001",)
    )
    ids = [each.id for each in seen.contacts]
    assert ids[:2] == ["c9001", "c9000"], "who is served goes before who waits"
    assert ids[2:] == [f"c{number}" for number in range(len(ids) - 2)], "then who waits longest"
    assert len(ids) > 1000
    assert seen.contacts[0].notes == "n"


def test_others_notes_go_before_anybody_is_left_out() -> None:
    many = [contact(number, ContactState.ACTIVE, "n" * 20_000) for number in range(100)]
    line = Message(id="m", contact="c1", author=Author.CITIZEN, text="hola", sent_at=1.0)
    seen = fitted(*many, messages=(line,))
    assert len(seen.contacts) == 100
    assert {each.notes for each in seen.contacts} == {""}
    assert seen.messages == (line,)
