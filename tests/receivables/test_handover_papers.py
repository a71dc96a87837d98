"""Documents that are kept: e-invoices byte for byte as they came, as XML or in a PDF, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

import einvoice
from einvoice.errors import ReceivablesError
from einvoice.model import Invoice
from einvoice.receivables import papers
from einvoice.receivables.ledger.importing import ImportRefused, Reading, import_files
from einvoice.receivables.store.tables import INVOICES, PAPERS
from tests.receivables import books
from tests.receivables.books import NOW, booking


def example(number: str = "F1", **change: Any) -> Invoice:
    """An e-invoice of the creditor to the debtor `c1`."""
    return einvoice.calculate(
        Invoice.model_validate(
            {
                "process": {"specification_identifier": "urn:cen.eu:en16931:2017"},
                "number": number,
                "issue_date": date(2026, 10, 1),
                "type_code": "380",
                "currency_code": "EUR",
                "payment_due_date": date(2026, 10, 31),
                "seller": {"name": "Creditor acme", "vat_identifier": "NL1", "address": {"country_code": "NL"}},
                "buyer": {"name": "Customer c1", "identifier": {"value": "c1"}, "address": {"country_code": "NL"}},
                "lines": [
                    {
                        "identifier": "1",
                        "quantity": "1",
                        "unit_code": "C62",
                        "item": {"name": "Work"},
                        "price": {"net": "100"},
                        "vat": {"category_code": "S", "rate": "21"},
                    }
                ],
            }
            | change
        )
    ).invoice


def _printed(invoice: Invoice) -> bytes:
    made = einvoice.render(invoice, "pdf")
    assert isinstance(made, bytes)
    return made


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Books of a creditor with a debtor."""
    with books.books(tmp_path) as connection:
        books.debtor(connection, books.creditor(connection))
        yield connection


def _taken(connection: Connection, *paths: Path) -> dict[str, int]:
    return dict(import_files(connection, 1, paths, booking(), Reading()))


def test_a_document_is_kept_once_by_its_bytes(connection: Connection) -> None:
    first = papers.keep(connection, 1, 1, "agreement", "plan.pdf", papers.PDF, b"one", NOW)
    assert papers.keep(connection, 1, 1, "agreement", "another name.pdf", papers.PDF, b"one", NOW) == first
    other = papers.keep(connection, 1, 1, "statement", "plan.pdf", papers.PDF, b"one", NOW)
    assert other != first
    (found,) = papers.of(connection, 1, debtor=1, kind="agreement")
    assert (found.id, found.data, found.hash, found.kept_at) == (first, b"one", papers.sha256(b"one"), NOW)
    assert [paper.id for paper in papers.of(connection, 1)] == [first, other]
    for kind, data in (("", b"one"), ("agreement", b""), ("k" * 21, b"one")):
        with pytest.raises(ReceivablesError):
            papers.keep(connection, 1, 1, kind, "x", papers.PDF, data, NOW)


def test_xml_is_kept_as_it_came_and_found_by_the_invoice(connection: Connection, tmp_path: Path) -> None:
    data = einvoice.write(example())
    (tmp_path / "f1.xml").write_bytes(data)
    assert _taken(connection, tmp_path / "f1.xml") == {"e-invoices": 1}
    assert _taken(connection, tmp_path / "f1.xml") == {"same": 1}
    document = connection.scalar(select(INVOICES.c.document))
    found = papers.invoices(connection, 1, [document, None, "0" * 64])
    assert {document: paper.data for document, paper in found.items()} == {papers.sha256(data): data}
    assert connection.scalar(select(func.count()).select_from(PAPERS)) == 1


def test_a_hybrid_is_kept_with_the_xml_that_it_carries(connection: Connection, tmp_path: Path) -> None:
    invoice = example()
    hybrid = einvoice.embed(_printed(invoice), invoice, profile="facturx-en16931")
    (tmp_path / "f1.pdf").write_bytes(hybrid)
    assert _taken(connection, tmp_path / "f1.pdf") == {"e-invoices": 1}
    document = str(connection.scalar(select(INVOICES.c.document)))
    kept = papers.one(connection, 1, papers.INVOICE, document)
    assert kept is not None
    assert kept.data == einvoice.extract(hybrid)
    pdf = papers.hybrid(connection, 1, document)
    assert pdf is not None
    assert (pdf.data, pdf.debtor) == (hybrid, 1)
    assert _taken(connection, tmp_path / "f1.pdf") == {"same": 1}
    assert connection.scalar(select(func.count()).select_from(PAPERS)) == 2


def test_a_pdf_without_an_invoice_is_a_fault_only_where_it_was_named(connection: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / "picture.pdf").write_bytes(_printed(example()))
    (folder / "f1.xml").write_bytes(einvoice.write(example()))
    with pytest.raises(ImportRefused) as refused:
        _taken(connection, folder / "picture.pdf")
    assert [fault.code for fault in refused.value.findings] == ["unreadable"]
    assert _taken(connection, folder) == {"e-invoices": 1, "PDF without an invoice": 1}


def test_an_invoice_from_a_table_gets_its_xml_later_and_keeps_the_first(connection: Connection, tmp_path: Path) -> None:
    ref = books.invoice(connection, 1, "F1", "121.00")
    first, second = (einvoice.write(example(notes=[{"text": text}])) for text in ("one", "two"))
    for name, data in (("a.xml", first), ("b.xml", second)):
        (tmp_path / name).write_bytes(data)
        assert _taken(connection, tmp_path / name) == {"same": 1}
    assert connection.scalar(select(INVOICES.c.document).where(INVOICES.c.id == ref)) == papers.sha256(first)
    assert [paper.data for paper in papers.of(connection, 1)] == [first]
