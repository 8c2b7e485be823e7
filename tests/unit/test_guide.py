"""The guided first shift: its steps on made-up states, its words, its progress."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from catgem_tui.config import assets, i18n
from catgem_tui.config.centre import Centre
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.desk.state import DeskState, Line, Notes, PhoneCall, PhoneStatus
from catgem_tui.phone.port import CallState
from catgem_tui.practice import practise
from catgem_tui.protocol.enums import AdvisorState, Author, Channel, ContactState, Presence, Role
from catgem_tui.protocol.model import Advisor, Call, Contact, Message, QueueSummary, User
from catgem_tui.ui import actions
from catgem_tui.ui.guide import course as courses
from catgem_tui.ui.guide.course import AGAIN, Course, Progress
from catgem_tui.ui.guide.screen import band_lines, end_lines, step_words
from catgem_tui.ui.guide.steps import SHIFT
from catgem_tui.ui.keys import KeysInForce
from catgem_tui.ui.lines import plain, wrap

ANA = User(id="u-ana", username="ana", name="Ana", role=Role.ADVISOR)
KEYMAP = KeysInForce(load_keymap(assets.keymaps()["default"], actions.RULES))
STEPS = [step.id for part in SHIFT for step in part.steps]
WIDTH = 78
"""Of the band at 80 columns."""


class Room:
    """A practice that notes what it is asked for, and a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.summoned: list[Channel] = []
        self.kept = Progress()

    def summon(self, channel: Channel) -> None:
        self.summoned.append(channel)

    def keep(self, progress: Progress) -> None:
        self.kept = progress

    def course(self, at: str = "", progress: Progress | None = None) -> Course:
        """One that runs, at a step."""
        course = Course(self, lambda: self.now, progress)
        course.begin()
        while at and course.step.id != at:
            course.go_on()
        return course


def at_work(*contacts: Contact, presence: Presence = Presence.AVAILABLE) -> DeskState:
    me = Advisor(user=ANA, presence=presence, state=AdvisorState.AVAILABLE, since=0.0)
    state = DeskState(line=Line.ONLINE, user=ANA, me=me, contacts={each.id: each for each in contacts})
    return replace(state, phone=replace(state.phone, status=PhoneStatus.READY))


def served(channel: Channel, state: ContactState = ContactState.ACTIVE) -> Contact:
    return Contact(
        id="c-1", folio="1-1", channel=channel, queue="general", state=state, arrived_at=0.0, state_since=0.0,
        advisor=ANA.id, call=Call() if channel is Channel.CALL else None,
    )  # fmt: skip


CALLED = served(Channel.CALL)
CHAT = served(Channel.CHAT)
MAIL = served(Channel.MAIL)


def with_phone(state: DeskState, *, muted: bool) -> DeskState:
    call = PhoneCall(id="p-1", contact="c-1", state=CallState.CONFIRMED, since=0.0)
    return replace(state, phone=replace(state.phone, calls=(call,), muted=muted))


def with_message(state: DeskState, author: Author = Author.ADVISOR) -> DeskState:
    said = Message(id="m-1", contact="c-1", author=author, text="hola", sent_at=0.0)
    return replace(state, messages={"c-1": (said,)})


def with_search(query: str, *, opened: bool) -> DeskState:
    from catgem_tui.protocol.enums import RecordKind
    from catgem_tui.protocol.model import Record

    hits = (Record(id="r", kind=RecordKind.OFFICE, title="Registro Civil", revision=1),)
    state = at_work(CALLED)
    seen = replace(state.directory, query=query, answered=query, hits=hits, log_of="r" if opened else "")
    return replace(state, directory=seen)


def held(*, held: bool) -> DeskState:
    return at_work(replace(CALLED, call=Call(held=held)))


WRAP_UP = at_work(served(Channel.CALL, ContactState.WRAP_UP))
NOTED = replace(at_work(replace(CALLED, notes="pide su acta")), notes={"c-1": Notes("pide su acta", saved=True)})
NOTING = replace(at_work(CALLED), notes={"c-1": Notes("pide su", saved=False)})
OFFERED = at_work(served(Channel.CALL, ContactState.OFFERED))
DEEDS: list[tuple[str, DeskState, DeskState, DeskState]] = [
    ("login", DeskState(), DeskState(line=Line.CONNECTING), at_work()),
    ("available", at_work(presence=Presence.OFFLINE), at_work(presence=Presence.PAUSED), at_work()),
    ("call-taken", at_work(), OFFERED, at_work(CALLED)),
    ("protocol", at_work(CALLED), NOTED, at_work(replace(CALLED, steps=("greeting",)))),
    ("notes", at_work(CALLED), NOTING, NOTED),
    ("notes", at_work(CALLED), replace(NOTED, notes={"c-1": Notes("p", saved=True)}), NOTED),
    ("search", at_work(CALLED), with_search("registro", opened=False), with_search("registro", opened=True)),
    ("search", at_work(CALLED), with_search("re", opened=True), with_search("registro", opened=True)),
    ("hold", held(held=False), with_phone(held(held=False), muted=True), held(held=True)),
    ("unhold", held(held=True), held(held=True), held(held=False)),
    ("mute", at_work(CALLED), with_phone(at_work(CALLED), muted=False), with_phone(at_work(CALLED), muted=True)),
    ("unmute", with_phone(at_work(CALLED), muted=True), with_phone(at_work(CALLED), muted=True),
     with_phone(at_work(CALLED), muted=False)),
    ("transfer", at_work(CALLED), WRAP_UP, OFFERED),
    ("call-again", OFFERED, OFFERED, at_work(CALLED)),
    ("finish", at_work(CALLED), held(held=True), WRAP_UP),
    ("close", WRAP_UP, WRAP_UP, at_work()),
    ("chat-taken", at_work(), at_work(MAIL), at_work(CHAT)),
    ("chat-written", at_work(CHAT), with_message(at_work(CHAT), Author.CITIZEN), with_message(at_work(CHAT))),
    ("chat-left", at_work(CHAT), at_work(served(Channel.CHAT, ContactState.WRAP_UP)), at_work()),
    ("mail-taken", at_work(), at_work(CHAT), at_work(MAIL)),
    ("mail-written", at_work(MAIL), at_work(MAIL), with_message(at_work(MAIL))),
    ("mail-left", at_work(MAIL), at_work(served(Channel.MAIL, ContactState.WRAP_UP)), at_work()),
    ("pause", at_work(), at_work(presence=Presence.OFFLINE), at_work(presence=Presence.PAUSED)),
]  # fmt: skip


@pytest.mark.parametrize(("step", "before", "not_yet", "done"), DEEDS, ids=[each[0] for each in DEEDS])
def test_a_step_goes_on_when_its_deed_is_done_and_not_sooner(
    step: str, before: DeskState, not_yet: DeskState, done: DeskState
) -> None:
    room = Room()
    course = room.course(step)
    for state in (before, not_yet, not_yet):
        course.look(state, reading=False)
        assert course.step.id == step
    room.now += 7
    course.look(done, reading=False)
    assert course.progress.spent == {step: 7.0}
    assert STEPS.index(course.step.id) == STEPS.index(step) + 1


def test_every_step_is_tried_here_but_those_of_other_tests() -> None:
    assert set(STEPS) == {each[0] for each in DEEDS} | {"record", "emergency", "abuse", "help"}


def test_a_record_counts_only_when_it_was_sent_as_one() -> None:
    course = Room().course("record")
    course.look(at_work(CHAT), reading=False)
    course.look(with_message(at_work(CHAT)), reading=False)
    assert course.step.id == "record"
    course.perform("record.send")
    course.look(with_message(at_work(CHAT)), reading=False)
    assert course.step.id == "chat-left"


def test_what_is_only_explained_waits_for_the_person_and_help_for_the_manual_to_be_left() -> None:
    course = Room().course("emergency")
    course.perform("contact.emergency")
    course.look(at_work(), reading=False)
    assert course.step.id == "emergency"
    course.go_on()
    course.go_on()
    assert course.step.id == "help"
    course.perform("help")
    course.look(at_work(), reading=True)
    assert course.running
    course.look(at_work(), reading=False)
    assert not course.running
    assert course.finished
    assert "emergency" in course.progress.spent


def test_a_citizen_is_called_once_and_again_when_none_has_come() -> None:
    room = Room()
    course = room.course("call-taken")
    course.look(at_work(), reading=False)
    room.now += AGAIN - 1
    course.look(at_work(), reading=False)
    assert room.summoned == [Channel.CALL]
    waiting = replace(at_work(), summary=QueueSummary(calls=1))
    for _second in range(60):
        room.now += 1
        course.look(waiting, reading=False)
    assert room.summoned == [Channel.CALL]
    room.now += AGAIN
    course.look(at_work(), reading=False)
    assert room.summoned == [Channel.CALL, Channel.CALL]


def test_a_citizen_who_goes_too_soon_begins_the_part_again() -> None:
    room = Room()
    course = room.course("hold")
    course.look(at_work(CALLED), reading=False)
    course.look(WRAP_UP, reading=False)
    assert course.obstacle(WRAP_UP) == courses.GONE
    course.look(at_work(), reading=False)
    assert course.step.id == "call-taken"
    assert course.obstacle(at_work(presence=Presence.NOT_RESPONDING)) == courses.NOT_AVAILABLE
    assert course.obstacle(at_work(MAIL)) == courses.OTHERS
    assert course.obstacle(DeskState()) == courses.LOGGED_OUT, "who comes back to it may not know how"
    assert course.obstacle(at_work()) == ""


def test_without_a_telephone_the_calls_are_left_out() -> None:
    room = Room()
    course = room.course("call-taken")
    state = at_work()
    course.look(replace(state, phone=replace(state.phone, status=PhoneStatus.MISSING)), reading=False)
    assert course.step.id == "chat-taken"
    assert set(course.progress.left_out) >= {step.id for step in SHIFT[1].steps}
    assert room.summoned == []


def test_it_is_left_carried_on_repeated_and_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "desk" / "guide.json"
    course = practise(file, lambda _channel: None)
    course.carry_on()
    assert course.step.id == "login"
    course.look(at_work(presence=Presence.OFFLINE), reading=False)
    while course.step.id != "unhold":
        course.go_on()
    course.leave()
    assert not course.running
    again = practise(file, lambda _channel: None)
    assert again.begun
    again.carry_on()
    assert again.step.id == "call-taken", "the call of before has gone"
    assert "login" in again.progress.spent
    again.go_on()
    again.repeat_part()
    assert again.step.id == "call-taken"
    again.begin()
    assert again.step.id == "login"
    assert again.progress.spent == {}


@pytest.mark.parametrize("content", [b"", b"{", b'{"step": 3}', b'{"step": "no such step"}'])
def test_a_spoilt_file_begins_anew(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "guide.json"
    file.write_bytes(content)
    course = practise(file, lambda _channel: None)
    course.carry_on()
    assert course.step.id == "login"


def test_a_folder_in_place_of_the_file_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "guide.json").mkdir()
    course = practise(tmp_path / "guide.json", lambda _channel: None)
    course.carry_on()
    course.leave()
    assert not course.running


@pytest.mark.parametrize("language", assets.languages())
def test_the_words_of_every_step_fit_into_the_band(language: str) -> None:
    before = i18n.current()
    i18n.use(language)
    try:
        course = Room().course()
        for step in STEPS:
            assert course.step.id == step
            assert len(wrap(step_words(course, KEYMAP), WIDTH)) <= 2, step
            drawn = [plain(line) for line in band_lines(course, at_work(), KEYMAP, WIDTH)]
            assert i18n._(course.step.title) in drawn[0], f"{step} has too long a title"
            course.go_on()
        for words in (courses.NOT_AVAILABLE, courses.GONE, courses.STARTING, courses.OTHERS):
            assert len(wrap(i18n._(words) % {"state": "F9", "finish": "F8"}, WIDTH)) <= 2
    finally:
        i18n.use(before)


@pytest.mark.parametrize("language", assets.languages())
def test_the_call_is_handed_on_to_a_queue_that_the_centre_has(language: str) -> None:
    before = i18n.current()
    i18n.use(language)
    try:
        about = step_words(Room().course("transfer"), KEYMAP)
    finally:
        i18n.use(before)
    word = about.replace("«", "“").replace("»", "”").partition("“")[2].partition("”")[0]
    queues = [queue.labels.get(language, queue.label) for queue in Centre().queues]
    assert len([each for each in queues if word.casefold() in each.casefold()]) == 1


def test_each_step_names_the_keys_in_force() -> None:
    course = Room().course("finish")
    own = KeysInForce(replace(KEYMAP.keymap, keys={**KEYMAP.keys, "contact.finish": ("ctrl+y",)}))
    assert "^Y" in step_words(course, own)


def test_the_end_tells_what_was_done_what_was_left_out_and_how_long_it_took() -> None:
    told = "\n".join(plain(line) for line in end_lines(Progress(spent={"login": 12.0, "hold": 61.0}), 60))
    assert "0:12" in told
    assert "1:01" in told
    assert "1:13" in told
    assert told.count(i18n._("left out")) == len(STEPS) - 2
