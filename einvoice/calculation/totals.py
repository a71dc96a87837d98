"""The document totals, BT-106 to BT-115 (BG-22)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from einvoice.calculation.amounts import total
from einvoice.calculation.rounding import profile_name
from einvoice.calculation.sheet import ZERO, Sheet, missing
from einvoice.calculation.steps import plus
from einvoice.errors import CalculationError, Contradiction
from einvoice.model import Invoice, Totals

WITH_THIRD_PARTIES = (None, "xrechnung-extension")


def settled(invoice: Invoice, sheet: Sheet, *, left_over: Decimal = ZERO, exchange_rate: Decimal | None = None) -> Totals:
    """The totals of an invoice whose lines, allowances, charges and VAT breakdown are finished.

    `left_over` is what rounding must add to reach a promised total; `exchange_rate` is the accounting currency per invoice currency.
    """
    stated = invoice.totals or Totals()
    nets = [line.net_amount or ZERO for line in invoice.lines]
    taxes = [row.tax_amount or ZERO for row in invoice.vat_breakdown]
    lines = _settle(sheet, stated, "BT-106", "sum_of_line_net_amounts", nets, "BR-CO-10")
    allowances = _extra(sheet, stated.sum_of_allowances, "BT-107", "sum_of_allowances", invoice.allowances, "BR-CO-11")
    charges = _extra(sheet, stated.sum_of_charges, "BT-108", "sum_of_charges", invoice.charges, "BR-CO-12")
    parts = [lines, *([] if allowances is None else [-allowances]), *([] if charges is None else [charges])]
    without = _settle(sheet, stated, "BT-109", "total_without_vat", parts, "BR-CO-13")
    vat = _settle(sheet, stated, "BT-110", "vat", taxes, "BR-CO-14")
    accounting = _in_accounting_currency(invoice, stated, vat, exchange_rate, sheet)
    with_vat = _settle(sheet, stated, "BT-112", "total_with_vat", [without, vat], "BR-CO-15")
    paid = None if stated.paid_amount is None else sheet.stated(stated.paid_amount, "BT-113", "totals.paid_amount")
    rounding = _rounding_amount(stated, left_over, sheet)
    due = [with_vat, *([] if paid is None else [-paid]), *([] if rounding is None else [rounding]), *_third_parties(invoice, sheet)]
    return Totals(
        sum_of_line_net_amounts=lines,
        sum_of_allowances=allowances,
        sum_of_charges=charges,
        total_without_vat=without,
        vat=vat,
        vat_in_accounting_currency=accounting,
        total_with_vat=with_vat,
        paid_amount=paid,
        rounding_amount=rounding,
        amount_due=_settle(sheet, stated, "BT-115", "amount_due", due, "BR-CO-16"),
    )


def _settle(sheet: Sheet, stated: Totals, term: str, name: str, parts: list[Decimal], rule: str) -> Decimal:
    """A sum, to which no tolerance is left."""
    return sheet.settle(term, f"totals.{name}", getattr(stated, name), sum(parts, ZERO), plus(parts), rule)


def _extra(sheet: Sheet, stated: Decimal | None, term: str, name: str, items: tuple[Any, ...], rule: str) -> Decimal | None:
    """The sum of allowances or charges; none where there are none and none is stated."""
    if not items and stated is None:
        return None
    return sheet.settle(term, f"totals.{name}", stated, total(items), plus([item.amount for item in items]), rule)


def _in_accounting_currency(invoice: Invoice, stated: Totals, vat: Decimal, exchange_rate: Decimal | None, sheet: Sheet) -> Decimal | None:
    """The VAT in the accounting currency (BT-111): stated, or converted at the exchange rate.

    Nothing is written where that currency (BT-6) is the invoice currency: BT-110 says it already. A stated amount may differ by a cent
    per row of the breakdown from the converted one, as each rate may be converted by itself.
    Raises CalculationError where another currency is named and neither amount nor exchange rate is known.
    """
    amount, path, currency = stated.vat_in_accounting_currency, "totals.vat_in_accounting_currency", invoice.vat_accounting_currency_code
    if currency is not None and currency != invoice.currency_code:
        if exchange_rate is not None:
            slack = sheet.cent * len(invoice.vat_breakdown)
            return sheet.settle("BT-111", path, amount, vat * exchange_rate, f"{vat:f} × {exchange_rate:f}", "BR-53", slack=slack)
        if amount is None:
            mend = f"state the VAT in {currency}, or give exchange_rate: how many {currency} one {invoice.currency_code} is"
            raise missing(path, "BT-111", mend)
    elif exchange_rate is not None:
        text = "exchange_rate converts to vat_accounting_currency_code (BT-6), which must differ from currency_code; state it, or no rate"
        raise CalculationError(text, term="BT-6", path="vat_accounting_currency_code")
    elif currency is not None and amount is not None and amount != vat:
        raise Contradiction(term="BT-111", path=path, given=amount, calculated=vat)
    return None if amount is None else sheet.stated(amount, "BT-111", path)


def _rounding_amount(stated: Totals, left_over: Decimal, sheet: Sheet) -> Decimal | None:
    """The rounding amount (BT-114): the stated one, or what is left over to the promise."""
    if left_over:
        return sheet.settle("BT-114", "totals.rounding_amount", stated.rounding_amount, left_over, "promise − total with VAT", "BR-CO-16")
    return None if stated.rounding_amount is None else sheet.stated(stated.rounding_amount, "BT-114", "totals.rounding_amount")


def _third_parties(invoice: Invoice, sheet: Sheet) -> list[Decimal]:
    """What is collected for third parties (BT-DEX-002); it counts in the XRechnung extension only (BR-DEX-09)."""
    if not invoice.third_party_payments or profile_name(invoice) not in WITH_THIRD_PARTIES:
        return []
    places = ((payment.amount, f"third_party_payments[{number}].amount") for number, payment in enumerate(invoice.third_party_payments))
    return [sheet.stated(amount, "BT-DEX-002", path) for amount, path in places if amount is not None]
