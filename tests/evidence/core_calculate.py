"""Calculation: published invoices recalculated, gross prices kept, and what it costs."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from tests.evidence import Figure, NotMeasured, corpora, figure, scaled

if TYPE_CHECKING:
    from einvoice.calculation import Prices
    from einvoice.model import Invoice


@figure("recalculate", bar="every difference from the stated amounts has a proven reason, none is left", item=5)
def recalculate() -> Figure:
    from tests.recalculation import officially_valid, outcomes

    found = list(outcomes(corpora()))
    reasons = Counter(reason for one in found for reason in one.reasons)
    same = sum(not one.reasons and not one.left for one in found)
    left = [one.path.name for one in found if one.left]
    others = sum(1 for _ in officially_valid(corpora())) - len(found)
    listed = "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common())
    text = f"{same} of {len(found)} officially valid invoices identical from their lines; {listed}; no invoices: {others}"
    text += f"; without reason: {len(left)}"
    return Figure(" ".join([text, *left[:5]]), bool(found) and not left)


@figure("recalculate-determined", bar="at least 99 %, of which every one that differs is kept by its tolerance when stated", item=5)
def recalculate_determined() -> Figure:
    """Of the invoices whose lines, allowances and rates determine their totals: price × quantity as R120 wants it, nothing unread."""
    from tests.recalculation import ROUNDED, outcomes

    found = [one for one in outcomes(corpora()) if one.reasons <= ROUNDED and not one.left]
    same = sum(not one.reasons for one in found)
    kept = sum(_is_kept(one.invoice) for one in found)
    text = f"{len(found)} invoices: {same} identical, {len(found) - same} with the sender's rounding; as stated, {kept} are kept"
    return Figure(text, bool(found) and kept >= 0.99 * len(found))


def _is_kept(invoice: Invoice) -> bool:
    """Calculating the invoice as it stands changes none of its amounts."""
    from einvoice.calculation import calculate
    from einvoice.calculation.recalculation import differences
    from einvoice.errors import CalculationError

    try:
        return not list(differences(invoice, calculate(invoice).invoice))
    except CalculationError:
        return False


@figure("gross-prices", bar="rates 0–27 %, prices 0.01–100.00: payable = promise, arithmetic rules hold, BT-114 unused", item=5)
def gross_prices() -> Figure:
    from tests import gross_prices as grid

    step = round(1 / max(scaled(1000) / 1000, 0.001))
    counts = grid.tally_on_two_processors(grid.RATES, grid.CENTS[::step])
    total, cent = counts.pop("calculated"), counts.pop("one cent", 0)
    exact = f"{100 * (total - cent) / total:.1f} % by the norm's formula, the rest with the VAT a cent off it (BR-CO-17)"
    return Figure(f"{total} prices at {len(grid.RATES)} rates, faults: {dict(counts) or 'none'}; {exact}", not counts)


@figure("gross-invoices", bar="any lines, allowances, charges: promise kept, rules hold, the result calculates to itself", item=5)
def gross_invoices() -> Figure:
    from tests.drafts import promised

    def holds(draft: Invoice, result: Invoice) -> bool:
        assert result.totals is not None
        return result.totals.total_with_vat == promised(draft)

    return _property("gross", holds)


@figure("net-invoices", bar="any lines, allowances, charges: rules hold by the norm's formula, the result calculates to itself", item=5)
def net_invoices() -> Figure:
    from tests.arithmetic import strict

    return _property("net", lambda _, result: strict(result))


def _property(prices: Prices, holds: Callable[[Invoice, Invoice], bool]) -> Figure:
    from einvoice.calculation import calculate
    from tests.arithmetic import broken

    counts: Counter[str] = Counter()

    def measure(draft: Invoice) -> None:
        result = calculate(draft, prices=prices).invoice
        faults = [*broken(result), *([] if holds(draft, result) else ["promise"])]
        faults += [] if calculate(result).invoice == result else ["not itself"]
        counts.update(["invoices", *faults])

    _for_drafts(scaled(3000), measure)
    invoices = counts.pop("invoices")
    return Figure(f"{invoices} random invoices, faults: {dict(counts) or 'none'}", invoices > 0 and not counts)


def _for_drafts(count: int, measure: Callable[[Invoice], None]) -> None:
    """Hands random drafts over, the same in every run."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    from tests.drafts import drafts

    quick = settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    seed(5)(quick(given(drafts())(measure)))()


@figure("calculate-official", bar="the official CEN rules find no arithmetic rule broken, in UBL and CII, prices net and gross", item=5)
def official() -> Figure:
    from einvoice.calculation import calculate
    from einvoice.formats.syntax import Syntax
    from einvoice.formats.writer import write
    from tests.official import arithmetic
    from tests.stylesheets import Absent

    counts: Counter[str] = Counter()

    def measure(draft: Invoice) -> None:
        for prices in ("net", "gross"):
            result = calculate(draft, prices=prices).invoice
            for syntax in Syntax:
                counts.update(["runs", *arithmetic(write(result, syntax, profile="en16931"), syntax)])

    try:
        _for_drafts(scaled(150), measure)
    except Absent as error:
        raise NotMeasured(str(error)) from error
    runs = counts.pop("runs")
    return Figure(f"{runs} runs of the official rules, broken: {dict(counts) or 'none'}", runs > 0 and not counts)


@figure("calculate-speed", bar="10 lines in at most 1 ms, prices net; gross at most 2 ms", item=5)
def speed() -> Figure:
    from einvoice.calculation import calculate
    from tests.speed.clock import milliseconds

    draft = _draft(10)
    times = milliseconds({"net": lambda: calculate(draft), "gross": lambda: calculate(draft, prices="gross")})
    return Figure(f"net {times['net']:.2f} ms, gross {times['gross']:.2f} ms", times["net"] <= 1 and times["gross"] <= 2)


@figure("linear-calculate", bar="time per line at 10,000 at most 1.3 × that at 1,000", item=5)
def linear() -> Figure:
    from einvoice.calculation import calculate
    from tests.speed.clock import growth

    few, many = _draft(1000), _draft(10_000)
    texts, ratios = [], []
    gc.collect()
    gc.freeze()  # what else lives in this process is not what the collector should walk through here
    for prices in ("net", "gross"):
        ratio, spent = growth(partial(calculate, few, prices=prices), partial(calculate, many, prices=prices), 10)
        texts.append(f"{prices} {spent:.0f} ms for 10,000 lines, {ratio:.2f} × per line")
        ratios.append(ratio)
    gc.unfreeze()
    return Figure("; ".join(texts), max(ratios) <= 1.3)


def _draft(lines: int) -> Invoice:
    """A draft of that many lines at three rates."""
    from einvoice.model import Invoice, Line, LineVAT, Price

    rates = [LineVAT(category_code="S", rate=Decimal(rate)) for rate in (21, 12, 6)]
    parts = ((number % 23 + 1, Decimal(number * 367 % 9000 + 95) / 100, rates[number % 3]) for number in range(lines))
    made = tuple(Line(quantity=Decimal(quantity), price=Price(net=price), vat=vat) for quantity, price, vat in parts)
    return Invoice(currency_code="EUR", lines=made)
