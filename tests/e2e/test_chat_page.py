"""The citizen's page in a real browser, against a real web server."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from catgem_tui.central.ports import CitizenLeft, CitizenWrote, ContactArrived
from catgem_tui.protocol.commands import AcceptOffer, EndContact, SendChat, SetPresence
from catgem_tui.protocol.enums import Presence
from catgem_tui.protocol.events import ContactChanged
from catgem_tui.protocol.http import ContactDetail
from tests.central_house import PASSWORD, Desk, client_of, eventually, log_in
from tests.chat_server import serving
from tests.citizen_floor import Floor

T = TypeVar("T")
HOSTILE = "<script>document.title='robado'</script><img src=x onerror=\"document.title='robado'\"> & \"comillas\""


class Browser:
    """A citizen with a browser. Every method blocks; ``do`` calls one off the loop."""

    def __init__(self, driver: webdriver.Chrome, port: int) -> None:
        self.driver = driver
        self.address = f"http://127.0.0.1:{port}/chat"

    async def do(self, action: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.to_thread(action, *arguments)

    def open(self, query: str = "") -> None:
        self.driver.get(self.address + query)

    def find(self, identifier: str) -> Any:
        return self.driver.find_element(By.ID, identifier)

    def until(self, condition: Callable[[], object]) -> None:
        WebDriverWait(self.driver, 30, poll_frequency=0.1).until(lambda _driver: condition(), self.status())

    def begin(self, name: str = "") -> None:
        self.find("consent").click()
        self.find("name").send_keys(name)
        self.driver.find_element(By.CSS_SELECTOR, "#begin button").click()
        self.until(lambda: self.find("text").is_displayed())

    def type(self, text: str) -> None:
        """As pasted: chromedriver cannot type characters beyond the first plane."""
        self.driver.execute_script("arguments[0].value = arguments[1]", self.find("text"), text)
        self.find("send").click()

    def said(self) -> list[tuple[str, str, str]]:
        """(who, text, below) of every bubble."""
        return [
            tuple(part.text for part in bubble.find_elements(By.CSS_SELECTOR, "small, p"))
            for bubble in self.driver.find_elements(By.CSS_SELECTOR, "#log .said")
        ]

    def texts(self) -> list[str]:
        return [text for _who, text, _below in self.said()]

    def settled(self) -> bool:
        return not any(below == "enviando…" for _who, _text, below in self.said())

    def status(self) -> str:
        return str(self.find("status").text)

    def problem(self) -> str:
        return str(self.find("problem").text)


@pytest.fixture
def driver(require_program: Callable[[str], Path], tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = Options()
    options.binary_location = str(require_program("chromium"))
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--proxy-server=direct://",
        "--window-size=390,800",
        f"--user-data-dir={tmp_path / 'chromium'}",
    ):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": "es-MX,es,en"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(str(require_program("chromedriver"))))
    browser.set_page_load_timeout(60)
    try:
        yield browser
    finally:
        browser.quit()


@pytest.fixture
def port(free_port: Callable[[], int]) -> int:
    return free_port()


@pytest.fixture
async def browser(driver: webdriver.Chrome, port: int) -> AsyncIterator[Browser]:
    yield Browser(driver, port)
    complaints = [
        entry
        for entry in await asyncio.to_thread(driver.get_log, "browser")
        if entry["level"] == "SEVERE" and "WebSocket connection" not in entry["message"]
    ]
    assert complaints == []


@pytest.fixture
def floor() -> Floor:
    return Floor()


async def begin(browser: Browser, floor: Floor, text: str = "Buenas tardes") -> str:
    await browser.do(browser.open)
    await browser.do(browser.begin, "María")
    await browser.do(browser.type, text)
    await floor.until(lambda: floor.contacts)
    (contact,) = floor.contacts
    return contact


async def test_a_whole_chat(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port) as channel:
        contact = await begin(browser, floor, "¿Dónde saco mi acta? ñ 👩🏽‍💻")
        (arrived,) = floor.of(ContactArrived)
        assert isinstance(arrived, ContactArrived)
        assert arrived.first is not None
        assert (arrived.first.text, arrived.citizen.name) == ("¿Dónde saco mi acta? ñ 👩🏽‍💻", "María")
        await browser.do(browser.until, lambda: "001-0000" in browser.status())
        await floor.join(channel, contact, "marisol")
        await browser.do(browser.until, lambda: "Marisol" in browser.status())
        await floor.write(channel, contact, f"Con gusto 🙂 {HOSTILE} https://edomex.example/actas.")
        await browser.do(browser.until, lambda: len(browser.texts()) == 2)
        who, text, _below = (await browser.do(browser.said))[1]
        assert (who, text) == ("Marisol", f"Con gusto 🙂 {HOSTILE} https://edomex.example/actas.")
        links = await browser.do(browser.driver.find_elements, By.CSS_SELECTOR, "#log a")
        assert [link.get_attribute("href") for link in links] == ["https://edomex.example/actas"]
        await browser.do(browser.type, HOSTILE)
        await floor.until(lambda: floor.of(CitizenWrote))
        assert (await browser.do(browser.texts))[2] == HOSTILE
        assert "robado" not in browser.driver.title
        await floor.finish(channel, contact)
        await browser.do(browser.until, lambda: browser.find("survey").is_displayed())
        await browser.do(browser.driver.find_element(By.CSS_SELECTOR, "#scores button[value='4']").click)
        await floor.until(lambda: floor.contacts[contact].survey == 4)
        await browser.do(browser.until, lambda: browser.find("thanks").text)
        await browser.do(browser.find("again").click)
        await browser.do(browser.until, lambda: browser.find("begin").is_displayed())


async def test_a_reload_goes_on_with_the_same_chat(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port) as channel:
        contact = await begin(browser, floor, "Uno")
        await floor.join(channel, contact, "marisol")
        await floor.write(channel, contact, "Dos")
        await browser.do(browser.until, lambda: browser.texts() == ["Uno", "Dos"])
        await browser.do(browser.driver.refresh)
        await browser.do(browser.until, lambda: browser.texts() == ["Uno", "Dos"])
        assert "Marisol" in await browser.do(browser.status)
        await browser.do(browser.type, "Tres")
        await floor.until(lambda: len(floor.said) == 3)
    assert len(floor.contacts) == 1
    assert floor.of(CitizenLeft) == []


async def test_a_reload_shows_a_long_chat_whole_and_in_order(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port) as channel:
        contact = await begin(browser, floor, "Uno")
        await floor.join(channel, contact, "marisol")
        texts = [f"{number} " + "y" * 3_900 for number in range(40)]
        for text in texts:
            await floor.write(channel, contact, text)
        await browser.do(browser.driver.refresh)
        await browser.do(browser.until, lambda: browser.texts() == ["Uno", *texts])


async def test_what_is_written_while_central_is_down_arrives_once(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port):
        contact = await begin(browser, floor, "Uno")
        await browser.do(browser.until, browser.settled)
    await browser.do(browser.until, lambda: "Se perdió" in browser.status())
    await browser.do(browser.type, "Dos")
    await browser.do(browser.type, "Tres")
    async with serving(floor, port) as channel:
        await floor.until(lambda: len(floor.said) == 3)
        await browser.do(browser.until, browser.settled)
        await floor.write(channel, contact, "Cuatro")
        await browser.do(browser.until, lambda: len(browser.texts()) == 4)
        assert await browser.do(browser.texts) == ["Uno", "Dos", "Tres", "Cuatro"]
    assert [message.text for message in await floor.messages(contact)] == ["Uno", "Dos", "Tres", "Cuatro"]


async def test_a_message_whose_acknowledgement_was_lost_shows_once(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port):
        await begin(browser, floor, "Uno")
        await browser.do(browser.until, browser.settled)
        floor.delay = 1.0
        await browser.do(browser.type, "Dos")
        await floor.until(lambda: floor.committing)
    await floor.until(lambda: len(floor.said) == 2)
    floor.delay = 0.0
    async with serving(floor, port):
        await browser.do(browser.until, lambda: "Recibimos" in browser.status() and browser.settled())
        assert await browser.do(browser.texts) == ["Uno", "Dos"]
    assert len(floor.said) == 2


async def test_a_message_of_a_megabyte_is_not_sent_and_not_lost(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port):
        await begin(browser, floor)
        await browser.do(browser.type, "x" * 1_000_000)
        assert "4000" in await browser.do(browser.problem)
        assert len((await browser.do(browser.find, "text")).get_property("value")) == 1_000_000
        await browser.do(browser.type, "Más corto")
        await floor.until(lambda: len(floor.said) == 2)
        assert await browser.do(browser.problem) == ""


async def test_nothing_before_consent(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port):
        await browser.do(browser.open)
        await browser.do(browser.driver.find_element(By.CSS_SELECTOR, "#begin button").click)
        await browser.do(browser.until, lambda: browser.find("consent-problem").text)
        assert not await browser.do(browser.find("text").is_displayed)
        assert browser.driver.switch_to.active_element.get_attribute("id") == "consent"


async def test_by_keyboard_alone(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port):
        await browser.do(browser.open)
        body = await browser.do(browser.driver.find_element, By.TAG_NAME, "body")
        await browser.do(body.send_keys, Keys.TAB * 2 + Keys.SPACE + Keys.TAB * 3 + Keys.ENTER)
        await browser.do(browser.until, lambda: browser.find("text").is_displayed())
        active = browser.driver.switch_to.active_element
        assert active.get_attribute("id") == "text"
        await browser.do(active.send_keys, "Uno" + Keys.SHIFT + Keys.ENTER + Keys.NULL + "dos" + Keys.ENTER)
        await floor.until(lambda: floor.contacts)
        (arrived,) = floor.of(ContactArrived)
        assert isinstance(arrived, ContactArrived)
        assert arrived.first is not None
        assert arrived.first.text == "Uno\ndos"


async def test_leaving(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port):
        await begin(browser, floor)
        await browser.do(browser.find("leave").click)
        await browser.do(browser.driver.switch_to.alert.accept)
        await floor.until(lambda: floor.of(CitizenLeft))
        await browser.do(browser.until, lambda: browser.find("after").is_displayed())


async def test_in_english(browser: Browser, floor: Floor, port: int) -> None:
    async with serving(floor, port):
        await browser.do(browser.open, "?lang=en")
        assert browser.driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
        assert "Chat with the contact centre" in browser.driver.title


@pytest.mark.parametrize("width", [320, 1280])
async def test_nothing_sticks_out(browser: Browser, floor: Floor, port: int, width: int) -> None:
    async with serving(floor, port) as channel:
        browser.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 640, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        contact = await begin(browser, floor, "palabra" * 60)
        await floor.write(channel, contact, "https://example.org/" + "x" * 300)
        await browser.do(browser.until, lambda: len(browser.texts()) == 2)
        wide = await browser.do(browser.driver.execute_script, "return document.documentElement.scrollWidth")
        assert wide <= width


class CentralProcess:
    """The real central as a child process that can be killed, with one advisor who takes chats."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._settings = folder / "catgem.toml"
        self._settings.write_text(
            f"[central]\nport = {port}\ndata = '{folder / 'central'}'\nvoice = {{ lines = 0 }}\n"
            "mail = { enabled = false }\n"
        )
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await self._run("serve")
        await eventually(self._answers)

    async def kill(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def hire(self, username: str) -> None:
        words = ("user", "add", username, "--name", username.title(), "--role", "advisor", "--password-stdin")
        process = await self._run(*words)
        await process.communicate(PASSWORD.encode() + b"\n")
        assert process.returncode == 0

    async def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, (self._folder / "log").read_text()
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"{self.url}/api/v1/health")).is_success
            except httpx.TransportError:
                return False

    async def _run(self, *words: str) -> asyncio.subprocess.Process:
        with (self._folder / "log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "catgem_tui", "central", *words, "--settings", str(self._settings),
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip


@asynccontextmanager
async def advisor_at(url: str) -> AsyncIterator[Desk]:
    async with Desk(url, (await log_in(url, "marisol")).access_token) as desk:
        yield await desk.ready()


async def test_a_chat_survives_the_killing_of_a_real_central(browser: Browser, tmp_path: Path, port: int) -> None:
    central = CentralProcess(tmp_path, port)
    await central.hire("marisol")
    await central.start()
    try:
        async with advisor_at(central.url) as desk:
            await desk.command(SetPresence(presence=Presence.AVAILABLE))
            await browser.do(browser.open)
            await browser.do(browser.begin, "María")
            await browser.do(browser.type, "Uno á 👩🏽‍💻")
            await browser.do(browser.until, browser.settled)
            offered = await desk.until(
                lambda: next((e.body.contact for e in desk.events(ContactChanged) if e.body.contact.advisor), None)
            )
            assert await desk.command(AcceptOffer(contact=offered.id)) is None
            await browser.do(browser.until, lambda: "Marisol" in browser.status() and offered.folio in browser.status())
            assert await desk.command(SendChat(contact=offered.id, text="Dos")) is None
            await browser.do(browser.until, lambda: browser.texts() == ["Uno á 👩🏽‍💻", "Dos"])
            await central.kill()
        await browser.do(browser.type, "Tres")
        await central.start()
        async with advisor_at(central.url) as desk:
            await browser.do(browser.until, browser.settled)
            assert await desk.command(SendChat(contact=offered.id, text="Cuatro")) is None
            await browser.do(browser.until, lambda: len(browser.texts()) == 4)
            assert await browser.do(browser.texts) == ["Uno á 👩🏽‍💻", "Dos", "Tres", "Cuatro"]
            assert await desk.command(EndContact(contact=offered.id)) is None
            await browser.do(browser.until, lambda: browser.find("survey").is_displayed())
            await browser.do(browser.driver.find_element(By.CSS_SELECTOR, "#scores button[value='5']").click)
            await browser.do(browser.until, lambda: browser.find("thanks").text)
            async with client_of(central.url, "marisol") as client:
                detail = msgspec.json.decode((await client.get(f"/contacts/{offered.id}")).content, type=ContactDetail)
        assert [message.text for message in detail.messages] == ["Uno á 👩🏽‍💻", "Dos", "Tres", "Cuatro"]
        assert detail.contact.survey == 5
    finally:
        await central.kill()
