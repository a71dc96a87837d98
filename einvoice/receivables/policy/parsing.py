"""From the text of an expression to its tree; nothing of the text is ever run."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from einvoice.receivables.policy.comparison import compared, example, typed
from einvoice.receivables.policy.expression import Always, And, Expression, ExpressionError, Not, Operator, Or, Test, Value
from einvoice.receivables.policy.finding import nearest
from einvoice.receivables.policy.vocabulary import SPELLINGS, VARIABLES, Variable

LONGEST = 2000
DEEPEST = 30


@lru_cache(maxsize=4096)
def parse(text: str, *, step: bool = False) -> Expression:
    """The tree of an expression; within a step it may also ask `country.no_call`.

    Raises ExpressionError with code `expression`, `unknown-variable` or `wrong-comparison`.
    """
    if len(text) > LONGEST:
        raise ExpressionError("expression", f"the expression has more than {LONGEST} characters", "split the segment in two", LONGEST)
    return _Parser(text, step).whole()


class _Token(NamedTuple):
    kind: str
    text: str
    at: int


_TOKENS = re.compile(
    r"\s*(?:(?P<date>\d{4}-\d\d-\d\d)|(?P<number>-?\d{1,15}(?:\.\d{1,6})?(?![\w.]))|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[A-Za-z_]\w*(?:\.\w+)*)|(?P<mark>&&|\|\||[=!<>]=|[!<>()\[\],]))"
)
_WORDS: dict[str, Value] = {"null": None, "true": True, "false": False}
_FLIPPED: dict[str, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_MISTAKEN = {"=": "==", "and": "&&", "or": "||", "not": "!", "&": "&&", "|": "||", "<>": "!="}


def _tokens(text: str) -> list[_Token]:
    made, position = [], 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKENS.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise _unexpected(text[start], start + 1)
        kind = str(match.lastgroup)
        made.append(_Token(kind, match[kind], match.start(kind) + 1))
        position = match.end()
    return [*made, _Token("end", "", end + 1)]


def _unexpected(word: str, at: int) -> ExpressionError:
    if word in "'\"" and word:
        return ExpressionError("expression", f"the text that begins at character {at} has no end", f"close it with {word}", at)
    mend = f"write {_MISTAKEN[word]}" if word in _MISTAKEN else "write comparisons like party.kind == 'b2b', joined by && and ||"
    found = f"{word!r} at character {at} means nothing here" if word else "the expression ends too early"
    return ExpressionError("expression", found, mend, at)


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, text: str, step: bool) -> None:
        self.step = step
        self.tokens = _tokens(text)
        self.next = 0
        self.depth = 0

    def whole(self) -> Expression:
        """The whole expression, or an error where it ends before the text does."""
        made = self._any()
        if self._peek().kind != "end":
            raise _unexpected(self._peek().text, self._peek().at)
        return made

    def _peek(self) -> _Token:
        return self.tokens[self.next]

    def _take(self) -> _Token:
        token = self.tokens[self.next]
        self.next += token.kind != "end"
        return token

    def _has(self, *marks: str) -> bool:
        """Whether the next token is one of these; taken if so."""
        found = self._peek().kind in ("mark", "name") and self._peek().text in marks
        self.next += found
        return found

    def _any(self) -> Expression:
        parts = [self._all()]
        while self._has("||"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Expression:
        parts = [self._one()]
        while self._has("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError("expression", f"more than {DEEPEST} levels within each other", "split it", self._peek().at)
        if self._has("!"):
            made: Expression = Not(self._one())
        elif self._has("("):
            made = self._any()
            if not self._has(")"):
                raise _unexpected(self._peek().text, self._peek().at)
        else:
            made = self._comparison()
        self.depth -= 1
        return made

    def _comparison(self) -> Expression:
        left = self._take()
        if not self._is_variable(left):
            return self._constant_first(left)
        variable = self._variable(left)
        if self._peek().kind == "mark" and self._peek().text in _FLIPPED:
            sign = self._take()
            right = self._take()
            if self._is_variable(right):
                raise ExpressionError("wrong-comparison", "two variables are compared", "compare each with a constant", right.at)
            return compared(variable, _FLIPPED[_FLIPPED[sign.text]], self._value(right), right.at)
        if self._has("in"):
            return self._list(variable)
        if variable.type != "flag":
            mend = f"compare it: {example(variable)}"
            raise ExpressionError("wrong-comparison", f"{variable.name} alone is neither true nor false", mend, left.at)
        return Test(variable.name, "==", True)

    def _constant_first(self, left: _Token) -> Expression:
        value = self._value(left)
        if self._peek().kind == "mark" and self._peek().text in _FLIPPED:
            sign = self._take()
            right = self._take()
            if not self._is_variable(right):
                raise ExpressionError("wrong-comparison", "two constants are compared", "compare a variable such as party.kind", right.at)
            return compared(self._variable(right), _FLIPPED[sign.text], value, left.at)
        if isinstance(value, bool):
            return Always(value)
        raise ExpressionError("wrong-comparison", f"{left.text} alone is neither true nor false", "compare a variable with it", left.at)

    def _list(self, variable: Variable) -> Expression:
        start = self._peek().at
        if not self._has("["):
            raise ExpressionError("expression", "after `in` stands a list", "write it like in ['NL', 'BE']", start)
        values = [self._listed(variable)]
        while self._has(","):
            values.append(self._listed(variable))
        if not self._has("]"):
            raise _unexpected(self._peek().text, self._peek().at)
        return Test(variable.name, "in", tuple(dict.fromkeys(values)))

    def _listed(self, variable: Variable) -> Value:
        token = self._take()
        value = self._value(token)
        if value is None:
            raise ExpressionError("wrong-comparison", "null stands in a list", f"write || {variable.name} == null beside it", token.at)
        return typed(variable, value, token.at)

    def _is_variable(self, token: _Token) -> bool:
        return token.kind == "name" and token.text not in _WORDS

    def _variable(self, token: _Token) -> Variable:
        name = SPELLINGS.get(token.text, token.text)
        if token.text in _MISTAKEN or token.text == "in":
            raise _unexpected(token.text, token.at)
        known = [word for word, variable in VARIABLES.items() if self.step or not variable.only_steps]
        if name not in known:
            mend = nearest(name, known, what="the variables are") if "." in name else f"quote text, as in '{name}'"
            raise ExpressionError("unknown-variable", f"there is no variable {token.text}", mend, token.at)
        return VARIABLES[name]

    def _value(self, token: _Token) -> Value:
        if token.kind == "number":
            return Decimal(token.text) if "." in token.text else int(token.text)
        if token.kind == "text":
            return token.text[1:-1]
        if token.kind == "date":
            return _day(token)
        if token.kind == "name" and token.text in _WORDS:
            return _WORDS[token.text]
        if self._is_variable(token) and token.text not in _MISTAKEN:
            self._variable(token)
        raise _unexpected(token.text, token.at)


def _day(token: _Token) -> date:
    try:
        return date.fromisoformat(token.text)
    except ValueError:
        raise ExpressionError("expression", f"{token.text} is no day", "write it like 2026-01-31", token.at) from None
