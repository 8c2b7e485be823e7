"""What goes to the terminal when something is offered."""

import base64
from typing import Any

import pytest

from catgem_tui.config.settings import Ring
from catgem_tui.ui.alarm import Alarm, clean, notification

QUIET: dict[str, Any] = {"bell": False, "screen": False, "notification": "off"}


def written(manner: dict[str, Any], words: str = "LLAMADA · Trámites", **environment: str) -> str:
    told: list[str] = []
    Alarm(Ring(**{**QUIET, **manner}), told.append, {"TERM": "xterm-256color", **environment}).sound(words)
    return "".join(told)


def test_each_way_may_be_switched_off() -> None:
    assert written({}) == ""
    assert written({"bell": True}) == "\a"
    assert written({"screen": True}) == "\x1b[22;2t\x1b]2;◆ LLAMADA · Trámites\x1b\\"
    assert written({"notification": "osc777"}) == "\x1b]777;notify;CATGEM;LLAMADA · Trámites\x1b\\"
    assert written({"notification": "osc9"}) == "\x1b]9;CATGEM: LLAMADA · Trámites\x1b\\"


def test_kittys_notification_is_coded() -> None:
    words = base64.b64encode("LLAMADA · Trámites".encode()).decode()
    assert f"p=body:e=1;{words}\x1b\\" in written({"notification": "osc99"})


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "foot"}, "osc777"),
        ({"LC_TERMINAL": "iTerm2"}, "osc9"),
        ({"TERM_PROGRAM": "WezTerm"}, "osc777"),
        ({}, "osc777"),
        ({"TERM": "linux"}, ""),
        ({"TERM": "dumb"}, ""),
    ],
)
def test_the_notification_goes_by_the_terminals_name(environment: dict[str, str], kind: str) -> None:
    expected = notification(kind, "LLAMADA") if kind else ""
    assert written({"notification": "auto"}, "LLAMADA", **environment) == expected


def test_tmux_is_asked_to_hand_it_on() -> None:
    sequence = written({"notification": "osc777"}, "x", TMUX="socket,1,0", TERM="tmux-256color")
    assert sequence == "\x1bPtmux;\x1b\x1b]777;notify;CATGEM;x\x1b\x1b\\\x1b\\"


@pytest.mark.parametrize(
    "hostile", ["a\x1b]52;c;aGk=\x07b", "a\x9d52;c;x\x9cb", "a\nb\rc", "a\u202eb", "\x1b\\\x1b[2J"]
)
def test_words_cannot_drive_the_terminal(hostile: str) -> None:
    told = clean(hostile)
    assert told.isprintable()
    assert ";" not in told
    for kind in ("osc9", "osc99", "osc777"):
        sequence = notification(kind, told)
        assert sequence.count("\x1b]") == sequence.count("\x1b\\") == (2 if kind == "osc99" else 1)


def test_words_have_an_end() -> None:
    assert len(clean("x" * 5000)) == 120


def test_the_window_is_called_as_before_when_it_is_over() -> None:
    told: list[str] = []
    alarm = Alarm(Ring(**{**QUIET, "screen": True}), told.append, {"TERM": "xterm"})
    alarm.rest()
    assert told == []
    alarm.sound("LLAMADA")
    alarm.sound("CHAT")
    alarm.rest()
    assert "".join(told).count("\x1b[22;2t") == 1, "the title is put away once"
    assert told[-1].endswith("\x1b[23;2t")
