"""Recalculating: take an invoice's calculated amounts away, calculate them again, and list where the two differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from einvoice.calculation.calculator import calculate
from einvoice.calculation.rounding import Rounding
from einvoice.calculation.steps import Step
from einvoice.model import Invoice, Line, Totals, VATBreakdown

ROW = {"taxable_amount": "BT-116", "tax_amount": "BT-117"}
SUMS = {
    "sum_of_line_net_amounts": "BT-106",
    "sum_of_allowances": "BT-107",
    "sum_of_charges": "BT-108",
    "total_without_vat": "BT-109",
    "vat": "BT-110",
    "total_with_vat": "BT-112",
    "amount_due": "BT-115",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """An amount that the invoice states and the calculation does not come to; either is None where it is absent."""

    term: str
    path: str
    stated: Decimal | None
    calculated: Decimal | None

    def __str__(self) -> str:
        return f"{self.path} ({self.term}) is stated as {self.stated} but calculates to {self.calculated}"


@dataclass(frozen=True, slots=True)
class Recalculated:
    """An invoice calculated again from its lines, the steps, and what differs from the amounts it stated."""

    invoice: Invoice
    steps: tuple[Step, ...]
    differences: tuple[Difference, ...]


def recalculate(invoice: Invoice, *, rounding: Rounding | None = None) -> Recalculated:
    """Calculates a complete invoice again from its prices, quantities, allowances, charges and rates.

    Raises CalculationError where these do not suffice.
    """
    calculated = calculate(stripped(invoice), rounding=rounding)
    return Recalculated(calculated.invoice, calculated.steps, tuple(differences(invoice, calculated.invoice)))


def stripped(invoice: Invoice) -> Invoice:
    """The invoice without the amounts that follow from others; what was paid, rounded and converted stays (BT-111, BT-113, BT-114).

    A row of the VAT breakdown that says zero stays too: nothing need bear it.
    """
    totals = None if invoice.totals is None else invoice.totals.model_copy(update=dict.fromkeys(SUMS))
    rows = tuple(row if row.taxable_amount == 0 else row.model_copy(update=dict.fromkeys(ROW)) for row in invoice.vat_breakdown)
    return invoice.model_copy(update={"lines": _stripped(invoice.lines), "vat_breakdown": rows, "totals": totals})


def _stripped(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(line.model_copy(update={"net_amount": None, "lines": _stripped(line.lines)}) for line in lines)


def differences(stated: Invoice, calculated: Invoice) -> Iterator[Difference]:
    """Where the amounts of two invoices with the same lines differ: lines, VAT breakdown, totals; absent counts as zero in totals."""
    yield from _in_lines(stated.lines, calculated.lines, "")
    yield from _in_rows(stated.vat_breakdown, calculated.vat_breakdown)
    before, after = stated.totals or Totals(), calculated.totals or Totals()
    for name, term in SUMS.items():
        given, found = getattr(before, name), getattr(after, name)
        if (given or 0) != (found or 0):
            yield Difference(term, f"totals.{name}", given, found)


def _in_lines(stated: tuple[Line, ...], calculated: tuple[Line, ...], path: str) -> Iterator[Difference]:
    for number, (before, after) in enumerate(zip(stated, calculated, strict=True)):
        place = f"{path}lines[{number}]"
        if before.net_amount != after.net_amount:
            yield Difference("BT-131", f"{place}.net_amount", before.net_amount, after.net_amount)
        yield from _in_lines(before.lines, after.lines, f"{place}.")


def _in_rows(stated: tuple[VATBreakdown, ...], calculated: tuple[VATBreakdown, ...]) -> Iterator[Difference]:
    """Rows are held against each other by position; a calculated row that the invoice does not state differs in both amounts."""
    for number, after in enumerate(calculated):
        before = stated[number] if number < len(stated) else VATBreakdown()
        for name, term in ROW.items():
            if getattr(before, name) != getattr(after, name):
                yield Difference(term, f"vat_breakdown[{number}].{name}", getattr(before, name), getattr(after, name))
