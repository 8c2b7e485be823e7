"""Every screen there is, as a state and the keys that lead to it; see ``test_looks``."""

from msgspec.structs import replace

from catgem_tui.desk.state import DeskState, Line, Notice, Registration, Severity
from catgem_tui.phone.port import Registered
from catgem_tui.protocol.enums import OutsideState
from tests.ui import evidence_scenes, guarding_scenes, scenes, telephone_scenes

OFFLINE = replace(
    scenes.IN_CHAT, line=Line.OFFLINE, unsent=2,
    notices=(Notice(1, "offer_missed", Severity.WARNING, {}),),
)  # fmt: skip
REFUSED = replace(scenes.LOGGED_OUT, notices=(Notice(1, "wrong_credentials", Severity.ERROR, {}),))
OUTSIDE = replace(
    scenes.IDLE, me=replace(scenes.ME, outside_phone="722 555 0134", outside_state=OutsideState.ON_THE_LINE)
)
ASKS_PASSWORD = replace(
    scenes.IDLE,
    phone=replace(scenes.PHONE, registration=Registration("pbx.centro.example", Registered.NOT, scenes.NOW, "", True)),
)
SCENES: dict[str, tuple[DeskState, tuple[str, ...]]] = {
    "login": (scenes.LOGGED_OUT, ()),
    "idle": (scenes.IDLE, ()),
    "call": (scenes.BUSY, ()),
    "chat-offer": (scenes.OFFERED, ()),
    "mail": (scenes.IN_MAIL, ()),
    "wrap-up": (scenes.WRAP_UP, ("f8",)),
    "search": (scenes.BUSY, ("ctrl+f",)),
    "card": (scenes.CARD, ("ctrl+f", "enter")),
    "floor": (scenes.LISTENING, ()),
    "keeping": (scenes.KEEPING, ()),
    "reports": (scenes.KEEPING, ("alt+l", "down")),
    "form": (scenes.FORM, ()),
    "clash": (scenes.CLASHED, ("ctrl+s",)),
    "bulk": (scenes.BULK, ()),
    "merge": (scenes.with_merge(), ()),
    "candidates": (scenes.CANDIDATES, ("alt+j",)),
    "proposal": (
        replace(scenes.KEEPING, keeping=replace(scenes.KEEPING.keeping, proposal=scenes.PROPOSAL)),
        ("alt+l", "down", "down", "down", "down", "enter", "enter"),
    ),
    "log": (evidence_scenes.LOG, ("alt+h", "down")),
    "log-line": (evidence_scenes.LOG, ("alt+h", "down", "enter")),
    "currency": (evidence_scenes.CURRENCY, ("alt+u",)),
    "sound": (scenes.SOUND, ("alt+y",)),
    "help": (scenes.BUSY, ("f1",)),
    "consulting": (telephone_scenes.consulting(), ()),
    "asked": (telephone_scenes.ASKED, ()),
    "reading": (telephone_scenes.READING, ()),
    "whom": (telephone_scenes.SERVING, ("f4",)),
    "whom-typed": (telephone_scenes.SERVING, ("f4", *"sip:ana", "@", *"otra")),
    "how": (telephone_scenes.SERVING, ("f4", "enter")),
    "dial": (telephone_scenes.TWO_CALLS, ("alt+l",)),
    "two-calls": (telephone_scenes.TWO_CALLS, ()),
    "keypad": (telephone_scenes.TWO_CALLS, ("ctrl+g", "1", "asterisk", "a")),
    "handed-on": (telephone_scenes.OFFERED_BY, ()),
    "sensitive": (guarding_scenes.AT_SENSITIVE, ()),
    "paused": (guarding_scenes.PAUSED, ()),
    "emergency": (guarding_scenes.EMERGENCY, ()),
    "emergency-asked": (scenes.BUSY, ("alt+z",)),
    "warning": (guarding_scenes.ABUSED, ("alt+o",)),
    "blocking": (guarding_scenes.WARNED, ("alt+o",)),
    "blocked": (guarding_scenes.BLOCKED, ("b",)),
    "login-refused": (REFUSED, ()),
    "chat": (scenes.IN_CHAT, ()),
    "offline": (OFFLINE, ()),
    "outside": (OUTSIDE, ()),
    "password": (ASKS_PASSWORD, ()),
    "presence": (scenes.BUSY, ("f9",)),
    "filters": (scenes.BUSY, ("ctrl+f", "alt+g")),
    "palette": (scenes.BUSY, ("ctrl+p",)),
    "themes": (scenes.BUSY, ("ctrl+p", *"tema", "enter")),
    "leaving": (scenes.BUSY, ("ctrl+q",)),
}
