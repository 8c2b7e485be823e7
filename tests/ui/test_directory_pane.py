"""The directory as an advisor in a hurry uses it."""

import time
from typing import Any

import pytest
from msgspec.structs import replace

from catgem_tui.desk.intents import (
    AcceptOffer,
    CallNumber,
    CountFacets,
    Focus,
    HangUpOutgoing,
    Search,
    SendDigits,
    SendRecord,
    ShowLog,
)
from catgem_tui.desk.state import MOST_HITS, DeskState, PhoneCall
from catgem_tui.directory.facet import Facet
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.ui.lines import plain, width_of
from catgem_tui.ui.records import record_rows
from catgem_tui.ui.screens.filters import NOTHING, with_filter
from tests.ui import scenes
from tests.ui.stage import LARGE, MIDDLE, SMALL, opened

SIZES = pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["80x24", "100x30", "160x45"])


def with_hits(state: DeskState, *records: Record, query: str = "algo") -> DeskState:
    return replace(state, directory=replace(state.directory, hits=records, query=query))


# --- calling ---


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_one_key_calls_the_one_number_of_a_record(opening: tuple[str, ...]) -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", "down", *opening, "alt+t")
        called = [done for done in stage.take_done() if not isinstance(done, ShowLog)]
        assert called == [CallNumber("7225550110", "", "Dirección General del Registro Civil", "r2")]


@pytest.mark.parametrize("opening", [(), ("enter",)], ids=["list", "card"])
async def test_of_an_extension_or_several_numbers_one_is_chosen(opening: tuple[str, ...]) -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", *opening, "alt+t")
        assert "Llamar a Oficialía 01 del Registro Civil" in stage.seen()
        assert "722 555 0100" in stage.seen()
        assert "ext. 104" in stage.seen()
        await stage.press("enter")
        assert stage.take_done()[-1] == CallNumber("7225550100", "104", "Oficialía 01 del Registro Civil", "r1")
        await stage.press("alt+t", "down", "enter")
        assert stage.take_done()[-1] == CallNumber("7225550100", "", "Oficialía 01 del Registro Civil", "r1")


async def test_a_record_without_number_is_said_to_have_none() -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", "down", "down", "alt+t")
        assert stage.take_done() == [CallNumber("", "", "Acta de nacimiento, copia certificada", "r3")]


@SIZES
async def test_the_call_is_on_the_screen_with_its_extension_and_is_hung_up(size: tuple[int, int]) -> None:
    call = PhoneCall(
        "o1", "", CallState.DIALLING, scenes.NOW - 3, number="7225550100", name="Oficialía 01", extension="104"
    )
    phone = replace(scenes.PHONE, calls=(call,))
    async with opened(replace(scenes.IN_CHAT, phone=phone), size) as stage:
        seen = stage.seen()
        assert all(words in seen for words in ("llamando", "722 555 0100", "Oficialía 01", "ext. 104", "colgar"))
        answered = replace(call, state=CallState.CONFIRMED)
        await stage.put(replace(scenes.IN_CHAT, phone=replace(phone, calls=(answered,))))
        await stage.press("ctrl+g")
        assert "Intro envía la extensión: 104" in stage.seen()
        await stage.press("enter", "2", "escape", "alt+c")
        assert stage.take_done() == [SendDigits("104"), SendDigits("2"), HangUpOutgoing()]


# --- the card ---

R1, R2, R3, R4 = scenes.RECORDS
NAMING = replace(R1, related=("r2", "r4", "r9"))


def card_of(state: DeskState, record: Record, near: tuple[Record, ...] = (), **changes: Any) -> DeskState:
    shown = {"log_of": record.id, "card": record, "near": {each.id: each for each in near}, **changes}
    return replace(state, directory=replace(state.directory, **shown))


@SIZES
async def test_a_card_s_related_records_are_followed_and_left_again(size: tuple[int, int]) -> None:
    async with opened(with_hits(scenes.IN_CHAT, NAMING, R2), size) as stage:
        await stage.press("ctrl+f", "enter")
        state = card_of(stage.desk.state, NAMING, (R2, R4))
        await stage.put(state)
        await stage.press("end")
        seen = stage.seen()
        assert "REGISTROS RELACIONADOS" in seen
        assert "2 Elena Díaz Camacho  servidor" in seen or "2 Elena" in seen
        assert "no está en el directorio (r9)" in seen
        stage.take_done()
        await stage.press("3", "9", "0")
        assert stage.take_done() == [], "there is nothing to go to"
        await stage.press("2")
        assert stage.take_done() == [ShowLog("r4")]
        await stage.put(card_of(state, R4))
        assert "Oficial del Registro Civil" in stage.seen()
        assert "Retroceso" in stage.seen()
        await stage.press("alt+t")
        assert stage.take_done() == [CallNumber("7225550101", "", "Elena Díaz Camacho", "r4")], "the card that is shown"
        await stage.press("backspace")
        assert stage.take_done() == [ShowLog("r1")]
        await stage.put(state)
        assert "Oficialía 01 del Registro Civil" in stage.seen()
        await stage.press("backspace", "escape")
        assert stage.take_done() == [ShowLog("")]


async def test_more_related_records_than_digits_are_chosen_from_a_list() -> None:
    others = tuple(replace(R2, id=f"o{n}", title=f"Oficialía {n:02d}") for n in range(14))
    many = replace(R1, related=tuple(other.id for other in others))
    async with opened(with_hits(scenes.IN_CHAT, many)) as stage:
        await stage.press("ctrl+f", "enter")
        await stage.put(card_of(stage.desk.state, many, others))
        await stage.press("0")
        await stage.write("13")
        stage.take_done()
        await stage.press("enter")
        assert stage.take_done() == [ShowLog("o13")]


async def test_a_card_whose_record_is_merged_leads_to_the_one_that_stays() -> None:
    async with opened(with_hits(scenes.IN_CHAT, R1)) as stage:
        await stage.press("ctrl+f", "enter")
        gone = replace(R1, revision=9, retired=True, merged_into="r2")
        await stage.put(card_of(with_hits(stage.desk.state), gone, (R2,)))
        seen = stage.seen()
        assert "Este registro se dio de baja." in seen
        await stage.press("end")
        assert "CONTINÚA EN" in stage.seen()
        stage.take_done()
        await stage.press("1")
        assert stage.take_done() == [ShowLog("r2")]


async def test_a_card_whose_record_left_the_directory_says_so_and_stays() -> None:
    async with opened(with_hits(scenes.IN_CHAT, R1)) as stage:
        await stage.press("ctrl+f", "enter")
        await stage.put(card_of(with_hits(stage.desk.state), R1, gone=True))
        assert "Ya no está en el directorio" in stage.seen()
        assert "722 555 0100" in stage.seen()
        await stage.press("alt+x")
        assert "Está mal: Oficialía 01 del Registro Civil" in stage.seen(), (
            "it can be reported, and called, all the same"
        )


@SIZES
async def test_empty_and_huge_records_open_well(size: tuple[int, int]) -> None:
    empty = Record(id="e", kind=RecordKind.OFFICE, title="", revision=1)
    huge = replace(empty, id="h", title="x" * 3000, text="palabra " * 12_500, hours="漢" * 2000)
    for record, words in ((empty, "(sin título)"), (huge, "xxxx")):
        async with opened(with_hits(scenes.IN_CHAT, record), size) as stage:
            await stage.press("ctrl+f", "enter")
            assert words in stage.seen()
            began = time.perf_counter()
            await stage.put(card_of(stage.desk.state, record))
            await stage.press("end", "home", "escape")
            assert time.perf_counter() - began < 5.0
            assert stage.screen.focused is stage.screen.directory.field


async def test_what_does_not_hold_is_dim_and_told_in_words() -> None:
    ended = replace(R1, valid_until=scenes.NOW - 86400)
    title, words = record_rows(ended, 70, (), ("", ""), scenes.NOW)
    assert {slot for text, slot in title if "Oficialía" in text} == {"dim"}
    assert "Sin vigencia" in plain(words)
    coming = replace(R1, valid_from=scenes.NOW + 86400)
    assert "Vigente a partir" in plain(record_rows(coming, 70, (), ("", ""), scenes.NOW)[1])
    assert len(record_rows(R1, 70, (), ("", ""), scenes.NOW)) == 1


@pytest.mark.parametrize("width", range(24, 90))
def test_no_digit_of_the_telephone_is_lost_whatever_of_the_title_was_met_and_cut(width: int) -> None:
    record = Record(id="r", kind=RecordKind.OFFICE, title="Oficialía 01 del Registro Civil, Toluca",
                    phone="7225550110", revision=1)  # fmt: skip
    (row,) = record_rows(record, width, ((0, 9), (17, 25), (33, 39)), ("", ""), scenes.NOW)
    assert width_of(row) == width
    assert plain(row).endswith("  722 555 0110")
    assert plain(row).count("…") <= 1


@pytest.mark.parametrize("width", [46, 52, 78])
def test_offices_of_a_kind_differ_in_the_list_by_their_place(width: int) -> None:
    shown = []
    for place in ("Almoloya de Alquisiras", "Almoloya de Juárez", "Almoloya del Río"):
        title = f"Oficialía 01 del Registro Civil de {place}"
        record = Record(
            id=place, kind=RecordKind.OFFICE, title=title, phone="7225550110", municipality=place, revision=1
        )
        met = (title.index("Almoloya"), title.index("Almoloya") + len("Almoloya"))
        (row,) = record_rows(record, width, ((0, 9), met), ("", ""), scenes.NOW)
        assert width_of(row) == width
        bright = [text for text, slot in row if slot == "bright"]
        assert bright[-1] == "Almoloya"
        shown.append(plain(row))
    assert len(set(shown)) == 3


async def test_of_more_than_are_shown_nobody_says_how_many_were_found() -> None:
    many = tuple(replace(R1, id=f"m{number}") for number in range(MOST_HITS))
    async with opened(with_hits(scenes.IN_CHAT, *many[1:]), LARGE) as stage:
        assert "49 encontrados" in stage.seen()
        await stage.put(with_hits(scenes.IN_CHAT, *many))
        assert "los mejores 50" in stage.seen()
        assert "encontrados" not in stage.seen()


# --- filters ---

FACETS = (
    Facet("kind", ":persona", "person", 108_187),
    Facet("kind", ":tramite", "procedure", 5_907),
    Facet("level", ":estatal", "state", 71_700),
    Facet("municipality", "@toluca", "Toluca", 2_010),
    Facet("municipality", "@ecatepecdemorelos", "Ecatepec de Morelos", 1_990),
    Facet("agency", "@issemym", "ISSEMYM, Instituto de Seguridad Social del Estado de México y Municipios", 6_017),
)


def counted(state: DeskState) -> DeskState:
    return replace(state, directory=replace(state.directory, facets=FACETS))


@SIZES
async def test_a_filter_is_chosen_by_typing_and_stands_in_the_field_as_if_typed(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        await stage.press("ctrl+f")
        await stage.write("acta")
        await stage.press("alt+g")
        assert "contando…" in stage.seen()
        assert CountFacets() in stage.take_done()
        await stage.put(counted(stage.desk.state))
        seen = stage.seen()
        assert "Trámites" in seen
        assert "108,187" in seen
        assert "@issemym" in seen
        await stage.write("ecat")
        await stage.press("enter")
        assert stage.take_done()[-1] == Search("@ecatepecdemorelos acta")
        assert stage.screen.focused is stage.screen.directory.field
        await stage.write(" d")
        assert stage.take_done()[-1] == Search("@ecatepecdemorelos acta d"), "one goes on typing"


async def test_esc_leaves_the_query_and_from_the_conversation_the_search_opens_first() -> None:
    async with opened(counted(scenes.IN_CHAT)) as stage:
        await stage.press("alt+g")
        await stage.write("tol")
        await stage.press("escape")
        assert stage.screen.focused is stage.screen.directory.field
        assert stage.screen.directory.field.value == ""


@pytest.mark.parametrize(
    ("query", "chosen", "becomes"),
    [
        ("", "@toluca", "@toluca "),
        ("acta", "@toluca", "@toluca acta"),
        ("acta @metepec", "@toluca", "@toluca acta"),
        ("acta @metepec :persona", ":tramite", ":tramite acta @metepec"),
        (":per acta", ":tramite", ":tramite acta"),
        (":estatal acta", ":tramite", ":tramite :estatal acta"),
        (":tramite acta @toluca", NOTHING, "acta"),
        (":tramite @toluca", NOTHING, ""),
    ],
)
def test_a_filter_takes_the_place_of_others_of_its_kind(query: str, chosen: str, becomes: str) -> None:
    assert with_filter(query, chosen, FACETS) == becomes


async def test_filters_are_taken_away_again() -> None:
    async with opened(counted(scenes.IN_CHAT)) as stage:
        await stage.press("ctrl+f")
        await stage.write("@toluca acta")
        await stage.press("alt+g")
        assert "Todo: sin filtros" in stage.seen()
        await stage.press("enter")
        assert stage.screen.directory.field.value == "acta"


# --- sending ---


async def test_a_record_goes_into_the_draft_where_the_cursor_is_and_one_writes_on_there() -> None:
    state = replace(scenes.IN_CHAT, drafts={"c-chat": "Buenas tardes. Saludos."})
    async with opened(state) as stage:
        await stage.press("home", *["right"] * 14, "ctrl+f", "down", "down", "alt+e")
        sent = stage.take_done()[-1]
        assert isinstance(sent, SendRecord)
        assert (sent.record, sent.at, sent.left_out) == ("r3", 14, 0)
        await stage.put(replace(state, drafts={"c-chat": f"Buenas tardes.\n\n{sent.text}\n\nSaludos."}))
        await stage.press("escape")
        await stage.write("X")
        assert stage.screen.middle.composer.text.endswith("Costo: $98.00\n\nXSaludos.")


async def test_a_record_of_100_kb_is_sent_shortened() -> None:
    huge = replace(R3, requirements="Identificación oficial. " * 4200)
    async with opened(with_hits(replace(scenes.IN_CHAT, drafts={}), huge)) as stage:
        await stage.press("ctrl+f", "alt+e")
        sent = stage.take_done()[-1]
        assert isinstance(sent, SendRecord)
        assert len(sent.text) <= 4000
        assert sent.left_out > 90_000


# --- in a hurry ---


@pytest.mark.parametrize("key", ["alt+a", "alt+n", "ctrl+n", "ctrl+f"])
async def test_one_key_leads_from_an_open_card_to_where_one_wants(key: str) -> None:
    async with opened(scenes.IN_CHAT) as stage:
        await stage.press("ctrl+f", "enter", key)
        assert stage.app.screen is stage.screen, "the card is closed"
        middle = stage.screen.middle
        where = {
            "alt+a": middle.composer,
            "alt+n": middle.notes,
            "ctrl+n": None,
            "ctrl+f": stage.screen.directory.field,
        }
        assert where[key] in {None, stage.screen.focused}
        if key == "ctrl+n":
            assert Focus("c-chat2") in stage.take_done()


async def test_accepting_an_offer_closes_the_card_and_the_search_keeps_its_words() -> None:
    async with opened(scenes.OFFERED) as stage:
        await stage.press("ctrl+f")
        await stage.write("acta")
        await stage.press("enter", "f2")
        assert AcceptOffer("c-offer") in stage.take_done()
        assert stage.app.screen is stage.screen
        await stage.press("ctrl+f")
        assert stage.screen.directory.field.value == "acta"
        await stage.write("placas")
        assert stage.screen.directory.field.value == "placas", "typing begins a new search"


async def test_enter_typed_in_one_go_with_the_query_opens_what_the_query_finds() -> None:
    async with opened(with_hits(scenes.IN_CHAT, R1)) as stage:
        await stage.press("ctrl+f")
        stage.desk.answers = False
        await stage.press("a", "enter")
        assert stage.app.screen is stage.screen, "the hit that is shown is that of an earlier query"
        found = replace(stage.desk.state.directory, query="a", answered="a", hits=(R3,))
        await stage.put(replace(stage.desk.state, directory=found))
        assert ShowLog("r3") in stage.take_done()


@SIZES
async def test_the_cursor_stays_on_its_record_and_in_its_place_when_the_directory_changes(
    size: tuple[int, int],
) -> None:
    many = tuple(replace(R2, id=f"o{n}", title=f"Oficialía {n:02d}") for n in range(40))
    async with opened(with_hits(scenes.IN_CHAT, *many), size) as stage:
        await stage.press("ctrl+f", *["down"] * 20)
        hits = stage.screen.directory.hits
        assert hits.cursor == "o20"
        before = hits.top_of_cursor - hits.scroll_offset.y
        new = tuple(replace(R1, id=f"n{n}") for n in range(5))
        await stage.put(with_hits(stage.desk.state, *new, *many))
        await stage.pilot.pause()
        assert hits.cursor == "o20"
        assert hits.top_of_cursor - hits.scroll_offset.y == before
        await stage.put(with_hits(stage.desk.state, *many[15:]))
        await stage.pilot.pause()
        assert hits.cursor == "o20"
        assert 0 <= hits.top_of_cursor - hits.scroll_offset.y < hits.size.height


@SIZES
async def test_the_keys_of_a_record_are_told_while_one_searches(size: tuple[int, int]) -> None:
    async with opened(scenes.IN_CHAT, size) as stage:
        assert "llamar" not in stage.seen()
        await stage.press("ctrl+f")
        seen = stage.seen()
        assert all(words in seen for words in ("llamar", "enviar a la persona", "filtrar", "^P", "F1"))
        assert ("está mal" in seen) is (size != SMALL)  # the list of actions, at ^P, has it there too
        await stage.press("escape")
        assert "llamar" not in stage.seen()
