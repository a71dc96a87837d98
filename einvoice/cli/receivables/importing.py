"""Imports debtors, contacts, invoices, credit notes, payments and e-invoices: all that is handed in, or nothing.

CSV (delimiter, decimal comma and encoding are found out), JSON, JSON lines; UBL or CII invoices and PDFs that carry one, which are kept
as they are; folders of them. Columns have many names, `--column` adds yours; docs/ledger.md lists them. Each fault is told with file,
line, field and mend. The same files again change nothing; --dry-run only tries. Exit code 1 where something is wrong."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli import options as common
from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.receivables.ledger.importing import Reading

USAGE = "FILE…"
EXAMPLES = """\
  einvoice receivables import debtors.csv invoices.csv
  einvoice receivables import open-items.csv --kind invoices --dates DD-MM-YYYY --column 'Rel.nr=debtor' --ignore '*'
  einvoice receivables import sent/ --add-debtors --dry-run
  einvoice receivables import payments.json --oldest
"""
KINDS = ("debtors", "contacts", "invoices", "payments")


def options(parser: ArgumentParser) -> None:
    """What `receivables import` understands."""
    from einvoice.cli.receivables.common import creditor_option

    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="files, and folders of files")
    creditor_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="try everything, keep nothing")
    parser.add_argument("--kind", choices=KINDS, help="what is in the files; their names and columns say so unless told")
    parser.add_argument("--dates", metavar="PATTERN", help="how dates are written, such as DD-MM-YYYY; YYYY-MM-DD unless told")
    parser.add_argument("--decimal", choices=(",", "."), help="the sign before decimals; found out unless told")
    parser.add_argument("--delimiter", metavar="SIGN", help="between the fields of CSV; found out unless told")
    parser.add_argument("--encoding", metavar="NAME", help="of the files; found out unless told")
    parser.add_argument("--column", metavar="YOURS=OURS", action="append", default=[], help="your name of one of our columns")
    parser.add_argument("--ignore", metavar="NAME", action="append", default=[], help="leave this column out; '*': all that are not known")
    parser.add_argument("--oldest", action="store_true", help="payments without an invoice pay the debtor's oldest ones")
    parser.add_argument("--add-debtors", action="store_true", help="add businesses that e-invoices name and the ledger does not know")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Imports, and counts; 1 where anything is wrong, and then nothing is kept."""
    from einvoice.cli.receivables.common import clock, creditor, opened, who
    from einvoice.database import connect
    from einvoice.receivables.ledger.booking import Booking
    from einvoice.receivables.ledger.importing import ImportRefused, import_files

    now = clock()
    try:
        with opened() as engine, connect(engine) as connection:
            booked = Booking(now.date(), who(), now)
            counts = import_files(
                connection, creditor(connection, options), options.files, booked, _reading(options), dry_run=options.dry_run
            )
    except ImportRefused as refused:
        _tell(refused, options)
        return 1
    _count(dict(counts), options)
    return 0


def _reading(options: Namespace) -> Reading:
    from einvoice.receivables.ledger.importing import Reading
    from einvoice.receivables.ledger.values import dates

    try:
        dates(options.dates)
        "".encode(options.encoding or "utf-8")
    except (ValueError, LookupError) as fault:
        raise ReceivablesError(str(fault)) from None
    named = [name.partition("=") for name in options.column]
    if wrong := [yours for yours, sign, ours in named if not (yours and sign and ours)]:
        raise ReceivablesError(f"--column {wrong[0]}: write it like 'your name=number'")
    return Reading(
        kind=options.kind,
        delimiter={"\\t": "\t", "tab": "\t"}.get(options.delimiter, options.delimiter),
        decimal=options.decimal,
        dates=options.dates,
        encoding=options.encoding,
        columns={yours: ours for yours, _, ours in named},
        ignore=frozenset(options.ignore),
        oldest=options.oldest,
        add_debtors=options.add_debtors,
    )


def _tell(refused: ReceivablesError, options: Namespace) -> None:
    """Every fault, a line each on standard error."""
    from einvoice.cli.printing import json_text
    from einvoice.cli.problems import warn

    findings = getattr(refused, "findings", ())
    for fault in findings:
        warn(str(fault))
    count = getattr(refused, "count", len(findings))
    warn(f"nothing was imported, because of {count:,} fault{'s' if count != 1 else ''}")
    if options.format == "json":
        print(json_text({"imported": {}, "faults": [fault._asdict() for fault in findings]}, indent=1))


def _count(counts: dict[str, int], options: Namespace) -> None:
    from einvoice.cli.printing import json_text
    from einvoice.cli.receivables.common import table

    if options.format == "json":
        print(json_text({"imported": counts, "dry_run": options.dry_run, "faults": []}, indent=1))
        return
    print("tried, and nothing kept:" if options.dry_run else "imported:")
    print("\n".join(table(counts) or ["  nothing new"]))
