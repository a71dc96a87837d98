"""Many allocations at once: each payment or credit note to the invoice that it names."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.ledger import allocation, balances, booking, news
from einvoice.receivables.ledger.allocation import PRINCIPAL_FIRST
from einvoice.receivables.ledger.importing import bulk
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.money import Money, since
from einvoice.receivables.store.tables import ENTRIES, TRANSACTIONS

ENTRY = ("transaction_id", "creditor_id", "debtor_id", "invoice_id", "account", "currency", "amount", "booked")
TRANSACTION = ("id", "creditor_id", "key", "kind", "booked", "posted_at", "posted_by", "note", "content", "moves")


class Source(NamedTuple):
    """Money that was just booked by a transaction, and the invoice that it is for."""

    transaction: int
    money: Money
    invoice: int


def share(desk: Desk, sources: Sequence[Source]) -> None:
    """Allocates each, in the order given, as `ledger.allocate` would: the principal first, and what is too much stays on account."""
    wanted = {source.invoice for source in sources} | {source.money.invoice for source in sources if source.money.invoice}
    held = balances.standing(desk.connection, wanted)
    days = since(desk.connection, held)
    now = dict(held)
    made: list[tuple[Source, allocation.Share]] = []
    for source in sources:
        for part in allocation.split(source.money.left, [now[source.invoice]], PRINCIPAL_FIRST):
            made.append((source, part))
            one = now[source.invoice]
            now[source.invoice] = one._replace(open=one.open - part.principal, charges=one.charges - part.charges)
    refs = bulk.ids(desk.connection, TRANSACTIONS, len(made))
    transactions, entries, changes = [], [], []
    for ref, (source, part) in zip(refs, made, strict=True):
        lines = allocation.entries_of(part, source.money, held[source.invoice], days[source.invoice])
        last = max(line.day or source.money.day for line in lines)
        key = f"allocation:{source.transaction}:0:1"
        content = booking.digest("allocation", None, source.transaction, [(source.invoice, None)], PRINCIPAL_FIRST)
        head = (ref, desk.creditor.id, key, "allocation", last)
        transactions.append((*head, desk.at, desk.booked.by, desk.booked.note, content, source.transaction))
        entries += [(ref, desk.creditor.id, e.debtor, e.invoice, e.account, e.currency, e.amount, e.day) for e in lines]
        paid = max(source.money.day, days[source.invoice].principal)
        changes.append(balances.Change(source.invoice, paid, "allocation", -part.principal, -part.charges))
        if source.money.invoice is not None:
            changes.append(balances.Change(source.money.invoice, last, "allocation", part.amount))
    bulk.add(desk.connection, TRANSACTIONS, TRANSACTION, transactions)
    bulk.add(desk.connection, ENTRIES, ENTRY, entries)
    balances.apply(desk.connection, held, changes)
    _tell(desk, made)


def _tell(desk: Desk, made: Sequence[tuple[Source, allocation.Share]]) -> None:
    shares: list[tuple[int, list[tuple[int, Decimal]]]] = [
        (source.transaction, [(part.invoice, part.amount)]) for source, part in made if source.money.invoice is None
    ]
    news.matched_all(desk.connection, shares, desk.booked.at, "reference")
    desk.counts["allocated"] += sum(part.amount > ZERO for _, part in made)
