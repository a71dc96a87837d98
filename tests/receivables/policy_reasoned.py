"""Whether what is said of segments is so: each outcome has a debtor, and no debtor has another outcome."""

from __future__ import annotations

import random
from datetime import date

from einvoice.errors import PolicyError
from einvoice.receivables.policy import Chosen, Policy, check, segment
from einvoice.receivables.policy.parsing import parse
from einvoice.receivables.policy.reasoning import outcomes
from einvoice.receivables.snapshot import DebtorSnapshot
from tests.receivables.policy_debtors import DAY, answering, policy_of, random_debtor


def agrees(texts: list[str], debtors: int, seed: int = 1) -> None:
    """Every outcome has a debtor, made from its witness, and every random debtor's segment is among the outcomes."""
    policy = policy_of(texts)
    made = outcomes([parse(text) for text in texts])
    assert made.complete
    for place, witness in made.found.items():
        debtor, day = answering(dict(witness))
        assert _place(debtor, day, policy) == place, (texts, place, witness, debtor)
    rnd = random.Random(seed)
    for _ in range(debtors):
        debtor = random_debtor(rnd)
        assert _place(debtor, DAY, policy) in made.found, (texts, debtor)
    named = {finding.place.path[1] for finding in check(policy) if finding.code in ("unreachable-segment", "contradiction")}
    assert named == set(range(len(texts))) - set(made.found)
    assert any(finding.code == "gap" for finding in check(policy)) == (-1 in made.found)


def _place(debtor: DebtorSnapshot, day: date, policy: Policy) -> int:
    try:
        chosen = segment(policy, debtor, day)
    except PolicyError:
        return -1
    assert isinstance(chosen, Chosen)
    return int(chosen.segment[1:])
