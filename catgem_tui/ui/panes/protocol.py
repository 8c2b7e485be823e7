"""The attention protocol: the steps, and the words to say at the one that is next."""

from typing import Any

from catgem_tui.config.i18n import _
from catgem_tui.desk.state import DeskState
from catgem_tui.protocol.model import Contact, Step
from catgem_tui.ui import wording
from catgem_tui.ui.lines import Line, Row, clip, line, paragraph, span, spread
from catgem_tui.ui.widgets.rows import RowPane


def steps_of(state: DeskState, contact: Contact | None) -> tuple[Step, ...]:
    """The protocol of a contact's channel."""
    if contact is None or state.settings is None:
        return ()
    return state.settings.protocols.get(contact.channel, ())


def next_step(state: DeskState) -> Step | None:
    """The first unchecked step of the focused contact."""
    contact = state.focused
    if contact is None:
        return None
    return next((step for step in steps_of(state, contact) if step.id not in contact.steps), None)


class ProtocolPane(RowPane):
    """Enter checks a step or clears it. The next step shows its script."""

    def __init__(self) -> None:
        super().__init__(id="protocol")
        self.current = ""
        """The step that is next; the cursor goes along with it."""
        self.short = False
        """Only the next step, where there is little room."""

    def take(self, state: DeskState, now: float) -> Any:
        contact = state.focused
        steps = steps_of(state, contact)
        name = state.user.name if state.user else ""
        return (
            tuple(
                (step.id, wording.label(step), wording.script(step).replace("{advisor}", name), step.sensitive)
                for step in steps
            ),
            contact.steps if contact else (),
            _remark(state, contact),
        )

    def redraw(self) -> None:
        if self.slice is not None:
            steps, done, _remark = self.slice
            current = next((step[0] for step in steps if step[0] not in done), "")
            if current != self.current:
                self.current = self.cursor = current
        super().redraw()

    def rows_of(self, slice_: Any, width: int) -> list[Row]:
        steps, done, remark = slice_
        current = next((step[0] for step in steps if step[0] not in done), "")
        if self.short:
            return [
                row for row in (_row(step, done, current, remark, width) for step in steps) if row.key == current
            ] or [Row("", (line((_("Protocol complete."), "dim")),))]
        return [_row(step, done, current, remark, width) for step in steps]

    def set_short(self, short: bool) -> None:
        if short != self.short:
            self.short = short
            self.redraw()


def at_sensitive(state: DeskState) -> bool:
    """Whether sensitive data is said at the step that is next."""
    step = next_step(state)
    return step is not None and step.sensitive


def _remark(state: DeskState, contact: Contact | None) -> str:
    """What is said at a sensitive step that is next."""
    call = contact.call if contact else None
    if call is not None and call.recording_paused:
        return _("sensitive data: recording paused")
    pausable = state.settings is not None and state.settings.pause_recording != "off"
    if call is not None and call.recording and pausable:
        return _("sensitive data: pause recording")
    return _("sensitive data")


def _row(step: tuple[str, str, str, bool], done: tuple[str, ...], current: str, remark: str, width: int) -> Row:
    key, words, script, sensitive = step
    checked, now = key in done, key == current
    box = "[x] " if checked else "[ ] "
    slot = "dim" if checked else "bright" if now else "text"
    tail = ((remark if now else _("sensitive data"), "sla.warning"),) if sensitive and not checked else ()
    told: list[Line] = [spread(((box, "good" if checked else slot), span(words, slot)), tail, width)]
    if now and script:
        told += [clip(part, width) for part in paragraph(f"«{script}»", width, "text", indent=4)]
    return Row(key, tuple(told))
