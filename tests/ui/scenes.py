"""Made-up desks: states to draw, and a desk that records what the screen wants."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from catgem_tui.desk.intents import Intent, Search
from catgem_tui.desk.keeping import Candidate, Conflict, Draft, Fault, KeepingView
from catgem_tui.desk.several import union
from catgem_tui.desk.sound import Chosen, SoundChoices, SoundView
from catgem_tui.desk.state import (
    DeskState,
    DirectoryView,
    Line,
    Notes,
    PhoneCall,
    PhoneStatus,
    PhoneView,
    Quality,
)
from catgem_tui.phone.port import CallState, DeviceKind, Latency, SoundDevice
from catgem_tui.protocol.editing import (
    Due,
    LoggedChange,
    Proposal,
    ProposalSummary,
    Report,
    Support,
    Work,
    WorkCounts,
)
from catgem_tui.protocol.enums import (
    AdvisorState,
    Author,
    ChangeState,
    Channel,
    ContactState,
    Delivery,
    Monitoring,
    Outcome,
    Presence,
    RecordKind,
    Role,
)
from catgem_tui.protocol.model import (
    Advisor,
    Call,
    CentreSettings,
    Citizen,
    Contact,
    HistoryItem,
    MailHeaders,
    Message,
    Option,
    QueueSummary,
    Record,
    Step,
    Struct,
    User,
    Waiting,
)

NOW = 1_778_608_440.0
"""2026-05-12, a Tuesday."""
ANA = User(id="u-ana", username="ana", name="Ana López Reyes", role=Role.ADVISOR)
COORDINATOR = User(id="u-rosa", username="rosa", name="Rosa Mejía", role=Role.COORDINATOR)

STEPS = (
    Step(
        id="greet", label="Saludo institucional", script="Gracias por llamar al 070, le atiende Ana. ¿En qué le ayudo?"
    ),
    Step(id="privacy", label="Aviso de privacidad", script="Sus datos se usan solo para atender esta solicitud."),
    Step(id="need", label="Identificar la necesidad", script="¿Qué trámite o información necesita usted?"),
    Step(
        id="guide", label="Orientar", script="Para ese trámite acuda a la oficina con estos requisitos.", sensitive=True
    ),
    Step(id="confirm", label="Confirmar comprensión", script="¿Quedó clara la información?"),
    Step(id="survey", label="Encuesta", script="Le pido quedarse en la línea para una breve encuesta."),
)
SETTINGS = CentreSettings(
    name="CATGEM",
    queues=(Option(id="general", label="General"), Option(id="licencias", label="Licencias"),
            Option(id="migrantes", label="Migrantes")),
    pause_reasons=(Option(id="comida", label="Comida"), Option(id="bano", label="Baño"),
                   Option(id="capacitacion", label="Capacitación")),
    dispositions=(Option(id="acta", label="Acta de nacimiento"), Option(id="reemplaca", label="Reemplacamiento"),
                  Option(id="licencia", label="Licencia de conducir"), Option(id="queja", label="Queja"),
                  Option(id="otro", label="Otro")),
    default_disposition="otro",
    protocols={"call": STEPS, "chat": STEPS[:1] + STEPS[2:5], "mail": STEPS[2:5]},
    targets={"call": 30.0, "chat": 60.0, "mail": 7200.0},
)  # fmt: skip


def contact(key: str, channel: Channel, state: ContactState = ContactState.ACTIVE, **changes: Any) -> Contact:
    base: dict[str, Any] = {
        "id": key,
        "folio": "482-1057",
        "channel": channel,
        "queue": "general",
        "state": state,
        "arrived_at": NOW - 250,
        "state_since": NOW - 192,
        "advisor": ANA.id,
        "accepted_at": NOW - 192,
    }
    return Contact(**(base | changes))


CALL = contact(
    "c-call", Channel.CALL, folio="482-1057", citizen=Citizen(phone="7225550134", place="Toluca"),
    call=Call(dialled="070", recording=True, advisor_leg=True), steps=("greet", "privacy"),
    notes="Pregunta por copia certificada; no tiene la CURP a la mano.", notes_revision=1,
)  # fmt: skip
CHAT = contact(
    "c-chat", Channel.CHAT, folio="482-1066", queue="licencias",
    citizen=Citizen(name="Marisol Rentería", place="Metepec"), accepted_at=NOW - 120, unread=2,
    waiting_since=NOW - 48, steps=("greet",), messages=5,
)  # fmt: skip
CHAT_2 = contact("c-chat2", Channel.CHAT, folio="482-1073", accepted_at=NOW - 9)
MAIL = contact(
    "c-mail", Channel.MAIL, ContactState.PARKED, folio="482-1021", subject="Reemplacamiento de camioneta",
    citizen=Citizen(name="José Ángel Peña", email="ja.pena@example.mx"), arrived_at=NOW - 7500, accepted_at=NOW - 900,
    waiting_since=NOW - 7500,
)  # fmt: skip
OFFER = contact(
    "c-offer", Channel.CALL, ContactState.OFFERED, folio="482-1088", queue="migrantes", accepted_at=None,
    citizen=Citizen(phone="7225550199", place="Ecatepec de Morelos"), offer_expires_at=NOW + 12, arrived_at=NOW - 34,
)  # fmt: skip


def message(number: int, text: str, author: Author = Author.CITIZEN, **changes: Any) -> Message:
    base: dict[str, Any] = {
        "id": f"m-{number}",
        "contact": "c-chat",
        "author": author,
        "text": text,
        "sent_at": NOW - 130 + number * 15,
    }
    return Message(**(base | changes))


CHAT_LINES = (
    message(0, "La conversación puede guardarse. Aviso de privacidad: catgem.example/aviso", Author.SYSTEM),
    message(1, "Buenas tardes, necesito renovar mi licencia de manejo pero perdí la anterior. ¿Qué documentos llevo?"),
    message(
        2, "Buenas tardes, Marisol. Con gusto le ayudo. ¿Su licencia era tipo A?", Author.ADVISOR, name="Ana López"
    ),
    message(3, "Sí, tipo A, de automovilista 🚗"),
    message(4, "Y otra cosa: ¿puedo ir a cualquier módulo o tiene que ser el de Metepec?"),
    message(5, "Puede acudir al que le quede más cerca.", Author.ADVISOR, delivery=Delivery.PENDING, name="Ana López"),
)
MAIL_MESSAGES = (
    message(
        10, "Buenos días:\n\nTengo una camioneta modelo 2012 y quiero saber cuánto cuesta el trámite y si puedo "
        "pagarlo en línea.\n\nQuedo atento,\nJosé Ángel Peña", contact="c-mail",
        mail=MailHeaders(subject="Reemplacamiento de camioneta", sender="José Ángel Peña <ja.pena@example.mx>",
                         attachments=(("tarjeta.pdf", "application/pdf", 182_000),)),
    ),
)  # fmt: skip
RECORDS = (
    Record(id="r1", kind=RecordKind.OFFICE, title="Oficialía 01 del Registro Civil", revision=1, level="municipal",
           municipality="Toluca", phone="7225550100", extension="104", address="Av. Juárez 105, Centro",
           hours="lunes a viernes 9:00–18:00", agency="Dirección General del Registro Civil",
           responsible="Lic. Elena Díaz",
           confirmed_at=NOW - 3 * 86400),
    Record(id="r2", kind=RecordKind.UNIT, title="Dirección General del Registro Civil", revision=2, level="state",
           municipality="Toluca", phone="7225550110"),
    Record(id="r3", kind=RecordKind.PROCEDURE, title="Acta de nacimiento, copia certificada", revision=3, level="state",
           cost="98 pesos", requirements="CURP o nombre completo y fecha de nacimiento"),
    Record(id="r4", kind=RecordKind.PERSON, title="Elena Díaz Camacho", revision=4, post="Oficial del Registro Civil",
           municipality="Toluca", phone="7225550101"),
)  # fmt: skip
LOG = (
    LoggedChange(number=7, record="r1", at=NOW - 3 * 86400, who="Elena Díaz",
                 support=Support(reference="Oficio 12/2026"),
                 before=replace(RECORDS[0], phone="7225550199"), after=RECORDS[0]),
    LoggedChange(number=2, record="r1", at=NOW - 90 * 86400, who="catgem central import", after=RECORDS[0]),
)  # fmt: skip
HISTORY = (
    HistoryItem(contact="h1", folio="480-0113", channel=Channel.CALL, arrived_at=NOW - 2 * 86400,
                subject="Acta de nacimiento", outcome=Outcome.RESOLVED),
    HistoryItem(contact="h2", folio="479-9920", channel=Channel.CHAT, arrived_at=NOW - 4 * 86400,
                subject="Acta de nacimiento", outcome=Outcome.REFERRED),
)  # fmt: skip
SUMMARY = QueueSummary(
    calls=4, chats=2, mails=1, oldest_since=NOW - 72, service_level=0.93, satisfaction=0.981,
    next=(Waiting(contact="w1", channel=Channel.CALL, queue="general", since=NOW - 72, late=True),
          Waiting(contact="w2", channel=Channel.CALL, queue="migrantes", since=NOW - 40),
          Waiting(contact="w3", channel=Channel.CHAT, queue="licencias", since=NOW - 21)),
)  # fmt: skip
ME = Advisor(user=ANA, presence=Presence.AVAILABLE, state=AdvisorState.BUSY, since=NOW - 192,
             next_presence=Presence.PAUSED, next_reason="comida", phone_ready=True, connected=True)  # fmt: skip
PHONE = PhoneView(status=PhoneStatus.READY, uri="sip:ana@127.0.0.1:5080", sound="Plantronics")
IN_CALL = replace(
    PHONE,
    calls=(PhoneCall(id="p1", contact="c-call", state=CallState.CONFIRMED, since=NOW - 190, media=True),),
    microphone=0.55, loudspeaker=0.3,
    quality=Quality(codec="G722", round_trip_ms=18.0, jitter_ms=2.0, loss=0.0, mos=4.3),
)  # fmt: skip

LOGGED_OUT = DeskState(central="https://central.example.mx")
IDLE = DeskState(
    line=Line.ONLINE, central="https://central.example.mx", user=ANA, settings=SETTINGS, secrets="keyring",
    me=Advisor(user=ANA, presence=Presence.AVAILABLE, state=AdvisorState.AVAILABLE, since=NOW - 60, phone_ready=True,
               connected=True),
    phone=PHONE, directory=DirectoryView(records=2143), summary=QueueSummary(service_level=0.93, satisfaction=0.981),
)  # fmt: skip
BUSY = replace(
    IDLE, me=ME, contacts={c.id: c for c in (CALL, CHAT, CHAT_2, MAIL)}, focus="c-call", summary=SUMMARY,
    messages={"c-chat": CHAT_LINES, "c-mail": MAIL_MESSAGES}, history={"c-call": HISTORY}, phone=IN_CALL,
    notes={"c-call": Notes(text=CALL.notes, saved=True)},
    directory=DirectoryView(records=2143, query="registro civl toluca", hits=RECORDS, milliseconds=4.0),
)  # fmt: skip
IN_CHAT = replace(BUSY, focus="c-chat", drafts={"c-chat": "También puede hacer cita en"})
CARD = replace(IN_CHAT, directory=replace(BUSY.directory, log_of="r1", log=LOG))
IN_MAIL = replace(BUSY, focus="c-mail")
"""It is set aside."""
ANSWERING = replace(IN_MAIL, contacts={**BUSY.contacts, "c-mail": replace(MAIL, state=ContactState.ACTIVE)})
OFFERED = replace(IN_CHAT, contacts={**BUSY.contacts, OFFER.id: OFFER})


def _advisor(number: int, name: str, state: AdvisorState, since: float, *contacts: str, reason: str = "") -> Advisor:
    user = User(id=f"u-{number}", username=f"a{number}", name=name, role=Role.ADVISOR)
    return Advisor(user=user, presence=Presence.AVAILABLE, state=state, since=NOW - since, contacts=contacts,
                   reason=reason, phone_ready=number != 3, connected=True)  # fmt: skip


FLOOR_CONTACTS = {
    "f1": contact("f1", Channel.CALL, advisor="u-1", citizen=Citizen(phone="7225550134"), folio="482-1057",
                  call=Call(advisor_leg=True, recording=True)),
    "f2": contact("f2", Channel.CHAT, advisor="u-2", citizen=Citizen(name="Marisol Rentería"), folio="482-1066",
                  waiting_since=NOW - 70),
    "f3": contact("f3", Channel.CALL, ContactState.QUEUED, advisor=None, citizen=Citizen(phone="7225550177"),
                  folio="482-1090", arrived_at=NOW - 72, waiting_since=NOW - 72, accepted_at=None),
    "f4": contact("f4", Channel.CHAT, ContactState.QUEUED, advisor=None, folio="482-1091", queue="licencias",
                  arrived_at=NOW - 21, waiting_since=NOW - 21, accepted_at=None),
}  # fmt: skip
FLOOR = replace(
    IDLE, user=COORDINATOR, contacts=FLOOR_CONTACTS, summary=SUMMARY,
    me=Advisor(user=COORDINATOR, presence=Presence.OFFLINE, state=AdvisorState.OFFLINE, since=NOW - 900,
               phone_ready=True, connected=True),
    advisors={a.user.id: a for a in (
        _advisor(1, "Ana López Reyes", AdvisorState.BUSY, 192, "f1"),
        _advisor(2, "Luis Hernández", AdvisorState.BUSY, 90, "f2"),
        _advisor(3, "María Fernanda Quiroz", AdvisorState.AVAILABLE, 12),
        _advisor(4, "Jorge Camacho", AdvisorState.PAUSED, 1830, reason="comida"),
        _advisor(5, "Patricia Salinas", AdvisorState.NOT_RESPONDING, 45),
        _advisor(6, "Raúl Ortega", AdvisorState.OFFLINE, 7200),
    )},
)  # fmt: skip
LISTENING = replace(
    FLOOR,
    phone=replace(PHONE, calls=(PhoneCall(id="p9", contact="f1", state=CallState.CONFIRMED, since=NOW - 25, media=True,
                                          monitoring=Monitoring.LISTEN),)),
)  # fmt: skip
WRAP_UP = replace(
    BUSY,
    contacts={**BUSY.contacts, "c-call": contact("c-call", Channel.CALL, ContactState.WRAP_UP, folio="482-1057",
              citizen=CALL.citizen, call=Call(dialled="070"), wrap_up_ends_at=NOW + 45, citizen_present=False)},
    phone=PHONE,
)  # fmt: skip

EVA = User(id="u-eva", username="eva", name="Eva Nava", role=Role.INFORMATION_MANAGER)
WORK = Work(
    counts=WorkCounts(reports=1, due=1, expiring=1, pending=1),
    reports=(Report(id="p1", record="r1", at=NOW - 600, who="Ana López", title="Oficialía 01 del Registro Civil",
                    text="El teléfono ya no existe.", folio="482-1057"),),
    due=(Due(record="r3", title="Acta de nacimiento, copia certificada", at=NOW - 86400, responsible="Eva Nava"),),
    expiring=(Due(record="r2", title="Dirección General del Registro Civil", at=NOW + 5 * 86400),),
    proposals=(ProposalSummary(id="x1", state=ChangeState.PENDING, who="Luis Peña", at=NOW - 3600, count=1,
                               records=(("r2", "Dirección General del Registro Civil"),),
                               support=Support(reference="Oficio 44/2026")),),
)  # fmt: skip
KEEPING = replace(
    IDLE, user=EVA, directory=replace(BUSY.directory), keeping=KeepingView(counts=WORK.counts, work=WORK),
    me=Advisor(user=EVA, presence=Presence.OFFLINE, state=AdvisorState.OFFLINE, since=NOW - 60, connected=True),
)  # fmt: skip
PROPOSAL = Proposal(
    summary=WORK.proposals[0], records=(replace(RECORDS[1], phone="7225550111"),), current=(RECORDS[1],)
)


def with_form(**changes: Any) -> DeskState:
    """The form of the first record is open."""
    draft = replace(Draft(id="r1", base=RECORDS[0], whole=True), **changes)
    return replace(KEEPING, keeping=replace(KEEPING.keeping, drafts={"r1": draft}, open="r1"))


FORM = with_form(form={"phone": "722", "valid_until": "31/02/2027"}, faults=(Fault("valid_until", "bad_date"),))
CLASHED = with_form(
    form={"phone": "7225550199"}, faults=(Fault("", "clash", "Luis Peña"),),
    conflicts=(Conflict("phone", "7225550100", "7225550199", "7225550111"),
               Conflict("hours", "lunes a viernes 9:00–18:00", "9–15", "8–15")),
)  # fmt: skip


def with_bulk(**changes: Any) -> DeskState:
    """One change to three records is being written."""
    base = Draft(id="b1", base=RECORDS[0], purpose="bulk", others=RECORDS[:3], whole=True)
    draft = replace(base, **changes)
    return replace(KEEPING, keeping=replace(KEEPING.keeping, drafts={"b1": draft}, open="b1"))


BULK = with_bulk(
    form={"field": "phone", "operation": "replace", "find": "722", "value": "729"}, clashed={"r2": "Luis Peña"},
    faults=(Fault("", "clash", "Luis Peña"),),
)  # fmt: skip
TWIN = Record(id="r9", kind=RecordKind.OFFICE, title="Oficialia 1 Registro Civil Toluca", revision=9, level="municipal",
              municipality="Toluca", phone="7225550100", email="oficialia01@example.mx", hours="9 a 15",
              keywords=("actas",))  # fmt: skip


CANDIDATES = replace(
    KEEPING, keeping=replace(KEEPING.keeping, candidates=("r1", (Candidate(TWIN, 0.91, ("title", "phone")),
                                                                 Candidate(RECORDS[1], 0.5, ("title",))))),
)  # fmt: skip


def with_merge(**changes: Any) -> DeskState:
    """The first record and its double are made one."""
    base = Draft(id="r1", base=RECORDS[0], purpose="merge", form=union(RECORDS[0], TWIN), whole=True,
                 others=(replace(TWIN, retired=True, merged_into="r1"),))  # fmt: skip
    draft = replace(base, **changes)
    return replace(KEEPING, keeping=replace(KEEPING.keeping, drafts={"r1": draft}, open="r1"))


def with_contact(state: DeskState, changed: Contact) -> DeskState:
    return replace(state, contacts={**state.contacts, changed.id: changed})


class RecordingDesk:
    """Records every intent; states are put in by hand."""

    def __init__(self, state: DeskState) -> None:
        self.state = state
        self.done: list[Intent | Struct] = []
        self.answers = True
        """Whether a search is answered, with the hits there are."""
        self.callbacks: list[Callable[[DeskState], None]] = []

    def subscribe(self, callback: Callable[[DeskState], None]) -> Callable[[], None]:
        self.callbacks.append(callback)
        return lambda: self.callbacks.remove(callback)

    def do(self, intent: Intent | Struct) -> None:
        self.done.append(intent)
        if isinstance(intent, Search) and self.answers:
            self.change(directory=replace(self.state.directory, query=intent.query, answered=intent.query))

    def put(self, state: DeskState) -> None:
        """The desk has a new state."""
        self.state = state
        for callback in list(self.callbacks):
            callback(state)

    def change(self, **changes: Any) -> None:
        self.put(replace(self.state, **changes))


SOUND = replace(
    BUSY,
    phone=replace(
        BUSY.phone,
        microphone=0.62,
        loudspeaker=0.3,
        card=SoundView(
            choices=SoundChoices(
                microphone=Chosen("usb.mic", "Diadema USB"),
                loudspeaker=Chosen("usb.out", "Diadema USB"),
                ringer=Chosen("pci.out", "Bocinas"),
            ),
            devices=(
                SoundDevice(id="usb.mic", name="Diadema USB", kind=DeviceKind.MICROPHONE),
                SoundDevice(id="pci.mic", name="Micrófono interno", kind=DeviceKind.MICROPHONE, default=True),
                SoundDevice(id="usb.out", name="Diadema USB", kind=DeviceKind.LOUDSPEAKER),
                SoundDevice(id="pci.out", name="Bocinas", kind=DeviceKind.LOUDSPEAKER, default=True),
            ),
            microphone="Diadema USB",
            latency=Latency.QUICK,
        ),
    ),
)
