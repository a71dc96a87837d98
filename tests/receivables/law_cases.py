"""Debtors, invoices and steps for the tests of the law."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from einvoice.receivables.law import Asked
from einvoice.receivables.snapshot import CreditorSnapshot, DebtorSnapshot, InvoiceSnapshot

DUE = date(2026, 1, 31)
DAY = date(2026, 6, 30)


def invoice(amount: str = "1000.00", **values: Any) -> InvoiceSnapshot:
    """An invoice due on 31 January 2026."""
    given: dict[str, Any] = {
        "id": 1,
        "number": "F1",
        "kind": "invoice",
        "issued": date(2026, 1, 1),
        "due": DUE,
        "entered": date(2026, 1, 1),
    }
    return InvoiceSnapshot(**{**given, "currency": "EUR", "amount": Decimal(amount), "open": Decimal(amount), **values})


def asked(
    country: str,
    kind: str,
    invoices: Sequence[InvoiceSnapshot],
    *,
    day: date = DAY,
    document: str = "reminder",
    claims: str = "all",
    channels: tuple[str, ...] = ("email",),
    handover: bool = False,
    deducts: bool = True,
    **debtor: Any,
) -> Asked:
    """A step towards a debtor with these invoices."""
    creditor = CreditorSnapshot(1, "acme", "Acme", "NL", deducts_vat=deducts)
    who = DebtorSnapshot(1, "c1", creditor, "Customer", kind, country, invoices=tuple(invoices), **debtor)
    return Asked(who, tuple(invoices), day, document, claims, channels, handover)


def claimed(ruling: Any, kind: str) -> Decimal:
    """What a ruling claims of a kind, with VAT."""
    return sum((charge.amount + charge.vat for charge in ruling.charges if charge.kind == kind), Decimal(0))


def codes(ruling: Any) -> set[str]:
    """The codes of a ruling's notes."""
    return {note.code for note in ruling.notes}
