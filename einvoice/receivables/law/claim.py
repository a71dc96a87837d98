"""A claim line by line: the principal, each period of interest, costs, VAT, total, each with its law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO, rounded
from einvoice.receivables.actions import Note
from einvoice.receivables.law.claiming import Incurred, earned, incurred
from einvoice.receivables.law.debt import Debt
from einvoice.receivables.law.interest import Interest
from einvoice.receivables.law.laws import Laws
from einvoice.receivables.law.pack import Basis, Pack
from einvoice.receivables.law.wording import days_text, tier_text


class Line(NamedTuple):
    """A line of a claim: what it is (principal, interest, costs, vat, total), its amount and law; of interest also days and rate."""

    what: str
    text: str
    amount: Decimal
    law: str | None = None
    confidence: str | None = None
    first: date | None = None
    last: date | None = None
    days: int | None = None
    rate: Decimal | None = None
    base: Decimal | None = None


class Claim(NamedTuple):
    """What is claimed of a debt through `until`, that day included; `rates` is the SHA-256 of the tables.

    `lines` add up to `total`; `notes` say what stands in the way or was presumed.
    """

    country: str
    kind: str
    currency: str
    due: date
    until: date
    principal: Decimal
    interest: Decimal
    costs: Decimal
    vat: Decimal
    total: Decimal
    lines: tuple[Line, ...]
    notes: tuple[Note, ...]
    rates: str


def claim(laws: Laws, country: str, debt: Debt) -> Claim:
    """The claim by the law of the debtor's country; of an unknown country only the principal."""
    pack = laws.packs.get(country)
    if pack is None or debt.kind not in pack.debtors:
        text = f"no statutory claim is known against {debt.kind} debtors in {country}; a file with its law would mend that"
        return _made(laws, country, debt, Interest((), ZERO), Incurred(ZERO, ZERO), (), (Note("unknown-country", text),))
    interest, costs = earned(pack, debt), incurred(pack, debt)
    lines = (*_interest_lines(interest.interest), *_cost_lines(pack, debt, costs))
    notes = tuple(dict.fromkeys((*interest.notes, *costs.notes)))
    return _made(laws, country, debt, interest.interest, costs, lines, notes)


def _made(
    laws: Laws, country: str, debt: Debt, interest: Interest, costs: Incurred, lines: tuple[Line, ...], notes: tuple[Note, ...]
) -> Claim:
    principal = rounded(debt.principal, debt.currency)
    total = principal + interest.total + costs.amount + costs.vat
    ends = (Line("principal", "principal", principal), *lines, Line("total", f"total through {debt.until}", total))
    sums = (principal, interest.total, costs.amount, costs.vat, total)
    return Claim(country, debt.kind, debt.currency, debt.due, debt.until, *sums, ends, notes, laws.rates)


def _interest_lines(found: Interest) -> Iterator[Line]:
    for each in found.lines:
        facts = (each.row.source, each.row.confidence, each.first, each.last, each.days, each.rate, each.base)
        yield Line("interest", f"interest: {days_text(each)}", each.amount, *facts)


def _cost_lines(pack: Pack, debt: Debt, found: Incurred) -> Iterator[Line]:
    rule = pack.debtors[debt.kind].costs
    if rule is None or not found.amount:
        return
    yield _line("costs", f"costs: {tier_text(rule, debt.principal)}", found.amount, rule.basis)
    if rule.vat is not None and found.vat:
        yield _line("vat", f"VAT on costs: {rule.vat.rate} %", found.vat, rule.vat.basis)


def _line(what: str, text: str, amount: Decimal, basis: Basis) -> Line:
    return Line(what, text, amount, basis.source, basis.confidence)
