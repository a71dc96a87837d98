"""What all decisions of one day share: policy, law, calendar, flows, what the policy says of segments and experiments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from einvoice.receivables.actions import Held
from einvoice.receivables.law.ruling import Law
from einvoice.receivables.planning.calendar import Calendar
from einvoice.receivables.planning.steps import Line, tables_of
from einvoice.receivables.policy import Policy
from einvoice.receivables.policy.experiments import arm
from einvoice.receivables.policy.expression import And, Expression, Not, Or, Test
from einvoice.receivables.policy.model import Step
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.snapshot import DebtorSnapshot


class Morning:
    """One day of planning."""

    def __init__(self, policy: Policy, law: Law, day: date, held: Callable[[Held], None] | None, now: datetime | None) -> None:
        self.policy = policy
        self.law = law
        self.day = day
        self.now = now
        self.held = held
        self.calendar = Calendar(policy, law)
        self.tables = tables_of(policy)
        self.rates = law.rates
        self.policy_hash = policy.hash
        self.manual = policy.entry == "manual"
        self.claims = policy.costs.get("regime", "by_law") == "by_law"
        self.scored = frozenset(segment.id for segment in policy.segments if "party.score" in variables(segment.when))
        self.exchange = {policy.currency: Decimal(1), **{currency: each.rate for currency, each in policy.exchange.items()}}

    def as_arm(self, line: Line, debtor: DebtorSnapshot) -> tuple[str | None, Step]:
        """The arm of the experiment that a debtor is in, and the step as it is there; no name where no experiment changes it."""
        found = arm(self.policy, line.flow, line.step, debtor.key) if self.policy.experiments else None
        return found or (None, line.step)

    def worth(self, amount: Decimal, currency: str) -> Decimal | None:
        """An amount in the policy's currency; None where the policy has no rate."""
        rate = self.exchange.get(currency)
        return None if rate is None else amount * rate


@lru_cache(maxsize=1024)
def variables(when: str) -> frozenset[str]:
    """What an expression of the policy asks of a debtor."""
    return frozenset(_asked(parse(when)))


def _asked(expression: Expression) -> set[str]:
    if isinstance(expression, Test):
        return {expression.variable}
    if isinstance(expression, And | Or):
        return {name for part in expression.parts for name in _asked(part)}
    return _asked(expression.part) if isinstance(expression, Not) else set()
