"""Handing calls on (REFER, RFC 3515), and what the other side tells of it, if it tells anything."""

import time
from collections.abc import Callable

import pjsua2 as pj

from catgem_tui.phone.engine import sip
from catgem_tui.phone.engine.library import attempt
from catgem_tui.phone.engine.record import CallRecord
from catgem_tui.phone.port import PhoneEvent, TransferChanged

WORDLESS_SECONDS = 32.0
"""How long the other side may take a REFER without a word of how it goes (RFC 6665, 4.1.2.4: timer N)."""
RINGING_SECONDS = 60.0
"""How long after its last word whom it calls may ring. RFC 3261 (16.6, timer C) would wait three minutes; but there are
telephones whose last word cannot be read (linphone 5.1: ``Subscription-State: terminated;reason=reason=…``)."""
_NOT_REQUIRED = 1
"""PJSUA_XFER_NO_REQUIRE_REPLACES, which the library's Python leaves out: a telephone that knows no Replaces takes the
call as one more, where it would refuse one that requires it (420; RFC 5589, 7.3)."""


class Transfers:
    """Every method runs on the library's thread."""

    def __init__(self, emit: Callable[[PhoneEvent], None]) -> None:
        self._emit = emit
        self._deadlines: dict[str, float] = {}
        """When those under way, by call, count as untold."""

    def ask(self, record: CallRecord, uri: str) -> None:
        """Blind. Raises PhoneError ``bad_uri``, ``sip``."""
        sip.check_uri(uri)
        attempt(record.call.xfer, uri, pj.CallOpParam(True))
        self._deadlines[record.name] = time.monotonic() + WORDLESS_SECONDS

    def ask_to_replace(self, record: CallRecord, other: CallRecord) -> None:
        """The other side of one call takes our place in another (RFC 3891). Raises PhoneError ``sip``."""
        parameters = pj.CallOpParam(True)
        parameters.options = _NOT_REQUIRED
        attempt(record.call.xferReplaces, other.call, parameters)
        self._deadlines[record.name] = time.monotonic() + WORDLESS_SECONDS

    def hear(self, name: str, code: int, reason: str) -> None:
        if code >= 200:
            self._deadlines.pop(name, None)
        elif name in self._deadlines:
            self._deadlines[name] = time.monotonic() + RINGING_SECONDS
        self._emit(TransferChanged(call=name, code=code, reason=reason))

    def forget(self, name: str) -> None:
        """Its call is over."""
        self._deadlines.pop(name, None)

    def look(self) -> None:
        """Tell of those that nobody told of in time."""
        now = time.monotonic()
        for name in [name for name, deadline in self._deadlines.items() if now >= deadline]:
            del self._deadlines[name]
            self._emit(TransferChanged(call=name, code=0))
