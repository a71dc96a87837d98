"""The debtors of the demo: invented people, companies and public bodies in five countries, each with a habit of paying."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from einvoice.receivables.demo.chance import Chance

_COUNTRIES = (("NL", 52), ("BE", 20), ("DE", 15), ("FR", 9), ("NO", 4))
_KINDS = (("b2b", 58), ("b2c", 38), ("public", 4))
_SIZES = (("micro", 25), ("small", 40), ("medium", 20), ("large", 8), (None, 7))
_SECTORS = (("construction", 20), ("retail", 25), ("hospitality", 20), ("transport", 10), ("services", 25))
HABITS = (("prompt", 58), ("late", 20), ("reminded", 13), ("slow", 6), ("never", 3))
"""How debtors pay: before they are asked, some days late, once they are reminded, after weeks, or not."""
_SCORES = {"prompt": (60, 100), "late": (45, 90), "reminded": (35, 80), "slow": (20, 70), "never": (5, 45)}
_NOBODY = 0.02


class Customer(NamedTuple):
    """A debtor; `habit` is what only the demo knows of it."""

    key: str
    name: str
    first: str
    last: str
    kind: str
    country: str
    language: str
    zone: str
    region: str
    size: str | None
    sector: str | None
    score: int | None
    born: date | None
    since: date
    email: str
    phone: str
    street: str
    postcode: str
    city: str
    legal_id: str | None
    vat_id: str | None
    iban: str
    pay_day: int | None
    habit: str


def customers(count: int, day: date, seed: int) -> list[Customer]:
    """So many debtors as they are known on a day."""
    return [_customer(number, day, Chance(seed, "customer", number)) for number in range(1, count + 1)]


def _customer(number: int, day: date, chance: Chance) -> Customer:
    country, kind, habit = chance.of(_COUNTRIES), chance.of(_KINDS), chance.of(HABITS)
    here = _names()[country]
    first, last = chance.choice(here["first"]), chance.choice(here["last"])
    postcode, city = chance.choice(here["city"])
    name = _name(here, kind, first, last, city, chance)
    business = kind == "b2b"
    since = day - timedelta(days=chance.randint(40, 3_600))
    return Customer(
        f"C{number:05}",
        name,
        first,
        last,
        kind,
        country,
        "fr" if country == "BE" and chance.is_so(0.35) else here["language"],
        here["zone"],
        chance.choice(here["region"]),
        chance.of(_SIZES) if business else None,
        chance.of(_SECTORS) if business else None,
        chance.randint(*_SCORES[habit]) if chance.is_so(0.55) else None,
        date(day.year - chance.randint(19, 84), chance.randint(1, 12), chance.randint(1, 28)) if kind == "b2c" else None,
        since,
        f"c{number:05}@{'gone' if chance.is_so(_NOBODY) else 'customer'}.example",
        f"{here['mobile' if kind == 'b2c' else 'dial']}{number:04}",
        f"{chance.choice(here['street'])} {chance.randint(1, 180)}",
        postcode,
        city,
        _digits(chance, 8 if country == "NL" else 10) if kind != "b2c" else None,
        f"{country}{_digits(chance, 9)}" if business else None,
        iban(country, _digits(chance, 10)),
        25 if chance.is_so(0.04) else None,
        habit,
    )


def _name(here: Mapping[str, Any], kind: str, first: str, last: str, city: str, chance: Chance) -> str:
    if kind == "b2c":
        return f"{first} {last}"
    if kind == "public":
        return f"{chance.choice(here['public'])} {city}"
    return f"{chance.choice(here['company'])} {last} {chance.choice(here['form'])}"


def iban(country: str, digits: str) -> str:
    """An invented account of a country, its check digits right (ISO 13616-1) and its bank none that exists where the country allows it."""
    inner = {
        "NL": f"TEST{digits}",
        "BE": f"{digits}{(int(digits) % 97 or 97):02}",
        "DE": f"00000000{digits}",
        "FR": f"00000000{digits}00000"[:23],
        "NO": _norwegian(digits),
    }[country]
    return f"{country}{98 - _mod97(f'{inner}{country}00'):02}{inner}"


def _norwegian(digits: str) -> str:
    """Ten digits and their check digit by modulo 11; where that would be ten, the next number is taken."""
    rest = sum(int(digit) * weight for digit, weight in zip(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    check = (11 - rest) % 11
    return f"{digits}{check}" if check != 10 else _norwegian(f"{(int(digits) + 1) % 10**10:010}")


def _mod97(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % 97


def _digits(chance: Chance, count: int) -> str:
    return "".join(str(chance.randint(0, 9)) for _ in range(count))


@cache
def _names() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads(Path(__file__).with_name("names.json").read_bytes())
    return found
