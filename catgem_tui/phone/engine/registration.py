"""Being registered at a registrar (RFC 3261, 10), and staying so through whatever becomes of the network.

The library's own timer is not used: it waits five minutes after a failure and keeps quiet about a registrar that
restarted. Here a REGISTER goes out every few seconds, which is the line's heartbeat as well.
"""

import logging
import random
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine import sip
from catgem_tui.phone.engine.call import Identity
from catgem_tui.phone.engine.calls import Calls
from catgem_tui.phone.engine.guard import guarded
from catgem_tui.phone.engine.library import (
    Library,
    create_account_config,
    describe_error,
    drop_connections,
    move,
    open_transport_for,
)
from catgem_tui.phone.engine.whereabouts import Watch
from catgem_tui.phone.port import PhoneError, PhoneEvent, Register, Registered, RegistrationChanged

_log = logging.getLogger(__name__)

REFRESH_SECONDS = 3.0
"""Between two REGISTERs that succeed: a registrar that forgot us knows us again so soon."""
EXPIRES_SECONDS = 60
"""What is asked of the registrar: an engine that died is forgotten by then."""
ANSWER_SECONDS = 2.0
"""A registrar that has not answered by then is told of as unreachable. The REGISTER is repeated every two seconds
(``library.REPEAT_MS``) for another half minute (RFC 3261, 17.1.2.2): a network that returns is noticed within that."""
CONNECTION_SECONDS = 5.0
"""A connection that brings no answer by then is given up for another. The system repeats what is lost on one ever more
rarely (RFC 6298, 5.5), and would find out after half a minute only that the network is back; five round trips of a
slow line, to connect by TLS and to register, take less."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0
"""Seconds between two tries that fail; they double, and each is up to half shorter by chance (a centre's telephones
all lose the same registrar)."""
LONGEST_SILENCE = 3.0
"""The same for a registrar that cannot be reached: whoever waits longer does not notice within five seconds that the
network is back."""
REFUSED = frozenset({401, 403, 404, 407})
"""Answers to credentials or an address that the registrar does not take."""
LOOK_SECONDS = 1.0
_BUSY = 171001
"""PJSIP_EBUSY: the library asks by itself after the address has changed; its answer is as good as one to us."""


class Registration:
    """Every method runs on the library's thread."""

    def __init__(self, library: Library, calls: Calls, emit: Callable[[PhoneEvent], None]) -> None:
        self._library = library
        self._calls = calls
        self._emit = emit
        self._command: Register | None = None
        self._identity: _Registered | None = None
        self._former: list[_Registered] = []
        """Identities of connections that broke, while calls are in their names."""
        library.endpoint.connection_lost = self._lose_connection
        self._connected = True
        self._told: RegistrationChanged | None = None
        self._due = 0.0
        self._asked_at: float | None = None
        self._failures = 0
        self._watch = Watch()
        self._looked_at = 0.0

    @property
    def wanted(self) -> bool:
        """Whether it looks after the network."""
        return self._identity is not None

    def register(self, command: Register) -> None:
        """Raises PhoneError ``bad_uri``, ``sip``."""
        for uri in (command.uri, command.registrar):
            sip.check_uri(uri)
            if self._library.endpoint.utilVerifySipUri(uri) != pj.PJ_SUCCESS:
                raise PhoneError("bad_uri", uri)
        self.leave()
        self._command = command
        self._identify(command)
        self._watch = Watch(sip.split_host(command.registrar)[1])
        self._failures, self._due, self._asked_at = 0, 0.0, None
        self._tell(Registered.TRYING)
        self.look()

    def _identify(self, command: Register) -> None:
        """Raises PhoneError."""
        try:
            self._identity = _Registered(self._library, self._calls, command, self._answered)
        except pj.Error as error:
            raise PhoneError("sip", describe_error(error)) from error
        self._connected = True
        self._calls.call_as(self._identity)

    def leave(self) -> None:
        """Take the registration back, as far as the registrar can be reached."""
        if self._identity is None:
            return
        self._calls.call_as(None)
        for identity in (self._identity, *self._former):
            identity.leave()
        self._identity, self._former = None, []
        self._tell(Registered.NOT)

    def look(self) -> None:
        """Send what is due, and notice that no answer came, or that the network changed. Called five times a second."""
        if self._identity is None:
            return
        now = time.monotonic()
        self._let_go()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            if self._watch.has_changed():
                _log.info("the network is another one")
                self._begin_anew()
        if self._asked_at is None:
            if now >= self._due:
                self._ask(now)
            return
        silent = now - self._asked_at
        if silent > ANSWER_SECONDS and self._is(Registered.TRYING, Registered.YES):
            self._tell(Registered.UNREACHABLE, 408)
        if silent > CONNECTION_SECONDS and self._identity.needs_connection:
            drop_connections(self._library)

    def wake(self) -> None:
        """This machine slept: what was connected may be so no more, we may be forgotten, and calls be over."""
        if self._identity is not None:
            _log.info("awake again")
            self._begin_anew()

    def _begin_anew(self) -> None:
        move(self._library)
        self._due, self._failures = time.monotonic(), 0
        self._tell(Registered.TRYING)

    def _ask(self, now: float) -> None:
        if self._identity is None or self._command is None:
            return
        self._asked_at = now  # first: the answer to what cannot be sent comes before ``ask`` returns
        try:
            if not self._connected:
                # The library goes on naming the port of the connection that broke as the place where we are found.
                former = self._identity
                self._identify(self._command)
                self._former.append(former)
            self._identity.ask()
        except (pj.Error, PhoneError) as error:
            if getattr(error, "status", 0) == _BUSY:
                return
            if self._asked_at is not None:
                self._asked_at = None
                self._fail(503, describe_error(error))

    def _lose_connection(self) -> None:
        if self._identity is not None and self._identity.needs_connection:
            self._connected = False
            self._due, self._asked_at = time.monotonic() + random.uniform(0.0, 0.5), None  # noqa: S311 - not a secret

    def _let_go(self) -> None:
        for identity in [one for one in self._former if not self._calls.are_of(one)]:
            self._former.remove(identity)
            identity.leave()

    def _answered(self, code: int, reason: str, source: str) -> None:
        self._asked_at = None
        if 200 <= code < 300:
            self._calls.trust(source)
            self._failures = 0
            self._due = time.monotonic() + REFRESH_SECONDS
            self._tell(Registered.YES, code)
        else:
            self._fail(code, reason)

    def _fail(self, code: int, reason: str) -> None:
        longest = LONGEST_PAUSE if code in REFUSED else LONGEST_SILENCE
        pause = min(longest, FIRST_PAUSE * 2**self._failures)
        self._failures = min(self._failures + 1, 8)
        self._due = time.monotonic() + pause * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
        self._tell(Registered.REFUSED if code in REFUSED else Registered.UNREACHABLE, code, reason)

    def _is(self, *states: Registered) -> bool:
        return self._told is not None and self._told.state in states

    def _tell(self, state: Registered, code: int = 0, reason: str = "") -> None:
        if not self._is(state) or (self._told is not None and self._told.code != code):
            self._told = RegistrationChanged(state=state, code=code, reason=reason)
            self._emit(self._told)


class _Registered(Identity):
    def __init__(
        self, library: Library, calls: Calls, command: Register, answered: Callable[[int, str, str], None]
    ) -> None:
        """Raises pj.Error, PhoneError."""
        super().__init__(calls)
        self._answered = answered
        self.needs_connection = open_transport_for(library, command.registrar)
        config = create_account_config(library)
        config.idUri = command.uri
        config.sipConfig.transportId = -1
        config.regConfig.registrarUri = command.registrar
        config.regConfig.registerOnAdd = False
        config.regConfig.timeoutSec = EXPIRES_SECONDS
        config.regConfig.retryIntervalSec = 0
        config.regConfig.delayBeforeRefreshSec = 1
        config.regConfig.unregWaitMsec = 500
        config.natConfig.sipOutboundUse = 0
        config.ipChangeConfig.shutdownTp = True
        config.sipConfig.authCreds.append(
            pj.AuthCredInfo("digest", command.realm, command.user or sip.find_user(command.uri), 0, command.password)
        )
        self.create(config)

    def ask(self) -> None:
        """Raises pj.Error."""
        self.setRegistration(True)

    def leave(self) -> None:
        self._answered = lambda code, reason, source: None
        try:
            self.shutdown()
        except pj.Error as error:
            _log.info("leaving the registrar: %s", describe_error(error))

    @guarded
    def onRegState(self, prm: Any) -> None:
        self._answered(int(prm.code), sip.clean(prm.reason), str(prm.rdata.srcAddress))
