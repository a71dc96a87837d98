"""The evidence framework: what a figure prints, and that nothing unmeasured counts as held."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import evidence
from tests.evidence import Figure, NotMeasured, claims, figure
from tests.evidence.__main__ import main


@pytest.fixture(autouse=True)
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test registers its own figures, under a topic that no module has."""
    monkeypatch.setattr(evidence, "_claims", {})


def register(name: str, value: Figure | Exception, item: int = 1) -> None:
    def measure() -> Figure:
        if isinstance(value, Exception):
            raise value
        return value

    measure.__module__ = "tests.evidence.demo_area"
    figure(name, bar="10", item=item)(measure)


def test_a_line_names_value_bar_verdict_and_the_command_that_repeats_it(capsys: pytest.CaptureFixture[str]) -> None:
    register("size", Figure("12 | MB", True))
    assert main(["demo"]) == 0
    assert capsys.readouterr().out == "size | 12 / MB | 10 | yes | scripts/evidence demo --only size\n"


@pytest.mark.parametrize("fault", [NotMeasured("no peer"), ImportError("no peer"), ZeroDivisionError()])
def test_what_cannot_be_measured_does_not_hold(fault: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    register("size", fault)
    assert main(["demo"]) == 1
    assert capsys.readouterr().out.split(" | ")[1].startswith("not measured: ")


def test_one_that_does_not_hold_fails_the_topic_but_not_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    register("late", Figure("2", True), item=2)
    register("early", Figure("1", False), item=1)
    assert main(["demo"]) == 1
    assert [line.split(" | ")[0] for line in capsys.readouterr().out.splitlines()] == ["early", "late"]
    assert main(["demo", "--only", "late"]) == 0


def test_an_unknown_name_is_no_success() -> None:
    assert main(["demo", "--only", "nothing"]) == 2


def test_a_name_stands_for_one_figure() -> None:
    register("size", Figure("1", True))
    with pytest.raises(ValueError, match="size"):
        register("size", Figure("1", True))


def test_a_module_that_does_not_import_is_a_claim_that_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_modules", lambda topic: iter([f"{topic}_absent"]))
    [claim] = claims("demo")
    assert not claim.measured().holds


def test_every_item_of_the_first_step_has_a_figure_and_every_module_of_figures_imports() -> None:
    command = [sys.executable, "-m", "tests.evidence", "core", "--list"]
    run = subprocess.run(command, cwd=Path(__file__).parents[1], check=True, capture_output=True, text=True)
    assert {line.split(" | ")[0] for line in run.stdout.splitlines()} == set("12345678")
