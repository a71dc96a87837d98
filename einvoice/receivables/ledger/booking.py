"""The primitive of the ledger: a transaction under a key, with entries that sum to zero in each currency."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO, rounded
from einvoice.receivables.store.tables import ENTRIES, TRANSACTIONS

PRINCIPAL, CHARGES, UNALLOCATED = "principal", "charges", "unallocated"
SALES, BANK, INCOME, DISCOUNT, LOSS = "sales", "bank", "income", "discount", "loss"
OWED = (PRINCIPAL, CHARGES, UNALLOCATED)
"""The accounts on the debtor's side: positive is owed by the debtor, money on account is negative."""


class Booking(NamedTuple):
    """On which day something is booked, by whom and at what moment (aware), under which key.

    `key` makes it one however often it is handed in; None takes the natural one (an invoice's number, a payment's key, …).
    `note` is never personal data, because entries outlive it.
    """

    day: date
    by: str
    at: datetime
    key: str | None = None
    note: str | None = None


class Entry(NamedTuple):
    """A line of a transaction: what an account gains (or loses, negative), of whom, about which invoice; `day` where not the booking's."""

    account: str
    amount: Decimal
    currency: str
    debtor: int | None
    invoice: int | None = None
    day: date | None = None


class Posted(NamedTuple):
    """What a posting led to: its transaction, whether it is new, and the id of what it booked (invoice, payment, charge)."""

    transaction: int
    new: bool
    id: int


class Kept(NamedTuple):
    """A transaction as the ledger keeps it."""

    id: int
    creditor: int
    key: str
    kind: str
    booked: date
    reverses: int | None
    content: str | None
    moves: int | None


def digest(*asked: object) -> str:
    """SHA-256 of what was asked for, by which a key that comes again with other content is told."""
    return hashlib.sha256(repr(asked).encode()).hexdigest()


def key_of(booking: Booking, *natural: object) -> str:
    """The key of a booking: its own, or the natural one, shortened by a hash where the column has no room for it."""
    key = booking.key or ":".join(str(part) for part in natural)
    return key if len(key) <= 120 else f"{key[:55]}:{hashlib.sha256(key.encode()).hexdigest()}"


def found(connection: Connection, creditor: int, key: str, content: str) -> Kept | None:
    """The transaction that a key already stands for.

    Raises ReceivablesError where it was booked with another content.
    """
    kept = _kept(connection, TRANSACTIONS.c.creditor_id == creditor, TRANSACTIONS.c.key == key)
    if kept and kept.content != content:
        raise ReceivablesError(
            f"the key {key} already stands for another {kept.kind} (transaction {kept.id}); give this one a key of its own, "
            "or reverse the first"
        )
    return kept


def transaction(connection: Connection, ref: int) -> Kept:
    """A transaction by its id.

    Raises ReceivablesError where there is none.
    """
    kept = _kept(connection, TRANSACTIONS.c.id == ref)
    if kept is None:
        raise ReceivablesError(f"the ledger has no transaction {ref}")
    return kept


def write(
    connection: Connection,
    creditor: int,
    kind: str,
    booking: Booking,
    key: str,
    content: str,
    *,
    reverses: int | None = None,
    moves: int | None = None,
) -> int | None:
    """Opens a transaction, and returns its id; None where somebody else has just booked the same key."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    row = {
        "creditor_id": creditor,
        "key": key,
        "kind": kind,
        "booked": booking.day,
        "posted_at": booking.at,
        "posted_by": booking.by,
        "reverses": reverses,
        "note": booking.note,
        "content": content,
        "moves": moves,
    }
    made: int | None = connection.execute(
        insert(TRANSACTIONS).values(row).on_conflict_do_nothing().returning(TRANSACTIONS.c.id)
    ).scalar_one_or_none()
    return made


def enter(connection: Connection, ref: int, creditor: int, day: date, entries: Sequence[Entry]) -> None:
    """Writes a transaction's entries.

    Raises ReceivablesError where they do not sum to zero in each currency.
    """
    balanced(entries)
    columns = {"transaction_id": ref, "creditor_id": creditor}
    connection.execute(
        ENTRIES.insert(),
        [
            {
                **columns,
                "debtor_id": entry.debtor,
                "invoice_id": entry.invoice,
                "account": entry.account,
                "currency": entry.currency,
                "amount": entry.amount,
                "booked": entry.day or day,
            }
            for entry in entries
        ],
    )


def balanced(entries: Sequence[Entry]) -> None:
    """Refuses entries that do not sum to zero in each currency, and none at all.

    Raises ReceivablesError.
    """
    sums: dict[str, Decimal] = {}
    for entry in entries:
        sums[entry.currency] = sums.get(entry.currency, ZERO) + entry.amount
    if not entries or any(sums.values()):
        raise ReceivablesError(f"the entries of a transaction sum to zero, these to {sums}")


def in_currency(amount: Decimal, currency: str, what: str = "the amount") -> Decimal:
    """An amount above zero with no more decimals than its currency has.

    Raises ReceivablesError.
    """
    if amount <= 0:
        raise ReceivablesError(f"{what} is {amount}; give one above zero")
    if rounded(amount, currency) != amount:
        raise ReceivablesError(f"{what} {amount} is finer than {currency} is paid in; round it first")
    return amount


def _kept(connection: Connection, *where: Any) -> Kept | None:
    table = TRANSACTIONS.c
    columns = (table.id, table.creditor_id, table.key, table.kind, table.booked, table.reverses, table.content, table.moves)
    row = connection.execute(select(*columns).where(*where)).one_or_none()
    return Kept(*row) if row else None
