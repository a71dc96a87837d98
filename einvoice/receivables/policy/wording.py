"""A policy's expressions, channels and amounts in the words of a reader: English, Dutch, German, French."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_percent

from einvoice.errors import ReceivablesError
from einvoice.receivables.policy.expression import Always, And, Expression, Not, Or, Test, Value
from einvoice.receivables.policy.vocabulary import VARIABLES

FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("en", "nl", "de", "fr")


class Wording:
    """The words of one language. Raises ReceivablesError for a language that is not among LANGUAGES."""

    def __init__(self, language: str, currency: str = "EUR") -> None:
        if language not in LANGUAGES:
            raise ReceivablesError(f"there is no page in {language!r}; the languages are {', '.join(LANGUAGES)}")
        self.language = language
        self.currency = currency
        self.locale = Locale(language)

    @cached_property
    def _words(self) -> dict[str, Any]:
        words: dict[str, Any] = json.loads((FOLDER / f"{self.language}.json").read_text("utf-8"))
        return words

    def say(self, key: str, **parts: object) -> str:
        """A text of the page, its places filled in."""
        text: str = self._words[key]
        return text.format(**parts) if parts else text

    def choice(self, key: str, word: str | int) -> str:
        """One of several texts under a key."""
        text: str = self._words[key][word]
        return text

    def texts(self, key: str) -> list[str]:
        """The texts of a list."""
        return list(self._words[key])

    def word(self, name: str) -> str:
        """A word of the policy (a channel, a role, a document): translated, or itself with spaces where nobody translated it."""
        return str(self._words["words"].get(name) or name.replace("_", " "))

    def listed(self, words: Iterable[str], joint: str = "and") -> str:
        """Words joined as a sentence has them."""
        *first, last = [*words] or [self.say("none")]
        return f"{', '.join(first)}{self.say(joint)}{last}" if first else last

    def money(self, amount: Any) -> str:
        """An amount in the policy's currency."""
        return format_currency(amount, self.currency, locale=self.locale)

    def weekdays(self, days: Iterable[str]) -> str:
        """Days of the week by their names."""
        order = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        names: Any = self.locale.days["format"]["wide"]
        return self.listed(names[order.index(day)] for day in order if day in days)

    def languages(self, tags: Iterable[str]) -> str:
        """Languages by their names; `party.lang` is the debtor's."""
        names = (self.say("party_lang") if tag == "party.lang" else str(self.locale.languages.get(tag, tag)) for tag in tags)
        return self.listed(names, "or")

    def condition(self, expression: Expression, *, last: bool = False) -> str:
        """An expression as part of a sentence; `last` says that it is the catch-all."""
        if isinstance(expression, Always):
            return self.say("nobody" if not expression.value else "rest" if last else "every")
        if isinstance(expression, Test):
            return self._test(expression)
        if isinstance(expression, Not):
            return self._operator("not", self._nested(expression.part))
        joint = "and" if isinstance(expression, And) else "or"
        return self.say(joint).join(self._nested(part) for part in _telling(expression))

    def _nested(self, expression: Expression) -> str:
        text = self.condition(expression)
        return f"({text})" if isinstance(expression, And | Or) else text

    def _test(self, test: Test) -> str:
        variable = VARIABLES[test.variable]
        if variable.type == "flag":
            return self._flag(test.variable, true=(test.operator == "==") == test.value)
        name = str(self._words["variables"][test.variable])
        if test.value is None:
            return self._operator("null" if test.operator == "==" else "known", name)
        values = test.value if isinstance(test.value, tuple) else (test.value,)
        shown = self.listed((self.value(test.variable, value) for value in values), "or")
        dated = variable.type == "date" and test.operator in ("<", ">", "<=", ">=")
        return self._operator(f"date{test.operator}" if dated else test.operator, name, shown)

    def _flag(self, variable: str, *, true: bool) -> str:
        return str(self._words["flags"][variable][0 if true else 1])

    def _operator(self, operator: str, *parts: str) -> str:
        return str(self._words["ops"][operator]).format(*parts)

    def value(self, variable: str, value: Value) -> str:
        """A constant as the reader writes it."""
        kind = VARIABLES[variable].type
        if kind == "amount":
            return self.money(value)
        if kind == "share":
            return format_percent(str(value), locale=self.locale, decimal_quantization=False)
        if isinstance(value, date):
            return format_date(value, locale=self.locale)
        if variable == "party.country":
            return str(self._words["words"].get(f"country_{value}") or self.locale.territories.get(str(value), value))
        if variable == "party.language":
            return str(self.locale.languages.get(str(value), value))
        return self.word(str(value)) if kind == "word" else str(value)


def _telling(expression: And | Or) -> list[Expression]:
    """The parts without those that only say that something is known which another part looks at anyway."""
    if isinstance(expression, Or):
        return list(expression.parts)
    looked = {part.variable for part in expression.parts if isinstance(part, Test) and part.value is not None}
    return [part for part in expression.parts if not (isinstance(part, Test) and _is_known(part) and part.variable in looked)]


def _is_known(test: Test) -> bool:
    return test.value is None and test.operator == "!="
