"""The repository: what a newcomer, a contributor and an ERP host with old versions meet. Each figure is a step of `.ci/run`."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.evidence import Figure, figure

ROOT = Path(__file__).parents[2]


def step(name: str) -> Figure:
    """Runs one step; its value is the last line that counts tests, else how it ended."""
    run = subprocess.run([".ci/run", name], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line for line in run.stdout.splitlines() if line.strip()]
    counts = [line.strip("= ") for line in lines if " passed" in line or " failed" in line]
    ended = lines[-1].strip("- ") if run.returncode == 0 else f"exit {run.returncode}: {(run.stderr.splitlines() or lines)[-1]}"
    return Figure("; ".join([*counts[-1:], ended]), run.returncode == 0)


@figure("newcomer", bar="README's two commands pass in a fresh environment, from the committed files alone", item=1)
def newcomer() -> Figure:
    return step("newcomer")


@figure("checks", bar="ruff, mypy strict, import-linter and the documentation built strict are clean", item=1)
def checks() -> Figure:
    return step("checks")


@figure("package", bar="sdist and wheel build, the wheel shows its sample in a clean environment", item=1)
def package() -> Figure:
    return step("package")


@figure("floor", bar="every test passes with lxml 4.9 and pydantic 2.7", item=1)
def floor() -> Figure:
    return step("floor")


@figure("newest", bar="every test passes with the newest lxml and pydantic", item=1)
def newest() -> Figure:
    return step("newest")
