"""The sound card: which microphone, loudspeaker and ringing device, how loud, and whether it works. Also in a call."""

from collections.abc import Callable
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from catgem_tui.config.i18n import N_, _
from catgem_tui.desk.intents import ChangeSound, ShowSound, TrySound
from catgem_tui.desk.sound import STEP_DB, STEPS, Chosen, SoundChoices
from catgem_tui.desk.state import DeskState, PhoneView
from catgem_tui.phone.port import DeviceKind, Latency, TrialStep
from catgem_tui.ui.keys import keyed
from catgem_tui.ui.lines import Line, Row, clip, line, paragraph, span, spread, width_of
from catgem_tui.ui.port import Desk
from catgem_tui.ui.screens.dialogs import Choice, ChoiceDialog
from catgem_tui.ui.screens.watching import WatchingDialog
from catgem_tui.ui.widgets.lines import Lines
from catgem_tui.ui.widgets.rows import Rows

DEVICES = {
    "microphone": (N_("Microphone"), DeviceKind.MICROPHONE),
    "loudspeaker": (N_("Loudspeaker"), DeviceKind.LOUDSPEAKER),
    "ringer": (N_("Ringing"), DeviceKind.LOUDSPEAKER),
}
STEPPED = {"microphone_step": N_("Microphone's volume"), "loudspeaker_step": N_("Loudspeaker's volume")}
SWITCHED = {"automatic_level": N_("Even out my voice"), "cancel_echo": N_("Take out the loudspeaker's echo")}
TRIALS = {
    TrialStep.RECORDING: N_("speak now: three seconds are recorded…"),
    TrialStep.PLAYING: N_("this is how you are heard…"),
    TrialStep.OVER: "",
}
_FRAME = 9
"""Rows of the border, heading, meters, foot and the margins between them."""
_METER = 24
"""Cells of a level."""


class SoundScreen(WatchingDialog):
    DEFAULT_CSS = "SoundScreen > Vertical { width: 76; }"
    begins, ends = ShowSound(True), ShowSound(False)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,minus", "step(-1)", show=False),
        Binding("right,plus", "step(1)", show=False),
    ]

    def __init__(self, desk: Desk, ask: Callable[[ChoiceDialog, Callable[[str], None]], None]) -> None:
        super().__init__(desk, ask)
        self.sounded: set[str] = set()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Lines(id="heading")
            yield self.rows
            yield Lines(id="meters")
            yield Lines(id="foot")

    def draw(self, state: DeskState) -> None:
        width = self.rows.text_width
        if not self.is_mounted or width <= 0:
            return
        phone = state.phone
        troubles = _troubles(phone, width)
        self.query_one("#heading", Lines).show([line((_("Sound"), "accent")), *troubles])
        self.rows.styles.max_height = self.most_rows(92, _FRAME + len(troubles))
        self.rows.show_rows([Row(key, (told,)) for key, told in _rows(phone, width)])
        meters = self.query_one("#meters", Lines)
        self.sounded |= _sounding(phone)
        meters.show(_meters(phone, self.sounded if meters.reader is not None else None))
        keys = _("%(choose)s chooses · %(left)s %(right)s softer, louder · %(back)s goes back")
        self.query_one("#foot", Lines).show([line((keyed(self).keymap.said(keys), "dim"))])

    # --- keys ---

    @property
    def choices(self) -> SoundChoices:
        return self.desk.state.phone.card.choices

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        key = event.key
        if key in DEVICES:
            self.choose_device(key)
        elif key in SWITCHED:
            self.change(**{key: not getattr(self.choices, key)})
        elif key in STEPPED:
            self.action_step(1)
        elif key in {"record", "ring"}:
            self.desk.do(TrySound(ring=key == "ring"))

    def action_step(self, by: int) -> None:
        key = self.rows.cursor
        if key in STEPPED:
            self.change(**{key: max(-STEPS, min(STEPS, getattr(self.choices, key) + by))})

    def change(self, **changes: object) -> None:
        self.desk.do(ChangeSound(replace(self.choices, **changes)))
        self.redraw()

    def choose_device(self, key: str) -> None:
        name, kind = DEVICES[key]
        devices = {each.id: each for each in self.desk.state.phone.card.devices if each.kind is kind}
        chosen: Chosen = getattr(self.choices, key)
        first = _("On the loudspeaker") if key == "ringer" else _("What the system uses")
        choices = [Choice("=", first, _("chosen") if not chosen.id else "")]
        for each in devices.values():
            remark = _("chosen") if each.id == chosen.id else _("the system's") if each.default else ""
            choices.append(Choice(f"={each.id}", each.name, remark))
        if chosen.id and chosen.id not in devices:
            choices.append(Choice(f"={chosen.id}", chosen.name or chosen.id, _("chosen, not there")))

        def use(answer: str) -> None:
            if answer:
                wanted = answer[1:]
                found = devices[wanted].name if wanted in devices else chosen.name if wanted else ""
                self.change(**{key: Chosen(wanted, found)})

        about = _("A change takes effect at once, also in the middle of a call.")
        self.ask(ChoiceDialog(_(name), choices, explanation=about), use)


def _troubles(phone: PhoneView, width: int) -> list[Line]:
    told = []
    if phone.sound_problem == "no_library":
        told.append(_("The sound library (miniaudio) is not installed for the telephone's Python."))
    elif phone.sound_problem:
        told.append(_("There is no sound card, or its sound server does not answer; it is looked for all the time."))
    elif not phone.card.microphone and phone.sound:
        told.append(_("There is no microphone: nobody hears you."))
    if phone.card.missing:
        told.append(_("Not there: %s. What the system uses takes its place.") % ", ".join(phone.card.missing))
    return [each for words in told for each in paragraph(words, width, "sla.warning")]


def _what_the_system_uses(name: str) -> str:
    return _("what the system uses: %s") % name if name else _("what the system uses")


def _rows(phone: PhoneView, width: int) -> list[tuple[str, Line]]:
    choices = phone.card.choices
    rows: list[tuple[str, Line]] = []
    for key, (name, _kind) in DEVICES.items():
        chosen: Chosen = getattr(choices, key)
        if key == "ringer":
            words = chosen.name or chosen.id or _("on the loudspeaker")
        else:
            in_use = phone.card.microphone if key == "microphone" else phone.sound
            words = chosen.name or chosen.id or _what_the_system_uses(in_use)
        label = ((_(name), "text"),)
        device = clip((span(words, "bright"),), width - width_of(label) - 1)  # a long name pushes out no label
        rows.append((key, spread(label, device, width)))
    for key, name in STEPPED.items():
        decibels = getattr(choices, key) * STEP_DB
        words = _("as it is") if not decibels else f"{decibels:+.0f} dB"
        rows.append((key, spread(((_(name), "text"),), ((words, "bright"),), width)))
    for key, name in SWITCHED.items():
        words = _("yes") if getattr(choices, key) else _("no")
        rows.append((key, spread(((_(name), "text"),), ((words, "bright"),), width)))
    trial = TRIALS[phone.card.trial]
    rows.append(("record", spread(((_("Hear yourself"), "text"),), ((_(trial) if trial else "", "accent"),), width)))
    rows.append(("ring", line((_("Ring once"), "text"))))
    return rows


def _sounding(phone: PhoneView) -> set[str]:
    """Which of the two directions is not silent now."""
    levels = {"microphone": phone.microphone, "loudspeaker": phone.loudspeaker}
    return {each for each, level in levels.items() if level * _METER >= 1}


def _meters(phone: PhoneView, sounded: set[str] | None) -> list[Line]:
    """``sounded``: for who hears the screen, from where there was sound since the dialog was opened; that does not come
    and go as a level does."""
    quick = phone.card.latency is Latency.QUICK
    speed = _("short blocks (10 ms)") if quick else _("long blocks (20 ms)")
    meters = ((_("you"), "microphone", phone.microphone), (_("the others"), "loudspeaker", phone.loudspeaker))
    size = max(len(name) for name, _of, _level in meters)
    return [
        *(
            line(
                (f"{name:<{size}}  ", "dim"),
                (_meter(level) if sounded is None else _("sound") if of in sounded else _("silence"), "text"),
            )
            for name, of, level in meters
        ),
        line((speed, "dim")) if phone.sound else (),
    ]


def _meter(level: float) -> str:
    full = min(_METER, max(0, round(level * _METER)))
    return "█" * full + "·" * (_METER - full)
