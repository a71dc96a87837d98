"""Experiments: the arm of a step that a debtor has, always the same one, and what of the step is different in it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from einvoice.receivables.policy.model import Arm, Policy, Step


def arm(policy: Policy, flow: str, step: Step, debtor_key: str) -> tuple[str, Step] | None:
    """The arm that a debtor has for a step of the flow of that name, as `experiment/arm`, and the step as it is in that arm.

    None where no experiment changes the step. The arm follows from the experiment's id and the debtor's key alone: it stays the same
    on every day and machine, and is independent of other experiments.
    """
    found = _arms(policy).get((flow, step.id))
    if found is None:
        return None
    experiment, arms = found
    return arms[_place(experiment, debtor_key, len(arms))]


def _place(experiment: str, debtor_key: str, count: int) -> int:
    digest = hashlib.sha256(f"{experiment}\0{debtor_key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * count >> 64


@lru_cache(maxsize=64)
def _arms(policy: Policy) -> dict[tuple[str, str], tuple[str, list[tuple[str, Step]]]]:
    """For each step with an experiment, its id and its arms in the order of their names."""
    steps = {(name, step.id): step for name, flow in policy.flows.items() for step in flow.steps}
    return {
        (each.flow, each.step): (
            each.id,
            [(f"{each.id}/{name}", _changed(steps[each.flow, each.step], each.arms[name])) for name in sorted(each.arms)],
        )
        for each in policy.experiments
    }


def _changed(step: Step, arm: Arm) -> Step:
    """The step as an arm has it: its channels, voice and contents where the arm says something of them."""
    update: dict[str, Any] = {"all_of": arm.all_of, "any_of": arm.any_of} if arm.all_of or arm.any_of else {}
    if arm.voice is not None:
        update["voice"] = arm.voice
    if arm.contents is not None:
        update["contents"] = arm.contents
    return step.model_copy(update=update)
