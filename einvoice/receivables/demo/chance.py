"""Chance that is the same each time: drawn from what it is about, so that one more debtor changes nobody else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """Random numbers that follow from words."""

    def __init__(self, *about: object) -> None:
        super().__init__(" ".join(map(str, about)))

    def of(self, weighed: Sequence[tuple[T, float]]) -> T:
        """One of several, by weight."""
        return self.choices([value for value, _ in weighed], [weight for _, weight in weighed])[0]

    def is_so(self, share: float) -> bool:
        """Yes, in a share of the cases."""
        return self.random() < share
