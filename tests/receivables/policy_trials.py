"""Experiments for tests: one on the second step of a flow, and how often equal arms look different."""

from __future__ import annotations

from collections import Counter
from statistics import NormalDist

from einvoice.receivables.policy import Policy, arm, load
from einvoice.receivables.policy.model import Step
from tests.receivables.policy_broken import SOUND


def trial(identifier: str = "trial", arms: str = "{A: {any_of: [sms]}, B: {any_of: [whatsapp]}}") -> tuple[Policy, Step]:
    """A policy with such an experiment, and the step that it changes."""
    policy = load(SOUND.replace("id: trial", f"id: {identifier}").replace("{A: {any_of: [sms]}, B: {any_of: [whatsapp]}}", arms))
    return policy, policy.flows["hard"].steps[1]


def name(policy: Policy, step: Step, key: str) -> str:
    """The arm of a debtor."""
    found = arm(policy, "hard", step, key)
    assert found is not None
    return found[0]


def false_positives(experiments: int, debtors: int) -> float:
    """The share of A/A tests, in which both arms are the same, that a test at 5 % calls different."""
    bound, found = NormalDist().inv_cdf(0.975), 0
    pays = [number % 10 < 3 for number in range(debtors)]
    for experiment in range(experiments):
        policy, step = trial(f"aa{experiment}", "{A: {}, B: {}}")
        counts = Counter((name(policy, step, f"D{number}")[-1], pays[number]) for number in range(debtors))
        a, b = counts["A", True] + counts["A", False], counts["B", True] + counts["B", False]
        share = (counts["A", True] + counts["B", True]) / debtors
        error = (share * (1 - share) * (1 / a + 1 / b)) ** 0.5
        found += abs(counts["A", True] / a - counts["B", True] / b) > bound * error
    return found / experiments
