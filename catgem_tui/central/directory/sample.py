"""A directory to practise with: over two thousand plausible records, the same ones every time.

The places are real, the agencies and procedures are of kinds that exist; people, addresses, telephone numbers
(555 01..) and e-mail addresses (``.example``, RFC 2606) are invented. What they are made of is in ``sample.toml``.
"""

import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

CONFIRMED_BEFORE = 1_790_000_000.0
"""Every record was last confirmed in the year before this instant (September 2026)."""
DAY = 86_400
YEAR = 365 * DAY
REVIEW = 420 * DAY
"""From the confirmation of a procedure or an article to its next review."""
OFFICE_HOURS = ("lunes a viernes 9:00 a 18:00", "lunes a viernes 9:00 a 15:00", "lunes a viernes 8:30 a 16:00")
ALWAYS = "las 24 horas"
LARGER = 40
"""How many municipalities list their procedures one by one."""
POSTS = (
    "Titular de la unidad",
    "Subjefatura",
    "Jefatura de área",
    "Enlace administrativo",
    "Asesoría jurídica",
    "Líder de proyecto",
    "Atención al público",
)


def sample_records(seed: int = 2026, today: float = CONFIRMED_BEFORE) -> list[Record]:
    """The whole sample directory, in a stable order; ``revision`` is 0, the importer numbers them.

    Agreements end so many days after ``today``, an instant: some of them soon.
    """
    return list(_Sample(seed, today).records())


@cache
def _source() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


class _Sample:
    def __init__(self, seed: int, today: float) -> None:
        self.today = today
        self.random = random.Random(seed)  # noqa: S311 - not for secrets
        self.source = _source()
        self.agencies = {agency["acronym"]: agency for agency in self.source["agency"]}
        self.area_codes = {
            place: code for code, places in self.source["area_codes"].items() if code != "default" for place in places
        }
        self.next_number = 0

    def records(self) -> Iterator[Record]:
        yield from self.state_units()
        yield from self.state_offices()
        yield from self.state_procedures()
        yield from self.municipal_offices()
        yield from self.municipal_procedures()
        yield from self.numbers()
        yield from self.articles()
        yield from self.synonyms()
        yield from self.agreements()

    # --- the state ---

    def state_units(self) -> Iterator[Record]:
        """Each agency, its units, and the people who work in them."""
        for agency in self.source["agency"]:
            acronym = agency["acronym"]
            yield self.unit(acronym, agency["name"], f"unit-{slug(acronym)}")
            yield self.person(acronym, agency["name"], f"person-{slug(acronym)}-head", "Titular")
            for index, unit in enumerate(agency["units"], 1):
                key = f"{slug(acronym)}-{index:02}"
                yield self.unit(acronym, unit, f"unit-{key}")
                for number in range(1, self.random.randint(4, 8)):
                    yield self.person(acronym, unit, f"person-{key}-{number}", POSTS[number - 1])

    def unit(self, acronym: str, title: str, identifier: str) -> Record:
        agency = self.agencies[acronym]
        return self.record(
            RecordKind.UNIT,
            identifier,
            title,
            level="state",
            unit=title,
            agency=agency["name"],
            agency_acronym=acronym,
            municipality="Toluca",
            address=self.address("Toluca"),
            email=f"{slug(title, 24)}@{slug(acronym)}.edomex.example",
            hours=OFFICE_HOURS[0],
            keywords=tuple(agency["keywords"]),
        )

    def person(self, acronym: str, unit: str, identifier: str, post: str, municipality: str = "Toluca") -> Record:
        name = self.name()
        return self.record(
            RecordKind.PERSON,
            identifier,
            name,
            level="state",
            post=post,
            unit=unit,
            agency=self.agencies[acronym]["name"],
            agency_acronym=acronym,
            municipality=municipality,
            address=self.address(municipality),
            email=f"{slug(name, 28, '.')}@{slug(acronym)}.edomex.example",
            hours=OFFICE_HOURS[0],
            restricted={"mobile": self.phone(municipality)[0]},
        )

    def state_offices(self) -> Iterator[Record]:
        """The agencies outside the capital, each with the person in charge."""
        for agency in self.source["agency"]:
            for place in self.random.sample(self.source["regional"], 12):
                acronym, key = agency["acronym"], f"{slug(agency['acronym'])}-{slug(place)}"
                title = f"{agency['office']} de {place}"
                yield self.record(
                    RecordKind.OFFICE,
                    f"office-{key}",
                    title,
                    level="state",
                    unit=agency["office"],
                    agency=agency["name"],
                    agency_acronym=acronym,
                    municipality=place,
                    address=self.address(place),
                    email=f"{slug(place, 24)}@{slug(acronym)}.edomex.example",
                    hours=self.random.choice(OFFICE_HOURS),
                    keywords=tuple(agency["keywords"]),
                )
                yield self.person(acronym, title, f"person-{key}", "Responsable de oficina", place)

    def state_procedures(self) -> Iterator[Record]:
        for procedure in self.source["procedure"]:
            agency = self.agencies[procedure["agency"]]
            yield self.record(
                RecordKind.PROCEDURE,
                f"procedure-{slug(procedure['title'])}",
                procedure["title"],
                level="state",
                agency=agency["name"],
                agency_acronym=agency["acronym"],
                hours=OFFICE_HOURS[0],
                url=f"https://tramites.edomex.example/{slug(procedure['title'])}",
                requirements=procedure["requirements"],
                cost=procedure["cost"],
                keywords=tuple(procedure["keywords"]),
            )

    # --- the municipalities ---

    def municipal_offices(self) -> Iterator[Record]:
        for place in self.source["municipalities"]:
            for office in self.source["municipal_office"]:
                key = f"{slug(place)}-{slug(office['unit'])}"
                common = {
                    "level": "municipal",
                    "unit": office["unit"],
                    "agency": f"Ayuntamiento de {place}",
                    "municipality": place,
                    "address": self.address(place),
                    "hours": self.random.choice(OFFICE_HOURS),
                }
                title = office["title"].format(municipality=place)
                email = f"{slug(office['unit'], 20)}@{slug(place)}.example"
                keywords = tuple(office["keywords"])
                yield self.record(RecordKind.OFFICE, f"office-{key}", title, email=email, keywords=keywords, **common)
                if office["post"].startswith(("Presidencia municipal", "Titular")):
                    name = self.name()
                    yield self.record(
                        RecordKind.PERSON, f"person-{key}", name, post=office["post"], email=email, **common
                    )

    def municipal_procedures(self) -> Iterator[Record]:
        for place in self.random.sample(self.source["municipalities"], LARGER):
            for procedure in self.source["municipal_procedure"]:
                yield self.record(
                    RecordKind.PROCEDURE,
                    f"procedure-{slug(place)}-{slug(procedure['title'])}",
                    f"{procedure['title']} en {place}",
                    level="municipal",
                    unit=procedure["unit"],
                    agency=f"Ayuntamiento de {place}",
                    municipality=place,
                    hours=OFFICE_HOURS[1],
                    requirements=procedure["requirements"],
                    cost=procedure["cost"],
                    keywords=tuple(procedure["keywords"]),
                )

    # --- numbers and articles ---

    def numbers(self) -> Iterator[Record]:
        for number in self.source["number"]:
            yield self.record(
                RecordKind.NUMBER,
                f"number-{slug(number['title'])}",
                number["title"],
                level="state",
                phone=number["phone"],
                hours=ALWAYS,
                keywords=tuple(number["keywords"]),
            )
        for place in self.source["municipalities"]:
            for number in self.source["municipal_number"]:
                yield self.record(
                    RecordKind.NUMBER,
                    f"number-{slug(place)}-{slug(number['unit'])}",
                    number["title"].format(municipality=place),
                    level="municipal",
                    unit=number["unit"],
                    agency=f"Ayuntamiento de {place}",
                    municipality=place,
                    hours=ALWAYS,
                    keywords=tuple(number["keywords"]),
                )

    def articles(self) -> Iterator[Record]:
        for article in self.source["article"]:
            yield self.record(
                RecordKind.ARTICLE,
                f"article-{slug(article['title'])}",
                article["title"],
                level="state",
                text=article["text"],
                keywords=tuple(article["keywords"]),
            )

    def synonyms(self) -> Iterator[Record]:
        for synonym in self.source["synonym"]:
            yield Record(
                id=f"synonym-{slug(synonym['says'])}",
                kind=RecordKind.SYNONYM,
                title=synonym["says"],
                keywords=tuple(synonym["means"]),
                revision=0,
            )

    def agreements(self) -> Iterator[Record]:
        for agreement in self.source["agreement"]:
            ends = agreement["ends"]
            yield self.record(
                RecordKind.AGREEMENT,
                f"agreement-{slug(agreement['acronym'])}",
                agreement["title"],
                agency=agreement["agency"],
                agency_acronym=agreement["acronym"],
                text=agreement["text"],
                keywords=tuple(agreement["keywords"]),
                related=tuple(f"article-{slug(title)}" for title in agreement["articles"]),
                valid_from=CONFIRMED_BEFORE - 2 * YEAR,
                valid_until=self.today + ends * DAY if ends else None,
                review_at=None if ends else self.today + YEAR,
            )

    # --- what records are made of ---

    def record(self, kind: RecordKind, identifier: str, title: str, **fields: Any) -> Record:
        """A record with its telephone, its last confirmation and the paper behind it."""
        if kind in (RecordKind.PERSON, RecordKind.UNIT, RecordKind.OFFICE, RecordKind.NUMBER) and "phone" not in fields:
            fields["phone"], fields["extension"] = self.phone(fields.get("municipality", "Toluca"))
            if kind is RecordKind.NUMBER:
                fields["extension"] = ""
        responsible, support = self.name(), f"Oficio {self.random.randint(100, 9999)}/2026"
        confirmed_at = CONFIRMED_BEFORE - self.random.randint(0, YEAR)
        if kind in (RecordKind.PROCEDURE, RecordKind.ARTICLE):
            fields["review_at"] = confirmed_at + REVIEW
        return Record(
            id=identifier,
            kind=kind,
            title=title,
            revision=0,
            responsible=responsible,
            support=support,
            confirmed_at=confirmed_at,
            **fields,
        )

    def name(self) -> str:
        """Given names and two surnames; the usual ones often, the rare ones rarely."""
        given, surnames = self.source["given"], self.source["surnames"]
        return f"{self.usual(given)} {self.usual(surnames)} {self.usual(surnames)}"

    def usual(self, names: list[str]) -> str:
        return names[int(len(names) * self.random.random() ** 1.8)]

    def phone(self, municipality: str) -> tuple[str, str]:
        """An invented telephone number of the place's area and an extension."""
        area = self.area_codes.get(municipality, self.source["area_codes"]["default"])
        self.next_number += 1
        last = 100 + self.next_number % 100
        prefix = "5555" if len(area) == 2 else "555"
        return f"{area} {prefix} {last:04}", str(1000 + self.next_number)

    def address(self, municipality: str) -> str:
        street = self.random.choice(self.source["streets"])
        return f"{street} {self.random.randint(1, 900)}, Centro, {municipality}"


def slug(text: str, length: int = 80, separator: str = "-") -> str:
    """The text in unaccented lower-case letters and digits."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", separator, plain)[:length].strip(separator)
