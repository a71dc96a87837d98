"""Instalments of one agreement that the law adds up before it reckons the costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from einvoice.money import ZERO
from einvoice.receivables.law.calendar import after_months
from einvoice.receivables.law.costs import costs, shared, vat
from einvoice.receivables.law.pack import CostRule
from einvoice.receivables.law.ruling import Asked
from einvoice.receivables.snapshot import InvoiceSnapshot


def share(rule: CostRule, asked: Asked, invoice: InvoiceSnapshot) -> Decimal | None:
    """What of the costs of all instalments falls to this one, without VAT; None where nothing is added up.

    Added up are the open invoices of the same agreement (`contract.agreement`) that fell due within the law's months from the first;
    what was booked for others of them is taken off.
    """
    agreement = (invoice.contract or {}).get("agreement")
    if rule.instalments is None or not agreement or invoice.due < rule.instalments.basis.since:
        return None
    group = next(group for group in _groups(rule.instalments.months, _of(asked, agreement)) if invoice.id in {each.id for each in group})
    waiting = [each for each in group if each.costs_booked == 0]
    booked = sum((each.costs_booked for each in group), ZERO)
    together = costs(rule, sum((each.open for each in group), ZERO))
    gross = together + vat(rule, together, deducts=asked.debtor.creditor.deducts_vat)
    left = max(together - (booked * together / gross if gross else ZERO), ZERO)
    parts = shared(left, [each.open for each in waiting])
    return dict(zip((each.id for each in waiting), parts, strict=True)).get(invoice.id, ZERO)


def _of(asked: Asked, agreement: object) -> list[InvoiceSnapshot]:
    """The late instalments of an agreement, by due date; what is asked of them counts, else what is open."""
    found = {each.id: each for each in (*asked.debtor.invoices, *asked.invoices)}
    late = [each for each in found.values() if each.open > 0 and each.due < asked.day]
    return sorted((each for each in late if (each.contract or {}).get("agreement") == agreement), key=lambda each: (each.due, each.id))


def _groups(months: int, invoices: Sequence[InvoiceSnapshot]) -> list[list[InvoiceSnapshot]]:
    """Runs of invoices that fell due within so many months from the first of the run."""
    groups: list[list[InvoiceSnapshot]] = []
    for each in invoices:
        if groups and each.due < after_months(groups[-1][0].due, months):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups
