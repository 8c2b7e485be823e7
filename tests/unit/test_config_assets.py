"""What comes with the program."""

import re
import tomllib

import pytest

from catgem_tui.config import assets


def test_themes_keymaps_and_manual_are_found() -> None:
    assert {"dark", "light"} <= set(assets.themes())
    assert "default" in assets.keymaps()
    assert list(assets.manual("es_MX")) == sorted(assets.manual("es_MX"))


def test_the_manual_has_as_many_pages_in_every_language() -> None:
    assert len({len(assets.manual(language)) for language in assets.languages()}) == 1


def test_a_language_without_a_manual_reads_the_spanish_one() -> None:
    assert assets.manual("nah") == assets.manual("es_MX")


def test_a_missing_folder_is_told() -> None:
    with pytest.raises(assets.AssetMissing, match="nowhere"):
        assets.find_folder("nowhere")


@pytest.mark.parametrize("language", assets.languages())
def test_every_key_the_manual_names_does_something(language: str) -> None:
    keymap = tomllib.loads(assets.keymaps()["default"].read_text(encoding="utf-8"))["keys"]
    known = {key for keys in keymap.values() for key in keys}
    pages = assets.manual(language)
    del pages["95-keymaps"]  # it tells of other keymaps, and of keys that do not arrive
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages.values())
    named = {key.lower() for key in re.findall(r"\bF\d{1,2}\b", text)}
    named |= {f"ctrl+{key.lower()}" for key in re.findall(r"\^([A-Z])\b", text)}
    named |= {f"alt+{key.lower()}" for key in re.findall(r"\bAlt\+([A-Z])\b", text)}
    assert named
    assert named - known == set()
