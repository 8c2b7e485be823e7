"""A directory of any size and queries with known answers, the same ones for the same seed.

Nine tenths are public servants with a long tail of surnames; 0.7 % of the records have an entry error in the title and
3 % lack the accents, as real directories do. The queries come in classes (``CLASSES``); each knows the ids of every
record that has all of the words that were meant.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from catgem_tui.central.directory import sample
from catgem_tui.directory.fold import words
from catgem_tui.directory.rewriting import LITTLE_WORDS
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

_ONSETS = [
    "b",
    "c",
    "ch",
    "d",
    "f",
    "g",
    "gu",
    "h",
    "j",
    "l",
    "ll",
    "m",
    "n",
    "ñ",
    "p",
    "qu",
    "r",
    "s",
    "t",
    "v",
    "y",
    "z",
]
_RIMES = [
    "a",
    "e",
    "i",
    "o",
    "u",
    "an",
    "en",
    "in",
    "on",
    "ar",
    "er",
    "or",
    "al",
    "el",
    "as",
    "es",
    "ia",
    "ue",
    "io",
    "ez",
]
_ENDS = ["a", "o", "ez", "es", "era", "ado", "ino", "illo", "uela", "eda", "ales", "oso", "anda", "erro", "uri", "iz"]
_SUBJECTS = [
    "control", "gestión", "planeación", "normatividad", "vinculación", "archivo", "informática", "nómina",
    "adquisiciones", "patrimonio", "capacitación", "evaluación", "seguimiento", "auditoría", "contabilidad",
    "presupuesto", "jurídico", "comunicación", "estadística", "catastro", "vigilancia", "inspección",
    "mantenimiento", "servicios", "generales", "atención", "ciudadana", "transparencia", "innovación",
    "estudios", "proyectos", "obra", "hidráulica", "saneamiento", "ecología", "reforestación", "ganadería",
    "forestal", "turismo", "artesanías", "deporte", "juventud", "migrantes", "peritos", "defensoría",
    "mediación", "notarías", "registro", "público", "periódico", "oficial", "tenencia", "vialidad", "semáforos",
    "autopistas",
]  # fmt: skip
_LEVELS = ["Departamento", "Subdirección", "Dirección", "Coordinación", "Unidad", "Oficina", "Área", "Jefatura"]


def surname(rng: random.Random) -> str:
    parts = rng.choice(_ONSETS) + rng.choice(_RIMES) + rng.choice(_ONSETS) + rng.choice(_ENDS)
    if rng.random() < 0.4:
        parts = rng.choice(_ONSETS) + rng.choice(_RIMES) + parts
    return parts.capitalize()


def without_accents(text: str) -> str:
    return text.translate(str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN"))


def generate(count: int, seed: int = 1) -> Iterator[Record]:
    """So many records with the ids ``r0``, ``r1``, …"""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    source = sample._source()
    given: list[str] = source["given"]
    surnames = source["surnames"] + [surname(rng) for _ in range(min(9_000, 1_500 + count // 14))]
    heavy = [1.0 / (place + 3) for place in range(len(surnames))]
    towns: list[str] = source["municipalities"]
    agencies = source["agency"]
    procedures = source["procedure"]
    picked = rng.choices(surnames, heavy, k=2 * count)
    for number in range(count):
        agency = rng.choice(agencies)
        town = rng.choice(towns)
        level = "state" if rng.random() < 0.6 else "municipal"
        subject = " y ".join(rng.sample(_SUBJECTS, 1 if rng.random() < 0.6 else 2))
        unit = f"{rng.choice(_LEVELS)} de {subject}" if rng.random() < 0.8 else rng.choice(agency["units"])
        share = rng.random()
        title, kind, post = "", RecordKind.PERSON, ""
        keywords: tuple[str, ...] = ()
        if share < 0.9:
            first = rng.choice(given) if rng.random() < 0.6 else f"{rng.choice(given)} {rng.choice(given)}"
            title = f"{first} {picked[2 * number]} {picked[2 * number + 1]}"
            post = rng.choice(sample.POSTS)
        elif share < 0.95:
            kind, procedure = RecordKind.PROCEDURE, rng.choice(procedures)
            title, keywords = f"{procedure['title']} en {town}", tuple(procedure.get("keywords", ()))
        elif share < 0.99:
            kind, title = RecordKind.OFFICE, f"{unit} de {town} {rng.randrange(1, 40):02}"
        else:
            kind, title = RecordKind.NUMBER, f"Línea de {subject} de {town}"
        spoilt = rng.random()
        if spoilt < 0.007:
            title = edit(title, rng)
        elif spoilt < 0.037:
            title = without_accents(title)
        yield Record(
            id=f"r{number}",
            kind=kind,
            title=title,
            revision=number + 1,
            level=level,
            post=post,
            unit=unit,
            agency=agency["name"],
            agency_acronym=agency["acronym"],
            municipality=town,
            phone=f"{rng.choice((722, 55, 712, 595, 726))} {rng.randrange(10**6, 10**7)}",
            extension=f"{rng.randrange(1000, 9999)}" if rng.random() < 0.5 else "",
            email=_email(title) if kind is RecordKind.PERSON and rng.random() < 0.5 else "",
            keywords=keywords,
        )


def _email(name: str) -> str:
    first, *_rest, last = words(name)
    return f"{first}.{last}@edomex.example"


# --- how people miswrite and mishear ---

_KEYS = ["qwertyuiop", "asdfghjklñ", "zxcvbnm"]
_MISHEARD = [
    ("v", "b"), ("b", "v"), ("z", "s"), ("s", "z"), ("ce", "se"), ("ci", "si"), ("se", "ce"), ("si", "ci"), ("h", ""),
    ("ll", "y"), ("y", "ll"), ("j", "x"), ("ge", "je"), ("gi", "ji"), ("je", "ge"), ("ji", "gi"), ("x", "j"),
    ("qu", "k"), ("ca", "ka"), ("co", "ko"), ("cu", "ku"), ("ñ", "n"), ("rr", "r"), ("nn", "n"), ("ss", "s"),
]  # fmt: skip
_OTHER_SOUNDS = [("e", "i"), ("i", "e"), ("d", "t"), ("t", "d"), ("m", "n"), ("n", "m"), ("o", "u"), ("u", "o")]


def edit(word: str, rng: random.Random) -> str:
    """One insertion, deletion, substitution by a neighbouring key, or swap."""
    place = rng.randrange(len(word))
    how = rng.randrange(4)
    if how == 0 and len(word) > 3:
        return word[:place] + word[place + 1 :]
    if how == 1 and place + 1 < len(word) and word[place] != word[place + 1]:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    row = next((keys for keys in _KEYS if word[place].lower() in keys), "aeiou")
    at = max(row.find(word[place].lower()), 0)
    other = row[at - 1] if at else row[1]
    return word[:place] + other + word[place + (how != 2) :]


def typo(word: str, rng: random.Random) -> str:
    """An edit that shows."""
    while (changed := edit(word, rng)) == word:
        pass
    return changed


def mishear(word: str, rng: random.Random, table: list[tuple[str, str]] = _MISHEARD) -> str:
    """One sound written in another way; the word itself when it has none of them."""
    fitting = [(old, new) for old, new in table if old in word and not (old == "h" and "ch" in word)]
    if not fitting:
        return word
    old, new = rng.choice(fitting)
    place = rng.choice([at for at in range(len(word)) if word.startswith(old, at)])
    return word[:place] + new + word[place + len(old) :]


# --- queries ---


@dataclass(frozen=True)
class Asked:
    kind: str
    """Its class."""
    text: str
    answers: frozenset[str] = field(repr=False)


_NICKNAMES = {"jose": "pepe", "guadalupe": "lupe", "francisco": "paco", "jesus": "chuy", "luis": "lucho",
              "alejandro": "alex", "patricia": "paty", "leticia": "lety", "veronica": "vero", "rosario": "chayo",
              "enrique": "quique", "guillermo": "memo", "eduardo": "lalo", "gabriela": "gaby"}  # fmt: skip
_ABBREVIATIONS = {"hernandez": "hdez", "gonzalez": "glez", "martinez": "mtz", "rodriguez": "rdz", "gutierrez": "gtz",
                  "jimenez": "jmz", "direccion": "dir", "departamento": "depto", "coordinacion": "coord",
                  "guadalupe": "gpe", "administracion": "admon", "maria": "ma", "sanchez": "schz",
                  "lopez": "lpz", "vazquez": "vzqz"}  # fmt: skip
_EXTRA = ["licenciado", "busco", "oficina", "señor", "favor", "urgente", "contacto", "atiende", "encargado", "trámites"]


class Asker:
    """Makes queries for these records."""

    def __init__(self, records: list[Record], seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - not for secrets
        self.records = records
        self.having: dict[str, set[int]] = {}
        self.numbers: dict[str, set[int]] = {}
        for place, record in enumerate(records):
            text = " ".join((record.title, record.post, record.unit, record.municipality, record.agency_acronym,
                             " ".join(record.keywords)))  # fmt: skip
            for word in words(text):
                self.having.setdefault(word, set()).add(place)
        self.beginnings = sorted(self.having)

    def answers(self, meant: list[str], begun: str = "") -> frozenset[str]:
        sets = sorted((self.having.get(word, set()) for word in meant), key=len)
        found = set.intersection(*sets) if sets else set(range(len(self.records)))
        if begun:
            found = {p for p in found if any(word.startswith(begun) for word in words(self.records[p].title))}
        return frozenset(self.records[place].id for place in found)

    def telling(self, record: Record, most: int = 4) -> list[str]:
        """Words that are enough to tell it from nearly all others, in the title's order, accents kept."""
        title = [word for word in record.title.split() if words(word) and words(word)[0] not in LITTLE_WORDS]
        chosen = title[: 5 if record.kind is not RecordKind.PERSON else most]
        if record.kind is RecordKind.PERSON and len(title) > 2 and self.rng.random() < 0.3:
            chosen = [title[0], *title[-2:]]
        return chosen

    def ask(self, kind: str, count: int) -> list[Asked]:
        """So many queries of a class."""
        made: list[Asked] = []
        tries = 0
        while len(made) < count and tries < 400 * count:
            tries += 1
            asked = self._one(kind, self.rng.choice(self.records))
            if asked is not None and 0 < len(asked.answers) <= 5:
                made.append(asked)
        return made

    def _one(self, kind: str, record: Record) -> Asked | None:  # noqa: PLR0911 - a return for each class
        chosen = self.telling(record)
        if len(chosen) < 2:
            return None
        clean = [words(word)[0] for word in chosen]
        if kind in _SPOILING:
            spoilt = _SPOILING[kind](clean, self.rng)
            return Asked(kind, " ".join(spoilt), self.answers(clean)) if spoilt is not None else None
        if kind == "exact":
            return Asked(kind, " ".join(chosen), self.answers(clean))
        if kind == "order":
            self.rng.shuffle(chosen)
            return Asked(kind, " ".join(chosen), self.answers(clean))
        if kind == "accents":
            return Asked(kind, without_accents(" ".join(chosen)).upper(), self.answers(clean))
        if kind == "acronym":
            two = self.rng.sample(clean, min(2, len(clean)))
            acronym = words(record.agency_acronym)
            dotted = ".".join(record.agency_acronym) + "."
            return Asked(kind, " ".join([self.rng.choice([acronym[0], dotted]), *two]), self.answers([*acronym, *two]))
        if kind == "digits":
            return self._digits(record, clean)
        if kind == "prefix":
            last = clean[-1]
            begun = last[: self.rng.randrange(1, len(last) + 1)]
            return Asked(kind, " ".join([*clean[:-1], begun]), self.answers(clean[:-1], begun))
        if kind == "extra":
            at = self.rng.randrange(len(clean) + 1)
            return Asked(kind, " ".join([*clean[:at], self.rng.choice(_EXTRA), *clean[at:]]), self.answers(clean))
        raise ValueError(kind)

    def _digits(self, record: Record, clean: list[str]) -> Asked:
        whole = "".join(letter for letter in record.phone if letter.isdigit())
        if not self.numbers:
            for place, other in enumerate(self.records):
                digits = "".join(letter for letter in other.phone if letter.isdigit())
                for size in (len(digits), 7, 6):
                    self.numbers.setdefault(digits[-size:], set()).add(place)
        how = self.rng.randrange(4)
        if how == 3:
            return Asked("digits", f"{clean[0]} {whole[-4:]}", self.answers([clean[0]]) & self._ending(whole[-4:]))
        text = (whole, record.phone, whole[-7:])[how]
        return Asked("digits", text, self._ending(whole[-7:] if how == 2 else whole))

    def _ending(self, digits: str) -> frozenset[str]:
        if len(digits) < 6:
            return frozenset(r.id for r in self.records if r.phone.endswith(digits))
        return frozenset(self.records[place].id for place in self.numbers.get(digits, ()))


def _spoil_one(clean: list[str], rng: random.Random, spoil: Callable[[str], str], least: int) -> list[str] | None:
    places = [place for place, word in enumerate(clean) if len(word) >= least and word.isalpha()]
    if not places:
        return None
    place = rng.choice(places)
    changed = spoil(clean[place])
    return [*clean[:place], changed, *clean[place + 1 :]] if changed != clean[place] else None


def _spoil_all(clean: list[str], spoil: Callable[[str], str], least: int) -> list[str] | None:
    changed = [spoil(word) if len(word) >= least and word.isalpha() else word for word in clean]
    return changed if changed != clean else None


def _twice(spoil: Callable[[str], str]) -> Callable[[str], str]:
    return lambda word: spoil(spoil(word))


def _begun_wrong(clean: list[str], rng: random.Random) -> list[str] | None:
    last = clean[-1]
    if len(last) < 6:
        return None
    return [*clean[:-1], typo(last[: rng.randrange(5, len(last))], rng)]


def _swapped(clean: list[str], rng: random.Random, table: dict[str, str]) -> list[str] | None:
    places = [place for place, word in enumerate(clean) if word in table]
    if not places:
        return None
    place = rng.choice(places)
    return [*clean[:place], table[clean[place]], *clean[place + 1 :]]


def _joined(clean: list[str], rng: random.Random) -> list[str] | None:
    places = [at for at in range(len(clean) - 1) if min(len(clean[at]), len(clean[at + 1])) >= 3]
    if not places:
        return None
    at = rng.choice(places)
    return [*clean[:at], clean[at] + clean[at + 1], *clean[at + 2 :]]


def _split(clean: list[str], rng: random.Random) -> list[str] | None:
    places = [at for at in range(len(clean)) if len(clean[at]) >= 6]
    if not places:
        return None
    at = rng.choice(places)
    cut = rng.randrange(2, len(clean[at]) - 2)
    return [*clean[:at], clean[at][:cut], clean[at][cut:], *clean[at + 1 :]]


_SPOILING: dict[str, Callable[[list[str], random.Random], list[str] | None]] = {
    "typo": lambda clean, rng: _spoil_one(clean, rng, lambda word: typo(word, rng), 4),
    "two typos": lambda clean, rng: _spoil_one(clean, rng, _twice(lambda word: typo(word, rng)), 6),
    "typos in all": lambda clean, rng: _spoil_all(clean, lambda word: typo(word, rng), 4),
    "typo in beginning": _begun_wrong,
    "misheard": lambda clean, rng: _spoil_one(clean, rng, lambda word: mishear(word, rng), 4),
    "misheard twice": lambda clean, rng: _spoil_one(clean, rng, _twice(lambda word: mishear(word, rng)), 5),
    "misheard all": lambda clean, rng: _spoil_all(clean, lambda word: mishear(word, rng), 4),
    "other sounds": lambda clean, rng: _spoil_one(clean, rng, lambda word: mishear(word, rng, _OTHER_SOUNDS), 5),
    "misheard and typo": lambda clean, rng: _spoil_one(clean, rng, lambda word: typo(mishear(word, rng), rng), 6),
    "joined": _joined,
    "split": _split,
    "abbreviated": lambda clean, rng: _swapped(clean, rng, _ABBREVIATIONS),
    "nickname": lambda clean, rng: _swapped(clean, rng, _NICKNAMES),
}
FORGIVING = ("typo", "two typos", "typos in all", "typo in beginning", "misheard", "misheard twice", "misheard all",
             "other sounds", "misheard and typo")  # fmt: skip
"""The classes that ask for a misspelt or misheard word."""
CLEAN = ("exact", "order", "accents", "acronym", "digits")
WRITTEN_OTHERWISE = ("joined", "split", "abbreviated", "nickname")
CLASSES = (*CLEAN, "prefix", *FORGIVING, *WRITTEN_OTHERWISE, "extra")
