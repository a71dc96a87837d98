"""The VAT breakdown: what each category and rate adds up to, and the VAT on it (BG-23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from einvoice.calculation import vat
from einvoice.calculation.sheet import ZERO, Sheet
from einvoice.calculation.steps import plus
from einvoice.calculation.vat import BREAKDOWN, NOT_SUBJECT, WITHOUT_VAT, Bearing
from einvoice.errors import CalculationError, Contradiction
from einvoice.model import VATBreakdown

Amounts = dict[Bearing, list[Decimal]]
Promise = Mapping[Bearing, Decimal]


def gathered(amounts: Iterable[tuple[Bearing, Decimal]]) -> Amounts:
    """The amounts by the VAT they bear, in the order in which each first occurs."""
    groups: Amounts = {}
    for borne, amount in amounts:
        groups.setdefault(borne, []).append(amount)
    return groups


Rows = tuple[VATBreakdown, ...]


def settled(stated: Rows, groups: Amounts, sheet: Sheet, *, promise: Promise | None, rate_of_none: Decimal | None) -> Rows:
    """The rows: those that are stated in their order, with their exemption reasons, then what else occurs.

    `promise` is what each rate adds up to with VAT, where that is what counts; `rate_of_none` the rate to write in category O.
    """
    rows = _stated(stated, groups)
    order = [*rows, *(borne for borne in groups if borne not in rows)]
    blank = VATBreakdown()
    finished: list[VATBreakdown] = []
    for number, borne in enumerate(order):
        row, path = rows.get(borne, blank), f"vat_breakdown[{number}]"
        rate = row.rate if row.rate is not None else rate_of_none if borne.category == NOT_SUBJECT else borne.rate
        sums = _sums(borne, row, groups.get(borne, []), path, sheet, promise)
        _bears_no_vat(borne, rate, sums["taxable_amount"], path, sheet)
        finished.append(row.model_copy(update={"category_code": borne.category, "rate": rate, **sums}))
    return tuple(finished)


def _stated(stated: Rows, groups: Amounts) -> dict[Bearing, VATBreakdown]:
    """The stated rows by the VAT they are of.

    Raises CalculationError for a second row of the same, and for one without amounts that no line, allowance or charge bears.
    """
    rows: dict[Bearing, VATBreakdown] = {}
    for number, row in enumerate(stated):
        path = f"vat_breakdown[{number}]"
        borne = vat.bearing(row.category_code, None if row.category_code in WITHOUT_VAT else row.rate, path, BREAKDOWN)
        if borne in rows:
            raise CalculationError(f"{path} (BG-23) repeats {borne}; merge the rows", term="BG-23", path=path)
        if borne not in groups and row.taxable_amount is None:
            text = f"{path} (BG-23): no line, allowance or charge bears {borne}; remove the row or mend the lines"
            raise CalculationError(text, term="BG-23", path=path)
        rows[borne] = row
    return rows


def _bears_no_vat(borne: Bearing, rate: Decimal | None, taxable: Decimal, path: str, sheet: Sheet) -> None:
    """A rate that is stated for a category without VAT stays as long as BR-CO-17 does not miss the VAT.

    Raises Contradiction where it would.
    """
    if rate and borne.category in WITHOUT_VAT and abs(sheet.round(taxable * rate / 100)) > sheet.rounding.vat:
        raise Contradiction(term=BREAKDOWN.rate, path=f"{path}.rate", given=rate, calculated=ZERO)


def _sums(
    borne: Bearing, row: VATBreakdown, amounts: list[Decimal], path: str, sheet: Sheet, promise: Promise | None
) -> dict[str, Decimal]:
    """The sum of the amounts (BT-116) and the VAT on it (BT-117)."""
    rule = "BG-23" if borne.category == "B" else vat.rule(borne.category, "08")  # category B has no such rule
    taxable = sheet.settle("BT-116", f"{path}.taxable_amount", row.taxable_amount, sum(amounts, ZERO), plus(amounts), rule)
    return {"taxable_amount": taxable, "tax_amount": _tax(borne, row.tax_amount, taxable, path, sheet, promise)}


def _tax(borne: Bearing, stated: Decimal | None, taxable: Decimal, path: str, sheet: Sheet, promise: Promise | None) -> Decimal:
    """The VAT: taxable amount × rate; where prices include VAT what is left of them, as far as the tolerance of BR-CO-17 goes."""
    place = f"{path}.tax_amount"
    if borne.category in WITHOUT_VAT:
        return sheet.settle("BT-117", place, stated, ZERO, f"category {borne.category}", vat.rule(borne.category, "09"))
    exact = sheet.round(taxable * borne.rate / 100)
    formula = f"{taxable:f} × {borne.rate:f} %"
    if promise is None:
        return sheet.settle("BT-117", place, stated, exact, formula, "BR-CO-17", slack=sheet.rounding.vat)
    left = promise[borne] - taxable
    if left != exact and abs(left - exact) <= sheet.rounding.vat:
        exact, formula = left, f"{promise[borne]:f} − {taxable:f} ({formula} is {exact:f})"
    return sheet.settle("BT-117", place, stated, exact, formula, "BR-CO-17")
