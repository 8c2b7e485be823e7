"""Secrets go into a real keyring or nowhere, and a keyring that hangs holds nobody up."""

import threading
import time
from typing import Any

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from catgem_tui.desk import credentials
from catgem_tui.desk.credentials import Credentials, KeptSession, is_secret

SESSION = KeptSession("ana", "refresh-me")


class Safe(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Broken(Safe):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("locked")


class Hanging(Safe):
    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait(30)
        return None


async def test_a_session_and_a_key_are_kept_for_the_next_start() -> None:
    safe = Safe()
    first = Credentials("http://central", lambda: safe)
    await first.open()
    assert (first.where, first.session) == ("keyring", None)
    await first.keep_session(SESSION)
    key = await first.outbox_key()
    second = Credentials("http://central", lambda: safe)
    await second.open()
    assert second.session == SESSION
    assert await second.outbox_key() == key
    assert key
    elsewhere = Credentials("http://other", lambda: safe)
    await elsewhere.open()
    assert elsewhere.session is None
    await second.forget_session()
    third = Credentials("http://central", lambda: safe)
    await third.open()
    assert third.session is None


async def test_each_kind_of_thing_on_disk_has_a_key_of_its_own() -> None:
    safe = Safe()
    first = Credentials("http://central", lambda: safe)
    await first.open()
    keys = (await first.outbox_key(), await first.directory_key())
    again = Credentials("http://central", lambda: safe)
    await again.open()
    assert (await again.outbox_key(), await again.directory_key()) == keys
    assert keys[0] != keys[1]
    none = Credentials("http://central", lambda: None)
    await none.open()
    assert await none.directory_key() is None


async def test_without_a_keyring_the_session_lives_as_long_as_the_process() -> None:
    none = Credentials("http://central", lambda: None)
    await none.open()
    await none.keep_session(SESSION)
    assert (none.where, none.session, await none.outbox_key()) == ("memory", SESSION, None)


async def test_a_key_that_is_none_is_replaced() -> None:
    safe = Safe()
    safe.kept["catgem", "outbox"] = "nonsense"
    first = Credentials("http://central", lambda: safe)
    await first.open()
    key = await first.outbox_key()
    assert key == await first.outbox_key()
    assert key != b"nonsense"


async def test_a_keyring_that_refuses_gives_no_key() -> None:
    broken = Credentials("http://central", Broken)
    await broken.open()
    await broken.keep_session(SESSION)
    assert (broken.session, await broken.outbox_key()) == (SESSION, None)


async def test_a_keyring_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "LIMIT", 0.1)
    hanging = Hanging()
    locked = Credentials("http://central", lambda: hanging)
    begun = time.monotonic()
    await locked.open()
    assert (locked.where, locked.session) == ("memory", None)
    await locked.keep_session(SESSION)
    assert time.monotonic() - begun < 5
    hanging.released.set()


async def test_choosing_that_fails_is_no_keyring() -> None:
    def choose() -> Any:
        raise RuntimeError("no bus")

    none = Credentials("http://central", choose)
    await none.open()
    assert none.where == "memory"


def test_backends_that_keep_no_secret_are_refused() -> None:
    plain = type("PlaintextKeyring", (Safe,), {"__module__": "keyrings.alt.file"})
    assert [is_secret(b) for b in (Safe(), plain(), null.Keyring(), fail.Keyring())] == [True, False, False, False]


class Locked(Safe):
    """Asks to be unlocked when something is read, and is not; written to it can be."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("locked")


async def test_a_keyring_that_will_not_show_its_key_keeps_it() -> None:
    locked = Locked()
    locked.kept["catgem", "outbox"] = "the key that sealed what is unsent"
    credentials_ = Credentials("http://central", lambda: locked)
    await credentials_.open()
    assert await credentials_.outbox_key() is None
    assert locked.kept["catgem", "outbox"] == "the key that sealed what is unsent"
    assert credentials_.where == "memory"
