"""The fee for a further reminder: after the notice, of an agreed amount, never above the law's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from einvoice.money import ZERO, rounded
from einvoice.receivables.actions import Charge, Note
from einvoice.receivables.law.debt import agreed_amount
from einvoice.receivables.law.pack import CostRule, Fee
from einvoice.receivables.law.ruling import Asked
from einvoice.receivables.snapshot import InvoiceSnapshot

POSTED = frozenset({"letter", "registered_letter"})


Late = tuple[InvoiceSnapshot, date | None]


def fee(rule: CostRule, asked: Asked, late: Sequence[Late], notes: list[Note]) -> Iterator[Charge]:
    """One fee for the reminder, at the first invoice whose contract names one and whose free reminder's term has ended.

    `late` are invoices with the last day of that term, None where no reminder was given.
    """
    if rule.fee is None or asked.handover:
        return
    for invoice, ends in late:
        if not _is_free(rule.fee, asked, invoice, ends):
            try:
                amount = _amount(rule.fee, asked, invoice)
            except ValueError:
                notes.append(Note("contract-unreadable", "the contract's fee or postage is no amount; correct it", str(rule.fee.basis)))
                continue
            if amount > 0:
                line = f"fee for a further reminder, at most {rule.fee.most} and postage: {amount} ({rule.fee.basis})"
                yield Charge(invoice.id, "fee", amount, ZERO, asked.day, (line,))
                return


def _is_free(rule: Fee, asked: Asked, invoice: InvoiceSnapshot, ends: date | None) -> bool:
    """The first reminder of an invoice is free; of a regular supply so are the law's number a year."""
    if ends is None or asked.day <= ends:
        return True
    regular = (invoice.contract or {}).get("regular_supply") is True
    return regular and asked.debtor.reminders < rule.free


def _amount(rule: Fee, asked: Asked, invoice: InvoiceSnapshot) -> Decimal:
    contract = invoice.contract or {}
    agreed = agreed_amount(contract, "fee") or ZERO
    postage = agreed_amount(contract, "postage") or ZERO
    posted = rule.postage and agreed > 0 and any(channel in POSTED for channel in asked.channels)
    return rounded(min(agreed, rule.most) + (postage if posted else ZERO))
