"""What is done on the floor: taking part in calls, moving contacts."""

from collections.abc import Callable

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.commands import (
    Monitor,
    Reassign,
    StopMonitoring,
)
from catgem_tui.protocol.enums import (
    AdvisorState,
    Channel,
    ContactState,
    Monitoring,
)
from catgem_tui.protocol.model import Contact
from catgem_tui.ui import wording
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.work import Work


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


def reassign(work: Work) -> None:
    contact = work.chosen_contact()
    if contact is None:
        work.refuse("floor.reassign", _("choose a contact"))
        return

    def go(advisor: str, queue: str) -> None:
        work.desk.do(Reassign(contact=contact.id, advisor=advisor, queue=queue))

    ask_target(work, contact, _("Reassign to"), go)


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
        else:
            work.refuse(f"floor.{mode.value}", _("choose a call that is being served"))

    return join


def stop_monitoring(work: Work) -> None:
    for call in work.state.phone.calls:
        if call.monitoring is not None:
            work.desk.do(StopMonitoring(contact=call.contact))
