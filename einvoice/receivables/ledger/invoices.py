"""Invoices and credit notes enter the ledger: principal against sales."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO, exact
from einvoice.receivables.ledger import balances, booking, terms
from einvoice.receivables.ledger.booking import BANK, PRINCIPAL, SALES, Booking, Entry, Posted
from einvoice.receivables.store.tables import CREDITORS, DEBTORS, INVOICES


class InvoiceIn(NamedTuple):
    """An invoice or credit note as it is handed in: amounts above zero, with VAT, in `currency`.

    `debtor` is the store's id. `paid` of it was paid before it entered, by `paid_on` (the day of issue unless told). `contract` is
    what was agreed: {"interest": "10.5", "costs": …, "warned": true, "term_agreed": true}. `document` is the SHA-256 of its XML.
    """

    debtor: int
    number: str
    issued: date
    due: date
    currency: str
    amount: Decimal
    kind: str = "invoice"
    paid: Decimal = ZERO
    paid_on: date | None = None
    reference: str | None = None
    order_number: str | None = None
    category: str | None = None
    product: str | None = None
    seller: str | None = None
    contract: Mapping[str, Any] | None = None
    document: str | None = None

    @property
    def sign(self) -> int:
        """1, and -1 for a credit note: its amounts are kept negative."""
        return -1 if self.kind == "credit_note" else 1

    @property
    def paid_day(self) -> date:
        """The day from which what was paid before counts: never before the invoice itself."""
        return max(self.paid_on or self.issued, self.issued)

    @property
    def content(self) -> str:
        """SHA-256 of what it claims of whom; the same number with another content is another invoice."""
        paid = f"{self.paid:.3f}" if self.paid else ""
        said = f"{self.kind} {self.debtor} {self.number!r} {self.issued} {self.due} {self.currency} {self.amount:.3f} {paid}"
        return hashlib.sha256(said.encode()).hexdigest()


def post_invoice(connection: Connection, invoice: InvoiceIn | Mapping[str, Any], booked: Booking) -> Posted:
    """Books an invoice (or credit note) on its day of issue; `booked.day` is the day on which it enters.

    The same number with the same content again changes nothing. A term beyond the legal maximum is kept in `flags`. Raises
    ReceivablesError where the number stands for another invoice, the debtor is unknown, or an amount is not above zero.
    """
    wanted = checked(invoice if isinstance(invoice, InvoiceIn) else from_mapping(invoice))
    between = _parties(connection, wanted.debtor)
    creditor = between.creditor_id
    dated = booked._replace(day=wanted.issued)
    key = booking.key_of(booked._replace(key=None), "invoice", wanted.number)
    if kept := booking.found(connection, creditor, key, wanted.content):
        return Posted(kept.id, False, _invoice(connection, creditor, wanted.number))
    made = booking.write(connection, creditor, wanted.kind, dated, key, wanted.content)
    if made is None:
        return post_invoice(connection, wanted, booked)
    row = dict(zip(ROW, row_of(wanted, standing_of(wanted, 0, creditor), booked.day), strict=True))
    row["flags"] = list(terms.flags(bargain(wanted, between)))
    if wanted.contract:
        row["contract"] = dict(wanted.contract)
    ref = connection.execute(INVOICES.insert().values(row).returning(INVOICES.c.id)).scalar_one()
    booking.enter(connection, made, creditor, wanted.issued, entries_of(wanted, ref))
    balances.save_behaviour(connection, [(None, standing_of(wanted, ref, creditor))])
    return Posted(made, True, ref)


def post_credit_note(connection: Connection, note: InvoiceIn | Mapping[str, Any], booked: Booking, *, to: int | None = None) -> Posted:
    """Books a credit note, and sets it off against the principal of the invoice `to`, where one is named; the rest stays open."""
    from einvoice.receivables.ledger.allocation import allocate  # noqa: PLC0415 - which builds on this

    wanted = note if isinstance(note, InvoiceIn) else from_mapping(note)
    with connection.begin_nested():
        posted = post_invoice(connection, wanted._replace(kind="credit_note"), booked)
        if posted.new and to is not None:
            held = balances.standing(connection, [posted.id, to])
            if share := min(-held[posted.id].open, max(held[to].open, ZERO)):
                allocate(connection, posted.transaction, booked._replace(key=None), to=[(to, share)])
    return posted


def from_mapping(values: Mapping[str, Any]) -> InvoiceIn:
    """An invoice from a dictionary with the names of `InvoiceIn`; amounts exact, never floats.

    Raises ReceivablesError for names that it does not have, and for amounts that are none.
    """
    unknown = [name for name in values if name not in InvoiceIn._fields]
    if unknown:
        raise ReceivablesError(f"an invoice has no {unknown[0]}; it has {', '.join(InvoiceIn._fields)}")
    try:
        amounts = {name: exact(values[name]) for name in ("amount", "paid") if name in values}
        return InvoiceIn(**{**values, **amounts})
    except (ValueError, TypeError) as fault:
        raise ReceivablesError(f"invoice {values.get('number')}: {fault}") from None


def checked(invoice: InvoiceIn) -> InvoiceIn:
    """The invoice, if it can be booked.

    Raises ReceivablesError where it cannot, with the mend.
    """
    what = f"invoice {invoice.number}"
    if invoice.kind not in ("invoice", "credit_note"):
        raise ReceivablesError(f"{what}: {invoice.kind} is no kind; use invoice or credit_note")
    if not invoice.number or len(invoice.number) > 80:
        raise ReceivablesError(f"{what}: a number has 1 to 80 characters")
    booking.in_currency(invoice.amount, invoice.currency, f"{what}: the amount")
    if invoice.paid:
        booking.in_currency(invoice.paid, invoice.currency, f"{what}: what was paid")
    if invoice.paid > invoice.amount:
        raise ReceivablesError(f"{what}: {invoice.paid} is paid of {invoice.amount}; book what is too much as a payment")
    if invoice.due < invoice.issued:
        raise ReceivablesError(f"{what} falls due on {invoice.due}, before it was issued ({invoice.issued}); correct one of the two")
    return invoice


def entries_of(invoice: InvoiceIn, ref: int) -> list[Entry]:
    """What an invoice books: principal against sales, and what was paid of it before against the bank."""
    debtor, currency, sign = invoice.debtor, invoice.currency, invoice.sign
    made = [
        Entry(PRINCIPAL, sign * invoice.amount, currency, debtor, ref),
        Entry(SALES, -sign * invoice.amount, currency, debtor, ref),
    ]
    if invoice.paid:
        day = invoice.paid_day
        made += [
            Entry(PRINCIPAL, -sign * invoice.paid, currency, debtor, ref, day),
            Entry(BANK, sign * invoice.paid, currency, debtor, ref, day),
        ]
    return made


def standing_of(invoice: InvoiceIn, ref: int, creditor: int) -> balances.Standing:
    """How an invoice stands when it has just entered."""
    left = invoice.sign * (invoice.amount - invoice.paid)
    return balances.Standing(
        ref, creditor, invoice.debtor, invoice.number, invoice.kind, invoice.issued, invoice.due, invoice.currency,
        invoice.sign * invoice.amount, left, ZERO, "open" if left else "settled",
        None if left else invoice.paid_day, None if left else "open",
    )  # fmt: skip


ROW = (
    "entered",
    *(column.name for column in balances.COLUMNS[1:]),
    "reference",
    "order_number",
    "category",
    "product",
    "seller",
    "document",
)
"""The columns of an invoice that enters, but for its id, contract and flags."""


def row_of(invoice: InvoiceIn, stands: balances.Standing, entered: date) -> tuple[Any, ...]:
    """The values of `ROW`."""
    said = (invoice.reference, invoice.order_number, invoice.category, invoice.product, invoice.seller, invoice.document)
    return (entered, *stands[1:], *said)


def bargain(invoice: InvoiceIn, between: Any) -> terms.Bargain:
    """What decides whether the law allows an invoice's term; `between` are its parties' countries, sizes and kind, by name."""
    agreed = bool(invoice.contract and invoice.contract.get("term_agreed"))
    sides = (between.creditor, between.creditor_size, between.debtor, between.debtor_size)
    return terms.Bargain(*sides, between.kind, invoice.issued, invoice.due, agreed)


PARTIES = (
    DEBTORS.c.creditor_id,
    CREDITORS.c.country.label("creditor"),
    CREDITORS.c.size.label("creditor_size"),
    DEBTORS.c.country.label("debtor"),
    DEBTORS.c.size.label("debtor_size"),
    DEBTORS.c.kind,
)
"""The columns that `bargain` reads."""


def _parties(connection: Connection, debtor: int) -> Any:
    joined = select(*PARTIES).join_from(DEBTORS, CREDITORS, DEBTORS.c.creditor_id == CREDITORS.c.id)
    row = connection.execute(joined.where(DEBTORS.c.id == debtor)).one_or_none()
    if row is None:
        raise ReceivablesError(f"there is no debtor {debtor}; save it first (ledger.parties.save_debtor)")
    return row


def _invoice(connection: Connection, creditor: int, number: str) -> int:
    wanted = select(INVOICES.c.id).where(INVOICES.c.creditor_id == creditor, INVOICES.c.number == number)
    return int(connection.execute(wanted).scalar_one())
