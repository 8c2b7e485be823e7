"""SIP calls: what is ordered of them, what becomes of them, and their ports on the bridge."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from catgem_tui.phone.engine import sip
from catgem_tui.phone.engine.call import Call, Identity
from catgem_tui.phone.engine.floodgate import Floodgate
from catgem_tui.phone.engine.gate import HURRY_SECONDS, KNOCK_SECONDS, MAX_KNOCKING, Gatekeeper, Pace
from catgem_tui.phone.engine.library import MAX_CALLS, TOO_MANY, Library, attempt, create_account_config, describe_error
from catgem_tui.phone.engine.mixer import Mixer
from catgem_tui.phone.engine.names import Names
from catgem_tui.phone.engine.outgoing import Outgoing
from catgem_tui.phone.engine.record import CallRecord, add_headers, find_audio
from catgem_tui.phone.engine.transfers import Transfers
from catgem_tui.phone.port import (
    SOUND,
    TOKEN_HEADER,
    Answer,
    CallArrived,
    CallChanged,
    CallState,
    Dial,
    DigitReceived,
    DigitsBy,
    EngineSettings,
    Expect,
    HangUp,
    Hold,
    PhoneError,
    PhoneEvent,
    Redirect,
    Resume,
    SendDigits,
    Transfer,
)

_log = logging.getLogger(__name__)

HANG_UP_SECONDS = 2.0
"""How long the other side has to take note that we hung up."""
ACKNOWLEDGE_SECONDS = 33.0
"""How long an answered call may go without the ACK: as long as the 200 is repeated (RFC 3261, 13.3.1.4: 64 times T1).
The library would abort when its session timer meets such a call."""
_DIGITS = frozenset("0123456789ABCDabcd*#")
_DIGIT_METHODS = {DigitsBy.RFC_4733: pj.PJSUA_DTMF_METHOD_RFC2833, DigitsBy.INFO: pj.PJSUA_DTMF_METHOD_SIP_INFO}


class Calls:
    """Every method runs on the library's thread."""

    def __init__(
        self,
        library: Library,
        settings: EngineSettings,
        mixer: Mixer,
        names: Names,
        emit: Callable[[PhoneEvent], None],
    ) -> None:
        self._library = library
        self._mixer = mixer
        self.floodgate = Floodgate(library.port, settings.trusted)
        self._emit = emit
        self._gatekeeper = Gatekeeper(settings)
        self._pace = Pace()
        self.transfers = Transfers(emit)
        self._max_calls = min(settings.max_calls, MAX_CALLS)
        self._records: dict[str, CallRecord] = {}
        self._ended: list[Call] = []
        self.outgoing = Outgoing(library, names, self._records.get, lambda record, why: self._finish(record, 503, why))
        self._self = Identity(self)
        self._self.create(create_account_config(library))
        self._registered: Identity | None = None

    # --- commands ---

    def call_as(self, identity: Identity | None) -> None:
        """Calls that are made from now on come from this identity; from our own where there is none."""
        self._registered = identity
        self._gatekeeper.trust("")

    def trust(self, address: str) -> None:
        """The registrar has taken us, from this address and port: what it sends us from there is let in."""
        self._gatekeeper.trust(address)

    def are_of(self, identity: Identity) -> bool:
        """Whether any call is in this identity's name."""
        return any(record.call.identity is identity for record in self._records.values())

    def expect(self, command: Expect) -> None:
        for record in self._records.values():
            if record.knocking == command.token and not record.leaving:
                self._let_in(record, auto_answer=command.auto_answer)
                return
        self._gatekeeper.expect(command)

    def dial(self, command: Dial) -> None:
        """Raises PhoneError ``too_many_calls``, ``bad_uri``, ``sip``."""
        if command.call in self._mixer:
            raise PhoneError("sip", f"the name {command.call} is taken")
        if self._count() >= self._max_calls or self._pace.is_hurried():
            raise PhoneError("too_many_calls")
        sip.check_uri(command.uri)
        sip.check_headers(command.headers)
        if self._library.endpoint.utilVerifySipUri(command.uri) != pj.PJ_SUCCESS:
            raise PhoneError("bad_uri", command.uri)
        if command.caller:
            sip.check_uri(command.caller)
        call = Call(self, self._registered or self._self, command.call)
        record = CallRecord(command.call, call, dial=command)
        self._pace.note()
        self._admit(record, sound=command.sound)
        try:
            self.outgoing.send(record, command)
        except PhoneError:
            self._forget(record)
            raise
        self._change(record, CallState.DIALLING, 0, "")

    def answer(self, command: Answer) -> None:
        """Raises PhoneError ``no_such_call``, ``sip``."""
        record = self._find(command.call)
        if command.sound:
            self._connect_sound(record)
        self._respond(record, 200)

    def hang_up(self, command: HangUp) -> None:
        """Raises PhoneError ``no_such_call``."""
        self._end(self._find(command.call), command.code)

    def redirect(self, command: Redirect) -> None:
        """Raises PhoneError ``no_such_call``, ``bad_uri``, ``sip``."""
        record = self._find(command.call)
        sip.check_uri(command.uri)
        record.leaving = record.ended_by_us = True
        self._respond(record, 302, {"Contact": f"<{command.uri}>"})

    def send_digits(self, command: SendDigits) -> None:
        """Raises PhoneError ``no_such_call``, ``sip``."""
        record = self._find(command.call)
        if not command.digits or not _DIGITS.issuperset(command.digits):
            raise PhoneError("sip", f"not digits: {command.digits}")
        method = _DIGIT_METHODS[command.by]
        record.digits.extend((digit, method) for digit in command.digits)
        self._send_digits_of(record)

    def send_waiting_digits(self) -> None:
        """Those that the library has room for by now."""
        for record in list(self._records.values()):
            try:
                self._send_digits_of(record)
            except PhoneError as error:
                _log.warning("digits of %s: %s", record.name, error)

    def _send_digits_of(self, record: CallRecord) -> None:
        """Raises PhoneError ``sip``; then none of those that wait is sent."""
        while record.digits:
            parameters = pj.CallSendDtmfParam()
            parameters.digits, parameters.method = record.digits[0]
            try:
                record.call.sendDtmf(parameters)
            except pj.Error as error:
                if error.status == TOO_MANY:
                    return
                record.digits.clear()
                raise PhoneError("sip", describe_error(error)) from error
            record.digits.popleft()

    def hold(self, command: Hold) -> None:
        """Raises PhoneError ``no_such_call``, ``sip``."""
        record = self._find_confirmed(command.call)
        if not record.held:
            attempt(record.call.setHold, pj.CallOpParam(True))

    def resume(self, command: Resume) -> None:
        """Raises PhoneError ``no_such_call``, ``sip``."""
        record = self._find_confirmed(command.call)
        if record.held:
            parameters = pj.CallOpParam(True)
            parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
            attempt(record.call.reinvite, parameters)

    def transfer(self, command: Transfer) -> None:
        """Raises PhoneError ``no_such_call``, ``bad_uri``, ``sip``."""
        record = self._find_confirmed(command.call)
        if bool(command.uri) == bool(command.to):
            raise PhoneError("sip", "a transfer goes to an address or to another call")
        if command.to:
            self.transfers.ask_to_replace(record, self._find_confirmed(command.to))
        else:
            self.transfers.ask(record, command.uri)

    def end_all(self) -> None:
        for record in list(self._records.values()):
            self._end(record, 486)

    def ask_after_all(self) -> None:
        """A re-INVITE into each call: of one that the other side has ended and forgotten it says so (481), and it ends
        here too (RFC 3261, 12.2.1.2)."""
        for name, call in self.confirmed():
            try:
                call.reinvite(pj.CallOpParam(True))
            except pj.Error as error:
                _log.info("asking after %s: %s", name, describe_error(error))

    def is_idle(self) -> bool:
        return not self._records

    def confirmed(self) -> list[tuple[str, Any]]:
        """Name and call of those in conversation."""
        return [(r.name, r.call) for r in self._records.values() if r.state is CallState.CONFIRMED]

    def enforce_deadlines(self) -> None:
        """End calls whose time is up: refused ones, and those whose other side left our INVITE, 200 or BYE hanging."""
        now = time.monotonic()
        for record in list(self._records.values()):
            if record.deadline is None or now < record.deadline:
                continue
            if record.leaving:
                self._finish(record, *record.codes)
            elif record.crowded:
                self._finish(record, 0, "")
            elif record.incoming and not record.told:
                self._end(record, record.codes[0])
            else:
                record.codes = (408, "Request Timeout")
                self._end(record, 408, by_us=False)

    def let_go(self) -> None:
        """Destroy ended calls, outside their callbacks.

        The library's destructor hangs up whatever call has the same number by then, so an ended one waits until its
        number is free.
        """
        taken = {record.call.getId() for record in self._records.values()}
        self._ended = [call for call in self._ended if call.getId() in taken]

    # --- the library's callbacks ---

    def on_incoming(self, called: Identity, number: int, message: str, source: str) -> None:
        self.floodgate.note(source)
        name = f"in-{secrets.token_hex(6)}"
        call = Call(self, called, name, number)
        headers = sip.read_extension_headers(message)
        token = sip.find_header(headers, TOKEN_HEADER)
        welcome = self._gatekeeper.find_welcome(token, source)
        record = CallRecord(name, call, incoming=True, told=False, state=CallState.RINGING, message=message)
        self._records[name] = record
        self._pace.note()
        if welcome is not None:
            self._let_in(record, auto_answer=welcome.auto_answer)
        elif token and sum(1 for other in self._records.values() if other.knocking) < MAX_KNOCKING:
            record.knocking, record.codes = token, (403, "")
            record.deadline = time.monotonic() + KNOCK_SECONDS
        else:
            self._refuse(record, 403)

    def _let_in(self, record: CallRecord, *, auto_answer: bool) -> None:
        """Tell the client of an incoming call and let it ring."""
        message, record.message, record.knocking, record.deadline = record.message, "", "", None
        if self._count() >= self._max_calls:
            self._refuse(record, 486)
            return
        record.told, record.codes = True, (0, "")
        self._admit(record, sound=False)
        headers = sip.read_extension_headers(message)
        information = record.call.getInfo()
        display, uri = sip.split_address(sip.clean(information.remoteUri))
        self._emit(
            CallArrived(
                call=record.name,
                caller=sip.find_user(uri),
                dialled=sip.find_user(sip.read_request_uri(message)),
                caller_uri=uri,
                name=display,
                token=sip.find_header(headers, TOKEN_HEADER),
                headers=headers,
            )
        )
        self._respond(record, 200 if auto_answer else 180)

    def on_state(self, call: Call) -> None:
        record = self._records.get(call.name)
        if record is None:
            return
        information = call.getInfo()
        code, reason = int(information.lastStatusCode), sip.clean(information.lastReason)
        state = information.state
        if state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._finish(record, *(record.codes if record.leaving and not record.ended_by_us else (code, reason)))
        elif record.leaving:
            return
        elif state == pj.PJSIP_INV_STATE_CONFIRMED:
            record.deadline = None
            self._change(record, CallState.CONFIRMED, code, reason)
        elif state == pj.PJSIP_INV_STATE_EARLY:
            record.deadline = None
            self._change(record, CallState.RINGING, code, reason)

    def on_media(self, call: Call) -> None:
        record = self._records.get(call.name)
        if record is None or record.leaving:
            return
        audio = find_audio(call, self._library.g722_gain)
        if audio.port is None:
            self._mixer.detach(record.name)
        else:
            self._mixer.attach(record.name, audio.port)
        if (audio.flows, audio.held, audio.holds_us) != (record.media, record.held, record.holds_us):
            record.media, record.held, record.holds_us = audio.flows, audio.held, audio.holds_us
            self._tell(record, *record.codes)

    def on_digit(self, call: Call, digit: str) -> None:
        record = self._records.get(call.name)
        if record is not None and record.told:
            self._emit(DigitReceived(call=record.name, digit=digit))

    def on_transfer(self, call: Call, code: int, reason: str) -> None:
        record = self._records.get(call.name)
        if record is not None and not record.leaving:
            self.transfers.hear(record.name, code, reason)

    # --- inside ---

    def _refuse(self, record: CallRecord, code: int) -> None:
        """Soon, but never within the library's callback: it aborts when an INVITE without SDP is hung up there."""
        pause = HURRY_SECONDS if self._pace.is_hurried() else 0.0
        record.codes, record.deadline = (code, ""), time.monotonic() + pause

    def _count(self) -> int:
        return sum(1 for record in self._records.values() if record.told and not record.leaving)

    def _find(self, name: str) -> CallRecord:
        record = self._records.get(name)
        if record is None or not record.told or record.leaving:
            raise PhoneError("no_such_call", name)
        return record

    def _find_confirmed(self, name: str) -> CallRecord:
        record = self._find(name)
        if record.state is not CallState.CONFIRMED:
            raise PhoneError("sip", f"{name} is not in conversation")
        return record

    def _admit(self, record: CallRecord, *, sound: bool) -> None:
        self._records[record.name] = record
        self._mixer.add(record.name, source=True, sink=True)
        if sound:
            self._connect_sound(record)

    def _connect_sound(self, record: CallRecord) -> None:
        self._mixer.connect(record.name, SOUND)
        self._mixer.connect(SOUND, record.name)

    def _respond(self, record: CallRecord, code: int, headers: dict[str, str] | None = None) -> None:
        parameters = pj.CallOpParam(True)
        parameters.statusCode = code
        add_headers(parameters, headers or {})
        if code == pj.PJSIP_SC_OK:
            record.deadline = time.monotonic() + ACKNOWLEDGE_SECONDS
        attempt(record.call.answer, parameters)

    def _end(self, record: CallRecord, code: int, *, by_us: bool = True) -> None:
        if record.leaving:
            return
        record.leaving, record.ended_by_us = True, by_us
        record.deadline = time.monotonic() + HANG_UP_SECONDS
        # While the port is still on the bridge: the library takes it off at once, and cutting a wire of a port that
        # is gone (its number is -1 by then) cuts every wire of the other end.
        self._mixer.remove(record.name)
        parameters = pj.CallOpParam(True)
        if record.incoming and record.state is CallState.RINGING:
            parameters.statusCode = code
        try:
            record.call.hangup(parameters)
        except pj.Error as error:
            _log.info("hanging up %s: %s", record.name, describe_error(error))
            self._finish(record, code, "")

    def _finish(self, record: CallRecord, code: int, reason: str) -> None:
        if self._records.get(record.name) is record:
            self._change(record, CallState.ENDED, code, reason)
            self._forget(record)

    def _forget(self, record: CallRecord) -> None:
        self._records.pop(record.name, None)
        self.transfers.forget(record.name)
        # The library has taken the port off the bridge already, and its wires with it.
        self._mixer.detach(record.name)
        self._mixer.remove(record.name)
        self._ended.append(record.call)

    def _change(self, record: CallRecord, state: CallState, code: int, reason: str) -> None:
        if state is CallState.ENDED:
            record.media = record.held = record.holds_us = False
        if (state, code) != (record.state, record.codes[0]) or state in (CallState.DIALLING, CallState.ENDED):
            record.state, record.codes = state, (code, reason)
            self._tell(record, code, reason)

    def _tell(self, record: CallRecord, code: int, reason: str) -> None:
        if record.told:
            ended = record.state is CallState.ENDED
            self._emit(
                CallChanged(
                    call=record.name,
                    state=record.state,
                    code=code,
                    reason=reason,
                    by_us=ended and record.ended_by_us,
                    media=record.media,
                    held=record.held,
                    holds_us=record.holds_us,
                )
            )
