"""Calculating: a draft with lines, prices and VAT rates becomes an invoice whose every amount adds up.

`calculate(draft)` fills in what is missing, verifies what is stated and says in `steps` where each amount comes from.
`recalculate(invoice)` does the same with an invoice that is complete, and lists where it comes to another amount.
"""

from einvoice.calculation.calculator import Calculated, Prices, calculate
from einvoice.calculation.recalculation import Difference, Recalculated, recalculate, stripped
from einvoice.calculation.rounding import TOLERANCES, Rounding, Tolerance
from einvoice.calculation.steps import Step

__all__ = [
    "TOLERANCES", "Calculated", "Difference", "Prices", "Recalculated", "Rounding", "Step", "Tolerance",
    "calculate", "recalculate", "stripped",
]  # fmt: skip
