"""Two people write notes on one contact, over a line that breaks: no word of either is lost."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catgem_tui.desk import effects, happenings, intents
from catgem_tui.desk.reducers.writing import merge
from catgem_tui.protocol.commands import SaveNotes
from catgem_tui.protocol.enums import Refusal
from catgem_tui.protocol.events import FLOOR, ContactChanged
from catgem_tui.protocol.frames import Refused
from catgem_tui.protocol.session import Answered, EventArrived, Incoming, Welcomed
from tests.desk_talk import ANA, Talk, contact


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "merged"),
    [
        ("a", "a", "a b", "a b"),
        ("a", "a b", "a", "a b"),
        ("a", "a x", "a y", "a x\n y"),
        ("", "x", "y", "x\ny"),
        ("a", "x", "y", "x\ny"),
        ("a", "", "b", "b"),
        ("", "ab", "abc", "abc"),
        ("a b", "a b c", "a b c", "a b c"),
    ],
)
def test_merging(base: str, theirs: str, ours: str, merged: str) -> None:
    assert merge(base, theirs, ours) == merged


class Pair:
    """A desk and central's side of one contact's notes."""

    def __init__(self) -> None:
        self.talk = Talk(ANA, contact())
        self.notes, self.revision = "", 0
        self.seq = 100
        self.outbox: dict[str, SaveNotes] = {}
        self.answers: dict[str, Refused | None] = {}
        self.up: deque[str] = deque()
        self.down: deque[Incoming] = deque()
        self.due = False
        self.words = 0

    def word(self) -> str:
        self.words += 1
        return f"palabra{self.words}."

    def tell(self, happening: object) -> None:
        self.talk.hears(happening)
        for effect in self.talk.effects:
            match effect:
                case effects.Transmit(id=command_id, body=SaveNotes() as body):
                    self.outbox[command_id] = body
                    self.up.append(command_id)
                case effects.ForgetCommand(id=command_id):
                    self.outbox.pop(command_id, None)
                case effects.RepeatOutbox():
                    self.up.extend(self.outbox)
                case effects.Later(event=happenings.NotesDue()):
                    self.due = True

    def change(self, text: str) -> None:
        self.notes, self.revision = text, self.revision + 1
        self.seq += 1
        body = ContactChanged(contact=contact(notes=text, notes_revision=self.revision))
        self.down.append(EventArrived(topic=FLOOR, seq=self.seq, body=body))

    def work(self) -> None:
        """Central carries the next command out, once."""
        if not self.up:
            return
        command_id = self.up.popleft()
        if command_id not in self.answers:
            body = self.outbox.get(command_id)
            if body is None:
                return
            fits = body.revision == self.revision + 1
            if fits:
                self.change(body.text)
            self.answers[command_id] = None if fits else Refused(code=Refusal.STALE)
        self.down.append(Answered(to=command_id, refused=self.answers[command_id]))

    def do(self, action: str) -> None:
        match action:
            case "type":
                shown = self.talk.view.notes.get("c1")
                text = self.talk.view.contacts["c1"].notes if shown is None else shown.text
                self.tell(intents.EditNotes("c1", f"{text} {self.word()}".strip()))
            case "colleague":
                self.change(f"{self.notes} {self.word()}".strip())
            case "pause" if self.due:
                self.due = False
                self.tell(happenings.NotesDue("c1"))
            case "work":
                self.work()
            case "deliver" if self.down:
                self.tell(self.down.popleft())
            case "break":
                self.up.clear()
                self.down.clear()
                self.tell(happenings.LineLost("silent", (), final=False))
                self.tell(Welcomed(user=ANA.id, now=0.0))
                self.talk.hears_snapshot(contact(notes=self.notes, notes_revision=self.revision))
                self.due = self.due or any(isinstance(e, effects.Later) for e in self.talk.effects)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["type", "type", "colleague", "pause", "pause", "work", "work", "deliver", "deliver", "break"]),
        max_size=60,
    )
)
def test_no_word_is_lost(actions: list[str]) -> None:
    pair = Pair()
    for action in actions:
        pair.do(action)
    for _ in range(60):
        for action in ("work", "deliver", "deliver", "pause"):
            pair.do(action)
    shown = pair.talk.view.notes.get("c1")
    for number in range(1, pair.words + 1):
        assert f"palabra{number}." in pair.notes
    assert shown is None or (shown.text == pair.notes and shown.saved)
    assert pair.talk.view.unsent == 0
