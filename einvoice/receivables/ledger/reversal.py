"""Reversal: the exact mirror of a transaction, and of what was built on it. Nothing in the ledger is ever changed or deleted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO
from einvoice.receivables.ledger import balances, booking, news
from einvoice.receivables.ledger.booking import CHARGES as CHARGED
from einvoice.receivables.ledger.booking import PRINCIPAL, UNALLOCATED, Booking, Entry, Kept, Posted
from einvoice.receivables.ledger.charges import count, not_before
from einvoice.receivables.ledger.money import on_account, since
from einvoice.receivables.store.tables import CHARGES, ENTRIES, PAYMENTS, TRANSACTIONS


def reverse(connection: Connection, transaction: int, booked: Booking) -> Posted:
    """Takes a transaction back, on `booked.day`: every entry mirrored to the cent.

    A payment or credit note takes its allocations with it, an invoice everything that stands on it; invoices are open again and
    their follow-up goes on where it stood. Reversed twice, it is reversed once. Raises ReceivablesError for a reversal, for money that
    was refunded meanwhile, for a charge that was paid, and for a day before what it reverses.
    """
    kept = booking.transaction(connection, transaction)
    key, content = booking.key_of(booked, "reversal", transaction), booking.digest("reversal", transaction)
    if before := booking.found(connection, kept.creditor, key, content):
        return Posted(before.id, False, transaction)
    if kept.kind == "reversal":
        raise ReceivablesError(f"transaction {transaction} is a reversal; book again what it reversed, under a new key")
    _lock(connection, kept)
    if (made := _reversal_of(connection, transaction)) is not None:
        return Posted(made, False, transaction)
    with connection.begin_nested():
        _take_down(connection, kept, booked)
    made = _reversal_of(connection, transaction)
    assert made is not None, "it was just written"
    return Posted(made, True, transaction)


def _take_down(connection: Connection, kept: Kept, booked: Booking) -> None:
    """Mirrors what was built on a transaction, then the transaction itself."""
    reopened: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for dependent in _dependents(connection, kept):
        for invoice, amount in _mirror(connection, dependent, booked._replace(key=None)).items():
            reopened[invoice] += amount
        _mark(connection, dependent, booked, {})
    _mirror(connection, kept, booked)
    _mark(connection, kept, booked, reopened)


def _lock(connection: Connection, kept: Kept) -> None:
    """Holds what a transaction is about until this one ends."""
    if kept.kind == "payment":
        connection.execute(select(PAYMENTS.c.id).where(PAYMENTS.c.transaction_id == kept.id).with_for_update())
    touched = select(ENTRIES.c.invoice_id).where(ENTRIES.c.transaction_id == kept.id, ENTRIES.c.invoice_id.is_not(None))
    balances.standing(connection, connection.execute(touched).scalars().all())


def _reversal_of(connection: Connection, transaction: int) -> int | None:
    found: int | None = connection.execute(select(TRANSACTIONS.c.id).where(TRANSACTIONS.c.reverses == transaction)).scalar_one_or_none()
    return found


def _dependents(connection: Connection, kept: Kept) -> list[Kept]:
    """What was built on a transaction and stands: the newest first, as it has to be taken down."""
    if kept.kind in ("payment", "credit_note"):
        built = TRANSACTIONS.c.moves == kept.id
    elif kept.kind == "invoice":
        invoice = select(ENTRIES.c.invoice_id).where(ENTRIES.c.transaction_id == kept.id)
        built = TRANSACTIONS.c.id.in_(select(ENTRIES.c.transaction_id).where(ENTRIES.c.invoice_id.in_(invoice)))
    elif kept.kind == "allocation" and _is_assignment(connection, kept):
        built = (TRANSACTIONS.c.moves == kept.moves) & (TRANSACTIONS.c.id > kept.id)
    else:
        return []
    reversals = select(TRANSACTIONS.c.reverses).where(TRANSACTIONS.c.reverses.is_not(None))
    stands = (built, TRANSACTIONS.c.id != kept.id, TRANSACTIONS.c.kind != "reversal", TRANSACTIONS.c.id.not_in(reversals))
    ids = connection.execute(select(TRANSACTIONS.c.id).where(*stands).order_by(TRANSACTIONS.c.id.desc())).scalars().all()
    found = [booking.transaction(connection, ref) for ref in ids]
    if refunds := [one.id for one in found if one.kind == "refund"]:
        raise ReceivablesError(f"the money of transaction {kept.id} was refunded (transaction {refunds[0]}); reverse that first")
    return found


def _mirror(connection: Connection, kept: Kept, booked: Booking) -> dict[int, Decimal]:
    """Books the mirror of a transaction; returns what each invoice owes more."""
    rows = connection.execute(select(ENTRIES).where(ENTRIES.c.transaction_id == kept.id).order_by(ENTRIES.c.id)).all()
    not_before(booked.day, max([_earliest(connection, kept), *(row.booked for row in rows)]), f"what transaction {kept.id} is about")
    entries = [Entry(row.account, -row.amount, row.currency, row.debtor_id, row.invoice_id) for row in rows]
    held = balances.standing(connection, {row.invoice_id for row in rows if row.invoice_id})
    changes = _changes(entries, booked.day, "void" if kept.kind in ("invoice", "credit_note") else "reversal")
    for change in changes:
        _owes_enough(kept, held[change.invoice], change)
    key = booking.key_of(booked, "reversal", kept.id)
    moves = kept.moves or (kept.id if kept.kind in ("payment", "credit_note") else None)
    content = booking.digest("reversal", kept.id)
    made = booking.write(connection, kept.creditor, "reversal", booked, key, content, reverses=kept.id, moves=moves)
    assert made is not None, "what it reverses is locked"
    booking.enter(connection, made, kept.creditor, booked.day, entries)
    balances.apply(connection, held, changes)
    return {change.invoice: change.principal + change.charges for change in changes if held[change.invoice].kind == "invoice"}


def _changes(entries: list[Entry], day: date, kind: str) -> list[balances.Change]:
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: {PRINCIPAL: ZERO, CHARGED: ZERO})
    for entry in entries:
        if entry.invoice is not None and entry.account in (PRINCIPAL, CHARGED):
            sums[entry.invoice][entry.account] += entry.amount
    return [balances.Change(ref, day, kind, sums[ref][PRINCIPAL], sums[ref][CHARGED]) for ref in sorted(sums)]


def _owes_enough(kept: Kept, invoice: balances.Standing, change: balances.Change) -> None:
    """Refuses to take back a charge that was paid or given up meanwhile.

    Raises ReceivablesError.
    """
    if change.charges < 0 and invoice.charges + change.charges < 0:
        raise ReceivablesError(
            f"invoice {invoice.number} owes {invoice.charges} of charges, less than transaction {kept.id} charged; "
            "reverse first what paid or waived it"
        )


def _earliest(connection: Connection, kept: Kept) -> date:
    """The first day on which a transaction can be taken back: what it lowers was all there."""
    if kept.kind == "payment":
        return on_account(connection, kept.id).day
    invoices = select(ENTRIES.c.invoice_id).where(ENTRIES.c.transaction_id == kept.id, ENTRIES.c.invoice_id.is_not(None))
    grew = since(connection, connection.execute(invoices).scalars().all())
    if kept.kind == "charge":
        return max(one.charges for one in grew.values())
    return max(one.principal for one in grew.values()) if kept.kind in ("invoice", "credit_note") else kept.booked


def _is_assignment(connection: Connection, kept: Kept) -> bool:
    """Whether an allocation only said whose money it is."""
    about = (ENTRIES.c.transaction_id == kept.id, ENTRIES.c.account != UNALLOCATED)
    return connection.execute(select(ENTRIES.c.id).where(*about).limit(1)).first() is None


def _mark(connection: Connection, kept: Kept, booked: Booking, reopened: dict[int, Decimal]) -> None:
    """What a reversal means besides its entries."""
    if kept.kind == "payment":
        connection.execute(PAYMENTS.update().where(PAYMENTS.c.transaction_id == kept.id).values(state="reversed"))
        news.reversed_(connection, kept.id, list(reopened.items()), booked.at, booked.note or "reversed")
    elif kept.kind == "allocation" and _is_assignment(connection, kept):
        connection.execute(PAYMENTS.update().where(PAYMENTS.c.transaction_id == kept.moves).values(debtor_id=None))
    elif kept.kind == "waiver":
        invoices = select(ENTRIES.c.invoice_id).where(ENTRIES.c.transaction_id == kept.id)
        waived = (CHARGES.c.invoice_id.in_(invoices), CHARGES.c.waived_on == kept.booked)
        connection.execute(CHARGES.update().where(*waived).values(waived_on=None))
    elif kept.kind == "charge":
        row = connection.execute(select(CHARGES).where(CHARGES.c.transaction_id == kept.id)).one()
        count(connection, row.invoice_id, row.kind, -(row.amount + row.vat))
    elif kept.kind == "invoice":
        balances.first_posted(connection, kept.id)
