"""The computation of interest and costs as text, one line a figure, each with its law."""

from __future__ import annotations

from decimal import Decimal

from einvoice.money import ZERO
from einvoice.receivables.law.costs import tier_of
from einvoice.receivables.law.debt import Debt
from einvoice.receivables.law.interest import Interest, Line
from einvoice.receivables.law.pack import MARKS, CostRule


def interest_lines(found: Interest, currency: str, booked: Decimal = ZERO) -> tuple[str, ...]:
    """Each period with its days and rate, then what was booked before."""
    lines = tuple(interest_line(line, currency) for line in found.lines)
    return (*lines, f"booked before: -{booked} {currency}") if booked else lines


def interest_line(line: Line, currency: str) -> str:
    """One period: days, rate, principal, amount, law."""
    when = f"{line.first.isoformat()} through {line.last.isoformat()}"
    law = f"{line.row.source} {MARKS[line.row.confidence]}"
    return f"{when}: {days_text(line)}: {line.amount} {currency} ({law})"


def days_text(line: Line) -> str:
    """The days, the rate, and of what."""
    earlier = f", of which {_cents(line.earlier)} interest of earlier years" if line.earlier else ""
    return f"{line.days} day{'s' * (line.days != 1)} at {line.rate} % of {_cents(line.base)}{earlier}"


def costs_lines(rule: CostRule, debt: Debt, amount: Decimal, tax: Decimal) -> tuple[str, ...]:
    """How the costs follow from the principal, then their VAT."""
    first = f"costs of {_cents(debt.principal)}: {tier_text(rule, debt.principal)}: {amount} {debt.currency} ({rule.basis})"
    if not tax or rule.vat is None:
        return (first,)
    return (first, f"VAT {rule.vat.rate} % of {amount}: {tax} {debt.currency} ({rule.vat.basis})")


def tier_text(rule: CostRule, principal: Decimal) -> str:
    """The tier that counts: fixed amount, percent above what, least and most."""
    tier = tier_of(rule, principal)
    parts = [str(tier.fixed)] if tier.fixed else []
    parts += [f"{tier.percent} % above {tier.above}" if tier.above else f"{tier.percent} %"] if tier.percent else []
    limits = [f"at least {rule.least}"] if rule.least else []
    limits += [f"at most {rule.most}"] if rule.most is not None else []
    return ", ".join([" + ".join(parts), *limits])


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"
