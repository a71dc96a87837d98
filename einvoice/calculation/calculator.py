"""The calculation as a whole: lines, allowances and charges, VAT breakdown, totals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Literal

from einvoice.calculation import amounts, breakdown, gross, lines, totals, vat
from einvoice.calculation.amounts import ALLOWANCES, CHARGES
from einvoice.calculation.breakdown import Promise
from einvoice.calculation.rounding import Rounding, profile_name
from einvoice.calculation.sheet import CONTEXT, ZERO, Sheet, missing
from einvoice.calculation.steps import Step
from einvoice.calculation.vat import Bearing
from einvoice.errors import CalculationError
from einvoice.model import DocumentAllowanceCharge, Invoice, Line
from einvoice.model.types import exact

Prices = Literal["net", "gross"]
XRECHNUNG = ("xrechnung", "xrechnung-extension", "xrechnung-cvd")  # BR-DE-14 wants a rate in category O too


@dataclass(frozen=True, slots=True)
class Calculated:
    """A calculated invoice, and where each of its amounts comes from, in the order of the calculation."""

    invoice: Invoice
    steps: tuple[Step, ...]


def calculate(
    draft: Invoice, *, prices: Prices = "net", rounding: Rounding | None = None, exchange_rate: Decimal | int | str | None = None
) -> Calculated:
    """The draft with everything calculated that follows from its lines: BT-131, BG-23, BT-106 to BT-115, and line numbers.

    `prices="gross"` takes prices, allowances and charges to include VAT: the total with VAT is then what they add up to.
    `rounding` None is that of the specification the draft names; `exchange_rate` gives BT-111, as accounting currency per invoice currency.
    Amounts that the draft states are verified and kept: raises Contradiction where one differs by more than the tolerance, and
    CalculationError where a price, quantity, VAT category or rate is missing, naming it.
    """
    if prices not in ("net", "gross"):
        raise CalculationError(f'prices is {prices!r}; give "net" where prices exclude VAT, "gross" where they include it')
    if draft.currency_code is None:
        raise missing("currency_code", "BT-5", "state the currency of the invoice, such as EUR")
    if not draft.lines:
        raise missing("lines", "BG-25", "state what is invoiced: at least one line")
    rounding = rounding or Rounding.for_invoice(draft)
    per_unit = _exact(exchange_rate)
    sheet = Sheet(rounding if prices == "net" else replace(rounding, line=ZERO))  # a stated line net would break the promise
    try:
        with localcontext(CONTEXT):
            return _calculated(draft, prices, sheet, per_unit)
    except ArithmeticError as error:  # what decimal raises; a price of 80 digits, a rate of −100 % in prices that include VAT
        raise CalculationError("the amounts cannot be added up to the cent; check quantities, prices and rates") from error


def _exact(exchange_rate: Decimal | int | str | None) -> Decimal | None:
    """The exchange rate as a decimal, by the rules of amounts: no float."""
    try:
        return None if exchange_rate is None else exact(exchange_rate)
    except ValueError as error:
        raise CalculationError(f"exchange_rate: {error}", term="BT-111", path="totals.vat_in_accounting_currency") from error


def _calculated(draft: Invoice, prices: Prices, sheet: Sheet, exchange_rate: Decimal | None) -> Calculated:
    promise: Promise | None = None
    known: lines.Known = {}
    if prices == "gross":
        bare = gross.without_vat(draft, sheet)
        known, promise = bare.lines, bare.promise
        draft = draft.model_copy(update={"allowances": bare.allowances, "charges": bare.charges})
    items = lines.settled(draft.lines, sheet, known=known)
    allowances, allowed = amounts.taxed(draft.allowances, ALLOWANCES, sheet)
    charges, charged = amounts.taxed(draft.charges, CHARGES, sheet)
    groups = breakdown.gathered([*_of_lines(items), *_signed(allowances, allowed, -1), *_signed(charges, charged, 1)])
    rate_of_none = ZERO if profile_name(draft) in XRECHNUNG else None
    rows = breakdown.settled(draft.vat_breakdown, groups, sheet, promise=promise, rate_of_none=rate_of_none)
    summed = draft.model_copy(update={"lines": items, "allowances": allowances, "charges": charges, "vat_breakdown": rows})
    left_over = ZERO if promise is None else gross.left_over(promise, rows)
    sums = totals.settled(summed, sheet, left_over=left_over, exchange_rate=exchange_rate)
    return Calculated(summed.model_copy(update={"totals": sums}), sheet.steps)


def _of_lines(items: tuple[Line, ...]) -> Iterator[tuple[Bearing, Decimal]]:
    """The net amount of each line with the VAT it bears; lines within lines are in the line's own."""
    for number, line in enumerate(items):
        assert line.net_amount is not None
        yield vat.of_line(line, f"lines[{number}]"), line.net_amount


def _signed(items: tuple[DocumentAllowanceCharge, ...], bearings: list[Bearing], sign: int) -> Iterator[tuple[Bearing, Decimal]]:
    return ((borne, sign * (item.amount or ZERO)) for item, borne in zip(items, bearings, strict=True))
