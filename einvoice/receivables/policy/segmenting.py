"""The segment of a debtor: the first whose expression holds, with what it looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from einvoice.errors import PolicyError
from einvoice.receivables.actions import Note
from einvoice.receivables.policy.compiled import first_of
from einvoice.receivables.policy.expression import Always, And, Expression, Not, Or, Test, Value
from einvoice.receivables.policy.facts import Asking, NoRate, fact
from einvoice.receivables.policy.model import Policy, Segment, Step
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.vocabulary import VARIABLES
from einvoice.receivables.snapshot import DebtorSnapshot

OTHERS = "every debtor that no segment before it takes"


class Chosen(NamedTuple):
    """The segment of a debtor by its id, and the name of its flow; `because` is worked out when it is asked for."""

    segment: str
    flow: str
    policy: Policy
    debtor: DebtorSnapshot
    day: date

    @property
    def because(self) -> str:
        """What of the debtor decided, such as `party.kind = b2b, debtor.open = 12,400.00 > 10,000.00`."""
        return because(self.policy, self.segment, self.debtor, self.day)


class _Ready(NamedTuple):
    """A policy with its segments compiled."""

    first: Callable[[Asking], int]
    segments: tuple[Segment, ...]
    currency: str
    rates: dict[str, Decimal]


@lru_cache(maxsize=64)
def _ready(policy: Policy) -> _Ready:
    return _Ready(first_of([parse(each.when) for each in policy.segments]), policy.segments, policy.currency, rates(policy))


def rates(policy: Policy) -> dict[str, Decimal]:
    """What one unit of each currency is worth in the policy's."""
    return {currency: each.rate for currency, each in policy.exchange.items()}


def segment(policy: Policy, debtor: DebtorSnapshot, day: date) -> Chosen | Note:
    """The first segment of the policy that takes the debtor on a day.

    A `Note` with code `no-rate` where a segment asks for an amount in a currency that the policy has no rate for: the debtor is then
    held (`Held` with this note), because no segment can be told. Raises PolicyError where no segment takes the debtor, which
    `load` rules out: a catch-all is compulsory.
    """
    ready = _ready(policy)
    try:
        place = ready.first(Asking(debtor, day, ready.currency, ready.rates))
    except NoRate as missing:
        return no_rate(policy, missing.currency)
    if place < 0:
        raise PolicyError(f'no segment of policy {policy.name} takes debtor {debtor.key}; end the segments with `when: "true"`')
    each = ready.segments[place]
    return Chosen(each.id, each.flow, policy, debtor, day)


def no_rate(policy: Policy, currency: str) -> Note:
    """Why a debtor with invoices in a currency waits."""
    mend = f"add `exchange: {{{currency}: {{rate: …, on: …}}}}` to policy {policy.name}"
    return Note("no-rate", f"the policy has no rate from {currency} to {policy.currency}, so the segment cannot be told; {mend}")


def skipped(policy: Policy, step: Step, debtor: DebtorSnapshot, day: date, no_call: Callable[[str], bool]) -> frozenset[str] | Note:
    """The channels that a step leaves out for a debtor (`skip_channels_when`); `no_call` answers for a country, as the law does.

    A `Note` with code `no-rate` where an expression asks for an amount without a rate: hold the debtor.
    """
    asking = Asking(debtor, day, policy.currency, rates(policy), no_call)
    try:
        return frozenset(channel for channel, when in step.skip_channels_when.items() if holds(parse(when, step=True), asking))
    except NoRate as missing:
        return no_rate(policy, missing.currency)


@lru_cache(maxsize=1024)
def _alone(expression: Expression) -> Callable[[Asking], int]:
    return first_of([expression])


def holds(expression: Expression, asking: Asking) -> bool:
    """Whether an expression holds. Raises NoRate."""
    return _alone(expression)(asking) == 0


def because(policy: Policy, name: str, debtor: DebtorSnapshot, day: date) -> str:
    """What of the debtor the segment of that id looked at, with the values compared."""
    expression = parse(next(each.when for each in policy.segments if each.id == name))
    asking = Asking(debtor, day, policy.currency, rates(policy))
    parts = dict.fromkeys(_reasons(expression, asking, holding=True))
    telling = [part for part in parts if not any(other.startswith(f"{part} ") for other in parts)]
    return ", ".join(telling) or OTHERS


def _reasons(expression: Expression, asking: Asking, *, holding: bool) -> list[str]:
    """The comparisons that make an expression true (or false): all that are needed, one where one is enough."""
    if isinstance(expression, Always):
        return []
    if isinstance(expression, Test):
        return [_reason(expression, asking, holding=holding)]
    if isinstance(expression, Not):
        return _reasons(expression.part, asking, holding=not holding)
    if isinstance(expression, And) == holding:
        return [reason for part in expression.parts for reason in _reasons(part, asking, holding=holding)]
    assert isinstance(expression, And | Or)
    decisive = next(part for part in expression.parts if holds(part, asking) == holding)
    return _reasons(decisive, asking, holding=holding)


def _reason(test: Test, asking: Asking, *, holding: bool) -> str:
    value = fact(test.variable, asking)
    known = f"{test.variable} = {shown(test.variable, value)}"
    if value is None or test.value is None or (holding and (test.operator == "==" or isinstance(test.value, bool))):
        return known
    wanted = (
        ", ".join(shown(test.variable, each) for each in test.value) if isinstance(test.value, tuple) else shown(test.variable, test.value)
    )
    operator = test.operator if holding else _OPPOSITE[test.operator]
    return f"{known} {operator} {wanted}"


_OPPOSITE = {"==": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in"}


def shown(variable: str, value: Value) -> str:
    """A value as the explanation writes it."""
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    kind = VARIABLES[variable].type
    if kind == "amount":
        return f"{value:,.2f}"
    return f"{value:.2f}" if kind == "share" else "there" if kind == "presence" else str(value)
