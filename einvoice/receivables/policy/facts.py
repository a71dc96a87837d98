"""What a policy may ask of a debtor on a day, each answer computed only where it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from einvoice.money import ZERO
from einvoice.receivables.policy.expression import Value
from einvoice.receivables.policy.vocabulary import FREQUENT_FROM, LOYAL_FROM, NEW_BELOW
from einvoice.receivables.snapshot import DebtorSnapshot

YEAR = 365


class NoRate(Exception):
    """An amount in a currency for which the policy has no rate."""

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        self.currency = currency


class Asking(NamedTuple):
    """Whom is asked about, on which day: the policy's currency, what other currencies are worth in it, and whether calls are out."""

    debtor: DebtorSnapshot
    day: date
    currency: str
    rates: dict[str, Decimal]
    no_call: Callable[[str], bool] = lambda _: False


def open_amount(asking: Asking) -> Decimal:
    """What all open invoices add up to in the policy's currency, credit notes taken off. Raises NoRate."""
    currency, total, others = asking.currency, ZERO, ZERO
    for invoice in asking.debtor.invoices:
        if invoice.currency == currency:
            total += invoice.open
        else:
            others += _worth(asking, invoice.currency, invoice.open)
    return total + others


def overdue_amount(asking: Asking) -> Decimal:
    """The open amounts of invoices past their due date, in the policy's currency. Raises NoRate."""
    past = (each for each in asking.debtor.invoices if each.due < asking.day and each.open > 0)
    return sum((_worth(asking, each.currency, each.open) for each in past), ZERO)


def _worth(asking: Asking, currency: str, amount: Decimal) -> Decimal:
    if currency == asking.currency:
        return amount
    rate = asking.rates.get(currency)
    if rate is None:
        raise NoRate(currency)
    return amount * rate


def open_invoices(asking: Asking) -> int:
    """How many invoices are open; credit notes do not count."""
    return sum(each.open > 0 for each in asking.debtor.invoices)


def days_overdue(asking: Asking) -> int:
    """Days that the oldest open invoice is past due, 0 where none is."""
    return max((asking.day - each.due).days for each in asking.debtor.invoices if each.open > 0) if _has_overdue(asking) else 0


def _has_overdue(asking: Asking) -> bool:
    return any(each.due < asking.day and each.open > 0 for each in asking.debtor.invoices)


def age(asking: Asking) -> int | None:
    """Whole years since birth."""
    born, day = asking.debtor.born, asking.day
    return max(day.year - born.year - ((day.month, day.day) < (born.month, born.day)), 0) if born else None


def language(asking: Asking) -> str | None:
    """The language without its country: nl of nl-BE."""
    tag = asking.debtor.language
    return tag[:2].lower() if tag else None


def relation_days(asking: Asking) -> int | None:
    """Days since the relation began: since the day that is recorded, else since the first invoice."""
    since = asking.debtor.customer_since or asking.debtor.first_posted
    return max((asking.day - since).days, 0) if since else None


def loyalty(asking: Asking) -> str | None:
    """New, regular or loyal, by the days of relation."""
    days = relation_days(asking)
    return None if days is None else "new" if days < NEW_BELOW else "regular" if days < LOYAL_FROM else "loyal"


def invoices_per_year(asking: Asking) -> int:
    """Invoices a year since the first, counted over one year at least, rounded; 0 where there was none."""
    posted, first = asking.debtor.posted, asking.debtor.first_posted
    if first is None:
        return 0
    span = max((asking.day - first).days, YEAR)
    return (2 * posted * YEAR + span) // (2 * span)


def frequency(asking: Asking) -> str:
    """One-off, occasional or frequent, by the number of invoices and of invoices a year."""
    if asking.debtor.posted <= 1:
        return "one_off"
    return "frequent" if invoices_per_year(asking) >= FREQUENT_FROM else "occasional"


def mean_days_late(asking: Asking) -> int | None:
    """Mean days late of the paid invoices, rounded."""
    settled, days = asking.debtor.settled, asking.debtor.days_late
    return (2 * days + settled) // (2 * settled) if settled else None


def late_share(asking: Asking) -> Decimal | None:
    """Share of the paid invoices that were paid late."""
    settled = asking.debtor.settled
    return Decimal(asking.debtor.settled_late) / settled if settled else None


_SAME = ("kind", "country", "region", "size", "sector", "score", "customer_since", "parent", "pay_day", "key")
FIELDS = {f"party.{name}": name for name in _SAME} | {"debtor.invoices": "posted", "debtor.reminders": "reminders"}
"""Variables that are a field of the snapshot."""

FUNCTIONS: dict[str, Callable[[Asking], Value]] = {
    "party.age": age,
    "party.language": language,
    "party.relation_days": relation_days,
    "party.loyalty": loyalty,
    "party.frequency": frequency,
    "debtor.open": open_amount,
    "debtor.overdue": overdue_amount,
    "debtor.open_invoices": open_invoices,
    "debtor.days_overdue": days_overdue,
    "debtor.invoices_per_year": invoices_per_year,
    "debtor.mean_days_late": mean_days_late,
    "debtor.late_share": late_share,
    "country.no_call": lambda asking: asking.no_call(asking.debtor.country),
}
"""Variables that are computed."""


def fact(variable: str, asking: Asking) -> Value:
    """The answer to one question."""
    if variable in FIELDS:
        value: Value = getattr(asking.debtor, FIELDS[variable])
        return value
    return FUNCTIONS[variable](asking)
