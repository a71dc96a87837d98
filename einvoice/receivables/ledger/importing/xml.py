"""E-invoices from files: each booked as `ledger.from_einvoice` books it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from einvoice.errors import DocumentError, EInvoiceError
from einvoice.receivables.ledger.einvoices import from_einvoice
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.importing.faults import ImportFault


def import_xml(desk: Desk, path: Path) -> None:
    """Books the e-invoice of a file; what stands in the way is noted."""
    from einvoice.formats.reader import read  # noqa: PLC0415 - only who imports XML pays for it

    try:
        data = path.read_bytes()
        invoice = read(data)
        totals = invoice.totals
        if totals and totals.amount_due == 0 and not totals.paid_amount:
            desk.counts["nothing owed"] += 1
            return
        posted = from_einvoice(
            desk.connection,
            desk.creditor.id,
            invoice,
            desk.booked,
            document=hashlib.sha256(data).hexdigest(),
            add_debtor=desk.reading.add_debtors,
        )
    except EInvoiceError as fault:
        desk.faults.add(_fault(path, fault))
        return
    desk.counts["e-invoices" if posted.new else "same"] += 1


def _fault(path: Path, fault: EInvoiceError) -> ImportFault:
    if isinstance(fault, DocumentError):
        place = fault.location
        mend = fault.mend or "hand in a UBL or CII invoice"
        return ImportFault("unreadable", str(path), place.line if place else None, place.term if place else None, fault.message, mend)
    text, _, mend = str(fault).partition("; ")
    term = next((word.strip("(),") for word in text.split() if word.strip("(),").startswith("BT-")), None)
    return ImportFault("cannot-book", str(path), None, term, text, mend or "correct it there")
