"""Calls that are guarded: a paused recording, an abusive caller, an emergency, blocked numbers."""

from typing import Any

from msgspec.structs import replace

from catgem_tui.desk.state import DeskState, GuardView, Notice, Severity
from catgem_tui.protocol.guarding import Blocked
from catgem_tui.protocol.model import Contact
from tests.ui import scenes
from tests.ui.scenes import CALL, NOW


def in_call(**changes: Any) -> DeskState:
    """The busy desk with the call so changed; what is the telephone's begins with ``call_``."""
    of_call = {name.removeprefix("call_"): changes.pop(name) for name in list(changes) if name.startswith("call_")}
    assert CALL.call is not None
    changed: Contact = replace(CALL, call=replace(CALL.call, **of_call), **changes)
    return scenes.with_contact(scenes.BUSY, changed)


AT_SENSITIVE = in_call(steps=("greet", "privacy", "need"))
PAUSED = in_call(
    steps=("greet", "privacy", "need"),
    call_recording_paused=True, call_recording_paused_since=NOW - 12, call_recording_paused_for="guide",
)  # fmt: skip
ABUSED = replace(
    in_call(),
    settings=replace(
        scenes.SETTINGS,
        warning="Le pido que se dirija a mí con respeto. Si continúa, terminaré la llamada.",
        warnings={"en": "Please speak to me with respect."},
    ),
)
WARNED = in_call(warned=True)
EMERGENCY = replace(
    scenes.FLOOR,
    contacts={**scenes.FLOOR_CONTACTS, "f1": replace(scenes.FLOOR_CONTACTS["f1"], emergency=True)},
    notices=(
        Notice(1, "emergency_called", Severity.ERROR, {"who": "Ana López Reyes", "folio": "482-1057"}, contact="f1"),
    ),
)
BLOCKED = replace(
    scenes.FLOOR,
    guard=GuardView(
        blocked=(
            Blocked(phone="7225550134", until=NOW + 3600, at=NOW - 60, by="Ana López Reyes", reason="ofensas graves"),
            Blocked(phone="5550001111", until=NOW + 86_400, at=NOW - 7200, by="Rosa Mejía"),
        )
    ),
)
