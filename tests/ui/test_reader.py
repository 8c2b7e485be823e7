"""Screen-reader mode: sentences in one column, a line of announcements, and nothing that is read in vain."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState
from catgem_tui.practice import practise
from catgem_tui.protocol.enums import Channel, ContactState
from catgem_tui.protocol.model import Contact
from catgem_tui.ui.guide.screen import GuideBand
from catgem_tui.ui.keys import key_name
from catgem_tui.ui.lines import line, plain, span
from catgem_tui.ui.reader import announcements, news
from catgem_tui.ui.reader.announcement_line import AnnouncementLine
from catgem_tui.ui.reader.facts import whereabouts
from catgem_tui.ui.reader.linear import laid, sentence
from catgem_tui.ui.reader.mode import SETTLED
from catgem_tui.ui.reader.page import FactsPage
from catgem_tui.ui.screens.dialogs import ChoiceDialog
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.widgets.lines import Lines
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened
from tests.ui.telephone_scenes import READING, SERVING, TWO_CALLS, consulting

NOISE = re.compile("[\u2500-\u259f●◆◇‖○►→^|·]")
"""What a screen reader spells out, or leaves out and pauses."""
SIZES = (SMALL, LARGE)


def told(stage: Stage) -> str:
    return next(iter(stage.app.screen.query(AnnouncementLine))).words


async def another(stage: Stage, before: str) -> None:
    """Wait until something else is told."""
    await stage.until(lambda: told(stage) != before)


def read_now(stage: Stage) -> str:
    """The line at which the terminal's cursor is; empty while it is at none."""
    caret, widget = stage.app.find_caret(), stage.app.focused
    if caret is None or not isinstance(widget, Lines):
        return ""
    return plain(widget.drawn[caret[0] - widget.content_region.y + widget.scroll_offset.y])


def spoken_now(stage: Stage) -> list[str]:
    """The lines of the screen from top to bottom, without the announcements."""
    return [each.strip() for each in stage.seen().splitlines()[:-2] if each.strip()]


def test_columns_become_a_sentence_and_signs_become_words() -> None:
    row = line(span("[x] Saludo"), span("      "), span("!!", "sla.breach"), span("   12:40 · folio 1"))
    assert sentence(row) == "hecho, Saludo; urgente; 12:40; folio 1"
    assert sentence(line(span("^P acciones   ↑ página"))) == "Control P acciones; Arriba página"
    assert sentence(line(span("← → eligen un lado"))) == "Izquierda Derecha eligen un lado"
    assert sentence(line(span("9 a 15 → —"))) == "9 a 15 pasa a nada"
    assert sentence(line(span("Reportes"), span("    "), span("! 1"))) == "Reportes; por atender, 1"
    assert sentence(line(span("Teléfono       ", "dim"), span("722 555 0134"))) == "Teléfono: 722 555 0134"
    assert sentence((("Palabras clave ", "dim"), ("acta", "text"))) == "Palabras clave: acta"
    assert sentence(line(span("─────────"))) == ""


def test_empty_lines_are_left_out_and_long_ones_wrapped() -> None:
    lines = laid([(), line(span("uno dos tres cuatro cinco")), line(span("   "))], 10)
    assert [text for each in lines for text, _slot in each] == ["uno dos", "tres", "cuatro", "cinco"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scene", ["BUSY", "IN_CHAT", "IN_MAIL", "OFFERED", "IDLE"])
async def test_the_desk_reads_from_top_to_bottom_without_noise(scene: str, size: tuple[int, int]) -> None:
    async with opened(getattr(scenes, scene), size, reader=True) as stage:
        for key in ("alt+a", "ctrl+f", "alt+p", "alt+m", "alt+q"):
            await stage.press(key)
            lines = spoken_now(stage)
            assert not [each for each in lines if NOISE.search(each)]
            assert not [each for each in lines if "   " in each], "columns side by side"
            assert lines[0].startswith("Ana López Reyes")


async def test_moving_in_a_list_says_the_place_and_takes_the_cursor_along() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("alt+m")
        await stage.until(lambda: read_now(stage) != "")
        first = read_now(stage)
        await stage.press("down")
        await stage.until(lambda: "Llamada, 722 555 0134" in read_now(stage))
        assert read_now(stage) != first


async def test_a_search_says_how_many_and_the_first_and_each_that_one_moves_to() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("ctrl+f")
        await stage.write("re")
        await stage.until(lambda: "4 resultados, primero Oficialía 01 del Registro Civil" in told(stage))
        await stage.press("down")
        await stage.until(
            lambda: told(stage).startswith("Dirección General del Registro Civil; Toluca; 722 555 0110; 2 de 4")
        )


async def test_dialogs_fill_the_screen_and_say_what_they_ask() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("f9")
        await stage.until(lambda: "Mi estado" in told(stage))
        assert "1 de 5" in stage.seen()
        await stage.press("down")
        await stage.until(lambda: told(stage).startswith("Pausa: Comida; 2 de 5"))
        assert not NOISE.search(stage.seen())


async def test_a_card_is_read_line_by_line() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("ctrl+f")
        await stage.write("re")
        await stage.press("enter")
        await stage.press("down", "down")
        await stage.until(lambda: read_now(stage).startswith("Teléfono: 722 555"))


async def test_the_manual_is_read_line_by_line_while_its_field_keeps_the_cursor() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("f1")
        await stage.until(lambda: "Atender a una persona: Espera y silencio en una llamada" in told(stage))
        lines = spoken_now(stage)
        assert not [each for each in lines if NOISE.search(each)]
        assert lines[2] == "Espera y silencio en una llamada"
        await stage.press("down")
        await stage.until(lambda: told(stage) == lines[3])
        await stage.press("down", "up")
        await stage.until(lambda: told(stage) == lines[3])


async def test_the_contents_and_the_search_of_the_manual_say_where_one_is() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("f1")
        await stage.press("f1")
        await stage.until(lambda: told(stage).startswith("índice. Su primer turno; 1 de "))
        await stage.press("down", "down")
        await stage.until(lambda: told(stage).startswith("Entrar; 3 de "))
        await stage.press("enter")
        await stage.until(lambda: told(stage) == "Su primer turno: Entrar")
        await stage.write("ofens")
        await stage.until(lambda: "lugares: Atender a una persona" in told(stage))
        await stage.press("down")
        await stage.until(lambda: "; 2 de " in told(stage))
        await stage.press("enter")
        await stage.until(lambda: told(stage).startswith("Los ajustes: Ofensas"))
        await stage.press("tab")
        await stage.until(lambda: "modo para lector de pantalla" in told(stage))


async def test_the_guide_says_each_step_and_counts_no_seconds(tmp_path: Path) -> None:
    course = practise(tmp_path / "guide.json", lambda _channel: None)
    course.begin()
    async with opened(scenes.BUSY, SMALL, reader=True, course=course) as stage:
        for _look in range(3):  # logged in, available and in a call already
            stage.app.draw()
        await stage.until(lambda: course.step.id == "protocol" and _(course.step.title) in told(stage))
        band = stage.app.screen.query_one(GuideBand)
        drawn = band.drawn
        seen = "".join(spoken_now(stage)[-3:])
        assert all(text in seen for each in drawn for text, _slot in each), "nothing lies over it"
        assert not NOISE.search(seen)
        course.go_on()
        stage.app.draw()
        await stage.until(lambda: _(course.step.title) in told(stage) and band.drawn != drawn)
        drawn = band.drawn
        stage.app.clock = lambda: scenes.NOW + 5
        stage.app.draw()
        await stage.pilot.pause()
        assert band.drawn == drawn


async def test_a_form_shows_its_fields_and_says_what_is_wrong_with_the_one_it_is_in() -> None:
    async with opened(scenes.FORM, SMALL, reader=True) as stage:
        await stage.until(lambda: "Teléfono:722" in stage.seen())
        await stage.press(*["tab"] * 20)
        await stage.until(
            lambda: told(stage) == "Vigente hasta: dd/mm/aaaa; Cambiado. Escriba un día que exista, como dd/mm/aaaa."
        )
        assert not NOISE.search(stage.seen())


async def test_that_nothing_was_saved_is_heard_before_the_field_that_has_to_be_corrected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []
    say = AnnouncementLine.say

    def listen(line: AnnouncementLine, words: str, slot: str) -> None:
        heard.append(words)
        say(line, words, slot)

    monkeypatch.setattr(AnnouncementLine, "say", listen)
    async with opened(scenes.with_form(form={"valid_until": "31/02/2027"}), SMALL, reader=True) as stage:
        await stage.until(lambda: "Registro Civil" in " ".join(heard))
        heard.clear()
        await stage.put(scenes.FORM)
        await stage.until(lambda: "Vigente hasta" in " ".join(heard))
        assert heard[0].startswith("No se guardó: hay que corregir 1 campo.")
        form = stage.app.screen
        assert isinstance(form, FormScreen)
        assert form.focused is form.rows["valid_until"].widget


async def test_where_am_i_over_a_dialog_tells_the_dialog_and_what_can_be_done_in_it() -> None:
    async with opened(scenes.BUSY, LARGE, reader=True) as stage:
        await stage.press("f9")
        await stage.press("ctrl+l", ".")
        page = stage.app.screen
        assert isinstance(page, FactsPage)
        assert page.sentences[0].startswith("Mi estado")
        assert "Intro continúa; Esc regresa" in page.sentences
        assert "F5: Silencio" in page.sentences, "over it too"
        assert "F4: Transferir" not in page.sentences
        assert "F9: Mi estado" not in page.sentences
        assert any(each.startswith("Llamada, 722 555 0134") for each in page.sentences)
        await stage.press("escape")
        assert isinstance(stage.app.screen, ChoiceDialog)


async def test_a_comparison_says_which_side_stays() -> None:
    async with opened(scenes.with_merge(), SMALL, reader=True) as stage:
        seen = " ".join(stage.seen().split())
        assert "Correo: nada; en el otro: oficialia01@example.mx; queda el otro; 5 de 8" in seen


@pytest.mark.parametrize("state", [scenes.KEEPING, scenes.FLOOR, scenes.LISTENING, scenes.SOUND, TWO_CALLS])
@pytest.mark.parametrize("keys", [(), ("f1",), ("f1", "down"), ("alt+y",), ("alt+h",)])
async def test_no_place_and_no_page_of_it_makes_noise(state: DeskState, keys: tuple[str, ...]) -> None:
    async with opened(state, SMALL, reader=True) as stage:
        await stage.press(*keys)
        assert not [each for each in spoken_now(stage) if re.search("[\u2500-\u259f●◆◇‖○•]|·{2}", each)]


async def test_where_am_i_tells_contact_line_and_what_can_be_done() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("ctrl+l", ".")
        seen = stage.seen()
        for words in ("Llamada, 722 555 0134", "desde las 11:50", "Micrófono abierto", "línea lista"):
            assert words in seen
        everything = whereabouts(scenes.BUSY, scenes.NOW, "desk", stage.app.keymap)
        assert "F3: Espera" in everything
        assert not [each for each in everything if NOISE.search(each)]


@pytest.mark.parametrize(
    "state",
    [scenes.BUSY, scenes.LISTENING, TWO_CALLS, READING, consulting(), consulting(connected=False)],
    ids=["busy", "listening", "two calls", "asked", "consulting", "calling"],
)
async def test_a_new_second_writes_nothing(state: DeskState) -> None:
    async with opened(state, SMALL, reader=True) as stage:
        await stage.pilot.pause()
        before = {pane: tuple(pane.drawn) for pane in stage.app.screen.query(Lines)}
        stage.app.clock = lambda: scenes.NOW + 1
        stage.app.draw()
        await stage.pilot.pause()
        assert {pane: tuple(pane.drawn) for pane in stage.app.screen.query(Lines)} == before


async def test_switching_back_and_forth_leaves_the_screen_as_it_was() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        before = stage.seen()
        stage.app.switch_reader()
        await stage.pilot.pause()
        assert "Protocolo: 2 de 6" in stage.seen()
        stage.app.switch_reader()
        await stage.pilot.pause()
        await stage.pilot.pause()
        assert stage.seen() == before


async def test_it_is_switched_from_the_palette_and_keeps_what_was_written() -> None:
    async with opened(scenes.IN_CHAT, SMALL) as stage:
        await stage.write("Buenas tardes")
        await stage.press("ctrl+p")
        await stage.write("lector de pantalla")
        await stage.press("enter")
        await stage.until(lambda: stage.app.reader is not None)
        assert stage.screen.middle.composer.text.endswith("Buenas tardes")


async def test_it_is_left_from_the_palette_and_nothing_of_it_comes_back() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        before = stage.seen()
        for _each in range(2):
            await stage.press("ctrl+p")
            await stage.write("lector de pantalla")
            await stage.press("enter")
        await stage.until(lambda: stage.app.reader is None and stage.seen() == before)
        await stage.press("tab", "shift+tab")
        await stage.pilot.pause()
        assert stage.seen() == before


async def test_many_at_once_are_told_in_turn_and_none_is_lost() -> None:
    async with opened(scenes.IN_CHAT, SMALL, reader=True) as stage:
        await stage.until(lambda: bool(stage.app.screen.query(AnnouncementLine)))
        contact = scenes.IN_CHAT.focus
        texts = [f"mensaje número {number} con algo más de texto para llenar" for number in range(6)]
        messages = tuple(scenes.message(100 + number, text) for number, text in enumerate(texts))
        messages = tuple(replace(each, contact=contact) for each in messages)
        state = scenes.IN_CHAT
        after = {**state.messages, contact: (*state.messages.get(contact, ()), *messages)}
        await stage.put(replace(state, messages=after))
        await stage.until(lambda: texts[0] in told(stage))
        again = stage.app.keymap.first("reader.again")
        key = sentence(((key_name(again), "key"),))
        line_told = next(iter(stage.app.screen.query(AnnouncementLine)))
        assert f"más: {key}" in " ".join(text for each in line_told.drawn for text, _slot in each)
        for text in texts[1:]:  # the keys' own hints may be told in between
            await stage.press(*again.split())
            await stage.until(lambda text=text: text in told(stage))
        assert "más:" not in told(stage)


def _state_with(contact: Contact, **changes: object) -> object:
    return replace(scenes.BUSY, contacts={**scenes.BUSY.contacts, contact.id: replace(contact, **changes)})


def test_what_happens_to_a_contact_is_a_sentence() -> None:
    from catgem_tui.config import assets
    from catgem_tui.config.keymap_reading import load_keymap
    from catgem_tui.ui import actions

    keymap = load_keymap(assets.keymaps()["default"], actions.RULES)
    contact = next(each for each in scenes.BUSY.mine if each.channel is Channel.CALL)
    assert contact.call is not None

    def heard(**changes: object) -> str:
        return " ".join(
            each.words
            for each in news.changes(scenes.BUSY, _state_with(contact, **changes), keymap)  # type: ignore[arg-type]
        )

    assert "en espera" in heard(call=replace(contact.call, held=True, held_since=scenes.NOW))
    assert "colgó" in heard(citizen_present=False)
    ended = heard(state=ContactState.WRAP_UP, wrap_up_ends_at=scenes.NOW + 60)
    assert ended.count("trabajo posterior") == 1, "not the state first and then until when it lasts"
    assert "Grabación en pausa" in heard(call=replace(contact.call, recording_paused=True))
    assert "emergencia" in heard(emergency=True)


def test_of_a_search_only_the_last_answer_is_kept() -> None:
    kept = announcements.Announcements()
    kept.add([announcements.News("search", "9 resultados"), announcements.News("search", "2 resultados")])
    assert [each.words for each in kept.told] == ["2 resultados"]
    kept.add([announcements.News("", "x")] * 80)
    assert len(kept.told) == announcements.KEPT
    assert kept.left == announcements.KEPT


async def test_what_may_follow_a_key_is_said_in_parts_and_that_it_was_given_up() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("ctrl+l")
        await stage.until(lambda: told(stage).startswith("Control L … "))
        assert "más: F1)" in told(stage)
        heard = []
        while told(stage) not in heard:
            heard.append(told(stage))
            await stage.press("f1")
            await another(stage, heard[-1])
        everything = " ".join(heard)
        assert "punto dónde estoy" in everything
        assert "coma repetir aviso" in everything
        assert "Esc lo deja" in everything
        await stage.press("escape")
        await stage.until(lambda: told(stage) == "Se abandonó.")
        await stage.press("ctrl+l", "Ñ")
        await stage.until(lambda: told(stage) == "Control L Ñ no inicia nada aquí")
        await stage.press("ctrl+l", "comma")
        await stage.until(lambda: not told(stage).startswith("Control L …"))


async def test_the_next_key_of_a_sequence_is_not_taken_for_help() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("ctrl+l", "f1", "full_stop")
        await stage.until(lambda: "Dónde estoy" in told(stage))


@pytest.mark.parametrize(
    ("keys", "typed", "found"),
    [
        (("ctrl+p",), "lector", "1 resultado, Lector de pantalla"),
        (("ctrl+p",), "zzz", "Nada así en la lista."),
        (("f9",), "pausa", "3 resultados, primero Pausa: Comida"),
        (("f4",), "quiroz", "1 resultado, María Fernanda Quiroz; disponible"),
        (("ctrl+p", *"tema", "enter"), "gui", "1 resultado, guinda"),
    ],
    ids=["palette", "nothing", "state", "whom", "theme"],
)
async def test_a_list_says_how_many_it_has_once_the_letters_stop(
    keys: tuple[str, ...], typed: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.ui.reader.mode.SETTLED", 3.0)  # of a slow typist, or a slow machine
    async with opened(SERVING, SMALL, reader=True) as stage:
        await stage.press(*keys)
        before = told(stage)
        await stage.write(typed[0])
        assert told(stage) == before, "nothing while one types"
        await stage.write(typed[1:])
        await stage.until(lambda: found in told(stage))


async def test_moving_before_it_was_said_says_the_row_alone() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("f9")
        await stage.write("pausa")
        await stage.press("down")
        await stage.until(lambda: told(stage).startswith("Pausa: Baño; 2 de 3"))
        await stage.pilot.pause(2 * SETTLED)
        assert told(stage).startswith("Pausa: Baño; 2 de 3")


async def test_a_dialog_says_what_it_asks_before_what_there_is() -> None:
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("ctrl+q")
        await stage.until(lambda: "¿Salir de la estación de trabajo?" in told(stage))
        assert "se las guarda, según sus reglas. escriba para buscar" in told(stage)
        await stage.until(lambda: told(stage) == "Quedarse; 1 de 2")


@pytest.mark.parametrize("state", [scenes.IDLE, TWO_CALLS, scenes.LOGGED_OUT, scenes.FLOOR, scenes.KEEPING])
async def test_the_cursor_is_always_somewhere(state: DeskState) -> None:
    async with opened(state, SMALL, reader=True) as stage:
        await stage.until(lambda: stage.app.screen.focused is not None)
        focused = stage.app.screen.focused
        assert focused is not None
        place = focused.cursor_screen_offset  # type: ignore[attr-defined]
        assert place is not None
        assert focused.content_region.contains(*place)


async def test_a_row_that_was_sorted_out_of_sight_is_in_sight_when_its_list_has_the_focus() -> None:
    waiting = {
        f"w{number}": replace(scenes.FLOOR.contacts["f3"], id=f"w{number}", arrived_at=scenes.NOW - number)
        for number in range(30)
    }
    async with opened(scenes.FLOOR, SMALL, reader=True) as stage:
        table = stage.app.floor_screen.contacts
        first = table.cursor
        await stage.put(
            replace(scenes.FLOOR, contacts={**waiting, first: replace(scenes.FLOOR.contacts["f2"], id=first)})
        )
        await stage.press("tab")
        assert table.has_focus
        await stage.until(lambda: table.content_region.contains(*(table.cursor_screen_offset or (-1, -1))))
        await stage.until(lambda: stage.app.cursor_position == table.cursor_screen_offset)


def test_a_reader_hears_words_for_signs_units_and_addresses() -> None:
    assert sentence(line(("!! ", "error"), span("La clave no es correcta."))) == "Error: La clave no es correcta."
    assert sentence(line(("!! ", "error"), span("EMERGENCIA: Ana"))) == "EMERGENCIA: Ana"
    assert sentence(line(span("27 min; 3.6 h, 41 ms"))) == "27 minutos; 3.6 horas, 41 milisegundos"
    assert sentence(line(span("722 555 0100 ext. 104"))) == "722 555 0100 extensión 104"
    assert sentence(line(("^L .", "key"))) == "Control L punto"
    assert sentence(line(span("José <a@b.mx> escribe"))) == "José <a@b.mx> escribe"
