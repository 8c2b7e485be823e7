"""The manual in the workstation: where it opens, what the search finds, links and the way back."""

from pathlib import Path

import pytest
from rich.cells import cell_len

from catgem_tui.config import assets
from catgem_tui.desk.state import DeskState
from catgem_tui.ui.lines import plain
from catgem_tui.ui.manual.book import Book
from catgem_tui.ui.manual.layout import lay_out
from catgem_tui.ui.manual.markdown import parse, text_of
from catgem_tui.ui.manual.parts import ManualKeys
from catgem_tui.ui.manual.screen import CONTENTS, FOUND, READING, HelpScreen
from catgem_tui.ui.screens.dialogs import ChoiceDialog, TextDialog
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.widgets.lines import Lines
from tests import manual_pages
from tests.ui import evidence_scenes, guarding_scenes, scenes
from tests.ui.stage import LARGE, SMALL, Stage, opened

BOOK = Book(manual_pages.default_keymap())


async def manual_of(stage: Stage) -> HelpScreen:
    await stage.press("f1")
    screen = stage.app.screen
    assert isinstance(screen, HelpScreen)
    await drawn(stage, screen)
    return screen


async def drawn(stage: Stage, screen: HelpScreen) -> None:
    """Wait until what is wanted stands at the top."""
    await stage.until(lambda: screen.mode == CONTENTS or (bool(screen.laid.lines) and screen.wanted < 0))
    await stage.pilot.pause()


def at_top(screen: HelpScreen) -> str:
    """The words of the line at the top of the page."""
    return plain(screen.words.drawn[round(screen.words.scroll_offset.y)])


def heading_of(topic: str) -> str:
    place = BOOK.find(topic)
    assert place is not None
    return text_of(BOOK.page(place[0]).blocks[place[1]].pieces)


@pytest.mark.parametrize(
    ("state", "keys", "topic"),
    [
        (DeskState(), (), "login"),
        (scenes.IDLE, (), "desk"),
        (scenes.OFFERED, (), "offer"),
        (scenes.IN_CHAT, (), "chat"),
        (scenes.BUSY, (), "hold"),
        (scenes.BUSY, ("ctrl+f",), "search"),
        (scenes.BUSY, ("alt+n",), "notes"),
        (scenes.BUSY, ("alt+q",), "queue"),
        (scenes.BUSY, ("f9",), "presence"),
        (scenes.BUSY, ("f4",), "transfer"),
        (scenes.BUSY, ("alt+l",), "dial"),
        (scenes.BUSY, ("alt+z",), "emergency"),
        (scenes.BUSY, ("ctrl+p",), "palette"),
        (scenes.WRAP_UP, ("f8",), "finish"),
        (scenes.WRAP_UP, ("f8", "enter"), "finish"),
        (scenes.SOUND, ("alt+y",), "sound"),
        (scenes.LISTENING, (), "floor"),
        (scenes.KEEPING, (), "keeping"),
        (scenes.FORM, (), "form"),
        (scenes.BULK, (), "bulk"),
        (scenes.with_merge(), (), "merge"),
        (evidence_scenes.LOG, ("alt+h",), "log"),
        (evidence_scenes.CURRENCY, ("alt+u",), "currency"),
        (guarding_scenes.BLOCKED, ("b",), "blocked"),
    ],
)
async def test_it_opens_at_the_section_of_where_one_is(state: DeskState, keys: tuple[str, ...], topic: str) -> None:
    async with opened(state, SMALL) as stage:
        await stage.press(*keys)
        screen = await manual_of(stage)
        assert screen.spot.page == BOOK.find(topic)[0]  # type: ignore[index]
        assert heading_of(topic) in "\n".join(plain(line) for line in screen.laid.lines)
        top = screen.words.scroll_offset.y
        number = BOOK.find(topic)[1]  # type: ignore[index]
        assert top <= screen.laid.tops[number] < top + screen.words.size.height


async def test_a_dialog_is_there_as_it_was_afterwards() -> None:
    async with opened(scenes.BUSY) as stage:
        await stage.press("f4", "v", "e")
        dialog = stage.app.screen
        assert isinstance(dialog, ChoiceDialog)
        await manual_of(stage)
        await stage.press("f8", "f3")  # keys of the desk below mean nothing here
        assert stage.take_done() == []
        await stage.press("escape")
        assert stage.app.screen is dialog
        assert dialog.field.value == "ve"
        await stage.press("h")
        assert dialog.field.value == "veh"


async def test_a_form_and_a_text_are_there_as_they_were() -> None:
    async with opened(scenes.FORM) as stage:
        form = stage.app.screen
        assert isinstance(form, FormScreen)
        focused = form.focused
        await manual_of(stage)
        await stage.press("escape")
        assert stage.app.screen is form
        assert form.focused is focused
    async with opened(scenes.BUSY) as stage:
        await stage.press("ctrl+f", "alt+x", *"mal")
        dialog = stage.app.screen
        assert isinstance(dialog, TextDialog)
        await manual_of(stage)
        await stage.press("escape")
        assert dialog.field.value == "mal"


@pytest.mark.parametrize("typed", ["ofens", "OFÉNS", "bloque num", "numero bloquear"])
async def test_the_search_forgives_accents_order_and_endings(typed: str) -> None:
    hits = BOOK.search(typed)
    assert hits
    words = typed.casefold().replace("é", "e").split()
    for hit in hits[:3]:
        text = f"{hit.heading} {hit.excerpt}".casefold()
        assert all(word[:4] in text.replace("ú", "u") for word in words)


async def test_a_hit_is_shown_with_its_heading_and_enter_goes_there() -> None:
    async with opened(scenes.IDLE) as stage:
        screen = await manual_of(stage)
        await stage.press(*"grabacion en pausa")
        assert screen.mode == FOUND
        assert "Datos sensibles y la grabación" in stage.seen()
        hit = screen.hits[0]
        await stage.press("enter")
        await stage.until(lambda: screen.mode == READING and bool(screen.laid.lines))
        await stage.pilot.pause()
        top = screen.words.scroll_offset.y
        assert top <= screen.laid.tops[hit.block] < top + screen.words.size.height
        assert screen.field.value == ""
        await stage.press("left")
        await stage.pilot.pause()
        assert screen.spot.page != hit.page
        await stage.press("right")
        assert screen.spot.page == hit.page


@pytest.mark.parametrize(("typed", "count"), [("guake", "1 lugar"), ("speakup", "2 lugares")])
async def test_one_place_is_told_as_one(typed: str, count: str) -> None:
    async with opened(scenes.IDLE) as stage:
        screen = await manual_of(stage)
        await stage.write(typed)
        assert plain(screen.query_one("#heading", Lines).drawn[0]) == f"MANUAL  {count}"


async def test_nothing_found_is_said_and_escape_goes_back_to_the_page() -> None:
    async with opened(scenes.IDLE) as stage:
        screen = await manual_of(stage)
        await stage.press(*"xyzzy")
        assert "Nada en el manual" in stage.seen()
        await stage.press("escape")
        assert screen.mode == READING
        await stage.press("escape")
        assert not isinstance(stage.app.screen, HelpScreen)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_contents_lead_to_every_page(size: tuple[int, int]) -> None:
    async with opened(scenes.IDLE, size) as stage:
        screen = await manual_of(stage)
        await stage.press("f1")
        assert screen.mode == CONTENTS
        keys = [row.key for row in screen.contents.rows]
        assert [key.partition("#")[0] for key in keys if key.endswith("#")] == list(BOOK.names)
        await stage.press("home", "down", "down", "enter")
        await drawn(stage, screen)
        assert screen.mode == READING
        assert at_top(screen) == heading_of(keys[2].partition("#")[2])


async def test_links_are_marked_and_followed_and_lead_back() -> None:
    async with opened(scenes.OFFERED) as stage:
        screen = await manual_of(stage)
        await stage.press("tab")
        link = screen.laid.links[screen.link]
        assert f"«{link.text}»" in stage.seen()
        came_from = screen.spot.page
        await stage.press("enter")
        await stage.pilot.pause()
        target = BOOK.follow(link.target, came_from)
        assert target is not None
        assert screen.spot.page == target[0]
        await stage.press("left")
        await stage.pilot.pause()
        assert screen.spot.page == came_from


@pytest.mark.parametrize("size", [(60, 18), SMALL])
async def test_its_foot_has_no_half_words_and_always_how_to_close_it(size: tuple[int, int]) -> None:
    async with opened(scenes.OFFERED, size, keymap="vim") as stage:
        screen = await manual_of(stage)
        await stage.press("tab", "enter")
        await drawn(stage, screen)
        await stage.press("escape")  # out of the field, which the foot says, and back and on can be gone
        for _link in screen.laid.links:
            await stage.press("tab")
            foot = plain(screen.query_one(ManualKeys).drawn[0])
            assert foot.startswith(f"NORMAL   Intro abrir «{screen.laid.links[screen.link].text}»   ")
            assert foot.endswith("   Esc cerrar")
            assert "…" not in foot


async def test_the_keys_are_those_of_the_keymap_in_force(tmp_path: Path) -> None:
    text = assets.keymaps()["default"].read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace('"contact.finish" = ["f8"]', '"contact.finish" = ["ctrl+y"]'), encoding="utf-8")
    async with opened(scenes.WRAP_UP, LARGE, keymap=str(own)) as stage:
        await manual_of(stage)
        assert "^Y" in stage.seen()
        assert "F8" not in stage.seen()


async def test_an_offer_is_answered_out_of_the_manual_and_the_search_key_leaves_it() -> None:
    async with opened(scenes.OFFERED) as stage:
        await manual_of(stage)
        await stage.press("f2")
        assert not isinstance(stage.app.screen, HelpScreen)
    async with opened(scenes.IDLE) as stage:
        await manual_of(stage)
        await stage.press("ctrl+f")
        assert stage.screen.focused is stage.screen.directory.field


@pytest.mark.parametrize("width", [30, 55, 76, 88])
def test_every_page_fits_every_width_and_loses_no_word(width: int) -> None:
    for name in BOOK.names:
        page = BOOK.page(name)
        laid = lay_out(page, width)
        assert len(laid.tops) == len(page.blocks)
        for number, line in enumerate(laid.lines):
            assert cell_len(plain(line)) <= width, f"{name}, line {number}: {plain(line)}"
        told = "".join("".join(plain(line).split()) for line in laid.lines)
        for block in page.blocks:
            if block.shape in {"paragraph", "item"} and all(piece.kind != "link" for piece in block.pieces):
                words = text_of(block.pieces).split()
                assert words[0] in told, f"{name}: {words}"
                if width == 88:
                    assert words[-1] in told
        assert all(link.line >= 0 for link in laid.links)


def test_pictures_are_left_out_and_code_is_kept() -> None:
    page = parse("p", "# A\n\n![The desk](pictures/desk.svg)\n\n```toml\n[central]\n\nport = 1\n```\n\n- one\n  two\n")
    told = [plain(line) for line in lay_out(page, 40).lines]
    assert not any("desk" in line for line in told)
    assert "  port = 1" in told
    assert "• one two" in told


@pytest.mark.parametrize("name", sorted(assets.keymaps()))
async def test_it_is_read_with_every_keymap(name: str) -> None:
    async with opened(scenes.BUSY, SMALL, keymap=name) as stage:
        keymap = stage.app.keymap
        await stage.press(*keymap.first("help").split())
        screen = stage.app.screen
        assert isinstance(screen, HelpScreen)
        await drawn(stage, screen)
        await stage.until(lambda: at_top(screen) == "Espera y silencio en una llamada")
        for key in keymap.commands("leave"):
            await stage.press(key)
        for key in keymap.moves("down"):
            before = screen.words.scroll_offset.y
            await stage.press(*key.split())
            assert screen.words.scroll_offset.y == before + 1, key
        for key in keymap.moves("up"):
            await stage.press(*key.split())
        for key in keymap.moves("write")[:1]:
            await stage.press(key)
        await stage.write("ofens")
        await stage.until(lambda: screen.mode == FOUND)
        await stage.press(keymap.moves("choose")[-1])
        await stage.until(lambda: screen.mode == READING and at_top(screen) == "Ofensas")


async def test_another_keymap_is_named_at_once_and_what_follows_a_stroke_in_its_foot() -> None:
    async with opened(scenes.BUSY, SMALL) as stage:
        await manual_of(stage)
        await stage.press("ctrl+l")
        assert stage.seen().rstrip().splitlines()[-1].startswith("^L …")
        await stage.press("escape")
        stage.app.use_keymap(stage.app.read_keymap(stage.app.known_keymaps["vim"]))
        await stage.press("escape")
        await stage.until(lambda: "NORMAL" in stage.seen())
        assert isinstance(stage.app.screen, HelpScreen)
        assert "j" not in stage.app.screen.field.value
        await stage.press("q")
        assert not isinstance(stage.app.screen, HelpScreen)
