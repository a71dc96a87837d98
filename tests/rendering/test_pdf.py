"""The PDF: every text of the sheet on its pages, nothing outside them, no word over another; an archivable file, the same each time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pikepdf
import pytest

from einvoice.model import Invoice, Note
from einvoice.rendering.compose import sheet
from einvoice.rendering.house import House
from einvoice.rendering.typst import pdf
from einvoice.samples import sample
from einvoice_schemas.terms import LANGUAGES
from tests.rendering import every_term
from tests.rendering.layout import pages
from tests.rendering.papers import faults, house, lost, many, printed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_on_the_page(language: str) -> None:
    assert faults(every_term.invoice(), language) == {}


def test_an_empty_invoice_has_a_page() -> None:
    assert faults(Invoice()) == {}
    assert len(printed(Invoice())) == 1


def test_a_fault_would_be_seen() -> None:
    """A text that the page does not have is missed."""
    made = sheet(sample())
    assert lost(made._replace(notes=(*made.notes, made.notes[0]._replace(value="Never printed"))), printed(sample())) == ["Never printed"]


@pytest.fixture(scope="module")
def opened() -> Iterator[pikepdf.Pdf]:
    """The sample as PDF."""
    with pikepdf.open(io.BytesIO(pdf(sheet(sample(), "nl"), house()))) as document:
        yield document


def test_it_says_what_it_is(opened: pikepdf.Pdf) -> None:
    invoice = sample()
    assert invoice.seller
    with opened.open_metadata() as about:
        told: dict[str, Any] = dict(about)
    assert told["{http://purl.org/dc/elements/1.1/}title"] == sheet(invoice, "nl").title
    assert told["{http://purl.org/dc/elements/1.1/}creator"] == [invoice.seller.name]
    assert told["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
    assert told["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "B"
    assert str(opened.Root.Lang) == "nl"
    assert str(opened.docinfo["/CreationDate"]).startswith(f"D:{invoice.issue_date:%Y%m%d}")


def test_it_is_tagged(opened: pikepdf.Pdf) -> None:
    kinds = [str(node.get("/S")) for node in _nodes(opened.Root.StructTreeRoot)]
    assert opened.Root.MarkInfo.Marked
    assert kinds.count("/H1") == 1
    assert {"/H2", "/Table", "/TH", "/TD", "/Figure"} <= set(kinds)
    assert all(node.get("/Alt") for node in _nodes(opened.Root.StructTreeRoot) if node.get("/S") == "/Figure")


def _nodes(node: Any) -> Iterator[Any]:
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _nodes(kid)


def test_every_font_is_embedded(opened: pikepdf.Pdf) -> None:
    faces = [font for font in opened.objects if isinstance(font, pikepdf.Dictionary) and font.get("/Type") == "/FontDescriptor"]
    assert faces
    assert all("/FontFile3" in face or "/FontFile2" in face for face in faces)


def test_the_same_invoice_gives_the_same_bytes() -> None:
    first, second = (pdf(sheet(sample(), "de"), house()) for _ in range(2))
    assert pdf(sheet(sample(credit_note=True), "de"), house()) != first
    assert first == second == pdf(sheet(sample(), "de"), house())


def test_threads_do_not_mix_invoices() -> None:
    made = [many(count) for count in (1, 2, 3, 4, 5, 6)]
    alone = [pdf(sheet(invoice), house()) for invoice in made]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda invoice: pdf(sheet(invoice), house()), made * 3)) == alone * 3


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "9999-12-31"])
def test_any_day_can_be_the_date(day: str) -> None:
    made = sheet(sample())._replace(day=day)
    with pikepdf.open(io.BytesIO(pdf(made, house()))) as document:
        assert str(document.docinfo["/CreationDate"]).startswith(f"D:{day.replace('-', '')}")


def test_line_breaks_are_kept() -> None:
    invoice = sample().model_copy(update={"notes": (Note(text="Alpha bravo\nCharlie delta"),)})
    lines = printed(invoice)[-1].lines()
    assert "Alpha bravo" in lines
    assert "Charlie delta" in lines


def test_the_page_is_that_of_the_house() -> None:
    page, *_ = printed(sample(), paper="us-letter")
    assert (page.width, page.height) == (612, 792)


def test_the_foot_stands_on_every_page_with_its_number() -> None:
    made = pages(pdf(sheet(many(40), "de"), house(footer=(("Korn GmbH", "Weg 1"), ("IBAN",)))))
    assert len(made) > 2
    for number, page in enumerate(made, 1):
        lines = page.lines()
        assert lines[-1].endswith(f"Seite {number} von {len(made)}")
        assert "Korn GmbH IBAN" in lines
        assert page.outside() == []
        assert page.collisions() == []


def test_the_package_style_is_a_house() -> None:
    assert pages(pdf(sheet(sample()), House()))
