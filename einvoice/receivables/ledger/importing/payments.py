"""Payments from files: each once, to the invoice that it names, or on account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from einvoice.money import rounded
from einvoice.receivables.ledger import allocation, booking, payments
from einvoice.receivables.ledger.importing import bulk
from einvoice.receivables.ledger.importing.debtors import unknown_debtor
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.importing.sharing import ENTRY, TRANSACTION, Source, share
from einvoice.receivables.ledger.importing.sheets import Record, Sheet
from einvoice.receivables.ledger.money import Money
from einvoice.receivables.ledger.payments import PaymentIn
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


class _New(NamedTuple):
    line: int
    key: str
    payment: PaymentIn
    invoice: int | None


def import_payments(desk: Desk, sheet: Sheet) -> None:
    """Books the payments of a file."""
    for chunk in bulk.chunks(sheet.records(desk.faults)):
        new = _new(desk, sheet, chunk)
        made = _book(desk, new)
        pairs = list(zip(new, made, strict=True))
        share(desk, [Source(ref, _money(one.payment), one.invoice) for one, ref in pairs if one.invoice is not None])
        if desk.reading.oldest:
            for debtor in sorted({one.payment.debtor for one in new if one.payment.debtor is not None}):
                found = allocation.allocate_all(desk.connection, debtor, desk.booked._replace(key=None))
                desk.counts["allocated"] += sum(len(one.shares) for one in found)


def _new(desk: Desk, sheet: Sheet, chunk: Sequence[Record]) -> list[_New]:
    known = desk.debtors(record.values["debtor"] for record in chunk if "debtor" in record.values)
    invoices = desk.invoices(record.values["invoice"] for record in chunk if "invoice" in record.values)
    found = [new for record in chunk if (new := _payment(desk, sheet, record, known, invoices)) is not None]
    before = desk.booked_before(new.key for new in found)
    fresh: dict[str, _New] = {}
    for new in found:
        if new.key in fresh:
            text = f"{new.payment.key} stands twice in this file, first on line {fresh[new.key].line}"
            desk.fault("duplicate", sheet.path, new.line, "key", text, "keep one of the two, or give each the bank's own id")
        elif desk.is_new(sheet.path, new.line, "key", new.key, new.payment.content, before):
            fresh[new.key] = new
    return list(fresh.values())


def _payment(desk: Desk, sheet: Sheet, record: Record, known: Any, invoices: Any) -> _New | None:
    given = record.values
    currency, invoice = given.get("currency", desk.creditor.currency), invoices.get(given.get("invoice"))
    before = desk.faults.count
    if given["amount"] <= 0 or rounded(given["amount"], currency) != given["amount"]:
        text, mend = (
            f"{given['amount']} is not above zero, or finer than {currency} is paid in",
            "leave out what goes to the debtor; round it",
        )
        desk.fault("negative-amount", sheet.path, record.line, "amount", text, mend)
    if "debtor" in given and given["debtor"] not in known:
        unknown_debtor(desk, sheet, record)
    if "invoice" in given and invoice is None:
        text, mend = f"there is no invoice {given['invoice']}", "correct the number, or leave it empty: the money then stays on account"
        desk.fault("missing-invoice", sheet.path, record.line, "invoice", text, mend)
    elif invoice is not None and invoice.currency != currency:
        text, mend = f"{given['invoice']} is in {invoice.currency}, not in {currency}", "correct the currency, or leave the invoice empty"
        desk.fault("other-currency", sheet.path, record.line, "invoice", text, mend)
    if desk.faults.count > before:
        return None
    debtor = known[given["debtor"]].id if "debtor" in given else invoice.debtor_id if invoice is not None else None
    said: dict[str, Any] = {name: given.get(name) for name in ("reference", "payer", "iban")}
    payment = PaymentIn(given["key"], given["amount"], currency, given["booked"], debtor, **said)
    key = booking.key_of(desk.booked._replace(key=None), "payment", payment.key)
    return _New(record.line, key, payment, None if invoice is None else invoice.id)


def _book(desk: Desk, new: Sequence[_New]) -> list[int]:
    """Writes payments with their transactions and entries; the transactions."""
    refs, made = (bulk.ids(desk.connection, table, len(new)) for table in (PAYMENTS, TRANSACTIONS))
    rows, transactions, entries = [], [], []
    who, creditor = (desk.at, desk.booked.by, desk.booked.note), desk.creditor.id
    for one, ref, transaction in zip(new, refs, made, strict=True):
        paid = one.payment
        said = (paid.key, paid.amount, paid.currency, paid.booked, paid.reference, paid.payer, paid.iban)
        rows.append((ref, creditor, paid.debtor, *said, "posted", transaction))
        transactions.append((transaction, creditor, one.key, "payment", paid.booked, *who, paid.content, None))
        entries += [
            (transaction, creditor, entry.debtor, None, entry.account, entry.currency, entry.amount, paid.booked)
            for entry in payments.entries_of(paid.debtor, paid.amount, paid.currency)
        ]
    bulk.add(desk.connection, TRANSACTIONS, TRANSACTION, transactions)
    bulk.add(desk.connection, PAYMENTS, _PAYMENT, rows)
    bulk.add(desk.connection, ENTRIES, ENTRY, entries)
    desk.counts["payments"] += len(new)
    return made


def _money(payment: PaymentIn) -> Money:
    return Money(payment.amount, payment.currency, payment.debtor, payment.booked)
