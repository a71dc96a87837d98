"""Documents that a person asks for: the agreement of a payment plan, and thanks for a payment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.cases import plans
from einvoice.receivables.documents import compose_papers
from einvoice.receivables.documents.agreements import Term
from einvoice.receivables.documents.content import Content
from einvoice.receivables.documents.facts import party
from einvoice.receivables.documents.parties import Debt, Party
from einvoice.receivables.documents.templates import Templates
from einvoice.receivables.policy import Policy
from einvoice.receivables.store.tables import DEBTORS, ENTRIES, INVOICES, PAYMENTS, PLANS, TRANSACTIONS


class Papered(NamedTuple):
    """A document, whose it is, and a key that tells it from others."""

    content: Content
    debtor: int
    key: str


def agreement(connection: Connection, creditor: int, plan: int, policy: Policy, templates: Templates) -> Papered:
    """The agreement of a payment plan that was approved.

    Raises ReceivablesError where there is none, or it is not approved or no longer stands; Missing.
    """
    row = connection.execute(select(PLANS).where(PLANS.c.id == plan, PLANS.c.creditor_id == creditor)).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no payment plan {plan}; list those there are: einvoice receivables instalments list")
    if row.state not in ("approved", "active", "missed", "grace"):
        raise ReceivablesError(f"the payment plan {plan} is {row.state}; only one that is approved and stands is an agreement")
    terms = [Term(term.due, term.amount, term.paid) for term in plans.terms_of(connection, plan)]
    grace = policy.payment_plans.on_missed.grace_days
    key = f"plan:{plan}"
    who = _party(connection, creditor, row.debtor_id, templates)._replace(currency=row.currency)
    return Papered(compose_papers.plan_agreement(who, terms, _debts(connection, row.invoices), grace, key=key), row.debtor_id, key)


def thanks(connection: Connection, creditor: int, debtor: int, templates: Templates) -> Papered:
    """Thanks for a debtor's last payment that stands; it is told so who always paid on time.

    Raises ReceivablesError where nothing was paid; Missing.
    """
    stands = (PAYMENTS.c.creditor_id == creditor, PAYMENTS.c.debtor_id == debtor, PAYMENTS.c.state == "posted")
    row = connection.execute(
        select(PAYMENTS).where(*stands).order_by(PAYMENTS.c.booked.desc(), PAYMENTS.c.id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        raise ReceivablesError("nothing was paid by this debtor; there is nothing to be thankful for yet")
    moved = select(ENTRIES.c.invoice_id).join(TRANSACTIONS, TRANSACTIONS.c.id == ENTRIES.c.transaction_id)
    paid = connection.scalars(moved.where(TRANSACTIONS.c.moves == row.transaction_id, ENTRIES.c.invoice_id.is_not(None)).distinct()).all()
    late = connection.scalar(select(func.max(DEBTORS.c.settled_late)).where(DEBTORS.c.id == debtor))
    key = f"thanks:{row.id}"
    who = _party(connection, creditor, debtor, templates)._replace(currency=row.currency)
    made = compose_papers.thank_you(who, row.amount, _debts(connection, paid), row.booked, punctual=not late, key=key)
    return Papered(made, debtor, key)


def _party(connection: Connection, creditor: int, debtor: int, templates: Templates) -> Party:
    return party(connection, creditor, debtor)[0]._replace(templates=templates)


def _debts(connection: Connection, invoices: Sequence[Any]) -> list[Debt]:
    rows = connection.execute(select(INVOICES).where(INVOICES.c.id.in_(list(invoices))).order_by(INVOICES.c.due, INVOICES.c.id)).all()
    return [Debt(row.number, row.issued, row.due, max(row.open, ZERO), row.charges, row.reference) for row in rows]
