"""The citizen's page before a browser sees it, and the socket's outgoing side."""

import asyncio
import json
import re
from importlib.resources import files

import pytest

from catgem_tui.central.chat import frames
from catgem_tui.central.chat.page import policy_for, render
from catgem_tui.central.chat.visitor import Allowance, Visitor
from catgem_tui.central.chat.words import PAGE, PRIVACY_LINK, SCRIPT, choose_language, translations

MAX_PAGE = 30_000


def page(language: str, **given: str) -> str:
    fields = {"centre": "CATGEM", "privacy_url": "", "root": "", **given}
    return render(language, max_length=4_000, **fields)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_page_is_whole_and_small(language: str) -> None:
    source = page(language)
    assert "{{" not in source
    assert f'<html lang="{language}">' in source
    folder = files("catgem_tui.central.chat") / "page"
    whole = source + (folder / "chat.css").read_text() + (folder / "chat.js").read_text()
    assert len(whole.encode()) < MAX_PAGE
    assert re.findall(r"(?:src|href)=\"(?!/chat/|\?lang|data:,)[^\"]*\"", source) == []
    assert "innerHTML" not in whole


def test_the_script_has_all_its_words_and_speaks_es5() -> None:
    script = (files("catgem_tui.central.chat") / "page" / "chat.js").read_text()
    used = set(re.findall(r"\bwords\.(\w+)", script)) | {f"error_{code}" for code in frames.Code.__args__}
    assert used - set(SCRIPT) == {"error_too_fast"}, "too_fast is repeated without a word"
    without_text = re.sub(r'"[^"]*"|/\*.*?\*/', "", script, flags=re.S)
    assert re.findall(r"=>|`|\b(?:let|const|class|async|await)\b", without_text) == []


def test_every_word_has_its_spanish() -> None:
    spanish = translations("es")
    messages = [*PAGE.values(), *SCRIPT.values(), PRIVACY_LINK]
    assert [message for message in messages if spanish.gettext(message) == message] == []


def test_names_and_addresses_cannot_break_out_of_the_page() -> None:
    source = page("es", centre='<script>"x"', privacy_url='https://x/"><script>')
    assert "<script>" not in source.replace('<script type="application/json"', "")
    words = source.partition('id="words">')[2].partition("</script>")[0]
    assert json.loads(words)["you"] == "Usted"


@pytest.mark.parametrize(
    ("wanted", "accepted", "language"),
    [
        ("", "", "es"),
        ("en", "es", "en"),
        ("fr", "fr,en;q=0.5", "en"),
        ("", "en-US,en;q=0.9,es;q=0.8", "en"),
        ("", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "en;q=0.1, es;q=0.2", "es"),
        ("", "de, *;q=0.1", "es"),
        ("", "en;q=x", "es"),
    ],
)
def test_the_language_of_the_page(wanted: str, accepted: str, language: str) -> None:
    assert choose_language(wanted, accepted) == language


def test_the_policy_names_sockets_of_this_host_only() -> None:
    assert "connect-src 'self' ws://centro.mx:8070 wss://centro.mx:8070;" in policy_for("centro.mx:8070")
    assert "connect-src 'self';" in policy_for("x; script-src *")


class Stuck:
    """A page that does not read."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.open = asyncio.Event()

    async def send_text(self, data: str) -> None:
        await self.open.wait()
        self.sent.append(data)


async def test_a_page_that_does_not_read_is_cut_off() -> None:
    wire = Stuck()
    visitor = Visitor(wire)
    writing = asyncio.create_task(visitor.write())
    await asyncio.sleep(0)
    for _ in range(10_000):
        visitor.send(frames.Waiting())
    assert visitor.overrun
    wire.open.set()
    async with asyncio.timeout(5):
        await writing
    assert len(wire.sent) <= 1


async def test_what_was_held_is_sent_once_and_in_order() -> None:
    wire = Stuck()
    wire.open.set()
    visitor = Visitor(wire)
    visitor.hold()
    for number in (1, 2):
        visitor.send(frames.NewMessage(line=frames.Line(id=str(number), author="advisor", text="x", at=0.0)))
    visitor.release([frames.Welcome(token="t", state="joined")], seen=frozenset({"1"}))
    visitor.finish()
    await visitor.write()
    assert [json.loads(data)["t"] for data in wire.sent] == ["welcome", "message"]
    assert json.loads(wire.sent[1])["line"]["id"] == "2"


@pytest.mark.parametrize("longest", [10, 4_000, 2 * frames.HISTORY_ROOM])
def test_a_long_chat_takes_several_frames_in_order(longest: int) -> None:
    lines = tuple(
        frames.Line(id=str(number), author="advisor", text="ñ" * (number % longest + 1), at=0.0)
        for number in range(500)
    )
    welcome = frames.Welcome(token="t", state="joined", history=lines, folio="001-0000")
    *earlier, last = frames.welcome_in_parts(welcome)
    assert isinstance(last, frames.Welcome)
    assert (last.token, last.state, last.folio) == ("t", "joined", "001-0000")
    assert all(isinstance(part, frames.History) and part.lines for part in earlier)
    assert (*(line for part in earlier for line in part.lines), *last.history) == lines
    for part in (*earlier, last):
        many = len(part.lines if isinstance(part, frames.History) else part.history) > 1
        assert not many or len(frames.encode(part).encode()) < frames.HISTORY_ROOM + 200


def test_a_short_chat_takes_one_frame() -> None:
    welcome = frames.Welcome(token="t", state="new")
    assert frames.welcome_in_parts(welcome) == (welcome,)


def test_an_allowance_refills_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("catgem_tui.central.chat.visitor.time.monotonic", lambda: now)
    allowance = Allowance(rate=2.0, burst=2.0)
    assert [allowance.ask() for _ in range(3)] == [0.0, 0.0, 0.5]
    now += 0.5
    assert allowance.ask() == 0.0
    assert allowance.spend(3.0) == 1.5
