"""Handing a call on, when the other side tells how it goes, and when it does not."""

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("pjsua2", reason="the telephone's library is not installed")

from catgem_tui.phone.engine import transfers
from catgem_tui.phone.engine.record import CallRecord
from catgem_tui.phone.engine.transfers import RINGING_SECONDS, WORDLESS_SECONDS, Transfers
from catgem_tui.phone.port import PhoneEvent, TransferChanged


class LibraryCall:
    """Takes every REFER."""

    def xfer(self, *_: Any) -> None: ...

    def xferReplaces(self, *_: Any) -> None: ...


class Story:
    """Told events, at a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.told: list[PhoneEvent] = []
        self.transfers = Transfers(self.told.append)

    def after(self, seconds: float) -> list[int]:
        """Let time pass and look; the codes told since the last time."""
        self.now += seconds
        self.transfers.look()
        codes = [event.code for event in self.told if isinstance(event, TransferChanged)]
        self.told.clear()
        return codes


@pytest.fixture
def story(monkeypatch: pytest.MonkeyPatch) -> Story:
    story = Story()
    monkeypatch.setattr(transfers.time, "monotonic", lambda: story.now)
    return story


def call(name: str = "one") -> CallRecord:
    return CallRecord(name, LibraryCall())


@pytest.mark.parametrize(
    "ask",
    [
        lambda story: story.transfers.ask(call(), "sip:x@192.0.2.1"),
        lambda story: story.transfers.ask_to_replace(call(), call("other")),
    ],
    ids=["blind", "attended"],
)
def test_of_what_nobody_tells_it_is_told_that_nothing_is_known(story: Story, ask: Callable[[Story], None]) -> None:
    ask(story)
    assert story.after(WORDLESS_SECONDS - 1) == []
    assert story.after(1) == [0]
    assert story.after(RINGING_SECONDS) == [], "once"


def test_a_word_on_the_way_gives_time_to_ring(story: Story) -> None:
    story.transfers.ask(call(), "sip:x@192.0.2.1")
    story.transfers.hear("one", 100, "Trying")
    assert story.after(WORDLESS_SECONDS + 1) == [100]
    story.transfers.hear("one", 180, "Ringing")
    assert story.after(RINGING_SECONDS - 1) == [180]
    assert story.after(1) == [0]


@pytest.mark.parametrize("code", [200, 486])
def test_a_last_word_ends_the_wait(story: Story, code: int) -> None:
    story.transfers.ask(call(), "sip:x@192.0.2.1")
    story.transfers.hear("one", code, "")
    assert story.after(RINGING_SECONDS) == [code]


def test_a_call_that_is_over_is_waited_for_no_more(story: Story) -> None:
    story.transfers.ask(call(), "sip:x@192.0.2.1")
    story.transfers.forget("one")
    assert story.after(RINGING_SECONDS) == []
