"""Keys of several strokes, moves of the keymap's own, and fields that one leaves without leaving them."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events

from catgem_tui.config import i18n
from catgem_tui.desk.intents import EditDraft, EditNotes
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.commands import SetPresence
from catgem_tui.ui.keymap_deeds import ABOUT
from catgem_tui.ui.lines import plain
from catgem_tui.ui.manual.screen import HelpScreen
from catgem_tui.ui.screens.dialogs import ChoiceDialog
from catgem_tui.ui.widgets.long_text import LongText
from tests.ui import scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened

IN_CHAT = replace(scenes.IN_CHAT, drafts={"c-chat": ""})
EMPTY_KEEPING = replace(scenes.KEEPING, directory=replace(scenes.KEEPING.directory, hits=()))


def drafts(stage: Stage) -> list[str]:
    return [each.text for each in stage.take_done() if isinstance(each, EditDraft | EditNotes)]


async def test_what_waits_says_what_may_follow_until_it_does() -> None:
    async with opened(scenes.BUSY, LARGE, keymap="emacs-like") as stage:
        await stage.press("ctrl+x")
        assert "^X …" in stage.seen()
        assert "^C salir" in stage.seen()
        await stage.press("o", "ctrl+x", "ctrl+g")  # ^X O has nowhere to go here, the other is given up
        assert "^X …" not in stage.seen()


@pytest.mark.parametrize("size", [(60, 18), SMALL, (100, 30)])
async def test_a_narrow_screen_tells_whole_what_may_follow_and_always_how_to_give_up(size: tuple[int, int]) -> None:
    async with opened(scenes.BUSY, LARGE) as wide, opened(scenes.BUSY, size) as stage:
        for each in (wide, stage):
            await each.press("ctrl+l")
        known, told = (plain(each.screen.hints.drawn[0]).split("   ") for each in (wide, stage))
        assert (told[0], told[-1]) == ("^L …", "Esc lo deja")
        assert 3 < len(told) < len(known)
        assert set(told) <= set(known)


async def test_a_wrong_second_key_is_told_and_never_typed() -> None:
    async with opened(IN_CHAT, SMALL, keymap="emacs-like") as stage:
        await stage.press("a", "ctrl+x", "q")
        assert "^X q no inicia nada aquí" in stage.seen()
        await stage.press("b")
        assert drafts(stage)[-1] == "ab"
        assert "no inicia nada" not in stage.seen()


async def test_a_key_of_what_cannot_be_done_now_says_so_until_the_next_key() -> None:
    async with opened(scenes.BUSY, SMALL) as stage:
        await stage.press("f7")  # only a chat or a mail can be set aside
        assert "Apartar: ahora no se puede" in stage.seen()
        await stage.press("down")
        assert "ahora no se puede" not in stage.seen()
        assert stage.take_done() == []
    async with opened(scenes.BUSY, SMALL, reader=True) as stage:
        await stage.press("f7")
        await stage.until(lambda: "Apartar: ahora no se puede" in stage.seen())


async def test_giving_up_does_nothing_else() -> None:
    async with opened(IN_CHAT, SMALL, keymap="emacs-like") as stage:
        field = stage.app.focused
        await stage.press("ctrl+c", "escape", "x")
        assert stage.app.focused is field
        assert drafts(stage)[-1] == "x"


async def test_a_field_that_is_left_takes_no_characters_until_one_goes_back() -> None:
    async with opened(IN_CHAT, SMALL, keymap="vim") as stage:
        field = stage.app.focused
        await stage.press("h", "o", "l", "a", "escape")
        assert "NORMAL" in stage.seen()
        await stage.press("q", "h", "h")
        assert drafts(stage)[-1] == "hola"
        await stage.press("i", "!")
        assert stage.app.focused is field
        assert drafts(stage)[-1] == "ho!la"
        assert "NORMAL" not in stage.seen()


async def test_a_key_that_starts_nothing_says_how_one_goes_back_to_writing() -> None:
    async with opened(IN_CHAT, LARGE, keymap="vim") as stage:
        await stage.press("escape", "y")
        assert "y no inicia nada aquí · i vuelve a escribir" in stage.seen()


CHANGES = [
    ("0x", "na dos tres"),
    ("03x", " dos tres"),
    ("bbx", "una os tres"),
    ("0wdw", "una tres"),
    ("02dw", "tres"),
    ("0d2w", "tres"),
    ("0ex", "un dos tres"),
    ("bD", "una dos "),
    ("0cwX!", "X! dos tres"),
    ("0wC$", "una $"),
    ("ddz", ""),
    ("dd2u", "una dos tres"),
    ("ccno", "no"),
    ("0iA", "Auna dos tres"),
    ("0aA", "uAna dos tres"),
    ("0A!", "una dos tres!"),
    ("Iz", "zuna dos tres"),
    ("012lx", "una dos tres"),
    ("0w2hx", "un dos tres"),
]
"""Of “una dos tres” with the caret behind it, by characters once the field was left."""


async def test_what_characters_do_to_the_text_of_a_field_that_was_left() -> None:
    async with opened(IN_CHAT, SMALL, keymap="vim") as stage:
        field = stage.app.focused
        assert isinstance(field, LongText)
        got = []
        for keys, _text in CHANGES:
            field.load_text("una dos tres")
            field.place = 12
            await stage.press("escape")
            await stage.write(keys)
            got.append((keys, field.text))
            await stage.press("escape", "i")
        assert got == CHANGES


async def test_lines_and_a_search_by_the_keys_of_vim() -> None:
    async with opened(IN_CHAT, SMALL, keymap="vim") as stage:
        composer = stage.app.focused
        assert isinstance(composer, LongText)
        for word in ("uno", "dos", "tres"):
            await stage.write(word)
            await stage.press("ctrl+j")
        await stage.press("escape", *"2Gdd")
        assert composer.text == "uno\ntres\n"
        await stage.press(*"ggx", *"GkA", "!")
        assert composer.text == "no\ntres!\n"
        await stage.press("escape", "/")
        await stage.write("acta de")
        await stage.press("escape", *"0dw", "i", "x")
        assert stage.screen.directory.field.value == "xde"


async def test_a_number_says_how_often_in_lists() -> None:
    async with opened(scenes.BUSY, LARGE, keymap="vim") as stage:
        contacts = stage.screen.contacts
        stage.screen.set_focus(contacts)
        keys = [row.key for row in contacts.rows if row.key]
        await stage.press("g", "g", "2")
        assert "2 …" in stage.seen()
        await stage.press("j")
        assert contacts.cursor == keys[2]
        await stage.press("2", "G")
        assert contacts.cursor == keys[1]
        await stage.press("9", "0", "k")
        assert contacts.cursor == keys[0]
        await stage.press("3", "escape", "j")
        assert contacts.cursor == keys[1]


async def test_characters_are_text_while_one_writes() -> None:
    async with opened(IN_CHAT, SMALL, keymap="vim") as stage:
        await stage.press(*"gd", "space", *"cj:/")
        assert drafts(stage)[-1] == "gd cj:/"


async def test_what_is_typed_behind_a_character_that_searches_is_searched() -> None:
    async with opened(scenes.BUSY, LARGE) as stage:
        stage.screen.set_focus(stage.screen.contacts)
        await stage.pilot.press(*"/acta")
        await stage.pilot.pause()
        assert stage.screen.directory.field.value.endswith("acta")


@pytest.mark.parametrize(("keymap", "down", "up"), [("vim", "j", "k"), ("emacs-like", "ctrl+n", "ctrl+p")])
async def test_lists_move_by_the_keys_of_the_keymap(keymap: str, down: str, up: str) -> None:
    async with opened(scenes.BUSY, LARGE, keymap=keymap) as stage:
        contacts = stage.screen.contacts
        stage.screen.set_focus(contacts)
        before = contacts.cursor
        await stage.press(down)
        after = contacts.cursor
        assert after != before
        await stage.press(up)
        assert contacts.cursor == before
        await stage.press("down")
        assert contacts.cursor == after


async def test_first_and_last_in_vim() -> None:
    async with opened(scenes.BUSY, LARGE, keymap="vim") as stage:
        contacts = stage.screen.contacts
        stage.screen.set_focus(contacts)
        await stage.press("G")
        assert contacts.cursor == contacts.rows[-1].key
        await stage.press("g", "g")
        assert contacts.cursor == contacts.rows[0].key


async def test_a_dialog_moves_by_characters_once_its_field_is_left_and_closes_then() -> None:
    async with opened(scenes.BUSY, LARGE, keymap="vim") as stage:
        await stage.press("f9")
        dialog = stage.app.screen
        assert isinstance(dialog, ChoiceDialog)
        first = dialog.rows.cursor
        await stage.press("escape", "j")
        assert dialog.rows.cursor != first
        assert dialog.field.value == ""
        await stage.press("k", "enter")
        assert any(isinstance(each, SetPresence) for each in stage.take_done())
        await stage.press("f9", "escape", "escape")
        assert stage.app.screen is stage.screen


async def test_moves_of_emacs_in_a_dialog_while_one_types() -> None:
    async with opened(scenes.BUSY, LARGE, keymap="emacs-like") as stage:
        await stage.press("f9")
        dialog = stage.app.screen
        assert isinstance(dialog, ChoiceDialog)
        first = dialog.rows.cursor
        await stage.press("ctrl+n")
        assert dialog.rows.cursor != first
        await stage.press("ctrl+g")
        assert stage.app.screen is stage.screen


async def test_the_caret_of_emacs_keeps_the_order_of_typing() -> None:
    async with opened(IN_CHAT, SMALL, keymap="emacs-like") as stage:
        await stage.pilot.press("a", "b", "ctrl+b", "c", "ctrl+a", "d", "ctrl+e", "e")
        await stage.pilot.pause()
        assert drafts(stage)[-1] == "dacbe"


async def test_the_keypad_is_the_calls_after_insert() -> None:
    async with opened(IN_CHAT, SMALL, keymap="numeric") as stage:
        await stage.press("1", "insert", "9")
        assert isinstance(stage.app.screen, ChoiceDialog)
        await stage.press("escape", "insert", "2")
        assert drafts(stage)[-1] == "12"


async def test_a_keypad_that_is_told_apart_is_the_calls_while_one_writes_and_text_in_dialogs() -> None:
    async with opened(IN_CHAT, SMALL, keymap="numeric") as stage:
        field = stage.app.focused
        for key in (events.Key("1", "1"), events.Key("kp_9", "9")):
            stage.app.post_message(key)
        await stage.pilot.pause()
        dialog = stage.app.screen
        assert isinstance(dialog, ChoiceDialog)
        for key in (events.Key("kp_2", "2"), events.Key("kp_divide", "/")):
            stage.app.post_message(key)
        await stage.pilot.pause()
        assert dialog.field.value == "2/"
        await stage.press("escape", "3")
        assert stage.app.focused is field
        assert drafts(stage)[-1] == "13"


async def test_the_keypad_writes_names_and_passwords() -> None:
    async with opened(DeskState(), SMALL, keymap="numeric") as stage:
        for name, character in (("kp_5", "5"), ("kp_subtract", "-"), ("kp_2", "2")):
            stage.app.post_message(events.Key(name, character))
        await stage.pilot.pause()
        assert stage.app.login_screen.user.value == "5-2"


async def test_the_keypad_is_characters_in_other_keymaps() -> None:
    async with opened(IN_CHAT, SMALL) as stage:
        for name, character in (("kp_5", "5"), ("kp_decimal", "."), ("kp_add", "+")):
            stage.app.post_message(events.Key(name, character))
        await stage.pilot.pause()
        assert drafts(stage)[-1] == "5.+"
        stage.app.post_message(events.Key("kp_enter", "\r"))
        await stage.pilot.pause()
        assert isinstance(stage.app.focused, LongText) and stage.app.focused.text == ""


async def test_the_keymap_changes_without_a_restart() -> None:
    async with opened(scenes.OFFERED, SMALL) as stage:
        remembered: list[str] = []
        stage.app.remember_keymap = remembered.append  # type: ignore[method-assign]
        assert "5  contestar" not in stage.seen()
        stage.app.perform("keymap.choose")
        await stage.pilot.pause()
        await stage.write("numeric")
        await stage.press("enter")
        assert remembered == ["numeric"]
        assert stage.app.keymap.keymap.name == "numeric"
        assert "1 Atención" not in stage.seen()
        stage.app.perform("keymap.choose")
        await stage.pilot.pause()
        assert "en uso" in stage.seen()


@pytest.mark.parametrize("language", ["es_MX", "en"])
async def test_each_keymap_says_what_it_is_in_full_on_the_smallest_usual_terminal(language: str) -> None:
    i18n.use(language)
    try:
        async with opened(scenes.BUSY, SMALL, keymap="screen-reader") as stage:
            stage.app.perform("keymap.choose")
            await stage.pilot.pause()
            for about in ABOUT.values():
                assert i18n._(about) in stage.seen()
    finally:
        i18n.use("es_MX")


async def test_a_keymap_with_a_mistake_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('extends = "default"\n[keys]\nfly = ["f10"]\n', encoding="utf-8")
    async with opened(scenes.BUSY, LARGE) as stage:
        stage.app.known_keymaps["broken"] = file
        stage.app.perform("keymap.choose")
        await stage.pilot.pause()
        await stage.write("broken")
        await stage.press("enter")
        assert stage.app.keymap.keymap.name == "default"
        assert "broken.toml:3 «fly»" in stage.seen()


async def test_the_help_says_what_follows_and_moves_too() -> None:
    async with opened(scenes.BUSY, LARGE, keymap="vim") as stage:
        await stage.press("f1")
        assert isinstance(stage.app.screen, HelpScreen)
        await stage.press("escape", "g")
        assert "g …" in stage.seen()
        await stage.press("g", "q")
        assert stage.app.screen is stage.screen


async def test_what_waits_is_seen_before_logging_in() -> None:
    async with opened(DeskState(), SMALL, keymap="emacs-like") as stage:
        await stage.press("ctrl+x")
        assert "^X …" in stage.seen()


async def test_what_cannot_be_done_is_said_for_as_long_as_it_is_so() -> None:
    async with opened(scenes.IDLE, SMALL) as stage:
        await stage.press("f12")
        assert "No tomar: ahora no se puede^F buscar" in stage.seen(), "beside what can be done"
        await stage.put(scenes.OFFERED)
        assert "ahora no se puede" not in stage.seen()
        assert "F2 contestar" in stage.seen()


async def test_keys_of_what_is_to_be_chosen_first_say_so() -> None:
    async with opened(scenes.FLOOR, SMALL) as stage:
        stage.app.screen.contacts.focus()  # the first of them waits
        for key, words in (("e", "Escuchar"), ("s", "Susurrar"), ("i", "Intervenir")):
            await stage.press(key)
            assert f"{words}: elija una llamada en curso" in stage.seen()
        await stage.press("b")
        await stage.press("alt+r")
        assert "Desbloquear: no hay ningún número en la lista" in stage.seen()
    async with opened(EMPTY_KEEPING, SMALL) as stage:
        words_by_key = {"e": "Editar", "v": "Sigue vigente", "r": "Dar de baja", "m": "Elegir", "j": "Juntar"}
        for key, words in words_by_key.items():
            await stage.press(f"alt+{key}")
            assert f"{words}: elija un registro" in stage.seen()
    async with opened(scenes.KEEPING, SMALL) as stage:
        await stage.press("alt+x")
        assert "Responder reporte: elija un reporte" in stage.seen()
