"""Gives up what is open of an invoice, for a reason: it is booked as a loss; --undo takes the last one back.

A person decides: --by names one of the creditor's people."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

USAGE = "INVOICE --reason TEXT"
EXAMPLES = """\
  einvoice receivables writeoff 2026-0017 --reason 'bankrupt, nothing to be had' --by ann
  einvoice receivables writeoff 2026-0018 --reason 'a difference' --amount 0.02 --by ann
  einvoice receivables writeoff 2026-0017 --undo --reason 'it paid after all' --by ann
"""


def options(parser: ArgumentParser) -> None:
    """What `receivables writeoff` understands."""
    from einvoice.cli.receivables.casework import shared
    from einvoice.cli.receivables.values import amount

    parser.add_argument("invoice", metavar="INVOICE", help="its number")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, kept with the change")
    parser.add_argument("--amount", type=amount, help="a part of the principal; all that is owed unless told")
    parser.add_argument("--undo", action="store_true", help="take the last write-off of the invoice back")
    shared(parser)


def run(options: Namespace) -> int:
    """Writes off or takes back, and says where the invoice stands."""
    from sqlalchemy import select

    from einvoice.cli.receivables.casework import invoice_of, show, work
    from einvoice.receivables.cases import writeoff
    from einvoice.receivables.store.tables import INVOICES

    with work(options) as here:
        invoice = invoice_of(here, options.invoice)
        if options.undo:
            writeoff.reinstate(here.connection, invoice, options.reason, here.at)
        else:
            writeoff.write_off(here.connection, invoice, options.reason, here.at, amount=options.amount)
        columns = ("number", "stage", "open", "charges", "currency")
        stands = select(*(INVOICES.c[name] for name in columns)).where(INVOICES.c.id == invoice)
        show(here.connection.execute(stands).all(), columns, options)
    return 0
