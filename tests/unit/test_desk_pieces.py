"""A text that is longer than a message: cut where a reader would pause, nothing lost."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from catgem_tui.central.rules import rules_of
from catgem_tui.config.settings import parse
from catgem_tui.desk import intents
from catgem_tui.desk.pieces import head, pieces
from catgem_tui.protocol import commands
from catgem_tui.protocol.enums import Channel, RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.ui.records import for_citizen
from tests.desk_talk import Talk, contact


@pytest.mark.parametrize(
    ("text", "longest", "kept"),
    [
        ("corto", 10, "corto"),
        ("primer párrafo\n\nsegundo párrafo", 20, "primer párrafo"),
        ("una línea\notra línea más", 14, "una línea"),
        ("Una frase. Otra frase larga", 18, "Una frase."),
        ("palabras y más palabras", 12, "palabras y"),
        ("x" * 30, 12, "x" * 12),
        ("a\n\n" + "b" * 30, 12, "a\n\n" + "b" * 9),
        ("123456" + "\U0001f468\u200d\U0001f469\u200d\U0001f467", 9, "123456"),
    ],
)
def test_the_best_pause_is_taken(text: str, longest: int, kept: str) -> None:
    assert head(text, longest) == kept


@given(st.text(alphabet="ab .\n\u200d\U0001f468", max_size=300), st.integers(1, 60))
def test_pieces_hold_all_of_the_text_and_none_is_too_long(text: str, longest: int) -> None:
    cut = pieces(text, longest)
    assert all(len(piece) <= longest for piece in cut)
    assert "".join("".join(cut).split()) == "".join(text.split())


HUGE = Record(
    id="r1", kind=RecordKind.PROCEDURE, title="Acta de nacimiento", revision=1, phone="7225550100",
    requirements="Identificación oficial. " * 3000, text="Se entrega el mismo día. " * 300, url="https://acta.example.mx",
)  # fmt: skip


@pytest.mark.parametrize("longest", [4000, 1000, 300])
def test_a_huge_record_is_shortened_where_it_is_long_and_says_so(longest: int) -> None:
    text, left_out = for_citizen(HUGE, longest)
    assert longest * 0.5 < len(text) <= longest
    assert left_out > 70_000
    assert "[…" in text
    assert "722 555 0100" in text, "what is short stays whole"
    assert "https://acta.example.mx" in text


def test_a_record_that_fits_is_whole() -> None:
    text, left_out = for_citizen(HUGE, 200_000)
    assert (left_out, text.count("Identificación")) == (0, 3000)


def test_even_a_title_without_end_is_cut() -> None:
    endless = Record(id="r", kind=RecordKind.NUMBER, title="x" * 100_000, revision=1)
    assert len(for_citizen(endless, 4000)[0]) <= 4000


def test_a_long_chat_line_leaves_as_several_in_order() -> None:
    talk = Talk()
    talk.hears_snapshot(contact())
    talk.model.view.settings.longest["chat"] = 20  # type: ignore[union-attr]
    talk.hears(intents.Send("c1", "Una frase corta. Otra frase corta.\n\nFin."))
    assert [body.text for body in talk.sends() if isinstance(body, commands.SendChat)] == [
        "Una frase corta.",
        "Otra frase corta.",
        "Fin.",
    ]
    assert [message.text for message in talk.view.messages["c1"]] == ["Una frase corta.", "Otra frase corta.", "Fin."]
    assert talk.view.drafts == {}


def test_central_says_how_long_a_message_may_be() -> None:
    talk = Talk()
    assert talk.view.longest(Channel.CHAT) == 4000, "before central said it"
    told = rules_of(parse("[central.chat]\nmax_length = 500\n", Path("catgem.toml"))).settings()
    talk.model = replace(talk.model, view=replace(talk.view, settings=told))
    assert (talk.view.longest(Channel.CHAT), talk.view.longest(Channel.MAIL)) == (500, 200_000)


def test_what_would_become_many_messages_stays_in_the_draft() -> None:
    talk = Talk().hears_snapshot(contact())
    talk.hears(intents.Send("c1", "palabra " * 5000))
    assert (talk.sends(), talk.notices()) == ([], ["too_long"])
    assert len(talk.view.drafts["c1"]) == 40_000


def test_a_record_is_put_where_the_cursor_is() -> None:
    talk = Talk().hears_snapshot(contact())
    talk.hears(intents.EditDraft("c1", "Buenas tardes. Saludos."))
    talk.hears(intents.SendRecord("r1", "Acta: 98 pesos", at=14))
    assert talk.view.drafts["c1"] == "Buenas tardes.\n\nActa: 98 pesos\n\nSaludos."
    assert talk.notices() == ["record_inserted"]
    talk.hears(intents.SendRecord("r1", "Fin", left_out=7))
    assert talk.view.drafts["c1"].endswith("Saludos.\n\nFin")
    assert talk.notices() == ["record_inserted", "record_shortened"]


def test_a_record_that_holds_nothing_is_not_sent() -> None:
    talk = Talk().hears_snapshot(contact())
    talk.hears(intents.SendRecord("r1", ""))
    assert (talk.notices(), talk.sends()) == (["nothing_to_send"], [])
