"""Where an amount comes from: one step per calculated term, in the order of the calculation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

SHOWN = 8  # amounts that a formula spells out; of a longer sum it names the number


@dataclass(frozen=True, slots=True)
class Step:
    """One calculated value: its business term, where it stands in the invoice, how it came about, and the rule behind it."""

    term: str
    path: str
    formula: str
    value: Decimal
    rule: str

    def __str__(self) -> str:
        value = f"{self.value:f}"
        return f"{self.path} ({self.term}) = {value if self.formula == value else f'{self.formula} = {value}'} [{self.rule}]"


def plus(amounts: Sequence[Decimal]) -> str:
    """A sum as text: `10.00 + 2.50 − 1.00`."""
    if not amounts:
        return "0"
    if len(amounts) > SHOWN:
        return f"{plus(amounts[:2])} + … ({len(amounts)} amounts)"
    return f"{amounts[0]:f}" + "".join(f" {'−' if amount < 0 else '+'} {abs(amount):f}" for amount in amounts[1:])
