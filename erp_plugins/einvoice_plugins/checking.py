"""Where a record contradicts itself or the ledger: each a value with a code, the place, what is stated and what would fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import rounded
from einvoice_plugins import taxing
from einvoice_plugins.records import NOTHING, Line, Record, Tax, Treatment

_Key = tuple[str | None, Decimal | None]


class Mismatch(NamedTuple):
    """What does not fit: `code` for programs and words (`posting`), `term` the business term, `at` the line from 1, 0 the document.

    `stated` is what the ERP says, `fitting` what its other figures would make.
    """

    code: str
    term: str
    at: int = 0
    stated: Decimal | None = None
    fitting: Decimal | None = None


def mismatches(record: Record) -> tuple[Mismatch, ...]:
    """Everything in which a record does not add up, lines first."""
    by_line = [found for number, line in enumerate(record.lines, 1) for found in _of_line(record, line, number)]
    return (*by_line, *_of_taxes(record), *_of_totals(record))


def _of_line(record: Record, line: Line, number: int) -> Iterator[Mismatch]:
    yield from _of_rules(line.taxes, number)
    if line.per <= 0:
        yield Mismatch("line-per", "BT-149", number, line.per)
        return
    exact = line.quantity * line.price / line.per + sum((item.amount for item in line.adjustments), NOTHING)
    if abs(exact - line.net) > _half_unit(record.currency):
        yield Mismatch("line-net", "BT-131", number, line.net, rounded(exact, record.currency))


def _of_rules(taxes: tuple[Tax, ...], number: int) -> Iterator[Mismatch]:
    """EN 16931 has exactly one VAT category a line, and a reason where an exemption is claimed."""
    if len(taxes) != 1:
        yield Mismatch("line-taxes", "BT-151", number, Decimal(len(taxes)), Decimal(1))
    for tax in taxes:
        yield from _of_rule(tax, number)


def _of_rule(tax: Tax, number: int) -> Iterator[Mismatch]:
    found = taxing.treatment(tax)
    if found is None:
        yield Mismatch("tax-category", "BT-151", number, tax.rate)
    elif found not in taxing.CHARGED and tax.rate != 0:
        yield Mismatch("tax-rate", "BT-152", number, tax.rate, NOTHING)
    elif found is Treatment.EXEMPT and not (tax.exemption or tax.notice):
        yield Mismatch("tax-reason", "BT-120", number)


def _of_taxes(record: Record) -> Iterator[Mismatch]:
    """The posted bases against the lines', tax by tax."""
    bases: dict[_Key, Decimal] = defaultdict(Decimal)
    for line in record.lines:
        for tax in line.taxes[:1]:
            bases[_key(tax)] += line.net
    for item in record.adjustments:
        yield from _of_rules(item.taxes, 0)
        for tax in item.taxes[:1]:
            bases[_key(tax)] += item.amount
    posted: dict[_Key, Decimal] = defaultdict(Decimal)
    for each in record.taxes:
        yield from _of_rule(each.tax, 0)
        posted[_key(each.tax)] += each.base
    for key in {**bases, **posted}:
        if posted[key] != bases[key] or (key in bases) != (key in posted):
            yield Mismatch("tax-base", "BT-116", 0, posted[key], bases[key])


def _of_totals(record: Record) -> Iterator[Mismatch]:
    ledger = record.ledger
    lines = sum((line.net for line in record.lines), NOTHING) + sum((item.amount for item in record.adjustments), NOTHING)
    taxes = sum((each.amount for each in record.taxes), NOTHING)
    with_tax = ledger.untaxed + ledger.tax
    payable = with_tax + ledger.rounding - ledger.prepaid
    for code, term, stated, fitting in (
        ("untaxed", "BT-109", ledger.untaxed, lines),
        ("tax", "BT-110", ledger.tax, taxes),
        ("total", "BT-112", ledger.total, with_tax + ledger.rounding),
        ("payable", "BT-115", ledger.open, payable),
    ):
        if stated != fitting:
            yield Mismatch(code, term, 0, stated, fitting)
    if ledger.home not in (None, record.currency) and ledger.home_tax is None:
        yield Mismatch("home-tax", "BT-111")
    if record.credits and ledger.total > 0:
        yield Mismatch("sign", "BT-3", 0, ledger.total)


def _key(tax: Tax) -> _Key:
    return taxing.category(tax), taxing.rate(tax)


def _half_unit(currency: str) -> Decimal:
    """Half the smallest unit of a currency: an ERP may round to it half up or half to even."""
    exponent = rounded(Decimal(1), currency).as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(5).scaleb(exponent - 1)
