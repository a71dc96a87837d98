"""Peppol, out: nothing lost, nothing twice, nothing `sent` without a verified receipt; evidence that anybody can verify; one command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.evidence import Figure, figure, scaled

_ROOT = Path(__file__).parents[2]


@figure(
    "outbox-failpoints",
    bar="killed at every step, in a row and in the spool: nothing leaves before it is durable, all arrives once, with proof",
    item=6,
)
def outbox_failpoints() -> Figure:
    from tests.peppol.sending_failpoints import points

    found = [*points(), *points(large=True)]
    wrong = [point.step for point in found if not point.holds]
    return Figure(f"{len(found)} failpoints, {len(wrong)} do not hold {wrong or ''}".strip(), not wrong and len(found) > 20)


@figure(
    "outbox-kills",
    bar="1,000 kills -9 of 2 workers over HTTP to our server, by its log: 0 lost, 0 handed over twice, 0 sent without a verified receipt",
    item=6,
)
def outbox_kills() -> Figure:
    from tests.peppol.sending_kills import kills

    verdict = kills(scaled(5_000), scaled(1_000))
    return Figure(str(verdict), verdict.holds and verdict.kills == scaled(1_000))


@figure("outbox-judge", bar="a sender that takes any answer for a receipt is found out by the same judge", item=6)
def outbox_judge() -> Figure:
    from tests.peppol.sending_kills import kills

    verdict = kills(60, 3, faults=0.3, credulous=True)
    return Figure(
        f"{verdict.unproven} of {verdict.messages} said to be sent without proof, found", verdict.unproven > 0 and not verdict.holds
    )


@figure(
    "outbox-any-order", bar="hypothesis: any order of submitting, preparing, sending, dying, answers, withdrawing keeps the laws", item=6
)
def outbox_any_order() -> Figure:
    return _tests("tests/peppol/test_sending_machine.py", "-m", "slow or not slow")


@figure(
    "outbox-answers",
    bar="every answer of the other side: sent only with proof, the same bytes until then, one dead host in nobody's way",
    item=6,
)
def outbox_answers() -> Figure:
    return _tests("tests/peppol/test_sending.py")


@figure(
    "outbox-100-mb",
    bar="100 MB as one text node and in lines, from its row to its verified receipt over HTTP: ≤ 64 MB above base, ≤ 12 s",
    item=4,
)
def outbox_100_mb() -> Figure:
    from tests.peppol.sending_large import measured

    found = {"one node": measured(100_000_000), "lines": measured(100_000_000, 1_000)}
    parts = [
        f"{shape} ({one.size / 1e6:.0f} MB): {one.seconds:.1f} s with the receiver's judgement, {one.above:.0f} MB above base, {one.state}"
        for shape, one in found.items()
    ]
    holds = all(one.state == "sent" and one.arrived and one.above <= 64 and one.seconds <= 12 for one in found.values())
    return Figure("; ".join(parts), holds)


@figure("evidence-zip", bar="the zip verifies link by link to the receipt; every file altered or taken out is found", item=6)
def evidence_zip() -> Figure:
    return _tests("tests/peppol/test_sending_proof.py")


@figure("send-one-command", bar="einvoice send over real DNS, SMP, HTTP: checked, found, sent, proven; dry run; refusals; modes", item=10)
def send_one_command() -> Figure:
    return _tests("tests/peppol/test_sending_cli.py")


def _tests(path: str, *more: str) -> Figure:
    """The tests of a file: all of them passed, none was skipped."""
    import re

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path, *more]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_ROOT)
    said = (ran.stdout.strip().splitlines() or ["nothing"])[-1]
    passed, skipped = re.search(r"(\d+) passed", said), re.search(r"(\d+) skipped", said)
    text = f"{passed[1] if passed else 0} tests hold" + (f", {skipped[1]} skipped" if skipped else "")
    return Figure(text if not ran.returncode else f"{text}; {said}", not ran.returncode and passed is not None and skipped is None)
