"""Workers killed at any moment: nothing that is sent once arrives twice, and nothing is lost."""

from __future__ import annotations

import pytest

from tests.plugins.small.kills import kills
from tests.scale import scaled


def test_a_killed_worker_leaves_one_effect_unknown_at_most() -> None:
    verdict = kills(150, 2)
    assert verdict.holds
    assert verdict.kills


@pytest.mark.slow
def test_many_killed_workers() -> None:
    wanted = scaled(100)
    verdict = kills(100 * wanted, wanted)
    assert verdict.holds
    assert verdict.kills == wanted
    assert verdict.unknown


@pytest.mark.slow
def test_the_judge_sees_what_arrives_twice() -> None:
    verdict = kills(1_500, 15, resend="same_bytes")
    assert verdict.doubled
    assert not verdict.holds
