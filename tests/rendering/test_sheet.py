"""The sheet: every value of an invoice is on it, in four languages, with its label."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from einvoice import paths
from einvoice.errors import EInvoiceError
from einvoice.formats.reader import read
from einvoice.model import Invoice, Note
from einvoice.model.index import paths as index
from einvoice.model.unread import Unread
from einvoice.rendering.compose import sheet
from einvoice.rendering.sheet import Sheet, shape
from einvoice.samples import sample
from tests.corpora import cases
from tests.formats.strategies import INVOICES
from tests.rendering import every_term
from tests.rendering.sheets import LANGUAGES, absent, facts, texts

BASES = sorted((Path(__file__).parents[1] / "examples" / "bases").glob("*.xml")) + sorted(
    (Path(__file__).parents[1] / "data").glob("*.xml")
)
BY_PLACE = {
    *("BT-1", "BT-27", "BT-28", "BT-44", "BT-45", "BT-59", "BT-62", "BT-70"),  # the title; names below the heading of their party
    *("BT-21", "BT-22", "BT-25", "BT-26", "BT-122", "BT-123", "BT-125", "BT-125-1", "BT-125-2"),  # notes and tables
    *(f"BT-{number}" for number in (35, 36, 162, 37, 38, 39, 40, 50, 51, 163, 52, 53, 54, 55, 64, 65, 164, 66, 67, 68, 69)),  # addresses
    *(f"BT-{number}" for number in (75, 76, 165, 77, 78, 79, 80, 73, 74, 134, 135)),  # where to; from when to when
    *(f"BT-{number}" for number in range(92, 106)),  # allowances and charges
    *(f"BT-{number}" for number in range(136, 146)),  # those of lines
    *(f"BT-{number}" for number in (116, 117, 118, 119, 126, 127, 129, 130, 131, 146, 149, 150, 151, 152, 153, 154)),  # rows of tables
    *("BT-158-2", "BT-160", "BT-161", "BT-DEX-001", "BT-DEX-002", "BT-DEX-003"),
}
"""Terms that the heading of a block, a table or a column names."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_on_the_sheet(language: str) -> None:
    invoice = every_term.invoice()
    assert absent(invoice, language) == []


def test_every_term_has_its_label_or_its_place() -> None:
    stated = {fact.term for fact in facts(sheet(every_term.invoice()))}
    every = {term for term, path in index().items() if term.startswith("BT") and not path.endswith(".scheme")}
    assert every - stated == BY_PLACE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("credit_note", [False, True])
def test_every_value_of_the_samples_is_on_the_sheet(language: str, credit_note: bool) -> None:
    assert absent(sample(credit_note=credit_note), language) == []


@pytest.mark.parametrize("path", BASES, ids=lambda path: path.stem)
def test_every_value_of_our_documents_is_on_the_sheet(path: Path) -> None:
    invoice = read(path)
    assert {language: absent(invoice, language) for language in LANGUAGES} == {language: [] for language in LANGUAGES}


def test_every_value_of_published_invoices_is_on_the_sheet(corpora: Path) -> None:
    chosen = list(_published(corpora))
    assert len(chosen) > 200
    lost = [(path.name, fault) for path, invoice in chosen for language in LANGUAGES for fault in absent(invoice, language)]
    assert lost == []


def _published(corpora: Path) -> list[tuple[Path, Invoice]]:
    found = [case.path for case in cases(corpora)]
    made = []
    for path in found[:: max(len(found) // 300, 1)]:
        try:
            made.append((path, read(path)))
        except EInvoiceError:
            continue
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(INVOICES)
def test_every_value_of_any_invoice_is_on_the_sheet(invoice: Invoice) -> None:
    for language in LANGUAGES:
        assert absent(invoice, language) == []


def test_the_words_of_a_language_are_the_same_in_all() -> None:
    known = {language: set(sheet(Invoice(), language).words) for language in LANGUAGES}
    assert len({frozenset(words) for words in known.values()}) == 1
    assert {"page", "of", "carried", "brought", "terms", "totals", "notes", "unread"} <= known["en"]


def test_labels_are_of_the_language() -> None:
    labels = [{fact.label for fact in facts(sheet(every_term.invoice(), language)) if fact.term} for language in LANGUAGES]
    assert {"Payment due date", "Vervaldatum", "Fälligkeitsdatum der Zahlung", "Date d'échéance"} <= set.union(*labels)
    assert all(label for each in labels for label in each)


def test_the_shape_is_json_and_has_every_field() -> None:
    made = sheet(every_term.invoice(), "fr")
    told = shape(made)
    assert json.loads(json.dumps(told)) == told
    assert list(told) == list(Sheet._fields)
    assert told["lines"]["rows"][0]["cells"] == list(made.lines.rows[0].cells if made.lines else ())


def test_an_empty_invoice_has_a_sheet() -> None:
    made = sheet(Invoice())
    assert (made.title, made.number, made.headline, made.lines, made.payment) == (made.kind, "", None, None, None)
    assert (made.sender, made.recipient, made.totals, made.unread) == ("", (), (), ())


def test_what_would_command_a_page_is_replaced() -> None:
    made = sheet(Invoice(number="1\u202e2", notes=(Note(text="a\x9bb\r\nc"),)))
    assert made.number == "1\ufffd2"
    assert made.notes[0].value == "a\ufffdb\nc"


def test_what_is_unread_is_on_the_sheet_with_its_reason() -> None:
    invoice = Invoice(number="1")
    invoice._unread = (Unread("/Invoice/CopyIndicator", "true", "no term"), Unread("/Invoice/Long", "x" * 5000, "no term"))
    first, second = sheet(invoice).unread
    assert (first.label, first.term) == ("/Invoice/CopyIndicator", None)
    assert "true" in first.value
    assert "no term" in first.value
    assert len(second.value) < 300


def test_composing_twice_gives_the_same() -> None:
    invoice = every_term.invoice()
    assert all(sheet(invoice, language) == sheet(invoice, language) for language in LANGUAGES)


def test_values_found_are_no_accident() -> None:
    """An invoice's values are not found on the sheet of another."""
    invoice = every_term.invoice()
    missing = absent(invoice, "en", sheet(Invoice()))
    assert len(missing) > 0.95 * sum(value.term != "BT-125" for value in paths.values(invoice))
    assert any(texts(sheet(invoice)))
