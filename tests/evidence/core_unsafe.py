"""Unsafe input, detection, and mutated invoices. Memory and time are bounded in a process of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from lxml import etree

from einvoice.errors import DocumentError
from einvoice.formats.detect import detect, detect_root
from einvoice.formats.guard import parse
from tests.evidence import Figure, corpora, figure, scaled
from tests.formats.bounded import run_bounded
from tests.formats.unsafe import CASES, UBL, Case
from tests.fuzz.harness import run_in_two

LINE = UBL[UBL.index(b"  <cac:InvoiceLine>") : UBL.index(b"</Invoice>")]
TEN_LINES = UBL.replace(b"</Invoice>", LINE * 4 + b"</Invoice>")


@figure("unsafe-input", bar="every case a named error with its file, line and facts, within 1 s", item=8)
def unsafe_input() -> Figure:
    """Runs every case of `tests/formats/unsafe.py`."""
    wrong, slowest = [], 0.0
    for case in CASES:
        started = time.perf_counter()
        if not _is_named(case):
            wrong.append(case.name)
        slowest = max(slowest, time.perf_counter() - started)
    shown = f"; not: {', '.join(wrong[:5])}" if wrong else ""
    return Figure(f"{len(CASES) - len(wrong)} of {len(CASES)} cases, slowest {slowest:.2f} s{shown}", not wrong and slowest < 1)


def _is_named(case: Case) -> bool:
    try:
        parse(case.data, name="in.xml")
    except DocumentError as fault:
        line = fault.location.line if fault.location else None
        return type(fault) is case.error and case.line in (None, line) and all(fact in str(fault) for fact in case.facts)
    return False


@figure(
    "bombs",
    bar="every bomb, depth 5,000,000 too, refused within 1 MB of stack and 700 MB of address space (1,500 before libxml2 2.12)",
    item=8,
)
def bombs() -> Figure:
    result, seconds = run_bounded()
    ended = "all refused" if result.returncode == 0 else (result.stderr.splitlines() or ["stopped"])[-1]
    return Figure(f"{ended}, {seconds:.1f} s", result.returncode == 0)


@figure("guard-cost", bar="≤ 0.03 ms on top of lxml's parse of a 10-line invoice", item=8)
def guard_cost() -> Figure:
    ours, theirs = _quickest(lambda: parse(TEN_LINES), lambda: etree.fromstring(TEN_LINES))
    return Figure(f"{(ours - theirs) * 1e3:.3f} ms ({ours * 1e3:.3f} against {theirs * 1e3:.3f})", ours - theirs <= 0.03e-3)


@figure("detection", bar="BT-24 and BT-23 of every published invoice, in at most 10 µs each once parsed", item=4)
def detection() -> Figure:
    rows = [
        (listing.parent / row["file"], row) for listing in corpora().glob("*/verdicts.jsonl") for row in _rows(listing.read_text("utf-8"))
    ]
    same = total = 0
    for path, row in rows:
        try:
            found = detect(path)
        except DocumentError:
            continue
        total += 1
        same += (found.specification, found.process) == (row["customization"] or None, row["profile"] or None)
    root = parse(TEN_LINES).root
    cost, _ = _quickest(lambda: detect_root(root), lambda: None)
    return Figure(f"{same} of {total}, {cost * 1e6:.1f} µs", same == total > 0 and cost <= 10e-6)


def _rows(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def _quickest(*actions: Callable[[], object]) -> list[float]:
    """The seconds that each action takes at best, in turns, so that a busy machine treats them alike."""
    best = [float("inf")] * len(actions)
    for _ in range(200):
        for number, action in enumerate(actions):
            started = time.perf_counter()
            for _repeat in range(20):
                action()
            best[number] = min(best[number], (time.perf_counter() - started) / 20)
    return best


@figure(
    "mutants", bar="100,000 mutants, half well-formed, a tenth structure-valid: named errors only, memory grows by less than 50 MB", item=8
)
def mutants() -> Figure:
    outcome = run_in_two(scaled(100_000))
    formed, valid = outcome.share("well-formed"), outcome.share("structure-valid")
    shares = f"{formed:.0%} well-formed, {valid:.0%} structure-valid, +{outcome.growth:.0f} MB, slowest {outcome.slowest:.2f} s"
    counted = "; ".join([f"{outcome.fates['all']:,} mutants, {len(outcome.faults)} faults, {shares}", *outcome.faults[:3]])
    return Figure(counted, not outcome.faults and formed >= 0.5 and valid >= 0.1 and outcome.growth < 50)
