"""The library's calls and accounts, which only tell what happens to them."""

from typing import Any, Protocol

import pjsua2 as pj

from catgem_tui.phone.engine import sip
from catgem_tui.phone.engine.guard import guarded


class Listener(Protocol):
    """Whoever looks after the calls. Everything is told on the library's thread."""

    def on_incoming(self, called: "Identity", number: int, message: str, source: str) -> None: ...

    def on_state(self, call: "Call") -> None: ...

    def on_media(self, call: "Call") -> None: ...

    def on_digit(self, call: "Call", digit: str) -> None: ...

    def on_transfer(self, call: "Call", code: int, reason: str) -> None: ...


class Call(pj.Call):  # type: ignore[misc]
    def __init__(self, listener: Listener, account: Any, name: str, identity: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, identity)
        self._listener = listener
        self.name = name
        self.identity = account

    @guarded
    def onCallState(self, prm: Any) -> None:
        self._listener.on_state(self)

    @guarded
    def onCallMediaState(self, prm: Any) -> None:
        self._listener.on_media(self)

    @guarded
    def onDtmfDigit(self, prm: Any) -> None:
        self._listener.on_digit(self, str(prm.digit))

    def onCallTransferRequest(self, prm: Any) -> None:
        # Left alone the library obeys, and calls whomever the other side names, with our microphone.
        prm.statusCode = pj.PJSIP_SC_DECLINE

    def onCallReplaceRequest(self, prm: Any) -> None:
        # Left alone the library lets the stranger in, past the gate, in the place of whom we talk with.
        prm.statusCode = pj.PJSIP_SC_DECLINE

    @guarded
    def onCallTransferStatus(self, prm: Any) -> None:
        self._listener.on_transfer(self, int(prm.statusCode), sip.clean(prm.reason))

    def onCallRedirected(self, prm: Any) -> int:
        return int(pj.PJSIP_REDIRECT_ACCEPT)


class Identity(pj.Account):  # type: ignore[misc]
    """Who we are: in our own name, or at a registrar."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    @guarded
    def onIncomingCall(self, prm: Any) -> None:
        received = prm.rdata
        self._listener.on_incoming(self, prm.callId, sip.clean(received.wholeMsg), str(received.srcAddress))
