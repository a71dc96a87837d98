"""The expressions of a policy as a typed tree: `party.kind == 'b2b' && debtor.open > 10000`.

Operators: `&&`, `||`, `!`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in [..]`, parentheses. Each comparison has a variable on one side and a
constant on the other. A comparison with a value that is null is false, except `== null` and `!= null`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Value = str | int | Decimal | date | bool | None
Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, slots=True)
class Always:
    """True or false, whatever the debtor."""

    value: bool


@dataclass(frozen=True, slots=True)
class Test:
    """A variable compared with a constant; with several for `in`."""

    variable: str
    operator: Operator
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the parts."""

    parts: tuple[Expression, ...]


Expression = Always | Test | Not | And | Or


class ExpressionError(ValueError):
    """An expression that means nothing: a code, what is wrong, what mends it, and the character (from 1)."""

    def __init__(self, code: str, text: str, mend: str, at: int) -> None:
        super().__init__(f"{text}; {mend}")
        self.code, self.text, self.mend, self.at = code, text, mend, at
