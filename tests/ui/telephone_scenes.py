"""Calls with more than two people in them, and calls that one makes."""

from msgspec.structs import replace

from catgem_tui.desk.state import DeskState, Dialled, PhoneCall
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import AdvisorState, Channel, Side
from catgem_tui.protocol.events import ContactShown
from catgem_tui.protocol.model import Call, Citizen, Colleague, Consultation
from tests.ui import scenes
from tests.ui.scenes import BUSY, CALL, IDLE, NOW, with_contact

COLLEAGUES = (
    Colleague(id="u-2", name="Luis Hernández", state=AdvisorState.BUSY, phone_ready=True),
    Colleague(id="u-3", name="María Fernanda Quiroz", state=AdvisorState.AVAILABLE, phone_ready=True),
    Colleague(id="u-4", name="Jorge Camacho", state=AdvisorState.PAUSED),
    Colleague(id="u-5", name="Raúl Ortega", state=AdvisorState.OFFLINE),
)
DIALLED = (
    Dialled("7225550190", "104", "Oficialía 02", NOW - 60),
    Dialled("911", at=NOW - 600),
)
SERVING = replace(
    BUSY,
    colleagues=COLLEAGUES,
    dialled=DIALLED,
    settings=replace(scenes.SETTINGS, calls_out=True),
    phone=replace(BUSY.phone, dial="sip:{number}@192.0.2.10"),
)


def consulting(side: Side = Side.CONSULTED, *, connected: bool = True) -> DeskState:
    """María Fernanda is asked about the call."""
    asked = Consultation(advisor="u-3", name="María Fernanda Quiroz", connected=connected, side=side, since=NOW - 42)
    return with_contact(
        SERVING, replace(CALL, call=Call(dialled="070", recording=True, advisor_leg=True, consultation=asked))
    )


THEIRS = scenes.contact(
    "c-theirs", Channel.CALL, advisor="u-2", folio="482-1101", citizen=Citizen(phone="7225550177", place="Metepec"),
    notes="Quiere el acta de su hijo; la CURP no coincide.", steps=("greet", "privacy"),
    call=Call(dialled="070", advisor_leg=True,
              consultation=Consultation(advisor="u-ana", name="Ana López Reyes", connected=True, since=NOW - 15)),
)  # fmt: skip
ASKED = replace(
    scenes.IN_CHAT, shown={THEIRS.id: ContactShown(contact=THEIRS, by="Luis Hernández")},
    contacts={"c-chat": scenes.CHAT}, phone=scenes.PHONE,
)  # fmt: skip
READING = replace(
    ASKED, answered=frozenset({THEIRS.id}), focus=THEIRS.id,
    phone=replace(scenes.IN_CALL, calls=(PhoneCall(id="p2", contact=THEIRS.id, state=CallState.CONFIRMED,
                                                   since=NOW - 15, media=True, consulting=True),)),
)  # fmt: skip
HANDED = replace(
    SERVING, contacts={"c-call": replace(CALL, handed_by="Luis Hernández")},
)  # fmt: skip
OFFERED_BY = replace(
    IDLE, contacts={"c-offer": replace(scenes.OFFER, handed_by="Luis Hernández")},
    answering=("c-offer", NOW + 2.4), phone=replace(IDLE.phone, auto_answer=3.0),
)  # fmt: skip


def made(number: str, name: str = "", since: float = 80.0, **fields: object) -> PhoneCall:
    return PhoneCall(
        id=f"m-{number}", contact="", state=CallState.CONFIRMED, since=NOW - since, media=True, number=number,
        name=name, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


TWO_CALLS = replace(
    IDLE, dialled=DIALLED, directory=BUSY.directory,
    phone=replace(scenes.IN_CALL, dial="sip:{number}@192.0.2.10", calls=(
        made("7225550100", "Oficialía 01 del Registro Civil", held=True),
        made("7225550110", "Dirección General", 20),)),
)  # fmt: skip
