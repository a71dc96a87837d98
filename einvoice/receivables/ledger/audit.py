"""Holds the ledger against itself: what invoices and debtors carry must be what the entries say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, literal, or_, select

from einvoice.money import ZERO
from einvoice.receivables.ledger.booking import CHARGES as CHARGED
from einvoice.receivables.ledger.booking import PRINCIPAL
from einvoice.receivables.store.tables import CHARGES, DEBTORS, ENTRIES, INVOICES, PAYMENTS, TRANSACTIONS


class Fault(NamedTuple):
    """A contradiction in the ledger: a code, the table and id it is about, and what was found; money in the invoice's currency."""

    code: str
    table: str
    id: int
    text: str


def check_ledger(connection: Connection, creditor: int | None = None) -> list[Fault]:
    """Every contradiction in the ledger of a creditor, or of all; none where all is well.

    Each transaction has entries that sum to zero per currency; `invoices.open`, `.charges`, the booked interest and costs, stages and
    the debtors' behaviour equal what entries and invoices say; reversals mirror what they reverse; payments know whether they stand.
    """
    checks = (_unbalanced, _empty, _unequal_invoices, _stages, _booked_charges, _behaviour, _mirrors, _payments)
    return [fault for check in checks for fault in check(connection, creditor)]


def _of(column: Any, creditor: int | None) -> Any:
    return literal(True) if creditor is None else column == creditor


def _unbalanced(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    total = func.sum(ENTRIES.c.amount)
    grouped = select(ENTRIES.c.transaction_id, ENTRIES.c.currency, total).group_by(ENTRIES.c.transaction_id, ENTRIES.c.currency)
    for ref, currency, amount in connection.execute(grouped.where(_of(ENTRIES.c.creditor_id, creditor)).having(total != ZERO)):
        yield Fault("unbalanced", "transactions", ref, f"its entries sum to {amount} {currency}, not to zero")


def _empty(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    without = select(TRANSACTIONS.c.id).where(
        _of(TRANSACTIONS.c.creditor_id, creditor), ~select(ENTRIES.c.id).where(ENTRIES.c.transaction_id == TRANSACTIONS.c.id).exists()
    )
    for ref in connection.execute(without).scalars():
        yield Fault("empty", "transactions", ref, "it has no entries")


def _unequal_invoices(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    summed = (
        select(ENTRIES.c.invoice_id, *(_sum(account).label(account) for account in (PRINCIPAL, CHARGED)))
        .where(ENTRIES.c.account.in_((PRINCIPAL, CHARGED)))
        .group_by(ENTRIES.c.invoice_id)
        .subquery()
    )
    principal, charges = (func.coalesce(summed.c[account], ZERO) for account in (PRINCIPAL, CHARGED))
    query = (
        select(INVOICES.c.id, INVOICES.c.open, INVOICES.c.charges, principal, charges)
        .join_from(INVOICES, summed, summed.c.invoice_id == INVOICES.c.id, isouter=True)
        .where(_of(INVOICES.c.creditor_id, creditor), or_(INVOICES.c.open != principal, INVOICES.c.charges != charges))
    )
    for ref, kept, kept_charges, said, said_charges in connection.execute(query):
        text = f"it carries {kept} open and {kept_charges} of charges, its entries say {said} and {said_charges}"
        yield Fault("invoice-differs", "invoices", ref, text)


def _sum(account: str) -> Any:
    return func.sum(case((ENTRIES.c.account == account, ENTRIES.c.amount), else_=ZERO))


def _stages(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    closed = INVOICES.c.stage.in_(("settled", "written_off", "reversed"))
    wrong = or_(
        and_(closed, INVOICES.c.open != ZERO),
        and_(~closed, INVOICES.c.open == ZERO),
        and_(INVOICES.c.stage == "settled", INVOICES.c.settled_on.is_(None)),
        and_(INVOICES.c.stage != "settled", INVOICES.c.settled_on.is_not(None)),
    )
    query = select(INVOICES.c.id, INVOICES.c.stage, INVOICES.c.open).where(_of(INVOICES.c.creditor_id, creditor), wrong)
    for ref, stage, left in connection.execute(query):
        yield Fault("stage-differs", "invoices", ref, f"it is {stage} with {left} open")


def _booked_charges(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    reversals = select(TRANSACTIONS.c.reverses).where(TRANSACTIONS.c.reverses.is_not(None))
    total = CHARGES.c.amount + CHARGES.c.vat
    sums = [func.sum(case((CHARGES.c.kind == kind, total), else_=ZERO)).label(kind) for kind in ("interest", "costs")]
    summed = select(CHARGES.c.invoice_id, *sums).where(CHARGES.c.transaction_id.not_in(reversals)).group_by(CHARGES.c.invoice_id).subquery()
    wrong = [INVOICES.c[f"{kind}_booked"] != func.coalesce(summed.c[kind], ZERO) for kind in ("interest", "costs")]
    query = (
        select(INVOICES.c.id, INVOICES.c.interest_booked, INVOICES.c.costs_booked)
        .join_from(INVOICES, summed, summed.c.invoice_id == INVOICES.c.id, isouter=True)
        .where(_of(INVOICES.c.creditor_id, creditor), or_(*wrong))
    )
    for ref, interest, costs in connection.execute(query):
        yield Fault("charges-differ", "invoices", ref, f"it carries {interest} of interest and {costs} of costs booked; its charges differ")


def _behaviour(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    counted = (
        select(INVOICES.c.debtor_id, INVOICES.c.due, INVOICES.c.settled_on, INVOICES.c.issued)
        .join_from(INVOICES, DEBTORS, DEBTORS.c.id == INVOICES.c.debtor_id)
        .where(_of(INVOICES.c.creditor_id, creditor), INVOICES.c.kind == "invoice", INVOICES.c.stage != "reversed")
    )
    said: dict[int, list[Any]] = {}
    for debtor, due, settled_on, issued in connection.execute(counted):
        sums = said.setdefault(debtor, [0, 0, 0, 0, issued])
        late = max(0, (settled_on - due).days) if settled_on else 0
        for index, more in enumerate((1, int(settled_on is not None), int(late > 0), late)):
            sums[index] += more
        sums[4] = min(sums[4], issued)
    columns = (DEBTORS.c.posted, DEBTORS.c.settled, DEBTORS.c.settled_late, DEBTORS.c.days_late, DEBTORS.c.first_posted)
    for ref, *kept in connection.execute(select(DEBTORS.c.id, *columns).where(_of(DEBTORS.c.creditor_id, creditor))):
        if kept != said.get(ref, [0, 0, 0, 0, None]):
            yield Fault("behaviour-differs", "debtors", ref, f"it carries {kept}, its invoices say {said.get(ref)}")


def _mirrors(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    """A transaction and its reversal together leave nothing, on any account of any invoice."""
    what = (TRANSACTIONS.c.reverses, ENTRIES.c.account, ENTRIES.c.currency, ENTRIES.c.invoice_id, ENTRIES.c.debtor_id)
    pair = or_(ENTRIES.c.transaction_id == TRANSACTIONS.c.id, ENTRIES.c.transaction_id == TRANSACTIONS.c.reverses)
    query = (
        select(TRANSACTIONS.c.reverses)
        .join_from(TRANSACTIONS, ENTRIES, pair)
        .where(_of(TRANSACTIONS.c.creditor_id, creditor), TRANSACTIONS.c.reverses.is_not(None))
        .group_by(*what)
        .having(func.sum(ENTRIES.c.amount) != ZERO)
    )
    for ref in sorted(set(connection.execute(query).scalars())):
        yield Fault("no-mirror", "transactions", ref, "its reversal leaves something")


def _payments(connection: Connection, creditor: int | None) -> Iterator[Fault]:
    reversal = select(TRANSACTIONS.c.id).where(TRANSACTIONS.c.reverses == PAYMENTS.c.transaction_id).exists()
    wrong = or_(and_(PAYMENTS.c.state == "posted", reversal), and_(PAYMENTS.c.state == "reversed", ~reversal))
    for ref, state in connection.execute(select(PAYMENTS.c.id, PAYMENTS.c.state).where(_of(PAYMENTS.c.creditor_id, creditor), wrong)):
        yield Fault("payment-differs", "payments", ref, f"it is {state}, and its transaction is not")
