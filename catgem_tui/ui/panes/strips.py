"""The lines at the edges: tabs, the telephone, the key hints."""

from typing import Any, cast

from catgem_tui.config.i18n import _, pgettext
from catgem_tui.desk.state import DeskState, PhoneCall, PhoneStatus, PhoneView, Quality
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import ContactState, Side
from catgem_tui.protocol.model import Advisor, Consultation
from catgem_tui.ui import figures, registered, wording
from catgem_tui.ui.actions import Action, hints
from catgem_tui.ui.contacts import urgency
from catgem_tui.ui.keys import KeysInForce, key_name, keyed
from catgem_tui.ui.lines import GAP, Line, Span, clip, plain, span, spread, width_of, without_halves
from catgem_tui.ui.paint import Painted
from catgem_tui.ui.panes.fitting import Piece, fitted
from catgem_tui.ui.panes.protocol import at_sensitive
from catgem_tui.ui.widgets.lines import Pane

FIRST = 92
"""Weight of a hint for where the focus is: before all but an offer's, hanging up and a lost line."""
ALWAYS = ("palette", "help")
"""Actions whose keys lead to all others: their hints stay on every line, however narrow."""
RECORDING = "call.pause_recording"
_STAYS = 1000
_WORTH_WORDS = 50
"""Weight above which a hint is dearer than the words of those that always stay."""
TABS = ("contact", "directory", "citizen", "contacts", "queue")
_TAB_WEIGHTS = {"contact": 3, "directory": 2, "citizen": 1, "contacts": 5, "queue": 4}
"""Whose name is kept longest."""
_NARROW = 70
"""Cells up to which tabs stand closer together, and say less."""
_SIDE_TABS = ("contact", "directory", "citizen")


class Tabs(Pane):
    """The parts of a screen that is too narrow to show them side by side."""

    DEFAULT_CSS = "Tabs { height: 1; padding: 0 1; background: $on-bar; }"

    def __init__(self, keymap: KeysInForce) -> None:
        super().__init__(id="tabs")
        self.keymap = keymap
        self.tab = "contact"
        self.all = True

    def take(self, state: DeskState, now: float) -> Any:
        late = {urgency(contact, state.settings, now) for contact in state.mine}
        sign = "!!" if "sla.breach" in late else "!" if "sla.warning" in late else ""
        waiting = state.summary.calls + state.summary.chats + state.summary.mails
        held = sum(contact.state is not ContactState.OFFERED for contact in state.mine)
        return (self.tab, self.all, held, sign, waiting, tuple(map(self.key_of, TABS)))

    def key_of(self, tab: str) -> str:
        """The shortest of the keys that go there."""
        action = "directory.search" if tab == "directory" else f"show.{tab}"
        return min(map(key_name, reversed(self.keymap.keys.get(action, ()))), key=len, default="")

    def lines(self, slice_: Any, width: int) -> list[Line]:
        tab, all_, held, sign, waiting, keys = slice_
        names = {
            "contact": _("Contact"),
            "directory": _("Directory"),
            "citizen": _("Citizen"),
            "contacts": _("My contacts") + (f" {held}" if held else "") + (f" {sign}" if sign else ""),
            "queue": _("Queue") + (f" {waiting}" if waiting else ""),
        }
        mine = pgettext("short", "Mine") + names["contacts"].removeprefix(_("My contacts"))
        shown = TABS if all_ else _SIDE_TABS
        pieces = []
        for name, its_key in zip(TABS, keys, strict=True):
            if name not in shown:
                continue
            key = (f"{its_key} ", "key")
            words = mine if name == "contacts" and width <= _NARROW else names[name]
            if name == tab:  # brackets as well as a colour: not everybody sees colours, nor has every terminal them
                pieces.append(Piece(9, (key, (f"[{words}]", "accent"))))
            else:
                pieces.append(Piece(_TAB_WEIGHTS[name], (key, (words, "text")), (key,)))
        return [clip(fitted(pieces, width, GAP if width > _NARROW else ("  ", "text")), width)]


class PhoneStrip(Pane):
    """The telephone in one line, and at its end what this workstation has to do without."""

    DEFAULT_CSS = "PhoneStrip { height: 1; padding: 0 1; background: $on-bar; }"

    def __init__(self) -> None:
        super().__init__(id="phone")
        self.meters = True

    def draw(self, state: DeskState, now: float) -> None:
        self.meters = cast(Painted, self.app).meters
        super().draw(state, now)

    def take(self, state: DeskState, now: float) -> Any:
        phone = state.phone
        talking = any(call.media for call in phone.calls)
        outside = _outside(state.me)
        return (
            phone.status,
            registered.tell(phone.registration, brief=bool(phone.calls)) if phone.status is PhoneStatus.READY else (),
            tuple((*_words(call, state), figures.elapsed(now - call.since), called(call)) for call in phone.calls),
            (phone.muted, phone.unheard),
            (_bar(phone.microphone), _bar(phone.loudspeaker)) if talking and self.meters else ("", ""),
            (phone.quality, phone.card.broken) if talking and phone.quality is not None else None,
            phone.auto_answer > 0,
            tuple(wording.lacking(PhoneView() if outside else phone, state.secrets)),
            outside,
        )

    def lines(self, slice_: Any, width: int) -> list[Line]:
        status, line, calls, (muted, unheard), (microphone, loudspeaker), quality, alone, lacking, outside = slice_
        if outside:
            return [spread(outside, _fitting(lacking, max(0, width - min(width_of(outside), width) - 3)), width)]
        label: Span = (_("telephone"), "dim")
        if calls:
            pieces = [Piece(2, (label,), ()), Piece(9, *_statuses(calls))]
        else:
            pieces = [Piece(9, (label, (" ", "text"), _idle(status)), (_idle(status),))]
        if calls and status is PhoneStatus.AWAY:
            pieces.append(Piece(8, ((_("out of reach"), "sla.warning"),)))
        if line:
            pieces.append(Piece(7, line))
        if calls and (muted or microphone):  # while it rings nobody hears us yet, and what is missing needs the room
            pieces.append(_microphone(muted, microphone, unheard=unheard))
            if loudspeaker:
                pieces.append(Piece(3, ((_("sound") + " ", "dim"), (loudspeaker, "text")), ()))
        if quality is not None:
            pieces.append(Piece(5, *_qualities(*quality)))
        if alone:
            pieces.append(Piece(4, ((_("answers by itself"), "accent"),), ((_("auto"), "accent"),)))
        shortest = width_of(_dim([words.partition(":")[0] for words in lacking]))
        left = fitted(pieces, width - shortest - 3 if shortest else width, GAP)
        return [spread(left, _fitting(lacking, max(0, width - min(width_of(left), width) - 3)), width)]


def _outside(me: Advisor | None) -> Line:
    """The telephone outside that this person works with, in the place of this workstation's own."""
    if me is None or me.outside_state not in wording.OUTSIDE:
        return ()
    words, slot = wording.OUTSIDE[me.outside_state]
    told: Line = (
        (_("outside telephone") + "  ", "dim"),
        span(me.outside_phone, "bright"),
        ("  ", "text"),
        (_(words), slot),
    )
    return (*told, GAP, (_("microphone") + " ", "dim"), (_("CLOSED"), "call.held")) if me.outside_muted else told


def _fitting(lacking: tuple[str, ...], room: int) -> Line:
    """What is missing, told with as many of its explanations (after a colon) as there is room for, the first first;
    what has no room at all is left out whole."""
    told = list(lacking)
    for index in reversed(range(len(told))):
        if width_of(_dim(told)) > room:
            told[index] = told[index].partition(":")[0]
    while told and width_of(_dim(told)) > room:
        told.pop()
    return _dim(told)


def _dim(told: list[str]) -> Line:
    return ((" · ".join(told), "dim"),) if told else ()


def _words(call: PhoneCall, state: DeskState) -> tuple[str, str, str]:
    """What goes on in a call: in words, in one word, and its slot."""
    contact = state.contacts.get(call.contact)
    consultation = contact.call.consultation if contact is not None and contact.call is not None else None
    if call.monitoring is not None:
        words = _(wording.MONITORING[call.monitoring])
        return words, words.partition(":")[0], "call.active"
    if call.state is CallState.CONFIRMED and call.contact in state.shown:
        return _("asked by %s") % state.shown[call.contact].by, _("asked"), "call.active"
    if call.state is CallState.CONFIRMED and consultation is not None:
        return _consulting(consultation)
    held = call.held or (contact is not None and contact.call is not None and contact.call.held)
    if call.state is CallState.CONFIRMED and held:
        return _("on hold"), _("on hold"), "call.held"
    if call.incoming and call.state is CallState.RINGING:
        return _("direct call"), _("direct call"), "call.ringing"
    words, slot = {
        CallState.DIALLING: (_("calling"), "call.ringing"),
        CallState.RINGING: (_("ringing"), "call.ringing"),
        CallState.CONFIRMED: (_("in call"), "call.active"),
        CallState.ENDED: (_("ended"), "dim"),
    }[call.state]
    return words, words, slot


def _consulting(consultation: Consultation) -> tuple[str, str, str]:
    who = wording.consulted(consultation)
    if not consultation.connected:
        return _("calling %s, the citizen waits") % who, _("calling"), "call.ringing"
    if consultation.side is Side.ALL:
        return _("all three, with %s") % who, _("all three"), "call.active"
    if consultation.side is Side.CITIZEN:
        return _("with the citizen, %s waits") % who, _("with the citizen"), "call.active"
    return _("with %s, the citizen waits") % who, _("citizen waits"), "call.held"


def _statuses(calls: Any) -> list[Line]:
    """From all that there is to say of the calls down to a word and a clock each."""
    return [
        _call_line(calls, short=False, names=True),
        _call_line(calls, short=True, names=True),
        _call_line(calls, short=True, names=False),
        _call_line(calls, short=True, names=False, numbers=False),
    ]


def _call_line(calls: Any, *, short: bool, names: bool, numbers: bool = True) -> Line:
    told: list[Span] = []
    for words, word, slot, clock, who in calls:
        told += [
            span(f"{word if short else words} ", slot),
            *(who if names else who[: 2 * numbers]),
            (clock, slot),
            ("  ", "text"),
        ]
    return tuple(told[:-1])


def _idle(status: PhoneStatus) -> Span:
    words: dict[PhoneStatus, Span] = {
        PhoneStatus.STARTING: (_("starting"), "dim"),
        PhoneStatus.READY: (_("ready"), "line.online"),
        PhoneStatus.RESTARTING: (_("starting again"), "sla.warning"),
        PhoneStatus.MISSING: (_("none"), "dim"),
        PhoneStatus.AWAY: (_("out of reach"), "sla.warning"),
        PhoneStatus.DOWN: (_("NOT WORKING"), "line.offline"),
    }
    return words[status]


def _microphone(muted: bool, level: str, *, unheard: bool) -> Piece:
    """That it is closed is said as long as anything is."""
    word: Span = (_("microphone") + " ", "dim")
    short: Span = (pgettext("short", "mic") + " ", "dim")
    if muted:
        if unheard:
            warned: Span = (_("CLOSED: you are not heard"), "error")
            return Piece(8, (word, warned), (short, warned), (short, (_("NOT HEARD"), "error")))
        closed: Span = (_("CLOSED"), "call.held")
        return Piece(8, (word, closed), (short, closed))
    opened: Span = (_("open") + f" {level}", "text")
    return Piece(4, (word, opened), (short, opened), (short, (level, "text")))


def called(call: PhoneCall) -> Line:
    """Whom this person called, or who called them: the number, who it is, and the extension until it was dialled."""
    if not call.number:
        return ()
    name = plain(clip((span(call.name),), 16))
    extension = _("ext. %s") % call.extension if call.extension and not call.typed else ""
    parts = [span(figures.telephone(call.number), "bright"), span(name), span(extension, "bright")]
    return tuple(each for part in parts if part[0] for each in (part, ("  ", "text")))


_GOOD, _FAIR = 4.0, 3.6
"""Opinion scores from which nearly all, and from which most, are satisfied (ITU-T G.109: ratings 80 and 70)."""


_CODECS = {"G722": "G.722", "PCMA": "G.711", "PCMU": "G.711"}
"""By the recommendations of the ITU-T, as people write them."""
_MANY = 3
"""Holes between two measurements from which everybody hears them."""


BAD = frozenset({"error"})
"""The slots of a sound with which one hardly understands each other."""


def sounding(quality: Quality, broken: int) -> Span | None:
    """How the call sounds, in a word, once that is known; ``broken``: holes since the last measurement."""
    if broken >= _MANY:
        return (_("CHOPPY"), "error")
    if quality.mos is None:
        return None
    if quality.mos >= _GOOD:
        return (_("good"), "good")
    return (_("fair"), "sla.warning") if quality.mos >= _FAIR else (_("poor"), "error")


def _qualities(quality: Quality, broken: int) -> list[Line]:
    """From everything measured down to the codec and a word; of what is not known yet, nothing."""
    codec = _CODECS.get(quality.codec, quality.codec)
    word = sounding(quality, broken)
    if word is None:
        return [((codec, "text"),)]
    label: Span = (f"{codec} ", "text")
    score: Span = word if quality.mos is None else (f"{word[0]} {quality.mos:.1f}", word[1])
    full, brief = ("".join(f"  {figure}" for figure in _figures(quality, brief=brief)) for brief in (False, True))
    return [(label, score, (full, "dim")), (label, score, (brief, "dim")), (label, score), (label, word)]


def _figures(quality: Quality, *, brief: bool) -> list[str]:
    """What is known of the way between the two ends."""
    figures = []
    if quality.round_trip_ms is not None:
        trip = _("%d ms") if brief else _("round trip %d ms")
        jitter = "" if brief or quality.jitter_ms is None else f" ±{quality.jitter_ms:.0f}"
        figures.append(trip % round(quality.round_trip_ms) + jitter)
    if quality.loss is not None:
        figures.append(_("lost %d %%") % round(quality.loss * 100))
    return figures


def _bar(level: float) -> str:
    """A level of 0 to 1 as one of eight blocks."""
    return "▁▂▃▄▅▆▇█"[min(7, max(0, int(level * 8)))]


class KeyHints(Pane):
    """The keys of what can be done now, the weightiest first; the rest is in the help. What the keys themselves have
    to say comes first: a key that starts nothing, or nothing now, characters that are keys in a field; of a stroke
    that waits what may follow it is told alone."""

    DEFAULT_CSS = "KeyHints { height: 1; padding: 0 1; background: $on-bar; }"

    def __init__(self, keymap: KeysInForce, place: str) -> None:
        super().__init__(id="hints", classes="key-bar")
        self.keymap = keymap
        self.place = place
        self.at_hand: tuple[str, ...] = ()
        """Actions that are told before all others, for where the focus is."""

    def take(self, state: DeskState, now: float) -> Any:
        app = keyed(self)
        return app.key_line, app.commanding, () if app.following else self.usual(state)

    def usual(self, state: DeskState) -> Any:
        """What is told while the keys have nothing to say themselves."""
        return tuple(
            (self.keymap.name(action.id), _(action.name_in(state)), self.weight(action, state))
            for action in hints(state, self.place, self.at_hand)
            if self.keymap.first(action.id)
        )

    def weight(self, action: Action, state: DeskState) -> int:
        """Of where the focus is, and of a step at which sensitive data is said, before the usual."""
        if action.id in ALWAYS:
            return _STAYS
        return FIRST if action.id in self.at_hand or (action.id == RECORDING and at_sensitive(state)) else action.hint

    def lines(self, slice_: Any, width: int) -> list[Line]:
        said, commanding, usual = slice_
        if said and not usual:
            return [without_halves(said, width)]
        first: list[Span] = [*said, GAP] if said else [(_("NORMAL"), "accent"), GAP] if commanding else []
        return [clip([*first, *self.usual_line(usual, width - width_of(first))], width)]

    def usual_line(self, usual: Any, width: int) -> list[Span]:
        """As many as there is room for, the weightiest first. The keys that lead to all others are there in any case,
        with their words unless these would take the place of what the task needs."""
        kept, brief = (_kept(usual, width, words=words) for words in (True, False))
        needed = {key for key, _name, weight in usual if weight > _WORTH_WORDS and weight != _STAYS}
        words = not needed & (brief - kept)
        told: list[Span] = []
        for key, name, weight in usual:
            if key in (kept if words else brief):
                told += [("   " if told else "", "text"), (key, "key")]
                told += [(f" {name.lower()}", "text")] if words or weight != _STAYS else []
        return told


def _kept(usual: Any, width: int, *, words: bool) -> set[str]:
    """The keys for whose hints there is room."""
    room = width + len(GAP[0])
    kept: set[str] = set()
    for key, name, weight in sorted(usual, key=lambda hint: -hint[2]):
        size = len(key) + (len(name) + 1 if words or weight != _STAYS else 0) + len(GAP[0])
        if size <= room:
            kept.add(key)
            room -= size
    return kept
