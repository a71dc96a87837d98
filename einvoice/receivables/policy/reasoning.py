"""Which segment can be the first to hold, over all debtors there can be: exact, because each comparison has a constant.

The values of every variable fall into few cells (`cells`). The search takes one variable after another, simplifies what is left of the
segments for each of its cells, and remembers what it found for the same remainder, so that it looks at remainders, not at debtors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from einvoice.receivables.policy.cells import cells, plain, tests, truth
from einvoice.receivables.policy.expression import Always, And, Expression, ExpressionError, Not, Or, Test, Value
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.segmenting import shown

MOST = 100_000
"""Remainders looked at before the search gives up."""
TRUE, FALSE = Always(True), Always(False)

Witness = tuple[tuple[str, Value], ...]
_Left = tuple[tuple[int, Expression], ...]

_KNOWN = (
    "debtor.mean_days_late == null && debtor.late_share == null || debtor.mean_days_late != null && debtor.late_share != null",
    "debtor.late_share == null || debtor.late_share > 0 || debtor.mean_days_late == 0",
    "debtor.overdue == 0 && debtor.days_overdue == 0 || debtor.overdue > 0 && debtor.days_overdue > 0",
    "debtor.open_invoices > 0 || debtor.overdue == 0",
    "debtor.open_invoices > 0 || debtor.days_overdue == 0",
    "debtor.open_invoices > 0 || debtor.open <= 0",
    "party.customer_since == null || party.relation_days != null",
    "party.relation_days != null || debtor.invoices_per_year == 0",
)
"""What holds for every debtor, so that no gap is named which no debtor can fall into."""


class Outcomes(NamedTuple):
    """The places that can be the first to hold, each with what such a debtor is like (-1: none holds); `complete` if all were found."""

    found: dict[int, Witness]
    complete: bool


def outcomes(expressions: Sequence[Expression], given: Expression = TRUE) -> Outcomes:
    """Which of the expressions can be the first that holds for a debtor that fits `given`."""
    left = tuple(enumerate(map(plain, expressions)))
    fit = plain(given)
    asked = [test for _, each in (*left, (0, fit)) for test in tests(each)]
    known = And((fit, *_knowledge(asked)))
    search = _Search([*asked, *tests(known)])
    found = search.run(0, _shortened(left, None, None), _substituted(known, None, None))
    return Outcomes(found, search.looked < MOST)


def can_hold(expression: Expression) -> bool:
    """Whether it holds for any debtor at all; True where that cannot be told."""
    made = outcomes([expression])
    return 0 in made.found or not made.complete


def described(witness: Witness) -> str:
    """A debtor, by what is known of it."""
    facts = ", ".join(f"{variable} = {shown(variable, value)}" for variable, value in witness)
    return f"a debtor with {facts}" if facts else "any debtor"


def is_always(text: str) -> bool:
    """Whether an expression holds for every debtor; True too for one that means nothing, which is another fault."""
    try:
        made = outcomes([parse(text)])
    except ExpressionError:
        return True
    return -1 not in made.found and made.complete


def _knowledge(asked: Sequence[Test]) -> Iterator[Expression]:
    """What is known of the variables that are asked, and of no others."""
    variables = {test.variable for test in asked}
    for each in _facts():
        if {test.variable for test in tests(each)} <= variables:
            yield each
    yield from _at_most("debtor.invoices_per_year", "debtor.invoices", asked)
    if "debtor.open_invoices" in variables:  # a single open invoice that is overdue is all that is open
        several = Or((Test("debtor.open_invoices", "!=", 1), Test("debtor.overdue", "==", Decimal(0))))
        yield from (Or((several, each)) for each in _at_most("debtor.open", "debtor.overdue", asked))


def _at_most(small: str, large: str, asked: Sequence[Test]) -> Iterator[Expression]:
    """That one variable is never more than another, where both are asked, said of every constant that they are compared with."""
    if {small, large} <= {test.variable for test in asked}:
        for value in sorted({value for test in asked if test.variable in (small, large) for value in _constants(test)} | {0}):
            yield Or((Test(small, "<", value), Test(large, ">=", value)))
            yield Or((Test(small, "<=", value), Test(large, ">", value)))


@lru_cache(maxsize=1)
def _facts() -> tuple[Expression, ...]:
    return tuple(map(parse, _KNOWN))


def _constants(test: Test) -> Iterable[int | Decimal]:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    return (value for value in values if isinstance(value, int | Decimal))


class _Search:
    """Takes the variables in the order in which they are first asked."""

    def __init__(self, asked: Sequence[Test]) -> None:
        by_variable: dict[str, list[Test]] = {}
        for test in asked:
            by_variable.setdefault(test.variable, []).append(test)
        self.variables = [(name, cells(name, tests)) for name, tests in by_variable.items()]
        self.memory: dict[tuple[int, _Left, Expression], dict[int, Witness]] = {}
        self.looked = 0

    def run(self, place: int, left: _Left, known: Expression) -> dict[int, Witness]:
        """The outcomes of what is left of the segments, with what is left of what is known, from the variable at a place on."""
        if known == FALSE or self.looked >= MOST:
            return {}
        if known == TRUE and (not left or left[0][1] == TRUE):
            return {left[0][0] if left else -1: ()}
        key = (place, left, known)
        if key not in self.memory:
            self.looked += 1
            self.memory[key] = self._branched(place, left, known)
        return self.memory[key]

    def _branched(self, place: int, left: _Left, known: Expression) -> dict[int, Witness]:
        name, values = self.variables[place]
        remainders: dict[tuple[_Left, Expression], Value] = {}
        for value in values:
            remainders.setdefault((_shortened(left, name, value), _substituted(known, name, value)), value)
        made: dict[int, Witness] = {}
        for (rest, rest_known), value in remainders.items():
            for outcome, witness in self.run(place + 1, rest, rest_known).items():
                made.setdefault(outcome, witness if len(remainders) == 1 else ((name, value), *witness))
        return made


def _shortened(left: _Left, name: str | None, value: Value) -> _Left:
    """What is left of the segments once a variable has a value: those that can still hold, up to the first that does."""
    made: list[tuple[int, Expression]] = []
    for place, expression in left:
        rest = _substituted(expression, name, value)
        if rest != FALSE:
            made.append((place, rest))
        if rest == TRUE:
            break
    return tuple(made[:1]) if made and made[0][1] == TRUE else tuple(made)


def _substituted(expression: Expression, name: str | None, value: Value) -> Expression:
    """The expression with a variable's value filled in, as short as that makes it."""
    if isinstance(expression, Test):
        return Always(truth(expression, value)) if expression.variable == name else expression
    if isinstance(expression, Not):
        part = _substituted(expression.part, name, value)
        return Always(not part.value) if isinstance(part, Always) else Not(part)
    if isinstance(expression, Always):
        return expression
    end = Always(isinstance(expression, Or))  # one such part decides
    parts: dict[Expression, None] = {}
    for each in expression.parts:
        part = _substituted(each, name, value)
        if part == end:
            return end
        if not isinstance(part, Always):
            parts[part] = None
    if len(parts) > 1:
        return type(expression)(tuple(parts))
    return next(iter(parts), Always(not end.value))
