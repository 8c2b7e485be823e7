"""Logging in and out, the line to central, notices."""

from catgem_tui.desk.effects import Authenticate, LeaveCentral, OpenLine, RepeatCommand, RepeatOutbox, Telephone
from catgem_tui.desk.happenings import (
    ComparisonDue,
    LineLost,
    LoggedIn,
    LoginFailed,
    NoticeOver,
    OutboxFailed,
    Prepared,
    RepeatDue,
)
from catgem_tui.desk.intents import Dismiss, Login, Logout, Reconnect
from catgem_tui.desk.model import Model, Turn
from catgem_tui.desk.reducers import answers, dialled, telephone
from catgem_tui.desk.reducers.directory import ask_missing_log
from catgem_tui.desk.reducers.drafts import restore_drafts
from catgem_tui.desk.reducers.editing import take_up
from catgem_tui.desk.reducers.expiry import restore_told
from catgem_tui.desk.reducers.writing import restore_texts
from catgem_tui.desk.state import DeskState, Line, PhoneStatus, Severity
from catgem_tui.phone import port
from catgem_tui.protocol.commands import EditRecord, SetPhone, SetPresence, is_durable
from catgem_tui.protocol.enums import Presence, Refusal
from catgem_tui.protocol.session import Welcomed

COMPARISON_PAUSE = 5.0
"""Seconds after the line is up until the directory's copy is compared: what was missed is here by then."""
REPEAT_PAUSE = 2.0
"""Seconds before central is asked again for what it could not do at that moment."""
LOGIN_NOTICES = (
    "wrong_credentials",
    "too_many_attempts",
    "central_unreachable",
    "session_expired",
    "central_incompatible",
    Refusal.STORAGE.value,
)
"""What a new attempt to log in makes stale."""
UNWRITTEN = ("disk_full", "outbox_busy", "outbox_unwritable")
"""Why what is typed is not on the disk; of these one at a time, until it is."""
OF_THE_MACHINE = frozenset({
    "insecure", "bad_address", "phone_away", "phone_stranger", "phone_version", "phone_taken", "phone_down",
    "phone_missing", "no_sound_device", "device_missing", "no_microphone", "loudspeaker_changed",
    "microphone_changed", "line_password", "line_address", "line_certificate", "line_settings", "no_keyring",
    "outbox_unreadable", "outbox_shared", *UNWRITTEN, "directory_failed",
})  # fmt: skip
"""What is as true for whoever comes next; everything else was told to somebody, of their contacts."""
FINAL_NOTICES = {
    "version": "central_incompatible",
    "incompatible": "central_incompatible",
    "expired": "session_expired",
}


def log_in(turn: Turn, intent: Login) -> None:
    if turn.view.line in (Line.LOGGED_OUT, Line.OFFLINE, Line.REPLACED):
        turn.show(line=Line.LOGGING_IN)
        turn.withdraw_notices(*LOGIN_NOTICES)
        turn.perform(Authenticate(intent.username, intent.password))


def log_out(turn: Turn, intent: Logout) -> None:
    """What is unsent stays in the outbox for this user's next login.

    The telephone goes first: to central a receiver that is laid down by somebody who is there ends the contact, while
    the citizen of a telephone that is gone is led back to the queue.
    """
    if turn.view.line is Line.ONLINE:
        turn.transmit(SetPhone(uri=""))
        turn.transmit(SetPresence(presence=Presence.OFFLINE))
    turn.perform(LeaveCentral(calls=tuple(call.id for call in turn.view.phone.calls)))
    forget_user(turn, Line.LOGGED_OUT)


def forget_user(turn: Turn, line: Line) -> None:
    """Back to an empty desk that keeps its telephone and its directory."""
    view = turn.view
    fresh = DeskState(
        line=line, central=view.central, phone=view.phone, directory=view.directory, secrets=view.secrets,
        notices=tuple(told for told in view.notices if told.code in OF_THE_MACHINE), practice=view.practice,
    )  # fmt: skip
    turn.model = Model(
        view=fresh, notices=turn.model.notices, signals=turn.model.signals, unheard_tone=turn.model.unheard_tone
    )


def reconnect(turn: Turn, intent: Reconnect) -> None:
    if turn.view.user is not None and turn.view.line in (Line.OFFLINE, Line.REPLACED, Line.CONNECTING):
        turn.show(line=Line.CONNECTING)
        turn.withdraw_notices("replaced")
        turn.perform(OpenLine())


def take_stock(turn: Turn, event: Prepared) -> None:
    turn.show(secrets=event.secrets, line=Line.LOGGING_IN if event.resuming else turn.view.line)
    if event.secrets == "memory":
        turn.notify("no_keyring", Severity.INFORMATION)


def settle_in(turn: Turn, event: LoggedIn) -> None:
    """The same user again keeps everything on the desk; another one begins with an empty one."""
    if turn.view.user is not None and turn.view.user.id != event.user.id:
        for call in turn.view.phone.calls:
            turn.perform(Telephone(port.HangUp(call=call.id)))
        forget_user(turn, turn.view.line)
    turn.show(line=Line.CONNECTING, user=event.user)
    turn.withdraw_notices(*LOGIN_NOTICES)
    known = turn.model.commands
    turn.remember(commands={**{i: body for i, body in event.commands if i not in known}, **known})
    turn.count_unsent()
    restore_texts(turn, event.texts, event.commands)
    restore_drafts(turn, event.texts)
    restore_told(turn, event.texts)
    answers.restore(turn, event.texts)
    dialled.restore(turn, event.texts)
    turn.perform(OpenLine())


def stay_out(turn: Turn, event: LoginFailed) -> None:
    turn.show(line=Line.OFFLINE if event.retrying else Line.LOGGED_OUT)
    if event.retrying:
        return
    match event.code:
        case "wrong_credentials" | "unauthorized":
            turn.notify("wrong_credentials")
        case "expired":
            turn.notify("session_expired", Severity.WARNING)
        case "incompatible" | "version":
            turn.notify("central_incompatible")
        case "too_many_attempts":
            turn.notify(event.code, Severity.WARNING)
        case Refusal.STORAGE.value:
            turn.notify(event.code)
        case "insecure" | "bad_address":
            turn.notify(event.code, args={"central": turn.view.central})
        case code:
            turn.notify("central_unreachable", args={"central": turn.view.central, "cause": code})


def be_welcome(turn: Turn, event: Welcomed) -> None:
    turn.show(line=Line.ONLINE, clock_offset=event.now - turn.now)
    turn.withdraw_notices("central_unreachable", "replaced", Refusal.UNAVAILABLE.value)
    if turn.view.phone.status is not PhoneStatus.AWAY:  # then it waits for what the snapshot tells of our calls
        turn.transmit(telephone.describe(turn.view.phone))
    turn.perform(RepeatOutbox())
    turn.later(COMPARISON_PAUSE, ComparisonDue())
    take_up(turn)
    ask_missing_log(turn)
    answers.ask(turn)


def lose_line(turn: Turn, event: LineLost) -> None:
    if turn.view.line is Line.LOGGED_OUT:
        return
    forget_unanswered(turn)
    if event.reason == "replaced":
        turn.show(line=Line.REPLACED)
        turn.notify("replaced", Severity.WARNING)
    elif event.final:
        turn.show(line=Line.LOGGED_OUT if event.reason == "expired" else Line.OFFLINE)
        turn.notify(FINAL_NOTICES.get(event.reason, "central_incompatible"), Severity.ERROR)
    else:
        turn.show(line=Line.OFFLINE, typing=frozenset())


def forget_unanswered(turn: Turn) -> None:
    """What was about that moment is not asked again, sent or not; the person is told that it may not have happened."""
    commands = dict(turn.model.commands)
    for command_id, body in turn.model.commands.items():
        if is_durable(body):
            continue
        del commands[command_id]
        if not isinstance(body, SetPhone | EditRecord):
            turn.notify(Refusal.UNAVAILABLE.value, Severity.WARNING, contact=getattr(body, "contact", ""))
    turn.remember(commands=commands)


def repeat(turn: Turn, event: RepeatDue) -> None:
    """Not before what was said earlier about the same contact: messages arrive in the order in which they were sent."""
    body = turn.model.commands.get(event.command)
    if body is None:
        return
    contact = getattr(body, "contact", "")
    waiting = (i for i, c in turn.model.commands.items() if is_durable(c) and getattr(c, "contact", "") == contact)
    if next(waiting, event.command) == event.command:
        turn.perform(RepeatCommand(event.command))
    else:
        turn.later(REPEAT_PAUSE, event)


def hear_of_outbox(turn: Turn, event: OutboxFailed) -> None:
    if not event.code or event.code in UNWRITTEN:
        turn.withdraw_notices(*UNWRITTEN)
    if event.code:
        turn.notify(event.code)


def dismiss(turn: Turn, of: Dismiss | NoticeOver) -> None:
    turn.show(notices=tuple(n for n in turn.view.notices if n.id != of.notice))
