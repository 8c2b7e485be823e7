"""What the desk knows beyond what it shows, and the turn in which one happening changes it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from catgem_tui.desk.effects import Effect, Later, Transmit
from catgem_tui.desk.happenings import NoticeOver
from catgem_tui.desk.intents import OpenRecord
from catgem_tui.desk.state import LASTING, DeskState, Line, Notice, Severity
from catgem_tui.phone.port import ChooseDevices, QualityMeasured
from catgem_tui.protocol.commands import is_durable
from catgem_tui.protocol.enums import FLOOR_ROLES
from catgem_tui.protocol.events import CallExpected
from catgem_tui.protocol.identifier import new_id
from catgem_tui.protocol.model import SoundReport, Struct

MOST_NOTICES = 12
NOTICE_LASTS = 30.0
"""Seconds after which a notice leaves that wants nothing done."""


class Writing(msgspec.Struct, frozen=True):
    """A text that is typed here and saved at central: notes, or a mail's draft."""

    text: str
    """As it now stands here."""
    base: str = ""
    """As central last had it, as far as we know."""
    revision: int = 0
    """Central's revision of ``base`` (notes only)."""
    sending: str = ""
    """Id of the save on its way; one at a time."""
    sent: str = ""
    """The text of that save."""

    @property
    def saved(self) -> bool:
        return self.text == self.base


class Mean(msgspec.Struct, frozen=True):
    """Of what was measured again and again; 0 before the first time."""

    total: float = 0.0
    times: int = 0
    least: float = 0.0

    @property
    def value(self) -> float:
        return self.total / max(1, self.times)

    def and_then(self, figure: float | None) -> "Mean":
        """None: there was nothing to measure."""
        if figure is None:
            return self
        return Mean(self.total + figure, self.times + 1, min(self.least, figure) if self.times else figure)


class Heard(msgspec.Struct, frozen=True):
    """What was measured of a call so far."""

    codec: str = ""
    scores: Mean = Mean()
    loss: Mean = Mean()
    jitter: Mean = Mean()
    round_trip: Mean = Mean()
    underruns: int = 0
    overruns: int = 0

    def and_then(self, event: QualityMeasured) -> "Heard":
        return Heard(
            codec=event.codec,
            scores=self.scores.and_then(event.mos),
            loss=self.loss.and_then(event.loss),
            jitter=self.jitter.and_then(event.jitter_ms),
            round_trip=self.round_trip.and_then(event.round_trip_ms),
            underruns=event.underruns,
            overruns=event.overruns,
        )

    def report(self, seconds: float) -> SoundReport:
        return SoundReport(
            codec=self.codec,
            seconds=seconds,
            mos=round(self.scores.value, 2),
            worst_mos=round(self.scores.least, 2),
            round_trip_ms=round(self.round_trip.value, 1),
            jitter_ms=round(self.jitter.value, 1),
            loss=round(self.loss.value, 4),
            underruns=self.underruns,
            overruns=self.overruns,
        )


class Devices(msgspec.Struct, frozen=True):
    """By which devices this person heard and spoke, and what was chosen then."""

    loudspeaker: str = ""
    """Its name; empty: not known yet."""
    microphone: str = ""
    chosen: ChooseDevices = ChooseDevices()


class Model(msgspec.Struct, frozen=True):
    view: DeskState = DeskState()
    expected: Mapping[str, CallExpected] = {}
    """Calls that a line is about to make to us, by token."""
    commands: Mapping[str, Struct] = {}
    """Everything asked of central and not yet answered, by id, oldest first."""
    notes: Mapping[str, Writing] = {}
    drafts: Mapping[str, Writing] = {}
    accepting: frozenset[str] = frozenset()
    """Calls accepted before their INVITE was here."""
    letting_go: frozenset[str] = frozenset()
    """Contacts this person gave away or closed: losing them is no news."""
    ringing: str = ""
    """The call the ringing is for."""
    ring_file: str = ""
    """The ringing sound."""
    ring_aloud: bool = True
    """Whether offers are to be heard."""
    heard: Mapping[str, Heard] = {}
    """How each call on the telephone sounds, by its id."""
    devices: Devices = Devices()
    """What was heard through last."""
    opening: OpenRecord | None = None
    """A record that is asked for by its id, to be edited when it comes."""
    told: frozenset[tuple[str, float]] | None = None
    """Records that end soon and when, as they were last told; None: not yet."""
    resuming: str = ""
    """The call that this person made and takes back as soon as the citizen is on hold."""
    leaving: frozenset[str] = frozenset()
    """Contacts whose consultation this person ended: that it is over is no news."""
    handed_out: Mapping[str, str] = {}
    """To whom outside this person's contacts were handed on, by contact."""
    focus_before: str = ""
    """The contact that was in the middle before a colleague's."""
    typed_at: float = 0.0
    """When this person last wrote something, on this machine's clock."""
    signals: bool = True
    """Whether short tones in the ear tell of the microphone."""
    unheard_tone: bool = True
    """Whether one of them tells that this person speaks while it is closed."""
    microphone_levels: tuple[float, ...] = ()
    """The last few, of five a second."""
    spoken_unheard: int = 0
    """How surely they do."""
    unheard_told_at: float = 0.0
    """When that tone was last played, on this machine's clock."""
    answers_told: float = 0.0
    """Up to when this person knows what came of what they reported; central's clock."""
    notices: int = 0
    """Notices ever made."""
    report_came: bool = False
    """Whether a report has come that is not in the list yet."""


class Turn:
    """One happening's work on a model: what changes and what is to be done. ``now`` is this machine's wall clock."""

    def __init__(self, model: Model, now: float) -> None:
        self.model = model
        self.now = now
        self.effects: list[Effect] = []

    @property
    def view(self) -> DeskState:
        return self.model.view

    @property
    def my_id(self) -> str:
        return "" if self.view.user is None else self.view.user.id

    @property
    def sees_floor(self) -> bool:
        return self.view.user is not None and self.view.user.role in FLOOR_ROLES

    def show(self, **changes: Any) -> None:
        """Change fields of the shown state."""
        self.model = replace(self.model, view=replace(self.model.view, **changes))

    def remember(self, **changes: Any) -> None:
        """Change fields of the model."""
        self.model = replace(self.model, **changes)

    def perform(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def later(self, seconds: float, event: object) -> None:
        """Let an equal event happen once, ``seconds`` from now; asked again, the time starts anew."""
        self.perform(Later(seconds, event))

    def command(self, body: Struct) -> str:
        """Ask central. Returns the command's id; empty when it is about this moment and there is no line."""
        if not is_durable(body) and self.view.line is not Line.ONLINE:
            args = {"central": self.view.central}
            self.notify("central_unreachable", Severity.WARNING, args=args, contact=getattr(body, "contact", ""))
            return ""
        return self.transmit(body)

    def transmit(self, body: Struct) -> str:
        """Ask central without a word if that is not possible now."""
        command_id = new_id(self.now)
        self.expect_answer(command_id, body)
        self.perform(Transmit(command_id, body))
        return command_id

    def expect_answer(self, command_id: str, body: Struct) -> None:
        self.remember(commands={**self.model.commands, command_id: body})
        self.count_unsent()

    def count_unsent(self) -> None:
        self.show(unsent=sum(is_durable(body) for body in self.model.commands.values()))

    def notify(
        self,
        code: str,
        severity: Severity = Severity.ERROR,
        *,
        args: Mapping[str, str | int | float] | None = None,
        field: str = "",
        contact: str = "",
        title: str = "",
    ) -> None:
        """Tell the person; the same thing about the same contact replaces what was said before. ``title``: of the
        record it is about. It leaves by itself unless it is ``LASTING``."""
        number = self.model.notices + 1
        notice = Notice(
            number, code, severity, dict(args or {}), field, contact, self.view.contacts.get(contact), title
        )
        if code not in LASTING:
            self.later(NOTICE_LASTS, NoticeOver(number))
        others = [n for n in self.view.notices if (n.code, n.contact) != (code, contact)]
        self.remember(notices=number)
        self.show(notices=(*others, notice)[-MOST_NOTICES:])

    def withdraw_notices(self, *codes: str, contact: str = "") -> None:
        """What was said is over; with ``contact`` of that one only."""
        left = tuple(n for n in self.view.notices if n.code not in codes or (contact and n.contact != contact))
        if len(left) != len(self.view.notices):
            self.show(notices=left)
