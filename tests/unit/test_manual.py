"""The manual is true: keys, links, topics, settings and commands."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from catgem_tui.config import assets, i18n
from catgem_tui.config.settings import Settings
from catgem_tui.ui import actions
from catgem_tui.ui.manual import topics
from catgem_tui.ui.manual.book import Book
from catgem_tui.ui.manual.markdown import Page, parse, text_of
from tests import manual_pages

LANGUAGES = assets.languages()
SETTINGS_PAGE = {"es_MX": "42-ajustes", "en": "42-settings"}
ROW = re.compile(r"^\| `([a-z_]+)` \| (.+?) \| .+ \|$", re.MULTILINE)
SECTION = re.compile(r"^## .*`\[([a-z_.]+)\]`$", re.MULTILINE)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    before = i18n.current()
    i18n.use(request.param)
    yield request.param
    i18n.use(before)


def parsed(language: str) -> list[Page]:
    return [parse(path.stem, text) for path, text in manual_pages.pages(language)]


def test_keys_are_those_of_the_default_keymap(language: str) -> None:
    keymap = manual_pages.default_keymap()
    for path, text in manual_pages.pages(language):
        named = manual_pages.KEY.findall(text)
        assert {action for action, _key in named} <= set(actions.BY_ID), path.name
        assert manual_pages.renamed(text, keymap) == text, f"{path.name}: run tests/manual_pages.py update"


def test_no_key_is_written_that_nobody_sees_to(language: str) -> None:
    found = {path.name: keys for path, text in manual_pages.pages(language) if (keys := manual_pages.bare_keys(text))}
    assert found == {}, 'write <kbd title="ACTION">KEY</kbd>, or `KEY` where it is meant as it is'


def test_every_link_leads_somewhere(language: str) -> None:
    book = Book(manual_pages.default_keymap())
    for page in parsed(language):
        for block in page.blocks:
            for piece in (*block.pieces, *(each for cell in block.cells for each in cell)):
                if piece.kind == "link" and not piece.target.startswith("http"):
                    file, _sign, anchor = piece.target.partition("#")
                    name = file.removesuffix(".md") or page.name
                    assert name in book.names, f"{page.name}: {piece.target}"
                    assert not anchor or anchor in book.page(name).anchors, f"{page.name}: {piece.target}"


def test_every_page_and_section_has_its_like_in_the_other_language() -> None:
    shapes = {language: [(page.name[:3], tuple(page.anchors)) for page in parsed(language)] for language in LANGUAGES}
    assert shapes["en"] == shapes["es_MX"]
    anchors = [anchor for _number, of_page in shapes["en"] for anchor in of_page]
    assert len(anchors) == len(set(anchors))


def test_pages_are_in_reading_order_and_none_shares_its_number() -> None:
    for language in LANGUAGES:
        numbers = [name.partition("-")[0] for name in assets.manual(language)]
        assert all(re.fullmatch(r"\d\d", number) for number in numbers)
        assert len(numbers) == len(set(numbers))


def test_every_action_and_screen_has_its_topic(language: str) -> None:
    known = {anchor for page in parsed(language) for anchor in page.anchors}
    assert set(topics.OF_ACTION) == set(actions.BY_ID)
    wanted = {
        *topics.OF_ACTION.values(),
        *topics.OF_SCREEN.values(),
        *topics.OF_PART.values(),
        "asked",
        "consult",
        "direct",
    }
    assert wanted - known == set()


def test_every_task_names_the_key_of_its_action(language: str) -> None:
    """Whoever asks for help on an action finds there how it is started."""
    book = Book(manual_pages.default_keymap())
    for action, topic in topics.OF_ACTION.items():
        place = book.find(topic)
        assert place is not None
        page = book.page(place[0])
        named = {
            piece.target
            for block in page.blocks
            for piece in (*block.pieces, *(each for cell in block.cells for each in cell))
            if piece.kind == "key"
        }
        assert action in named, f"{page.name} does not say how {action} is started"


def test_every_procedure_says_what_iso_9001_evidence_wants(language: str) -> None:
    wanted = {
        "es_MX": ("Propósito", "Alcance", "Responsable", "Registros", "Referencias"),
        "en": ("Purpose", "Scope", "Responsible", "Records", "References"),
    }[language]
    listed = 0
    for page in parsed(language):
        heads = [text_of(block.cells[0]) for block in page.blocks if block.shape == "row"]
        if heads[:1] == [{"es_MX": "Procedimiento", "en": "Procedure"}[language]] and wanted[0] in heads:
            listed += 1
            assert tuple(heads[1:6]) == wanted, page.name
    assert listed == 7


# --- settings ---


def fields(part: Any, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Section, name and default of every setting."""
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if isinstance(value, msgspec.Struct):
            yield from fields(value, f"{path}.{name}".strip("."))
        else:
            yield path, name, value


def documented(text: str) -> dict[tuple[str, str], str]:
    found = {}
    sections = SECTION.split(text)
    for section, body in zip(sections[1::2], sections[2::2], strict=True):
        for name, default in ROW.findall(body):
            found[section, name] = default.strip("`")
    return found


def test_every_setting_is_documented_with_its_default_and_none_that_is_not_there(language: str) -> None:
    told = documented(assets.manual(language)[SETTINGS_PAGE[language]].read_text(encoding="utf-8"))
    real = {(section, name): value for section, name, value in fields(Settings())}
    assert set(told) == set(real)
    for key, value in real.items():
        if isinstance(value, bool):
            assert told[key] == str(value).lower(), key
        elif isinstance(value, int | float):
            assert float(told[key]) == value, key
        elif isinstance(value, str) and len(value) < 40:
            assert told[key] == f'"{value}"', key
        elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
            assert re.findall(r'"([^"]*)"', told[key]) == list(value), key
        elif isinstance(value, tuple):
            assert told[key].startswith(f"{len(value)} "), key


def test_settings_that_other_pages_name_are_there(language: str) -> None:
    real = {f"{section}.{name}" for section, name, _value in fields(Settings())}
    sections = {section for section, _name, _value in fields(Settings())}
    for path, text in manual_pages.pages(language):
        for named in re.findall(r"`((?:central|centre|queue|workstation)\.[a-z_.]+)`", text):
            if not named.endswith((".log", ".pem", ".example", ".ejemplo")):
                assert named in real | sections, f"{path.name}: {named}"
        for named in re.findall(r"`\[([a-z_.]+)\]`", text):
            assert named in sections | {"central", "centre", "queue", "workstation"}, f"{path.name}: {named}"
