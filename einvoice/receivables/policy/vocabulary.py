"""The words of a policy's expressions: what can be asked of a debtor, of what type each answer is, and what it may be."""

from __future__ import annotations

from typing import Literal, NamedTuple

Type = Literal["word", "code", "text", "whole", "amount", "share", "date", "flag", "presence"]
"""word: one of a few; code: a short code; presence: only whether it is there; share: from 0 to 1."""


class Variable(NamedTuple):
    """A variable: its type, whether it may be null, its values or range, the pattern of a code, and what it says."""

    name: str
    type: Type
    nullable: bool
    about: str
    values: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    pattern: str = ""
    only_steps: bool = False


SIZES = ("micro", "small", "medium", "large")
NEW_BELOW, LOYAL_FROM = 365, 1825
"""Days of relation: below the first a debtor is new, from the second loyal, between them regular."""
FREQUENT_FROM = 12
"""Invoices a year from which a debtor is frequent; with one invoice at most it is one-off, between them occasional."""

VARIABLES = {
    variable.name: variable
    for variable in (
        Variable("party.kind", "word", False, "company, consumer or public body", ("b2b", "b2c", "public")),
        Variable("party.country", "code", False, "country, ISO 3166 code in capitals", pattern="[A-Z]{2}"),
        Variable("party.region", "text", True, "region"),
        Variable("party.size", "word", True, "size of the company", SIZES),
        Variable("party.sector", "text", True, "sector"),
        Variable("party.score", "whole", True, "credit score, 0 to 100, 100 is best", least=0, most=100),
        Variable("party.age", "whole", True, "age in whole years", least=0),
        Variable("party.language", "code", True, "language, two small letters", pattern="[a-z]{2}"),
        Variable("party.relation_days", "whole", True, "days since the relation began", least=0),
        Variable("party.customer_since", "date", True, "day on which the relation began"),
        Variable("party.loyalty", "word", True, "by days of relation", ("new", "regular", "loyal")),
        Variable("party.frequency", "word", False, "by invoices", ("one_off", "occasional", "frequent")),
        Variable("party.parent", "presence", True, "the company it belongs to; only `== null` and `!= null`"),
        Variable("party.pay_day", "whole", True, "day of the month on which it pays", least=1, most=31),
        Variable("party.key", "text", False, "the key under which you know the debtor"),
        Variable("debtor.open", "amount", False, "what all open invoices add up to, in the policy's currency"),
        Variable("debtor.overdue", "amount", False, "the open amounts past their due date, in the policy's currency", least=0),
        Variable("debtor.open_invoices", "whole", False, "number of open invoices", least=0),
        Variable("debtor.days_overdue", "whole", False, "days past due of the oldest open invoice, 0 where none is", least=0),
        Variable("debtor.invoices", "whole", False, "number of invoices so far", least=0),
        Variable("debtor.invoices_per_year", "whole", False, "invoices a year, counted over a year at least", least=0),
        Variable("debtor.mean_days_late", "whole", True, "mean days late of the paid invoices", least=0),
        Variable("debtor.late_share", "share", True, "share of the paid invoices that were late, 0 to 1", least=0, most=1),
        Variable("debtor.reminders", "whole", False, "reminders in the last 365 days", least=0),
        Variable("country.no_call", "flag", False, "whether law or custom rules out calling debtors there", only_steps=True),
    )
}
SPELLINGS = {"party.lang": "party.language"}
"""Other names that are understood."""
