"""Discounts for paying early."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import rounded
from einvoice.receivables.actions import Note
from einvoice.receivables.policy.facts import Asking, NoRate
from einvoice.receivables.policy.model import Policy
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.segmenting import holds, no_rate, rates
from einvoice.receivables.snapshot import DebtorSnapshot, InvoiceSnapshot


class Granted(NamedTuple):
    """A discount: percent of the invoice's amount with VAT, the amount in its currency, and the last day of payment that earns it."""

    percent: Decimal
    amount: Decimal
    until: date


def discount(policy: Policy, debtor: DebtorSnapshot, invoice: InvoiceSnapshot, paid_on: date) -> Granted | Note | None:
    """The discount that a payment of the invoice in full on a day earns: the first of the policy whose days and condition fit.

    None where it earns none. A `Note` with code `no-rate` where a condition asks for an amount without a rate: a person decides.
    """
    if invoice.amount <= 0:
        return None
    asking = Asking(debtor, paid_on, policy.currency, rates(policy))
    try:
        for each in policy.discounts:
            until = invoice.issued + timedelta(days=each.within_days)
            if paid_on <= until and holds(parse(each.when), asking):
                return Granted(each.percent, rounded(invoice.amount * each.percent / 100, invoice.currency), until)
    except NoRate as missing:
        return no_rate(policy, missing.currency)
    return None
