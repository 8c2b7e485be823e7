"""The languages and their catalogues."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catgem_tui.config import assets, i18n

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tests" / "catalogues.py"


@pytest.fixture(autouse=True)
def fresh_language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(i18n._Current, "translations", None)
    monkeypatch.delenv("CATGEM_LANGUAGE", raising=False)
    yield


def test_spanish_is_spoken_whatever_lang_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "fr")
    assert i18n.current() == "es_MX"


def test_the_variable_chooses_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATGEM_LANGUAGE", "en_US.UTF-8")
    assert i18n.current() == "en"


def test_an_unknown_language_in_the_variable_falls_back_to_spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATGEM_LANGUAGE", "klingon")
    assert i18n.current() == "es_MX"


def test_an_unknown_language_asked_for_is_refused() -> None:
    with pytest.raises(i18n.UnknownLanguage, match="es_MX"):
        i18n.use("klingon")


def test_the_language_changes_while_running() -> None:
    i18n.use("es")
    spanish = i18n._("Catalogue file")
    i18n.use("en")
    assert (spanish, i18n._("Catalogue file")) != ("", "")
    assert i18n.current() == "en"


def test_an_empty_message_stays_empty() -> None:
    assert i18n._("") == ""


def test_both_languages_come_with_the_program() -> None:
    assert {"en", "es_MX"} <= set(assets.languages())


def test_the_catalogues_are_complete() -> None:
    run = subprocess.run([sys.executable, TOOL, "check"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    for part in (TOOL, TOOL.with_name("untranslated.py")):
        shutil.copy(part, tmp_path / "tests")
    (tmp_path / "catgem_tui" / "locale").mkdir(parents=True)
    (tmp_path / "catgem_tui" / "words.py").write_text(
        'a = _("Hello {name}")\nb = ngettext("{n} call", "{n} calls", 2)\nc = pgettext("verb", "Answer")\n'
    )
    return tmp_path


def run_tool(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tests/catalogues.py", *arguments], cwd=project, capture_output=True, text=True, check=False
    )


def translate(project: Path, **words: str | list[str]) -> None:
    (project / "words.json").write_text(json.dumps(words))
    assert run_tool(project, "translate", "words.json").returncode == 0


COMPLETE: dict[str, str | list[str]] = {
    "Hello {name}": "Buen día, {name}",
    "{n} call": ["{n} llamada", "{n} llamadas"],
    "verb\u0004Answer": "Contestar",
}


def test_a_complete_catalogue_passes_and_is_the_same_when_made_again(project: Path) -> None:
    translate(project, **COMPLETE)
    assert run_tool(project, "check").returncode == 0
    folder = project / "catgem_tui/locale/es_MX/LC_MESSAGES"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run_tool(project, "update").returncode == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert b"Contestar" in before["catgem.mo"]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"Hello {name}": "Buen día, {nombre}"}, "placeholders"),
        ({"Hello {name}": ""}, "not translated"),
        ({"{n} call": ["{n} llamada", "llamadas"]}, "placeholders"),
    ],
)
def test_a_faulty_translation_is_found(project: Path, words: dict[str, str | list[str]], fault: str) -> None:
    translate(project, **{key: value for key, value in (COMPLETE | words).items() if value})
    run = run_tool(project, "check")
    assert run.returncode == 1
    assert fault in run.stdout


def test_a_message_missing_from_the_catalogue_is_found(project: Path) -> None:
    translate(project, **COMPLETE)
    (project / "catgem_tui" / "more.py").write_text('_("Goodbye")\n')
    assert "lacks 'Goodbye'" in run_tool(project, "check").stdout


def test_an_outdated_compiled_catalogue_is_found(project: Path) -> None:
    translate(project, **COMPLETE)
    po = project / "catgem_tui/locale/es_MX/LC_MESSAGES/catgem.po"
    po.write_text(po.read_text().replace("Contestar", "Responder"))
    assert "out of date" in run_tool(project, "check").stdout
    assert run_tool(project, "compile").returncode == 0
    assert run_tool(project, "check").returncode == 0


def test_a_translation_outlives_its_message_until_pruned(project: Path) -> None:
    translate(project, **COMPLETE)
    source = project / "catgem_tui" / "words.py"
    text = source.read_text()
    source.write_text("")
    run_tool(project, "update")
    source.write_text(text)
    run_tool(project, "update")
    assert run_tool(project, "check").returncode == 0
    source.write_text("")
    run_tool(project, "update", "--prune")
    source.write_text(text)
    run_tool(project, "update")
    assert "not translated" in run_tool(project, "check").stdout


def test_many_may_translate_at_once(project: Path) -> None:
    (project / "catgem_tui" / "words.py").write_text("".join(f'_("word {n}")\n' for n in range(4)))
    running = []
    for n in range(4):
        (project / f"{n}.json").write_text(json.dumps({f"word {n}": f"palabra {n}"}))
        command = [sys.executable, "tests/catalogues.py", "translate", f"{n}.json"]
        running.append(subprocess.Popen(command, cwd=project))
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    assert run_tool(project, "check").returncode == 0
