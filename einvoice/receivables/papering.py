"""Documents that a person asks for: the agreement of a payment plan, and thanks for a payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select

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
    who = _party(connection, creditor, row.debtor_id, templates)._replace(currency=row.currency)
    debts = _debts(_invoices(connection, row.invoices))
    made = compose_papers.plan_agreement(who, terms, debts, grace, agreed=row.state != "approved")
    return Papered(made, row.debtor_id, f"plan:{plan}")


def thanks(connection: Connection, creditor: int, debtor: int, templates: Templates) -> Papered:
    """Thanks for a debtor's last payment that settled invoices; who always paid on time is told so.

    Raises ReceivablesError where no payment settled anything, or what it paid is not settled wholly; Missing.
    """
    who = _party(connection, creditor, debtor, templates)
    stands = (PAYMENTS.c.creditor_id == creditor, PAYMENTS.c.debtor_id == debtor, PAYMENTS.c.state == "posted")
    row = connection.execute(
        select(PAYMENTS).where(*stands).order_by(PAYMENTS.c.booked.desc(), PAYMENTS.c.id.desc()).limit(1)
    ).one_or_none()
    if row is None:
        raise ReceivablesError("nothing was paid by this debtor; there is nothing to be thankful for yet")
    moved = select(ENTRIES.c.invoice_id).join(TRANSACTIONS, TRANSACTIONS.c.id == ENTRIES.c.transaction_id)
    paid = connection.scalars(moved.where(TRANSACTIONS.c.moves == row.transaction_id, ENTRIES.c.invoice_id.is_not(None)).distinct()).all()
    invoices = _invoices(connection, paid)
    if not invoices or any(one.open > 0 or one.charges > 0 for one in invoices):
        raise ReceivablesError("the last payment settled no invoice wholly; allocate it, or wait for the rest, and thank then")
    who = who._replace(currency=row.currency)
    made = compose_papers.thank_you(who, row.amount, _debts(invoices), row.booked, punctual=_is_punctual(connection, debtor, row.booked))
    return Papered(made, debtor, f"thanks:{row.id}")


def _is_punctual(connection: Connection, debtor: int, day: date) -> bool:
    """Whether invoices were settled, all of them in time, and none is late now."""
    row = connection.execute(select(DEBTORS.c.settled, DEBTORS.c.settled_late).where(DEBTORS.c.id == debtor)).one()
    late = select(func.count()).where(INVOICES.c.debtor_id == debtor, INVOICES.c.open > ZERO, INVOICES.c.due < day)
    return row.settled > 0 and row.settled_late == 0 and not connection.scalar(late)


def _party(connection: Connection, creditor: int, debtor: int, templates: Templates) -> Party:
    """Who is written to; the papers bear no check code, since they are handed out and not sent.

    Raises ReceivablesError where nobody may be: insolvent, or forgotten.
    """
    row = connection.execute(select(DEBTORS.c.insolvent_on, DEBTORS.c.forgotten_on).where(DEBTORS.c.id == debtor)).one_or_none()
    if row is not None and (row.insolvent_on or row.forgotten_on):
        why = f"insolvent since {row.insolvent_on}" if row.insolvent_on else f"forgotten on {row.forgotten_on}"
        raise ReceivablesError(f"this debtor is {why}; nothing is agreed with it, and nothing written to it")
    return party(connection, creditor, debtor)[0]._replace(templates=templates)


def _invoices(connection: Connection, invoices: Sequence[Any]) -> Sequence[Row[Any]]:
    wanted = select(INVOICES).where(INVOICES.c.id.in_(list(invoices)))
    return connection.execute(wanted.order_by(INVOICES.c.due, INVOICES.c.id)).all()


def _debts(invoices: Sequence[Row[Any]]) -> list[Debt]:
    return [Debt(row.number, row.issued, row.due, max(row.open, ZERO), row.charges, row.reference) for row in invoices]
