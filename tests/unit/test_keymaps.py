"""A wrong keymap is told with file, line and key."""

import os
from pathlib import Path

import pytest

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.keymap import ActionRule
from catgem_tui.config.keymap_reading import load_keymap
from catgem_tui.config.reading import LARGEST
from catgem_tui.desk.remembered import chosen, keep_choice

RULES = {
    "answer": ActionRule(place="", while_typing=True),
    "hold": ActionRule(place="desk"),
    "listen": ActionRule(place="floor"),
    "log out": ActionRule(place="", keyless=True),
}
GOOD = '[keys]\nanswer = ["f2"]\nhold = ["h"]\nlisten = ["h"]\n'


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_keymap(tmp_path: Path) -> None:
    keymap = load_keymap(write(tmp_path, GOOD), RULES)
    assert keymap.keys == {"answer": ("f2",), "hold": ("h",), "listen": ("h",)}
    assert keymap.first("answer") == "f2"
    assert keymap.first("log out") == ""


def test_sequences_lists_and_fields(tmp_path: Path) -> None:
    text = (
        '[keys]\nanswer = ["ctrl+x  ctrl+a", "space c"]\nhold = ["g h"]\nlisten = ["g l", "g h"]\n'
        '[lists]\ndown = ["j", "ctrl+n", "down"]\nfirst = ["g g"]\nwrite = ["insert"]\n'
        '[fields]\nleave = ["escape", "insert"]\ndown = ["ctrl+n"]\n'
    )
    keymap = load_keymap(write(tmp_path, text), RULES)
    assert keymap.keys["answer"] == ("ctrl+x ctrl+a", "space c")
    assert keymap.lists == {"down": ("j", "ctrl+n"), "first": ("g g",), "write": ("insert",)}
    assert keymap.fields == {"leave": ("escape", "insert"), "down": ("ctrl+n",)}


def test_what_a_left_field_does_and_counts(tmp_path: Path) -> None:
    text = (
        'counts = true\n[keys]\nanswer = ["f2"]\nhold = ["d", "kp_1"]\nlisten = ["l"]\n[lists]\nfirst = ["g g"]\n'
        '[left]\ndelete_line = ["d d"]\nfirst_line = ["g g"]\n'
    )
    keymap = load_keymap(write(tmp_path, text), RULES)
    assert keymap.counts
    assert keymap.left == {"delete_line": ("d d",), "first_line": ("g g",)}
    assert keymap.keys["hold"] == ("d", "kp_1")


def with_hold(keys: str) -> str:
    return f'[keys]\nanswer = ["f2"]\nlisten = ["l"]\nhold = {keys}\n'


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('[keys]\nanswer = ["f2"]\nhold = \n', 3, "hold"),
        ('name = "x"\n', 0, "keys"),
        ("keys = 7\n", 1, "keys"),
        ('colour = "red"\n' + GOOD, 1, "colour"),
        (GOOD + '[colours]\nred = "x"\n', 5, "colours"),
        (GOOD + 'fly = ["f9"]\n', 5, "fly"),
        ('[keys]\nanswer = ["f2"]\nhold = ["f2"]\nlisten = ["l"]\n', 3, "hold"),
        ('[keys]\nanswer = ["a"]\nhold = ["h"]\nlisten = ["l"]\n', 2, "answer"),
        ('[keys]\nanswer = ["a b", "space a"]\nhold = ["h"]\nlisten = ["l"]\n', 2, "answer"),
        ('[keys]\nanswer = ["f2"]\nlisten = ["l"]\n', 1, "hold"),
        (with_hold("[]"), 4, "hold"),
        (with_hold('["ctrl+i"]'), 4, "hold"),
        (with_hold('["alt+4"]'), 4, "hold"),
        (with_hold('["shift+f2"]'), 4, "hold"),
        (with_hold('["ctrl+shift+a"]'), 4, "hold"),
        (with_hold('["super+a"]'), 4, "hold"),
        (with_hold('["ctrl+1"]'), 4, "hold"),
        (with_hold('["f25"]'), 4, "hold"),
        (with_hold('["banana"]'), 4, "hold"),
        (with_hold('["enter"]'), 4, "hold"),
        (with_hold('["space"]'), 4, "hold"),
        (with_hold('["escape x"]'), 4, "hold"),
        (with_hold('["ctrl+x ctrl+g"]'), 4, "hold"),
        (with_hold('["a b c d e"]'), 4, "hold"),
        (with_hold('[""]'), 4, "hold"),
        (with_hold('[\n  "x",\n  "y",\n  "x",\n]'), 5, "hold"),
        (with_hold("7"), 4, "hold"),
        (with_hold('["f2 x"]'), 4, "hold"),
        (GOOD + '[lists]\nsideways = ["s"]\n', 6, "sideways"),
        (GOOD + '[lists]\ndown = ["h"]\n', 6, "down"),
        (GOOD + '[lists]\ndown = ["h h"]\n', 6, "down"),
        (GOOD + '[lists]\ndown = ["tab"]\n', 6, "down"),
        (GOOD + '[fields]\nstart = ["a"]\n', 6, "start"),
        (GOOD + '[left]\nstart = ["ctrl+a"]\n', 6, "start"),
        (GOOD + '[left]\nleave = ["a"]\n', 6, "leave"),
        (GOOD + '[left]\nstart = ["a"]\nend = ["a"]\n', 7, "end"),
        (GOOD + '[left]\nstart = ["d"]\nend = ["d d"]\n', 7, "end"),
        (GOOD + '[lists]\nfirst = ["g g"]\n[left]\nstart = ["g"]\n', 6, "first"),
        ("counts = 3\n" + GOOD, 1, "counts"),
        ('[keys]\nanswer = ["kp_5"]\nhold = ["h"]\nlisten = ["l"]\n', 2, "answer"),
        (with_hold('["kp_x"]'), 4, "hold"),
        (GOOD + '[fields]\nend = ["f2"]\n', 6, "end"),
        (GOOD + '[fields]\nend = ["ctrl+z"]\n[lists]\nup = ["ctrl+z x"]\n', 8, "up"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, line: int, key: str) -> None:
    with pytest.raises(FileFault) as caught:
        load_keymap(write(tmp_path, text), RULES)
    assert (caught.value.line, caught.value.key) == (line, key), str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_clash_names_both(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match=r"hold.*f2.*answer"):
        load_keymap(write(tmp_path, with_hold('["f2"]')), RULES)


def test_places_that_never_meet_may_share_a_key_and_its_beginning(tmp_path: Path) -> None:
    text = '[keys]\nanswer = ["f2"]\nhold = ["d x"]\nlisten = ["d"]\n'
    assert load_keymap(write(tmp_path, text), RULES).keys["hold"] == ("d x",)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(FileFault):
        load_keymap(tmp_path / "none.toml", RULES)
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(FileFault):
        load_keymap(path, RULES)


def test_what_is_no_file_to_read_is_told_and_not_waited_for(tmp_path: Path) -> None:
    folder, pipe, huge = tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "c.toml"
    folder.mkdir()
    os.mkfifo(pipe)
    huge.write_bytes(b"#" * (LARGEST + 1))
    for path in (folder, pipe, huge):
        with pytest.raises(FileFault, match=path.name):
            load_keymap(path, RULES)


# --- extending ---


def known(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in folder.glob("*.toml")}


def test_a_file_that_extends_says_only_what_differs(tmp_path: Path) -> None:
    write(tmp_path, GOOD + '[lists]\nup = ["u"]\n', "base")
    write(tmp_path, 'extends = "base"\n[keys]\nhold = ["f3"]\n[lists]\nup = []\n', "middle")
    path = write(tmp_path, 'extends = "middle"\nname = "Mine"\n[keys]\n"log out" = "f4"\n')
    keymap = load_keymap(path, RULES, known(tmp_path))
    assert keymap.keys == {"answer": ("f2",), "hold": ("f3",), "listen": ("h",), "log out": ("f4",)}
    assert (keymap.name, keymap.lists) == ("Mine", {"up": ()})


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('extends = "nothing"\n', 1, "extends"),
        ("extends = 7\n", 1, "extends"),
        ('extends = "mine"\n', 1, "extends"),
        ('extends = "base"\n[keys]\nhold = ["f2"]\n', 3, "hold"),
        ('extends = "base"\n[keys]\nhold = []\n', 3, "hold"),
        ('extends = "base"\n[keys]\nanswer = ["h h"]\n', 3, "answer"),
        ('extends = "base"\n\n[lists]\nup = ["h"]\n', 4, "up"),
    ],
)
def test_a_mistake_of_who_extends(tmp_path: Path, text: str, line: int, key: str) -> None:
    write(tmp_path, GOOD, "base")
    with pytest.raises(FileFault) as caught:
        load_keymap(write(tmp_path, text), RULES, known(tmp_path))
    assert (caught.value.path.name, caught.value.line, caught.value.key) == ("mine.toml", line, key)


@pytest.mark.parametrize(
    ("text", "line"), [(GOOD + 'fly = ["f9"]\n', 5), ('[keys]\nanswer = ["f2"]\nlisten = ["l"]\n', 0), ("[keys\n", 1)]
)
def test_a_mistake_of_what_is_extended_names_that_file(tmp_path: Path, text: str, line: int) -> None:
    base = write(tmp_path, text, "base")
    mine = write(tmp_path, 'extends = "base"\n')
    with pytest.raises(FileFault) as caught:
        load_keymap(mine, RULES, known(tmp_path))
    at_fault = mine if line == 0 else base  # what no file says is missing in the one that is used
    assert (caught.value.path, caught.value.line) == (at_fault, line)


def test_keymaps_that_extend_each_other_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "mine"\n', "other")
    with pytest.raises(FileFault, match=r"mine\.toml → other\.toml → mine\.toml"):
        load_keymap(write(tmp_path, 'extends = "other"\n'), RULES, known(tmp_path))


def test_a_file_of_a_shipped_name_may_extend_that_one(tmp_path: Path) -> None:
    from catgem_tui.ui.actions import RULES as REGISTRY

    path = write(tmp_path, 'extends = "default"\n[keys]\n"phone.mute" = ["f10"]\n', "default")
    keymap = load_keymap(path, REGISTRY, assets.keymaps(tmp_path))
    assert (keymap.keys["phone.mute"], keymap.keys["call.hold"]) == (("f10",), ("f3",))


def test_the_shipped_keymaps_fit_the_registry() -> None:
    from catgem_tui.ui.actions import RULES as REGISTRY

    assert set(assets.keymaps()) == {"default", "vim", "emacs-like", "numeric", "screen-reader"}
    for name, path in assets.keymaps().items():
        assert load_keymap(path, REGISTRY).name == name


@pytest.mark.parametrize("language", ["en", "es_MX"])
def test_the_example_of_the_manual_is_right(language: str, tmp_path: Path) -> None:
    from catgem_tui.ui.actions import RULES as REGISTRY

    page = assets.manual(language)["58-keymaps"].read_text(encoding="utf-8")
    example = page.split("```")[1]
    keymap = load_keymap(write(tmp_path, example), REGISTRY)
    assert (keymap.keys["phone.dial"], keymap.fields["start"]) == (("alt+l",), ("ctrl+a",))


# --- remembering ---


def test_what_was_chosen_last_counts(tmp_path: Path) -> None:
    assert chosen(tmp_path, "keymap", "default") == "default"
    keep_choice(tmp_path, "keymap", "default", "vim")
    assert chosen(tmp_path, "keymap", "default") == "vim"
    assert chosen(tmp_path, "keymap", "numeric") == "numeric"  # the settings were changed after that
    (tmp_path / "keymap.json").write_text("[", encoding="utf-8")
    assert chosen(tmp_path, "keymap", "default") == "default"
    with pytest.raises(OSError):
        keep_choice(tmp_path / "keymap.json", "keymap", "default", "vim")
