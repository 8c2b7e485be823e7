"""INVITEs of ours on their way out: their hosts' addresses are looked up, and they wait for a place in the library."""

import time
from collections.abc import Callable

import pjsua2 as pj

from catgem_tui.phone.engine.library import TOO_MANY, Library, describe_error
from catgem_tui.phone.engine.names import Names, needs_look_up
from catgem_tui.phone.engine.record import CallRecord, add_headers
from catgem_tui.phone.port import Dial, PhoneError

SILENT_PEER_SECONDS = 8.0
"""How long an INVITE may stay without any answer at all. SIP itself gives up after 32 (RFC 3261, timer B)."""


class Outgoing:
    """Every method runs on the library's thread. ``find`` knows the calls by name; ``fail`` ends one with a reason."""

    def __init__(
        self,
        library: Library,
        names: Names,
        find: Callable[[str], CallRecord | None],
        fail: Callable[[CallRecord, str], None],
    ) -> None:
        self._library = library
        self._names = names
        self._find = find
        self._fail = fail
        self._crowded: list[tuple[CallRecord, str]] = []
        """Calls to be made, and where to, as soon as the library has a place. Those whose other side died keep theirs
        until their BYE is answered or has been repeated for half a minute; one more waits as long as an INVITE may stay
        unanswered."""

    def send(self, record: CallRecord, command: Dial) -> None:
        """As soon as it can be. Raises PhoneError ``sip``."""
        if needs_look_up(command.uri):
            record.deadline = time.monotonic() + SILENT_PEER_SECONDS
            self._names.look_up(command.call, command.uri)
            return
        try:
            self._invite(record, command)
        except pj.Error as error:
            raise PhoneError("sip", describe_error(error)) from error

    def go_on(self) -> None:
        """Invite those whose host's address has been found. Called after every poll."""
        while not self._names.found.empty():
            found = self._names.found.get()
            record = self._find(found.call)
            if record is None or record.dial is None or record.leaving or record.invited:
                continue
            if not found.uri:
                record.ended_by_us = False
                self._fail(record, "host not found")
                continue
            try:
                self._invite(record, record.dial, found.uri)
            except pj.Error as error:
                self._fail(record, describe_error(error))

    def make_waiting(self) -> None:
        """Make the calls that found no place in the library before."""
        waiting, self._crowded = self._crowded, []
        for record, target in waiting:
            if record.leaving or record.dial is None or self._find(record.name) is not record:
                continue
            try:
                self._invite(record, record.dial, target)
            except pj.Error as error:
                self._fail(record, describe_error(error))

    def _invite(self, record: CallRecord, command: Dial, target: str = "") -> None:
        """Send the INVITE, to ``target`` if given, or keep it until there is a place. Raises pj.Error."""
        parameters = pj.CallOpParam(True)
        add_headers(parameters, command.headers)
        parameters.txOption.targetUri = target
        if command.caller:
            parameters.txOption.localUri = self._describe_caller(command.caller)
        waited, record.crowded = record.crowded, False
        if not waited:
            record.deadline = time.monotonic() + SILENT_PEER_SECONDS
        record.invited = True
        try:
            record.call.makeCall(command.uri, parameters)
        except pj.Error as error:
            if error.status != TOO_MANY:
                raise
            record.crowded = True
            self._crowded.append((record, target))
        else:
            record.deadline = time.monotonic() + SILENT_PEER_SECONDS

    def _describe_caller(self, user: str) -> str:
        return f'"{user}" <sip:{user}@{self._library.found_at}:{self._library.port}>'
