"""A wrong theme is told with file, line and key; the shipped ones can be read."""

from pathlib import Path

import pytest

from catgem_tui.config import assets
from catgem_tui.config.fault import FileFault
from catgem_tui.config.theme import SLOTS, ThemeData, load_theme

SHIPPED = sorted(assets.themes())


def changed(folder: Path, old: str, new: str) -> Path:
    text = assets.themes()["dark"].read_text(encoding="utf-8")
    assert old in text
    path = folder / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.1)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def coloured() -> list[ThemeData]:
    return [data for data in map(load_theme, assets.themes().values()) if not data.sixteen]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_themes_are_whole(name: str) -> None:
    data = load_theme(assets.themes()[name])
    assert data.name == name
    assert set(data.slots) == set(SLOTS)


@pytest.mark.parametrize("data", coloured(), ids=lambda data: data.name)
def test_every_slot_can_be_read_where_it_stands(data: ThemeData) -> None:
    """Contrast of at least 4.5 (WCAG AA), 3 for what is known already; 7 everywhere in the high-contrast theme."""
    for slot, style in data.slots.items():
        known = slot in {"dim", "presence.offline", "delivery.pending"}
        least = 7.0 if data.name == "contrast" else 3.0 if known else 4.5
        for surface in ("background", "bar", "field", "dialog"):
            assert contrast(style.colour, data.surfaces[surface]) >= least, (slot, surface)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"sla.breach" =', '"sla.broken" =', "sla.broken"),
        ("dark = true", 'dark = "yes"', "dark"),
        ('background = "#', 'background = "', "background"),
        ('bright = "bold ', 'bright = "heavy ', "bright"),
        ("[slots]", "[slot]", "slot"),
        ('rule = "#2a353e"\n', "", "rule"),
        ("dark = true", "dark = ", ""),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(FileFault) as caught:
        load_theme(path)
    assert caught.value.key == key
    line = path.read_text(encoding="utf-8").splitlines()[caught.value.line - 1]
    assert (key or "dark") in line or line == "[surfaces]"
