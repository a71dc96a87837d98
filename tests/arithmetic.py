"""The arithmetic rules of EN 16931 and Peppol, written down a second time, to hold calculated invoices against.

Nothing of `einvoice.calculation` is used here. Each rule is tested as both official artefacts test it, the stricter of UBL and CII
where they differ; `strict` is the formula of the norm where the artefacts leave a tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from einvoice.model import AllowanceCharge, Invoice, Line, Totals, VATBreakdown

CENT = Decimal("0.01")
ZERO = Decimal(0)
SLACK = Decimal("0.02")
WITHOUT_VAT = ("Z", "E", "AE", "K", "G", "O")


def broken(invoice: Invoice) -> list[str]:
    """The ids of the rules that do not hold in UBL or in CII."""
    return [*_lines(invoice.lines), *_document_level(invoice), *_breakdown(invoice), *_totals(invoice), *_decimals(invoice)]


def strict(invoice: Invoice) -> bool:
    """Every VAT amount is taxable amount × rate, rounded: what the norm says of BR-CO-17, without the artefacts' tolerance."""
    return all(row.tax_amount == cents((row.taxable_amount or ZERO) * (row.rate or ZERO) / 100) for row in invoice.vat_breakdown)


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)


def _sum(items: Iterable[AllowanceCharge]) -> Decimal:
    return sum((item.amount or ZERO for item in items), ZERO)


def _lines(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        price, quantity, net = line.price, line.quantity, line.net_amount
        if price is None or price.net is None or quantity is None or net is None:
            yield "BR-22 BR-24 BR-26"
            continue
        exact = quantity * price.net / (price.base_quantity or 1) + _sum(line.charges) - _sum(line.allowances)
        if abs(net - exact) > SLACK:
            yield "PEPPOL-EN16931-R120"
        if price.gross is not None and price.net != price.gross - (price.discount or ZERO):
            yield "PEPPOL-EN16931-R046"
        if price.net < 0 or (price.gross or ZERO) < 0:
            yield "BR-27 BR-28"
        if line.identifier is None:
            yield "BR-21"
        yield from _percentages([*line.allowances, *line.charges])


def _percentages(items: Iterable[AllowanceCharge]) -> Iterator[str]:
    for item in items:
        if item.base_amount is None or item.percentage is None:
            continue
        if item.amount is None or abs(item.amount - item.base_amount * item.percentage / 100) > SLACK:
            yield "PEPPOL-EN16931-R040"


def _document_level(invoice: Invoice) -> Iterator[str]:
    yield from _percentages([*invoice.allowances, *invoice.charges])


def _amounts(invoice: Invoice, category: str | None, rate: Decimal | None) -> list[Decimal]:
    """What bears a VAT category, at a rate; at any rate where it is None."""
    found = [(line.vat and line.vat.category_code, line.vat and line.vat.rate, line.net_amount or ZERO) for line in invoice.lines]
    found += [(item.vat_category_code, item.vat_rate, -(item.amount or ZERO)) for item in invoice.allowances]
    found += [(item.vat_category_code, item.vat_rate, item.amount or ZERO) for item in invoice.charges]
    return [amount for borne, percent, amount in found if borne == category and (rate is None or percent == rate)]


def _breakdown(invoice: Invoice) -> Iterator[str]:
    if not invoice.vat_breakdown:
        yield "BR-CO-18"
    keys = [(row.category_code, row.rate) for row in invoice.vat_breakdown]
    if len(set(keys)) != len(keys):
        yield "BG-23 repeated"
    for line in invoice.lines:
        stated = line.vat
        if stated is None or (stated.category_code, stated.rate) not in keys:
            yield "BR-S-01"
    for row in invoice.vat_breakdown:
        yield from _row(invoice, row)


def _row(invoice: Invoice, row: VATBreakdown) -> Iterator[str]:
    category, rate, taxable, tax = row.category_code, row.rate, row.taxable_amount, row.tax_amount
    if taxable is None or tax is None:
        yield "BR-45 BR-46"
        return
    amounts = _amounts(invoice, category, None if category in WITHOUT_VAT else rate)
    if taxable != sum(amounts, ZERO):  # exact: CII for S, L, M and O, UBL for the others
        yield f"BR-{category}-08"
    if category in WITHOUT_VAT and tax != 0:
        yield f"BR-{category}-09"
    exact = cents(abs(taxable) * (rate or ZERO) / 100)
    if not abs(tax) - 1 < exact < abs(tax) + 1:  # BR-CO-17 of UBL and BR-S-09 of both exclude a whole unit
        yield "BR-CO-17"
    if category == "O" and rate is not None:
        yield "BR-48 (O)"


def _totals(invoice: Invoice) -> Iterator[str]:
    totals = invoice.totals or Totals()
    lines, due = totals.sum_of_line_net_amounts, totals.amount_due
    if lines is None or totals.total_without_vat is None or totals.total_with_vat is None or due is None or totals.vat is None:
        yield "BR-12 BR-13 BR-14 BR-15"
        return
    if lines != sum((line.net_amount or ZERO for line in invoice.lines), ZERO):
        yield "BR-CO-10"
    if _differs(totals.sum_of_allowances, invoice.allowances):
        yield "BR-CO-11"
    if _differs(totals.sum_of_charges, invoice.charges):
        yield "BR-CO-12"
    if totals.total_without_vat != lines - (totals.sum_of_allowances or 0) + (totals.sum_of_charges or 0):
        yield "BR-CO-13"
    if totals.vat != sum((row.tax_amount or ZERO for row in invoice.vat_breakdown), ZERO):
        yield "BR-CO-14"
    if totals.total_with_vat != totals.total_without_vat + totals.vat:
        yield "BR-CO-15"
    third = sum((payment.amount or ZERO for payment in invoice.third_party_payments), ZERO)
    if due != totals.total_with_vat - (totals.paid_amount or 0) + (totals.rounding_amount or 0) + third:
        yield "BR-CO-16"


def _differs(stated: Decimal | None, items: tuple[AllowanceCharge, ...]) -> bool:
    return bool(items) if stated is None else stated != _sum(items)


def _decimals(invoice: Invoice) -> Iterator[str]:
    """More than two decimals as they are written, BR-DEC-01 to BR-DEC-28: a third zero is one too many."""
    groups: list[tuple[str, Iterable[Decimal | None]]] = [
        ("BR-DEC-09", (value for value in (invoice.totals or Totals()).__dict__.values())),
        ("BR-DEC-23", (line.net_amount for line in invoice.lines)),
        ("BR-DEC-19", (row.taxable_amount for row in invoice.vat_breakdown)),
        ("BR-DEC-20", (row.tax_amount for row in invoice.vat_breakdown)),
        ("BR-DEC-01", (item.amount for item in (*invoice.allowances, *invoice.charges))),
        ("BR-DEC-02", (item.base_amount for item in (*invoice.allowances, *invoice.charges))),
        ("BR-DEC-24", (item.amount for line in invoice.lines for item in (*line.allowances, *line.charges))),
        ("BR-DEC-25", (item.base_amount for line in invoice.lines for item in (*line.allowances, *line.charges))),
    ]
    for rule, values in groups:
        if any(value is not None and len(f"{value:f}".partition(".")[2]) > 2 for value in values):
            yield rule
