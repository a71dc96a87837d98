"""Expressions as one fast Python function: the place of the first that holds.

The source that is compiled holds only names and operators of our own; constants of the policy's text are values beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from einvoice.receivables.policy.expression import Always, And, Expression, Not, Or, Test
from einvoice.receivables.policy.facts import FIELDS, FUNCTIONS, Asking
from einvoice.receivables.policy.vocabulary import VARIABLES


def first_of(expressions: Sequence[Expression]) -> Callable[[Asking], int]:
    """A function that gives the place of the first expression that holds for a debtor, -1 where none does. It may raise NoRate."""
    source = _Source()
    tests = [f"    if {source.of(expression)}: return {place}" for place, expression in enumerate(expressions)]
    lines = ["def first(asking):", *source.preparation(), *tests, "    return -1"]
    space: dict[str, Any] = {"__builtins__": {}, **source.values}
    exec(compile("\n".join(lines), "<policy>", "exec"), space)  # noqa: S102 - our own source, see above
    made: Callable[[Asking], int] = space["first"]
    return made


class _Source:
    """Python source on its way, and the values it refers to."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {"UNASKED": object()}
        self.names: dict[str, str] = {}

    def preparation(self) -> list[str]:
        """Fields are read at once, because that costs nothing; the rest when it is asked for."""
        lines = ["    debtor = asking.debtor"]
        for variable, name in self.names.items():
            field = FIELDS.get(variable)
            lines.append(f"    {name} = debtor.{field}" if field else f"    {name} = UNASKED")
        return lines

    def of(self, expression: Expression) -> str:
        """The Python of an expression, in parentheses."""
        if isinstance(expression, Always):
            return str(expression.value)
        if isinstance(expression, Test):
            return f"({self._test(expression)})"
        if isinstance(expression, Not):
            return f"(not {self.of(expression.part)})"
        assert isinstance(expression, And | Or)
        return f"({(' and ' if isinstance(expression, And) else ' or ').join(self.of(part) for part in expression.parts)})"

    def _test(self, test: Test) -> str:
        name = self.names.setdefault(test.variable, f"v{len(self.names)}")
        asked = name if test.variable in FIELDS else self._asked(test.variable, name)
        if test.value is None:
            return f"{asked} is {'' if test.operator == '==' else 'not '}None"
        constant = f"k{len(self.values)}"
        self.values[constant] = frozenset(test.value) if isinstance(test.value, tuple) else test.value
        if VARIABLES[test.variable].nullable and test.operator not in ("==", "in"):
            return f"{asked} is not None and {name} {test.operator} {constant}"
        return f"{asked} {test.operator} {constant}"

    def _asked(self, variable: str, name: str) -> str:
        function = f"f_{name}"
        self.values[function] = FUNCTIONS[variable]
        return f"({name} if {name} is not UNASKED else ({name} := {function}(asking)))"
