"""Secrets between two starts: the refresh token and the keys of what is on disk, in the system's keyring or nowhere.

A locked or half-dead keyring service blocks its caller, so every call runs in a daemon thread and is given up after
three seconds; from then on there is no keyring. Backends that write plain text are refused.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

SERVICE = "catgem"
LIMIT = 3.0
"""Seconds the keyring is waited for."""
PLAIN = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")
"""Modules of backends that keep secrets in plain files, or not at all."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class KeptSession(msgspec.Struct, frozen=True):
    """What takes an earlier login up again."""

    username: str
    refresh_token: str


class Credentials:
    """For one central. Nothing here raises; without a keyring the session is remembered by this process only.

    ``anew``: forget the session that an earlier process left.
    """

    def __init__(self, central: str, choose: "Callable[[], Any] | None" = None, *, anew: bool = False) -> None:
        self._central = central
        self._anew = anew
        self._choose = choose_backend if choose is None else choose
        self._backend: Any = None
        self._session: KeptSession | None = None

    @property
    def where(self) -> str:
        """``keyring`` or ``memory``."""
        return "memory" if self._backend is None else "keyring"

    async def open(self) -> None:
        """Look for a keyring and prove that it answers."""
        self._backend = await within_limit(self._choose)
        if self._backend is not None:
            kept = await self._ask(lambda keyring: keyring.get_password(SERVICE, self._central))
            self._session = _read_session(kept)
        if self._anew:
            await self.forget_session()

    @property
    def session(self) -> KeptSession | None:
        return self._session

    async def keep_session(self, session: KeptSession) -> None:
        self._session = session
        text = msgspec.json.encode(session).decode()
        await self._ask(lambda keyring: keyring.set_password(SERVICE, self._central, text))

    async def forget_session(self) -> None:
        if self._session is not None:
            self._session = None
            await self._ask(lambda keyring: keyring.delete_password(SERVICE, self._central))

    async def phone_password(self, address: str) -> str:
        """Of the telephone at its exchange; empty when the keyring has none, or there is no keyring."""
        return await self._ask(lambda keyring: keyring.get_password(SERVICE, address)) or ""

    async def keep_phone_password(self, address: str, password: str) -> None:
        await self._ask(lambda keyring: keyring.set_password(SERVICE, address, password))

    async def outbox_key(self) -> bytes | None:
        """The Fernet key of what is unsent, made at the first call; None without a keyring."""
        return await self._key("outbox")

    async def directory_key(self) -> bytes | None:
        """The key of restricted fields in the directory's copy, 32 bytes as Fernet writes them, made at the first call;
        None without a keyring."""
        return await self._key("directory")

    async def _key(self, name: str) -> bytes | None:
        if self._backend is None:
            return None
        from cryptography.fernet import Fernet

        try:
            kept = await self._put_to_it(lambda keyring: keyring.get_password(SERVICE, name))
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            # A locked keyring may hold a key already: a new one in its place would make what it sealed unreadable.
            log.warning("the keyring does not show the key of the %s: %s", name, type(error).__name__)
            self._backend = None
            return None
        if kept:
            try:
                Fernet(kept)
            except ValueError:
                log.warning("the key of the %s in the keyring is no key; a new one is made", name)
            else:
                return str(kept).encode()
        fresh = Fernet.generate_key().decode()
        await self._ask(lambda keyring: keyring.set_password(SERVICE, name, fresh))
        proof = await self._ask(lambda keyring: keyring.get_password(SERVICE, name))
        return fresh.encode() if proof == fresh else None

    async def _put_to_it(self, question: Callable[[Any], T]) -> T | None:
        """Raises what the keyring raises, and TimeoutError."""
        backend = self._backend
        return await within_limit(lambda: question(backend), strict=True)

    async def _ask(self, question: Callable[[Any], T]) -> T | None:
        if self._backend is None:
            return None
        try:
            return await self._put_to_it(question)
        except TimeoutError:
            log.warning("the keyring does not answer; secrets stay in memory")
            self._backend = None
            return None
        except Exception as error:  # noqa: BLE001 - backends raise what they like: D-Bus, OS and their own errors
            log.warning("the keyring refused: %s", type(error).__name__)
            return None


def choose_backend() -> Any:
    """The first backend of the system's choice that keeps secrets secret, or None."""
    import keyring

    chosen = keyring.get_keyring()
    # A chain falls through to its next member when one fails, so its members are judged one by one.
    members = list(getattr(chosen, "backends", None) or [chosen])
    return next((backend for backend in members if is_secret(backend)), None)


def is_secret(backend: Any) -> bool:
    return not type(backend).__module__.startswith(PLAIN)


def _read_session(kept: str | None) -> KeptSession | None:
    if not kept:
        return None
    try:
        return msgspec.json.decode(kept, type=KeptSession)
    except msgspec.MsgspecError:
        return None


async def within_limit(work: Callable[[], T], *, strict: bool = False, limit: float | None = None) -> T | None:
    """Run blocking work in a daemon thread: an executor's thread would keep the process from ending.

    With ``strict`` what it raises is raised here, and TimeoutError after ``limit`` seconds (``LIMIT``);
    otherwise those are None.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - carried over to the caller
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        async with asyncio.timeout(LIMIT if limit is None else limit):
            return await done
    except Exception:  # backends raise what they like: D-Bus, OS and their own errors
        if strict:
            raise
        log.warning("no keyring", exc_info=True)
        return None
