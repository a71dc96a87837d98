"""Schedules of payment plans: terms that sum to the debt to the cent, within the policy's limits. No database here."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from typing import NamedTuple, Protocol

from einvoice.errors import ReceivablesError
from einvoice.money import ZERO, rounded
from einvoice.receivables.policy.model import Policy

NOTICE = 7
"""Days that the first term lies ahead at least."""


class Term(NamedTuple):
    """One term: the day on which it is due, and its amount with VAT in the plan's currency."""

    due: date
    amount: Decimal


class Payer(Protocol):
    """Whoever has a pay day, the day of the month on which it pays, or None: a snapshot or a row of the debtor."""

    @property
    def pay_day(self) -> int | None:
        """From 1 to 31; a shorter month has its last day instead."""


def proposal(policy: Policy, debtor: Payer, total: Decimal, day: date, currency: str | None = None) -> tuple[Term, ...] | None:
    """The schedule that asks least at a time within the limits: as many terms as they allow, monthly, on the debtor's pay day.

    `currency` is the policy's unless told. None where the limits leave no two terms. Raises ReceivablesError where the policy has no
    rate for the currency.
    """
    limits, currency = policy.payment_plans, currency or policy.currency
    most = min(limits.max_instalments, int(total / _least(policy, currency)))
    first = _first(debtor.pay_day, day + timedelta(NOTICE))
    anchor = debtor.pay_day or first.day
    dues = [due for due in (_later(first, months, anchor) for months in range(most)) if (due - day).days <= limits.max_days]
    if len(dues) < 2:
        return None
    return tuple(Term(due, amount) for due, amount in zip(dues, split(total, len(dues), currency), strict=True))


def split(total: Decimal, count: int, currency: str) -> tuple[Decimal, ...]:
    """A total in `count` parts that sum to it exactly; the first parts carry the units of the currency that are left over."""
    unit = _unit(currency)
    units, rest = divmod(int(total / unit), count)
    if units * count + rest != total / unit:
        raise ReceivablesError(f"{total} is finer than {currency} is paid in; round it first")
    return tuple((units + (number < rest)) * unit for number in range(count))


def checked(terms: Sequence[Term], total: Decimal, policy: Policy, day: date, currency: str) -> tuple[Term, ...]:
    """The terms, where they are a plan within the limits that pays exactly the total.

    Raises ReceivablesError naming the limit and the term.
    """
    limits, least, last = policy.payment_plans, _least(policy, currency), day + timedelta(policy.payment_plans.max_days)
    if not 1 <= len(terms) <= limits.max_instalments:
        raise ReceivablesError(f"{len(terms)} terms; the policy allows 1 to {limits.max_instalments} (payment_plans.max_instalments)")
    for number, (term, before) in enumerate(zip(terms, (None, *terms), strict=False), 1):
        if term.amount < least or rounded(term.amount, currency) != term.amount:
            raise ReceivablesError(f"term {number} is {term.amount}; the least is {least} {currency} (payment_plans.min_instalment)")
        if not (before.due if before else day) < term.due <= last:
            raise ReceivablesError(
                f"term {number} is due {term.due}; terms follow each other, after {day} and until {last} (payment_plans.max_days)"
            )
    added = sum((term.amount for term in terms), ZERO)
    if added != total:
        raise ReceivablesError(f"the terms add up to {added}, the debt is {total} {currency}; correct the terms by {total - added}")
    return tuple(terms)


def is_small(policy: Policy, total: Decimal, currency: str) -> bool:
    """Whether a plan over this total needs nobody's approval. Raises ReceivablesError where the policy has no rate for the currency."""
    return total * _rate(policy, currency) < policy.payment_plans.auto_approve_below


def allocated(amounts: Sequence[Decimal], paid: Decimal) -> tuple[Decimal, ...]:
    """What was paid, over the terms in their order; what is more than all of them is left out."""
    shares = []
    for amount in amounts:
        shares.append(min(amount, paid))
        paid -= shares[-1]
    return tuple(shares)


def _least(policy: Policy, currency: str) -> Decimal:
    """The least instalment in a currency, rounded up to what it is paid in."""
    least, unit = policy.payment_plans.min_instalment / _rate(policy, currency), _unit(currency)
    return max(unit, (least / unit).to_integral_value(ROUND_UP) * unit)


def _rate(policy: Policy, currency: str) -> Decimal:
    if currency == policy.currency:
        return Decimal(1)
    if currency not in policy.exchange:
        raise ReceivablesError(f"the policy has no rate for {currency}; add exchange: {{{currency}: {{rate: …, on: …}}}}")
    return policy.exchange[currency].rate


def _unit(currency: str) -> Decimal:
    """The smallest unit that a currency is paid in."""
    return next(unit for unit in map(Decimal, ("0.001", "0.01", "1")) if rounded(unit, currency) == unit)


def _first(pay_day: int | None, earliest: date) -> date:
    if pay_day is None:
        return earliest
    this = _in_month(earliest.year, earliest.month, pay_day)
    return this if this >= earliest else _later(earliest.replace(day=1), 1, pay_day)


def _later(first: date, months: int, day: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return _in_month(first.year + years, month + 1, day)


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
