"""Mutated invoices: whatever is done to a document, a named error is the worst that happens."""

from __future__ import annotations

import sys

import pytest

from tests.fuzz.harness import Outcome, run
from tests.fuzz.mutate import bases, mutant
from tests.scale import scaled

linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux shows it")


def _holds(outcome: Outcome) -> None:
    assert outcome.faults == []
    assert outcome.share("well-formed") >= 0.5
    assert outcome.share("structure-valid") >= 0.1
    assert outcome.growth < 50
    assert outcome.slowest < 10


def test_a_mutant_is_reproduced_by_its_number() -> None:
    originals = bases(None)
    assert [mutant(originals, 1, number) for number in range(50)] == [mutant(originals, 1, number) for number in range(50)]


@linux
def test_a_thousand_mutants_raise_named_errors_only() -> None:
    _holds(run(range(1_000)))


@linux
@pytest.mark.slow
def test_ten_thousand_mutants_raise_named_errors_only() -> None:
    _holds(run(range(1_000, 1_000 + scaled(10_000))))
