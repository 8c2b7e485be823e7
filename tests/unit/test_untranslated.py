"""Words that no catalogue can hold are found in the source."""

from pathlib import Path

import pytest

from tests import untranslated


def found(tmp_path: Path, source: str) -> list[str]:
    path = tmp_path / "pane.py"
    path.write_text(source, encoding="utf-8")
    return untranslated.find(path)


@pytest.mark.parametrize(
    "source",
    [
        '_(f"{count} records")',
        '_("a contact " + name)',
        '_("%d records" % count)',
        '_("{} records".format(count))',
        'ngettext("%d record", f"{many} records", count)',
        'N_("one " + "other")',
        'span("not sent", "error")',
        'line(("not sent", "error"))',
        'told = (f"waits {clock}", "dim")',
        'paragraph("Nobody waits.", width)',
        'Input(placeholder="type to find")',
        'parser.add_argument("--user", help="user name")',
        'print("Ready.")',
    ],
)
def test_it_is_found(tmp_path: Path, source: str) -> None:
    assert len(found(tmp_path, source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        '_("%d records") % count',
        '_("a long message "\n  "in two pieces")',
        "_(wording.LINES[state])",
        'ngettext("%d record", "%d records", count) % count',
        'line((_("not sent"), "error"), ("   ", "text"), (f"{clock} ·", "dim"))',
        'span("CATGEM", "accent")',
        'span("https://central.example", "dim")',
        'Input(placeholder=_("type to find"))',
        'known = ("error", "warning")',
        'parser.add_argument("--central", metavar="URL", help=_("central\'s address"))',
    ],
)
def test_what_is_looked_up_is_left_alone(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, source) == []
