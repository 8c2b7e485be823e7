"""What each action of the registry does: it asks the desk, or shows something."""

from collections.abc import Callable
from typing import Protocol

from catgem_tui.config.i18n import _, ngettext
from catgem_tui.config.keymap import Keymap
from catgem_tui.desk.effects import AnswerReport, Decide
from catgem_tui.desk.intents import (
    AcceptOffer,
    AskKeeping,
    DeclineOffer,
    Dismiss,
    HangUpOutgoing,
    Intent,
    Logout,
    NewDraft,
    Reconnect,
    ResolveConflict,
    SendDigits,
    SendRecord,
    SetMute,
)
from catgem_tui.desk.intents import Send as SendText
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.commands import (
    CheckStep,
    CloseContact,
    EndContact,
    ExtendWrapUp,
    Hold,
    Monitor,
    Park,
    Reassign,
    ReportRecord,
    Resume,
    SetPresence,
    StopMonitoring,
    Transfer,
    Unhold,
)
from catgem_tui.protocol.editing import Proposal
from catgem_tui.protocol.enums import (
    AdvisorState,
    ChangeState,
    Channel,
    ContactState,
    Monitoring,
    Outcome,
    Presence,
    RecordKind,
)
from catgem_tui.protocol.model import Contact, Record
from catgem_tui.ui import actions, directory_deeds, guarding_deeds, keeping_deeds, pages, wording
from catgem_tui.ui.keys import key_name
from catgem_tui.ui.panes.directory import DirectoryPane
from catgem_tui.ui.panes.protocol import next_step
from catgem_tui.ui.port import Desk
from catgem_tui.ui.records import for_citizen, title_of
from catgem_tui.ui.screens.desk import DeskScreen
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog, DigitsDialog, TextDialog
from catgem_tui.ui.screens.form import FormScreen
from catgem_tui.ui.screens.help import HelpScreen
from catgem_tui.ui.screens.keeping import KeepingScreen
from catgem_tui.ui.screens.overlay import Overlay, Remembered
from catgem_tui.ui.screens.page import PageScreen
from catgem_tui.ui.screens.proposal import ProposalCard


class Work(Protocol):
    """What deeds need of the application."""

    desk: Desk
    keymap: Keymap
    place: str
    clock: Callable[[], float]

    @property
    def where(self) -> str:
        """The place, or the form that lies over it."""
        ...

    @property
    def state(self) -> DeskState: ...
    @property
    def desk_screen(self) -> DeskScreen: ...
    @property
    def keeping_screen(self) -> KeepingScreen: ...
    def opening(self, purpose: str) -> Intent | None:
        """What opens the form of the record at hand; None while there is none."""
        ...

    def form_at_hand(self) -> FormScreen | None: ...
    def page_at_hand(self) -> PageScreen | None: ...
    def ask(self, overlay: Overlay, then: Callable[[str], None]) -> None:
        """Show it, unless another is shown; ``then`` gets what was chosen, or an empty string."""
        ...

    def remembered(self, key: str) -> Remembered:
        """Where the dialog of this key was left."""
        ...

    def record_at_hand(self) -> Record | None:
        """The directory's record whose card is open, or the one under its cursor."""
        ...

    def search_pane(self) -> DirectoryPane:
        """Where one searches: of the desk, or of the keeping."""
        ...

    def chosen_contact(self) -> Contact | None:
        """The contact under the floor's cursor."""
        ...

    def close_dialogs(self) -> None: ...
    def close_card(self) -> None:
        """The record's card, if that lies on top; what is being decided stays."""
        ...

    def switch_place(self) -> None: ...
    def show_desk(self) -> None: ...
    def next_theme(self) -> None: ...
    def exit(self) -> None: ...
    def forget_faults(self) -> None: ...


def accept_offer(work: Work) -> None:
    """Takes no text: what was being written stays where it is, and comes back with its contact."""
    offer = work.state.offer
    if offer is not None:
        work.close_dialogs()
        work.show_desk()
        work.desk_screen.middle.flush()
        work.desk_screen.accepting = offer.id
        work.desk.do(AcceptOffer(offer.id))


def decline_offer(work: Work) -> None:
    offer = work.state.offer
    if offer is not None:
        work.desk.do(DeclineOffer(offer.id))


def hold(work: Work) -> None:
    contact = work.state.focused
    if contact is not None and contact.call is not None:
        work.desk.do(Unhold(contact=contact.id) if contact.call.held else Hold(contact=contact.id))


def mute(work: Work) -> None:
    work.desk.do(SetMute(not work.state.phone.muted))


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
    if contact.state is ContactState.WRAP_UP:
        ask_disposition(work, contact)
    else:
        work.desk.do(EndContact(contact=contact.id))


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


def targets(state: DeskState, leaving_out: str) -> list[Choice]:
    """Where a contact can go: ``queue:ID`` and ``advisor:ID``."""
    queues = state.settings.queues if state.settings else ()
    found = [Choice(f"queue:{option.id}", wording.label(option), _("queue")) for option in queues]
    for advisor in sorted(state.advisors.values(), key=lambda a: (a.state is not AdvisorState.AVAILABLE, a.user.name)):
        if advisor.user.id != leaving_out and advisor.state is not AdvisorState.OFFLINE:
            words = wording.advisor_state(advisor, state.settings)
            found.append(Choice(f"advisor:{advisor.user.id}", advisor.user.name, words))
    return found


def ask_target(work: Work, contact: Contact, title: str, go: Callable[[str, str], None]) -> None:
    def split(chosen: str) -> None:
        kind, _colon, target = chosen.partition(":")
        if target:
            go(target if kind == "advisor" else "", target if kind == "queue" else "")

    remembered = work.remembered(f"{title} {contact.id}")
    about = f"{wording.citizen(contact)} · " + _("folio %s") % contact.folio
    work.ask(ChoiceDialog(title, targets(work.state, contact.advisor or ""), remembered, about), split)


def transfer(work: Work) -> None:
    contact = work.state.focused
    if contact is not None:
        work.desk_screen.middle.flush()

        def go(advisor: str, queue: str) -> None:
            work.desk.do(Transfer(contact=contact.id, advisor=advisor, queue=queue))

        ask_target(work, contact, _("Transfer to"), go)


def reassign(work: Work) -> None:
    contact = work.chosen_contact()
    if contact is not None:

        def go(advisor: str, queue: str) -> None:
            work.desk.do(Reassign(contact=contact.id, advisor=advisor, queue=queue))

        ask_target(work, contact, _("Reassign to"), go)


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
    if contact.channel is Channel.CALL or contact.state is ContactState.WRAP_UP:
        return
    work.desk.do(SendText(contact.id, composer.hand_over()))


def check_step(work: Work) -> None:
    contact, step = work.state.focused, next_step(work.state)
    if contact is not None and step is not None:
        work.desk.do(CheckStep(contact=contact.id, step=step.id))


def send_digits(work: Work) -> None:
    extension = next((call.extension for call in work.state.phone.calls if call.number), "")
    work.ask(DigitsDialog(lambda digits: work.desk.do(SendDigits(digits)), extension), lambda _nothing: None)


def choose_presence(work: Work) -> None:
    settings = work.state.settings
    choices = [Choice("available", _("Available"), slot="presence.available")]
    choices += [
        Choice(f"paused:{reason.id}", _("Pause: %s") % wording.label(reason), slot="presence.paused")
        for reason in (settings.pause_reasons if settings else ())
    ]
    choices.append(Choice("offline", _("Off the queue"), slot="presence.offline"))
    busy = any(contact.state is not ContactState.OFFERED for contact in work.state.mine)
    about = _("You hold contacts: the choice takes effect after the last one.") if busy else ""

    def choose(chosen: str) -> None:
        presence, _colon, reason = chosen.partition(":")
        if presence:
            work.desk.do(SetPresence(presence=Presence(presence), reason=reason))

    work.ask(ChoiceDialog(_("My state"), choices, explanation=about), choose)


def monitor(mode: Monitoring) -> Callable[[Work], None]:
    def join(work: Work) -> None:
        """The key changes the mode of the call that one is on, else joins the call chosen."""
        joined = next((call for call in work.state.phone.calls if call.monitoring is not None), None)
        contact = work.chosen_contact()
        if contact is not None and contact.channel is Channel.CALL and contact.state is ContactState.ACTIVE:
            if joined is not None and joined.contact != contact.id:
                work.desk.do(StopMonitoring(contact=joined.contact))
            work.desk.do(Monitor(contact=contact.id, mode=mode))
        elif joined is not None:
            work.desk.do(Monitor(contact=joined.contact, mode=mode))

    return join


def stop_monitoring(work: Work) -> None:
    for call in work.state.phone.calls:
        if call.monitoring is not None:
            work.desk.do(StopMonitoring(contact=call.contact))


def send_record(work: Work) -> None:
    record = work.record_at_hand()
    if record is not None:
        work.desk_screen.middle.flush()
        composer = work.desk_screen.middle.composer
        longest = work.state.longest(Channel.CHAT)
        if work.state.focused is not None and work.state.focused.channel is Channel.MAIL:
            # A chat line that grows too long leaves as several; a mail is one, with what is written in it.
            longest = work.state.longest(Channel.MAIL) - len(composer.text) - 4
        text, left_out = for_citizen(record, max(1, longest))
        work.desk.do(SendRecord(record.id, text, composer.place, left_out))
        work.close_dialogs()


def report_record(work: Work) -> None:
    record = work.record_at_hand()
    if record is None:
        return
    held = work.state.focused

    def report(written: str) -> None:
        if written:
            contact = held.id if held is not None else ""
            work.desk.do(ReportRecord(record=record.id, text=written[1:], contact=contact))

    title = _("This is wrong: %s") % title_of(record)
    about = _("The information managers are told, with the contact in the middle of the screen.")
    field = _("what is wrong, if you know it")
    work.ask(TextDialog(title, field, work.remembered(f"report {record.id}"), about), report)


# --- keeping the directory ---


def open_form(purpose: str) -> Callable[[Work], None]:
    def go(work: Work) -> None:
        intent = work.opening(purpose)
        if intent is not None:
            work.close_dialogs()
            work.desk.do(intent)

    return go


def create_record(work: Work) -> None:
    def create(kind: str) -> None:
        if kind:
            work.desk.do(NewDraft(RecordKind(kind)))

    choices = [Choice(kind.value, _(words)) for kind, words in wording.RECORD_KINDS.items()]
    work.ask(ChoiceDialog(_("What is the new record?"), choices), create)


def answer_report(work: Work) -> None:
    report = work.keeping_screen.report()
    if report is None:
        return

    def answer(written: str) -> None:
        if written[1:]:
            work.desk.do(AskKeeping(AnswerReport(report.id, written[1:])))

    title = _("Answer: %s") % report.title
    remembered = work.remembered(f"answer {report.id}")
    work.ask(TextDialog(title, _("what was found"), remembered, report.text), answer)


def save_form(work: Work) -> None:
    """Behind the keys that the field has yet to take in. What two people changed is chosen first, one by one."""
    form = work.form_at_hand()
    if form is None:
        return
    if form.draft.conflicts:
        choose_side(work, form)
    else:
        (form.focused or form).call_later(form.save)


def choose_side(work: Work, form: FormScreen) -> None:
    conflict = form.draft.conflicts[0]

    def choose(side: str) -> None:
        if side:
            text = conflict.mine if side == "mine" else conflict.theirs
            work.desk.do(ResolveConflict(form.draft.id, conflict.field, text))
            if len(form.draft.conflicts) and form.draft.conflicts[0] != conflict:
                choose_side(work, form)

    choices = [
        Choice("mine", _("Yours: %s") % (conflict.mine or "—")),
        Choice("theirs", _("Theirs: %s") % (conflict.theirs or "—")),
    ]
    about = _("Before: %s") % (conflict.base or "—")
    title = _("Which stays? %s") % _(wording.RECORD_FIELDS[conflict.field])
    work.ask(ChoiceDialog(title, choices, explanation=about), choose)


def discard_form(work: Work) -> None:
    form = work.form_at_hand()
    if form is None:
        return
    form.flush()

    def go(chosen: str) -> None:
        if chosen == "discard":
            form.leave(keep=False)

    if not form.draft.touched:
        go("discard")
        return
    choices = [Choice("stay", _("Go on writing")), Choice("discard", _("Throw it away"))]
    work.ask(ChoiceDialog(_("Throw away what was changed here?"), choices), go)


def show_proposal(work: Work, change: str) -> None:
    work.ask(ProposalCard(change, work.desk, lambda proposal: decide(work, proposal)), lambda _nothing: None)


def decide(work: Work, proposal: Proposal) -> None:
    """One's own is withdrawn; of somebody else's it is said whether it holds."""
    change = proposal.summary.id
    if proposal.summary.mine:
        choices = [Choice("withdraw", _("Withdraw"))]
    elif proposal.summary.state is ChangeState.PENDING:
        choices = [Choice("approve", _("Approve")), Choice("reject", _("Reject"))]
    else:
        choices = [Choice("reject", _("Reject"))]

    def send(verdict: str, reason: str) -> None:
        work.close_dialogs()
        work.desk.do(AskKeeping(Decide(change, verdict, reason)))

    def go(verdict: str) -> None:
        if verdict == "reject":

            def reject(written: str) -> None:
                if written[1:]:
                    send("reject", written[1:])

            remembered = work.remembered(f"reject {change}")
            work.ask(TextDialog(_("Why is it rejected?"), _("the reason"), remembered), reject)
        elif verdict:
            send(verdict, "")

    work.ask(ChoiceDialog(_("What is to be done with it?"), choices), go)


def search(work: Work) -> None:
    """A form that is left for it waits among the drafts."""
    work.close_card()
    page = work.page_at_hand()
    if page is not None:
        page.search()
    elif work.place == actions.KEEPING:
        form = work.form_at_hand()
        if form is not None:
            form.leave(keep=True)
        work.keeping_screen.search()
    else:
        show("directory")(work)


def choose_filter(work: Work) -> None:
    search(work)
    directory_deeds.choose_filter(work)


def switch_place(work: Work) -> None:
    """An open form stays open: it is there again on coming back."""
    if work.page_at_hand() is not None:
        work.close_dialogs()
    form = work.form_at_hand()
    if form is not None:
        form.flush()
        work.close_dialogs()
    work.switch_place()


def dismiss_notices(work: Work) -> None:
    work.forget_faults()
    for notice in work.state.notices:
        work.desk.do(Dismiss(notice.id))


def log_out(work: Work) -> None:
    work.close_dialogs()
    work.desk_screen.middle.flush()
    work.desk.do(Logout())


def open_palette(work: Work) -> None:
    choices = []
    where = work.where
    for action in actions.at_hand(work.state, where):
        if action.id != "palette":
            key = work.keymap.first(action.id)
            words = f"{_(action.name_in(work.state))}: {_(action.about)}"
            choices.append(Choice(action.id, words, key_name(key) if key else ""))

    def go(chosen: str) -> None:
        if chosen:
            perform(work, chosen, where)

    work.ask(ChoiceDialog(_("Actions"), choices), go)


def leave(work: Work) -> None:
    """Asks only when contacts are held: they would go to others."""

    def go(chosen: str) -> None:
        if chosen == "leave":
            work.desk_screen.middle.flush()
            work.exit()

    held = [contact for contact in work.state.mine if contact.state is not ContactState.OFFERED]
    if not held:
        go("leave")
        return
    choices = [Choice("stay", _("Stay")), Choice("leave", _("Leave and let the contacts go"))]
    about = ngettext(
        "You hold %d contact: central gives it to others or keeps it for you by its rules.",
        "You hold %d contacts: central gives them to others or keeps them for you by its rules.",
        len(held),
    ) % len(held)
    work.ask(ChoiceDialog(_("Leave the workstation?"), choices, explanation=about), go)


def show(tab: str) -> Callable[[Work], None]:
    def go(work: Work) -> None:
        work.close_card()
        work.show_desk()
        work.desk_screen.reveal(tab)

    return go


Deed = Callable[[Work], None]
DEEDS: dict[str, Deed] = {
    "offer.accept": accept_offer,
    "offer.decline": decline_offer,
    "call.hold": hold,
    "contact.transfer": transfer,
    "phone.mute": mute,
    "contact.park": park,
    "contact.finish": finish,
    "contact.extend": extend,
    "contact.next": next_contact,
    "contact.previous": previous_contact,
    "message.send": send,
    "protocol.check": check_step,
    "call.digits": send_digits,
    "phone.hang_up": lambda work: work.desk.do(HangUpOutgoing()),
    "show.contact": show("contact"),
    "directory.search": search,
    "directory.filter": choose_filter,
    "record.call": directory_deeds.call_record,
    "record.send": send_record,
    "record.report": report_record,
    "show.citizen": show("citizen"),
    "show.contacts": show("contacts"),
    "show.queue": show("queue"),
    "show.notes": write_notes,
    "floor.listen": monitor(Monitoring.LISTEN),
    "floor.whisper": monitor(Monitoring.WHISPER),
    "floor.barge": monitor(Monitoring.BARGE),
    "floor.leave": stop_monitoring,
    "floor.reassign": reassign,
    "keep.edit": open_form("change"),
    "keep.create": create_record,
    "keep.confirm": open_form("confirm"),
    "keep.retire": open_form("retire"),
    "keep.answer": answer_report,
    **keeping_deeds.DEEDS,
    "keep.lists": lambda work: work.keeping_screen.go_to_lists(),
    **pages.DEEDS,
    **guarding_deeds.DEEDS,
    "form.save": save_form,
    "form.discard": discard_form,
    "presence.choose": choose_presence,
    "place.switch": switch_place,
    "line.reconnect": lambda work: work.desk.do(Reconnect()),
    "notice.dismiss": dismiss_notices,
    "theme.next": lambda work: work.next_theme(),
    "logout": log_out,
    "palette": open_palette,
    "help": lambda work: work.ask(HelpScreen(work.keymap), lambda _nothing: None),
    "quit": leave,
}


def perform(work: Work, action_id: str, place: str) -> None:
    """Do an action if it can be done now in this place; otherwise nothing."""
    action = actions.BY_ID[action_id]
    if action.place in {"", place} and action.available(work.state):
        DEEDS[action_id](work)
