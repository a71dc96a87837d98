"""What the verbs about cases share: one transaction on a creditor's cases, things by their keys and numbers, tables of rows."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

    from einvoice.receivables.cases.case import At
    from einvoice.receivables.policy import Policy


_READS = frozenset({"list", "show", "quote"})


class Work(NamedTuple):
    """A transaction on the cases of a creditor: when and by whom, under which policy."""

    connection: Connection
    creditor: int
    at: At
    policy: Policy


def shared(parser: ArgumentParser) -> None:
    """The options that each of these verbs has."""
    from einvoice.cli.receivables.common import creditor_option

    creditor_option(parser)
    parser.add_argument("--by", metavar="KEY", help="who does this; whoever is at the keyboard unless told")
    parser.add_argument("--note", metavar="TEXT", help="why, kept with the change")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="of lists; text unless told")


@contextmanager
def work(options: Namespace) -> Iterator[Work]:
    """One transaction: all of it is done, or nothing is; what only lists is in nobody's way.

    Raises DatabaseError, SettingsError, ReceivablesError.
    """
    from zoneinfo import ZoneInfo

    from sqlalchemy import select

    from einvoice.cli.receivables import common
    from einvoice.database import connect, reading
    from einvoice.receivables.cases.case import At
    from einvoice.receivables.store.tables import CREDITORS
    from einvoice.settings import current

    settings = current()
    begin = reading if getattr(options, "what", None) in _READS else connect
    with common.opened(settings) as engine, begin(engine) as connection:
        creditor, now = common.creditor(connection, options), common.clock()
        zone = ZoneInfo(str(connection.scalar(select(CREDITORS.c.time_zone).where(CREDITORS.c.id == creditor))))
        at = At(now.astimezone(zone).date(), now, options.by or common.who())
        yield Work(connection, creditor, at, common.policy_of(settings))


def debtor_of(here: Work, key: str) -> int:
    """A debtor by its key. Raises ReceivablesError where there is none."""
    from einvoice.receivables.store.tables import DEBTORS

    return _by_key(here, DEBTORS, "key", key, "debtor")


def person_of(here: Work, key: str) -> int:
    """A person by its key. Raises ReceivablesError where there is none."""
    from einvoice.receivables.store.tables import PEOPLE

    return _by_key(here, PEOPLE, "key", key, "person", "; list them with: einvoice receivables people list")


def invoice_of(here: Work, number: str) -> int:
    """An invoice by its number. Raises ReceivablesError where there is none."""
    from einvoice.receivables.store.tables import INVOICES

    return _by_key(here, INVOICES, "number", number, "invoice")


def invoices_of(here: Work, numbers: Sequence[str]) -> tuple[int, list[int]]:
    """Invoices by their numbers, and whose they are. Raises ReceivablesError where one is unknown or they are several debtors'."""
    from sqlalchemy import select

    from einvoice.receivables.store.tables import INVOICES

    ids = [invoice_of(here, number) for number in numbers]
    debtors = set(here.connection.scalars(select(INVOICES.c.debtor_id).where(INVOICES.c.id.in_(ids))))
    if len(debtors) != 1:
        raise ReceivablesError(f"{', '.join(numbers) or 'no invoice'}: name invoices of one debtor")
    return debtors.pop(), ids


def own(here: Work, table: Table, case: int | None, name: str) -> int:
    """The id of a case, where it is this creditor's. Raises ReceivablesError where it is not, or none is given."""
    from sqlalchemy import select

    if case is None:
        raise ReceivablesError(f"say which {name}: its id is in the list")
    if here.connection.scalar(select(table.c.id).where(table.c.id == case, table.c.creditor_id == here.creditor)) is None:
        raise ReceivablesError(f"there is no {name} {case} of this creditor; list those there are")
    return case


def show(rows: Sequence[Any], columns: Sequence[str], options: Namespace) -> None:
    """Prints rows as a table of some columns, or all of each as JSON."""
    from einvoice.cli.printing import json_text

    if options.format == "json":
        print(json_text([_plain(row._asdict()) for row in rows], indent=1))
        return
    cells = [list(columns), *([_text(getattr(row, name)) for name in columns] for row in rows)]
    wide = [max(len(line[number]) for line in cells) for number in range(len(columns))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, wide, strict=True)).rstrip())


def _by_key(here: Work, table: Table, column: str, key: str, name: str, mend: str = "") -> int:
    from sqlalchemy import select

    found = here.connection.scalar(select(table.c.id).where(table.c.creditor_id == here.creditor, table.c[column] == key))
    if found is None:
        raise ReceivablesError(f"there is no {name} {key!r} of this creditor{mend}")
    return int(found)


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal | date) else value for name, value in row.items()}
