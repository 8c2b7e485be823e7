"""The words of a centre as it is set up first: queues, pause reasons, dispositions and the attention protocol.

Spanish is the label; a centre replaces any of it in its settings.
"""

from collections.abc import Mapping
from types import MappingProxyType

from catgem_tui.protocol.enums import Channel
from catgem_tui.protocol.model import Option, Step

QUEUES = (Option(id="general", label="General", labels={"en": "General"}),)

PAUSE_REASONS = (
    Option(id="break", label="Descanso", labels={"en": "Break"}),
    Option(id="meal", label="Comida", labels={"en": "Meal"}),
    Option(id="training", label="Capacitación", labels={"en": "Training"}),
    Option(id="meeting", label="Reunión", labels={"en": "Meeting"}),
    Option(id="support", label="Apoyo a coordinación", labels={"en": "Helping the coordination"}),
)

DISPOSITIONS = (
    Option(id="information", label="Información de un trámite o servicio", labels={"en": "Procedure or service"}),
    Option(id="directory", label="Datos de una oficina o persona servidora pública", labels={"en": "Office or person"}),
    Option(id="referral", label="Canalización a otra dependencia", labels={"en": "Referral to another agency"}),
    Option(id="complaint", label="Queja o denuncia", labels={"en": "Complaint or report"}),
    Option(id="emergency", label="Emergencia", labels={"en": "Emergency"}),
    Option(id="follow_up", label="Seguimiento de una solicitud", labels={"en": "Follow-up of a request"}),
    Option(id="wrong_number", label="Número equivocado o sin respuesta", labels={"en": "Wrong number or silence"}),
    Option(id="not_classified", label="Sin tipificar", labels={"en": "Not classified"}),
)


def _step(step: str, label: str, english: str, script: str, script_english: str, *, sensitive: bool = False) -> Step:
    return Step(
        id=step,
        label=label,
        labels={"en": english},
        script=script,
        scripts={"en": script_english},
        sensitive=sensitive,
    )


_CALL_GREETING = _step(
    "greeting",
    "Saludo institucional",
    "Greeting",
    "Centro de Atención Telefónica del Gobierno del Estado de México, le atiende (su nombre). ¿En qué puedo servirle?",
    "State of Mexico Government contact centre, (your name) speaking. How may I help you?",
)
_CHAT_GREETING = _step(
    "greeting",
    "Saludo institucional",
    "Greeting",
    "Gracias por escribir al Gobierno del Estado de México. Le atiende (su nombre). ¿En qué puedo servirle?",
    "Thank you for writing to the State of Mexico Government. I am (your name). How may I help you?",
)
_PRIVACY = _step(
    "privacy",
    "Aviso de privacidad",
    "Privacy notice",
    "Sus datos personales se usan solo para atender su solicitud. Puede consultar el aviso de privacidad en nuestro "
    "portal.",
    "Your personal data is used only to attend to your request. The privacy notice is on our web site.",
)
_NEED = _step(
    "need",
    "Identificar la necesidad",
    "Identify the need",
    "Para orientarle mejor, ¿me permite confirmar lo que necesita?",
    "To guide you better, may I confirm what you need?",
    sensitive=True,
)
_GUIDE = _step(
    "guide",
    "Orientar",
    "Guide",
    "Con gusto le doy la información.",
    "Here is the information.",
)
_CONFIRM = _step(
    "confirm",
    "Confirmar comprensión",
    "Confirm understanding",
    "¿Quedó clara la información? ¿Hay algo más en lo que pueda servirle?",
    "Was the information clear? Is there anything else I can do for you?",
)
_FAREWELL = _step(
    "farewell",
    "Despedida y encuesta",
    "Farewell and survey",
    "Gracias por comunicarse. Le pedimos calificar la atención en una breve encuesta.",
    "Thank you for contacting us. Please rate this service in a short survey.",
)
_READ = _step(
    "need",
    "Identificar la necesidad",
    "Identify the need",
    "Hemos recibido su solicitud sobre…",
    "We have received your request about…",
    sensitive=True,
)
_SIGN = _step(
    "farewell",
    "Despedida con el folio",
    "Farewell with the folio",
    "Quedamos a sus órdenes. Para dar seguimiento a su solicitud, mencione su folio.",
    "We remain at your service. To follow up on your request, please mention your folio.",
)

PROTOCOLS: Mapping[Channel, tuple[Step, ...]] = MappingProxyType(
    {
        Channel.CALL: (_CALL_GREETING, _PRIVACY, _NEED, _GUIDE, _CONFIRM, _FAREWELL),
        Channel.CHAT: (_CHAT_GREETING, _PRIVACY, _NEED, _GUIDE, _CONFIRM, _FAREWELL),
        Channel.MAIL: (_READ, _GUIDE, _SIGN),
    }
)
