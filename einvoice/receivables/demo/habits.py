"""What becomes of an invoice of the demo: paid before it is due, some days late, after a reminder, in part, disputed, or never."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from einvoice.receivables.demo.chance import Chance
from einvoice.receivables.demo.customers import Customer
from einvoice.receivables.demo.sales import Sale

_DAYS = {"prompt": (-9, 0), "late": (1, 12), "reminded": (4, 30), "slow": (18, 55), "never": (30, 90)}
_TURNS = (("pays", 40), ("promises", 14), ("breaks", 4), ("disputes", 18), ("plans", 6), ("misses", 3), ("part", 10), ("nothing", 5))
_ASKED = frozenset({"reminded", "slow"})
_NEVER = timedelta(days=150)
"""Who never pays now did so until then."""


class Fate(NamedTuple):
    """`pays` on a day by itself; or waits for the step `after`, and then `turns` to something, `lag` days later."""

    pays: date | None
    after: int = 0
    turns: str = "pays"
    lag: int = 3


def before(sale: Sale, seed: int) -> date:
    """When an invoice of long ago was paid."""
    chance = Chance(seed, "paid", sale.number)
    return max(sale.issued, sale.due + timedelta(days=chance.randint(*_DAYS[sale.customer.habit])))


def fate(sale: Sale, today: date, seed: int) -> Fate:
    """What becomes of an invoice of the last months; `today` is the day on which the demo ends."""
    chance = Chance(seed, "fate", sale.number)
    habit = sale.customer.habit
    if habit == "never" and sale.issued > today - _NEVER:
        return Fate(None, chance.randint(1, 3), chance.of((("nothing", 70), ("disputes", 15), ("misses", 15))))
    if habit in _ASKED or (habit == "late" and chance.is_so(0.3)):
        return Fate(None, chance.of(((1, 55), (2, 30), (3, 15))), chance.of(_TURNS), chance.randint(1, 5))
    return Fate(before(sale, seed))


def answers(customer: Customer, seed: int, task: int) -> bool:
    """Whether a customer picks up the telephone."""
    return Chance(seed, "answers", customer.key, task).is_so(0.6)
