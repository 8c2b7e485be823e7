"""Files of records: what is read, what is refused with line and column, and that what is written comes back."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catgem_tui.config import i18n
from catgem_tui.exchange import tables
from catgem_tui.exchange.faults import BadFile, SheetsMissing
from catgem_tui.exchange.mapping import ColumnMapping, build_mapping
from catgem_tui.exchange.planning import make_plan
from catgem_tui.exchange.reading import FileRead, read_file
from catgem_tui.exchange.report import bad_line, changed_lines, summary, write_report
from catgem_tui.exchange.writing import FORMATS, write_records
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record

HERE = Record(
    id="a", kind=RecordKind.PERSON, title="José Pérez", revision=7, phone="722", post="Jefe", extra={"Piso": "2"},
    restricted={"mobile": "7229999999"},
)  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = i18n.current()
    i18n.use("en")
    yield
    i18n.use(before)


def read(folder: Path, data: str | bytes, mapping: ColumnMapping | None = None) -> FileRead:
    file = folder / "file"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_file(file, mapping or ColumnMapping())


def records(found: FileRead) -> list[Record]:
    plan = make_plan(found.rows, {})
    assert plan.bad == []
    return [change.after for change in plan.changes]


def bad(found: FileRead) -> list[tuple[int, str, str]]:
    return [tuple(row) for row in found.bad]


# --- reading ---


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_table_is_read_whatever_its_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    text = "Clave;Tipo;Nombre;Nivel;Teléfono;Palabras clave;Piso\r\n".replace(";", separator)
    text += '1;Trámite;"Licencia ""A""\r\nnueva";Estatal;722;"uno, dos";3\r\n'.replace(";", separator)
    found = read(tmp_path, text.encode(encoding))
    assert bad(found) == []
    (row,) = found.rows
    given = dict(zip(row.columns, row.values, strict=True))
    assert (row.line, row.id, given["kind"], given["level"]) == (2, "1", RecordKind.PROCEDURE, "state")
    assert (given["title"], given["keywords"], given["extra.Piso"]) == ('Licencia "A"\nnueva', ("uno", "dos"), "3")


def test_each_bad_row_is_named_with_line_column_and_reason_and_the_good_ones_are_kept(tmp_path: Path) -> None:
    lines = [
        "id,Tipo,Nombre,Nivel,Vigencia,Retirado",
        "a,oficina,Uno,municipal,31/12/2026,no",
        "b,castillo,Dos,,,",
        "c,oficina,Tres,galáctico,,",
        "d,oficina,Cuatro,,31/31/2026,",
        "e,oficina,,,,",
        "a,oficina,Otra vez,,,",
        "f,oficina,Corta",
        "g,oficina,Larga,,,,de más",
        'h,oficina,"a"b,,,',
        "i,oficina,\x1b]0;mine\x07,,,",
        "j,oficina,Diez,,,quizá",
        ",,Sin tipo,,,",
        "k,oficina,Última,,2027-01-01,sí",
        'l,oficina,"sin cerrar',
    ]
    found = read(tmp_path, "\n".join(lines))
    assert [row.id for row in found.rows] == ["a", "k"]
    assert [(row.line, row.column) for row in found.bad] == [
        (3, "Tipo"), (4, "Nivel"), (5, "Vigencia"), (6, "title"), (7, "id"), (8, ""), (9, ""), (10, ""), (11, "Nombre"),
        (12, "Retirado"), (13, "kind"), (15, ""),
    ]  # fmt: skip
    assert all(row.reason and bad_line(row).isprintable() for row in found.bad)
    assert "line 2" in found.bad[4].reason
    assert "person" in found.bad[0].reason


def test_lines_of_json_are_read_the_same_way_and_nothing_unknown_is_lost(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "kind": "office", "title": "Oficina Ñ", "revision": 12, "piso": 3, "extra": {"Ala": "norte"}}',
        "",
        "no es JSON",
        '{"id": "b", "kind": "castle", "title": "x"}',
        '{"id": "c", "kind": "office", "title": "x", "phone": ["1"]}',
        '{"id": "a", "kind": "office", "title": "otra vez"}',
        '{"kind": "office", "phone": "1"}',
        '["a"]',
        '{"id": "e", "kind": "office", "title": "\\u0007"}',
        '{"id": "f", "kind": "office", "title": "' + "x" * 200_000 + '"}',
        '{"id": "g", "kind": "persona", "title": "=1+1", "phone": 722, "keywords": ["a,b"], '
        '"valid_from": 5, "email": null}',
        '{"id": "h", "kind": "office", "ti',
    ]
    found = read(tmp_path, "\n".join(lines))
    office, person = records(found)
    assert office.extra == {"piso": "3", "Ala": "norte"}
    assert (person.kind, person.title, person.phone, person.keywords, person.valid_from) == (
        "person", "=1+1", "722", ("a,b",), 5.0,
    )  # fmt: skip
    assert [(row.line, row.column) for row in found.bad] == [
        (3, ""), (4, "kind"), (5, "phone"), (6, "id"), (7, "title"), (8, ""), (9, "title"), (10, ""), (12, ""),
    ]  # fmt: skip


def test_a_row_without_id_gets_the_same_one_again_whatever_its_accents(tmp_path: Path) -> None:
    one = read(tmp_path, "Nombre,Tipo,Municipio,Tel.\nJosé Pérez,persona,Toluca,1\nJosé Pérez,persona,Lerma,1\n")
    again = read(tmp_path, "TIPO;NOMBRE;MUNICIPIO\npersona;JOSE  PEREZ;toluca\n")
    assert len({row.id for row in one.rows}) == 2
    assert again.rows[0].id == one.rows[0].id


def test_columns_are_mapped_and_ignored_on_the_command_line_or_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text('kind = "trámite"\nignore = ["Notas"]\n[columns]\n"Quién" = "phone"\n', "utf-8")
    mapping = build_mapping(file, ["Quién = title"], ["Otra"], "persona")
    (record,) = records(read(tmp_path, "id,Quién,Notas,Otra\n1,Ana,x,y\n", mapping))
    assert (record.title, record.kind, record.extra) == ("Ana", "person", {})
    (record,) = records(read(tmp_path, '{"id": "1", "Quién": "Ana", "Notas": "x", "Otra": "y"}', mapping))
    assert (record.title, record.kind, record.extra) == ("Ana", "person", {})
    for wrong in ("kind = 1", "ignore = 2", "[columns]\na = 1", "colums = {}", "kind = ", "kind = 'castillo'"):
        file.write_text(wrong)
        with pytest.raises(BadFile):
            build_mapping(file, [], [], "")
    with pytest.raises(BadFile, match=r"^mapping.toml:1 «kind»: not valid TOML \(a value is missing"):
        file.write_text("kind = ")
        build_mapping(file, [], [], "")
    with pytest.raises(BadFile, match="Column=field"):
        build_mapping(None, ["Quién"], [], "")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"id,Nombre\n", "no rows"),
        (b"Color,Talla\nrojo,4\n", "Color, Talla"),
        (b"Nombre,Title\nx,y\n", "Title"),
        (b"PK\x03\x04 no workbook", "damaged or cut off.$"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
    ],
)
def test_a_file_that_is_none_is_told_in_a_sentence(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        read(tmp_path, data)


def test_a_line_that_is_no_object_says_where_and_no_word_of_the_decoder(tmp_path: Path) -> None:
    found = read(tmp_path, '{"kind": "office"\n{"kind": "trámite",}\n[1]\n')
    assert [(row.line, row.reason) for row in found.bad] == [
        (1, "no JSON object"), (2, "no JSON object; see character 20"), (3, "no JSON object"),
    ]  # fmt: skip


def test_a_folder_and_no_file_at_all_are_told_in_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(BadFile, match=str(path)):
            read_file(path, ColumnMapping())


def test_a_file_in_utf8_with_some_broken_bytes_loses_those_rows_only(tmp_path: Path) -> None:
    rows = [f"{n},oficina,Módulo número {n}".encode() for n in range(5)]
    rows[3] = b"3,oficina,M\xf3dulo"
    found = read(tmp_path, b"\n".join([b"id,Tipo,Nombre", *rows]))
    assert [row.id for row in found.rows] == ["0", "1", "2", "4"]
    assert found.rows[0].values[1] == "Módulo número 0"
    assert [(row.line, row.column) for row in found.bad] == [(5, "Nombre")]


def test_a_cell_too_large_for_a_record_is_a_bad_row(tmp_path: Path) -> None:
    found = read(tmp_path, f"id,Tipo,Nombre,Texto\n1,oficina,Uno,{'x' * 100_000}\n2,oficina,Dos,x\n")
    plan = make_plan(found.rows, {})
    assert ([row.line for row in plan.bad], [it.after.id for it in plan.changes]) == ([2], ["2"])
    found = read(tmp_path, f'id,Tipo,Nombre,Texto\n1,oficina,Uno,"{"x" * 300_000}"\n2,oficina,Dos,x\n')
    assert ([row.line for row in found.bad], [row.id for row in found.rows]) == ([2], ["2"])


# --- spreadsheets ---


def test_numbers_dates_and_empty_rows_of_a_spreadsheet(tmp_path: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(str(tmp_path / "file.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(1, 1, ["Clave", "Tipo", "Nombre", "Teléfono", "Vigente desde", "Retirado"])
    sheet.write_row(3, 1, [7, "persona", "Ana", 7221234567.0])
    sheet.write_datetime(3, 5, __import__("datetime").datetime(2026, 3, 1), book.add_format({"num_format": "dd/mm/yy"}))
    sheet.write_boolean(3, 6, False)
    sheet.write_row(4, 1, [8, "castillo", "Luis"])
    book.close()
    found = read_file(tmp_path / "file.xlsx", ColumnMapping())
    (record,) = records(found)
    assert (record.id, record.phone, record.retired) == ("7", "7221234567", False)
    assert (
        record.valid_from == records(read(tmp_path, "id,Tipo,Nombre,valid_from\n1,persona,x,1/3/2026\n"))[0].valid_from
    )
    assert [(row.line, row.column) for row in found.bad] == [(5, "Tipo")]


def sheet_of(cells: str) -> bytes:
    """A workbook whose only sheet is this XML."""
    pytest.importorskip("xlsxwriter")
    whole = io.BytesIO()
    write_records(whole, "xlsx", [HERE])
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            data = before.read(entry)
            if "worksheets/" in entry.filename:
                start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                data = start + cells.encode() + b"</sheetData></worksheet>"
            after.writestr(entry.filename, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "used area"),
        ('<row r="1"><c r="A1" t="inlineStr"><is><t>' + "x" * (9 << 20) + "</t></is></c></row>", "too large"),
    ],
    ids=["far apart", "bomb"],
)
def test_a_spreadsheet_of_absurd_size_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: str, said: str
) -> None:
    monkeypatch.setattr(tables, "LARGEST_SHEET", 8 << 20)  # a sheet larger than the true limit takes long to make
    with pytest.raises(BadFile, match=said):
        read(tmp_path, sheet_of(cells))


def test_without_the_library_a_spreadsheet_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = sheet_of('<row r="1"><c r="A1"><v>1</v></c></row>')
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(SheetsMissing):
        read(tmp_path, data)


# --- what would change ---


def test_only_the_fields_that_a_file_gives_are_replaced(tmp_path: Path) -> None:
    found = read(tmp_path, "id,Teléfono,Ala,Piso\na,55,norte,\n")
    plan = make_plan(found.rows, {"a": HERE})
    (change,) = plan.changes
    assert change.after == msgspec.structs.replace(HERE, phone="55", extra={"Ala": "norte"})
    assert [line.strip() for line in changed_lines(plan)] == [
        "a  José Pérez", "Phone: “722” → “55”", "Ala: “” → “norte”", "Piso: “2” → “”",
    ]  # fmt: skip


def test_new_changed_unchanged_retired_and_bad_are_told_apart_and_reported(tmp_path: Path) -> None:
    gone = msgspec.structs.replace(HERE, id="gone", retired=True)
    found = read(
        tmp_path,
        "id,Tipo,Nombre,Teléfono,Sustento\nnew,persona,Ana,=1,\na,persona,José Pérez,722,otro\n"
        "b,persona,José Pérez,55,\ngone,persona,x,,\nbad,castillo,x,,\n",
    )
    plan = make_plan(found.rows, {"a": HERE, "b": msgspec.structs.replace(HERE, id="b"), "gone": gone})
    assert (plan.new, len(plan.changes), len(plan.unchanged), len(plan.retired)) == (1, 2, 1, 1)
    assert "bad rows: 1" in summary(plan, len(found.bad))
    write_report(tmp_path / "report.csv", plan, found.bad)
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    assert sorted((row[0], row[1], row[2], row[3]) for row in table[1:]) == [
        ("2", "new", "new", "Title"), ("3", "a", "unchanged", ""), ("4", "b", "changed", "Phone"),
        ("5", "gone", "retired", ""), ("6", "", "bad", "Tipo"),
    ]  # fmt: skip


@pytest.mark.parametrize("heading", ["Versión del registro", "revision"])
def test_a_row_exported_before_the_last_change_would_undo_it(tmp_path: Path, heading: str) -> None:
    found = read(tmp_path, f"id,Teléfono,{heading}\na,55,7\nb,55,8\nc,722,7\nd,55,\n")
    now = {key: msgspec.structs.replace(HERE, id=key, revision=8) for key in "abcd"}
    plan = make_plan(found.rows, now)
    assert [(row.line, row.reason) for row in plan.bad] == [(2, "the record was changed after the file was exported")]
    assert [change.after.id for change in plan.changes] == ["b", "d"]
    assert [change.after.id for change in make_plan(found.rows, now, overwrite=True).changes] == ["a", "b", "d"]
    assert [(row.line, row.column) for row in read(tmp_path, f"id,{heading}\na,dos\n").bad] == [(2, heading)]


def test_a_new_record_needs_a_title_and_a_kind_and_sensible_dates(tmp_path: Path) -> None:
    found = read(tmp_path, "id,Teléfono\nnew,1\n")
    assert [(row.line, row.column) for row in make_plan(found.rows, {}).bad] == [(2, "title")]
    found = read(tmp_path, "id,Tipo,Nombre,valid_from,valid_until\n1,persona,x,2026-02-01,2026-01-01\n")
    assert [(row.line, row.column) for row in make_plan(found.rows, {}).bad] == [(2, "valid_until")]


# --- what is written comes back ---

HARD = ["=1+1", "'=x", "+52 722", "@a", "-", "_x0041_", 'a"b', "a;b,c", "[a", "ñ😀", "1e5", "007", "a b"]
LINE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12) | st.sampled_from(HARD)
SHORT = st.just("") | LINE | st.sampled_from(["x\ny", "a\tb", "uno\n\ndos"])
INSTANT = st.none() | st.integers(0, 4_000_000_000).map(float) | st.integers(0, 8_000_000_000).map(lambda it: it / 8)
RECORDS = st.lists(
    st.builds(
        Record,
        id=LINE,
        kind=st.sampled_from([kind for kind in RecordKind if kind is not RecordKind.OTHER]),
        title=LINE,
        revision=st.just(0),
        level=st.sampled_from(["", "federal", "state", "municipal"]),
        phone=SHORT,
        text=SHORT,
        support=SHORT,
        keywords=st.lists(SHORT, max_size=3).map(tuple),
        related=st.lists(LINE, max_size=2).map(tuple),
        confirmed_at=INSTANT,
        valid_until=INSTANT,
        retired=st.booleans(),
        extra=st.dictionaries(LINE, LINE, max_size=2),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda record: record.id,
)


@pytest.mark.parametrize("language", ["en", "es_MX"])
@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=RECORDS)
def test_what_is_exported_and_imported_is_the_same(
    tmp_path: Path, name: str, language: str, made: list[Record]
) -> None:
    if name == "xlsx":
        pytest.importorskip("xlsxwriter")
    i18n.use(language)
    file = tmp_path / f"file.{name}"
    with file.open("wb") as out:
        secret = [msgspec.structs.replace(record, restricted={"mobile": "SECRETO"}) for record in made]
        write_records(out, name, secret)
    assert b"SECRETO" not in file.read_bytes()
    found = read_file(file, ColumnMapping(restricted=True))
    assert found.bad == []
    assert records(found) == made
    assert make_plan(found.rows, {record.id: record for record in made}).changes == []
