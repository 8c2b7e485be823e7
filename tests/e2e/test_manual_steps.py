"""The manual's tasks, done step by step as they are written, at a real central with real citizens."""

from pathlib import Path

import pytest

pytest.importorskip("litestar", reason="central's packages are not installed")

from catgem_tui.config import i18n
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.ui.manual.book import Book
from tests.central_house import PASSWORD, eventually
from tests.manual_steps import Before, Task, carry_out, write
from tests.shift_house import Shift, shift

LARGE = (120, 40)
NOT_DRIVEN = {
    "install": "commands of a server; tests/e2e/test_install.py and test_central_process.py run them",
    "users": "commands of a server; tests/unit/test_cli.py runs them",
    "lines": "a trunk of the centre's own",
    "mail-server": "a mail server of the centre's own; tests/e2e/test_mail_smtp.py",
    "backup": "copies of disks",
    "upgrade": "another version",
    "audit": "commands of a server; tests/e2e/test_audit.py and test_change_log.py run them",
    "merge": "needs two records that are alike; tests/ui/test_keeping.py and tests/e2e/test_keeping_together.py",
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
TELEPHONE = (
    Task("hold", served(Channel.CALL)),
    Task("recording"),
    Task("emergency"),
    Task("abuse"),
    Task("dial", closed),
    Task("leave"),
)


async def do(at: Shift, tasks: tuple[Task, ...]) -> None:
    book = Book(at.app.keymap)
    for task in tasks:
        await carry_out(at, book, task)


@pytest.fixture(params=["es_MX", "en"], autouse=True)
def language(request: pytest.FixtureRequest) -> object:
    before = i18n.current()
    i18n.use(request.param)
    yield
    i18n.use(before)


async def test_the_advisors_tasks(tmp_path: Path) -> None:
    async with shift(tmp_path, size=LARGE) as at:
        await do(at, ADVISOR)
