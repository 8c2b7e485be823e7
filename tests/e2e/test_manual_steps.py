"""The manual's tasks, done step by step as they are written, at a real central with real citizens."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.config import assets, i18n
from catgem_tui.desk.intents import AcceptOffer, AnswerColleague
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.commands import BlockCaller, ReportRecord, SetPresence, WarnCaller
from catgem_tui.protocol.enums import Channel, ContactState, Presence, RecordKind, Role
from catgem_tui.protocol.model import Record
from catgem_tui.ui import actions
from catgem_tui.ui.manual.book import Book
from catgem_tui.ui.screens.form import FormScreen
from tests import manual_pages
from tests.central_house import PASSWORD, PATIENCE, eventually
from tests.manual_steps import KEYS, Before, Task, carry_out, steps_of, write
from tests.shift_house import Shift, shift

LARGE = (120, 40)
NOT_DRIVEN = {
    "install": "commands of a server; tests/e2e/test_install.py and test_central_process.py run them",
    "users": "commands of a server; tests/unit/test_cli.py runs them",
    "lines": "a trunk of the centre's own",
    "mail-server": "a mail server of the centre's own; tests/e2e/test_mail_smtp.py",
    "direct": "an exchange of the centre's own; tests/e2e/test_phone_registration.py",
    "backup": "copies of disks",
    "upgrade": "another version",
    "reader-fenrir": "a screen reader of its own, set up outside the program; its manual says how it was tried",
    "audit": "commands of a server; tests/e2e/test_audit.py and test_change_log.py run them",
}
"""Tasks with steps that no test here carries out, and why."""


async def log_in(at: Shift) -> None:
    await at.pilot.press(*"ana", "enter", *PASSWORD, "enter")
    await settled(at)


async def settled(at: Shift) -> None:
    await eventually(lambda: at.app.place != "login" and at.app.place_screen().drawable)
    await eventually(lambda: at.desk.state.directory.records > 0 and not at.desk.state.directory.syncing)


async def type_password(at: Shift) -> None:
    await at.pilot.press(*PASSWORD)


async def at_the_end_of_login(at: Shift) -> None:
    await settled(at)


def offered(channel: Channel) -> Before:
    async def given(at: Shift) -> None:
        at.citizens.summon(channel)
        await eventually(lambda: at.desk.state.offer is not None)
        await at.pilot.pause()

    return given


def served(channel: Channel) -> Before:
    """Somebody is served by this channel, as the task of taking an offer says."""

    async def given(at: Shift) -> None:
        await offered(channel)(at)
        await at.pilot.press("f2")
        await eventually(lambda: at.desk.state.focused is not None)
        await eventually(lambda: at.desk.state.focused.state is ContactState.ACTIVE)  # type: ignore[union-attr]
        await at.pilot.pause()

    return given


async def closed(at: Shift) -> None:
    """What is served is ended and closed."""
    await eventually(lambda: at.desk.state.focused is not None)
    while at.desk.state.mine:
        contact = at.desk.state.focused
        await at.pilot.press("f8")
        if contact is not None and contact.state is ContactState.WRAP_UP:
            await at.pilot.press("enter", "enter")
            await eventually(lambda: not at.desk.state.mine)
        else:
            await eventually(lambda: at.desk.state.focused.state is ContactState.WRAP_UP)  # type: ignore[union-attr]
        await at.pilot.pause()


async def record_chosen(at: Shift) -> None:
    await at.pilot.press("ctrl+f")
    await write(at, "registro civil")
    await at.pilot.pause()


async def afterwards_home(at: Shift) -> None:
    await at.pilot.press("alt+a")


ADVISOR = (
    Task("login", before={2: type_password}),
    Task("presence", settled),
    Task("palette"),
    Task("screen-theme"),
    Task("help"),
    Task("search"),
    Task("filter"),
    Task("report", record_chosen),
    Task("offer", before={1: offered(Channel.CHAT)}),
    Task("protocol"),
    Task("notes"),
    Task("chat"),
    Task("send-record", record_chosen),
    Task("park", afterwards_home),
    Task("queue"),
    Task("citizen"),
    Task("finish"),
    Task("mail", served(Channel.MAIL)),
    Task("auto-answer", closed),
)


async def luisa_on_the_phone(at: Shift) -> None:
    """A colleague who answers whoever asks them."""
    luisa = await at.join("luisa", phone=True)
    asked: set[str] = set()

    def answer(state: DeskState) -> None:
        if state.asked is not None and state.asked.contact.id not in asked:
            asked.add(state.asked.contact.id)
            luisa.do(AnswerColleague(state.asked.contact.id))

    luisa.subscribe(answer)
    await eventually(lambda: any(each.phone_ready for each in at.desk.state.colleagues))


async def consulting(at: Shift) -> None:
    await eventually(lambda: actions.consulting(at.desk.state))


async def another_call_without_luisa(at: Shift) -> None:
    await closed(at)
    luisa = at.colleagues[0]
    luisa.do(SetPresence(presence=Presence.OFFLINE))
    await luisa.wait_for(lambda state: state.me is not None and state.me.presence is Presence.OFFLINE, PATIENCE)
    await served(Channel.CALL)(at)


async def come_back(at: Shift) -> None:
    """The call handed on is offered to the only one there is, and taken again."""
    await eventually(lambda: at.desk.state.offer is not None)
    await at.pilot.press("f2")
    await eventually(lambda: actions.on_call(at.desk.state))
    await at.pilot.pause()


async def without_call(at: Shift) -> None:
    """The call that was dialled is over, nobody having answered."""
    await at.pilot.press("alt+c")
    await eventually(lambda: not at.desk.state.phone.calls)


TELEPHONE = (
    Task("hold", served(Channel.CALL)),
    Task("recording"),
    Task("consult", luisa_on_the_phone, before={3: consulting}),
    Task("transfer", another_call_without_luisa),
    Task("emergency", come_back),
    Task("abuse"),
    Task("dial", closed),
    Task("leave", without_call),
)


async def a_call_at_luisas(at: Shift) -> None:
    luisa = await at.join("luisa", phone=True)
    at.citizens.summon(Channel.CALL)
    offered = await luisa.wait_for(lambda state: state.offer is not None, PATIENCE)
    assert offered.offer is not None
    luisa.do(AcceptOffer(offered.offer.id))
    await luisa.wait_for(lambda state: any(call.media for call in state.phone.calls), PATIENCE)


async def call_chosen(at: Shift) -> None:
    await eventually(lambda: (chosen := at.app.chosen_contact()) is not None and chosen.state is ContactState.ACTIVE)


async def a_chat_waits(at: Shift) -> None:
    """The call is over and its number blocked; a chat waits, and is under the cursor."""
    luisa = at.colleagues[0]
    contact = luisa.state.focus
    luisa.do(WarnCaller(contact=contact))
    await luisa.wait_for(lambda state: state.contacts[contact].warned, PATIENCE)
    luisa.do(BlockCaller(contact=contact, until=time.time() + 3600, reason="Amenazas"))
    await luisa.wait_for(lambda state: all(each.state is not ContactState.ACTIVE for each in state.mine), PATIENCE)
    luisa.do(SetPresence(presence=Presence.OFFLINE))
    at.citizens.summon(Channel.CHAT)
    await eventually(lambda: any(each.channel is Channel.CHAT for each in at.desk.state.contacts.values()))
    await at.pilot.press("home")
    for _attempt in range(5):
        await at.pilot.pause()
        if (chosen := at.app.chosen_contact()) is not None and chosen.channel is Channel.CHAT:
            return
        await at.pilot.press("down")
    raise AssertionError("the chat is not to be chosen")


COORDINATOR = (
    Task("login", before={2: type_password}),
    Task("floor", a_call_at_luisas),
    Task("monitor", call_chosen),
    Task("reassign", a_chat_waits),
    Task("blocked"),
)


async def office_there(at: Shift) -> None:
    """The record that the page names, and an advisor's report that it is wrong."""
    office = Record(id="r1", kind=RecordKind.OFFICE, title="Oficialía 01", municipality="Toluca", revision=0)
    await at.central.directory.import_records([office], "test", "")
    await at.desk.wait_for(lambda state: state.directory.records > 0, PATIENCE)
    luisa = await at.join("luisa")
    await luisa.wait_for(lambda state: state.directory.records > 0 and not state.directory.syncing, PATIENCE)
    luisa.do(ReportRecord(record="r1", text="No contestan"))
    await eventually(lambda: bool(at.desk.state.keeping.work.reports))


async def searching(at: Shift) -> None:
    await at.pilot.press("ctrl+f")


async def at_the_end_of_the_title(at: Shift) -> None:
    await eventually(lambda: isinstance(at.app.screen, FormScreen) and at.app.screen.draft.whole)
    await at.pilot.press("end")


async def form_open(at: Shift) -> None:
    await eventually(lambda: isinstance(at.app.screen, FormScreen))
    await at.pilot.pause()


async def reference_asked(at: Shift) -> None:
    form = at.app.screen
    assert isinstance(form, FormScreen)
    await eventually(lambda: form.focused is form.rows["reference"].widget)


async def office_chosen(at: Shift) -> None:
    await eventually(lambda: not isinstance(at.app.screen, FormScreen))
    await at.pilot.press("ctrl+f")
    await write(at, "oficialia 01")
    await eventually(lambda: (chosen := at.app.keeping_screen.directory.chosen()) is not None and chosen.id == "r1")


async def reports_chosen(at: Shift) -> None:
    await at.pilot.press("home")


INFORMATION_MANAGER = (
    Task("login", before={2: type_password}),
    Task("lists", office_there),
    Task("form", searching, before={3: at_the_end_of_the_title, 5: reference_asked}),
    Task("confirm", office_chosen, before={2: form_open}),
    Task("retire", office_chosen, before={2: form_open}),
    Task("bulk", office_chosen, before={3: form_open}),
    Task("merge", office_chosen),
    Task("create", office_chosen, before={3: form_open}),
    Task("log"),
    Task("currency"),
    Task("answer-report"),
)


async def do(at: Shift, tasks: tuple[Task, ...]) -> None:
    book = Book(at.app.keymap)
    for task in tasks:
        await carry_out(at, book, task)


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    """The tasks are carried out in the office's language; the English steps are held to press the same."""
    before = i18n.current()
    i18n.use("es_MX")
    yield
    i18n.use(before)


async def test_the_advisors_tasks(tmp_path: Path) -> None:
    async with shift(tmp_path, size=LARGE) as at:
        await do(at, ADVISOR)


@pytest.mark.require_module("pjsua2")
async def test_the_advisors_tasks_on_the_telephone(tmp_path: Path) -> None:
    async with shift(tmp_path, lines=2, size=LARGE) as at:
        await log_in(at)
        await eventually(lambda: at.desk.state.me is not None and at.desk.state.me.phone_ready)
        at.desk.do(SetPresence(presence=Presence.AVAILABLE))
        await do(at, TELEPHONE)


@pytest.mark.require_module("pjsua2")
async def test_the_coordinators_tasks(tmp_path: Path) -> None:
    async with shift(tmp_path, Role.COORDINATOR, lines=1, size=(160, 45)) as at:  # a queue's name is told whole
        await do(at, COORDINATOR)


async def test_the_information_managers_tasks(tmp_path: Path) -> None:
    async with shift(tmp_path, Role.INFORMATION_MANAGER, size=LARGE) as at:
        await do(at, INFORMATION_MANAGER)


def tasks_in(language: str) -> dict[str, list[list[str]]]:
    """By topic: what is pressed in each step of a task."""
    i18n.use(language)
    book = Book(manual_pages.default_keymap())
    found = {}
    for name in assets.manual(language):
        page = book.page(name)
        for topic in page.anchors:
            if steps := steps_of(page, topic):
                found[topic] = [
                    [doing.action or KEYS[doing.text] for doing in step if doing.kind == "press"] for step in steps
                ]
    return found


def test_the_english_steps_press_what_the_spanish_ones_do() -> None:
    assert tasks_in("en") == tasks_in("es_MX")


def test_every_task_of_the_manual_is_driven_or_said_why_not() -> None:
    driven = {task.topic for task in (*ADVISOR, *TELEPHONE, *COORDINATOR, *INFORMATION_MANAGER)}
    assert set(tasks_in("es_MX")) == driven | set(NOT_DRIVEN)
