"""The sheet that a calculation is written on: it rounds, holds stated amounts against calculated ones, and keeps the steps."""

from __future__ import annotations

from decimal import Context, Decimal

from einvoice.calculation.rounding import Rounding
from einvoice.calculation.steps import Step
from einvoice.errors import CalculationError, Contradiction

ZERO = Decimal(0)
CONTEXT = Context(prec=60)  # exact to the cent for amounts of up to 50 digits, whatever the caller's own context is


class Sheet:
    """One calculation in the making."""

    __slots__ = ("_quantum", "_steps", "rounding")

    def __init__(self, rounding: Rounding) -> None:
        self.rounding = rounding
        self._steps: list[Step] = []
        self._quantum = Decimal(1).scaleb(-rounding.places)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was calculated, in order."""
        return tuple(self._steps)

    @property
    def cent(self) -> Decimal:
        """The smallest amount."""
        return self._quantum

    def round(self, value: Decimal) -> Decimal:
        """The value as an amount."""
        return value.quantize(self._quantum, self.rounding.mode)

    def step(self, term: str, path: str, formula: str, value: Decimal, rule: str) -> Decimal:
        """Notes where a value comes from."""
        self._steps.append(Step(term, path, formula, value, rule))
        return value

    def stated(self, value: Decimal, term: str, path: str) -> Decimal:
        """A stated amount, written with the decimals an amount has.

        Raises CalculationError where it has more: to round it silently would make it another amount.
        """
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -self.rounding.places:
            return value
        amount = self.round(value)
        if amount != value:
            text = f"{path} ({term}) is {value:f}: an amount has {self.rounding.places} decimals; round it"
            raise CalculationError(text, term=term, path=path)
        return amount

    def settle(
        self, term: str, path: str, stated: Decimal | None, exact: Decimal, formula: str, rule: str, *, slack: Decimal = ZERO
    ) -> Decimal:
        """The amount of a term: the calculated one, or the stated one if it differs by no more than the slack.

        Raises Contradiction where it differs by more.
        """
        value = self.round(exact)
        if stated is not None:
            stated = self.stated(stated, term, path)
            if stated != value:
                if abs(stated - exact) > slack:
                    raise Contradiction(term=term, path=path, given=stated, calculated=value)
                formula, value = f"{formula} ≈ {value:f}, stated", stated
        self._steps.append(Step(term, path, formula, value, rule))
        return value


def missing(path: str, term: str, mend: str) -> CalculationError:
    """The error of a value without which nothing can be calculated."""
    return CalculationError(f"{path} ({term}) is missing; {mend}", term=term, path=path)
