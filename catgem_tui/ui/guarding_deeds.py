"""What the keys do that guard citizens and advisors: recording, emergency, abuse, blocked callers."""

from collections.abc import Callable

from catgem_tui.config.i18n import _, current, ngettext
from catgem_tui.protocol.commands import (
    BlockCaller,
    CallEmergency,
    EndContact,
    PauseRecording,
    ResumeRecording,
    UnblockCaller,
    WarnCaller,
)
from catgem_tui.protocol.enums import FLOOR_ROLES, Channel
from catgem_tui.protocol.model import CentreSettings, Contact
from catgem_tui.ui import figures, wording
from catgem_tui.ui.panes.protocol import next_step
from catgem_tui.ui.screens.blocked import BlockedScreen
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, TextDialog
from catgem_tui.ui.work import Work

HOUR = 3600
DURATIONS = (HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 90 * 24 * HOUR)
"""Seconds for which a caller can be blocked, as far as the centre allows it."""


def pause_recording(work: Work) -> None:
    """Bound to the step that is next, when that is a sensitive one."""
    contact = work.state.focused
    if contact is None or contact.call is None:
        return
    if contact.call.recording_paused:
        work.desk.do(ResumeRecording(contact=contact.id))
        return
    step = next_step(work.state)
    work.desk.do(PauseRecording(contact=contact.id, step=step.id if step is not None and step.sensitive else ""))


def call_emergency(work: Work) -> None:
    """One key more says that it is meant."""
    contact, settings = work.state.focused, work.state.settings
    if contact is None or settings is None:
        return
    work.close_dialogs()

    def go(chosen: str) -> None:
        if chosen == "emergency":
            work.desk.do(CallEmergency(contact=contact.id))

    about = _("It is marked, and coordination is told at once.")
    if contact.channel is Channel.CALL and settings.calls_out and settings.emergency:
        about += " " + _("The call goes to %s.") % settings.emergency
    choices = [
        Choice("emergency", _("It is an emergency"), slot="error"),
        Choice("stay", _("It is none")),
    ]
    title = _("Emergency: %s") % wording.citizen(contact)
    work.ask(ChoiceDialog(title, choices, explanation=about), go)


def meet_abuse(work: Work) -> None:
    """First the warning, read aloud; the same key afterwards ends the call."""
    contact, settings = work.state.focused, work.state.settings
    if contact is None or settings is None:
        return
    if not contact.warned:
        _warn(work, contact, settings)
    elif contact.channel is not Channel.CALL or not contact.citizen.phone:
        _end(work, contact)
    else:
        _block(work, contact, settings)


def _warn(work: Work, contact: Contact, settings: CentreSettings) -> None:
    def warn(chosen: str) -> None:
        if chosen == "warned":
            work.desk.do(WarnCaller(contact=contact.id))

    code = current()
    script = settings.warnings.get(code, settings.warnings.get(code.partition("_")[0], settings.warning))
    choices = [Choice("warned", _("I have said it: the caller is warned")), Choice("not", _("Not now"))]
    work.ask(ChoiceDialog(_("Warn before ending"), choices, explanation=f"«{script}»"), warn)


def _end(work: Work, contact: Contact) -> None:
    """What has no number cannot be refused; it can be ended."""

    def end(chosen: str) -> None:
        if chosen == "end":
            work.desk.do(EndContact(contact=contact.id))

    about = _("There is no number to block: it is withheld, or this is no call.")
    choices = [Choice("end", _("End the contact")), Choice("stay", _("Go on"))]
    work.ask(ChoiceDialog(_("The caller was warned"), choices, explanation=about), end)


def _block(work: Work, contact: Contact, settings: CentreSettings) -> None:
    user = work.state.user
    unlimited = user is not None and user.role in FLOOR_ROLES

    def choose(chosen: str) -> None:
        if not chosen.isdecimal():
            return

        def block(said: str) -> None:
            if said:
                until = work.state.now(work.clock()) + int(chosen)
                work.desk.do(BlockCaller(contact=contact.id, until=until, reason=said.removeprefix(">")))

        about = _("Without the citizen's words. Coordination reads it.")
        wanted = _("Write why: a number is blocked only with a reason, which stays in the audit trail.")
        remembered = work.remembered(f"block {contact.id}")
        work.ask(TextDialog(_("Why?"), _("reason"), remembered, about, wanted=wanted), block)

    choices = [
        Choice(str(seconds), _("End the call and block for %s") % duration(seconds))
        for seconds in DURATIONS
        if unlimited or seconds <= settings.longest_block
    ]
    choices.append(Choice("stay", _("Go on with the call")))
    title = _("Block %s") % figures.telephone(contact.citizen.phone)
    work.ask(ChoiceDialog(title, choices, explanation=_("The caller was warned.")), choose)


def duration(seconds: int) -> str:
    hours = seconds // HOUR
    if hours <= 24:
        return ngettext("%d hour", "%d hours", hours) % hours
    return ngettext("%d day", "%d days", hours // 24) % (hours // 24)


def open_blocked(work: Work) -> None:
    work.ask(BlockedScreen(work.desk, work.keymap, lambda: work.state.now(work.clock())), lambda _nothing: None)


def unblock(work: Work) -> None:
    page = work.page_at_hand()
    chosen = page.chosen() if isinstance(page, BlockedScreen) else None
    if chosen is None:
        work.refuse("caller.unblock", _("there is no number in the list"))
        return

    def go(said: str) -> None:
        if said:
            work.desk.do(UnblockCaller(number=chosen.phone, reason=said.removeprefix(">")))

    title = _("Let %s in again") % figures.telephone(chosen.phone)
    work.ask(TextDialog(title, _("reason"), work.remembered(f"unblock {chosen.phone}")), go)


DEEDS: dict[str, Callable[[Work], None]] = {
    "call.pause_recording": pause_recording,
    "contact.emergency": call_emergency,
    "caller.abuse": meet_abuse,
    "floor.blocked": open_blocked,
    "caller.unblock": unblock,
}
