"""The fee for a further reminder: after the notice, of an agreed amount, never above the law's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from einvoice.money import ZERO, rounded
from einvoice.receivables.actions import Charge, Note
from einvoice.receivables.law.debt import agreed_amount
from einvoice.receivables.law.pack import CostRule, Fee
from einvoice.receivables.law.ruling import Asked
from einvoice.receivables.snapshot import InvoiceSnapshot

POSTED = frozenset({"letter", "registered_letter"})


def fee(rule: CostRule, asked: Asked, invoices: Sequence[InvoiceSnapshot], notes: list[Note]) -> Iterator[Charge]:
    """One fee for the reminder, at the first invoice whose contract names one and whose free reminder was given before."""
    if rule.fee is None or asked.handover:
        return
    for invoice in invoices:
        if not _is_free(rule.fee, asked, invoice):
            try:
                amount = _amount(rule.fee, asked, invoice)
            except ValueError:
                notes.append(Note("contract-unreadable", "the contract's fee or postage is no amount; correct it", str(rule.fee.basis)))
                continue
            if amount > 0:
                line = f"fee for a further reminder, at most {rule.fee.most} and postage: {amount} ({rule.fee.basis})"
                yield Charge(invoice.id, "fee", amount, ZERO, asked.day, (line,))
                return


def _is_free(rule: Fee, asked: Asked, invoice: InvoiceSnapshot) -> bool:
    """The first reminder of an invoice is free; of a regular supply so are the law's number a year."""
    if invoice.notice is None or invoice.notice_on is None or asked.day <= invoice.notice_on:
        return True
    regular = (invoice.contract or {}).get("regular_supply") is True
    return regular and asked.debtor.reminders < rule.free


def _amount(rule: Fee, asked: Asked, invoice: InvoiceSnapshot) -> Decimal:
    contract = invoice.contract or {}
    agreed = agreed_amount(contract, "fee") or ZERO
    postage = agreed_amount(contract, "postage") or ZERO
    posted = rule.postage and agreed > 0 and any(channel in POSTED for channel in asked.channels)
    return rounded(min(agreed, rule.most) + (postage if posted else ZERO))
