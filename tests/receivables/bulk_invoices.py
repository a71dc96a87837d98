"""Invoices for many debtors: each debtor's case says which of its invoices are due, and what was done about them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

_CONTRACTS = ('{"interest": "10.5"}', '{"warned": true}', '{"term_agreed": true, "costs": "15 %"}')
# the offsets of the first three steps of the default policy's flows; they are called r1, r2, r3 in all
_OFFSETS = {
    "b2c_18_35": (0, 8, 15),
    "b2c_35_80": (0, 8, 15),
    "b2b_sme": (0, 7, 14),
    "b2b_large": (0, 10, 20),
    "score_high": (0, 10, 20),
    "score_low": (0, 7, 14),
    "nl": (0, 7, 14),
    "international": (0, 10, 30),
    "amount_small": (0, 10, 20),
    "amount_large": (0, 7, 14),
}
# how long an invoice is due, which steps it has met, and how many days ago the last one was
_DUE = {"first": (0, 3), "second": (10, 6), "third": (30, 10), "reminded": (2, 5), "through": (40, 60), "held": (1, 30)}
_MET = {"first": 0, "second": 1, "third": 2, "reminded": 1, "through": 3, "held": 0}


class Chance:
    """Random choices, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def upto(self, most: int) -> int:
        """0 to `most` - 1."""
        return int(self.random() * most)

    def of(self, shares: tuple[tuple[Any, int], ...]) -> Any:
        """One of the values, by its share in a hundred."""
        drawn = self.random() * 100
        for value, share in shares:
            drawn -= share
            if drawn < 0:
                return value
        return shares[-1][0]


class Debtor(NamedTuple):
    """What of a debtor shapes its invoices."""

    id: int
    kind: str
    country: str
    size: str | None
    score: int | None
    age: int | None
    owes: int
    case: str


class Invoice(NamedTuple):
    """A row of invoices, in the order of `INVOICE`."""

    id: int
    creditor: int
    debtor: int
    number: str
    kind: str
    issued: str
    due: str
    entered: str
    currency: str
    amount: int
    open: int
    charges: int
    stage: str
    flags: str
    contract: str | None
    flow: str | None
    step: str | None
    offset: int | None
    stepped: str | None
    contacts: int
    started: bool
    trail: str


INVOICE = (
    "id creditor_id debtor_id number kind issued due entered currency amount open charges stage flags contract flow step step_offset "
    "step_on contacts started trail"
).split()


def invoices_of(chance: Chance, creditor: int, debtors: list[Debtor], day: date) -> Iterator[Invoice]:
    """The open invoices of debtors; ids and numbers are still to come."""
    days = [(day + timedelta(days=away)).isoformat() for away in range(-200, 100)]

    def on(away: int) -> str:
        return days[away + 200]

    for debtor in debtors:
        amounts = [_amount(chance, debtor) for _ in range(debtor.owes)]
        flow = flow_of(debtor, sum(amounts))
        late = 0 if debtor.case == "quiet" else 1 + chance.upto(min(3, debtor.owes))
        age = _age(chance, debtor)
        for at, amount in enumerate(amounts):
            follow: tuple[Any, ...] = (None, None, None, None, 0, False, "")
            if at < late:
                due = -age
                follow = _followed(debtor, flow, age, on)
            else:
                due = 1 + chance.upto(_term(debtor))
            credit = at > late and chance.random() < 0.04
            yield _invoice(chance, creditor, debtor, on, due, -(amount // 4) if credit else amount, follow)


def flow_of(debtor: Debtor, total: int) -> str:
    """The flow of the default policy that a debtor is in, `total` in thousandths."""
    business = debtor.kind == "b2b"
    first = (
        (business and total > 10_000_000, "amount_large"),
        (debtor.score is not None and debtor.score < 40, "score_low"),
        (debtor.score is not None and debtor.score >= 80, "score_high"),
        (business and debtor.size == "large", "b2b_large"),
        (debtor.country != "NL", "international"),
        (business and total < 500_000, "amount_small"),
        (business and debtor.size is not None, "b2b_sme"),
        (debtor.age is not None and debtor.age < 35, "b2c_18_35"),
        (debtor.age is not None, "b2c_35_80"),
        (total < 500_000, "amount_small"),
    )
    return next((flow for fits, flow in first if fits), "nl")


def _age(chance: Chance, debtor: Debtor) -> int:
    """How many days ago the due date of a debtor's late invoices was."""
    if debtor.case == "quiet":
        return 0
    least, spread = _DUE[debtor.case]
    return least + chance.upto(spread)


def _followed(debtor: Debtor, flow: str, age: int, on: Any) -> tuple[Any, ...]:
    """Flow, step, offset, day of the last step, contacts, whether a person started it, and the trail."""
    met = _MET[debtor.case]
    if not met:
        return None, None, None, None, 0, False, ""
    offset = _OFFSETS[flow][met - 1]
    trail = "".join(f"{flow}.r{number} " for number in range(1, met + 1))
    return flow, f"r{met}", offset, on(min(offset - age, -1)), met, False, trail


def _term(debtor: Debtor) -> int:
    return 14 if debtor.kind == "b2c" else 30


def _amount(chance: Chance, debtor: Debtor) -> int:
    """In thousandths, whole cents."""
    scale = {"b2b": 1_500, "b2c": 120, "public": 900}[debtor.kind]
    return 10 * (500 + chance.upto(int(scale * 100 * (0.2 + chance.random() ** 3 * 4))))


def _invoice(chance: Chance, creditor: int, debtor: Debtor, on: Any, due: int, amount: int, follow: tuple[Any, ...]) -> Invoice:
    issued = due - _term(debtor)
    paid = amount > 0 and chance.random() < 0.05
    return Invoice(
        0,
        creditor,
        debtor.id,
        "",
        "invoice" if amount > 0 else "credit_note",
        on(issued),
        on(due),
        on(issued),
        "USD" if chance.random() < 0.001 else "EUR",
        amount,
        amount // 20 * 10 if paid else amount,
        0,
        "final" if debtor.case == "through" and follow[0] else "open",
        "[]",
        _CONTRACTS[chance.upto(3)] if chance.random() < 0.1 else None,
        *follow,
    )
