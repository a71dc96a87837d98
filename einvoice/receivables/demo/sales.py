"""What the business of the demo sells: invoices over two years, more to companies than to people, each with lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.receivables.demo.chance import Chance
from einvoice.receivables.demo.customers import Customer

VAT = Decimal(21)
_YEARLY = {"b2b": 3.6, "b2c": 1.8, "public": 4.0}
"""Invoices a year, on average."""
_TERM = {"b2b": 30, "b2c": 14, "public": 30}
_SCALE = {"micro": 4, "small": 8, "medium": 20, "large": 60}


class Item(NamedTuple):
    """A line: what, in which unit (UN/ECE Rec 20), how many, at which price without VAT."""

    name: str
    unit: str
    quantity: int
    price: Decimal


class Sale(NamedTuple):
    """An invoice of the demo; `reference` is what the payer is asked to repeat (ISO 11649)."""

    number: str
    customer: Customer
    issued: date
    due: date
    items: tuple[Item, ...]
    category: str
    seller: str
    reference: str

    @property
    def amount(self) -> Decimal:
        """With VAT."""
        net = sum((item.quantity * item.price for item in self.items), Decimal(0))
        return net + (net * VAT / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def sales(customers: Sequence[Customer], first: date, last: date, seed: int) -> list[Sale]:
    """Every invoice from a day to another, by day of issue, numbered by year."""
    drawn = sorted((issued, at, customer) for at, customer in enumerate(customers) for issued in set(_days(customer, first, last, seed)))
    counts: dict[int, int] = {}
    made = []
    for issued, _, customer in drawn:
        counts[issued.year] = counts.get(issued.year, 0) + 1
        made.append(_sale(f"{issued.year}-{counts[issued.year]:06}", customer, issued, Chance(seed, "sale", customer.key, issued)))
    return made


def _days(customer: Customer, first: date, last: date, seed: int) -> Iterator[date]:
    """The days on which a customer is invoiced: weekdays, since it is one."""
    chance = Chance(seed, "days", customer.key)
    mean = 365 / (_YEARLY[customer.kind] * chance.uniform(0.4, 1.6))
    day = max(first, customer.since) + timedelta(days=chance.randint(0, int(mean)))
    while day <= last:
        yield day - timedelta(days=max(0, day.weekday() - 4))
        day += timedelta(days=max(7, round(chance.uniform(0.5, 1.5) * mean)))


def _sale(number: str, customer: Customer, issued: date, chance: Chance) -> Sale:
    fitting = [row for row in _products() if customer.kind in row["kinds"]]
    rows = chance.sample(fitting, k=min(len(fitting), chance.randint(1, 3)))
    most = _SCALE.get(customer.size or "", 6)
    items = tuple(Item(row["name"], row["unit"], chance.randint(1, most), Decimal(row["price"])) for row in rows)
    due = issued + timedelta(days=_TERM[customer.kind])
    seller = chance.choice(("Noor", "Joris", "Elif"))
    return Sale(number, customer, issued, due, items, rows[0]["category"], seller, creditor_reference(number))


def creditor_reference(number: str) -> str:
    """A reference that payers repeat: RF, two check digits and the digits of a number (ISO 11649)."""
    digits = number.replace("-", "")
    return f"RF{98 - int(f'{digits}271500') % 97:02}{digits}"


@cache
def _products() -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = json.loads(Path(__file__).with_name("products.json").read_bytes())
    return found
