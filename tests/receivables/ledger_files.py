"""Files to import, good ones and broken ones, for tests and evidence."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

DEBTORS = "key,name,kind,country,email\nc1,Jansen BV,b2b,NL,finance@jansen.example\nc2,De Vries,b2c,NL,\n"
INVOICES = "debtor,number,issued,due,amount,currency\nc1,F1,2026-09-01,2026-10-01,121.00,EUR\nc2,F2,2026-09-02,2026-10-02,60.50,EUR\n"
PAYMENTS = "key,booked,amount,debtor,invoice\nb1,2026-10-05,121.00,c1,F1\nb2,2026-10-06,10.00,c2,\n"
_HEAD = "debtor,number,issued,due,amount,currency\n"
_ROW = "c1,F9,2026-09-01,2026-10-01,121.00,EUR\n"


class Broken(NamedTuple):
    """A file with a fault: its name and bytes, and where the fault is to be found: code, line, field."""

    name: str
    data: bytes
    code: str
    line: int | None
    field: str | None


def _invoices(row: str, code: str, line: int | None, field: str | None) -> Broken:
    return Broken("invoices.csv", (_HEAD + _ROW + row).encode(), code, line, field)


BROKEN = (
    _invoices("c1,F8,2026-13-01,2026-10-01,1.00,EUR\n", "bad-date", 3, "issued"),
    _invoices("c1,F8,01-09-2026,2026-10-01,1.00,EUR\n", "bad-date", 3, "issued"),
    _invoices("c1,F8,2026-09-01,2026-10-01,1.00,EUX\n", "unknown-currency", 3, "currency"),
    _invoices("c1,F8,2026-09-01,2026-10-01,-1.00,EUR\n", "negative-amount", 3, "amount"),
    _invoices("c1,F8,2026-09-01,2026-10-01,one,EUR\n", "bad-amount", 3, "amount"),
    _invoices("c1,F8,2026-09-01,2026-10-01,1.005,EUR\n", "too-fine", 3, "amount"),
    _invoices("c7,F8,2026-09-01,2026-10-01,1.00,EUR\n", "missing-debtor", 3, "debtor"),
    _invoices(",F8,2026-09-01,2026-10-01,1.00,EUR\n", "missing", 3, "debtor"),
    _invoices("c1,F8,2026-09-01,,1.00,EUR\n", "missing", 3, "due"),
    _invoices("c1,F8,2026-09-01,2026-08-01,1.00,EUR\n", "due-before-issue", 3, "due"),
    _invoices("\n" + _ROW, "duplicate", 4, "number"),
    _invoices("c1,F1,2026-09-01,2026-10-01,999.00,EUR\n", "differs", 3, "number"),
    _invoices("c1,F8,2026-09-", "half-file", 3, None),
    _invoices('c1,F8,2026-09-01,2026-10-01,"1.00,EUR\n', "bad-csv", 3, None),
    _invoices("c1,F8,2026-09-01,2026-10-01,1,00,EUR\n", "row-length", 3, None),
    Broken("invoices.csv", b"debtor,number,issued,due,amount,colour\n", "unknown-column", 1, "colour"),
    Broken("invoices.csv", b"debtor,issued,due,amount\n", "missing-column", 1, "number"),
    Broken("invoices.csv", b"debtor,number,issued,due,amount,bedrag\n", "double-column", 1, "bedrag"),
    Broken("invoices.csv", b"", "empty", None, None),
    Broken("things.csv", b"a,b\n1,2\n", "unknown-kind", 1, None),
    Broken("invoices.csv", _HEAD.encode("utf-16")[:-1], "bad-encoding", 1, None),
    Broken(
        "invoices.json",
        b'[\n {"debtor": "c1", "number": "F8", "issued": "2026-09-01", "due": "x", "amount": "1.00"}\n]',
        "bad-date",
        2,
        "due",
    ),
    Broken("invoices.json", b'[\n {"debtor": "c1", "number": "F8",\n  "iss', "half-file", 2, None),
    Broken("invoices.json", b'[\n {"debtor": "c1", "number": "F8",}\n]', "bad-json", 2, None),
    Broken("invoices.jsonl", b'{"debtor": "c1", "issued": "2026-09-01", "due": "2026-10-01", "amount": "1.00"}\n', "missing", 1, "number"),
    Broken(
        "credit_notes.csv",
        (_HEAD.replace("\n", ",type,credits\n") + "c1,C1,2026-09-01,,1.00,EUR,381,F77\n").encode(),
        "missing-invoice",
        2,
        "credits",
    ),
    Broken(
        "open_items.csv", (_HEAD.replace("\n", ",open\n") + "c1,F8,2026-09-01,2026-10-01,1.00,EUR,2.00\n").encode(), "bad-open", 2, "open"
    ),
    Broken("debtors.csv", b"key,name,kind,country\nc8,X,b3b,NL\n", "bad-value", 2, "kind"),
    Broken("debtors.csv", b"key,name,kind,country,parent\nc8,X,b2b,NL,c99\n", "missing-debtor", 2, "parent"),
    Broken("debtors.csv", b"key,name,kind,country,parent\nc8,X,b2b,NL,c8\n", "circle", 2, "parent"),
    Broken("contacts.csv", b"debtor,role,email\nc1,cfo,cfo at jansen\n", "bad-value", 2, "email"),
    Broken("payments.csv", b"key,booked,amount,invoice\nb7,2026-10-05,1.00,F77\n", "missing-invoice", 2, "invoice"),
    Broken("payments.csv", b"key,booked,amount,currency,invoice\nb7,2026-10-05,1.00,USD,F1\n", "other-currency", 2, "invoice"),
    Broken("payments.csv", b"key,booked,amount,iban\nb7,2026-10-05,1.00,NL00BANK0123456789\n", "bad-value", 2, "iban"),
    Broken("invoice.xml", b"<Invoice>", "unreadable", 1, None),
    Broken("absent/invoices.csv", b"", "no-file", None, None),
)


def written(folder: Path, **files: str) -> list[Path]:
    """Writes files of tables, each by its name without `.csv`; their paths."""
    paths = [folder / f"{name}.csv" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, "utf-8")
    return paths


def broken(folder: Path, one: Broken) -> Path:
    """Writes a broken file; one in a folder that is not there is not written."""
    path = folder / one.name
    if path.parent.is_dir():
        path.write_bytes(one.data)
    return path
