"""From the key of each action to the first and the last of what it shows, against a key in a bare Textual app.

    python tests/bench/bench_actions.py [--count N | --only ACTION …] [--times N]

The real screen runs with the real driver in a pseudo-terminal of 160×45, which answers status queries as a terminal
does, on the real reducers with made-up states and nothing behind them: what central, the telephone or the directory
would answer is not there. Each action of the registry (``--count``: only
the first so many) is started by the first key of the default keymap, or where it has none by Enter in the palette, into
which its name was typed, in the first scene in which it can be done, ``--times`` times; before each the scene is laid
anew. Prints one
JSON object, times in milliseconds: ``first_ms`` until the bytes were read with which the screen changed for the first
time, be it by a mark that something is coming, and ``whole_ms`` until those with which it did for the last time, after
which nothing came for ``quiet_ms``. Each has
``median`` (of the actions' medians), ``slowest`` (the actions with the longest medians) and ``worst`` (of all single
times: the first time that a screen is opened is among them). ``over`` are the actions whose median to the first bytes
is above ``goal_ms``, ``silent`` those that showed nothing by themselves: their effect is what central or the telephone
answer. ``bare_key_ms`` is a key in the bare app, ``ratio`` the slowest action's first bytes to that. ``load`` is the
machine's, of the last minute.
"""

import argparse
import json
import os
import select
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from bench_search_repaint import SIZE, Chunk, Terminal, environment, measure_bare  # noqa: E402
from bench_thin_line import ANSWER, QUERY  # noqa: E402

from catgem_tui.config import assets  # noqa: E402
from catgem_tui.config.keymap import Keymap  # noqa: E402
from catgem_tui.config.keymap_reading import load_keymap  # noqa: E402
from catgem_tui.desk.keeping import Transfer  # noqa: E402
from catgem_tui.desk.state import DeskState, Line, Notice, Registration, Severity  # noqa: E402
from catgem_tui.ui.actions import ACTIONS, BLOCKED, BY_ID, CURRENCY, FLOOR, FORM, KEEPING, LOG, RULES, Action  # noqa: E402
from tests.ui import evidence_scenes, guarding_scenes, scenes, telephone_scenes  # noqa: E402

GOAL_MS = 50.0
PATIENCE = 1.0
"""Seconds that an action is given to show something."""
LAID = 30.0
"""Seconds that laying a scene may take."""
QUIET = 0.25
"""Seconds without a byte after which a screen is taken for finished."""
SLOWEST = 10
SCENES: dict[str, tuple[str, DeskState]] = {
    "offered": ("desk", scenes.OFFERED),
    "chat": ("desk", scenes.IN_CHAT),
    "call": ("desk", telephone_scenes.SERVING),
    "wrap-up": ("desk", scenes.WRAP_UP),
    "two calls": ("desk", telephone_scenes.TWO_CALLS),
    "consulting": ("desk", telephone_scenes.consulting()),
    "floor": (FLOOR, scenes.LISTENING),
    "blocked": (BLOCKED, guarding_scenes.BLOCKED),
    "keeping": (KEEPING, scenes.KEEPING),
    "marked": (
        KEEPING,
        scenes.replace(
            scenes.KEEPING, keeping=scenes.replace(scenes.KEEPING.keeping, marks={r.id: r for r in scenes.RECORDS[:2]})
        ),
    ),
    "form": (FORM, scenes.FORM),
    "log": (LOG, evidence_scenes.LOG),
    "currency": (CURRENCY, evidence_scenes.CURRENCY),
    "offline": ("desk", scenes.replace(scenes.BUSY, line=Line.OFFLINE)),
    "noticed": ("desk", scenes.replace(scenes.BUSY, notices=(Notice(1, "late_offer", Severity.WARNING),))),
    "registered": (
        "desk",
        scenes.replace(
            scenes.BUSY,
            phone=scenes.replace(scenes.PHONE, registration=Registration(registrar="pbx.example.mx")),
        ),
    ),
    "fetching": (
        "desk",
        scenes.replace(
            scenes.BUSY,
            directory=scenes.replace(scenes.BUSY.directory, syncing=True, complete=False, progress=(3_000, 120_000)),
        ),
    ),
    "uploading": (
        KEEPING,
        scenes.replace(
            scenes.KEEPING,
            keeping=scenes.replace(scenes.KEEPING.keeping, transfer=Transfer("oficio.pdf", 1 << 20, 4 << 20)),
        ),
    ),
    "practising": ("desk", scenes.replace(scenes.BUSY, practice=True)),
}
BEFORE = {BLOCKED: "floor.blocked", LOG: "keep.log", CURRENCY: "keep.currency"}
"""The action that leads to a page."""


def run_stage(control: int) -> None:
    """The workstation, whose scene is laid by what comes on the descriptor ``control``."""
    import asyncio

    from catgem_tui.desk.model import Model
    from catgem_tui.desk.reduce import reduce
    from catgem_tui.practice import practise
    from catgem_tui.terminal.capabilities import find_capabilities
    from catgem_tui.terminal.driver import driver_for
    from catgem_tui.ui.app import WorkstationApp

    class Desk:
        def __init__(self) -> None:
            self.model = Model(view=scenes.IDLE)
            self.callbacks: list[Callable[[DeskState], None]] = []

        @property
        def state(self) -> DeskState:
            return self.model.view

        def subscribe(self, callback: Callable[[DeskState], None]) -> Callable[[], None]:
            self.callbacks.append(callback)
            return lambda: self.callbacks.remove(callback)

        def do(self, intent: object) -> None:
            self.become(reduce(self.model, intent, scenes.NOW)[0])

        def become(self, model: Model) -> None:
            changed, self.model = model.view != self.model.view, model
            for callback in tuple(self.callbacks) if changed else ():
                callback(model.view)

    class Stage(WorkstationApp):
        async def on_ready(self) -> None:
            await super().on_ready()
            asyncio.get_running_loop().add_reader(control, self.obey)

        async def load_rest(self) -> None:
            await super().load_rest()
            self.leisure.begin()  # as the workstation does

        def obey(self) -> None:
            name = os.read(control, 200).decode().strip()
            self.call_later(self.lay, name)

        def lay(self, name: str) -> None:
            place, state = SCENES[name]
            self.close_dialogs()
            if self.reader is not None:  # it was begun by its action, and has times of its own
                self.switch_reader()
            desk.become(Model(view=state))
            self.go_to(place if place in {"desk", FLOOR, KEEPING} else FLOOR if place == BLOCKED else KEEPING)
            self.draw()
            if place in BEFORE:
                self.perform(BEFORE[place])
            self.call_after_refresh(os.write, control, b".")

    desk = Desk()
    course = practise(Path(os.environ["XDG_STATE_HOME"]) / "guide", lambda _channel: None)
    stage = Stage(desk, course=course, clock=lambda: scenes.NOW, caret=False)
    stage.driver_class = driver_for(find_capabilities(os.environ))
    stage.run(mouse=False)


def sequences() -> dict[str, bytes]:
    """What a terminal sends for a key's name."""
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    known = {
        keys[0].value: sent.encode() for sent, keys in ANSI_SEQUENCES_KEYS.items() if isinstance(keys, tuple) and keys
    }
    letters = "abcdefghijklmnopqrstuvwxyz"
    return known | {f"ctrl+{each}": bytes([ord(each) - 96]) for each in letters} | {
        f"alt+{each}": b"\x1b" + each.encode() for each in letters
    }  # fmt: skip


def scene_of(action: Action) -> str | None:
    """The first in which it can be done."""
    for name, (place, state) in SCENES.items():
        here = action.place in {"", place} and place in {"desk", FLOOR, KEEPING, BLOCKED, FORM, LOG, CURRENCY}
        if here and action.available(state):
            return name
    return None


def finish(terminal: Terminal) -> None:
    while chunks := terminal.read(QUIET):
        for chunk in chunks:
            terminal.play(chunk.data)


class AnsweringTerminal(Terminal):
    """Says each time that it has come so far, as terminals do."""

    def take(self) -> Chunk:
        chunk = super().take()
        for _ in range(chunk.data.count(QUERY)):
            self.write(ANSWER)
        return chunk

    def seen(self) -> tuple[object, ...]:
        """The cells with their colours, and where the cursor is; that it vanished is nothing to see."""
        cursor = self.screen.cursor
        cells = tuple(tuple(self.screen.buffer[y][x] for x in range(SIZE[0])) for y in range(SIZE[1]))
        return (cells, None if cursor.hidden else (cursor.x, cursor.y))


class Taken(NamedTuple):
    """Seconds from the key to the first and to the last change that is seen."""

    first: float
    whole: float


def time_changes(terminal: AnsweringTerminal, began: float) -> Taken | None:
    chunks = terminal.read(PATIENCE)
    while chunks and (more := terminal.read(QUIET)):
        chunks += more
    changed: list[float] = []
    cells, place = terminal.seen()
    for chunk in chunks:
        terminal.play(chunk.data)
        cells_now, place_now = terminal.seen()
        if cells_now != cells or place_now not in {None, place}:
            changed.append(chunk.at - began)
        cells, place = cells_now, place_now or place
    return Taken(changed[0], changed[-1]) if changed else None


class Way(NamedTuple):
    """To an action."""

    scene: str
    before: tuple[bytes, ...]
    """What is typed until only the key remains, piece by piece."""
    key: bytes


def way_to(action: Action, scene: str, keymap: Keymap, known: dict[str, bytes]) -> Way:
    name = keymap.first(action.id)
    if name:
        return Way(scene, (), known.get(name, name.encode()))
    title = action.name_in(SCENES[scene][1])  # the stage speaks English
    return Way(scene, (known[keymap.first("palette")], title.encode()), b"\r")


def measure_action(terminal: AnsweringTerminal, control: socket.socket, way: Way) -> Taken | None:
    control.send(f"{way.scene}\n".encode())
    end = time.monotonic() + LAID
    while not select.select([control], [], [], 0)[0]:
        for chunk in terminal.read(0.01):
            terminal.play(chunk.data)
        if time.monotonic() > end:
            raise SystemExit(f"the scene {way.scene!r} was not laid")
    control.recv(10)
    finish(terminal)
    for typed in way.before:
        terminal.write(typed)
        finish(terminal)
    return time_changes(terminal, terminal.write(way.key))


def summed_up(times: dict[str, list[float]]) -> dict[str, Any]:
    """By action the seconds of each time, in milliseconds."""
    medians = {action: round(1000 * statistics.median(each), 1) for action, each in times.items()}
    return {
        "median": round(statistics.median(medians.values()), 1),
        "slowest": {action: medians[action] for action in sorted(medians, key=lambda each: -medians[each])[:SLOWEST]},
        "worst": round(1000 * max(each for single in times.values() for each in single), 1),
    }


def measure(given: argparse.Namespace) -> dict[str, Any]:
    keymap = load_keymap(assets.keymaps()["default"], RULES)
    known = sequences()
    taken: dict[str, list[Taken]] = {}
    silent, nowhere = [], []
    with tempfile.TemporaryDirectory() as folder:
        bare = measure_bare(Path(folder) / "bare", 0.05)
        its, control = socket.socketpair()
        command = [sys.executable, str(Path(__file__).resolve()), "--child", str(its.fileno())]
        terminal = AnsweringTerminal(command, environment(Path(folder)), keep=(its.fileno(),))
        its.close()
        try:
            terminal.wait(lambda rows: any(row.strip() for row in rows))
            for action in [BY_ID[each] for each in given.only] or ACTIONS[: given.count or None]:
                scene = scene_of(action)
                if scene is None:
                    nowhere.append(action.id)
                    continue
                way = way_to(action, scene, keymap, known)
                times = [measure_action(terminal, control, way) for _ in range(given.times)]
                seen = [each for each in times if each is not None]
                if seen:
                    taken[action.id] = seen
                else:
                    silent.append(action.id)
        finally:
            terminal.close()
            control.close()
    if not taken:
        raise SystemExit("no action showed anything")
    first = summed_up({action: [each.first for each in times] for action, times in taken.items()})
    over = [
        action for action, times in taken.items() if 1000 * statistics.median(each.first for each in times) > GOAL_MS
    ]
    return {
        "bench": "actions",
        "actions": len(taken),
        "times": given.times,
        "first_ms": first,
        "whole_ms": summed_up({action: [each.whole for each in times] for action, times in taken.items()}),
        "quiet_ms": round(1000 * QUIET),
        "over": over,
        "silent": silent,
        "nowhere": nowhere,
        "bare_key_ms": round(1000 * statistics.median(bare), 1),
        "ratio": round(max(first["slowest"].values()) / 1000 / statistics.median(bare), 2),
        "goal_ms": GOAL_MS,
        "ok": not over and not nowhere,
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=0, help="actions to try; all of them by default")
    parser.add_argument("--only", nargs="+", default=(), metavar="ACTION", choices=[*BY_ID], help="only these")
    parser.add_argument("--times", type=int, default=3, help="how often each (%(default)s)")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child is not None:
        run_stage(given.child)
    else:
        print(json.dumps(measure(given)))


if __name__ == "__main__":
    main()
