"""What is done with calls: of citizens, of colleagues who ask, and those that one makes."""

from collections.abc import Callable

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import (
    CallNumber,
    HandOnOutgoing,
    HangUpOutgoing,
    HoldOutgoing,
    JoinOutgoing,
    SendDigits,
    SetAutoAnswer,
    SetMute,
)
from catgem_tui.protocol.commands import (
    CompleteTransfer,
    Conference,
    Consult,
    EndConsult,
    Hold,
    Swap,
    Transfer,
    Unhold,
)
from catgem_tui.protocol.enums import Channel
from catgem_tui.protocol.model import Contact
from catgem_tui.ui import actions, figures, wording
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.screens.keypad import Keypad
from catgem_tui.ui.screens.whom import Target, WhomDialog, colleagues, numbers, queues
from catgem_tui.ui.work import Work


def hold(work: Work) -> None:
    contact = work.state.focused
    if contact is not None and actions.consulting(work.state):
        work.desk.do(Swap(contact=contact.id))
    elif contact is not None and contact.call is not None and actions.on_call(work.state):
        work.desk.do(Unhold(contact=contact.id) if contact.call.held else Hold(contact=contact.id))
    else:
        work.desk.do(HoldOutgoing())


def conference(work: Work) -> None:
    contact = work.state.focused
    if contact is not None and actions.consultation(work.state) is not None:
        work.desk.do(Conference(contact=contact.id))
    else:
        work.desk.do(JoinOutgoing())


def hang_up(work: Work) -> None:
    """Whom one called beside the citizen goes first; then who is asked."""
    contact = work.state.focused
    if contact is not None and not any(call.number for call in work.state.phone.calls):
        work.desk.do(EndConsult(contact=contact.id))
    else:
        work.desk.do(HangUpOutgoing())


def mute(work: Work) -> None:
    work.desk.do(SetMute(not actions.muted(work.state)))


def switch_auto_answer(work: Work) -> None:
    phone = work.state.phone
    work.desk.do(SetAutoAnswer(0.0 if phone.auto_answer else phone.auto_usual))


def keypad(work: Work) -> None:
    extension = next((call.extension for call in work.state.phone.calls if call.number), "")
    work.ask(Keypad(work.desk, lambda digits: work.desk.do(SendDigits(digits)), extension), lambda _nothing: None)


# --- whom to hand on to, and whom to ask first ---


def transfer(work: Work) -> None:
    """Whom; for a call that goes to somebody, whether they are asked first. Esc in the second goes back to whom."""
    contact = work.state.focused
    if contact is None:
        return
    work.desk_screen.middle.flush()
    if actions.consulting(work.state):
        work.desk.do(CompleteTransfer(contact=contact.id))
        return
    outside = contact.channel is Channel.CALL and bool(work.state.settings and work.state.settings.calls_out)
    choices = [*colleagues(work.state), *queues(work.state)]
    if outside:
        choices += numbers(work.state, work.record_at_hand())
    dialog = WhomDialog(
        _("Transfer to"),
        choices,
        work.remembered(f"transfer {contact.id}"),
        f"{wording.citizen(contact)} · " + _("folio %s") % contact.folio,
        typed=outside,
    )

    def choose(chosen: str) -> None:
        target = dialog.target(chosen)
        if target is None:
            return
        if target.queue or contact.channel is not Channel.CALL:
            work.desk.do(hand_on_command(contact, target))
        else:
            ask_how(work, contact, target, lambda: transfer(work))

    work.ask(dialog, choose)


def hand_on_command(contact: Contact, target: Target) -> Transfer:
    return Transfer(contact=contact.id, advisor=target.advisor, queue=target.queue, number=target.number)


def ask_how(work: Work, contact: Contact, target: Target, back: Callable[[], None]) -> None:
    """Whether somebody is asked first, or the call handed on at once."""

    def go(how: str) -> None:
        if how == "ask":
            work.desk.do(Consult(contact=contact.id, advisor=target.advisor, number=target.number))
        elif how == "hand":
            work.desk.do(hand_on_command(contact, target))
        else:
            back()

    choices = [
        Choice("ask", _("Ask first: the citizen waits with music"), slot="bright"),
        Choice("hand", _("Hand on at once: you leave the call")),
    ]
    work.ask(ChoiceDialog(target.words, choices, explanation=_("How is the call handed on?")), go)


def citizen_to_hand_on(work: Work) -> Contact | None:
    """The citizen on the line, where the centre itself can call somebody outside for them."""
    contact, settings = work.state.focused, work.state.settings
    if contact is None or settings is None or not settings.calls_out or not actions.on_call(work.state):
        return None
    return None if contact.call is None or contact.call.held or actions.consultation(work.state) else contact


# --- calls that one makes ---


def call(work: Work, target: Target, record: str = "") -> None:
    """Called from here; with a citizen on the line the centre calls, so that they can be asked and handed on to."""
    contact = citizen_to_hand_on(work)
    if contact is not None and target.number:
        ask_how(work, contact, target, lambda: None)
    else:
        work.desk.do(CallNumber(target.number, target.extension, target.name, record))


def dial(work: Work) -> None:
    dialog = WhomDialog(
        _("Dial"),
        numbers(work.state, work.record_at_hand()),
        work.remembered("dial"),
        typed=True,
        dial=work.state.phone.dial,
        placeholder=_("a number, tel: or sip:, or a name"),
        empty=_("Nobody was called from here yet: type a number."),
    )

    def choose(chosen: str) -> None:
        target = dialog.target(chosen)
        if target is not None:
            work.remembered("dial").text = ""
            call(work, target)

    work.ask(dialog, choose)


def hand_call_on(work: Work) -> None:
    """Of two calls that one made the other is there to choose; else a number."""
    made = actions.made(work.state)
    choices = []
    if len(made) > 1:
        names = " + ".join(each.name or figures.telephone(each.number) for each in made)
        choices.append(Choice("other", _("Leave the two with each other: %s") % names, slot="bright"))
    dialog = WhomDialog(
        _("Hand call on to"),
        [*choices, *numbers(work.state, work.record_at_hand())],
        work.remembered("hand call on"),
        typed=True,
        dial=work.state.phone.dial,
        placeholder=_("a number, tel: or sip:, or a name"),
    )

    def choose(chosen: str) -> None:
        target = dialog.target(chosen)
        if chosen == "other":
            work.desk.do(HandOnOutgoing())
        elif target is not None:
            work.desk.do(HandOnOutgoing(target.number, target.extension, target.name))

    work.ask(dialog, choose)
