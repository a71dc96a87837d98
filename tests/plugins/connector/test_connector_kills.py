"""Killed at every step, and at random: nothing is lost, nothing imported or published twice. `scripts/evidence tryton` runs it in full."""

from __future__ import annotations

import pytest

from einvoice_plugins.connector.work import STEPS
from tests.plugins.connector.alone import alone
from tests.plugins.connector.failpoints import Point
from tests.plugins.connector.kills import Verdict
from tests.scale import scaled


def _points(call: str) -> list[Point]:
    return [Point(kind, step, hit, tuple(wrong)) for kind, step, hit, wrong in alone("failpoints", call)]


@pytest.mark.parametrize(
    ("kind", "steps"), [("refused", ("committed", "lifted")), ("table", ("imported", "committed")), ("view", ("view written",))]
)
def test_killed_at_a_step_nothing_is_lost_or_twice(kind: str, steps: tuple[str, ...]) -> None:
    found = _points(f"points(kinds={(kind,)}, steps={steps})")
    assert [(point.step, point.hit, point.wrong) for point in found] == [(step, True, ()) for step in steps]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_at_each_step_of_everything(database: str) -> None:
    found = _points(f"points({database!r})")
    assert not [point for point in found if not point.holds]
    assert {point.step.rstrip(" 23") for point in found if point.hit} == set(STEPS)


def test_the_judge_finds_a_careless_connector_out() -> None:
    (_, _, _, wrong) = alone("failpoints", "careless()")
    assert wrong


def test_killed_at_random_nothing_is_lost_or_twice() -> None:
    found = Verdict(*alone("kills", "kills(12, 4, seed=11)"))
    assert (found.lost, found.twice, found.wrong, found.left) == (0, 0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_often_nothing_is_lost_or_twice(database: str) -> None:
    verdict = Verdict(*alone("kills", f"kills({scaled(600)}, {scaled(300)}, database={database!r})"))
    assert verdict.holds, verdict
