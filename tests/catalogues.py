"""The catalogues of messages: keep them in step with the source.

    python tests/catalogues.py update                extract from the source, rewrite .po and .mo
    python tests/catalogues.py update --prune        the same, and forget translations the source no longer uses
    python tests/catalogues.py compile               rewrite the .mo from the .po
    python tests/catalogues.py check                 say what is missing, wrong or out of date; exit 1 if anything is
    python tests/catalogues.py translate FILE.json   merge {"English": "Spanish"}; a plural is
                                                     {"singular": ["una", "otras"]}; a message with context is
                                                     {"context\\u0004English": "Spanish"}

The output depends on the messages alone: no dates, no line numbers. A translation given before its message is in the
source waits in the .po as an obsolete entry. Several people may run this at once.
"""

import argparse
import fcntl
import io
import json
import os
import re
import string
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # it is run as a program, too

from tests import untranslated  # noqa: E402

SOURCE = ROOT / "catgem_tui"
LOCALE = SOURCE / "locale"
DOMAIN = "catgem"
SPEAKING = (SOURCE / "ui", SOURCE / "config", SOURCE / "desk", SOURCE / "doctor", SOURCE / "exchange")
"""Where what people read is written, beside the commands themselves."""
LANGUAGES = ("es_MX",)
NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
UNNAMED = re.compile(r"(?<!%)(?:%%)*%[#0\-+]*\d*(?:\.\d+)?[sdrfgi]")
CONTEXT_SEPARATOR = "\u0004"
PERCENT = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]")

Key = tuple[str, str | None]
"""Singular message and context: what gettext tells messages apart by."""


def key_of(message: Message) -> Key:
    first = message.id if isinstance(message.id, str) else message.id[0]
    context = message.context
    return first, context.decode() if isinstance(context, bytes) else context  # read_mo leaves it undecoded


def extract() -> tuple[Catalog, list[str]]:
    """Every message of the source, and a sentence for each file that could not be read."""
    template = Catalog(domain=DOMAIN, project="catgem-tui", fuzzy=False)
    problems = []
    for path in sorted(SOURCE.rglob("*.py")):
        try:
            found = list(extract_from_file("python", path, keywords=DEFAULT_KEYWORDS, comment_tags=("Translators:",)))
            compile(path.read_text(encoding="utf-8"), str(path), "exec")
        except (SyntaxError, UnicodeDecodeError) as error:
            problems.append(f"{path.relative_to(ROOT)} could not be read: {error}")
            continue
        for _line, message, comments, context in found:
            if message and message[0]:
                template.add(message, context=context, auto_comments=comments)
    return template, problems


def merge(language: str, template: Catalog, known: dict[Key, str | tuple[str, ...]], *, prune: bool) -> Catalog:
    """The template's messages with the known translations; the rest of them becomes obsolete, or is forgotten."""
    merged = Catalog(
        locale=language,
        domain=DOMAIN,
        project="catgem-tui",
        version="1",
        copyright_holder="catgem-tui",
        msgid_bugs_address="catgem-tui",
        last_translator="catgem-tui",
        language_team="catgem-tui",
        creation_date=NO_DATE,
        revision_date=NO_DATE,
        fuzzy=False,
    )
    merged.header_comment = "# Messages of catgem-tui. Written by tests/catalogues.py."
    used = set()
    for message in template:
        if not message.id:
            continue
        key = key_of(message)
        used.add(key)
        translation = known.get(key, "")
        plural = not isinstance(message.id, str)
        if plural and isinstance(translation, str):
            translation = (translation, translation) if translation else ("", "")
        elif not plural and not isinstance(translation, str):
            translation = translation[0]
        merged.add(message.id, translation, context=message.context, auto_comments=message.auto_comments)
    if not prune:
        for key in sorted(known.keys() - used, key=lambda k: (k[0], k[1] or "")):
            translation = known[key]
            identifier = key[0] if isinstance(translation, str) else (key[0], key[0])
            merged.obsolete[key[0] if key[1] is None else key] = Message(identifier, translation, context=key[1])
    return merged


def po_path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_translations(language: str) -> dict[Key, str | tuple[str, ...]]:
    """What the .po holds, obsolete entries included."""
    path = po_path(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    found: dict[Key, str | tuple[str, ...]] = {}
    for message in [*catalog.obsolete.values(), *catalog]:
        if message.id and message.string and (isinstance(message.string, str) or any(message.string)):
            found[key_of(message)] = message.string
    return found


def po_bytes(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, no_location=True, sort_output=True)
    return buffer.getvalue().rstrip(b"\n") + b"\n"


def mo_bytes(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def write(path: Path, content: bytes) -> None:
    """Replace the file in one step, if it changes."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


def save(language: str, catalog: Catalog) -> None:
    write(po_path(language), po_bytes(catalog))
    write(po_path(language).with_suffix(".mo"), mo_bytes(catalog))


@contextmanager
def locked() -> Iterator[None]:
    with (LOCALE / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def placeholders(text: str) -> set[str]:
    """The fields a message is filled with: ``{name}``, ``%(name)s`` and, by position, ``%s``."""
    names = set(PERCENT.findall(text)) | {f"%{n}" for n, _ in enumerate(UNNAMED.findall(text))}
    try:
        names |= {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError:
        return names
    return names


def judge(message: Message) -> str:
    """What is wrong with a message's translation, or nothing."""
    if message.fuzzy:
        return "is fuzzy"
    identifiers = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    translations = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    if len(translations) != len(identifiers) or not all(translations):
        return "is not translated" if len(identifiers) == 1 else "is not translated in every form"
    allowed = [placeholders(text) for text in identifiers]
    if placeholders(translations[0]) not in allowed or placeholders(translations[-1]) != allowed[-1]:
        return f"has other placeholders in {message.string!r}"
    return ""


def check() -> list[str]:
    """Everything wrong with the catalogues, and with how the source uses them, a sentence each."""
    template, problems = extract()
    problems += [fault for folder in SPEAKING for path in folder.rglob("*.py") for fault in untranslated.find(path)]
    problems += [fault for path in SOURCE.glob("*.py") for fault in untranslated.find(path)]
    for language in LANGUAGES:
        path = po_path(language)
        name = path.relative_to(ROOT)
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        wanted = {key_of(m): m for m in template if m.id}
        held = {key_of(m): m for m in catalog if m.id}
        problems += [f"{name} lacks {key[0]!r}: run catalogues.py update" for key in wanted.keys() - held.keys()]
        problems += [f"{name}: {key[0]!r} is not in the source any more" for key in held.keys() - wanted.keys()]
        problems += [f"{name}: {key[0]!r} {fault}" for key, m in held.items() if (fault := judge(m))]
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or not same_messages(compiled, catalog):
            problems.append(f"{compiled.relative_to(ROOT)} is out of date: run catalogues.py compile")
    return sorted(problems)


def same_messages(compiled: Path, catalog: Catalog) -> bool:
    def translations(messages: Iterable[Message]) -> dict[Key, tuple[str, ...]]:
        return {key_of(m): (m.string,) if isinstance(m.string, str) else tuple(m.string) for m in messages if m.id}

    with compiled.open("rb") as file:
        held = translations(read_mo(file))
    return held == translations(m for m in catalog if m.string and not m.fuzzy)


def update(additions: dict[Key, str | tuple[str, ...]] | None = None, *, prune: bool = False) -> None:
    with locked():
        template, problems = extract()
        for problem in problems:
            print(problem, file=sys.stderr)
        for language in LANGUAGES:
            save(language, merge(language, template, read_translations(language) | (additions or {}), prune=prune))
    wanted = {key_of(m) for m in template if m.id}
    waiting = [key[0] for key in (additions or {}) if key not in wanted]
    if waiting:
        print(f"not in the source yet, kept for later: {', '.join(map(repr, waiting))}")


def read_additions(path: Path) -> dict[Key, str | tuple[str, ...]]:
    additions: dict[Key, str | tuple[str, ...]] = {}
    for name, translation in json.loads(path.read_text(encoding="utf-8")).items():
        context, separator, message = name.rpartition(CONTEXT_SEPARATOR)
        additions[message, context if separator else None] = (
            translation if isinstance(translation, str) else tuple(translation)
        )
    return additions


def compile_all() -> None:
    with locked():
        for language in LANGUAGES:
            with po_path(language).open("rb") as file:
                write(po_path(language).with_suffix(".mo"), mo_bytes(read_po(file, locale=language)))


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep the catalogues of messages in step with the source.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("update").add_argument("--prune", action="store_true")
    commands.add_parser("compile")
    commands.add_parser("check")
    commands.add_parser("translate").add_argument("file", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "update":
        update(prune=arguments.prune)
    elif arguments.command == "compile":
        compile_all()
    elif arguments.command == "translate":
        update(read_additions(arguments.file))
    else:
        problems = check()
        print("\n".join(problems) or "The catalogues are complete.")
        return 1 if problems else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
