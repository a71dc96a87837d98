"""The half-year table typed again by hand, and the golden vectors: what the packs are held against."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

HALVES = """
2013-01-01  0.75  8.75  9.0  -0.13  7.87 4.87  0.38  9.58 10.75
2013-07-01  0.50  8.50  8.5  -0.38  7.62 4.62 -0.12  9.08 10.50
2014-01-01  0.25  8.25  8.5  -0.63  7.37 4.37 -0.12  9.08 10.25
2014-07-01  0.15  8.15  8.5  -0.73  8.27 4.27 -0.12  9.08 10.15
2015-01-01  0.05  8.05  8.5  -0.83  8.17 4.17 -0.12  9.08 10.05
2015-07-01  0.05  8.05  8.5  -0.83  8.17 4.17 -0.12  9.08 10.05
2016-01-01  0.05  8.05  8.5  -0.83  8.17 4.17 -0.12  9.08 10.05
2016-07-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2017-01-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2017-07-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2018-01-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2018-07-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2019-01-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2019-07-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2020-01-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2020-07-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2021-01-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2021-07-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2022-01-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2022-07-01  0.00  8.00  8.0  -0.88  8.12 4.12 -0.62  8.58 10.00
2023-01-01  2.50 10.50 10.5   1.62 10.62 6.62  1.88 11.08 12.50
2023-07-01  4.00 12.00 12.0   3.12 12.12 8.12  3.38 12.58 14.00
2024-01-01  4.50 12.50 12.5   3.62 12.62 8.62  3.88 13.08 14.50
2024-07-01  4.25 12.25 12.5   3.37 12.37 8.37  3.88 13.08 14.25
2025-01-01  3.15 11.15 11.5   2.27 11.27 7.27  2.53 11.73 13.15
2025-07-01  2.15 10.15 10.5   1.27 10.27 6.27  1.53 10.73 12.15
2026-01-01  2.15 10.15 10.5   1.27 10.27 6.27  1.53 10.73 12.15
2026-07-01  2.40 10.40 10.5   1.52 10.52 6.52  1.53 10.73 12.40
"""
COLUMNS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("EU", "ecb"),),
    (("NL", "commercial"), ("ES", "commercial"), ("IT", "commercial"), ("LU", "commercial")),
    (("BE", "commercial"),),
    (("DE", "base"),),
    (("DE", "commercial"),),
    (("DE", "consumer"),),
    (("AT", "base"),),
    (("AT", "commercial"),),
    (("FR", "commercial"),),
)
"""Which tables the columns of `HALVES` are, after the day."""
CONSUMERS = """
NL consumer 2013-01-01 3 derived
NL consumer 2015-01-01 2 derived
NL consumer 2023-01-01 4 derived
NL consumer 2023-07-01 6 derived
NL consumer 2024-01-01 7 derived
NL consumer 2025-01-01 6 derived
NL consumer 2026-01-01 4 derived
NL consumer 2026-07-01 4 unverified
BE legal 2026-01-01 4.5 primary
AT consumer 2013-01-01 4 primary
LU legal 2024-01-01 4.5 primary
IT legal 2025-01-01 2 primary
IT legal 2026-01-01 1.6 primary
ES legal 2026-01-01 3.25 unverified
FR legal 2026-01-01 2.62 primary
FR private 2026-01-01 6.67 primary
"""
PRIMARY = {
    ("BE", "commercial"): {"2015-07-01", "2017-01-01", "2023-01-01", "2026-01-01"},
    ("ES", "commercial"): {"2014-07-01", "2020-01-01"},
    ("IT", "commercial"): {"2025-01-01", "2026-01-01"},
    ("LU", "commercial"): {"2024-07-01"},
    ("DE", "base"): {"2013-01-01", "2013-07-01", "2016-07-01", "2023-01-01", "2026-01-01"},
    ("AT", "base"): {"2013-07-01", "2016-01-01", "2016-07-01", "2023-01-01"},
}
"""The half-years that were read in an official publication."""
CHANGES = """
2011-12-14 1.00
2012-07-11 0.75
2013-05-08 0.50
2013-11-13 0.25
2014-06-11 0.15
2014-09-10 0.05
2016-03-16 0.00
2022-07-27 0.50
2022-09-14 1.25
2022-11-02 2.00
2022-12-21 2.50
2023-02-08 3.00
2023-03-22 3.50
2023-05-10 3.75
2023-06-21 4.00
2023-08-02 4.25
2023-09-20 4.50
2024-06-12 4.25
2024-09-18 3.65
2024-10-23 3.40
2024-12-18 3.15
2025-02-05 2.90
2025-03-12 2.65
2025-04-23 2.40
2025-06-11 2.15
2026-06-17 2.40
"""
"""The ECB's main refinancing rate by the day from which it held; the last day is assumed within its half-year."""


class Cell(NamedTuple):
    """A rate that a table must have."""

    country: str
    table: str
    since: date
    rate: Decimal


def cells() -> list[Cell]:
    """Every figure of the half-year table."""
    found = []
    for line in HALVES.split("\n")[1:-1]:
        day, *rates = line.split()
        for tables, rate in zip(COLUMNS, rates, strict=True):
            found += [Cell(*table, date.fromisoformat(day), Decimal(rate)) for table in tables]
    nl = Cell("NL", "commercial", date(2013, 1, 1), Decimal("7.75"))  # 8.75 from 16 March 2013 only
    return [nl if cell[:3] == nl[:3] else cell for cell in found]


COSTS = """
NL b2b 266.67 40.00
NL b2c 266.67 40.00
NL b2b 1000 150.00
NL b2c 5000 625.00
NL b2b 200000 2775.00
NL b2b 1000000 6775.00
NL b2b 25000000 6775.00
BE b2c 150 20.00
BE b2c 150.01 30.00
BE b2c 215 36.50
BE b2c 39200 2000.00
BE b2c 90000 2000.00
BE b2b 10 40.00
DE b2b 10 40.00
FR b2b 10 40.00
AT b2b 10 40.00
LU b2b 10 40.00
ES b2b 10 40.00
IT b2b 10 40.00
"""
INTEREST = """
NL b2b 1621.13
BE b2b 1609.18
DE b2b 1584.07
DE b2c 975.85
FR b2b 1869.93
LU b2b 1565.82
ES b2b 1565.82
IT b2b 1565.82
"""
"""Of 10,000.00 due 2025-05-15 and paid 2026-11-21; the last three are the Dutch figure without interest on interest."""


def vectors() -> list[tuple[str, str, str, str, Decimal]]:
    """Every golden vector: of costs or interest, country, kind, principal, amount."""
    made = [("costs", *line.split()) for line in COSTS.strip().split("\n")]
    for line in INTEREST.strip().split("\n"):
        country, kind, amount = line.split()
        made.append(("interest", country, kind, "10000", amount))
    return [(what, country, kind, principal, Decimal(amount)) for what, country, kind, principal, amount in made]


def reckoned(what: str, country: str, kind: str, principal: str) -> Decimal:
    """What the law reckons for a vector."""
    from einvoice.receivables.law import load
    from einvoice.receivables.law.claim import claim
    from einvoice.receivables.law.debt import Debt

    due = date(2025, 5, 15)
    debt = Debt(kind, Decimal(principal), due, due, date(2026, 11, 21), presumed=True)
    made = claim(load(), country, debt)
    return made.costs if what == "costs" else made.interest


FIGURES = {"rate", "tiers", "days", "most", "window", "basis", "months", "less", "times", "least"}
"""Keys of figures: the object in which one stands must say where it comes from."""
CHANNELS = ("letter", "registered_letter", "email", "peppol")


def figures(pack: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a pack that bear figures; ways to start and days of post are parts of the object around them."""
    for table in pack["tables"].values():
        table.get("derivation", {}).pop("points", None)
    for debtors in pack.get("debtors", {}).values():
        debtors.get("interest", {}).pop("starts", None)
    for channel in CHANNELS:
        pack.get("receipt", {}).pop(channel, None)
    for costs in pack.get("costs", {}).values():
        costs["tiers"] = len(costs["tiers"])
    return [each for each in _objects(pack) if FIGURES & each.keys()] + [pack[key] for key in ("receipt",) if key in pack]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(part)
