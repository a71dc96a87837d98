"""Which invoices add up to an amount: all ways are sought, because a second way means that nobody knows.

Among many amounts some sum to anything. How likely a sum comes about by chance is the number of subsets beside the number of amounts that
they could have (the total in steps of the greatest common divisor); more than one in two thousand is no evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import gcd
from typing import NamedTuple

MOST = 12
"""Open invoices of a debtor beyond which only all of them together are tried."""
CHANCE = 2_000


class Sums(NamedTuple):
    """The only subset that makes an amount (None: there is none, or several), how many ways were found, and whether chance is ruled out."""

    subset: tuple[int, ...] | None
    ways: int
    telling: bool


def subset(amounts: Sequence[tuple[int, Decimal]], total: Decimal, least: int = 2) -> Sums:
    """The subset of at least `least` amounts (all positive, by id) that makes a total."""
    mills = [(ref, int(amount * 1000)) for ref, amount in amounts if amount > 0]
    wanted = int(total * 1000)
    whole = sum(value for _, value in mills)
    if len(mills) < least or wanted > whole:
        return Sums(None, 0, False)
    step = gcd(*(value for _, value in mills))
    if wanted == whole:
        return Sums(tuple(ref for ref, _ in mills), 1, CHANCE * step <= whole)
    if len(mills) > MOST:
        return Sums(None, 0, False)
    found = _ways(sorted(mills, key=lambda pair: -pair[1]), wanted, least)
    telling = (1 << len(mills)) * CHANCE * step <= whole
    return Sums(found[0] if len(found) == 1 else None, len(found), telling)


def _ways(mills: Sequence[tuple[int, int]], wanted: int, least: int) -> list[tuple[int, ...]]:
    """The subsets that make an amount: two at most, for two are as bad as many."""
    rest = [0] * (len(mills) + 1)
    for place in range(len(mills) - 1, -1, -1):
        rest[place] = rest[place + 1] + mills[place][1]
    found: list[tuple[int, ...]] = []

    def walk(place: int, left: int, taken: tuple[int, ...]) -> None:
        if len(found) > 1 or left > rest[place]:
            return
        if left == 0:
            if len(taken) >= least:
                found.append(taken)
            return
        if place == len(mills):
            return
        ref, value = mills[place]
        if value <= left:
            walk(place + 1, left - value, (*taken, ref))
        walk(place + 1, left, taken)

    walk(0, wanted, ())
    return found
