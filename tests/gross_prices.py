"""Every gross price at every VAT rate, calculated as one-line invoices and held against the arithmetic rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal

from einvoice.calculation import Rounding, calculate
from einvoice.model import Invoice, Item, Line, LineVAT, Price
from tests.arithmetic import broken, strict

# Every integer rate to 27 %, and those between them that states of Europe have.
RATES = tuple(sorted([*map(Decimal, range(28)), *map(Decimal, ("2.1", "2.6", "3.8", "4.8", "5.5", "8.1", "8.5", "9.5", "13.5", "25.5"))]))
CENTS = range(1, 10_001)
CENT = Decimal("0.01")
STRICT = Rounding(vat=Decimal(0))
ITEM = Item(name="Bread")


def invoice(price: Decimal, rate: Decimal, quantity: Decimal = Decimal(1)) -> Invoice:
    """A draft with one line; its price includes VAT."""
    vat = LineVAT(category_code="S" if rate else "Z", rate=rate)
    line = Line(quantity=quantity, unit_code="C62", price=Price(net=price), vat=vat, item=ITEM)
    return Invoice(currency_code="EUR", lines=(line,))


def faults(price: Decimal, rate: Decimal) -> list[str]:
    """What is wrong with a price that was calculated; `one cent` is no fault, but where the VAT is off the norm's formula."""
    result = calculate(invoice(price, rate), prices="gross").invoice
    totals = result.totals
    if totals is None or totals.total_with_vat != price or totals.amount_due != price or totals.rounding_amount is not None:
        return ["promise"]
    return broken(result) or ([] if strict(result) else ["one cent"])


def tally(rates: Iterable[Decimal], cents: Sequence[int]) -> Counter[str]:
    """How many prices have which fault, and how many were calculated."""
    counts: Counter[str] = Counter()
    for rate in rates:
        for number in cents:
            counts.update(["calculated", *faults(number * CENT, rate)])
    return counts


def tally_on_two_processors(rates: Sequence[Decimal], cents: Sequence[int]) -> Counter[str]:
    """The same, half of the rates on each of two processors."""
    with ProcessPoolExecutor(2) as pool:
        halves = [pool.submit(tally, rates[start::2], cents) for start in range(2)]
        return sum((half.result() for half in halves), Counter())
