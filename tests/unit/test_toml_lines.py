"""Where a TOML file says what is wrong with it: of settings, themes and keymaps alike."""

import pytest

from catgem_tui.config.toml_lines import find_line, key_in

TEXT = """\
name = "mine"
[keys]
"call.hold" = ["f3"]
contact.finish = [
  "f8",
  'ctrl+x',
]
'plain' = "f8"
[ slots ] # what they look like
text = "bold"
[[central.queues]]
id = "general"
[[central.queues]]
id = "other"
skills = ["nahuatl"]
[central.options.paused]
reason = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 1),
        (("keys",), 2),
        (("keys", "call", "hold"), 3),
        (("keys", "contact", "finish"), 4),
        (("keys", "plain"), 8),
        (("slots", "text"), 10),
        (("central", "queues", "0", "id"), 12),
        (("central", "queues", "1", "id"), 14),
        (("central", "options", "...", "reason"), 17),
        (("central", "queues", "1", "language"), 13),
        (("keys", "fly"), 2),
        (("nowhere",), 0),
        (("slots", "name"), 9),
    ],
)
def test_the_line_of_a_key_or_of_the_nearest_around_it(path: tuple[str, ...], line: int) -> None:
    assert find_line(TEXT, path) == line


@pytest.mark.parametrize(("value", "line"), [("f8", 5), ("ctrl+x", 6), ("f9", 4)])
def test_of_the_lines_of_a_value_the_one_that_holds_it(value: str, line: int) -> None:
    assert find_line(TEXT, ("keys", "contact", "finish"), value) == line


def test_a_value_is_not_looked_for_beyond_its_key() -> None:
    assert find_line(TEXT, ("keys", "call", "hold"), "f8") == 3
    assert find_line(TEXT, ("keys", "fly"), "f8") == 2


@pytest.mark.parametrize(
    ("line", "key"),
    [('"call.hold" = 1', '"call.hold"'), ("a . b=", "a . b"), ("[a]", ""), ('  "f8",', ""), ("# a = 1", "")],
)
def test_the_key_that_a_line_sets(line: str, key: str) -> None:
    assert key_in(line) == key
