"""The mapping pages: current, and complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from einvoice.formats.mapping import PAGES, page, places, term_at
from einvoice.formats.syntax import Document
from einvoice.model.index import paths

DOCS = Path(__file__).parents[2] / "docs"
EXTENSION_OF_UBL_INVOICES = {"BT-DEX-001", "BT-DEX-002", "BT-DEX-003"}


@pytest.mark.parametrize("file", PAGES)
def test_the_page_is_current(file: str) -> None:
    assert (DOCS / file).read_text("utf-8") == page(*PAGES[file]), "CONTRIBUTING.md says what writes the page"


@pytest.mark.parametrize("document", list(Document))
def test_every_business_term_has_a_place(document: Document) -> None:
    """Groups need no element of their own; BT-21 stands in the note's text in UBL."""
    bound = {term_at(place.model) for place in places(document)}
    missing = {term for term in paths() if term.startswith("BT-")} - bound
    allowed = set() if document is Document.UBL_INVOICE else EXTENSION_OF_UBL_INVOICES
    assert missing == allowed | ({"BT-21"} if document is not Document.CII else set())
