"""How calls travel between fake telephones: through an exchange in memory, past the gate of whom they reach."""

import asyncio
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catgem_tui.phone import port
from catgem_tui.phone.fake.sound import FakeSound
from catgem_tui.phone.port import (
    TOKEN_HEADER,
    CallArrived,
    CallChanged,
    CallState,
    EngineSettings,
    Gate,
    PhoneError,
    PhoneEvent,
)

URI = re.compile(r"^sips?:(?:([^@\s<>]+)@)?([^@\s<>;:]+(?::\d+)?)(?:;\S*)?$", re.IGNORECASE)
_DIGITS = frozenset("0123456789ABCDabcd*#")
_FIRST_PORT = 15060
KNOCK_SECONDS = 2.0
"""How long a call with an unknown token waits for its announcement."""
MAX_CALLS = 4


class Exchange:
    """Where fakes find each other, by host and port."""

    def __init__(self) -> None:
        self.phones: dict[str, FakeCalls] = {}
        self.ports = itertools.count(_FIRST_PORT)


@dataclass(eq=False)
class Leg:
    """One side of a call. A scripted call has no telephone at its other end."""

    name: str
    calls: "FakeCalls"
    incoming: bool
    dial: port.Dial | None = None
    state: CallState = CallState.DIALLING
    held: bool = False
    peer: "Leg | None" = None
    """Set while the two know of each other."""

    def is_known(self) -> bool:
        """Whether its telephone still has it."""
        return self.calls.legs.get(self.name) is self


class FakeCalls:
    """One telephone's calls, until its engine dies: the next one has others."""

    def __init__(
        self,
        settings: EngineSettings,
        exchange: Exchange,
        names: Iterator[int],
        emit: Callable[[PhoneEvent], None],
    ) -> None:
        self.legs: dict[str, Leg] = {}
        self.sound = FakeSound(self.legs.__contains__, emit)
        self._settings = settings
        self._exchange = exchange
        self._emit = emit
        self._names = names
        self._expected: dict[str, port.Expect] = {}
        self._knocking: dict[str, Leg] = {}
        """Callers' legs that wait for their token's announcement."""

    # --- the script ---

    def ring(self, caller: str, headers: dict[str, str]) -> str:
        leg = self._admit(f"in-{next(self._names)}", incoming=True)
        self._announce(leg, port.Dial(call="", uri="", caller=caller, headers=headers), caller)
        return leg.name

    def change(self, call: str, state: CallState, code: int) -> None:
        leg = self._find(call)
        if state is CallState.ENDED:
            self._finish(leg, code or 200)
        else:
            self._move(leg, state, code)

    def press(self, call: str, digits: str) -> None:
        self._find(call)
        for digit in digits:
            self._emit(port.DigitReceived(call=call, digit=digit))

    def vanish(self) -> None:
        """As those of an engine that is killed: nobody at their other ends hears of it."""
        for leg in self.legs.values():
            if leg.peer is not None:
                leg.peer.peer = None
        self.legs.clear()
        self.sound.fall_silent()

    # --- commands ---

    def dial(self, command: port.Dial) -> None:
        if command.call in self.legs:
            raise PhoneError("sip", f"the name {command.call} is taken")
        if len(self.legs) >= self._max_calls():
            raise PhoneError("too_many_calls")
        if not URI.match(command.uri):
            raise PhoneError("bad_uri", command.uri)
        if any(character < " " for value in command.headers.values() for character in value):
            raise PhoneError("sip", "a header holds control characters")
        leg = self._admit(command.call, incoming=False)
        leg.dial = command
        if command.sound:
            self.sound.connect_call(leg.name)
        self._move(leg, CallState.DIALLING, 0)
        self._reach(leg, command.uri)

    def _reach(self, leg: Leg, uri: str) -> None:
        """Find who is called and let them ring, or tell why not."""
        match = URI.match(uri)
        user, place = match.groups() if match else ("", "")
        other = self._exchange.phones.get(place)
        if other is None or leg.dial is None:
            self._finish(leg, 408)
            return
        token = _find_token(leg.dial)
        expected = other._expected.pop(token, None)
        if expected is not None or other._settings.gate is Gate.OPEN:
            other._let_in(leg, user or "", auto_answer=expected is not None and expected.auto_answer)
        elif token:
            other._knocking[token] = leg
            asyncio.get_running_loop().call_later(KNOCK_SECONDS, other._turn_away, token, leg)
        else:
            self._finish(leg, 403)

    def expect(self, command: port.Expect) -> None:
        leg = self._knocking.pop(command.token, None)
        if leg is not None and leg.is_known():
            self._let_in(leg, self._settings.user, auto_answer=command.auto_answer)
        else:
            self._expected[command.token] = command

    def _turn_away(self, token: str, leg: Leg) -> None:
        if self._knocking.pop(token, None) is leg and leg.is_known():
            leg.calls._finish(leg, 403)

    def _let_in(self, leg: Leg, dialled: str, *, auto_answer: bool) -> None:
        """Let another phone's leg ring here."""
        caller = leg.calls
        if leg.dial is None or len(self.legs) >= self._max_calls():
            caller._finish(leg, 486)
            return
        arrived = self._admit(f"in-{next(self._names)}", incoming=True)
        leg.peer, arrived.peer = arrived, leg
        self._announce(arrived, leg.dial, leg.dial.caller or caller._settings.user, dialled, _find_token(leg.dial))
        caller._move(leg, CallState.RINGING, 180)
        if auto_answer:
            self._confirm(arrived)

    def answer(self, command: port.Answer) -> None:
        leg = self._find(command.call)
        if not leg.incoming or leg.state is not CallState.RINGING:
            raise PhoneError("sip", "not an unanswered incoming call")
        if command.sound:
            self.sound.connect_call(leg.name)
        self._confirm(leg)

    def _confirm(self, leg: Leg) -> None:
        self._move(leg, CallState.CONFIRMED, 200)
        if leg.peer is not None:
            leg.peer.calls._move(leg.peer, CallState.CONFIRMED, 200)

    def hang_up(self, command: port.HangUp) -> None:
        self._hang_up(self._find(command.call), command.code)

    def hang_up_all(self) -> None:
        for leg in list(self.legs.values()):
            self._hang_up(leg, 486)

    def _hang_up(self, leg: Leg, code: int) -> None:
        peer, leg.peer = leg.peer, None
        if leg.state is CallState.CONFIRMED:
            code = 200
        elif not leg.incoming:
            code = 487
        self._finish(leg, code, by_us=True)
        if peer is not None:
            peer.peer = None
            peer.calls._finish(peer, code)

    def redirect(self, command: port.Redirect) -> None:
        leg = self._find(command.call)
        if not leg.incoming or leg.state is not CallState.RINGING:
            raise PhoneError("sip", "not an unanswered incoming call")
        if not URI.match(command.uri):
            raise PhoneError("bad_uri", command.uri)
        peer, leg.peer = leg.peer, None
        self._finish(leg, 302, by_us=True)
        if peer is not None:
            peer.peer = None
            peer.calls._reach(peer, command.uri)

    def send_digits(self, command: port.SendDigits) -> None:
        leg = self._find_confirmed(command.call)
        if not command.digits or not _DIGITS.issuperset(command.digits):
            raise PhoneError("sip", "not digits")
        if leg.peer is not None:
            leg.peer.calls.press(leg.peer.name, command.digits)

    def hold(self, name: str, *, held: bool) -> None:
        leg = self._find_confirmed(name)
        if leg.held is not held:
            leg.held = held
            self._tell(leg, 200)
            if leg.peer is not None:
                leg.peer.calls._tell(leg.peer, 200)

    def transfer(self, command: port.Transfer) -> None:
        leg = self._find_confirmed(command.call)
        if bool(command.uri) == bool(command.to):
            raise PhoneError("sip", "a transfer goes to an address or to another call")
        if command.to:
            self._find_confirmed(command.to)
        elif not URI.match(command.uri):
            raise PhoneError("bad_uri", command.uri)
        if leg.peer is not None:
            # A telephone of ours never does what a caller asks of it; what a scripted one answers the script says.
            self._emit(port.TransferChanged(call=leg.name, code=603))

    # --- inside ---

    def _max_calls(self) -> int:
        return min(self._settings.max_calls, MAX_CALLS)

    def _find(self, name: str) -> Leg:
        leg = self.legs.get(name)
        if leg is None:
            raise PhoneError("no_such_call", name)
        return leg

    def _find_confirmed(self, name: str) -> Leg:
        leg = self._find(name)
        if leg.state is not CallState.CONFIRMED:
            raise PhoneError("sip", f"{name} is not in conversation")
        return leg

    def _admit(self, name: str, *, incoming: bool) -> Leg:
        leg = Leg(name, self, incoming)
        self.legs[name] = leg
        return leg

    def _announce(self, leg: Leg, dial: port.Dial, caller: str, dialled: str = "", token: str = "") -> None:
        headers = {name: value for name, value in dial.headers.items() if name.lower().startswith("x-")}
        uri = f"sip:{caller}@{self._settings.host}"
        self._emit(
            CallArrived(
                call=leg.name,
                caller=caller,
                dialled=dialled or self._settings.user,
                caller_uri=uri,
                name=dial.caller,
                token=token,
                headers=headers,
            )
        )
        self._move(leg, CallState.RINGING, 180)

    def _move(self, leg: Leg, state: CallState, code: int) -> None:
        leg.state = state
        self._tell(leg, code)

    def _tell(self, leg: Leg, code: int) -> None:
        holds_us = leg.peer is not None and leg.peer.held
        media = leg.state is CallState.CONFIRMED and not leg.held and not holds_us
        self._emit(
            CallChanged(call=leg.name, state=leg.state, code=code, media=media, held=leg.held, holds_us=holds_us)
        )

    def _finish(self, leg: Leg, code: int, *, by_us: bool = False) -> None:
        self.legs.pop(leg.name, None)
        self.sound.drop(leg.name)
        self._emit(CallChanged(call=leg.name, state=CallState.ENDED, code=code, by_us=by_us))


def _find_token(dial: port.Dial) -> str:
    return next((value for name, value in dial.headers.items() if name.lower() == TOKEN_HEADER.lower()), "")
