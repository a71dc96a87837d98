"""What follows from expressions alone."""

from __future__ import annotations

from einvoice.receivables.policy.expression import Always, ExpressionError
from einvoice.receivables.policy.parsing import parse


def is_always(text: str) -> bool:
    """Whether an expression holds for every debtor; True too for one that means nothing, which is another fault."""
    try:
        return parse(text) == Always(True)
    except ExpressionError:
        return True
