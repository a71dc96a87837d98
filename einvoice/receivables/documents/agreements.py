"""Earlier agreements that a message comes back to: promises, payment plans, answers to what a debtor disputed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from einvoice.receivables.store.tables import DISPUTES, PLAN_TERMS, PLANS, PROMISES

_PLANS = ("approved", "active", "missed", "grace", "broken")
_ANSWERS = ("rejected", "credited")


class Term(NamedTuple):
    """A term of a payment plan: the day it is due, what is to be paid, what was."""

    due: date
    amount: Decimal
    paid: Decimal = Decimal(0)


class Agreement(NamedTuple):
    """What was agreed on some invoices on a day.

    `kind` and `state`: promise (made, kept, partial, broken), plan (approved, active, missed, grace, broken), answer (rejected,
    credited). `by` is the day of a promise, or that of a plan's first term that is not paid, and `amount` what was to be paid by then.
    """

    kind: str
    state: str
    on: date
    invoices: tuple[int, ...]
    currency: str
    by: date | None = None
    amount: Decimal | None = None
    paid: Decimal = Decimal(0)
    terms: tuple[Term, ...] = ()


def load(connection: Connection, debtors: Collection[int]) -> Mapping[int, tuple[Agreement, ...]]:
    """The agreements of debtors, oldest first: four queries, however many there are."""
    found: dict[int, list[tuple[date, int, Agreement]]] = defaultdict(list)
    for row in connection.execute(select(PROMISES).where(PROMISES.c.debtor_id.in_(debtors))).all():
        found[row.debtor_id].append((row.made_on, row.id, _promise(row)))
    plans = connection.execute(select(PLANS).where(PLANS.c.debtor_id.in_(debtors), PLANS.c.state.in_(_PLANS))).all()
    terms = _terms(connection, [plan.id for plan in plans])
    for row in plans:
        found[row.debtor_id].append((row.proposed_on, row.id, _plan(row, terms[row.id])))
    ended = select(DISPUTES).where(DISPUTES.c.debtor_id.in_(debtors), DISPUTES.c.state.in_(_ANSWERS))
    for row in connection.execute(ended).all():
        answer = Agreement("answer", row.state, row.opened_on, (row.invoice_id,), "", row.closed_on, row.amount)
        found[row.debtor_id].append((row.closed_on or row.opened_on, row.id, answer))
    return {debtor: tuple(each for *_, each in sorted(rows, key=lambda row: row[:2])) for debtor, rows in found.items()}


def _terms(connection: Connection, plans: Sequence[int]) -> Mapping[int, list[Term]]:
    made: dict[int, list[Term]] = defaultdict(list)
    query = select(PLAN_TERMS).where(PLAN_TERMS.c.plan_id.in_(plans)).order_by(PLAN_TERMS.c.plan_id, PLAN_TERMS.c.number)
    for row in connection.execute(query).all():
        made[row.plan_id].append(Term(row.due, row.amount, row.paid))
    return made


def _promise(row: Row[Any]) -> Agreement:
    return Agreement("promise", row.state, row.made_on, tuple(row.invoices), row.currency, row.by, row.amount, row.paid)


def _plan(row: Row[Any], terms: Sequence[Term]) -> Agreement:
    missed = next((term for term in terms if term.paid < term.amount), None)
    paid = sum((term.paid for term in terms), Decimal(0))
    by, amount = (missed.due, missed.amount - missed.paid) if missed else (None, None)
    return Agreement("plan", row.state, row.proposed_on, tuple(row.invoices), row.currency, by, amount, paid, tuple(terms))


def of(agreements: Sequence[Agreement], invoices: Collection[int]) -> Iterator[Agreement]:
    """Those that a message about invoices comes back to: the latest promise, plan and answer on any of them, oldest first."""
    latest = {each.kind: each for each in agreements if any(invoice in invoices for invoice in each.invoices)}
    return (each for each in agreements if latest.get(each.kind) is each)
