"""Debtors, contacts, invoices, credit notes and payments from CSV, JSON and e-invoices (XML, hybrid PDF): all of them, or nothing.

Every fault is told with file, line, field and mend. The same files again change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from sqlalchemy import Connection

from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.importing.columns import KINDS
from einvoice.receivables.ledger.importing.debtors import contacts, debtors
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.importing.faults import ImportFault, ImportRefused
from einvoice.receivables.ledger.importing.invoices import import_invoices
from einvoice.receivables.ledger.importing.payments import import_payments
from einvoice.receivables.ledger.importing.sheets import JSON, Reading, Sheet, sheets
from einvoice.receivables.ledger.importing.xml import import_documents

__all__ = ["ImportFault", "ImportRefused", "Reading", "import_files"]

_IMPORTS: Mapping[str, Callable[[Desk, Sheet], None]] = {
    "debtors": debtors,
    "contacts": contacts,
    "invoices": import_invoices,
    "payments": import_payments,
}
_TABLES = (*JSON, ".csv", ".tsv", ".txt")
_DOCUMENTS = (".xml", ".pdf")


def import_files(
    connection: Connection, creditor: int, paths: Iterable[Path], booked: Booking, reading: Reading | None = None, *, dry_run: bool = False
) -> Counter[str]:
    """Imports files and folders of files in the caller's transaction; how many of what are new, changed or the same.

    Debtors come first, payments last, whatever the order of the files. With `dry_run` everything is tried and nothing kept. Raises
    ImportRefused with every fault; nothing of any file is then kept, even where the caller goes on with the transaction.
    """
    desk = Desk(connection, creditor, reading or Reading(), booked)
    paths = list(paths)
    named = frozenset(paths)
    tables, documents = _files(paths, desk)
    with connection.begin_nested() as savepoint:
        found = [sheet for path in tables for sheet in sheets(path, desk.reading, desk.faults)]
        for sheet in sorted(found, key=lambda sheet: KINDS.index(sheet.kind)):
            if sheet.kind == "payments":
                continue
            _IMPORTS[sheet.kind](desk, sheet)
        import_documents(desk, documents, named)
        for sheet in (sheet for sheet in found if sheet.kind == "payments"):
            import_payments(desk, sheet)
        if desk.faults.count or dry_run:
            savepoint.rollback()
    if desk.faults.count:
        raise desk.faults.refused()
    return Counter({name: count for name, count in desk.counts.items() if count})


def _files(paths: Iterable[Path], desk: Desk) -> tuple[list[Path], list[Path]]:
    """The tables and the e-invoices that paths lead to; what is neither is a fault where it was named itself."""
    tables: list[Path] = []
    documents: list[Path] = []
    for path in paths:
        inside = (
            sorted(one for one in path.rglob("*") if one.suffix.lower() in (*_TABLES, *_DOCUMENTS) and one.is_file())
            if path.is_dir()
            else [path]
        )
        if not inside or not path.exists():
            text = "no file of tables or e-invoices is in it" if path.exists() else "there is no such file or folder"
            desk.faults.add(ImportFault("no-file", str(path), None, None, text, "name a CSV, JSON, XML or PDF file, or a folder of them"))
            continue
        documents += [one for one in inside if one.suffix.lower() in _DOCUMENTS]
        tables += [one for one in inside if one.suffix.lower() not in _DOCUMENTS]
    return tables, documents
