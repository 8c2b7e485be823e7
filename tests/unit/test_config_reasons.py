"""The system's reasons in the reader's language."""

import errno
import os
import sqlite3
import tomllib
from pathlib import Path

import pytest

from catgem_tui.config.reasons import named_reason, reason, store_reason, toml_reason


def refusal(path: Path) -> OSError:
    with pytest.raises(OSError) as caught:
        path.read_bytes()
    return caught.value


@pytest.mark.parametrize(("path", "words"), [("nowhere", "no existe ese archivo o carpeta"), (".", "es una carpeta")])
def test_what_the_system_says_is_told_in_spanish(path: str, words: str, tmp_path: Path) -> None:
    assert reason(refusal(tmp_path / path)) == words


def test_a_rare_reason_keeps_the_words_of_the_system() -> None:
    assert reason(OSError(84, os.strerror(84))) == os.strerror(84)
    assert reason(OSError("of its own")) == "of its own"


def test_an_error_known_by_its_name_only_is_told_in_spanish() -> None:
    assert named_reason("ENOENT") == reason(OSError(errno.ENOENT, os.strerror(errno.ENOENT)))
    assert named_reason("EILSEQ") == "EILSEQ"


def test_what_a_database_says_is_told_in_spanish(tmp_path: Path) -> None:
    (tmp_path / "notes.sqlite").write_text("no es una base de datos, sino una nota cualquiera" * 20)
    with pytest.raises(sqlite3.DatabaseError) as no_database:
        sqlite3.connect(tmp_path / "notes.sqlite").execute("PRAGMA user_version = 1")
    assert store_reason(str(no_database.value)) == "está dañada: recupere una copia que se haya guardado"
    with pytest.raises(sqlite3.OperationalError) as nowhere:
        sqlite3.connect(tmp_path / "no" / "such.sqlite")
    assert store_reason(str(nowhere.value)) == "no existe ese archivo o carpeta, o no hay permiso para usarlo"
    assert store_reason("something of its own") == "something of its own"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = x", "falta un valor o no es un valor: un texto va entre comillas"),
        ("a = ", "falta un valor o no es un valor: un texto va entre comillas"),
        ("= 3", "aquí no comienza ningún nombre ni sección"),
        ("[ ]", "falta un nombre, o debe ir entre comillas"),
        ("a", "falta «=» después de un nombre"),
        ("[a", "falta «]»"),
        ("[[a]", "falta «]]»"),
        ("a = [1 2", "falta «]»"),
        ("a = {b = 1", "falta «}»"),
        ("a = 1 2", "sigue algo que no va ahí"),
        ('a = "x', "a un texto le faltan las comillas que lo cierran"),
        ("a = 'x", "a un texto le faltan las comillas que lo cierran"),
        ('a = "x\nb = 1', "a un texto le faltan las comillas que lo cierran, o tiene un signo que no puede tener"),
        ("a = 'x\nb = '1'", "a un texto le faltan las comillas que lo cierran, o tiene un signo que no puede tener"),
        (r'a = "C:\temas\mio"', r"en un texto, «\» se escribe dos veces"),
        ("[a]\n[a]", "esta sección está dos veces"),
        ("a = 1\na = 2", "este nombre está dos veces"),
        ("a = {b = 1, b = 2}", "este nombre está dos veces"),
    ],
)
def test_what_the_toml_reader_says_is_told_in_spanish(text: str, words: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    assert toml_reason(caught.value) == words
    assert toml_reason(ValueError("of its own (at end of document)")) == "of its own"
