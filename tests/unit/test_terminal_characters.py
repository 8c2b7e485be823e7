"""Which characters a terminal can show is read from its environment."""

import pytest

from catgem_tui.config.terminal import Characters, Switch, characters


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
