"""Net unit prices of gross ones: BT-146 may have any number of decimals, so that price × quantity rounds to the line's net amount."""

from __future__ import annotations

from decimal import Decimal

from einvoice.calculation.sheet import ZERO, Sheet
from einvoice.model import Line, Price

FINE = Decimal("0.1")  # of a cent: a further decimal of the price that moves the line by less cannot help
MORE = 4  # decimals beyond those of an amount, for a price that no amount follows from


def fitting(price: Decimal, factor: Decimal, line: Line, extras: Decimal, net: Decimal, sheet: Sheet) -> Decimal:
    """The price without VAT, in as few decimals as make quantity × price + extras round to `net`; no fewer than it has with VAT.

    Where no rounding of it does, because the line was levelled by a cent, it is the price that follows from the net amount, unless
    that has another sign: then the price stays, and the line is a cent off.
    """
    quantity, base = line.quantity or ZERO, (line.price and line.price.base_quantity) or Decimal(1)
    digits = max(sheet.rounding.places, _decimals(price))
    found = _shortest(price / factor, digits, quantity, base, extras, net, sheet)
    if found is None and (net - extras) * quantity * price > 0:
        found = _shortest((net - extras) * base / quantity, digits, quantity, base, extras, net, sheet)
    return _rounded(price / factor, digits + MORE, sheet) if found is None else found


def _shortest(price: Decimal, digits: int, quantity: Decimal, base: Decimal, extras: Decimal, net: Decimal, sheet: Sheet) -> Decimal | None:
    """The first rounding of the price that leads to `net`, None where no further decimal can."""
    while True:
        candidate = _rounded(price, digits, sheet)
        if sheet.round(quantity * candidate / base + extras) == net and (candidate or not price):
            return candidate
        if abs(quantity / base).scaleb(-digits) < FINE * sheet.cent:
            return None
        digits += 1


def written(price: Price, net: Decimal, factor: Decimal, sheet: Sheet) -> Price:
    """The price with its net amount, and where a gross price is stated (BT-148) that and its discount, which R046 holds together."""
    if price.gross is None:
        return price.model_copy(update={"net": net})
    discount = _rounded((price.discount or ZERO) / factor, max(sheet.rounding.places, _decimals(net)), sheet)
    return price.model_copy(update={"net": net, "gross": net + discount, "discount": discount})


def divided(price: Price | None, factor: Decimal, sheet: Sheet) -> Price | None:
    """A price that no amount follows from, without VAT: that of a line with lines within it."""
    if price is None or factor == 1:
        return price
    net = price.net if price.net is not None else None if price.gross is None else price.gross - (price.discount or ZERO)
    return price if net is None else written(price, _rounded(net / factor, sheet.rounding.places + MORE, sheet), factor, sheet)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _rounded(value: Decimal, digits: int, sheet: Sheet) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), sheet.rounding.mode)
