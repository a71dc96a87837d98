"""Books many payments with what they pay at once, as `ledger.post_payment` books one: the same keys, contents, entries and balances."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from einvoice.errors import ReceivablesError
from einvoice.receivables.ledger import allocation, balances, booking, news, payments
from einvoice.receivables.ledger.allocation import PRINCIPAL_FIRST
from einvoice.receivables.ledger.booking import Booking
from einvoice.receivables.ledger.importing import bulk
from einvoice.receivables.ledger.importing.sharing import ENTRY, TRANSACTION
from einvoice.receivables.ledger.money import Money, since
from einvoice.receivables.ledger.payments import PaymentIn
from einvoice.receivables.store.loading import moment
from einvoice.receivables.store.tables import ENTRIES, PAYMENTS, TRANSACTIONS

_PAYMENT = (
    "id",
    "creditor_id",
    "debtor_id",
    "key",
    "amount",
    "currency",
    "booked",
    "reference",
    "payer",
    "iban",
    "state",
    "transaction_id",
)


class Coming(NamedTuple):
    """A payment that comes in, and the invoices that it pays, by id; `by`, `confidence` and `explanation` say on what that rests."""

    payment: PaymentIn
    to: Sequence[tuple[int, Decimal]]
    by: str
    confidence: int | None = None
    explanation: tuple[str, ...] = ()


class Booked(NamedTuple):
    """What became of it: the payment's id, its transaction."""

    payment: int
    transaction: int


def post(connection: Connection, creditor: int, coming: Sequence[Coming], booked: Booking) -> list[Booked]:
    """Books payments that are new, in their order, and allocates them: whole, as named; what is left stays on account.

    Raises ReceivablesError where an invoice owes less than it is given, or is not this creditor's or in another currency: a program is
    at fault then, for the matcher gives no more than is open.
    """
    if not coming:
        return []
    refs, made = (bulk.ids(connection, table, len(coming)) for table in (PAYMENTS, TRANSACTIONS))
    head = (moment(connection, booked.at), booked.by, booked.note)
    rows, transactions, entries = [], [], []
    for one, ref, transaction in zip(coming, refs, made, strict=True):
        paid = one.payment
        booking.in_currency(paid.amount, paid.currency, f"payment {paid.key}: the amount")
        said = (paid.key, paid.amount, paid.currency, paid.booked, paid.reference, paid.payer, paid.iban)
        rows.append((ref, creditor, paid.debtor, *said, "posted", transaction))
        key = booking.key_of(booked._replace(key=None), "payment", paid.key)
        transactions.append((transaction, creditor, key, "payment", paid.booked, *head, paid.content, None))
        entries += [
            (transaction, creditor, entry.debtor, None, entry.account, entry.currency, entry.amount, paid.booked)
            for entry in payments.entries_of(paid.debtor, paid.amount, paid.currency)
        ]
    bulk.add(connection, TRANSACTIONS, TRANSACTION, transactions)
    bulk.add(connection, PAYMENTS, _PAYMENT, rows)
    bulk.add(connection, ENTRIES, ENTRY, entries)
    found = [Booked(ref, transaction) for ref, transaction in zip(refs, made, strict=True)]
    _share(connection, creditor, [(one, it.transaction) for one, it in zip(coming, found, strict=True) if one.to], booked)
    return found


def _share(connection: Connection, creditor: int, sources: Sequence[tuple[Coming, int]], booked: Booking) -> None:
    """Allocates each, in the order given, as `ledger.allocate` would with the invoices named."""
    if not sources:
        return
    held = balances.standing(connection, {ref for one, _ in sources for ref, _ in one.to})
    days = since(connection, held)
    now = dict(held)
    parts: list[tuple[Coming, int, int, allocation.Share]] = []
    for one, transaction in sources:
        for number, (ref, amount) in enumerate(one.to, 1):
            parts.append((one, transaction, number, _part(one, now[ref], amount, creditor)))
            share = parts[-1][3]
            now[ref] = now[ref]._replace(open=now[ref].open - share.principal, charges=now[ref].charges - share.charges)
    refs = bulk.ids(connection, TRANSACTIONS, len(parts))
    head = (moment(connection, booked.at), booked.by, booked.note)
    transactions, entries, changes = [], [], []
    contents: dict[int, str] = {}
    for ref, (one, transaction, number, share) in zip(refs, parts, strict=True):
        money = Money(one.payment.amount, one.payment.currency, one.payment.debtor, one.payment.booked)
        lines = allocation.entries_of(share, money, held[share.invoice], days[share.invoice])
        if transaction not in contents:
            named = [(invoice, f"{amount:.3f}") for invoice, amount in one.to]
            contents[transaction] = booking.digest("allocation", None, transaction, named, PRINCIPAL_FIRST)
        last = max(line.day or money.day for line in lines)
        row = (ref, creditor, f"allocation:{transaction}:0:{number}", "allocation", last, *head, contents[transaction], transaction)
        transactions.append(row)
        entries += [(ref, creditor, e.debtor, e.invoice, e.account, e.currency, e.amount, e.day) for e in lines]
        paid = max(money.day, days[share.invoice].principal)
        changes.append(balances.Change(share.invoice, paid, "allocation", -share.principal, -share.charges))
    bulk.add(connection, TRANSACTIONS, TRANSACTION, transactions)
    bulk.add(connection, ENTRIES, ENTRY, entries)
    balances.apply(connection, held, changes)
    _tell(connection, parts, booked)


def _part(one: Coming, invoice: balances.Standing, amount: Decimal, creditor: int) -> allocation.Share:
    if invoice.creditor != creditor or invoice.currency != one.payment.currency:
        raise ReceivablesError(f"invoice {invoice.number} is not this creditor's, or not in {one.payment.currency}")
    (share,) = allocation.split(amount, [invoice], PRINCIPAL_FIRST) or [allocation.Share(invoice.id, amount * 0, amount * 0)]
    if share.amount != amount:
        raise ReceivablesError(f"invoice {invoice.number} owes {share.amount}, less than the {amount} that it is given")
    return share


def _tell(connection: Connection, parts: Sequence[tuple[Coming, int, int, allocation.Share]], booked: Booking) -> None:
    why = {transaction: {"confidence": one.confidence, "explanation": one.explanation} for one, transaction, *_ in parts}
    for by in sorted({one.by for one, *_ in parts}):
        shares: dict[int, list[tuple[int, Decimal]]] = {}
        for one, transaction, _, share in parts:
            if one.by == by:
                shares.setdefault(transaction, []).append((share.invoice, share.amount))
        sources = list(shares.items())
        for some in range(0, len(sources), balances.SOME):
            news.matched_all(connection, sources[some : some + balances.SOME], booked.at, by, why)
