"""What comes with the program."""

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
