"""What a terminal can show is read from its environment."""

import pytest

from catgem_tui.config.terminal import Characters, Switch, characters
from catgem_tui.terminal.capabilities import Depth, find_depth


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color"}, Depth.EIGHT_BIT),
        ({"TERM": "tmux-direct"}, Depth.TRUE),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-kitty"}, Depth.TRUE),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "screen"}, Depth.SIXTEEN),
        ({"TERM": "vt220", "COLORTERM": "yes"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.EIGHT_BIT),
        ({}, Depth.SIXTEEN),
    ],
)
def test_colours(environment: dict[str, str], depth: Depth) -> None:
    assert find_depth(environment) is depth


@pytest.mark.parametrize(
    ("switch", "environment", "expected"),
    [
        ("auto", {"LANG": "es_MX.UTF-8", "TERM": "xterm"}, "all"),
        ("auto", {"LANG": "es_MX.utf8", "TERM": "linux"}, "latin"),
        ("auto", {"LANG": "es_MX.ISO-8859-1", "TERM": "xterm"}, "latin"),
        ("auto", {"LANG": "es_MX.ISO-8859-15@euro", "TERM": "xterm"}, "latin"),
        ("auto", {"LANG": "C", "TERM": "xterm"}, "ascii"),
        ("auto", {"TERM": "xterm"}, "ascii"),
        ("auto", {"LC_ALL": "POSIX", "LANG": "es_MX.UTF-8"}, "ascii"),
        ("auto", {"LC_CTYPE": "es_MX.UTF-8", "LANG": "C"}, "all"),
        ("auto", {"LANG": "ja_JP.eucJP"}, "ascii"),
        ("on", {"LANG": "es_MX.UTF-8", "TERM": "xterm"}, "latin"),
        ("on", {"LANG": "C"}, "ascii"),
        ("off", {"LANG": "C", "TERM": "linux"}, "all"),
    ],
)
@pytest.mark.skipif("sys.platform == 'win32'")
def test_characters(switch: Switch, environment: dict[str, str], expected: Characters) -> None:
    assert characters(switch, environment) == expected
