"""What is done with the contact at hand."""

from catgem_tui.config.i18n import _
from catgem_tui.desk.intents import (
    AcceptOffer,
    AnswerColleague,
    AnswerDirect,
    DeclineOffer,
    HangUpOutgoing,
    LeaveColleague,
)
from catgem_tui.desk.intents import Send as SendText
from catgem_tui.protocol.commands import (
    CheckStep,
    CloseContact,
    EndConsult,
    EndContact,
    ExtendWrapUp,
    Park,
    Resume,
)
from catgem_tui.protocol.enums import (
    Channel,
    ContactState,
    Outcome,
)
from catgem_tui.protocol.model import Contact
from catgem_tui.ui import actions, wording
from catgem_tui.ui.panes.protocol import next_step
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.work import Work


def accept_offer(work: Work) -> None:
    """Takes no text: what was being written stays where it is, and comes back with its contact."""
    offer = work.state.offer
    if offer is not None:
        work.close_dialogs()
        work.show_desk()
        work.desk_screen.middle.flush()
        work.desk_screen.accepting = offer.id
        work.desk.do(AcceptOffer(offer.id))
    elif work.state.asked is not None:
        work.close_dialogs()
        work.show_desk()
        work.desk_screen.middle.flush()
        work.desk_screen.accepting = work.state.asked.contact.id
        work.desk.do(AnswerColleague(work.state.asked.contact.id))
    elif actions.direct_call(work.state) is not None:
        work.close_dialogs()
        work.show_desk()
        work.desk.do(AnswerDirect())


def decline_offer(work: Work) -> None:
    offer = work.state.offer
    if offer is not None:
        work.desk.do(DeclineOffer(offer.id))
    elif work.state.asked is not None:
        work.desk.do(LeaveColleague(work.state.asked.contact.id))
    elif actions.direct_call(work.state) is not None:
        work.desk.do(HangUpOutgoing())


def park(work: Work) -> None:
    contact = work.state.focused
    if contact is not None:
        parked = contact.state is ContactState.PARKED
        work.desk.do(Resume(contact=contact.id) if parked else Park(contact=contact.id))


def finish(work: Work) -> None:
    contact = work.state.focused
    if contact is None:
        return
    work.desk_screen.middle.flush()
    if actions.reading(work.state):
        work.desk.do(LeaveColleague(contact.id))
    elif contact.state is ContactState.WRAP_UP:
        ask_disposition(work, contact)
    elif work.state.unsent_text(contact).strip():
        about = _("There is text for %s that has not been sent.") % wording.citizen(contact)
        choices = [Choice("write", _("Go on writing")), Choice("end", _("End without sending it"))]
        ask_before_end(work, contact, ChoiceDialog(_("End without sending?"), choices, explanation=about))
    elif actions.consultation(work.state) is not None:
        about = _("It hangs up on %s too.") % wording.citizen(contact)
        choices = [Choice("back", _("Go back to the citizen")), Choice("end", _("End the call with everybody"))]
        ask_before_end(work, contact, ChoiceDialog(_("End the call?"), choices, explanation=about))
    else:
        work.desk.do(EndContact(contact=contact.id))


def ask_before_end(work: Work, contact: Contact, dialog: ChoiceDialog) -> None:
    """Where somebody loses by it who has not been thought of: what was written, or who waits to be spoken with."""

    def go(chosen: str) -> None:
        if chosen == "end":
            work.desk.do(EndContact(contact=contact.id))
        elif chosen == "back":
            work.desk.do(EndConsult(contact=contact.id))

    work.ask(dialog, go)


def ask_disposition(work: Work, contact: Contact) -> None:
    """First why, then how it ended; Esc in the second goes back to the first."""
    settings = work.state.settings
    if settings is None:
        return
    choices = [Choice(option.id, wording.label(option)) for option in settings.dispositions]

    def ask_outcome(disposition: str) -> None:
        about = wording.option_label(settings.dispositions, disposition)
        outcomes = [Choice(outcome.value, _(words)) for outcome, words in wording.OUTCOMES.items()]

        def close(outcome: str) -> None:
            if outcome:
                closing = CloseContact(contact=contact.id, disposition=disposition, outcome=Outcome(outcome))
                work.desk.do(closing)
            else:
                ask_disposition(work, contact)

        remembered = work.remembered(f"outcome {contact.id}")
        work.ask(ChoiceDialog(_("How did it end?"), outcomes, remembered, about), close)

    def go_on(disposition: str) -> None:
        if disposition:
            ask_outcome(disposition)

    title = _("Why did they contact us? Folio %s") % contact.folio
    work.ask(ChoiceDialog(title, choices, work.remembered(f"disposition {contact.id}")), go_on)


def extend(work: Work) -> None:
    contact = work.state.focused
    if contact is not None:
        work.desk.do(ExtendWrapUp(contact=contact.id))


def write_notes(work: Work) -> None:
    work.close_card()
    work.desk_screen.write_notes()


def next_contact(work: Work) -> None:
    work.close_card()
    work.desk_screen.step_contact(1)


def previous_contact(work: Work) -> None:
    work.close_card()
    work.desk_screen.step_contact(-1)


def send(work: Work) -> None:
    """Waits for its turn behind the keys that the field has yet to take in."""
    work.desk_screen.middle.composer.call_later(send_written, work)


def send_written(work: Work) -> None:
    """Blank text is not sent and stays."""
    contact = work.state.focused
    composer = work.desk_screen.middle.composer
    if contact is None or composer.contact != contact.id or not composer.text.strip():
        return
    if contact.channel is Channel.CALL or contact.state is not ContactState.ACTIVE:
        return
    work.desk.do(SendText(contact.id, composer.hand_over()))


def lacking_to_send(work: Work) -> str:
    """What has to be done first, where something can be."""
    contact = work.state.focused
    aside = contact is not None and contact.state is ContactState.PARKED
    return _("resume it first with %s") % work.keymap.name("contact.park") if aside else ""


def check_step(work: Work) -> None:
    contact, step = work.state.focused, next_step(work.state)
    if contact is not None and step is not None:
        work.desk.do(CheckStep(contact=contact.id, step=step.id))
