"""What may be claimed of a late debt besides its principal: interest and costs, and what stands in their way."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from einvoice.money import ZERO, rounded
from einvoice.receivables.actions import Note
from einvoice.receivables.law.calendar import after_months
from einvoice.receivables.law.costs import costs, vat
from einvoice.receivables.law.debt import Debt, agreed_amount
from einvoice.receivables.law.interest import Interest, Rate, Terms, interest
from einvoice.receivables.law.pack import Basis, CostRule, Debtors, InterestRule, Pack
from einvoice.receivables.law.rates import Row, Table

_DAY = timedelta(days=1)
_NONE = Interest((), ZERO)
WANTED = {
    "warned": ("not-stated", "that the invoice states rate and costs and warns of default (contract: warned)"),
    "contract": ("not-agreed", "that a term of the contract says so (contract: costs)"),
    "notice": ("notice-first", "that the statutory notice was given and its term has ended"),
}


class Earned(NamedTuple):
    """Interest of a debt, since when, and the notes that go with it."""

    interest: Interest
    first: date | None = None
    notes: tuple[Note, ...] = ()


class Incurred(NamedTuple):
    """Costs of a debt without and their VAT, from which day they may be charged, and the notes that go with them."""

    amount: Decimal
    vat: Decimal
    since: date | None = None
    notes: tuple[Note, ...] = ()


def earned(pack: Pack, debt: Debt) -> Earned:
    """Interest through the debt's `until`."""
    rule = _debtors(pack, debt).interest
    if rule is None or pack.counting is None:
        return Earned(_NONE)
    first, notes = _begins(rule, debt)
    if first is None or first > debt.until:
        return Earned(_NONE, None, notes)
    try:
        terms, more = _terms(pack, rule, debt)
    except ValueError:
        return Earned(_NONE, None, (*notes, _unreadable("interest", rule.basis.source)))
    found = interest(terms, debt.movements or debt.principal, first, debt.until)
    return Earned(found, first, (*notes, *more, *(_unknown(terms.table, *days) for days in found.unknown)))


def incurred(pack: Pack, debt: Debt, amount: Decimal | None = None) -> Incurred:
    """Costs of the principal now; `amount` is its share where debts are added up."""
    rule = _debtors(pack, debt).costs
    if rule is None:
        return Incurred(ZERO, ZERO)
    if debt.currency != pack.currency:
        text = f"costs are fixed in {pack.currency}, not in {debt.currency}"
        return Incurred(ZERO, ZERO, None, (Note("currency", text, str(rule.basis)),))
    since, notes = costs_since(rule, debt)
    if since is None or since > debt.until:
        return Incurred(ZERO, ZERO, None, notes)
    try:
        agreed = agreed_amount(debt.contract, "costs", debt.principal)
    except ValueError:
        return Incurred(ZERO, ZERO, None, (_unreadable("costs", rule.basis.source),))
    amount = costs(rule, debt.principal) if amount is None else amount
    amount = amount if agreed is None else min(amount, rounded(agreed))
    return Incurred(amount, vat(rule, amount, deducts=debt.deducts_vat), since, notes)


def costs_since(rule: CostRule, debt: Debt) -> tuple[date | None, tuple[Note, ...]]:
    """The first day on which costs may be charged; None where the law wants something first."""
    since = debt.due + _DAY
    needs = (rule.needs, "notice") if rule.after == "notice" else (rule.needs,)
    wanted = tuple(need for need in needs if need and not _has(debt, need))
    notes = _wanted(wanted, "costs", rule.basis, debt.presumed) if wanted else ()
    if wanted and not debt.presumed:
        return None, notes
    if rule.after == "notice" and debt.ends is not None:
        since = max(since, debt.ends + _DAY)
        if since > debt.until:
            notes = (*notes, Note("notice-first", f"nothing is charged through {debt.ends}", str(rule.basis), debt.ends))
    return (None, notes) if since < rule.basis.since else (since, notes)


def _begins(rule: InterestRule, debt: Debt) -> tuple[date | None, tuple[Note, ...]]:
    """The first day that bears interest, by the way that opens first."""
    ways = [day for start in rule.starts if debt.says(start.needs) and (day := _anchor(start.after, start.months, start.days, debt))]
    if ways:
        return max(min(ways), debt.due, rule.basis.since - _DAY) + _DAY, ()
    notes = _wanted(tuple(start.needs or start.after for start in rule.starts), "interest", rule.basis, debt.presumed)
    return (max(debt.due, rule.basis.since - _DAY) + _DAY if debt.presumed else None), notes


def _anchor(after: str, months: int, days: int, debt: Debt) -> date | None:
    day = {"due": debt.due, "issued": debt.issued, "notice": debt.ends}[after]
    return day if day is None or not (months or days) else after_months(day, months) + timedelta(days=days)


def _terms(pack: Pack, rule: InterestRule, debt: Debt) -> tuple[Terms, tuple[Note, ...]]:
    """The table and rate that count: the law's, or the contract's as far as the law lets it."""
    assert pack.counting is not None
    table, divisor = pack.tables[rule.table], pack.counting.divisor
    agreed = agreed_amount(debt.contract, "interest")
    if agreed is None:
        return Terms(table, divisor, pack.counting.yearly, debt.currency, _older(rule, debt)), ()
    if rule.cap is None:
        return Terms(agreed_table(agreed), divisor, False, debt.currency), _below_floor(pack, rule, agreed, debt.until)
    cap = pack.tables[rule.cap]
    return Terms(cap, divisor, False, debt.currency, lambda most, _: min(agreed, most)), ()


def _older(rule: InterestRule, debt: Debt) -> Rate | None:
    older = rule.older
    if older is None or debt.issued >= older.before:
        return None
    return lambda rate, day: rate - older.less if day >= older.basis.since else rate


@lru_cache(maxsize=256)
def agreed_table(rate: Decimal) -> Table:
    """A contract's rate as a table."""
    return Table("contract", "agreed rate", [Row(date.min, rate, "the contract", "primary")], None)


def _below_floor(pack: Pack, rule: InterestRule, agreed: Decimal, day: date) -> tuple[Note, ...]:
    floor = rule.floor
    row = floor and pack.tables[floor.table].on(day)
    if floor is None or row is None or agreed >= floor.times * row.rate:
        return ()
    text = f"the agreed {agreed} % is below {floor.times * row.rate} %, the least that a contract may say"
    return (Note("below-floor", text, str(floor.basis)),)


def _debtors(pack: Pack, debt: Debt) -> Debtors:
    return pack.debtors.get(debt.kind, _NOBODY)


def _has(debt: Debt, need: str) -> bool:
    return debt.ends is not None if need == "notice" else debt.says(need)


@lru_cache(maxsize=1024)
def _wanted(needs: tuple[str, ...], what: str, basis: Basis, presumed: bool) -> tuple[Note, ...]:
    how = f"{what} from the day after the due date, presuming" if presumed else f"no {what}: the law wants"
    return tuple(Note(code, f"{how} {text}", str(basis)) for code, text in (WANTED[need] for need in needs))


def _unreadable(key: str, source: str) -> Note:
    return Note("contract-unreadable", f"the contract's {key} is no number from 0 on; correct it, nothing is claimed meanwhile", source)


def _unknown(table: Table, first: date, last: date) -> Note:
    text = f"no rate is known for {first} through {last}, so no interest is claimed for these days; update the tables"
    return Note("rate-unknown", text, table.title)


_NOBODY = Debtors(None, None, None)
