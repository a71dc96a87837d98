"""Planning: the ten flows, the invariants in random worlds, hours, explanations, purity, complaints about peers, speed."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.evidence import Figure, figure, scaled

ROOT = Path(__file__).resolve().parents[2]


@figure("flows-ten", bar="each of the ten flows emits exactly its steps: every day open, with weekends and holidays, under the law", item=4)
def flows_ten() -> Figure:
    from einvoice.receivables import law
    from tests.receivables import test_flows as flows
    from tests.receivables.worlds import World, policy_of

    wrong, steps = [], 0
    for name, table in flows.FLOWS.items():
        for due in flows.DAYS_DUE:
            open_ = World([flows.party(name, due)], policy_of())
            ours = [flows.taken(World([flows.party(name, due)], policy_of(every_day=False), *rules), due) for rules in ((), (law.load(),))]
            steps += len(table) * 3
            wrong += [f"{name} due {due}"] * ((flows.taken(open_, due), *ours) != (table, *[flows.rolled(name, due)] * 2))
    count = sum(map(len, flows.FLOWS.values()))
    text = f"{len(flows.FLOWS)} flows, {count} steps; 7 weekdays, without calendar, with it, with the law: {steps} steps"
    return Figure(f"{text}, flows that differ: {', '.join(wrong) or 'none'}", not wrong and count == 37)


@figure("invariants", bar="invariants 1–8 and 12–14 of planning hold after every event of every random world", item=4)
def invariants() -> Figure:
    """Payments, reversals, credit notes, pauses, segments, consents, bounces, missed days; other means than the planner's judge."""
    from tests.receivables.planning_machine import Mornings, consumers, to_and_fro
    from tests.receivables.test_planning_properties import run

    Mornings.examples.clear()
    run(scaled(1500), 60)
    seen, moved, charged = Mornings.examples, to_and_fro(scaled(1000), seed=1), consumers(scaled(500), seed=1)
    text = f"{seen['worlds']} worlds of up to 60 events, {seen['actions']} actions; {moved} of debtors between two flows"
    holds = seen["actions"] > 3 * scaled(1500) and moved > scaled(1000) and charged > scaled(500)
    return Figure(f"{text}; {charged} charges to consumers; broken: none", holds)


@figure("mornings", bar="10,000 random steps: 0 outside the debtor's morning or on a holiday", item=4)
def mornings() -> Figure:
    from tests.receivables.planning_times import PLACES, random_mornings

    seen = random_mornings(scaled(10_000), seed=random.randrange(10**6))
    return Figure(f"{seen} steps in {len(PLACES)} countries, outside: 0", seen >= scaled(10_000))


@figure("explanation-complete", bar="every action says segment, what decided, step, what delayed it, sums that add up, four hashes", item=4)
def explanation_complete() -> Figure:
    from einvoice.receivables import law
    from einvoice.receivables.planning import plan
    from tests.receivables.planning_portfolio import DAY, portfolio
    from tests.receivables.worlds import policy_of

    policy = policy_of(every_day=False, prelude=True)
    world = {one.id: one for one in portfolio(policy, scaled(20_000))}
    counts: Counter[str] = Counter()
    for action in plan(world.values(), policy, law.load(), DAY):
        due = {invoice.id: invoice.due for invoice in world[action.debtor].invoices}
        late = max((DAY - due[claimed.invoice]).days for claimed in action.invoices) > action.offset
        complete = {
            "segment": bool(action.why.segment and action.why.because),
            "step": action.step in action.why.step and action.flow in action.why.step,
            "delay": bool(action.why.delayed) == late,
            "sum": action.amount == sum(claimed.amount + claimed.charges for claimed in action.invoices),
            "law": all(charge.lines for charge in action.charges),
            "hashes": [len(each) for each in (action.id, action.policy, action.rates, action.flow_version)] == [40, 64, 64, 16],
        }
        counts.update(["actions", *(f"without {what}" for what, there in complete.items() if not there)])
    actions = counts.pop("actions", 0)
    return Figure(f"{actions} actions, incomplete: {dict(counts) or 'none'}", actions > 0 and not counts)


@figure(
    "plan-pure", bar="no clock, chance, file, network or database; any order of debtors and any run gives the same actions and ids", item=4
)
def plan_pure() -> Figure:
    from einvoice.receivables import law
    from einvoice.receivables.planning import plan
    from tests.receivables.planning_portfolio import DAY, portfolio
    from tests.receivables.planning_purity import impure_source, touched
    from tests.receivables.worlds import policy_of

    policy, count = policy_of(every_day=False, prelude=True), scaled(10_000)
    found = []
    for seed in range(4):
        world = list(portfolio(policy, count))
        random.Random(seed).shuffle(world)
        found.append({action.id: action for action in plan(world, policy, law.load(), DAY)})
    same = all(each == found[0] for each in found)
    faults = [*impure_source(), *touched(scaled(2_000))]
    text = f"{len(found[0])} actions, 4 orders {'the same' if same else 'DIFFER'}; impure: {', '.join(faults) or 'nothing'}"
    return Figure(text, same and not faults and bool(found[0]))


@figure("complaints", bar="each complaint about peers that planning answers is a test that holds", item=4)
def complaints() -> Figure:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/receivables/test_complaints.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    return Figure(last, done.returncode == 0 and "skipped" not in last)


@figure("plan-speed", bar="1,000,000 open invoices of 200,000 debtors with law packs on: at most 6 s of CPU in planning alone", item=4)
def plan_speed() -> Figure:
    from einvoice.receivables import law
    from einvoice.receivables.planning import plan
    from tests.receivables.planning_portfolio import DAY, portfolio
    from tests.receivables.worlds import policy_of

    policy, debtors, part = policy_of(every_day=False, prelude=True), scaled(200_000), 10_000
    spent, actions = 0.0, 0
    for first in range(1, debtors + 1, part):
        world = list(portfolio(policy, min(part, debtors + 1 - first), first=first))
        gc.collect()
        start = time.process_time()
        actions += sum(1 for _ in plan(world, policy, law.load(), DAY))
        spent += time.process_time() - start
    text = f"{debtors * 5:,} invoices of {debtors:,} debtors, {actions:,} actions: {spent:.1f} s"
    return Figure(text, spent <= 6 * max(debtors / 200_000, 0.1) and actions > debtors / 5)
