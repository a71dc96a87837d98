"""The values of a variable, cut into cells within which no comparison of a policy tells a difference."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from einvoice.receivables.policy.expression import Always, And, Expression, Not, Or, Test, Value
from einvoice.receivables.policy.vocabulary import FREQUENT_FROM, LOYAL_FROM, NEW_BELOW, VARIABLES, Variable

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, values: value in values,
}


def truth(test: Test, value: Value) -> bool:
    """Whether a comparison holds for a value: never where the value is null, unless null is what it is compared with."""
    if test.value is None:
        return (value is None) == (test.operator == "==")
    return value is not None and _COMPARE[test.operator](value, test.value)


def tests(expression: Expression) -> Iterator[Test]:
    """Every comparison in an expression."""
    if isinstance(expression, Test):
        yield expression
    elif isinstance(expression, Not):
        yield from tests(expression.part)
    elif isinstance(expression, And | Or):
        for part in expression.parts:
            yield from tests(part)


def plain(expression: Expression) -> Expression:
    """The same expression on variables that do not follow from each other: loyalty and frequency become days and invoices."""
    if isinstance(expression, Not):
        return Not(plain(expression.part))
    if isinstance(expression, And | Or):
        return type(expression)(tuple(map(plain, expression.parts)))
    if isinstance(expression, Always) or expression.variable not in _MEANT:
        return expression
    meant = _MEANT[expression.variable]
    known = Always(True) if expression.variable == "party.frequency" else Test("party.relation_days", "!=", None)
    if expression.value is None:
        return known if expression.operator == "!=" else Not(known)
    values = expression.value if isinstance(expression.value, tuple) else (expression.value,)
    wanted = Or(tuple(meant[str(value)] for value in values))
    return And((known, Not(wanted))) if expression.operator == "!=" else wanted


_SEVERAL = Test("debtor.invoices", ">", 1)
_MEANT: dict[str, dict[str, Expression]] = {
    "party.loyalty": {
        "new": Test("party.relation_days", "<", NEW_BELOW),
        "regular": And((Test("party.relation_days", ">=", NEW_BELOW), Test("party.relation_days", "<", LOYAL_FROM))),
        "loyal": Test("party.relation_days", ">=", LOYAL_FROM),
    },
    "party.frequency": {
        "one_off": Test("debtor.invoices", "<=", 1),
        "occasional": And((_SEVERAL, Test("debtor.invoices_per_year", "<", FREQUENT_FROM))),
        "frequent": And((_SEVERAL, Test("debtor.invoices_per_year", ">=", FREQUENT_FROM))),
    },
}


def cells(name: str, asked: Iterable[Test]) -> list[Value]:
    """One value of each cell of a variable: with these comparisons no other value has another answer."""
    variable = VARIABLES[name]
    constants = {value for test in asked for value in (test.value if isinstance(test.value, tuple) else (test.value,)) if value is not None}
    made: list[Value] = [None] if variable.nullable else []
    if variable.type == "word":
        return [*made, *variable.values]
    if variable.type == "flag":
        return [*made, False, True]
    if variable.type == "presence":
        return [*made, 1]
    if variable.type in ("code", "text"):
        words = sorted(map(str, constants))
        return [*made, *words, _other(variable, words)]
    return [*made, *_numbers(variable, constants)]


def _other(variable: Variable, words: Sequence[str]) -> str:
    """A code or text that is none of those that are named."""
    if variable.type == "text":
        return next(word for count in range(1, 99) if (word := "another" + "'" * (count - 1)) not in words)
    candidates = ("NL", "BE", "DE", "XK") if variable.pattern.startswith("[A") else ("nl", "en", "de", "fr")
    letters = [chr(code) for code in range(65, 91)]
    pairs = (first + second for first in letters for second in letters)
    every = (*candidates, *(pair if candidates[0].isupper() else pair.lower() for pair in pairs))
    return next(word for word in every if word not in words)


def _numbers(variable: Variable, constants: Iterable[Any]) -> list[Value]:
    """Each constant, and a value between each two and beyond the first and last, within the variable's range."""
    is_date = variable.type == "date"
    numbers: set[Any] = {value.toordinal() if is_date else value for value in constants}
    least, most = (1, date.max.toordinal()) if is_date else (variable.least, variable.most)
    bounds = {bound for bound in (least, most) if bound is not None}
    points = sorted(point for point in numbers | bounds if (least is None or point >= least) and (most is None or point <= most))
    is_whole = variable.type in ("whole", "date")
    found = {*points, *(middle for low, high in pairwise(points) if (middle := _between(low, high, is_whole=is_whole)) is not None)}
    if points and least is None:
        found.add(points[0] - 1)
    if points and most is None:
        found.add(points[-1] + 1)
    made: list[Value] = [date.fromordinal(point) if is_date else point for point in sorted(found)]
    return [Decimal(value) if variable.type in ("amount", "share") else value for value in made] or [Decimal(0)]  # type: ignore[arg-type]


def _between(low: Any, high: Any, *, is_whole: bool) -> Any:
    """A value between two, None where there is none: the next after the lower, so that it reads well."""
    if high - low > 1:
        return low + 1
    return None if is_whole else (Decimal(low) + Decimal(high)) / 2
