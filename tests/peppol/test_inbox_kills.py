"""Servers that are killed lose nothing that they acknowledged, and hand nothing over twice; servers that are wrong are found out."""

from __future__ import annotations

import pytest

from tests.peppol.inbox_failpoints import POINTS
from tests.peppol.inbox_kills import every, kills
from tests.postgres import NoServer
from tests.scale import scaled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_server_loses_nothing_and_hands_nothing_over_twice(kind: str) -> None:
    try:
        found = kills(kind, scaled(250), points=every())
    except NoServer as reason:
        pytest.skip(str(reason))
    assert found.holds, str(found)
    assert found.points == 3 * len(POINTS)


def test_a_server_that_answers_before_it_commits_is_found_out() -> None:
    assert kills("sqlite", 20, fault="hasty").lost > 0


def test_a_handler_that_commits_by_itself_is_found_out() -> None:
    assert kills("sqlite", 0, points=["to be handed over"] * 6, fault="careless").doubled > 0
