"""A wrong keymap is told with file, line and key."""

from pathlib import Path

import pytest

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.keymap import ActionRule, load_keymap

RULES = {
    "answer": ActionRule(place="", while_typing=True),
    "hold": ActionRule(place="desk"),
    "listen": ActionRule(place="floor"),
    "log out": ActionRule(place="", keyless=True),
}
GOOD = '[keys]\nanswer = ["f2"]\nhold = ["h"]\nlisten = ["h"]\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_keymap(tmp_path: Path) -> None:
    keymap = load_keymap(write(tmp_path, GOOD), RULES)
    assert keymap.keys == {"answer": ("f2",), "hold": ("h",), "listen": ("h",)}
    assert keymap.first("answer") == "f2"
    assert keymap.first("log out") == ""


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[keys]\nanswer = ["f2"]\nhold = \n', 3, ""),
        ('name = "x"\n', 0, "keys"),
        (GOOD + '[colours]\nred = "x"\n', 5, "colours"),
        (GOOD + 'fly = ["f9"]\n', 5, "fly"),
        ('[keys]\nanswer = ["f2"]\nhold = ["f2"]\nlisten = ["l"]\n', 3, "hold"),
        ('[keys]\nanswer = ["a"]\nhold = ["h"]\nlisten = ["l"]\n', 2, "answer"),
        ('[keys]\nanswer = ["f2"]\nlisten = ["l"]\n', 0, "hold"),
        ('[keys]\nanswer = ["f2"]\nhold = ["ctrl+i"]\nlisten = ["l"]\n', 3, "hold"),
        ('[keys]\nanswer = ["f2"]\nhold = ["alt+4"]\nlisten = ["l"]\n', 3, "hold"),
        ('[keys]\nanswer = ["f2"]\nhold = ["enter"]\nlisten = ["l"]\n', 3, "hold"),
        ('[keys]\nanswer = ["f2"]\nhold = ["c t"]\nlisten = ["l"]\n', 3, "hold"),
        ('[keys]\nanswer = ["f2"]\nhold = 7\nlisten = ["l"]\n', 3, "hold"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, line: int, key: str) -> None:
    with pytest.raises(FileFault) as caught:
        load_keymap(write(tmp_path, text), RULES)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert "mine.toml" in str(caught.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(FileFault):
        load_keymap(tmp_path / "none.toml", RULES)
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(FileFault):
        load_keymap(path, RULES)


def test_the_shipped_keymaps_fit_the_registry() -> None:
    from catgem_tui.ui.actions import RULES as REGISTRY

    for path in assets.keymaps().values():
        load_keymap(path, REGISTRY)
