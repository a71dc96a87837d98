"""The page about cases: its program runs, and names every category, status and verb there is."""

from __future__ import annotations

import re
from pathlib import Path

from einvoice.cli.receivables import VERBS
from einvoice.receivables.cases.machine import DISPUTE, FOLLOW_UP, PLAN, PROMISE
from tests.receivables.cases_responses import REASONS, STATUSES

PAGE = (Path(__file__).parents[2] / "docs" / "cases.md").read_text("utf-8")


def test_its_program_runs() -> None:
    program = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert program
    exec(compile(program.group(1), "cases.md", "exec"), {})  # noqa: S102 - it is our own page


def test_it_names_every_state_status_reason_and_verb() -> None:
    states = {state for machine in (DISPUTE, PROMISE, PLAN, FOLLOW_UP) for state in machine.nexts}
    verbs = {verb for verb in VERBS if verb in ("people", "dispute", "promise", "instalments", "task", "writeoff")}
    assert len(verbs) == 6
    known = set(re.findall(r"\w+", PAGE))
    assert states | verbs | set(STATUSES) | (set(REASONS) - {"NON"}) <= known
