"""The debtors and invoices of a bank year: who pays how, under which names and accounts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from tests.receivables.bank_families import Family

FIRST = date(2026, 1, 5)
YEAR = 360


class Payer(NamedTuple):
    """Under which name and from which account money comes."""

    name: str
    iban: str


class Person(NamedTuple):
    """A debtor as it is, which the matcher never sees: accounts, other payers, habits."""

    key: str
    name: str
    kind: str
    names: tuple[str, ...]
    iban: str
    second: str
    other: Payer | None
    price: Decimal | None
    referenced: bool
    takes_discount: bool


class Bill(NamedTuple):
    """An invoice."""

    number: str
    debtor: str
    issued: date
    due: date
    amount: Decimal
    reference: str


def iban(country: str, chance: random.Random, banks: tuple[str, ...]) -> str:
    """An account number whose check digits hold."""
    body = f"{chance.choice(banks)}{chance.randrange(10**10):010}"
    check = 98 - int("".join(str(int(sign, 36)) for sign in f"{body}{country}00")) % 97
    return f"{country}{check:02}{body}"


def people(family: Family, count: int, chance: random.Random) -> list[Person]:
    """Debtors: businesses and persons; some share a name, an account, or somebody who pays for them."""
    keeper = [Payer(f"Fiduciaire {name}", iban(family.country, chance, family.banks)) for name in ("Alpha", "Beta", "Gamma")]
    shared = [iban(family.country, chance, family.banks) for _ in range(max(1, count // 200))]
    found: list[Person] = []
    for number in range(count):
        found.append(_person(family, number, chance, keeper, shared, found))
    return found


def _person(family: Family, number: int, chance: random.Random, keeper: list[Payer], shared: list[str], before: list[Person]) -> Person:
    rates = family.rates
    kind = "b2b" if chance.random() < 0.65 else "b2c"
    name, names = _named(family, kind, chance)
    if before and chance.random() < rates["namesake"]:
        twin = chance.choice(before)
        kind, name, names = twin.kind, twin.name, twin.names
    own = iban(family.country, chance, family.banks)
    if chance.random() < rates["shared account"]:
        own = chance.choice(shared)
    other = None
    if chance.random() < rates["third party"]:
        other = chance.choice(
            [*keeper, Payer(f"{chance.choice(family.last)} Holding".replace("_", " "), iban(family.country, chance, family.banks))]
        )
    price = Decimal(chance.choice(family.prices)) if chance.random() < family.subscribers else None
    second = iban(family.country, chance, family.banks) if chance.random() < rates["new account"] else own
    takes = chance.random() < rates["discount takers"]
    return Person(f"{1000 + number}", name, kind, names, own, second, other, price, chance.random() < 0.55, takes)


def _named(family: Family, kind: str, chance: random.Random) -> tuple[str, tuple[str, ...]]:
    """A name, and the names under which its bank knows it."""
    first, last = chance.choice(family.first), chance.choice(family.last).replace("_", " ")
    if kind == "b2c":
        return f"{first} {last}", (
            f"{first} {last}",
            f"{last} {first}".upper(),
            f"{first[0]}. {last}",
            f"{first[0]} {last} e/o {family.last[3]}",
            last,
        )
    trade, form, place = chance.choice(family.trades), chance.choice(family.forms), chance.choice(family.last).replace("_", " ")
    name = f"{trade} {last} {form}".strip() if chance.random() < 0.7 else f"{trade} {last} & {place} {form}".strip()
    return name, (
        name,
        name.upper(),
        f"{last} {trade}",
        f"{form} {trade} {last}".strip(),
        f"{first} {last}",
        f"{name} AFDELING ADMINISTRATIE",
    )


def bills(family: Family, persons: list[Person], wanted: int, chance: random.Random) -> list[Bill]:
    """About so many invoices over the year, numbered in the order of their days: subscriptions of one day stand beside one another."""
    drawn: list[tuple[date, str, Decimal, bool]] = []
    each = wanted / len(persons)
    for person in persons:
        drawn += _of(person, each, chance)
    drawn.sort(key=lambda row: (row[0], row[1]))
    made = []
    for ordinal, (day, key, amount, referenced) in enumerate(drawn, 1):
        reference = family.reference(ordinal, chance) if referenced else ""
        made.append(Bill(family.number(ordinal), key, day, day + timedelta(days=chance.choice((14, 30, 30))), amount, reference))
    return made


def _of(person: Person, each: float, chance: random.Random) -> Iterator[tuple[date, str, Decimal, bool]]:
    if person.price is not None:
        day = FIRST + timedelta(days=chance.choice((0, 0, 0, 14)))
        for month in range(12):
            yield day + timedelta(days=30 * month), person.key, person.price, person.referenced
        return
    for _ in range(max(1, round(chance.gauss(each, each / 2)))):
        cents = chance.choice((chance.randrange(500, 500_000), chance.randrange(5, 2_000) * 100, chance.randrange(1, 100) * 1210))
        yield FIRST + timedelta(days=chance.randrange(YEAR - 60)), person.key, Decimal(cents).scaleb(-2), person.referenced
