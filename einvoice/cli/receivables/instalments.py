"""Payment plans: shows the best schedule within the policy's limits, proposes one, approves, activates and cancels it.

A plan below the policy's amount is approved by itself; what a debtor proposes is active once approved, any other once the debtor
agrees. While it is active follow-up waits; a missed term has its grace, then the plan is broken."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einvoice.cli.receivables.casework import Work
    from einvoice.receivables.cases.schedule import Term

USAGE = "quote|propose INVOICE… | list | show|approve|activate|cancel ID"
EXAMPLES = """\
  einvoice receivables instalments quote 2026-0017
  einvoice receivables instalments propose 2026-0017 --by debtor
  einvoice receivables instalments propose 2026-0017 --term 2026-12-01=60.50 --term 2027-01-01=60.50
  einvoice receivables instalments approve 2
  einvoice receivables instalments show 2
"""
_VERBS = ("quote", "propose", "list", "show", "approve", "activate", "cancel")
_COLUMNS = ("id", "debtor", "total", "currency", "state", "proposed_on", "proposed_by", "approved_by", "grace_until")


def options(parser: ArgumentParser) -> None:
    """What `receivables instalments` understands."""
    from einvoice.cli.receivables.casework import shared

    parser.add_argument("what", choices=_VERBS)
    parser.add_argument("subjects", metavar="INVOICE|ID", nargs="*", help="numbers of invoices of one debtor, or the plan's id")
    parser.add_argument("--term", type=_term, action="append", metavar="DATE=AMOUNT", help="a term; the best schedule unless told")
    shared(parser)


def run(options: Namespace) -> int:
    """Does what is asked."""
    from einvoice.cli.receivables.casework import work

    with work(options) as here:
        {"quote": _quote, "propose": _propose, "list": _list}.get(options.what, _one)(here, options)
    return 0


def _quote(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import invoices_of
    from einvoice.errors import ReceivablesError
    from einvoice.receivables.cases import case, plans, schedule

    debtor, invoices = invoices_of(here, options.subjects)
    rows = case.invoices_of(here.connection, debtor, invoices)
    total, currency = plans.open_of(here.connection, invoices), rows[0].currency
    made = schedule.proposal(here.policy, case.debtor_of(here.connection, debtor), total, here.at.day, currency)
    if made is None:
        raise ReceivablesError(f"{total} {currency} leaves no two terms within the policy's limits (payment_plans)")
    _print_terms(made, currency, options)


def _propose(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import invoices_of
    from einvoice.receivables.cases import plans

    debtor, invoices = invoices_of(here, options.subjects)
    plan = plans.propose(here.connection, debtor, invoices, here.policy, here.at, terms=options.term)
    _show(here, plan, options)


def _one(here: Work, options: Namespace) -> None:
    from einvoice.cli.receivables.casework import own
    from einvoice.receivables.cases import plans
    from einvoice.receivables.store.tables import PLANS

    given = options.subjects[0] if len(options.subjects) == 1 else ""
    plan = own(here, PLANS, int(given) if given.isdecimal() else None, "plan")
    if options.what == "approve":
        plans.approve(here.connection, plan, here.at)
    elif options.what == "activate":
        plans.activate(here.connection, plan, here.at)
    elif options.what == "cancel":
        plans.cancel(here.connection, plan, here.at, options.note)
    _show(here, plan, options)


def _show(here: Work, plan: int, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.receivables.cases.plans import terms_of
    from einvoice.receivables.store.tables import PLANS

    row = here.connection.execute(select(PLANS).where(PLANS.c.id == plan)).one()
    if options.format == "text":
        print(f"plan {plan}: {row.state}, {row.total} {row.currency}")
    _print_terms(terms_of(here.connection, plan), row.currency, options)


def _print_terms(terms: Any, currency: str, options: Namespace) -> None:
    from einvoice.cli.printing import json_text

    if options.format == "json":
        print(json_text([{"due": str(term.due), "amount": str(term.amount), "currency": currency} for term in terms], indent=1))
        return
    for term in terms:
        paid = f"  paid {term.paid}" if getattr(term, "paid", 0) else ""
        print(f"  {term.due}  {term.amount:>12} {currency}{paid}")


def _list(here: Work, options: Namespace) -> None:
    from sqlalchemy import select

    from einvoice.cli.receivables.casework import show
    from einvoice.receivables.store.tables import DEBTORS, PLANS

    found = (
        select(PLANS, DEBTORS.c.key.label("debtor"))
        .join_from(PLANS, DEBTORS, DEBTORS.c.id == PLANS.c.debtor_id)
        .where(PLANS.c.creditor_id == here.creditor, PLANS.c.closed_on.is_(None))
    )
    show(here.connection.execute(found.order_by(PLANS.c.id)).all(), _COLUMNS, options)


def _term(text: str) -> Term:
    from einvoice.cli.receivables.values import amount, day
    from einvoice.receivables.cases.schedule import Term

    due, equals, of = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r} is no term; write it like 2026-12-01=60.50")
    return Term(day(due), amount(of))
