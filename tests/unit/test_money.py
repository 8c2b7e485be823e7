"""Money as people read it: what is written as an amount alone is shown as pesos, in either language."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from babel.numbers import format_currency

from catgem_tui.config import i18n
from catgem_tui.protocol.enums import RecordKind
from catgem_tui.protocol.model import Record
from catgem_tui.ui import figures
from catgem_tui.ui.lines import plain
from catgem_tui.ui.records import for_citizen, record_card

AMOUNTS = {
    "1234.5": "1234.5", "$ 1,234": "1234", "$1,234.50": "1234.50", "1234 MXN": "1234", "MXN 95": "95", "0": "0",
    " 1,234,567.8 M.N.": "1234567.8", "590 pesos": "590", "$590.00 mn": "590", "MX$75": "75", "0.5": "0.5",
}  # fmt: skip
"""As they are written, and how much that is."""
WORDS = (
    "", "Gratuito", "De $100 a $200", "1 UMA", "1.234,50", "1,23", "12,34,567", "-5", "$", "MXN", "1.2345", "100 USD",
    "US$100", "0123", "1234567890123", "$1,234.50 por hoja", "100\n200",
)  # fmt: skip
"""Not an amount alone, or not one that can only be pesos."""


@pytest.fixture
def speak() -> Iterator[Callable[[str], None]]:
    yield i18n.use
    i18n.use("es_MX")


@pytest.mark.parametrize("written", AMOUNTS)
def test_an_amount_is_shown_as_cldr_has_it(written: str, speak: Callable[[str], None]) -> None:
    speak("es_MX")
    spanish = figures.money(written)
    assert spanish == format_currency(Decimal(AMOUNTS[written]), "MXN", locale="es_MX")
    speak("en")
    assert figures.money(written) == f"{spanish} MXN"


@pytest.mark.parametrize("written", WORDS)
@pytest.mark.parametrize("language", ["es_MX", "en"])
def test_anything_else_is_shown_as_it_is_written(written: str, language: str, speak: Callable[[str], None]) -> None:
    speak(language)
    assert figures.money(written) == written


@pytest.mark.parametrize(("language", "told"), [("es_MX", "$1,234.50"), ("en", "$1,234.50 MXN")])
def test_the_cost_of_a_procedure_is_money_on_its_card_and_for_the_citizen(
    language: str, told: str, speak: Callable[[str], None]
) -> None:
    speak(language)
    procedure = Record(id="p", kind=RecordKind.PROCEDURE, title="Acta", cost="1234.5", revision=1)
    card = [plain(each).rstrip() for each in record_card(procedure, 0.0, 60)]
    assert any(each.startswith(i18n._("Cost")) and each.endswith(f" {told}") for each in card)
    assert f"{i18n._('Cost')}: {told}" in for_citizen(procedure, 1_000)[0].split("\n")
