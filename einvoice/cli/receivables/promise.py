"""Promises: takes a debtor's word to pay by a day, for which follow-up waits, and lists those that are live.

Whether they are kept the ledger says: the next run compares each with the payments since."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work

USAGE = "make INVOICE… --on DATE | list"
EXAMPLES = """\
  einvoice receivables promise make 2026-0017 --on 2026-11-27
  einvoice receivables promise make 2026-0017 2026-0021 --amount 500.00 --on 2026-11-27
  einvoice receivables promise list
"""
_COLUMNS = ("id", "debtor", "amount", "currency", "made_on", "by", "tolerance", "state")


def options(parser: ArgumentParser) -> None:
    """What `receivables promise` understands."""
    from einvoice.cli.receivables.casework import shared
    from einvoice.cli.receivables.values import amount, day

    parser.add_argument("what", choices=("make", "list"))
    parser.add_argument("invoices", metavar="INVOICE", nargs="*", help="of make: numbers of invoices of one debtor")
    parser.add_argument("--amount", type=amount, help="of make: what is promised; all that is open of them unless told")
    parser.add_argument("--on", type=day, metavar="DATE", help="of make: the day of payment")
    shared(parser)


def run(options: Namespace) -> int:
    """Takes a promise where one is made, and lists the live ones."""
    from einvoice.cli.receivables.casework import work

    with work(options) as here:
        if options.what == "make":
            _make(here, options)
        _list(here, options)
    return 0


def _make(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import invoices_of
    from einvoice.receivables.cases import promises
    from einvoice.receivables.cases.plans import open_of

    if options.on is None:
        raise ReceivablesError("say by when: --on 2026-11-27")
    debtor, invoices = invoices_of(here, options.invoices)
    amount = options.amount or open_of(here.connection, invoices)
    promises.make(here.connection, debtor, invoices, amount, options.on, here.policy, here.at)


def _list(here: Work, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.cli.receivables.casework import show
    from einvoice.receivables.store.tables import DEBTORS, PROMISES

    found = (
        select(PROMISES, DEBTORS.c.key.label("debtor"))
        .join_from(PROMISES, DEBTORS, DEBTORS.c.id == PROMISES.c.debtor_id)
        .where(PROMISES.c.creditor_id == here.creditor, PROMISES.c.closed_on.is_(None))
    )
    show(here.connection.execute(found.order_by(PROMISES.c.by, PROMISES.c.id)).all(), _COLUMNS, options)
