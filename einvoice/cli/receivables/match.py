"""Takes in files of the bank: CAMT.053 and .054, MT940, CODA. What surely pays an invoice is booked, the rest waits on the work list.

A file is imported whole or not at all, once, and each line of overlapping files once. --dry-run tries everything and keeps nothing.
Reminders of what is paid stop at once. Exit code 1 where a file is refused; those before it are kept."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common
from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from einvoice.receivables.matching.importing import Imported
    from einvoice.receivables.policy import Policy

USAGE = "FILE…"
EXAMPLES = """\
  einvoice receivables match statement.xml
  einvoice receivables match bank/*.cod --dry-run
  einvoice receivables match statement.xml --format json
"""
_MOST = 1 << 29


def options(parser: ArgumentParser) -> None:
    """What `receivables match` understands."""
    from einvoice.cli.receivables.common import creditor_option

    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="files of the bank; their content says what they are")
    creditor_option(parser)
    parser.add_argument("--dry-run", action="store_true", help="match everything, keep nothing")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Imports file by file; 1 where one is refused."""
    from einvoice.cli.printing import json_text
    from einvoice.cli.problems import warn
    from einvoice.cli.receivables.common import opened, policy_of, watched
    from einvoice.receivables.matching.reading import StatementRefused
    from einvoice.settings import current

    settings, code = current(), 0
    policy, done, progress = policy_of(settings), [], watched()
    with opened(settings) as engine:
        for number, path in enumerate(options.files, 1):
            progress("files", number)
            try:
                found = _one(engine, path, policy, options)
            except StatementRefused as refused:
                warn(str(refused))
                code = 1
                continue
            done.append(_row(path, found))
            if options.format == "text":
                _show(path, found, options)
    if options.format == "json":
        print(json_text({"files": done, "dry_run": options.dry_run}, indent=1))
    return code


def _one(engine: Engine, path: Path, policy: Policy, options: Namespace) -> Imported:
    from einvoice.cli.receivables.common import clock, creditor, who
    from einvoice.database import connect
    from einvoice.receivables.ledger.booking import Booking
    from einvoice.receivables.matching.importing import import_statement

    try:
        if path.stat().st_size > _MOST:
            raise ReceivablesError(f"{path} has more than {_MOST:,} bytes; ask the bank for shorter periods")
        data = path.read_bytes()
    except OSError as fault:
        raise ReceivablesError(f"{path} cannot be read: {fault.strerror}; check the path and its permissions") from None
    now = clock()
    with connect(engine) as connection, connection.begin_nested() as kept:
        owner = creditor(connection, options)
        found = import_statement(connection, owner, data, path.name, Booking(now.date(), who(), now), policy)
        if options.dry_run:
            kept.rollback()
    return found


def _row(path: Path, found: Imported) -> dict[str, Any]:
    lines = [
        {
            "line": one.line.key,
            "booked": str(one.line.booked),
            "amount": str(one.line.amount),
            "currency": one.line.currency,
            "kind": one.kind,
            "state": one.state,
            "confidence": one.confidence,
            "debtor": one.debtor,
            "invoices": [[ref, str(amount)] for ref, amount in one.allocations],
            "explanation": [each._asdict() for each in one.explanation],
        }
        for one in found.matches
    ]
    return {"file": str(path), "new": found.new, "counts": dict(found.counts), "lines": lines}


def _show(path: Path, found: Imported, options: Namespace) -> None:
    from einvoice.cli.receivables.common import table

    if not found.new:
        print(f"{path}: imported before; nothing changed")
        return
    print(f"{path}: {'tried, and nothing kept' if options.dry_run else 'imported'}")
    print("\n".join(table(found.counts) or ["  no lines"]))
    for one in found.matches[:20] if options.dry_run else ():
        why = "; ".join(each.text for each in one.explanation)
        print(f"  {one.line.booked}  {one.line.amount:>12} {one.line.currency}  {one.state:<8} {one.kind:<9} {one.confidence:>3}  {why}")
