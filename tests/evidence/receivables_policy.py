"""The policy: its flows, faults told by line, gaps and shadows by exact reasoning, segments, experiments, its page and its trial."""

from __future__ import annotations

import gc
import random
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

from tests.evidence import Figure, figure, scaled

FLOWS = """\
b2c_18_35: 0 email | 8 sms | 15 whatsapp | 18 letter | 25 call
b2c_35_80: 0 email | 8 letter | 15 sms | 18 letter | 25 call
b2b_sme: 0 email | 7 whatsapp/sms | 14 call
b2b_large: 0 email | 10 email | 20 call | 30 registered_letter
score_high: 0 email | 10 email+sms | 20 call
score_low: 0 email+sms | 7 letter | 14 call | 30 hand-over
nl: 0 email | 7 whatsapp/sms | 14 call
international: 0 email | 10 email+call | 30 registered_letter/hand-over
amount_small: 0 email | 10 whatsapp/sms | 20 call
amount_large: 0 email | 7 call | 14 letter | 30 hand-over
"""
"""The ten flows as the design's table has them, typed from it: day and means; + is and, / is or."""

SAID = {
    ("b2b_large", 0): ("finance", "reminder"),
    ("b2b_large", 10): ("finance", "reminder"),
    ("b2b_large", 20): ("accounts_payable", "reminder"),
    ("b2b_large", 30): ("general", "notice_of_default"),
    ("international", 30): ("general", "legal_letter"),
    ("amount_large", 0): ("management", "reminder"),
    ("amount_large", 7): ("finance_responsible", "reminder"),
    ("amount_large", 14): ("general", "aanmaning"),
}
"""To whom and with what, where the table says more than the means."""


@figure(
    "policy-flows", bar="the default policy is the design's ten flows with 37 steps, and the design's example loads as it stands", item=3
)
def flows() -> Figure:
    from einvoice.receivables.policy import check, default, load
    from einvoice.receivables.policy.model import Policy

    def written(policy: Policy) -> str:
        lines = (
            f"{name}: " + " | ".join(f"{step.offset} {'+'.join(step.all_of)}{_either(step)}" for step in flow.steps)
            for name, flow in policy.flows.items()
        )
        return "\n".join(lines) + "\n"

    ours, example = default(), load(Path(__file__).parents[1] / "receivables" / "policy-example.yaml")
    said = {(name, step.offset): (step.to, step.document) for name, flow in ours.flows.items() for step in flow.steps}
    wrong = [where for where, what in SAID.items() if said[where] != what]
    steps = sum(len(flow.steps) for flow in ours.flows.values())
    firm = all(
        [flow.firmness_of(step.id) for step in flow.steps] == sorted(flow.firmness_of(step.id) for step in flow.steps)
        for flow in ours.flows.values()
    )
    text = f"{len(ours.flows)} flows, {steps} steps; the table's: {written(ours) == FLOWS}; recipients and documents wrong: {len(wrong)}"
    text += (
        f"; the example's: {written(example) == FLOWS}; firmness never falls: {firm}; findings: {len(check(ours)) + len(check(example))}"
    )
    same = written(ours) == written(example) == FLOWS
    return Figure(text, same and firm and steps == 37 and not wrong and not check(ours) and not check(example))


def _either(step: object) -> str:
    either = [*step.any_of, *(["hand-over"] if step.handover or step.or_handover else [])]  # type: ignore[attr-defined]
    return "/".join(either)


@figure("policy-faults", bar="each of 80 or more broken policies is refused with the code, the line and a mend", item=3)
def faults() -> Figure:
    from einvoice.receivables.policy import examine
    from tests.receivables.policy_broken import BROKEN, SOUND

    named, missed = Counter[str](), []
    for broken in BROKEN:
        found = examine(broken.text)
        right = any(each.code == broken.code and each.place.line == broken.line and each.mend for each in found.findings)
        if found.policy is None and right:
            named[broken.code] += 1
        else:
            missed.append(f"{broken.code}: {broken.new}")
    sound = len(examine(SOUND).findings)
    text = f"{sum(named.values())} of {len(BROKEN)} named with code, line and mend, {len(named)} codes; sound one: {sound} findings"
    return Figure(" ".join([text, *missed[:3]]), len(BROKEN) >= 80 and not missed and not sound)


@figure("policy-check", bar="every seeded fault of a policy that loads is named with its line, and nothing else", item=3)
def seeded() -> Figure:
    from einvoice.receivables.policy import check, load
    from tests.receivables.policy_broken import SEEDED, SOUND

    wrong = []
    for old, new, code, mark in SEEDED:
        text = SOUND.replace(old, new, 1)
        wanted = [(code, 1 + text[: text.index(mark)].count("\n"))] if code else []
        if [(each.code, each.place.line) for each in check(load(text))] != wanted:
            wrong.append(code or new)
    codes = {code for _, _, code, _ in SEEDED if code}
    return Figure(
        f"{len(SEEDED) - len(wrong)} of {len(SEEDED)}, {len(codes)} codes {' '.join(wrong)}".rstrip(), not wrong and len(codes) >= 8
    )


@figure(
    "policy-reasoning",
    bar="random policies: each gap and reachable segment has a real debtor, no debtor reaches what is out of reach",
    item=3,
)
def reasoning() -> Figure:
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    from einvoice.receivables.policy import check
    from tests.receivables.policy_debtors import conditions, policy_of
    from tests.receivables.policy_reasoned import agrees

    counts = Counter[str]()

    def measure(texts: list[str]) -> None:
        agrees(texts, 50)
        counts.update(["policies", *{each.code for each in check(policy_of(texts))}])

    quick = settings(
        max_examples=scaled(1500), deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    seed(3)(quick(given(st.lists(conditions(), min_size=1, max_size=7))(measure)))()
    text = f"{counts['policies']} policies, each against 50 debtors and one made for every outcome; with a gap {counts['gap']}"
    text += f", a segment out of reach {counts['unreachable-segment']}, one that none can fit {counts['contradiction']}"
    return Figure(text, counts["gap"] > 0 and counts["unreachable-segment"] > 0 and counts["contradiction"] > 0)


@figure("policy-segments", bar="every debtor has exactly the segment of the design's list, with what was compared", item=3)
def segments() -> Figure:
    from einvoice.receivables.policy import Chosen, default, segment
    from tests.receivables.policy_debtors import DAY, expected, random_debtor

    rnd, seen, wrong = random.Random(11), Counter[str](), 0
    for _ in range(scaled(50_000)):
        one = random_debtor(rnd)
        found = segment(default(), one, DAY)
        right = isinstance(found, Chosen) and found.segment == expected(one) and bool(found.because)
        wrong += not right
        seen.update([expected(one)])
    return Figure(
        f"{sum(seen.values())} debtors over {len(seen)} of 11 segments, wrong or unexplained: {wrong}", not wrong and len(seen) == 11
    )


@figure("policy-segment-speed", bar="200,000 debtors with 5 invoices each through 11 segments in at most 1.5 s", item=3)
def speed() -> Figure:
    from einvoice.receivables.policy import default, segment
    from tests.receivables.policy_debtors import DAY, invoice, random_debtor

    rnd, policy = random.Random(5), default()
    invoices = tuple(invoice(number, 100 * number, DAY) for number in range(1, 6))
    debtors = [random_debtor(rnd)._replace(invoices=invoices) for _ in range(2000)]
    spent = []
    gc.collect()
    gc.freeze()
    for _ in range(3):
        start = perf_counter()
        for _ in range(100):
            for one in debtors:
                segment(policy, one, DAY)
        spent.append(perf_counter() - start)
    gc.unfreeze()
    return Figure(f"{min(spent):.2f} s, best of 3", min(spent) <= 1.5)


@figure("policy-experiments", bar="arms stay with a debtor; of tests with equal arms 5 % ± 1 look different", item=3)
def experiments() -> Figure:
    from tests.receivables.policy_trials import false_positives, name, trial

    first, again = trial(), trial(arms="{B: {any_of: [whatsapp]}, A: {any_of: [sms]}}")
    keys = [f"D{number}" for number in range(scaled(20_000))]
    moved = sum(name(*first, key) != name(*again, key) for key in keys)
    count = scaled(2500)
    share = false_positives(count, 1500)
    slack = max(0.01, 3 * (0.05 * 0.95 / count) ** 0.5)
    return Figure(
        f"{len(keys)} debtors, moved: {moved}; {count} tests of equal arms: {100 * share:.1f} % different",
        not moved and abs(share - 0.05) <= slack,
    )


@figure("policy-discount", bar="paid on day 7: discount; on day 8: none", item=3)
def discounts() -> Figure:
    from einvoice.receivables.policy import Granted, discount, load
    from tests.receivables.policy_broken import SOUND
    from tests.receivables.policy_debtors import debtor, invoice

    one = invoice(1, "1000.00", date(2026, 12, 1))._replace(issued=date(2026, 11, 1))
    about = debtor(customer_since=date(2010, 1, 1), invoices=(one,))
    found = {day: discount(load(SOUND), about, one, date(2026, 11, 1 + day)) for day in (7, 8)}
    seven = found[7]
    text = f"1,000.00 paid on day 7: {seven.amount if isinstance(seven, Granted) else 'none'}; on day 8: {found[8] or 'none'}"
    return Figure(text, isinstance(seven, Granted) and str(seven.amount) == "20.00" and found[8] is None)


@figure(
    "policy-page",
    bar="the page tells every segment, step and dispute in en, nl, de, fr; closed elements, no script, no outside part",
    item=3,
)
def pages() -> Figure:
    from einvoice.receivables.policy import default, page
    from einvoice.receivables.policy.wording import LANGUAGES
    from tests.receivables.test_policy_pages import Outline

    policy, told = default(), []
    for language in LANGUAGES:
        html = page(policy, language)
        tables = Outline(html).tables
        steps = sum(len(rows) - 1 for name, rows in tables.items() if name.startswith("flow-"))
        alone = "<script" not in html and "http" not in html and policy.hash in html
        told.append((len(tables["segments"]) - 1, steps, len(tables["disputes"]) - 1, alone))
    return Figure(
        f"{len(told)} languages: {told[0][0]} segments, {told[0][1]} steps, {told[0][2]} kinds of dispute", set(told) == {(11, 37, 9, True)}
    )


@figure(
    "policy-simulate", bar="`policy simulate --as-of` names what would go out, what is held, and why; 40 days on, the flow's steps", item=3
)
def simulation() -> Figure:
    from einvoice.database import connect, reading
    from einvoice.receivables import law
    from einvoice.receivables.policy import default
    from einvoice.receivables.policy.simulation import simulate
    from einvoice.receivables.store.snapshots import snapshots
    from tests.receivables import books

    dates = {"issued": date(2026, 10, 3), "due": date(2026, 11, 3)}
    with tempfile.TemporaryDirectory() as folder, books.database(Path(folder)) as engine:
        with connect(engine) as connection:
            creditor = books.creditor(connection)
            books.invoice(connection, books.debtor(connection, creditor, "large", size="large"), "L1", "900.00", **dates)
            books.invoice(connection, books.debtor(connection, creditor, "dollars"), "D1", "900.00", currency="USD", **dates)
        with reading(engine) as connection:
            days = list(simulate(snapshots(connection, creditor, date(2026, 11, 2)), default(), law.load(), date(2026, 11, 2), 40))
    steps = [f"{day.day:%m-%d} {action.step}" for day in days for _, action in day.actions]
    reasons = all(action.why.because and action.why.step for day in days for _, action in day.actions)
    held = {note.code for day in days for _, each in day.held for note in each.notes}
    wanted = ["11-02 pre", "11-03 r1", "11-13 r2", "11-23 r3", "12-03 r4"]
    return Figure(f"{', '.join(steps)}; held: {', '.join(sorted(held))}", steps == wanted and reasons and "no-rate" in held)
