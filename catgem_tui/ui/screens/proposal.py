"""A change that waits: each record before and after, and the decision about it."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from catgem_tui.config.i18n import _
from catgem_tui.desk.effects import FetchProposal
from catgem_tui.desk.intents import AskKeeping
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.editing import Proposal
from catgem_tui.protocol.enums import ChangeState
from catgem_tui.ui import wording
from catgem_tui.ui.keys import keyed
from catgem_tui.ui.lines import Line, line, paragraph
from catgem_tui.ui.port import Desk
from catgem_tui.ui.records import proposal_lines
from catgem_tui.ui.screens.dialogs import ScrolledDialog, ScrolledLines
from catgem_tui.ui.widgets.lines import Lines


class ProposalCard(ScrolledDialog):
    """``decide`` is called with the proposal when Enter asks what to do with it."""

    DEFAULT_CSS = """
    ProposalCard > Vertical { width: 96; }
    ProposalCard #proposal { overflow-y: auto; }
    ProposalCard #proposal-foot { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "decide", show=False),
    ]
    scrolled = "proposal"

    def __init__(self, change: str, desk: Desk, decide: Callable[[Proposal], None]) -> None:
        super().__init__()
        self.change = change
        self.desk = desk
        self.decide = decide
        self.unsubscribe: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield ScrolledLines(id="proposal")
            yield Lines(id="proposal-foot")

    def on_mount(self) -> None:
        self.unsubscribe = self.desk.subscribe(self.take)
        self.desk.do(AskKeeping(FetchProposal(self.change)))

    def on_unmount(self) -> None:
        self.unsubscribe()

    def fill(self) -> None:
        self.draw()

    def take(self, _state: DeskState) -> None:
        self.draw()

    @property
    def proposal(self) -> Proposal | None:
        held = self.desk.state.keeping.proposal
        return held if held is not None and held.summary.id == self.change else None

    def draw(self) -> None:
        if not self.is_mounted:
            return
        card, foot = self.query_one("#proposal", Lines), self.query_one("#proposal-foot", Lines)
        width = card.text_width
        if width <= 0:
            return
        card.show(self.lines(width))
        open_still = self.proposal is not None and self.proposal.summary.state is not ChangeState.REJECTED
        words = _("%(choose)s decides · %(back)s goes back") if open_still else _("%(back)s goes back")
        foot.show([line((keyed(self).keymap.said(words), "dim"))])
        self.keep_in_sight(1)

    def lines(self, width: int) -> list[Line]:
        proposal = self.proposal
        if proposal is None:
            problem = self.desk.state.keeping.problem
            if problem:
                return paragraph(wording.fault(problem), width, "sla.warning")
            return [line((_("being fetched…"), "dim"))]
        return proposal_lines(proposal.summary, proposal, width)

    def action_decide(self) -> None:
        if self.proposal is not None:
            self.decide(self.proposal)
