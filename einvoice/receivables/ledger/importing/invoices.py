"""Invoices and credit notes from files: each once, with what is still open of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from einvoice.money import rounded
from einvoice.receivables.ledger import balances, booking, invoices, terms
from einvoice.receivables.ledger.importing import bulk
from einvoice.receivables.ledger.importing.debtors import unknown_debtor
from einvoice.receivables.ledger.importing.desk import Desk
from einvoice.receivables.ledger.importing.sharing import Source, share
from einvoice.receivables.ledger.importing.sheets import Record, Sheet
from einvoice.receivables.ledger.invoices import InvoiceIn
from einvoice.receivables.ledger.money import Money
from einvoice.receivables.store.tables import ENTRIES, INVOICES, TRANSACTIONS

ENTRY = ("transaction_id", "creditor_id", "debtor_id", "invoice_id", "account", "currency", "amount", "booked")
TRANSACTION = ("id", "creditor_id", "key", "kind", "booked", "posted_at", "posted_by", "note", "content", "moves")
_SAID = ("reference", "order_number", "category", "product", "seller", "contract")


class Credit(NamedTuple):
    """A credit note that names the invoice it lowers."""

    line: int
    number: str
    credits: str
    transaction: int


class _New(NamedTuple):
    line: int
    key: str
    content: str
    invoice: InvoiceIn
    debtor: Any
    credits: str | None


def import_invoices(desk: Desk, sheet: Sheet) -> None:
    """Books the invoices and credit notes of a file; credit notes are set off once all of it is booked."""
    notes: list[Credit] = []
    for chunk in bulk.chunks(sheet.records(desk.faults)):
        notes += _book(desk, _new(desk, sheet, chunk))
        if len(desk.tally.sums) > bulk.MANY:
            desk.tally.save(desk.connection)
    desk.tally.save(desk.connection)
    for some in bulk.chunks(notes):
        _set_off(desk, sheet, some)


def _new(desk: Desk, sheet: Sheet, chunk: Sequence[Record]) -> list[_New]:
    """The rows that are to be booked."""
    known = desk.debtors(record.values["debtor"] for record in chunk)
    found: list[_New] = []
    for record in chunk:
        debtor = known.get(record.values["debtor"])
        if debtor is None:
            unknown_debtor(desk, sheet, record)
        invoice = _invoice(desk, sheet, record, debtor.id if debtor else 0)
        if invoice is not None and debtor is not None:
            key = booking.key_of(desk.booked._replace(key=None), "invoice", invoice.number)
            found.append(_New(record.line, key, invoice.content, invoice, debtor, record.values.get("credits")))
    before = desk.booked_before(new.key for new in found)
    fresh: dict[str, _New] = {}
    for new in found:
        if new.key in fresh:
            text = f"{new.invoice.number} stands twice in this file, first on line {fresh[new.key].line}"
            desk.fault("duplicate", sheet.path, new.line, "number", text, "keep one of the two")
        elif desk.is_new(sheet.path, new.line, "number", new.key, new.content, before):
            fresh[new.key] = new
    return list(fresh.values())


def _invoice(desk: Desk, sheet: Sheet, record: Record, debtor: int) -> InvoiceIn | None:
    """The invoice that a row states, or None: what is wrong is noted."""
    given, amount = record.values, record.values["amount"]
    kind, currency = given.get("type", "invoice"), given.get("currency", desk.creditor.currency)
    left = given.get("open", amount)
    due = given.get("due", given["issued"] if kind == "credit_note" else None)
    faults = list(_faults(kind, currency, amount, left, given["issued"], due))
    for code, field, text, mend in faults:
        desk.fault(code, sheet.path, record.line, field, text, mend)
    if faults or due is None:
        return None
    said: dict[str, Any] = {name: given.get(name) for name in _SAID} | {"paid": amount - left, "paid_on": given.get("paid_on")}
    return InvoiceIn(debtor, given["number"], given["issued"], due, currency, amount, kind, **said)


def _faults(
    kind: str, currency: str, amount: Decimal, left: Decimal, issued: date, due: date | None
) -> Iterator[tuple[str, str, str, str]]:
    if amount <= 0:
        mend = "write a credit note as type credit_note, with an amount above zero" if kind == "invoice" else "write it above zero"
        yield "negative-amount", "amount", f"{amount} is not above zero", mend
    elif left < 0 or left > amount:
        yield "bad-open", "open", f"{left} cannot be open of {amount}", f"write an amount from 0 to {amount}; book more as a payment"
    for field, value in {("amount", amount), ("open" if left != amount else "amount", left)}:
        if rounded(value, currency) != value:
            yield "too-fine", field, f"{value} has more decimals than {currency}", "round it"
    if due is None:
        yield "missing", "due", "it is empty", "fill it in: the last day to pay"
    elif due < issued:
        yield "due-before-issue", "due", f"it is before the day of issue, {issued}", "correct one of the two"


def _book(desk: Desk, new: Sequence[_New]) -> list[Credit]:
    """Writes invoices with their transactions and entries; returns the credit notes that name an invoice."""
    refs, made = (bulk.ids(desk.connection, table, len(new)) for table in (INVOICES, TRANSACTIONS))
    rows, transactions, entries = [], [], []
    who, creditor = (desk.at, desk.booked.by, desk.booked.note), desk.creditor.id
    for one, ref, transaction in zip(new, refs, made, strict=True):
        invoice = one.invoice
        stands = invoices.standing_of(invoice, ref, creditor)
        between = _Between(creditor, desk.creditor.country, desk.creditor.size, one.debtor.country, one.debtor.size, one.debtor.kind)
        flags = terms.flags(invoices.bargain(invoice, between))
        desk.counts["flagged"] += bool(flags)
        rows.append((ref, flags, invoice.contract, *invoices.row_of(invoice, stands, desk.booked.day)))
        transactions.append((transaction, creditor, one.key, invoice.kind, invoice.issued, *who, one.content, None))
        entries += [
            (transaction, creditor, entry.debtor, entry.invoice, entry.account, entry.currency, entry.amount, entry.day or invoice.issued)
            for entry in invoices.entries_of(invoice, ref)
        ]
        desk.tally.add(None, stands)
    bulk.add(desk.connection, TRANSACTIONS, TRANSACTION, transactions)
    bulk.add(desk.connection, INVOICES, ("id", "flags", "contract", *invoices.ROW), rows)
    bulk.add(desk.connection, ENTRIES, ENTRY, entries)
    desk.counts.update(f"{one.invoice.kind}s" for one in new)
    return [Credit(one.line, one.invoice.number, one.credits, made[index]) for index, one in enumerate(new) if one.credits]


class _Between(NamedTuple):
    creditor_id: int
    creditor: str
    creditor_size: str | None
    debtor: str
    debtor_size: str | None
    kind: str


def _set_off(desk: Desk, sheet: Sheet, notes: Sequence[Credit]) -> None:
    """Lowers the invoices that credit notes name."""
    found: Mapping[str, Any] = desk.invoices(name for note in notes for name in (note.number, note.credits))
    held = balances.standing(desk.connection, [row.id for row in found.values()])
    sources = []
    for note in notes:
        if note.credits not in found:
            text, mend = f"there is no invoice {note.credits} for {note.number} to lower", "correct the number, or leave it empty"
            desk.fault("missing-invoice", sheet.path, note.line, "credits", text, mend)
            continue
        credit = held[found[note.number].id]
        if credit.currency != held[found[note.credits].id].currency:
            text, mend = f"{note.credits} is in another currency than {note.number}", "correct the number, or leave it empty"
            desk.fault("other-currency", sheet.path, note.line, "credits", text, mend)
            continue
        money = Money(-credit.open, credit.currency, credit.debtor, credit.issued, credit.id)
        sources.append(Source(note.transaction, money, found[note.credits].id))
    share(desk, sources)
