"""Whatever must be told apart reads otherwise or is drawn otherwise, with every colour gone."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pytest
from msgspec.structs import replace

from catgem_tui.config import assets
from catgem_tui.config.theme import ThemeData, load_theme
from catgem_tui.desk.state import DeskState, Line, PhoneStatus, Quality
from catgem_tui.phone.port import CallState
from catgem_tui.protocol.enums import AdvisorState, Channel, ContactState, Delivery
from catgem_tui.protocol.model import Advisor, Contact
from catgem_tui.ui.contacts import channel_short
from catgem_tui.ui.lines import Line as TextLine
from catgem_tui.ui.lines import plain, width_of
from catgem_tui.ui.panes.contact import ContactHead
from catgem_tui.ui.panes.conversation import Conversation
from catgem_tui.ui.panes.header import HeaderPane
from catgem_tui.ui.panes.lists import MyContacts, QueuePane
from catgem_tui.ui.panes.protocol import ProtocolPane
from catgem_tui.ui.panes.strips import PhoneStrip, Tabs
from catgem_tui.ui.screens.floor import AdvisorTable
from catgem_tui.ui.widgets.lines import Pane
from catgem_tui.ui.widgets.rows import RowPane
from tests.ui import scenes
from tests.ui.gallery import SCENES
from tests.ui.scenes import BUSY, CALL, CHAT, IDLE, IN_CALL, IN_CHAT, NOW
from tests.ui.stage import SMALL, opened, workstation

FEW = ("mono", "sixteen")
WIDTH = 100
Seen = tuple[tuple[str, tuple[str, ...]], ...]


def seen(data: ThemeData, lines: Iterable[TextLine]) -> Seen:
    """The words with their weights; colours count for nothing."""
    return tuple((text, data.slots[slot].weights) for told in lines for text, slot in told if text.strip())


def drawn(pane: Pane | RowPane, state: DeskState) -> list[TextLine]:
    slice_: Any = pane.take(state, NOW)
    if isinstance(pane, RowPane):
        return [line for row in pane.rows_of(slice_, WIDTH) for line in row.lines]
    return pane.lines(slice_, WIDTH)


def me(state: AdvisorState) -> Advisor:
    return replace(scenes.ME, state=state, next_presence=None)


def held(contact: Contact) -> DeskState:
    return replace(scenes.with_contact(BUSY, contact), focus=contact.id)


def call(**changes: Any) -> DeskState:
    assert CALL.call is not None
    return held(replace(CALL, call=replace(CALL.call, **changes)))


def on_the_strip(**changes: Any) -> DeskState:
    return replace(BUSY, phone=replace(IN_CALL, calls=(replace(IN_CALL.calls[0], **changes),)))


def message(delivery: Delivery) -> DeskState:
    sent = replace(scenes.CHAT_LINES[5], delivery=delivery)
    return replace(IN_CHAT, messages={"c-chat": (*scenes.CHAT_LINES[:5], sent)})


def chat(waiting: float | None) -> DeskState:
    since = None if waiting is None else NOW - waiting
    return replace(BUSY, contacts={CHAT.id: replace(CHAT, waiting_since=since, accepted_at=NOW - 48)}, focus="")


def quality(mos: float) -> Quality:
    assert IN_CALL.quality is not None
    return replace(IN_CALL.quality, mos=mos)


def level_of(level: float) -> DeskState:
    return replace(BUSY, phone=replace(IN_CALL, microphone=level))


FAMILIES: Mapping[str, tuple[Any, Mapping[str, DeskState]]] = {
    "what I do": (HeaderPane, {state.value: replace(IDLE, me=me(state)) for state in AdvisorState}),
    "what others do": (
        AdvisorTable,
        {state.value: replace(scenes.FLOOR, advisors={"u": me(state)}) for state in AdvisorState},
    ),
    "the line": (HeaderPane, {line.value: replace(IDLE, line=line) for line in Line}),
    "the telephone": (
        PhoneStrip,
        {status.value: replace(IDLE, phone=replace(scenes.PHONE, status=status)) for status in PhoneStatus},
    ),
    "a call": (
        PhoneStrip,
        {
            **{state.value: on_the_strip(state=state) for state in CallState},
            "held": on_the_strip(held=True),
            "muted": replace(BUSY, phone=replace(IN_CALL, muted=True)),
        },
    ),
    "the contact": (
        lambda: ContactHead(workstation(BUSY)[0].keymap),
        {
            "recorded": call(),
            "not recorded": call(recording=False),
            "paused": call(recording=False, recording_paused=True),
            "held": call(held=True),
            "emergency": held(replace(CALL, emergency=True)),
            "warned": held(replace(CALL, warned=True)),
            "wrap-up": held(replace(CALL, state=ContactState.WRAP_UP)),
            "parked": held(replace(CHAT, state=ContactState.PARKED)),
            "chat": held(CHAT),
            "left": held(replace(CHAT, citizen_present=False)),
        },
    ),
    "urgency": (MyContacts, {"calm": chat(3), "hurry": chat(48), "late": chat(70)}),
    "unread": (MyContacts, {"read": held(replace(CHAT, unread=0)), "unread": held(replace(CHAT, unread=1))}),
    "mine": (MyContacts, {focus: replace(BUSY, focus=focus) for focus in ("c-call", "c-chat", "c-mail")}),
    "who waits": (
        QueuePane,
        {
            str(late): replace(
                BUSY, summary=replace(scenes.SUMMARY, next=(replace(scenes.SUMMARY.next[0], late=late),))
            )
            for late in (False, True)
        },
    ),
    "how a call sounds": (
        PhoneStrip,
        {
            str(mos): replace(BUSY, phone=replace(IN_CALL, quality=quality(mos), microphone=0.0))
            for mos in (4.2, 3.8, 2.0)
        },
    ),
    "how loud I am": (PhoneStrip, {str(level): level_of(level) for level in (0.0, 0.5, 1.0)}),
    "delivery": (
        Conversation,
        {each.value: message(each) for each in (Delivery.PENDING, Delivery.SENT, Delivery.FAILED)},
    ),
    "protocol": (ProtocolPane, {str(done): held(replace(CALL, steps=done)) for done in ((), ("greet",), ("privacy",))}),
}


STATES = ("call.", "presence.", "delivery.", "line.", "sla.")
"""How the slots begin that stand for a state of something."""


@pytest.mark.parametrize("family", FAMILIES)
def test_no_two_states_have_the_same_words_and_signs(family: str) -> None:
    make, states = FAMILIES[family]
    shown = {name: tuple(map(plain, drawn(make(), state))) for name, state in states.items()}
    assert not [(one, other) for one, other in combinations(shown, 2) if shown[one] == shown[other]]


def test_every_slot_of_a_state_is_among_those_families() -> None:
    used = {
        slot
        for make, states in FAMILIES.values()
        for state in states.values()
        for told in drawn(make(), state)
        for _text, slot in told
    }
    assert {slot for slot in load_theme(assets.themes()["mono"]).slots if slot.startswith(STATES)} <= used


@pytest.mark.parametrize("theme", FEW)
@pytest.mark.parametrize("family", FAMILIES)
def test_no_two_states_look_and_read_alike(family: str, theme: str) -> None:
    data = load_theme(assets.themes()[theme])
    make, states = FAMILIES[family]
    shown = {name: seen(data, drawn(make(), state)) for name, state in states.items()}
    assert len(shown) == len(states) > 1
    assert not [(one, other) for one, other in combinations(shown, 2) if shown[one] == shown[other]]


@pytest.mark.parametrize("theme", FEW)
def test_the_open_tab_is_marked_and_so_is_the_row_under_the_cursor(theme: str) -> None:
    app, _desk = workstation(BUSY, theme=theme)
    data = app.theme_data
    shown = set()
    for tab in ("contact", "directory", "queue"):
        tabs = Tabs(app.keymap)
        tabs.tab = tab
        shown.add(seen(data, drawn(tabs, BUSY)))
        (narrow,) = tabs.lines(tabs.take(BUSY, NOW), 58)
        drawn_words = plain(narrow)
        assert drawn_words.count("[") == drawn_words.count("]") == 1
        assert width_of(narrow) <= 58
    assert len(shown) == 3
    assert app.slot_styles["cursor"].reverse
    for first, second in (("text", "bright"), ("text", "dim"), ("bright", "dim"), ("title", "dim"), ("text", "key")):
        assert data.slots[first].weights != data.slots[second].weights
    for slot in (
        "error",
        "offer",
        "sla.breach",
        "call.ringing",
        "presence.not_responding",
        "line.offline",
        "delivery.failed",
    ):
        assert data.slots[slot].weights, slot


def test_channels_are_told_by_word() -> None:
    assert len(set(map(channel_short, Channel))) == len(Channel)


@pytest.mark.parametrize("theme", FEW)
@pytest.mark.parametrize("scene", ["form", "bulk", "merge", "clash", "log", "log-line", "currency", "blocked", "help"])
async def test_nothing_of_the_place_below_is_seen_through_a_page(scene: str, theme: str) -> None:
    state, keys = SCENES[scene]
    async with opened(state, SMALL, theme="dark") as stage, opened(state, SMALL, theme=theme) as other:
        for each in (stage, other):
            await each.press(*keys)
        assert "".join(other.seen().split()) == "".join(stage.seen().split())


async def test_nothing_is_seen_through_what_is_shown_on_a_terminal_that_is_too_small() -> None:
    async with opened(scenes.BUSY, (50, 10), theme="mono") as stage:
        await stage.until(lambda: "Terminal muy pequeña" in stage.seen())
        assert stage.seen().split() == ["Terminal", "muy", "pequeña:", "se", "necesitan", "60", "×", "18."]
