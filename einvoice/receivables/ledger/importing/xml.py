"""E-invoices from files, XML or PDFs that carry it: each booked as `ledger.from_einvoice` books it, and its bytes kept."""

from __future__ import annotations

from collections.abc import Container, Iterable
from pathlib import Path

from einvoice.errors import DocumentError, EInvoiceError, NoInvoice
from einvoice.receivables.ledger.einvoices import from_einvoice
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.importing.faults import ImportFault


def import_documents(desk: Desk, paths: Iterable[Path], named: Container[Path] = ()) -> None:
    """Books the e-invoices of files, invoices before the credit notes that lower them; what stands in the way is noted.

    A PDF without an invoice is a fault where it was `named`, and only counted where it merely lay in a folder.
    """
    notes = [path for path in paths if not _booked(desk, path, path in named, credit_notes=False)]
    for path in notes:
        _booked(desk, path, path in named, credit_notes=True)


def _booked(desk: Desk, path: Path, named: bool, *, credit_notes: bool) -> bool:
    """Books the e-invoice of a file; False where it is a credit note, whose turn comes later."""
    from einvoice.formats.reader import read  # noqa: PLC0415 - only who imports XML pays for it

    try:
        data, pdf = _opened(path)
        invoice = read(data)
        if invoice.is_credit_note and not credit_notes:
            return False
        if invoice.totals and invoice.totals.amount_due == 0 and not invoice.totals.paid_amount:
            desk.counts["nothing owed"] += 1
            return True
        add = desk.reading.add_debtors
        posted = from_einvoice(desk.connection, desk.creditor.id, invoice, desk.booked, add_debtor=add, data=data, pdf=pdf)
        desk.counts["e-invoices" if posted.new else "same"] += 1
    except NoInvoice as fault:
        if named:
            desk.faults.add(_fault(path, fault))
        else:
            desk.counts["PDF without an invoice"] += 1
    except EInvoiceError as fault:
        desk.faults.add(_fault(path, fault))
    return True


def _opened(path: Path) -> tuple[bytes, bytes | None]:
    """The XML of a file, byte for byte, and the PDF around it where there is one."""
    data = path.read_bytes()
    if not data[:1024].lstrip().startswith(b"%PDF-"):
        return data, None
    from einvoice.pdf.extract import extract  # noqa: PLC0415 - an extra that XML does without

    return extract(data), data


def _fault(path: Path, fault: EInvoiceError) -> ImportFault:
    if isinstance(fault, DocumentError):
        place = fault.location
        mend = fault.mend or "hand in a UBL or CII invoice"
        return ImportFault("unreadable", str(path), place.line if place else None, place.term if place else None, fault.message, mend)
    text, _, mend = str(fault).partition("; ")
    term = next((word.strip("(),") for word in text.split() if word.strip("(),").startswith("BT-")), None)
    return ImportFault("cannot-book", str(path), None, term, text, mend or "correct it there")
