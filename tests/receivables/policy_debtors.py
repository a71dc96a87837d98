"""Debtors for the tests of policies: one that answers given facts, random ones, and random conditions to hold against them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from einvoice.receivables.policy import Policy
from einvoice.receivables.policy.vocabulary import SIZES, VARIABLES
from einvoice.receivables.snapshot import CreditorSnapshot, DebtorSnapshot, InvoiceSnapshot

DAY = date(2026, 11, 30)
CREDITOR = CreditorSnapshot(1, "us", "Us BV", "NL")
PAID = 1_000_000  # settled invoices, so that any share with six decimals is there


def invoice(number: int, amount: Decimal | int | str, due: date, currency: str = "EUR") -> InvoiceSnapshot:
    """An open invoice."""
    worth = Decimal(amount)
    kind = "invoice" if worth > 0 else "credit_note"
    return InvoiceSnapshot(number, f"F{number}", kind, due - timedelta(30), due, due - timedelta(30), currency, worth, worth)


def debtor(**fields: Any) -> DebtorSnapshot:
    """A Dutch company, or what the fields say."""
    made: dict[str, Any] = {"id": 1, "key": "K1", "creditor": CREDITOR, "name": "Debtor", "kind": "b2b", "country": "NL", **fields}
    return DebtorSnapshot(**made)


def answering(facts: Mapping[str, Any]) -> tuple[DebtorSnapshot, date]:
    """A debtor whose facts on a day are those given, whatever the others are."""
    day = _day(facts)
    fields: dict[str, Any] = {name: facts[f"party.{name}"] for name in _SAME if f"party.{name}" in facts}
    if (age := facts.get("party.age")) is not None:
        fields["born"] = date(day.year - age, 1, 1)
    if (relation := facts.get("party.relation_days")) is not None:
        fields["customer_since"] = day - timedelta(relation)
    made = debtor(**fields, **_history(facts, day), invoices=_invoices(facts, day))
    return made, day


_SAME = ("kind", "country", "region", "size", "sector", "score", "language", "parent", "pay_day", "key", "customer_since")


def _day(facts: Mapping[str, Any]) -> date:
    since = facts.get("party.customer_since")
    return since + timedelta(facts.get("party.relation_days", 0)) if since else DAY


def _history(facts: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Invoices so far and how they were paid."""
    yearly = facts.get("debtor.invoices_per_year")
    posted = facts.get("debtor.invoices", yearly or 0)
    made: dict[str, Any] = {"posted": posted, "reminders": facts.get("debtor.reminders", 0)}
    if yearly is not None and facts.get("party.relation_days", 0) is not None:
        made["first_posted"] = day - timedelta(max(posted * 365 // yearly if yearly else 3 * posted * 365, 365))
    share, late = facts.get("debtor.late_share"), facts.get("debtor.mean_days_late")
    if share is not None or late is not None:
        share = Decimal(1) if share is None else share
        made |= {"settled": PAID, "settled_late": int(share * PAID), "days_late": (late if late is not None else share > 0) * PAID}
    return made


def _invoices(facts: Mapping[str, Any], day: date) -> tuple[InvoiceSnapshot, ...]:
    """Open invoices that add up to what is asked; a credit note or a bigger one makes up the rest."""
    days, count, total = facts.get("debtor.days_overdue"), facts.get("debtor.open_invoices"), facts.get("debtor.open")
    overdue = facts.get("debtor.overdue", Decimal(bool(days)))
    if total is not None and count == 1 and overdue and "debtor.overdue" not in facts:
        overdue = max(total, Decimal(1))
    made = [invoice(1, overdue, day - timedelta(days if days is not None else 1))] if overdue else []
    tiny, later = Decimal("0.001"), day + timedelta(30)
    if count is None:
        count = len(made) + (total is not None and total > overdue)
    rest = count - len(made)
    if rest > 0:
        amount = max((total if total is not None else overdue + 1) - overdue - tiny * (rest - 1), tiny)
        made += [invoice(2, amount, later), *(invoice(2 + each, tiny, later) for each in range(1, rest))]
    short = (total if total is not None else sum((each.open for each in made), Decimal(0))) - sum((each.open for each in made), Decimal(0))
    return tuple([*made, invoice(99, short, later)] if short < 0 else made)


def random_debtor(rnd: random.Random) -> DebtorSnapshot:
    """Any debtor, its facts often at the constants that the conditions below compare with."""
    settled = rnd.choice([0, 1, 4, 10])
    late = rnd.randint(0, settled)
    due = [DAY + timedelta(rnd.choice([-90, -31, -30, -1, 0, 1, 30])) for _ in range(rnd.choice([0, 1, 1, 2, 3]))]
    return debtor(
        kind=rnd.choice(["b2b", "b2c", "public"]),
        country=rnd.choice(["NL", "BE", "DE", "FR"]),
        region=rnd.choice([None, "north", "south"]),
        sector=rnd.choice([None, "food", "care"]),
        size=rnd.choice([None, *SIZES]),
        score=rnd.choice([None, 0, 39, 40, 79, 80, 100, rnd.randint(0, 100)]),
        language=rnd.choice([None, "nl", "fr"]),
        parent=rnd.choice([None, 7]),
        pay_day=rnd.choice([None, 1, 25]),
        born=rnd.choice([None, *(date(DAY.year - age, 11, 30) for age in (17, 18, 34, 35, 70))]),
        customer_since=rnd.choice([None, *(DAY - timedelta(days) for days in (0, 364, 365, 1824, 1825, 4000))]),
        posted=rnd.choice([0, 1, 2, 12, 40]),
        first_posted=DAY - timedelta(rnd.choice([1, 365, 730, 1460])),
        settled=settled,
        settled_late=late,
        days_late=late * rnd.choice([1, 10, 30]),
        invoices=tuple(
            invoice(place + 1, rnd.choice(["-50", "100", "499.99", "500", "500.01", "10000", "10000.01"]), on)
            for place, on in enumerate(due)
        ),
        reminders=rnd.choice([0, 1, 3, 4]),
    )


def expected(one: DebtorSnapshot) -> str:
    """The segment by the design's list, written as plain Python."""
    amount = sum((each.open for each in one.invoices), Decimal(0))
    age = None if one.born is None else DAY.year - one.born.year - ((DAY.month, DAY.day) < (one.born.month, one.born.day))
    business, consumer = one.kind == "b2b", one.kind == "b2c"
    rules = (
        (business and amount > 10000, "b2b_large_amount"),
        (one.score is not None and one.score < 40, "low_score"),
        (one.score is not None and one.score >= 80, "high_score"),
        (business and one.size == "large", "b2b_large"),
        (one.country != "NL", "intl"),
        (business and amount < 500, "b2b_small_amount"),
        (business and one.size is not None, "b2b_sme"),
        (consumer and age is not None and 18 <= age < 35, "b2c_young"),
        (consumer and age is not None and age >= 35, "b2c_old"),
        (amount < 500, "small"),
    )
    return next((name for fits, name in rules if fits), "nl")


_CONSTANTS: dict[str, tuple[str, ...]] = {
    "party.country": ("'NL'", "'BE'"),
    "party.region": ("'north'", "'south'"),
    "party.sector": ("'food'", "'care'"),
    "party.language": ("'nl'", "'fr'"),
    "party.key": ("'K1'", "'K2'"),
    "party.score": ("0", "40", "80", "100"),
    "party.age": ("18", "35"),
    "party.pay_day": ("1", "25"),
    "party.relation_days": ("0", "365", "1825"),
    "debtor.open": ("0", "500", "10000"),
    "debtor.overdue": ("0", "500", "10000"),
    "debtor.open_invoices": ("0", "1", "2"),
    "debtor.days_overdue": ("0", "30"),
    "debtor.invoices": ("0", "1", "12"),
    "debtor.invoices_per_year": ("0", "1", "12"),
    "debtor.mean_days_late": ("0", "10"),
    "debtor.late_share": ("0", "0.5", "1"),
    "debtor.reminders": ("0", "3"),
}


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    """A comparison that a policy may make, as text."""
    name = draw(st.sampled_from(sorted(set(VARIABLES) - {"country.no_call", "party.customer_since"})))
    variable = VARIABLES[name]
    constants = _CONSTANTS.get(name, tuple(f"'{value}'" for value in variable.values))
    if variable.type == "presence" or (variable.nullable and draw(st.integers(0, 3)) == 0):
        return f"{name} {draw(st.sampled_from(['==', '!=']))} null"
    constant = draw(st.sampled_from(constants))
    if draw(st.integers(0, 5)) == 0:
        return f"{name} in [{constant}, {draw(st.sampled_from(constants))}]"
    operators = ["==", "!="] if variable.type in ("word", "code", "text") else ["==", "!=", "<", "<=", ">", ">="]
    operator = draw(st.sampled_from(operators))
    return f"{constant} {_FLIPPED.get(operator, operator)} {name}" if draw(st.integers(0, 5)) == 0 else f"{name} {operator} {constant}"


_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def conditions() -> st.SearchStrategy[str]:
    """Conditions: comparisons joined, negated, nested."""
    return st.recursive(
        comparisons(),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(" && ".join).map(lambda text: f"({text})"),
            st.lists(inner, min_size=2, max_size=3).map(" || ".join).map(lambda text: f"({text})"),
            inner.map(lambda text: f"!({text})"),
        ),
        max_leaves=4,
    )


def policy_of(conditions: list[str]) -> Policy:
    """A policy with these segments, in Python: nothing asks it for a catch-all."""
    flow = [{"id": "r1", "offset": 0, "all_of": ["email"]}]
    segments = [{"id": f"s{place}", "when": when, "flow": "f"} for place, when in enumerate(conditions)]
    return Policy.model_validate({"version": 1, "name": "test", "segments": segments, "flows": {"f": flow}})
