"""Who simulated citizens are and what they ask. Names are put together at random; nobody here exists."""

import unicodedata
from dataclasses import dataclass
from random import Random

GIVEN_NAMES = (
    "Adriana", "Alejandra", "Alejandro", "Alicia", "Ana Laura", "Ángel", "Antonio", "Araceli", "Arturo", "Beatriz",
    "Carlos", "Carmen", "Claudia", "Daniel", "Edgar", "Elizabeth", "Enrique", "Esperanza", "Fernando", "Francisco",
    "Gabriela", "Gerardo", "Gloria", "Guadalupe", "Héctor", "Irma", "Itzel", "Javier", "Jessica", "Jorge", "José Luis",
    "Juan Carlos", "Juana", "Julio César", "Karina", "Leticia", "Lucía", "Luis Ángel", "Manuel", "Marco Antonio",
    "María Elena", "María Fernanda", "Maricela", "Martha", "Miguel Ángel", "Mónica", "Norma", "Óscar", "Patricia",
    "Pedro", "Rafael", "Ramón", "Raúl", "Ricardo", "Roberto", "Rosa María", "Rubén", "Salvador", "Silvia", "Sofía",
    "Teresa", "Verónica", "Víctor", "Xóchitl", "Yolanda", "Zenaida",
)  # fmt: skip
SURNAMES = (
    "Aguilar", "Albarrán", "Álvarez", "Arriaga", "Bautista", "Becerril", "Cárdenas", "Castañeda", "Castillo", "Chávez",
    "Colín", "Contreras", "Cruz", "De la Cruz", "Díaz", "Domínguez", "Espinosa", "Esquivel", "Estrada", "Fabela",
    "Flores", "Garduño", "Gómez", "González", "Gutiérrez", "Guzmán", "Hernández", "Jiménez", "Juárez", "López", "Luna",
    "Maldonado", "Martínez", "Medina", "Mejía", "Mendoza", "Mondragón", "Morales", "Moreno", "Muñoz", "Núñez",
    "Ordóñez", "Ortega", "Peña", "Pérez", "Quiroz", "Ramírez", "Ramos", "Reyes", "Reynoso", "Rivera", "Rojas",
    "Romero", "Ruiz", "Salazar", "Sánchez", "Santana", "Solís", "Téllez", "Torres", "Valdés", "Vargas", "Vázquez",
    "Velázquez", "Vilchis", "Villegas", "Zamora", "Zúñiga",
)  # fmt: skip
PLACES = (
    "Acolman", "Almoloya de Juárez", "Amecameca", "Atizapán de Zaragoza", "Atlacomulco", "Chalco", "Chimalhuacán",
    "Coacalco", "Cuautitlán Izcalli", "Ecatepec", "Huixquilucan", "Ixtapaluca", "Ixtlahuaca", "Jilotepec", "La Paz",
    "Lerma", "Metepec", "Naucalpan", "Nezahualcóyotl", "Nicolás Romero", "San Felipe del Progreso", "Tecámac",
    "Tejupilco", "Temascalcingo", "Tenancingo", "Texcoco", "Tianguistenco", "Tlalnepantla", "Toluca", "Tultepec",
    "Tultitlán", "Valle de Bravo", "Valle de Chalco", "Zinacantepec", "Zumpango",
)  # fmt: skip
GREETINGS = ("Buenos días", "Buenas tardes", "Buen día", "Hola, buenas tardes", "Disculpe", "Una pregunta", "Hola")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A made-up citizen; the address is of a domain that never exists (RFC 2606)."""

    name: str
    email: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Enquiry:
    """One matter. ``{place}`` stands for the citizen's municipality."""

    subject: str
    questions: tuple[str, ...]
    follow_ups: tuple[str, ...]


ENQUIRIES = (
    Enquiry(
        subject="Acta de nacimiento",
        questions=(
            "¿qué necesito para sacar una copia certificada de mi acta de nacimiento? Me registraron en {place}.",
            "mi hija necesita su acta para la secundaria, ¿la puedo sacar por internet o tengo que ir a {place}?",
            "en mi acta viene mal mi segundo apellido, ¿dónde se corrige?",
        ),
        follow_ups=("¿Y cuánto cuesta?", "¿Tengo que llevar mi CURP?", "¿Me la entregan el mismo día?"),
    ),
    Enquiry(
        subject="CURP",
        questions=(
            "mi CURP sale con la fecha de nacimiento equivocada, ¿quién me la corrige?",
            "¿dónde tramito la CURP de mi bebé? Apenas la registramos en {place}.",
            "¿la CURP biométrica ya se puede sacar en {place}?",
        ),
        follow_ups=("¿Hay que hacer cita?", "¿Qué documentos llevo?", "¿Tiene algún costo?"),
    ),
    Enquiry(
        subject="Licencia de conducir",
        questions=(
            "se me venció la licencia hace dos meses, ¿la puedo renovar en línea?",
            "¿qué módulo de licencias me queda más cerca de {place}?",
            "¿a partir de qué edad dan el permiso para manejar? Mi hijo tiene 16.",
        ),
        follow_ups=("¿Cuánto cuesta la de cuatro años?", "¿Abren los sábados?", "¿Hacen examen de manejo?"),
    ),
    Enquiry(
        subject="Reemplacamiento",
        questions=(
            "mis placas son de 2019, ¿ya me toca el reemplacamiento?",
            "hice la cita para el reemplacamiento y no me llegó el correo de confirmación, ¿qué hago?",
            "compré un coche usado en {place} y las placas siguen a nombre del dueño anterior, ¿qué procede?",
        ),
        follow_ups=("¿Tengo que llevar las placas anteriores?", "¿Y si perdí una placa?", "¿Se puede pagar en línea?"),
    ),
    Enquiry(
        subject="Pago del predial",
        questions=(
            "¿dónde pago el predial de mi casa en {place}? ¿Todavía hay descuento?",
            "me llegó el predial al doble que el año pasado, ¿con quién lo reviso?",
            "soy de la tercera edad, ¿me hacen descuento en el predial?",
        ),
        follow_ups=("¿Aceptan tarjeta?", "¿A qué hora cierran la tesorería?", "¿Me pasa el teléfono, por favor?"),
    ),
    Enquiry(
        subject="Tenencia y refrendo",
        questions=(
            "¿cómo saco la línea de captura para pagar la tenencia?",
            "ya pagué el refrendo y en el sistema todavía aparece adeudo, ¿tarda en reflejarse?",
            "¿hasta cuándo tengo para pagar la tenencia sin recargos?",
        ),
        follow_ups=("¿En qué bancos puedo pagar?", "¿Me llega algún comprobante?", "¿Cuánto tarda en reflejarse?"),
    ),
    Enquiry(
        subject="Verificación vehicular",
        questions=(
            "tengo holograma 1, ¿qué mes me toca verificar?",
            "mi coche no pasó la verificación, ¿cuánto tiempo tengo para volver a intentarlo?",
        ),
        follow_ups=("¿Hay multa si se me pasa?", "¿Qué verificentro me queda cerca de {place}?"),
    ),
    Enquiry(
        subject="Carta de no antecedentes penales",
        questions=(
            "me piden en el trabajo el certificado de no antecedentes penales, ¿dónde lo saco?",
            "¿el informe de no antecedentes penales se puede tramitar en {place} o solo en Toluca?",
        ),
        follow_ups=("¿Cuánto tarda?", "¿Necesito fotografías?", "¿Qué costo tiene?"),
    ),
    Enquiry(
        subject="Inscripción a la escuela",
        questions=(
            "¿cuándo salen los resultados de las preinscripciones para primaria?",
            "nos cambiamos a {place} a medio año, ¿cómo pido el cambio de escuela de mi hijo?",
        ),
        follow_ups=("¿Con quién hablo en la escuela?", "¿Qué papeles me van a pedir?"),
    ),
    Enquiry(
        subject="Programa social",
        questions=(
            "¿cómo me registro a la tarjeta de apoyo para mujeres? Vivo en {place}.",
            "mi mamá tiene 68 años, ¿qué apoyos hay para ella?",
            "me cambiaron la tarjeta del programa y no sé cuál es mi NIP, ¿dónde lo recupero?",
        ),
        follow_ups=(
            "¿El trámite es gratuito?",
            "¿Puedo ir en su lugar? Ella no camina bien.",
            "¿Dónde está el módulo?",
        ),
    ),
    Enquiry(
        subject="Fuga de agua",
        questions=(
            "hay una fuga de agua en mi calle desde el lunes y nadie viene, ¿a quién reporto? Es en {place}.",
            "llevamos cinco días sin agua en la colonia, ¿con quién pido una pipa?",
        ),
        follow_ups=("¿Me dan un número de reporte?", "¿En cuánto tiempo vienen?"),
    ),
    Enquiry(
        subject="Bacheo y alumbrado",
        questions=(
            "hay un bache muy grande en la avenida principal de {place} y ya ponchó dos coches, ¿quién lo arregla?",
            "llevamos un mes con la calle a oscuras, ¿dónde se reporta el alumbrado en {place}?",
        ),
        follow_ups=("¿Le doy la dirección exacta?", "¿Cómo le doy seguimiento?"),
    ),
    Enquiry(
        subject="Divorcio y pensión alimenticia",
        questions=(
            "quiero información para pedir la pensión alimenticia de mis hijos, ¿hay abogados gratuitos?",
            "¿la defensoría pública de {place} atiende divorcios?",
        ),
        follow_ups=("¿Tengo que hacer cita?", "¿Qué documentos llevo la primera vez?"),
    ),
    Enquiry(
        subject="Trámite de pasaporte",
        questions=(
            "¿ustedes dan citas para el pasaporte o con quién es?",
            "necesito saber si hay oficina de pasaportes en {place}.",
        ),
        follow_ups=("¿Me da el teléfono?", "¿Cuánto cuesta el de tres años?"),
    ),
    Enquiry(
        subject="Teléfono de una dependencia",
        questions=(
            "¿me puede dar el teléfono del Registro Civil de {place}?",
            "busco la extensión de recursos humanos de la Secretaría de Educación.",
            "¿quién es el director de catastro de {place} y cómo lo localizo?",
        ),
        follow_ups=("¿En qué horario contestan?", "¿Me regala también la dirección?"),
    ),
    Enquiry(
        subject="Queja por mal servicio",
        questions=(
            "quiero quejarme de cómo me atendieron en la oficina de rentas de {place}.",
            "un agente de tránsito me pidió dinero en {place}, ¿dónde lo denuncio?",
        ),
        follow_ups=("¿La denuncia puede ser anónima?", "¿Me dan un folio?"),
    ),
)
THANKS = (
    "Muchas gracias, me quedó claro.",
    "Perfecto, muchas gracias por su ayuda.",
    "Gracias, voy a hacer eso.",
    "Le agradezco mucho, que tenga buen día.",
    "Va, muchas gracias 🙏",
)


def make_person(random: Random) -> Person:
    given = random.choice(GIVEN_NAMES)
    first, second = random.choice(SURNAMES), random.choice(SURNAMES)
    plain = unicodedata.normalize("NFKD", f"{given.split()[0]}.{first}").encode("ascii", "ignore").decode().lower()
    email = f"{plain.replace(' ', '')}{random.randrange(100)}@ejemplo.example"
    return Person(name=f"{given} {first} {second}", email=email, place=random.choice(PLACES))


def make_question(random: Random, person: Person, enquiry: Enquiry) -> str:
    """A greeting and one of the enquiry's questions."""
    question = random.choice(enquiry.questions).format(place=person.place)
    return f"{random.choice(GREETINGS)}, {question}"


def make_follow_ups(random: Random, person: Person, enquiry: Enquiry) -> list[str]:
    """What the citizen goes on to say, one line for each answer; the last is thanks."""
    count = random.randint(1, min(2, len(enquiry.follow_ups)))
    asked = [line.format(place=person.place) for line in random.sample(enquiry.follow_ups, count)]
    return [*asked, random.choice(THANKS)]
