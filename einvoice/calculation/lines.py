"""The lines: price × quantity less allowances plus charges, lines within lines, and the numbers they go by (BG-25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from einvoice.calculation import amounts, vat
from einvoice.calculation.amounts import LINE_ALLOWANCES, LINE_CHARGES
from einvoice.calculation.sheet import ZERO, Sheet, missing
from einvoice.calculation.steps import plus
from einvoice.errors import CalculationError, Contradiction
from einvoice.model import AllowanceCharge, Line, Price

RULE = "PEPPOL-EN16931-R120"
Extras = tuple[AllowanceCharge, ...]
Known = Mapping[str, Mapping[str, Any]]
NOTHING: Known = {}


def settled(lines: tuple[Line, ...], sheet: Sheet, path: str = "", prefix: str = "", known: Known = NOTHING) -> tuple[Line, ...]:
    """The lines with identifiers (BT-126), prices (BT-146), net amounts (BT-131) and VAT rates.

    `known` has by path what takes the place of a line's own price, allowances and charges.
    """
    names = identifiers(lines, prefix)
    return tuple(_settled(line, next(names), f"{path}lines[{number}]", sheet, known) for number, line in enumerate(lines))


def identifiers(lines: tuple[Line, ...], prefix: str = "") -> Iterator[str]:
    """The identifier of each line: its own, else the next number that no line has."""
    taken = {line.identifier for line in lines}
    free = (name for number in count(1) if (name := f"{prefix}{number}") not in taken)
    return (next(free) if line.identifier is None else line.identifier for line in lines)


def _settled(line: Line, name: str, path: str, sheet: Sheet, known: Known) -> Line:
    update: dict[str, Any] = {"identifier": name, **known.get(path, {})}
    if line.allowances:
        update["allowances"] = amounts.settled(update.get("allowances", line.allowances), LINE_ALLOWANCES, f"{path}.", sheet)
    if line.charges:
        update["charges"] = amounts.settled(update.get("charges", line.charges), LINE_CHARGES, f"{path}.", sheet)
    if line.lines:
        update["lines"] = inner = settled(line.lines, sheet, f"{path}.", f"{name}.", known)
        update["net_amount"] = _sum_of(inner, line, path, sheet)
    else:
        price = update.get("price", line.price)
        update |= _priced(line, price, update.get("allowances", ()), update.get("charges", ()), path, sheet)
    borne = vat.of_line(line, path)
    if line.vat is not None and line.vat.rate is None:
        update["vat"] = line.vat.model_copy(update={"rate": vat.written_rate(borne, None, path, vat.LINE, sheet)})
    return line.model_copy(update=update)


def _sum_of(inner: tuple[Line, ...], line: Line, path: str, sheet: Sheet) -> Decimal:
    """What the lines within a line add up to is the line's net amount."""
    nets = [part.net_amount or ZERO for part in inner]
    return sheet.settle("BT-131", f"{path}.net_amount", line.net_amount, sum(nets, ZERO), plus(nets), "BR-DEX-02")


def _priced(line: Line, price: Price | None, allowances: Extras, charges: Extras, path: str, sheet: Sheet) -> dict[str, Any]:
    """The net amount of price and quantity, and the price where it follows from gross price and discount."""
    place = f"{path}.net_amount"
    if line.net_amount is not None and (line.quantity is None or price is None or (price.net is None and price.gross is None)):
        return {"net_amount": sheet.settle("BT-131", place, line.net_amount, line.net_amount, "stated", "BR-24")}
    net = unit_price(price, path, sheet)
    quantity = quantity_of(line, path)
    exact, formula = quantity * net, f"{quantity:f} × {net:f}"
    assert price is not None
    if (base := base_quantity(price, path)) != 1:
        exact, formula = exact / base, f"{formula} ÷ {base:f}"
    if allowances or charges:
        extras = [*(-(item.amount or ZERO) for item in allowances), *(item.amount or ZERO for item in charges)]
        exact, formula = exact + sum(extras), f"{formula}{plus([ZERO, *extras])[1:]}"
    amount = sheet.settle("BT-131", place, line.net_amount, exact, formula, RULE, slack=sheet.rounding.line)
    return {"net_amount": amount} if price.net is not None else {"net_amount": amount, "price": price.model_copy(update={"net": net})}


def quantity_of(line: Line, path: str) -> Decimal:
    """The invoiced quantity (BT-129).

    Raises CalculationError where it is missing.
    """
    if line.quantity is None:
        raise missing(f"{path}.quantity", "BT-129", "state how many units are invoiced")
    return line.quantity


def base_quantity(price: Price, path: str) -> Decimal:
    """The number of units that the price is for (BT-149), 1 where it is not stated.

    Raises CalculationError where it is not above zero.
    """
    base = price.base_quantity
    if base is None:
        return Decimal(1)
    if base <= 0:
        place = f"{path}.price.base_quantity"
        text = f"{place} (BT-149) is {base:f}; state the number of units the price is for, above zero"
        raise CalculationError(text, term="BT-149", path=place)
    return base


def unit_price(price: Price | None, path: str, sheet: Sheet) -> Decimal:
    """The net price (BT-146): the stated one, else gross price less discount; an exact number, not rounded.

    Raises CalculationError where neither is known, Contradiction where they differ and the specification tests it.
    """
    place = f"{path}.price.net"
    if price is None or (price.net is None and price.gross is None):
        raise missing(place, "BT-146", "state the price, or the gross price and its discount")
    if price.gross is None:
        assert price.net is not None
        return price.net
    discount = price.discount or ZERO
    calculated = price.gross - discount
    if price.net is None:
        return sheet.step("BT-146", place, f"{price.gross:f} − {discount:f}", calculated, "PEPPOL-EN16931-R046")
    if abs(price.net - calculated) > sheet.rounding.price:
        raise Contradiction(term="BT-146", path=place, given=price.net, calculated=calculated)
    return price.net
