"""Published invoices as PDF: every text of each on its pages, nothing outside them, no word over another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from einvoice.errors import EInvoiceError, MissingGlyph
from einvoice.formats.reader import read
from einvoice.model import Invoice
from einvoice_schemas.terms import LANGUAGES
from tests.corpora import cases
from tests.rendering.papers import faults
from tests.scale import scaled

CHOSEN = 24
"""How many published invoices are set."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_published_invoices_are_on_their_pages(language: str, corpora: Path) -> None:
    chosen = list(published(corpora, CHOSEN))
    assert len({invoice.number for _, invoice in chosen}) > CHOSEN / 2
    assert {path.name: found for path, invoice in chosen if (found := faults(invoice, language))} == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_hundreds_of_published_invoices_are_on_their_pages(language: str, corpora: Path) -> None:
    found, refused = {}, []
    for path, invoice in published(corpora, scaled(400)):
        try:
            found[path.name] = faults(invoice, language)
        except MissingGlyph as fault:
            refused.append(fault.character)
    assert {name: each for name, each in found.items() if each} == {}
    assert len(refused) <= max(1, len(found) / 100)
    assert all(ord(character) > 0x2000 for character in refused)


def published(folder: Path, count: int) -> Iterator[tuple[Path, Invoice]]:
    """Invoices of every set, evenly chosen."""
    found = sorted({case.path for case in cases(folder)})
    step = max(len(found) // (count * 2), 1)
    made = 0
    for path in found[step // 2 :: step]:
        try:
            invoice = read(path)
        except EInvoiceError:
            continue
        made += 1
        yield path, invoice
        if made == count:
            return
