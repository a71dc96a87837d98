"""Mutants of AS4 messages are refused, never a traceback, and never accepted as something else."""

from __future__ import annotations

import pytest

from tests.fuzz import as4
from tests.scale import scaled


def test_a_few_mutants() -> None:
    outcome = as4.run(range(400))
    assert not outcome.faults
    assert outcome.share("parseable") >= 0.5
    assert len([code for code in outcome.fates if code.startswith("EBMS:")]) >= 6


@pytest.mark.slow
def test_a_hundred_thousand_mutants() -> None:
    outcome = as4.run_in_two(scaled(100_000))
    assert not outcome.faults
    assert outcome.share("parseable") >= 0.5
    assert outcome.growth < 50
    assert outcome.slowest < 5
