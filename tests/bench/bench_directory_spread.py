"""From an information manager's save to the search of every workstation, on a full floor.

    python tests/bench/bench_directory_spread.py [--count N] [--sockets N] [--records N]

A real central in a process of its own with ``--records`` records, ``--sockets`` live lines that decode every event and
acknowledge it, spread over two processes, and four real workstations (desk, local copy, search; no screen) in a process
each. Ten changes a second for ``--count`` seconds go to central as an information manager's workstation sends them;
each workstation keeps a search open and notes when the changed title is in its results. Prints one JSON object:
``save_ms`` (the manager's answer from central) and ``searchable_ms`` (from the start of the save until the change is
found, over all changes and workstations), ``missed`` changes never found, ``goal_ms`` for the 99th percentile.
The clock is the machine's monotonic one, the same in every process. ``load`` is the machine's, of the last minute.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

WORKSTATIONS = 4
PER_SECOND = 10
CHANGED = 20
"""Records that are changed in turn; fewer than a search shows."""
GOAL_MS = 1000.0
PASSWORD = "una-clave-larga"
PATIENCE = 300.0
AT_ONCE = 16
"""Lines that are being greeted, in each process: a floor does not log in within one second."""
TITLE = re.compile(r"Marcador \d+ serie (\d+)")


def percentiles(taken: list[float]) -> dict[str, float]:
    ordered = sorted(taken) or [float("nan")]
    return {
        name: round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
    }


def marker(number: int, revision: int = 0) -> Any:
    from catgem_tui.protocol.enums import RecordKind
    from catgem_tui.protocol.model import Record

    slot = number % CHANGED
    title = f"Marcador {slot} serie {number}"
    return Record(id=f"marker-{slot}", kind=RecordKind.OFFICE, title=title, revision=revision, municipality="Toluca")


def say(**row: Any) -> None:
    print(json.dumps(row), flush=True)


# --- the children: each says when it is ready, and ends with the end of its input ---


async def serve(given: argparse.Namespace) -> None:
    from directory_data import generate

    from catgem_tui.central.app import Central
    from catgem_tui.config import settings

    own = settings.Central(
        data=given.folder, port=0, voice=settings.Voice(lines=0), mail=settings.Mail(enabled=False),
        chat=settings.Chat(enabled=False), login_attempts=10_000,
    )  # fmt: skip
    async with Central(settings.Settings(central=own)) as central:
        await hire(central, given)
        await central.directory.import_records(generate(given.records, 20_261), "bench", "")
        await central.directory.import_records([marker(n) for n in range(CHANGED)], "bench", "")
        say(url=central.url)
        await until_input_ends()


async def hire(central: Any, given: argparse.Namespace) -> None:
    """Everybody, with one hash of the one password; those who only listen have logged in already.

    A hash and a login for each would take minutes that say nothing about the directory.
    """
    from catgem_tui.central.auth.passwords import hash_password
    from catgem_tui.central.auth.sessions import Sessions
    from catgem_tui.central.store.users import add_user
    from catgem_tui.protocol.enums import Role

    names = [f"a{n}" for n in range(given.sockets + WORKSTATIONS)]
    roles = {**dict.fromkeys(names, Role.ADVISOR), "elena": Role.INFORMATION_MANAGER}
    hashed = await hash_password(PASSWORD)
    async with central.database.write() as connection:
        users = [
            await add_user(connection, username=name, name=name, role=role, skills=(), password_hash=hashed)
            for name, role in roles.items()
        ]
    sessions = Sessions(central.database, access_lifetime=86_400, refresh_lifetime=86_400)
    for user in users:
        await central.actor.admit(user)
    tokens = [(await sessions.open(user)).access_token for user in users[: given.sockets]]
    tokens_of(given.folder).write_text(json.dumps(tokens), encoding="utf-8")


def tokens_of(folder: str) -> Path:
    return Path(folder) / "tokens.json"


async def until_input_ends() -> None:
    await asyncio.to_thread(sys.stdin.read)


async def token_of(url: str, username: str) -> str:
    import httpx
    import msgspec

    from catgem_tui.protocol.http import Session

    async with httpx.AsyncClient(base_url=f"{url}/api/v1", trust_env=False, timeout=60) as client:
        answer = await client.post("/session", json={"username": username, "password": PASSWORD})
        answer.raise_for_status()
        return msgspec.json.decode(answer.content, type=Session).access_token


async def listen(given: argparse.Namespace) -> None:
    """Live lines that decode and acknowledge everything."""
    first, last = (int(number) for number in given.range.split(":"))
    tokens = json.loads(tokens_of(given.folder).read_text(encoding="utf-8"))
    gate, greeted = asyncio.Semaphore(AT_ONCE), [asyncio.Event() for _ in tokens[first:last]]
    lines = [
        asyncio.create_task(one_line(given.url, token, gate, event))
        for token, event in zip(tokens[first:last], greeted, strict=True)
    ]
    ready = asyncio.ensure_future(asyncio.gather(*(event.wait() for event in greeted)))
    await asyncio.wait([ready, *lines], return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        raise SystemExit(f"a line ended before it was greeted: {next(line for line in lines if line.done())}")
    say(ready=len(lines))
    await until_input_ends()
    for line in lines:
        line.cancel()
    ended = await asyncio.gather(*lines, return_exceptions=True)
    say(events=sum(each for each in ended if isinstance(each, int)))


async def one_line(url: str, token: str, gate: asyncio.Semaphore, greeted: asyncio.Event) -> int:
    import websockets

    from catgem_tui.protocol.session import EventArrived, SnapshotArrived, WorkstationSession

    session = WorkstationSession(time.monotonic)
    events, snapshots = 0, 0
    address = url.replace("http", "ws", 1) + "/api/v1/live"
    try:
        await gate.acquire()
        async with websockets.connect(
            address, compression=None, proxy=None, ping_interval=None, open_timeout=PATIENCE
        ) as socket:
            session.connect(token)
            for text in session.frames_to_send():
                await socket.send(text)
            async for data in socket:
                for incoming in session.receive(data):
                    events += isinstance(incoming, EventArrived)
                    snapshots += isinstance(incoming, SnapshotArrived)
                    if isinstance(incoming, SnapshotArrived) and snapshots == 2:
                        greeted.set()
                        gate.release()
                for text in session.frames_to_send():
                    await socket.send(text)
    except asyncio.CancelledError:
        pass
    return events


async def work(given: argparse.Namespace) -> None:
    """One workstation with its copy; tells when each change was in the results of its search."""
    from catgem_tui.desk.credentials import Credentials
    from catgem_tui.desk.intents import Login, Search
    from catgem_tui.desk.runtime import Desk
    from catgem_tui.desk.state import DeskState

    desk = Desk(given.url, Path(given.folder), None, credentials=Credentials(given.url, lambda: None))
    await desk.start()
    desk.do(Login(given.user, PASSWORD))
    wanted = given.records + CHANGED
    await desk.wait_for(lambda state: state.directory.records == wanted and not state.directory.syncing, PATIENCE)
    desk.do(Search("marcador"))
    await desk.wait_for(lambda state: len(state.directory.hits) >= CHANGED, PATIENCE)
    seen: dict[int, float] = {}

    def look(state: DeskState) -> None:
        now = time.monotonic()
        for hit in state.directory.hits:
            if found := TITLE.fullmatch(hit.title):
                seen.setdefault(int(found[1]), now)

    desk.subscribe(look)
    say(ready=1)
    await until_input_ends()
    await desk.close()
    say(seen=seen)


async def save(given: argparse.Namespace) -> None:
    """The information manager: ten changes a second, each over the revision before."""
    import httpx
    import msgspec

    from catgem_tui.protocol.editing import ChangeOutcome, ChangeRequest, Support
    from catgem_tui.protocol.identifier import new_id

    token = await token_of(given.url, "elena")
    begun: dict[int, float] = {}
    taken: list[float] = []
    async with httpx.AsyncClient(
        base_url=f"{given.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30
    ) as client:
        start = time.monotonic()
        for number in range(CHANGED, CHANGED + given.count * PER_SECOND):
            await asyncio.sleep(max(0.0, start + (number - CHANGED) / PER_SECOND - time.monotonic()))
            request = ChangeRequest(
                id=new_id(time.time()), records=(marker(number),), support=Support(reference="Oficio 1"), overwrite=True
            )
            begun[number] = time.monotonic()
            answer = await client.post("/directory/changes", content=msgspec.json.encode(request))
            taken.append(time.monotonic() - begun[number])
            answer.raise_for_status()
            msgspec.json.decode(answer.content, type=ChangeOutcome)
    say(begun=begun, taken=taken)


# --- the run ---


class Child:
    def __init__(self, name: str, given: argparse.Namespace, **more: Any) -> None:
        options = {"sockets": given.sockets, "records": given.records, "count": given.count, **more}
        command = [sys.executable, __file__, "--child", name]
        command += [part for key, value in options.items() for part in (f"--{key}", str(value))]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def row(self) -> dict[str, Any]:
        """The next line it says."""
        assert self.process.stdout is not None
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit("a child ended without a word")
        said: dict[str, Any] = json.loads(text)
        return said

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def run(given: argparse.Namespace) -> dict[str, Any]:
    children: list[Child] = []

    def child(name: str, **more: Any) -> Child:
        children.append(Child(name, given, **more))
        return children[-1]

    with tempfile.TemporaryDirectory() as folder:
        try:
            url = child("serve", folder=f"{folder}/central").row()["url"]
            half = given.sockets // 2
            listeners = [
                child("listen", url=url, range=span, folder=f"{folder}/central")
                for span in (f"0:{half}", f"{half}:{given.sockets}")
            ]
            desks = [
                child("work", url=url, user=f"a{given.sockets + n}", folder=f"{folder}/desk{n}")
                for n in range(WORKSTATIONS)
            ]
            for each in (*listeners, *desks):
                each.row()
            saved = child("save", url=url).row()
            time.sleep(2.0)  # what has not come by then is missing
            for each in (*desks, *listeners):
                each.end()
            seen = [each.row()["seen"] for each in desks]
            events = sum(each.row()["events"] for each in listeners)
        finally:
            for each in reversed(children):
                each.kill()
    begun = saved["begun"]
    delays = [found[number] - begun[number] for found in seen for number in begun if number in found]
    spread = percentiles(delays)
    return {
        "bench": "directory_spread",
        "records": given.records,
        "connected": given.sockets + WORKSTATIONS,
        "changes": len(begun),
        "events_acknowledged": events,
        "save_ms": percentiles(saved["taken"]),
        "searchable_ms": spread,
        "missed": WORKSTATIONS * len(begun) - len(delays),
        "goal_ms": GOAL_MS,
        "ok": spread["p99"] < GOAL_MS,
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="seconds of changes (%(default)s)")
    parser.add_argument("--sockets", type=int, default=476)
    parser.add_argument("--records", type=int, default=120_000)
    for name in ("child", "folder", "url", "user", "range"):
        parser.add_argument(f"--{name}", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not given.child:
        print(json.dumps(run(given)))
        return
    asyncio.run({"serve": serve, "listen": listen, "work": work, "save": save}[given.child](given))


if __name__ == "__main__":
    main()
