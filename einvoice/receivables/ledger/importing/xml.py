"""E-invoices from files: each booked as `ledger.from_einvoice` books it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from einvoice.errors import DocumentError, EInvoiceError
from einvoice.receivables.ledger.einvoices import from_einvoice
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.importing.faults import ImportFault


def import_documents(desk: Desk, paths: Iterable[Path]) -> None:
    """Books the e-invoices of files, invoices before the credit notes that lower them; what stands in the way is noted."""
    notes = [path for path in paths if not _booked(desk, path, credit_notes=False)]
    for path in notes:
        _booked(desk, path, credit_notes=True)


def _booked(desk: Desk, path: Path, *, credit_notes: bool) -> bool:
    """Books the e-invoice of a file; False where it is a credit note, whose turn comes later."""
    from einvoice.formats.reader import read  # noqa: PLC0415 - only who imports XML pays for it

    try:
        data = path.read_bytes()
        invoice = read(data)
        if invoice.is_credit_note and not credit_notes:
            return False
        if invoice.totals and invoice.totals.amount_due == 0 and not invoice.totals.paid_amount:
            desk.counts["nothing owed"] += 1
            return True
        document, add = hashlib.sha256(data).hexdigest(), desk.reading.add_debtors
        posted = from_einvoice(desk.connection, desk.creditor.id, invoice, desk.booked, document=document, add_debtor=add)
        desk.counts["e-invoices" if posted.new else "same"] += 1
    except EInvoiceError as fault:
        desk.faults.add(_fault(path, fault))
    return True


def _fault(path: Path, fault: EInvoiceError) -> ImportFault:
    if isinstance(fault, DocumentError):
        place = fault.location
        mend = fault.mend or "hand in a UBL or CII invoice"
        return ImportFault("unreadable", str(path), place.line if place else None, place.term if place else None, fault.message, mend)
    text, _, mend = str(fault).partition("; ")
    term = next((word.strip("(),") for word in text.split() if word.strip("(),").startswith("BT-")), None)
    return ImportFault("cannot-book", str(path), None, term, text, mend or "correct it there")
