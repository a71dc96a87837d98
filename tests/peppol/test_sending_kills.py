"""Killed workers: nothing is lost, nothing is handed over twice, nothing is sent without proof (see `tests.peppol.sending_kills`)."""

from __future__ import annotations

import pytest

from tests.peppol import sending_failpoints
from tests.peppol.sending_kills import kills
from tests.scale import scaled


def test_a_few_kills() -> None:
    verdict = kills(15, 2)
    assert verdict.holds, str(verdict)
    assert verdict.kills


@pytest.mark.slow
def test_the_judge_finds_out_who_takes_any_answer_for_a_receipt() -> None:
    verdict = kills(40, 2, faults=0.3, credulous=True)
    assert verdict.unproven
    assert not verdict.holds


@pytest.mark.slow
@pytest.mark.parametrize("large", [False, True])
def test_killed_at_every_step(large: bool) -> None:
    found = list(sending_failpoints.points(large=large))
    assert all(point.holds for point in found), [point for point in found if not point.holds]


@pytest.mark.slow
def test_a_thousand_kills() -> None:
    verdict = kills(scaled(5_000), scaled(1_000))
    assert verdict.holds, str(verdict)
    assert verdict.kills == scaled(1_000)
