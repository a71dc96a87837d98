"""Debtors that every plugin enters, and how two snapshots are told to be the same though each ERP has ids of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from einvoice.receivables.actions import Action, Claimed, Message, Why
from einvoice.receivables.snapshot import Contact, CreditorSnapshot, DebtorSnapshot, Hold, InvoiceSnapshot, channels_of

DAY = date(2026, 5, 4)
CREDITOR = CreditorSnapshot(1, "main", "Bakkerij De Korenmolen BV", "BE", "nl")


def debtors() -> tuple[DebtorSnapshot, ...]:
    """Two who owe, one with a credit note and a disputed invoice, the other with one invoice that is not due yet."""
    by_mail = channels_of(email=True, phone=False, address=True, peppol=False)
    first = DebtorSnapshot(
        1, "D1", CREDITOR, "Café du Pont SRL", "b2b", "BE", language="fr",
        invoices=(_item(1, "F1", date(2026, 3, 1), "121.00", "21.00"), _item(2, "F2", date(2026, 3, 20), "242.00"),
                  _item(3, "N1", date(2026, 3, 21), "-60.50", kind="credit_note")),
        contacts=(Contact(1, "general", "Jeanne", None, "fr", by_mail),),
        holds=(Hold("dispute", 2),),
    )  # fmt: skip
    second = DebtorSnapshot(
        2, "D2", CREDITOR, "Grachtcafé B.V.", "b2b", "NL", language="nl",
        invoices=(_item(4, "F4", date(2026, 6, 1), "300.00"),),
        contacts=(Contact(2, "general", "Piet", None, "nl", by_mail),),
    )  # fmt: skip
    return first, second


def _item(number: int, text: str, due: date, amount: str, left: str | None = None, kind: str = "invoice") -> InvoiceSnapshot:
    issued = date(2026, 2, 1)
    return InvoiceSnapshot(number, text, kind, issued, due, issued, "EUR", Decimal(amount), Decimal(left or amount))


def same(debtors: Iterable[DebtorSnapshot]) -> list[Any]:
    """Snapshots without the ids that are an ERP's own."""
    return sorted((_bare(debtor) for debtor in debtors), key=lambda bare: str(bare["key"]))


def _bare(debtor: DebtorSnapshot) -> dict[str, Any]:
    numbers = {item.id: item.number for item in debtor.invoices}
    parts: dict[str, Any] = {name: getattr(debtor, name) for name in ("key", "name", "kind", "country", "language", "pending", "reminders")}
    parts["creditor"] = debtor.creditor.country, debtor.creditor.currency
    parts["invoices"] = sorted((item._replace(id=0) for item in debtor.invoices), key=lambda item: item.number)
    parts["contacts"] = sorted((contact.role, str(contact.name), sorted(contact.channels)) for contact in debtor.contacts)
    parts["holds"] = [hold._replace(invoice=None) for hold in debtor.holds], [numbers.get(hold.invoice or 0) for hold in debtor.holds]
    return {**parts, "unallocated": dict(debtor.unallocated), "steps_on": debtor.steps_on, "disputes": debtor.disputes}


def reminder(debtor: DebtorSnapshot) -> Action:
    """A first reminder about a debtor's first invoice, as a plan would make it."""
    item = debtor.invoices[0]
    return Action(
        kind="message", creditor=debtor.creditor.id, debtor=debtor.id, day=DAY, flow="be", flow_version="v1", step="first", offset=7,
        invoices=(Claimed(item.id, item.number, item.due, item.open),), currency=item.currency, amount=item.open,
        messages=(Message("email", None, "general"),), document="reminder", firmness=0, voice=None, language="fr", contents=(),
        charges=(), final=False, handover=None, notice=None, not_before=datetime.combine(DAY, time(7), UTC),
        not_after=datetime.combine(DAY, time(16), UTC), why=Why("all", "true", "first"), policy="0" * 64, rates="1" * 64,
    )  # fmt: skip
