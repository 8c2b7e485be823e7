"""Settings: defaults that work, and mistakes told with file, line and key."""

from pathlib import Path

import pytest

from catgem_tui.config import i18n, paths, settings
from catgem_tui.config.fault import FileFault

FILE = Path("catgem.toml")


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.use("en")


def test_an_empty_file_gives_the_defaults() -> None:
    assert settings.parse("", FILE) == settings.Settings()


def test_a_file_holds_only_what_differs() -> None:
    read = settings.parse("[central.voice]\nlines = 6\n[queue.chat]\ntarget = 90\n", FILE)
    assert (read.central.voice.lines, read.queue.chat.target) == (6, 90.0)
    assert read.queue.chat.capacity == settings.Settings().queue.chat.capacity
    assert read.centre == settings.Settings().centre


def test_a_file_may_begin_with_the_mark_that_some_editors_put_there(tmp_path: Path) -> None:
    file = tmp_path / "catgem.toml"
    file.write_bytes(b"\xef\xbb\xbf[central]\nport = 81\n")
    assert settings.load(file).central.port == 81


def test_a_centre_brings_its_own_words() -> None:
    read = settings.parse(
        '[[centre.queues]]\nid = "water"\nlabel = "Agua"\nlabels = {en = "Water"}\nrequirements = ["water"]\n', FILE
    )
    assert [(q.id, q.label, q.labels["en"], q.requirements) for q in read.centre.queues] == [
        ("water", "Agua", "Water", ("water",))
    ]


@pytest.mark.parametrize(
    ("text", "line", "key", "reason"),
    [
        ('[central]\nport = "x"', 2, "central.port", "expected a whole number, found a text"),
        ("[central]\n\nprot = 1", 3, "central.prot", "no such setting"),
        ("[central.voice]\nlines = 3\nport = 99999\n", 3, "central.voice.port", "<= 65535"),
        ("[central.directory]\nexpiry_notice = -1\n", 2, "central.directory.expiry_notice", ">= 0"),
        (
            '[workstation.screen]\ncolours = "many of them"\n',
            2,
            "workstation.screen.colours",
            "“many of them” is not one of",
        ),
        ("[central.directory]\nsecond_eyes = 1\n", 2, "central.directory.second_eyes", "true or false"),
        ("central.voice.port = -1\n", 1, "central.voice.port", ">= 0"),
        ("[central]\nport = 1\na = = 2\n", 3, "a", "TOML"),
        ("[central\n", 1, "", "TOML"),
        ("[queue.chat]\ntarget = 0\n", 2, "queue.chat.target", "a number > 0"),
        ('[queue.call]\ninterrupts = ["fax"]\n', 2, "queue.call.interrupts.0", "“fax” is not one of"),
        ('[workstation]\nuser = "ana"\nlanguage = "fr"\n', 3, "workstation.language", "“fr”; there are: en, es_MX"),
        ("[queue.fax]\ncapacity = 1\n", 1, "queue.fax", "no such setting"),
        (
            '[[centre.queues]]\nid = "a"\nlabel = "A"\n[[centre.queues]]\nid = "B x"\nlabel = "b"\n',
            5,
            "centre.queues.1.id",
            "lower-case",
        ),
        ('[[centre.queues]]\nid = "a"\n', 1, "centre.queues.0", "“label” is missing"),
        ("[centre]\nqueues = []\n", 1, "centre", "at least one queue"),
        ('[centre]\ndefault_disposition = "a"\n', 1, "centre", "not one of the dispositions"),
        (
            '[[centre.pause_reasons]]\nid = "a"\nlabel = "A"\n[[centre.pause_reasons]]\nid = "a"\nlabel = "B"\n',
            1,
            "centre",
            "used twice",
        ),
    ],
)
def test_a_mistake_is_told_with_line_and_key(text: str, line: int, key: str, reason: str) -> None:
    with pytest.raises(FileFault) as caught:
        settings.parse(text, FILE)
    fault = caught.value
    assert (fault.path, fault.line, fault.key) == (FILE, line, key)
    assert reason in fault.reason
    assert str(fault).startswith(f"catgem.toml:{line}")
    assert "\n" not in str(fault)


def test_a_missing_file_that_was_named_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FileFault, match="cannot be read"):
        settings.load(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "catgem.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileFault, match="UTF-8"):
        settings.load(tmp_path / "catgem.toml")


def test_the_variable_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[central]\nport = 9000\n")
    monkeypatch.setenv(paths.CONFIG_VARIABLE, str(file))
    assert settings.load().central.port == 9000


def test_every_label_has_an_english_side() -> None:
    centre = settings.Settings().centre
    protocols = centre.protocols
    options = [*centre.queues, *centre.dispositions, *centre.pause_reasons]
    steps = [*protocols.call, *protocols.chat, *protocols.mail]
    assert all(option.labels.get("en") for option in [*options, *steps])
    assert all(step.script and step.scripts.get("en") for step in steps)
