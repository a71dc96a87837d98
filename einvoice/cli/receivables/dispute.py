"""Disputes: opens one, which stops the follow-up of its invoice, says who works on it, ends it, lists those that are open.

One that passes its day is escalated by the next run; follow-up of companies then resumes unless the policy says otherwise."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.errors import ReceivablesError

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work

USAGE = "open INVOICE | list | assign|wait|resume|accept|credit|reject|withdraw ID"
EXAMPLES = """\
  einvoice receivables dispute open 2026-0017 --category price_not_as_agreed --amount 120.00 --text 'agreed 10 %'
  einvoice receivables dispute list
  einvoice receivables dispute assign 3 --to ann
  einvoice receivables dispute wait 3 --for customer
  einvoice receivables dispute accept 3
  einvoice receivables dispute credit 3 --number 2026-C004
  einvoice receivables dispute reject 3 --note 'delivered on 3 November, signed for'
"""
_VERBS = ("open", "list", "assign", "wait", "resume", "accept", "credit", "reject", "withdraw")
_COLUMNS = ("id", "number", "debtor", "category", "state", "amount", "answer_due", "owner", "escalated_on")


def options(parser: ArgumentParser) -> None:
    """What `receivables dispute` understands."""
    from einvoice.cli.receivables.casework import shared
    from einvoice.cli.receivables.values import amount

    parser.add_argument("what", choices=_VERBS)
    parser.add_argument("subject", metavar="INVOICE|ID", nargs="?", help="of open: the invoice's number; else the dispute's id")
    parser.add_argument("--category", help="of open: a category of the policy, such as price_not_as_agreed, already_paid, other")
    parser.add_argument("--amount", type=amount, help="of open: the disputed part; of credit: what is credited; the whole unless told")
    parser.add_argument("--text", help="of open: what the debtor says")
    parser.add_argument("--key", help="of open: the message it came with; the same one again opens nothing")
    parser.add_argument("--to", metavar="PERSON", help="of assign: who works on it")
    parser.add_argument("--for", dest="whom", choices=("us", "customer"), help="of wait: whose answer is awaited")
    parser.add_argument("--no-credit", action="store_true", help="of accept: no credit is due, the dispute ends with it")
    parser.add_argument("--number", help="of credit: the number of the credit note")
    shared(parser)


def run(options: Namespace) -> int:
    """Does what is asked, and lists what is open."""
    from einvoice.cli.receivables.casework import work

    with work(options) as here:
        if options.what == "open":
            _open(here, options)
        elif options.what != "list":
            _move(here, options)
        _list(here, options)
    return 0


def _open(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import invoice_of
    from einvoice.receivables.cases import disputes

    if not options.subject or not options.category:
        raise ReceivablesError("say about which invoice and why: einvoice receivables dispute open NUMBER --category other")
    invoice = invoice_of(here, options.subject)
    objection = disputes.Objection(invoice, options.category, options.amount, options.text, options.key)
    disputes.register(here.connection, objection, here.policy, here.at)


def _move(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import own, person_of
    from einvoice.receivables.cases import disputes
    from einvoice.receivables.store.tables import DISPUTES

    given = options.subject or ""
    case = own(here, DISPUTES, int(given) if given.isdecimal() else None, "dispute")
    connection, at, note = here.connection, here.at, options.note
    match options.what:
        case "assign":
            disputes.assign(connection, case, person_of(here, _needed(options.to, "--to PERSON")), at)
        case "wait":
            disputes.wait(connection, case, "us" if _needed(options.whom, "--for us|customer") == "us" else "customer", at, note)
        case "resume":
            disputes.resume(connection, case, at)
        case "accept":
            disputes.accept(connection, case, at, credit_due=not options.no_credit, note=note)
        case "credit":
            disputes.credit(connection, case, _needed(options.number, "--number NUMBER"), at, amount=options.amount)
        case "reject":
            disputes.reject(connection, case, at, note)
        case _:
            disputes.withdraw(connection, case, at, note)


def _needed(value: str | None, option: str) -> str:
    if not value:
        raise ReceivablesError(f"this needs {option}")
    return value


def _list(here: Work, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.cli.receivables.casework import show
    from einvoice.receivables.store.tables import DEBTORS, DISPUTES, INVOICES, PEOPLE

    found = (
        select(DISPUTES, INVOICES.c.number, DEBTORS.c.key.label("debtor"), PEOPLE.c.key.label("owner"))
        .join_from(DISPUTES, INVOICES, INVOICES.c.id == DISPUTES.c.invoice_id)
        .join(DEBTORS, DEBTORS.c.id == DISPUTES.c.debtor_id)
        .join(PEOPLE, PEOPLE.c.id == DISPUTES.c.owner_id)
        .where(DISPUTES.c.creditor_id == here.creditor, DISPUTES.c.closed_on.is_(None))
    )
    show(here.connection.execute(found.order_by(DISPUTES.c.answer_due, DISPUTES.c.id)).all(), _COLUMNS, options)
