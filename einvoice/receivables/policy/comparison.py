"""Comparisons that make sense: a variable and a constant of its type."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from einvoice.receivables.policy.expression import Expression, ExpressionError, Operator, Test, Value
from einvoice.receivables.policy.finding import nearest
from einvoice.receivables.policy.vocabulary import Variable


def compared(variable: Variable, operator: Operator, value: Value, at: int) -> Expression:
    """A comparison whose sides fit each other."""
    ordered = operator not in ("==", "!=")
    if value is None:
        if ordered:
            raise ExpressionError("wrong-comparison", "null is neither more nor less", f"write {variable.name} == null", at)
        if not variable.nullable:
            raise ExpressionError(
                "wrong-comparison", f"{variable.name} is never null", f"leave it out, or compare it: {example(variable)}", at
            )
        return Test(variable.name, operator, None)
    if ordered and variable.type in ("word", "code", "text", "flag"):
        raise ExpressionError("wrong-comparison", f"{variable.name} has no order", "use ==, != or in", at)
    return Test(variable.name, operator, typed(variable, value, at))


def typed(variable: Variable, value: Value, at: int) -> Value:
    """The constant as the variable's type has it."""
    wrong = _is_wrong(variable, value)
    if wrong:
        raise ExpressionError("wrong-comparison", f"{variable.name} is {wrong}, never {value!r}", example(variable, value), at)
    return Decimal(str(value)) if variable.type in ("amount", "share") else value


_EXAMPLES = {
    "whole": "write {0} >= 18",
    "amount": "write {0} > 10000",
    "share": "write {0} > 0.5",
    "text": "write {0} == 'north'",
    "date": "write {0} < 2026-01-31",
    "flag": "write {0} or !{0}",
    "presence": "write {0} == null or {0} != null",
}


def example(variable: Variable, value: object = None) -> str:
    """How such a comparison is written, or the word that may have been meant."""
    if variable.values:
        return nearest(value, variable.values)
    if variable.type == "code":
        return f"write {variable.name} == '{'NL' if variable.pattern.startswith('[A') else 'nl'}'"
    return _EXAMPLES[variable.type].format(variable.name)


_KINDS = {
    "whole": "a whole number",
    "amount": "an amount",
    "share": "a number from 0 to 1",
    "text": "text",
    "date": "a day",
    "presence": "there or not",
}


def _is_wrong(variable: Variable, value: Value) -> str:
    """What the variable is instead, empty where the constant fits."""
    kind = variable.type
    if kind == "word":
        return "" if value in variable.values else f"one of {', '.join(variable.values)}"
    if kind == "code":
        return "" if isinstance(value, str) and re.fullmatch(variable.pattern, value) else variable.about
    if kind == "flag":
        return "" if isinstance(value, bool) else "true or false"
    types: dict[str, tuple[type, ...]] = {
        "whole": (int,),
        "amount": (int, Decimal),
        "share": (int, Decimal),
        "text": (str,),
        "date": (date,),
    }
    fits = isinstance(value, types.get(kind, ())) and not isinstance(value, bool)
    return "" if fits else _KINDS[kind]
