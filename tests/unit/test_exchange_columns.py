"""Columns by their headings, and cells that a spreadsheet must not calculate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catgem_tui.exchange.cells import find_unwanted, neutralise, plain, tidy
from catgem_tui.exchange.columns import HEADINGS, BadColumns, assign, field_of


def test_headings_are_known_in_spanish_and_english_whatever_their_accents_and_case() -> None:
    assert assign(["NOMBRE", "telefono", "Ext", "Correo Electrónico", "Área", "Palabras  clave"]) == [
        "title",
        "phone",
        "extension",
        "email",
        "unit",
        "keywords",
    ]
    assert assign(["Name", "Phone", "agency_acronym", "Valid until"]) == [
        "title",
        "phone",
        "agency_acronym",
        "valid_until",
    ]


def test_each_field_is_known_by_its_own_name_and_by_every_heading() -> None:
    for field, names in HEADINGS.items():
        assert {field_of(name) for name in (field, *names)} == {field}


def test_a_review_is_no_revision() -> None:
    assert assign(["Revisión", "Versión del registro"]) == ["review_at", "revision"]
    assert assign(["Revision", "revision"]) == ["review_at", "revision"]


def test_what_is_no_field_is_kept_as_a_further_one_and_restricted_is_not_read() -> None:
    assert assign(["Nombre", "Piso", "extra.Correo", "restricted", ""]) == [
        "title",
        "extra.Piso",
        "extra.Correo",
        "",
        "",
    ]
    assert assign(["Nombre", "Piso"], ignored=frozenset({"piso"})) == ["title", ""]


def test_a_column_may_be_mapped() -> None:
    assert assign(["Quién", "Tel. directo"], {"quien": "title", "Tel. directo": "phone"}) == ["title", "phone"]


@pytest.mark.parametrize(
    ("headings", "chosen", "named"),
    [
        (["Nombre", "Trámite"], {}, ["Nombre", "Trámite", "title"]),
        (["Nombre"], {"Nombre": "nombre"}, ["nombre"]),
        (["Nombre"], {"Piso": "phone"}, ["Piso"]),
    ],
)
def test_columns_that_cannot_be_are_named(headings: list[str], chosen: dict[str, str], named: list[str]) -> None:
    with pytest.raises(BadColumns) as told:
        assign(headings, chosen)
    assert all(f"“{name}”" in str(told.value) or f"«{name}»" in str(told.value) for name in named)


@given(st.text() | st.text("'=+-@\t\ra", min_size=1))
def test_no_cell_is_a_formula_and_each_comes_back_as_it_was(text: str) -> None:
    written = neutralise(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain(written) == text


def test_controls_overrides_and_broken_bytes_are_found() -> None:
    assert tidy(" uno\r\ndos\r ") == "uno\ndos"
    assert find_unwanted("uno\n\tdos ñ 😀") == ""
    assert [find_unwanted(f"a{char}b") for char in "\0\x1b\u202e\udcff"] == list("\0\x1b\u202e\udcff")
