"""Fills the book from the store, in a constant number of queries, however many lines and invoices there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, func, or_, select

from einvoice.money import ZERO, rounded
from einvoice.receivables import store
from einvoice.receivables.actions import Note
from einvoice.receivables.ledger.booking import UNALLOCATED
from einvoice.receivables.matching.book import Book, Known
from einvoice.receivables.matching.fitting import LATELY
from einvoice.receivables.matching.incoming import SECOND
from einvoice.receivables.matching.leaving import REVERSED_WITHIN
from einvoice.receivables.matching.proposing import NAMED
from einvoice.receivables.matching.reading import BankLine
from einvoice.receivables.matching.values import Collection, Credit, Discount, Item, Paid, Waiting
from einvoice.receivables.policy import Policy
from einvoice.receivables.policy.discounts import discount
from einvoice.receivables.store.tables import (
    BANK_FILES,
    BANK_LINES,
    CHECKOUTS,
    COLLECTIONS,
    CREDITORS,
    DEBTORS,
    ENTRIES,
    INVOICES,
    MANDATES,
    PAY_LINKS,
    PAYMENTS,
    TRANSACTIONS,
)

LOOK_BACK = timedelta(days=550)
"""How long ago an invoice may have been settled and still be told from one that is not ours: who pays twice does so within this."""

_FEW = 500
_ITEM = ("id", "number", "debtor_id", "currency", "amount", "open", "charges", "issued", "due", "settled_on", "reference", "contract")


def load(connection: Connection, creditor: int, lines: Sequence[BankLine], policy: Policy | None = None) -> Book:
    """The book of a creditor, for these lines; early-payment discounts are the policy's and those of contracts."""
    since = min((line.booked for line in lines), default=date.max)
    rows = _invoices(connection, creditor, since)
    granted = _granted(connection, creditor, rows, since, policy)
    items = [_item(row, granted.get(row.id, ())) for row in rows]
    debtors = connection.execute(select(DEBTORS.c.id, DEBTORS.c.key, DEBTORS.c.name).where(DEBTORS.c.creditor_id == creditor)).all()
    return Book(items, ((row.id, row.key, row.name) for row in debtors), _known(connection, creditor, lines))


def _item(row: Any, granted: tuple[Discount, ...]) -> Item:
    """An invoice with its discounts; what was given up or set off counts as settled on its due day, where no other day is known."""
    settled = None if row.open > 0 or row.charges > 0 else row.settled_on or row.due
    given = (*_agreed(row), *granted)
    about = (row.id, row.number, row.debtor_id, row.currency)
    return Item(*about, row.amount, row.open, row.charges, row.issued, row.due, settled, row.reference, given)


def _invoices(connection: Connection, creditor: int, since: date) -> Sequence[Any]:
    """What is open, and what was settled or given up since long before the lines."""
    table = INVOICES.c
    lately = since - LOOK_BACK if since < date.max else date.min
    wanted = or_(table.open != ZERO, table.charges != ZERO, table.settled_on >= lately, table.stage == "written_off")
    query = select(*(table[name] for name in _ITEM)).where(table.creditor_id == creditor, table.kind == "invoice", wanted)
    return connection.execute(query.order_by(table.id)).all()


def _agreed(row: Any) -> Iterator[Discount]:
    """A discount of the contract: {"discount": {"percent": "2", "days": 10}}."""
    said = row.contract.get("discount") if isinstance(row.contract, dict) else None
    if isinstance(said, Mapping):
        try:
            percent, days = Decimal(str(said["percent"])), int(said["days"])
        except (KeyError, ValueError, InvalidOperation):
            return
        if 0 < percent <= 20 and 0 < days <= 120:
            yield Discount(rounded(row.amount * percent / 100, row.currency), row.issued + timedelta(days=days))


def _granted(
    connection: Connection, creditor: int, rows: Sequence[Any], since: date, policy: Policy | None
) -> dict[int, tuple[Discount, ...]]:
    """What the policy grants on invoices whose days have not all passed before the lines; its conditions are asked of each debtor."""
    if policy is None or not policy.discounts or since == date.max:
        return {}
    longest = timedelta(days=max(each.within_days for each in policy.discounts))
    young = {row.id: row for row in rows if row.open == row.amount and row.issued + longest >= since}
    if all(each.when == "true" for each in policy.discounts):
        return {ref: tuple(_plain(policy, row)) for ref, row in young.items()}
    found: dict[int, tuple[Discount, ...]] = {}
    whose = {row.debtor_id for row in young.values()}
    for debtor in store.snapshots(connection, creditor, since, debtors=whose):
        for invoice in debtor.invoices:
            grant = discount(policy, debtor, invoice, max(since, invoice.issued)) if invoice.id in young else None
            if grant is not None and not isinstance(grant, Note):
                found[invoice.id] = (Discount(grant.amount, grant.until),)
    return found


def _plain(policy: Policy, row: Any) -> Iterator[Discount]:
    for each in policy.discounts:
        yield Discount(rounded(row.amount * each.percent / 100, row.currency), row.issued + timedelta(days=each.within_days))


def _known(connection: Connection, creditor: int, lines: Sequence[BankLine]) -> Known:
    batches = {line.batch for line in lines if line.many > 1 and line.batch}
    collections, sums = _collections(connection, creditor, batches)
    return Known(
        _accounts(connection, creditor),
        dict(connection.execute(select(MANDATES.c.reference, MANDATES.c.debtor_id).where(MANDATES.c.creditor_id == creditor)).all()),
        collections,
        _credits(connection, creditor) if any(line.amount < 0 for line in lines) else (),
        _paid(connection, creditor, lines),
        _own_accounts(connection, creditor),
        frozenset(
            connection.scalars(
                select(CHECKOUTS.c.provider)
                .join_from(CHECKOUTS, PAY_LINKS, PAY_LINKS.c.token == CHECKOUTS.c.token)
                .where(PAY_LINKS.c.creditor_id == creditor, CHECKOUTS.c.payment_id.is_not(None))
                .distinct()
            )
        ),
        sums,
        _waiting(connection, creditor),
        _lately(connection, creditor, lines),
    )


def _accounts(connection: Connection, creditor: int) -> dict[str, dict[int, int]]:
    """Accounts by debtor: those that paid for one before, and those of mandates."""
    table = PAYMENTS.c
    stands = (table.creditor_id == creditor, table.iban.is_not(None), table.debtor_id.is_not(None), table.state == "posted")
    query = select(table.iban, table.debtor_id, func.count()).where(*stands).group_by(table.iban, table.debtor_id)
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for iban, debtor, count in connection.execute(query):
        found[iban][debtor] = count
    for iban, debtor in connection.execute(select(MANDATES.c.iban, MANDATES.c.debtor_id).where(MANDATES.c.creditor_id == creditor)):
        found[iban].setdefault(debtor, 0)
    return found


def _collections(connection: Connection, creditor: int, batches: set[str]) -> tuple[dict[str, Collection], dict[str, Decimal]]:
    """Direct debits that were handed to the bank, by end-to-end id; and what each of the batches of these lines adds up to."""
    table = COLLECTIONS.c
    handed = table.state.in_(("exported", "collected", "returned"))
    query = select(table.end_to_end, table.debtor_id, table.amount, table.state, table.batch, table.due, table.sequence)
    found: dict[str, Collection] = {}
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in connection.execute(query.where(table.creditor_id == creditor, handed)):
        found[row.end_to_end] = Collection(row.debtor_id, row.amount, row.state)
        for batch in (row.batch, f"{row.batch}-{row.due:%Y%m%d}-{row.sequence}"):
            if batch in batches and row.state != "returned":
                sums[batch] += row.amount
    return found, dict(sums)


def _credits(connection: Connection, creditor: int) -> list[Credit]:
    """Payments of which something is on account."""
    source = func.coalesce(TRANSACTIONS.c.moves, TRANSACTIONS.c.id)
    left = func.sum(ENTRIES.c.amount, type_=ENTRIES.c.amount.type)
    query = (
        select(source, ENTRIES.c.debtor_id, left, ENTRIES.c.currency)
        .join_from(ENTRIES, TRANSACTIONS, ENTRIES.c.transaction_id == TRANSACTIONS.c.id)
        .where(ENTRIES.c.creditor_id == creditor, ENTRIES.c.account == UNALLOCATED, ENTRIES.c.debtor_id.is_not(None))
        .group_by(source, ENTRIES.c.debtor_id, ENTRIES.c.currency)
        .having(func.sum(ENTRIES.c.amount) < ZERO)
    )
    return [Credit(ref, debtor, -amount, currency) for ref, debtor, amount, currency in connection.execute(query)]


def _paid(connection: Connection, creditor: int, lines: Sequence[BankLine]) -> list[Paid]:
    """Payments of the weeks before, where a line takes one back."""
    back = [line for line in lines if line.amount < 0 and (line.iban or line.reversal or line.reason)]
    if not back:
        return []
    since = min(line.booked for line in back) - timedelta(days=REVERSED_WITHIN)
    table = PAYMENTS.c
    said = (BANK_LINES.c.end_to_end,)
    query = (
        select(table.key, table.amount, table.currency, table.booked, table.iban, *said, table.debtor_id)
        .join_from(PAYMENTS, BANK_LINES, BANK_LINES.c.payment_id == table.id, isouter=True)
        .where(table.creditor_id == creditor, table.state == "posted", table.booked >= since)
    )
    amounts = {-line.amount for line in back}
    if len(amounts) <= _FEW:
        query = query.where(table.amount.in_(sorted(amounts)))
    return [
        Paid(row.key, row.amount, row.currency, row.booked, row.iban or "", row.end_to_end or "", "", row.debtor_id)
        for row in connection.execute(query)
        if row.amount in amounts
    ]


def _lately(connection: Connection, creditor: int, lines: Sequence[BankLine]) -> dict[tuple[int, str, Decimal], date]:
    """The last day on which each debtor paid each amount, of the weeks before."""
    if not lines:
        return {}
    table, since = PAYMENTS.c, min(line.booked for line in lines) - timedelta(days=LATELY)
    stands = (table.creditor_id == creditor, table.state == "posted", table.booked >= since, table.debtor_id.is_not(None))
    query = select(table.debtor_id, table.currency, table.amount, func.max(table.booked)).where(*stands)
    return {(row[0], row[1], row[2]): row[3] for row in connection.execute(query.group_by(table.debtor_id, table.currency, table.amount))}


def _waiting(connection: Connection, creditor: int) -> list[Waiting]:
    """Lines that came in and wait for a person, but for what surely is a second payment."""
    table = BANK_LINES.c
    left = (table.creditor_id == creditor, table.state.in_(("open", "account")), table.amount > ZERO)
    query = select(table.amount, table.currency, table.iban, table.payer, table.explanation, table.proposals).where(*left)
    return [
        Waiting(row.amount, row.currency, row.iban or "", row.payer or "", _proposed(row.proposals))
        for row in connection.execute(query)
        if not any(each["code"] == SECOND for each in row.explanation)
    ]


def _proposed(proposals: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """The invoices that a line names, as its proposals have them."""
    return frozenset(int(ref) for one in proposals if one["confidence"] >= NAMED for ref, _ in one["invoices"])


def _own_accounts(connection: Connection, creditor: int) -> frozenset[str]:
    """The creditor's accounts: its own, and those of which statements came."""
    counts = connection.scalars(select(BANK_FILES.c.counts).where(BANK_FILES.c.creditor_id == creditor))
    own = connection.scalar(select(CREDITORS.c.iban).where(CREDITORS.c.id == creditor))
    return frozenset(account for account in (own, *(account for each in counts for account in each.get("accounts", ()))) if account)
