"""What every test may use."""

import asyncio
import gc
import importlib.util
import os
import shutil
import signal
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests import ports
from tests.postgres_server import create_database, find_programs, running_server

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}
PEERS = dict(
    line.split() for line in (ROOT / ".ci" / "peers").read_text().splitlines() if line and not line.startswith("#")
)
"""Program to Debian package."""

Lacking = dict[str, list[str]]
LACKING = pytest.StashKey[Lacking]()


def pytest_configure(config: pytest.Config) -> None:
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # as of a job in the background: the children would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of a hundred children would compile the program again
    # A process chooses its keyring once, with its first question: nobody's own one may come in, nor an earlier test's.
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    gc.set_threshold(50_000, 20, 20)  # seldom: it goes through all that three thousand tests have loaded
    config.stash[LACKING] = defaultdict(list)
    config.addinivalue_line(
        "markers", "require_program(*names): the test talks to these programs; skipped without them, failed in CI"
    )
    config.addinivalue_line(
        "markers", "require_module(*names): the test needs these optional Python modules; skipped without them"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("require_program"):
        for name in mark.args:
            demand_program(item.config, name, item.nodeid)
    for mark in item.iter_markers("require_module"):
        for name in mark.args:
            demand_module(item.config, name, item.nodeid)


@pytest.fixture(scope="session", autouse=True)
def sound_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """PulseAudio's library makes a folder in /tmp for every HOME it meets, and leaves it there: give it one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULSE_RUNTIME_PATH", str(tmp_path_factory.mktemp("pulse")))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A hash is made to be slow, a quarter of a second for each account and each login; tests may have it quick."""
    with pytest.MonkeyPatch.context() as patch:
        if importlib.util.find_spec("argon2") is not None:
            from argon2 import PasswordHasher

            hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            patch.setattr("catgem_tui.central.auth.passwords._hasher", hasher)
        yield


@pytest.fixture(autouse=True)
def spanish() -> None:
    """Every test begins in the language of the house, whatever the one before it spoke."""
    from catgem_tui.config import i18n

    i18n.use(i18n.DEFAULT_LANGUAGE)


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """No test may leave Ctrl-C ignored: the programs that the next ones start would inherit it."""
    yield
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    assert not ignored, "this test left SIGINT ignored"


@pytest.fixture(scope="session")
def require_program(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """``require_program("baresip")``: where it is; without it the test is skipped, in CI it fails."""

    def require(name: str) -> Path:
        return demand_program(request.config, name, os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0])

    return require


@pytest.fixture(scope="session")
def cannot_run(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """``cannot_run("a network")``: end this test for want of something; skipped, in CI failed."""

    def end(what: str) -> NoReturn:
        lack(request.config, what, os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0])

    return end


def demand_program(config: pytest.Config, name: str, test: str) -> Path:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if not found:
        package = f" (Debian package {PEERS[name]})" if name in PEERS else ""
        lack(config, f"the program {name}{package}", test)
    return Path(found)


def demand_module(config: pytest.Config, name: str, test: str) -> None:
    if importlib.util.find_spec(name) is None:
        lack(config, f"the Python module {name}", test)


def lack(config: pytest.Config, what: str, test: str) -> NoReturn:
    config.stash[LACKING][what].append(test)
    if IN_CI:
        pytest.fail(f"{what} is missing", pytrace=False)
    pytest.skip(f"{what} is missing")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands over what was missing."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["lacking"] = dict(session.config.stash[LACKING])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for what, tests in getattr(node, "workeroutput", {}).get("lacking", {}).items():
        node.config.stash[LACKING][what].extend(tests)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lacking = config.stash[LACKING]
    if not lacking:
        return
    terminalreporter.section("checks that could not run")
    for what, tests in sorted(lacking.items()):
        terminalreporter.write_line(f"for want of {what}:")
        for test in sorted(set(tests)):
            terminalreporter.write_line(f"    {test}")


@pytest.fixture
def free_port() -> Callable[[], int]:
    return ports.free_port


@pytest.fixture(scope="session")
def new_postgres(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """``new_postgres()``: the URL of a database of a real PostgreSQL with all our tables and nothing in them, made by
    the migrations once and copied since; without a PostgreSQL the test is skipped."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    demand_module(request.config, "asyncpg", test)
    programs = find_programs()
    if programs is None:
        lack(request.config, f"the program postgres (Debian package {PEERS['postgres']})", test)
    numbers = count(1)
    with running_server(programs) as socket:
        made = create_database(programs, socket, "made")
        run_beside(migrate(made))
        yield lambda: create_database(programs, socket, f"test{next(numbers)}", "made")


def run_beside(work: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: this one has an event loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def migrate(url: str) -> None:
    from catgem_tui.central.store.database import Database

    database = Database(url)
    await database.migrate()
    await database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The test runs once on each kind of database, which has all our tables and nothing in them."""
    if request.param == "sqlite":
        from tests.central_house import lay_empty_database

        run_beside(lay_empty_database(tmp_path / "central.sqlite"))
        return f"sqlite+aiosqlite:///{tmp_path / 'central.sqlite'}"
    url: str = request.getfixturevalue("new_postgres")()
    return url


@pytest.fixture
def central_database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every central of this test works on this database."""
    monkeypatch.setattr("catgem_tui.central.app.sqlite_url", lambda _path: database_url)
    return database_url
