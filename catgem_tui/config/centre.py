"""How a centre works: its queues, dispositions, pauses and the attention protocol, with words in Spanish and English.

The defaults are those of a state government's contact centre.
"""

from typing import Annotated, Literal

import msgspec

from catgem_tui.config.i18n import _
from catgem_tui.config.patterns import NUMBER

Channel = Literal["call", "chat", "mail"]
Identifier = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every part of the settings: a key it does not know is an error."""


class Option(Section, frozen=True, kw_only=True):
    """A choice on the screen."""

    id: Identifier
    """Lower-case letters, digits, ``-`` and ``_``; kept in the store, so never changed later."""
    label: Label
    """In Spanish."""
    labels: dict[str, str] = {}
    """In other languages, by code."""


class Step(Option, frozen=True, kw_only=True):
    """One step of the attention protocol."""

    script: str = ""
    """The words the advisor says, in Spanish; ``{advisor}`` stands for their name."""
    scripts: dict[str, str] = {}
    """The same in other languages, by code."""
    sensitive: bool = False
    """Whether personal data is said here and the recording should rest."""


class Queue(Option, frozen=True, kw_only=True):
    """One line of the universal queue."""

    requirements: tuple[Identifier, ...] = ()
    """Skills an advisor must have to be offered its contacts."""


def _option(identifier: str, spanish: str, english: str) -> Option:
    return Option(id=identifier, label=spanish, labels={"en": english})


def _step(identifier: str, words: tuple[str, str], script: tuple[str, str], *, sensitive: bool = False) -> Step:
    return Step(
        id=identifier,
        label=words[0],
        labels={"en": words[1]},
        script=script[0],
        scripts={"en": script[1]},
        sensitive=sensitive,
    )


QUEUES = (
    Queue(id="general", label="General", labels={"en": "General"}),
    Queue(id="procedures", label="Trámites y servicios", labels={"en": "Procedures and services"}),
    Queue(id="vehicles", label="Control vehicular", labels={"en": "Vehicles and licences"}),
    Queue(id="migrants", label="Atención a migrantes", labels={"en": "Migrants"}),
    Queue(id="women", label="Atención a mujeres", labels={"en": "Women's support"}),
)

DISPOSITIONS = (
    _option("information", "Información de un trámite", "Information on a procedure"),
    _option("requirements", "Requisitos y costos", "Requirements and fees"),
    _option("directory", "Datos de una dependencia o persona servidora pública", "Details of an agency or official"),
    _option("hours", "Horarios y ubicación", "Opening hours and location"),
    _option("appointments", "Citas en línea", "Online appointments"),
    _option("payments", "Pagos y líneas de captura", "Payments and payment references"),
    _option("vehicles", "Tenencia, licencia o placas", "Vehicle tax, licence or plates"),
    _option("civil_registry", "Actas del Registro Civil", "Civil registry certificates"),
    _option("social_programme", "Programas sociales", "Social programmes"),
    _option("health", "Servicios de salud", "Health services"),
    _option("education", "Educación y becas", "Education and scholarships"),
    _option("utilities", "Agua y servicios públicos", "Water and public services"),
    _option("complaint", "Queja o denuncia", "Complaint or report"),
    _option("praise", "Sugerencia o reconocimiento", "Suggestion or praise"),
    _option("follow_up", "Seguimiento de un folio", "Follow-up of an earlier request"),
    _option("emergency", "Emergencia canalizada al 911", "Emergency passed on to 911"),
    _option("referral", "Asunto federal o municipal", "Federal or municipal matter"),
    _option("out_of_reach", "Fuera de nuestro alcance", "Outside our reach"),
    _option("prank", "Llamada de broma u ofensiva", "Prank or abusive contact"),
    _option("wrong_number", "Se cortó o no hubo respuesta", "Cut off or no answer"),
    _option("not_classified", "Sin tipificar", "Not classified"),
)

PAUSE_REASONS = (
    _option("break", "Descanso", "Break"),
    _option("meal", "Alimentos", "Meal"),
    _option("restroom", "Sanitario", "Restroom"),
    _option("training", "Capacitación", "Training"),
    _option("meeting", "Reunión o retroalimentación", "Meeting or feedback"),
    _option("following_up", "Seguimiento de folios", "Following up"),
    _option("technical", "Falla técnica", "Technical trouble"),
)

_NEED = _step(
    "need",
    ("Identificar la necesidad", "Identify the need"),
    (
        "¿En qué puedo ayudarle? Si me permite, le haré unas preguntas para orientarle mejor. ¿En qué municipio se "
        "encuentra?",
        "How may I help you? I will ask a few questions so that I can guide you better. Which municipality are you in?",
    ),
    sensitive=True,
)
_GUIDE = _step(
    "guide",
    ("Orientar", "Guide"),
    (
        "De acuerdo con la información oficial, lo que usted necesita es… Los requisitos son… El costo y el horario "
        "son…",
        "According to the official information, what you need is… The requirements are… The fee and the opening "
        "hours are…",
    ),
)
_CONFIRM = _step(
    "confirm",
    ("Confirmar comprensión", "Confirm it was understood"),
    (
        "¿La información le quedó clara? ¿Hay algo más en lo que pueda apoyarle?",
        "Was the information clear? Is there anything else I can help you with?",
    ),
)

CALL_PROTOCOL = (
    _step(
        "greeting",
        ("Saludo institucional", "Official greeting"),
        (
            "Gracias por comunicarse al Centro de Atención Telefónica del Gobierno del Estado de México. Le atiende "
            "{advisor}. ¿Con quién tengo el gusto?",
            "Thank you for calling the contact centre of the Government of the State of Mexico. "
            "My name is {advisor}. Whom do I have the pleasure of talking to?",
        ),
    ),
    _step(
        "privacy",
        ("Aviso de privacidad", "Privacy notice"),
        (
            "Esta llamada se graba para mejorar el servicio. Sus datos se protegen conforme a la ley; el aviso de "
            "privacidad está en nuestra página.",
            "This call is recorded to improve the service. Your data is protected by law; the privacy notice is on "
            "our page.",
        ),
    ),
    _NEED,
    _GUIDE,
    _CONFIRM,
    _step(
        "farewell",
        ("Despedida y encuesta", "Farewell and survey"),
        (
            "Le agradezco su llamada. Permanezca en la línea, por favor, para calificar mi atención del 1 al 5. Que "
            "tenga buen día.",
            "Thank you for your call. Please stay on the line to rate my service from 1 to 5. Have a good day.",
        ),
    ),
)

CHAT_PROTOCOL = (
    _step(
        "greeting",
        ("Saludo institucional", "Official greeting"),
        (
            "Buen día. Le atiende {advisor}, del centro de atención del Gobierno del Estado de México.",
            "Good day. My name is {advisor}, from the contact centre of the Government of the State of Mexico.",
        ),
    ),
    _step(
        "privacy",
        ("Aviso de privacidad", "Privacy notice"),
        (
            "Sus datos se protegen conforme a la ley. Por favor no comparta contraseñas ni datos bancarios.",
            "Your data is protected by law. Please share no passwords or bank details.",
        ),
    ),
    _NEED,
    _GUIDE,
    _CONFIRM,
    _step(
        "farewell",
        ("Despedida y encuesta", "Farewell and survey"),
        (
            "Gracias por escribirnos. Al cerrar la conversación aparecerá una breve encuesta. Que tenga buen día.",
            "Thank you for writing. A short survey appears when the conversation closes. Have a good day.",
        ),
    ),
)

MAIL_PROTOCOL = (
    _step(
        "greeting",
        ("Saludo institucional", "Official greeting"),
        (
            "Estimada persona usuaria: en atención a su correo, le informamos lo siguiente.",
            "Dear citizen: in reply to your mail, please find the following information.",
        ),
    ),
    _NEED,
    _GUIDE,
    _step(
        "farewell",
        ("Despedida y aviso de privacidad", "Farewell and privacy notice"),
        (
            "Quedamos a sus órdenes. Sus datos se protegen conforme a la ley; consulte el aviso de privacidad en "
            "nuestra página.",
            "We remain at your service. Your data is protected by law; the privacy notice is on our page.",
        ),
    ),
)


class Protocols(Section, frozen=True, kw_only=True):
    """The steps of the attention protocol, by channel."""

    call: tuple[Step, ...] = CALL_PROTOCOL
    chat: tuple[Step, ...] = CHAT_PROTOCOL
    mail: tuple[Step, ...] = MAIL_PROTOCOL


WARNING = (
    "Le pido que se dirija a mí con respeto. Si continúa con ofensas, tendré que terminar la llamada y su número no "
    "podrá comunicarse por un tiempo."
)
WARNINGS = {
    "en": "Please speak to me with respect. If the insults go on, I will have to end the call, and your number will "
    "not be able to reach us for a while."
}


class Abuse(Section, frozen=True, kw_only=True):
    """What is done about abusive callers: first a warning, then the call is ended and the number refused."""

    warning: str = WARNING
    """What the advisor reads, in Spanish."""
    warnings: dict[str, str] = msgspec.field(default_factory=lambda: dict(WARNINGS))
    """The same in other languages, by code."""
    longest_block: Annotated[float, msgspec.Meta(ge=60)] = 24 * 3600.0
    """For how long an advisor may block a number at most."""
    longest_floor_block: Annotated[float, msgspec.Meta(ge=60)] = 90 * 24 * 3600.0
    """The same for coordinators who serve."""
    disposition: str = "prank"
    """Given to a contact that ended so, where it is one of ``dispositions`` and nobody chooses another."""


class Centre(Section, frozen=True, kw_only=True):
    """What a desk shows of how this centre works."""

    name: Label = "CATGEM"
    """The centre's name."""
    queues: tuple[Queue, ...] = QUEUES
    """The lines of the universal queue; a contact nobody sorted goes to the first."""
    dispositions: tuple[Option, ...] = DISPOSITIONS
    """Why citizens contact the centre; an advisor chooses one to close a contact."""
    default_disposition: Identifier = "not_classified"
    """Given to a contact whose wrap-up ran out; one of ``dispositions``."""
    pause_reasons: tuple[Option, ...] = PAUSE_REASONS
    """Why an advisor may pause."""
    protocols: Protocols = Protocols()
    pause_recording: Literal["ask", "auto", "off"] = "ask"
    """At a step marked ``sensitive``: ``ask`` offers the key that pauses the recording, ``auto`` pauses it by itself;
    ``off``: recordings are never paused."""
    emergency: Annotated[str, msgspec.Meta(pattern=NUMBER)] = ""
    """Number that emergencies are handed on to, as in ``911``, by the lines' ``dial``; empty: they are only marked."""
    abuse: Abuse = Abuse()

    def __post_init__(self) -> None:
        if not self.queues:
            raise ValueError(_("there must be at least one queue"))
        protocols = self.protocols
        for options in (
            self.queues,
            self.dispositions,
            self.pause_reasons,
            protocols.call,
            protocols.chat,
            protocols.mail,
        ):
            seen: set[str] = set()
            for option in options:
                if option.id in seen:
                    raise ValueError(_("the id {id!r} is used twice").format(id=option.id))
                seen.add(option.id)
        if self.default_disposition not in {option.id for option in self.dispositions}:
            raise ValueError(
                _("default_disposition {id!r} is not one of the dispositions").format(id=self.default_disposition)
            )
