"""Which column of a file is which field of a record, by its heading in Spanish or English."""

from collections.abc import Mapping, Sequence

from catgem_tui.config import i18n
from catgem_tui.config.i18n import _
from catgem_tui.protocol.model import Record
from catgem_tui.protocol.plain import plain

HEADINGS: dict[str, tuple[str, ...]] = {
    "id": ("Id", "Identificador", "Clave"),
    "kind": ("Tipo", "Kind", "Clase"),
    "title": ("Nombre", "Title", "Name", "Trámite", "Título", "Denominación"),
    "level": ("Nivel", "Level", "Orden de gobierno"),
    "post": ("Cargo", "Post", "Puesto"),
    "unit": ("Área", "Unit", "Unidad", "Unidad administrativa"),
    "agency": ("Dependencia", "Agency", "Institución", "Organismo"),
    "agency_acronym": ("Siglas", "Agency acronym", "Acronym"),
    "municipality": ("Municipio", "Municipality"),
    "address": ("Domicilio", "Address", "Dirección"),
    "phone": ("Teléfono", "Phone", "Tel.", "Telephone"),
    "extension": ("Extensión", "Extension", "Ext."),
    "email": ("Correo", "E-mail", "Correo electrónico"),
    "hours": ("Horario", "Hours"),
    "url": ("Enlace", "URL", "Página", "Sitio web"),
    "requirements": ("Requisitos", "Requirements"),
    "cost": ("Costo", "Cost"),
    "text": ("Texto", "Text", "Observaciones", "Remarks"),
    "keywords": ("Palabras clave", "Keywords"),
    "responsible": ("Responsable", "Responsible"),
    "support": ("Sustento", "Support", "Documento de sustento"),
    "confirmed_at": ("Confirmado", "Confirmed"),
    "review_at": ("Revisión", "Review"),
    "valid_from": ("Vigente desde", "Valid from"),
    "valid_until": ("Vigencia", "Valid until", "Vigente hasta"),
    "related": ("Relacionados", "Related"),
    "merged_into": ("Fusionado en", "Merged into"),
    "retired": ("Retirado", "Retired"),
    "revision": ("Versión del registro", "Record revision"),
}
"""The Spanish heading, the English one, then others that are understood."""
FIELDS = tuple(HEADINGS)
IGNORED = frozenset({"restricted", "extra"})
"""Fields that no column sets: restricted ones are in no file."""
EXTRA = "extra."
"""A heading with this before it is a further field, whatever the rest says."""


class BadColumns(ValueError):
    """The columns cannot be taken for a record's fields; the message is a sentence."""


def fold(text: str) -> str:
    """Without accents, case, points and doubled blanks."""
    return " ".join("".join(char if char.isalnum() else " " for char in plain(text)).split())


_KNOWN = {fold(field): field for field in HEADINGS} | {
    fold(name): field for field, names in HEADINGS.items() for name in names
}
"""A heading goes before a field's own name: without its accent, “Revisión” is the field ``revision``."""


def field_of(heading: str) -> str:
    """The field a heading stands for, ``extra.NAME`` where it is none that is known."""
    if heading.startswith(EXTRA) or heading in HEADINGS:
        return heading
    return _KNOWN.get(fold(heading)) or EXTRA + heading


def heading_of(field: str) -> str:
    """What people call a field, in their language; further fields and a file's own headings as they are."""
    return HEADINGS[field][i18n.current() == "en"] if field in HEADINGS else field.removeprefix(EXTRA)


def assign(
    headings: Sequence[str], chosen: Mapping[str, str] | None = None, ignored: frozenset[str] = frozenset()
) -> list[str]:
    """The field of each column, empty for one that is not read.

    ``chosen`` maps headings to fields and wins over what the headings say. Raises BadColumns for a field or a column
    that there is not, and for two columns that are one field.
    """
    wanted = {fold(heading): field for heading, field in (chosen or {}).items()}
    skipped = {fold(heading) for heading in ignored}
    for heading, field in (chosen or {}).items():
        if field not in HEADINGS and not field.startswith(EXTRA):
            raise BadColumns(_("There is no field “{field}”.").format(field=field))
        if fold(heading) not in map(fold, headings):
            raise BadColumns(_("The file has no column “{column}”.").format(column=heading))
    fields: list[str] = []
    for heading in headings:
        unread = not heading or fold(heading) in skipped
        if not heading.startswith(EXTRA):
            unread = unread or fold(heading) in IGNORED
        field = "" if unread else wanted.get(fold(heading)) or field_of(heading)
        if field and field in fields:
            words = {"first": headings[fields.index(field)], "second": heading, "field": field}
            raise BadColumns(_("The columns “{first}” and “{second}” are both “{field}”.").format(**words))
        fields.append(field)
    return fields


assert set(FIELDS) | IGNORED == set(Record.__struct_fields__)  # noqa: S101 - a new field needs its headings
