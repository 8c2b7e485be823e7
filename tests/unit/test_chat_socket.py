"""The citizen's socket, over a real web server and a real web socket client."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from catgem_tui.central.chat.channel import ChatSettings, contact_of
from catgem_tui.central.ports import CitizenLeft, CitizenReturned, CitizenWrote, ContactArrived
from tests.chat_server import serving
from tests.citizen_floor import Floor

Frame = dict[str, Any]


class Page:
    """What a citizen's page would say and hear."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.token = ""

    async def say(self, **frame: object) -> None:
        await self.socket.send(json.dumps(frame))

    async def hear_any(self) -> Frame:
        async with asyncio.timeout(10):
            frame: Frame = json.loads(await self.socket.recv())
        return frame

    async def hear(self, kind: str) -> Frame:
        frame = await self.hear_any()
        assert frame["t"] == kind, frame
        return frame

    async def start(self, **fields: object) -> Frame:
        await self.say(t="start", **{"consent": True, **fields})
        welcome = await self.hear("welcome")
        self.token = welcome["token"]
        return welcome

    async def begin(self, text: str = "Buenas tardes") -> str:
        """A chat with its first message; the contact's id."""
        await self.start()
        await self.say(t="say", id="1", text=text)
        await self.hear("said")
        await self.hear("waiting")
        return contact_of(self.token)


@asynccontextmanager
async def open_page(port: int) -> AsyncIterator[Page]:
    async with connect(f"ws://127.0.0.1:{port}/chat/socket", max_size=None, proxy=None) as socket:
        yield Page(socket)


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def port(free_port: Callable[[], int]) -> int:
    return free_port()


async def test_a_chat_begins_with_the_first_message(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        welcome = await page.start(name="  José\nPeña ", email="jose@example.org")
        assert welcome["state"] == "new"
        assert floor.happened == []
        await page.say(t="say", id="a", text="¿Dónde pido mi acta? 👩🏽‍💻")
        said = await page.hear("said")
        (arrived,) = floor.happened
        assert isinstance(arrived, ContactArrived)
        assert arrived.first is not None
        assert (arrived.contact, arrived.first.id) == (contact_of(page.token), said["message"])
        assert (arrived.citizen.name, arrived.citizen.email) == ("José Peña", "jose@example.org")
        assert arrived.first.text == "¿Dónde pido mi acta? 👩🏽‍💻"
        assert said["folio"] == "001-0000"
        await page.hear("waiting")


async def test_advisor_joins_writes_and_finishes(floor: Floor, port: int) -> None:
    async with serving(floor, port) as channel, open_page(port) as page:
        contact = await page.begin()
        await floor.join(channel, contact, "marisol")
        assert (await page.hear("joined"))["name"] == "Marisol"
        message = await floor.write(channel, contact, "Buenas tardes, ¿en qué municipio vive?")
        assert (await page.hear("message"))["line"] == {
            "id": message.id,
            "author": "advisor",
            "text": message.text,
            "at": message.sent_at,
            "name": "Marisol",
        }
        await floor.finish(channel, contact)
        assert (await page.hear("ended"))["survey"] is True
        await page.say(t="survey", score=6)
        assert (await page.hear("error"))["code"] == "bad_score"
        await page.say(t="survey", score=5)
        await page.hear("surveyed")
        assert floor.contacts[contact].survey == 5
        await page.say(t="say", id="2", text="Gracias")
        assert (await page.hear("error")) == {"t": "error", "code": "ended", "id": "2"}


async def test_a_repeated_message_takes_effect_once(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        contact = await page.begin()
        for _ in range(3):
            await page.say(t="say", id="1", text="Buenas tardes")
            await page.say(t="say", id="2", text="Sigo aquí")
            assert (await page.hear("said"))["id"] == "1"
            assert (await page.hear("said"))["id"] == "2"
        assert [message.text for message in await floor.messages(contact)] == ["Buenas tardes", "Sigo aquí"]


async def test_an_acknowledgement_lost_before_the_end_is_given_after_it(floor: Floor, port: int) -> None:
    async with serving(floor, port) as channel, open_page(port) as page:
        contact = await page.begin()
        await floor.finish(channel, contact)
        await page.hear("ended")
        await page.say(t="say", id="1", text="Buenas tardes")
        await page.hear("said")


async def test_a_chat_goes_on_after_central_was_replaced(floor: Floor, port: int) -> None:
    async with serving(floor, port) as channel, open_page(port) as page:
        contact = await page.begin("Uno")
        await floor.join(channel, contact, "marisol")
        await floor.write(channel, contact, "Dos")
        token, first = page.token, (await floor.messages(contact))[0].id
    async with serving(floor, port) as channel, open_page(port) as page:
        welcome = await page.start(token=token)
        assert (welcome["state"], welcome["advisor"], welcome["folio"]) == ("joined", "Marisol", "001-0000")
        assert [line["text"] for line in welcome["history"]] == ["Uno", "Dos"]
        await floor.write(channel, contact, "Tres")
        assert (await page.hear("message"))["line"]["text"] == "Tres"
        await page.say(t="say", id="1", text="Uno")
        await page.hear("said")
        async with open_page(port) as other:
            assert [line["text"] for line in (await other.start(token=token, after=first))["history"]] == [
                "Dos",
                "Tres",
            ]
    assert len(floor.of(ContactArrived)) == 1
    assert floor.of(CitizenLeft) == []


async def test_a_chat_longer_than_a_web_socket_takes_at_once_comes_back_whole(floor: Floor, port: int) -> None:
    async with serving(floor, port) as channel, open_page(port) as page:
        contact = await page.begin("Uno")
        await floor.join(channel, contact, "marisol")
        await page.hear("joined")
        for number in range(300):
            await floor.write(channel, contact, f"{number} " + "x" * 4_000)
            await page.hear("message")
        token = page.token
    async with serving(floor, port), connect(f"ws://127.0.0.1:{port}/chat/socket", proxy=None) as socket:
        page = Page(socket)
        await page.say(t="start", token=token)
        history: list[Frame] = []
        while (frame := await page.hear_any())["t"] == "history":
            history += frame["lines"]
        assert frame["t"] == "welcome"
        history += frame["history"]
    assert [line["text"].split()[0] for line in history] == ["Uno", *map(str, range(300))]


async def test_a_citizen_is_missed_after_the_grace_and_found_again(floor: Floor, port: int) -> None:
    async with serving(floor, port, ChatSettings(grace=0.1)):
        async with open_page(port) as page:
            contact = await page.begin()
        await floor.until(lambda: floor.of(CitizenLeft))
        async with open_page(port) as again:
            assert (await again.start(token=page.token))["state"] == "waiting"
            assert floor.of(CitizenReturned) == [CitizenReturned(contact=contact)]


async def test_a_reload_within_the_grace_is_not_noticed(floor: Floor, port: int) -> None:
    async with serving(floor, port, ChatSettings(grace=30)):
        async with open_page(port) as page:
            contact = await page.begin()
        async with open_page(port) as again:
            await again.start(token=page.token)
            await again.say(t="say", id="2", text="Ya volví")
            await again.hear("said")
    assert [type(happening) for happening in floor.happened] == [ContactArrived, CitizenWrote]
    assert floor.contacts[contact].citizen_present


async def test_citizens_who_never_come_back_after_a_restart_are_missed(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        contact = await page.begin()
    async with serving(floor, port, ChatSettings(grace=0.05)):
        await floor.until(lambda: floor.happened[-1] == CitizenLeft(contact=contact))


async def test_going_for_good(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        contact = await page.begin()
        await page.say(t="bye")
        assert await page.hear("ended") == {"t": "ended"}
        assert floor.happened[-1] == CitizenLeft(contact=contact)


@pytest.mark.parametrize("length", [4_001, 1_000_000, 3_000_000])
async def test_a_giant_message_is_refused_and_the_chat_lives_on(floor: Floor, port: int, length: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        await page.begin()
        await page.say(t="say", id="big", text="x" * length)
        error = await page.hear("error")
        assert (error["code"], error["limit"]) == ("too_long", 4_000)
        await page.say(t="say", id="3", text="á" * 4_000)
        await page.hear("said")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "malformed"),
        ("{", "malformed"),
        ('{"t": "unheard"}', "malformed"),
        ('{"t": "say", "id": 7, "text": "x"}', "malformed"),
        ('{"t": "say", "id": "", "text": "x"}', "malformed"),
        ('{"t": "say", "id": "9", "text": " \\u0000\\n "}', "empty"),
        ('{"t": "start"}', "malformed"),
    ],
)
async def test_bad_frames_get_an_answer(floor: Floor, port: int, data: str, code: str) -> None:
    async with serving(floor, port), open_page(port) as page:
        await page.begin()
        await page.socket.send(data)
        assert (await page.hear("error"))["code"] == code
        await page.say(t="ping")
        await page.hear("pong")


async def test_binary_frames_get_an_answer(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        await page.socket.send(b"\x00\xff")
        assert (await page.hear("error"))["code"] == "malformed"


async def test_nothing_without_start_and_consent(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        await page.say(t="say", id="1", text="Hola")
        assert (await page.hear("error"))["code"] == "not_started"
        await page.start(consent=False)
        await page.say(t="say", id="1", text="Hola")
        assert (await page.hear("error"))["code"] == "consent_needed"
    assert floor.happened == []


async def test_a_full_disk_is_told_and_the_message_can_be_repeated(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as page:
        await page.start()
        floor.broken = True
        await page.say(t="say", id="1", text="Hola")
        error = await page.hear("error")
        assert (error["code"], error["id"]) == ("unavailable", "1")
        async with open_page(port) as other:
            await other.say(t="start", token=page.token, consent=True)
            assert (await other.hear("error"))["code"] == "unavailable"
        floor.broken = False
        await page.say(t="say", id="1", text="Hola")
        await page.hear("said")
    assert len(floor.said) == 1


async def test_no_more_chats_and_pages_than_allowed(floor: Floor, port: int) -> None:
    settings = ChatSettings(open_chats=1, open_pages=2)
    async with serving(floor, port, settings), open_page(port) as one, open_page(port) as two, open_page(port) as three:
        assert (await three.hear("error"))["code"] == "full"
        await one.begin()
        await two.start()
        await two.say(t="say", id="1", text="Hola")
        assert (await two.hear("error"))["code"] == "full"


async def test_two_pages_of_one_chat_see_the_same(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as one, open_page(port) as two:
        await one.begin()
        await two.start(token=one.token)
        await one.say(t="say", id="2", text="Hola de nuevo")
        said = await one.hear("said")
        assert (await two.hear("message"))["line"]["id"] == said["message"]


async def test_the_secret_of_one_chat_does_not_open_another(floor: Floor, port: int) -> None:
    async with serving(floor, port), open_page(port) as one, open_page(port) as two:
        contact = await one.begin()
        for guess in (contact, contact.replace("-", ""), one.token.swapcase()):
            await two.say(t="start", token=guess)
            async with asyncio.timeout(10):
                answer = json.loads(await two.socket.recv())
            assert answer.get("history", []) == []
            assert answer.get("state", "new") == "new"
            if answer["t"] == "welcome":
                break


async def test_a_page_that_has_fallen_silent_is_missed(
    floor: Floor, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catgem_tui.central.chat.page.SILENCE", 0.2)
    async with serving(floor, port, ChatSettings(grace=0.1)), open_page(port) as page:
        await page.begin()
        await floor.until(lambda: floor.of(CitizenLeft))
        async with asyncio.timeout(10):
            await page.socket.wait_closed()


async def test_who_writes_too_fast_is_asked_to_wait_and_loses_nothing(floor: Floor, port: int) -> None:
    async with serving(floor, port, ChatSettings(messages_per_minute=12)), open_page(port) as page:
        contact = await page.begin("0")
        for number in range(1, 7):
            await page.say(t="say", id=f"n{number}", text=str(number))
        for number in range(1, 6):
            assert (await page.hear("said"))["id"] == f"n{number}"
        error = await page.hear("error")
        assert (error["code"], error["id"]) == ("too_fast", "n6")
        assert 4 < error["retry"] <= 5
        assert len(await floor.messages(contact)) == 6


async def test_the_limits_are_settings(floor: Floor, port: int) -> None:
    async with serving(floor, port, ChatSettings(max_length=100, survey=False)) as channel, open_page(port) as page:
        contact = await page.begin()
        await page.say(t="say", id="2", text="x" * 101)
        assert (await page.hear("error"))["limit"] == 100
        await floor.join(channel, contact, "marisol")
        await page.hear("joined")
        await floor.finish(channel, contact)
        assert (await page.hear("ended")) == {"t": "ended"}
