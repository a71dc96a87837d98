"""Mandates from a CSV file: all of it, or nothing; each fault is told with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.receivables.cases.case import At
from einvoice.receivables.ledger.values import iso_date, yes_or_no
from einvoice.receivables.paying.mandates import CORE, MandateIn, create
from einvoice.receivables.store.tables import DEBTORS

MOST = 20 * 2**20
"""The most bytes of a file."""
_FAULTS = 20
NEEDED = ("debtor", "reference", "iban", "signed")
_READS: Mapping[str, Callable[[str], Any]] = {
    "debtor": str,
    "reference": str,
    "iban": str,
    "signed": iso_date,
    "holder": str,
    "scheme": str.upper,
    "bic": str,
    "recurrent": yes_or_no,
    "source": str,
}
"""The columns, and how each is read."""


def import_mandates(connection: Connection, creditor: int, data: bytes, source: str, at: At) -> int:
    """Keeps the mandates of a file (UTF-8, comma or semicolon); how many lines there are. `source` where a line names none.

    Raises ReceivablesError that names the lines that are wrong; nothing is kept then. The same file again changes nothing.
    """
    debtors = {row.key: row for row in connection.execute(select(DEBTORS).where(DEBTORS.c.creditor_id == creditor))}
    faults: list[str] = []
    count = 0
    with connection.begin_nested() as saved:
        for number, record in _records(data):
            count += 1
            try:
                create(connection, creditor, _mandate(record, debtors, source), at)
            except (ReceivablesError, ValueError) as fault:
                faults.append(f"line {number}: {fault}")
        if faults:
            saved.rollback()
    if faults:
        more = f"\nand {len(faults) - _FAULTS} more" if len(faults) > _FAULTS else ""
        raise ReceivablesError("nothing is imported:\n" + "\n".join(faults[:_FAULTS]) + more)
    return count


def _records(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if len(data) > MOST:
        raise ReceivablesError(f"the file has more than {MOST // 2**20} MB; import it in parts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReceivablesError("the file is not UTF-8; save it as CSV in UTF-8") from None
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [str(name).strip().lower() for name in reader.fieldnames or ()]
        if lacking := [name for name in NEEDED if name not in names]:
            raise ReceivablesError(f"the file has no column {', '.join(lacking)}; it needs {', '.join(NEEDED)}")
        if unknown := [name for name in names if name not in _READS]:
            raise ReceivablesError(f"the column {unknown[0]!r} is not known here; there are {', '.join(_READS)}")
        reader.fieldnames = names
        for record in reader:
            if None in record or None in record.values():
                raise ReceivablesError(f"line {reader.line_num}: it has another number of fields than the first line")
            yield reader.line_num, {name: value.strip() for name, value in record.items() if value.strip()}
    except csv.Error as fault:
        raise ReceivablesError(f"line {reader.line_num}: {fault}; save the file as CSV again") from None


def _mandate(record: Mapping[str, str], debtors: Mapping[str, Any], source: str) -> MandateIn:
    given = {name: _READS[name](value) for name, value in record.items()}
    if lacking := [name for name in NEEDED if name not in given]:
        raise ReceivablesError(f"{', '.join(lacking)} is empty; fill it in")
    debtor = debtors.get(given["debtor"])
    if debtor is None:
        raise ReceivablesError(f"there is no debtor {given['debtor']!r}; import it first")
    defaults = {"holder": debtor.name[:70], "scheme": CORE, "source": source, "bic": None, "recurrent": True}
    return MandateIn(**{**defaults, **given, "debtor": debtor.id})
