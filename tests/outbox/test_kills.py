"""Killed workers: nothing is sent twice, nothing is lost, and what is unknown is no more than the kills (see `tests.outbox.kills`)."""

from __future__ import annotations

import pytest

from tests import postgres
from tests.outbox.kills import Boastful, Verdict, kills
from tests.scale import scaled

KINDS = ["sqlite", "postgresql"]


def _killed(kind: str, sends: int, count: int, same_bytes: bool = False) -> Verdict:
    try:
        verdict = kills(kind, sends, count, same_bytes=same_bytes)
    except postgres.NoServer as reason:
        pytest.skip(str(reason))
    assert verdict.holds, str(verdict)
    return verdict


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_kills(kind: str) -> None:
    assert _killed(kind, 500, 5).kills == 5  # a hundred messages a kill, as in the long one: fewer may all be sent before the last


def test_the_same_bytes_are_sent_until_they_arrive() -> None:
    verdict = _killed("sqlite", 200, 10, same_bytes=True)
    assert verdict.lost == 0


def test_the_judge_sees_duplicates_where_there_are_some() -> None:
    verdict = kills("sqlite", 200, 25, sender=Boastful)
    assert verdict.doubled
    assert not verdict.holds


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_kills(kind: str) -> None:
    assert _killed(kind, scaled(100_000), scaled(1_000)).kills == scaled(1_000)
