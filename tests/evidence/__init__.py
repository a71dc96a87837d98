"""Evidence: every claim of the project as a figure that a command measures again.

A module `tests/evidence/TOPIC_AREA.py` holds the figures of one area of a topic:

    @figure("structure-agreement", bar="100 % of files", item=2)
    def structure_agreement() -> Figure:
        same, total = compare(corpora())
        return Figure(f"{same} of {total} files", same == total)

`scripts/evidence core` runs every figure of the topic, `scripts/evidence core --only structure-agreement` one.
What could not be measured (a peer, a corpus or a module is absent, an exception) does not hold, and says why.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import corpora as published
from tests.scale import scale, scaled

__all__ = ["Claim", "Figure", "NotMeasured", "claims", "corpora", "figure", "scale", "scaled"]


class NotMeasured(Exception):
    """A figure that cannot be measured here; the message says what is absent."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, as text with its unit, and whether the bar holds."""

    value: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure to measure: its topic and name, the bar it must reach, the item of the topic's list that it belongs to."""

    topic: str
    name: str
    bar: str
    item: int
    measure: Callable[[], Figure]

    @property
    def command(self) -> str:
        """Measures this figure alone."""
        return f"scripts/evidence {self.topic} --only {self.name}"

    def measured(self) -> Figure:
        """The figure; one that does not hold, with the reason, where anything stands in the way."""
        try:
            return self.measure()
        except pytest.skip.Exception as absent:  # a test's helper that lacks its program
            return Figure(f"not measured: {absent.msg}", False)
        except Exception as error:
            reason = str(error) if isinstance(error, NotMeasured) else f"{type(error).__name__}: {error}"
            return Figure(f"not measured: {reason}", False)


_claims: dict[tuple[str, str], Claim] = {}


def figure(name: str, *, bar: str, item: int) -> Callable[[Callable[[], Figure]], Callable[[], Figure]]:
    """Registers a function as the measurement of a figure of its module's topic."""

    def register(measure: Callable[[], Figure]) -> Callable[[], Figure]:
        topic = measure.__module__.rpartition(".")[2].partition("_")[0]
        if (topic, name) in _claims:
            raise ValueError(f"two figures of {topic} are called {name}")
        _claims[topic, name] = Claim(topic, name, bar, item, measure)
        return measure

    return register


def claims(topic: str) -> list[Claim]:
    """Every claim of a topic, by item; a module that cannot be imported is a claim that does not hold."""
    broken = [claim for module in _modules(topic) if (claim := _imported(topic, module))]
    return sorted([claim for claim in _claims.values() if claim.topic == topic] + broken, key=lambda claim: claim.item)


def corpora() -> Path:
    """The folder of published invoices with their official verdicts, or NotMeasured."""
    folder = published.folder()
    if folder is None:
        raise NotMeasured(published.ABSENT)
    return folder


def _modules(topic: str) -> Iterator[str]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return (name for name in names if name.startswith(f"{topic}_"))


def _imported(topic: str, module: str) -> Claim | None:
    try:
        importlib.import_module(f"{__name__}.{module}")
    except Exception as error:
        return Claim(topic, module, "the module imports", 0, _raiser(error))
    return None


def _raiser(error: Exception) -> Callable[[], Figure]:
    def measure() -> Figure:
        raise error

    return measure
