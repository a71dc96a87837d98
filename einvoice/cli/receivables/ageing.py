"""Shows what is open by how late it is, today or at the end of any day before; with --items each invoice, with --debtor one account.

What was booked by that day counts. Credit notes stand in the bands of their own dates; charges and money on account beside them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common
from einvoice.cli.receivables.values import day
from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from sqlalchemy import Connection

USAGE = ""
EXAMPLES = """\
  einvoice receivables ageing
  einvoice receivables ageing --as-of 2026-09-30 --items
  einvoice receivables ageing --debtor C1042 --format json
"""
_HEADS = ("currency", "not due", "1-30", "31-60", "61-90", "91-120", "> 120", "open", "charges", "on account")


def options(parser: ArgumentParser) -> None:
    """What `receivables ageing` understands."""
    from einvoice.cli.receivables.common import creditor_option

    creditor_option(parser)
    parser.add_argument("--as-of", metavar="DAY", type=day, help="at the end of this day, YYYY-MM-DD; today unless told")
    parser.add_argument("--debtor", metavar="KEY", help="what this debtor owes, with those below it, and its open items")
    parser.add_argument("--items", action="store_true", help="every open invoice and credit note")
    common.formats(parser, "text", "json")


def run(options: Namespace) -> int:
    """Prints the ageing, or the account of a debtor."""
    from einvoice.cli.receivables.common import clock, creditor, opened
    from einvoice.database import reading

    day = options.as_of or clock().date()
    with opened() as engine, reading(engine) as connection:
        found = _found(connection, creditor(connection, options), day, options)
    if options.format == "json":
        from einvoice.cli.printing import json_text

        print(json_text(found, indent=1))
    else:
        print("\n".join(_text(found)))
    return 0


def _found(connection: Connection, creditor: int, day: date, options: Namespace) -> dict[str, Any]:
    from einvoice.receivables.ledger.asof import ageing, balance, open_items

    debtor = _debtor(connection, creditor, options.debtor) if options.debtor else None
    made: dict[str, Any] = {"as_of": day.isoformat()}
    if debtor is None:
        made["ageing"] = [_amounts(row._asdict() | {"open": row.principal}) for row in ageing(connection, creditor, day)]
    else:
        owed = balance(connection, debtor, day, children=True)
        made["balance"] = [_amounts({"currency": currency, **one._asdict(), "total": one.total}) for currency, one in owed.items()]
    if options.items or debtor is not None:
        made["items"] = [_amounts(item._asdict()) for item in open_items(connection, creditor, day, debtor=debtor)]
    return made


def _debtor(connection: Connection, creditor: int, key: str) -> int:
    from sqlalchemy import select

    from einvoice.receivables.store.tables import DEBTORS

    wanted = select(DEBTORS.c.id).where(DEBTORS.c.creditor_id == creditor, DEBTORS.c.key == key)
    found = connection.execute(wanted).scalar_one_or_none()
    if found is None:
        raise ReceivablesError(f"there is no debtor {key!r}; see the keys of those who owe with: einvoice receivables ageing --items")
    return int(found)


def _amounts(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | str) else str(value) for name, value in row.items()}


def _text(found: dict[str, Any]) -> list[str]:
    lines = [f"at the end of {found['as_of']}"]
    names = ("currency", "not_due", "to_30", "to_60", "to_90", "to_120", "beyond", "open", "charges", "unallocated")
    if rows := found.get("ageing"):
        lines += _columns([_HEADS, *([row[name] for name in names] for row in rows)])
    if rows := found.get("balance"):
        owed = ("currency", "principal", "charges", "unallocated", "total")
        lines += _columns([owed, *([row[name] for name in owed] for row in rows)])
    if rows := found.get("items"):
        shown = ("number", "kind", "due", "days_late", "currency", "amount", "open", "charges")
        lines += ["", *_columns([shown, *([str(row[name]) for name in shown] for row in rows)])]
    return lines if len(lines) > 1 else [*lines, "nothing is open"]


def _columns(rows: list[Any]) -> list[str]:
    wide = [max(len(str(row[index])) for row in rows) for index in range(len(rows[0]))]
    return ["  ".join(str(cell).rjust(width) for cell, width in zip(row, wide, strict=True)) for row in rows]
