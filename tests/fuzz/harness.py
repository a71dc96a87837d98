"""Runs mutants through everything that touches a document, and counts what happens.

A mutant may raise an EInvoiceError, and nothing else. What is written from one must be a document that can be read.
`python -m tests.fuzz.harness NUMBER` runs the mutant of that number and shows what it does.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from lxml import etree

from einvoice.errors import EInvoiceError
from einvoice.formats import structure
from einvoice.formats.detect import detect
from einvoice.formats.guard import parse
from einvoice.formats.reader import read
from einvoice.formats.syntax import Syntax
from einvoice.formats.writer import write
from einvoice.report import Severity
from tests import corpora
from tests.fuzz.mutate import bases, mutant

SEED = 16931


@dataclass
class Outcome:
    """What became of the mutants: how many of each fate, each fault as "number: what", the growth of memory in MB, the slowest in s."""

    fates: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    growth: float = 0.0
    slowest: float = 0.0

    def add(self, other: Outcome) -> None:
        """Takes another run's outcome in; memory and time are the worst of both."""
        self.fates.update(other.fates)
        self.faults += other.faults
        self.growth, self.slowest = max(self.growth, other.growth), max(self.slowest, other.slowest)

    def share(self, fate: str) -> float:
        """The part of all mutants that had this fate, from 0 to 1."""
        return self.fates[fate] / max(1, self.fates["all"])


def run(numbers: Sequence[int]) -> Outcome:
    """Runs the mutants of these numbers; memory is measured from a tenth of the way on."""
    originals, outcome, before = bases(corpora.folder()), Outcome(), 0.0
    for count, number in enumerate(numbers):
        if count == len(numbers) // 10:
            before = resident()
        started = time.perf_counter()
        _one(mutant(originals, SEED, number).data, number, outcome)
        outcome.slowest = max(outcome.slowest, time.perf_counter() - started)
    outcome.growth = resident() - before
    return outcome


def run_in_two(count: int) -> Outcome:
    """The same for mutants 0 … count - 1, in two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        first, second = pool.map(run, (range(0, count, 2), range(1, count, 2)))
    first.add(second)
    return first


def resident() -> float:
    """The memory this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1e6


def _one(data: bytes, number: int, outcome: Outcome) -> None:
    fates = outcome.fates
    fates["all"] += 1
    fates["well-formed"] += _is_well_formed(data)
    try:
        through(data, fates)
    except EInvoiceError as fault:
        fates[type(fault).__name__] += 1
        str(fault)
    except Exception as fault:
        frame = traceback.extract_tb(fault.__traceback__)[-1]
        outcome.faults.append(f"{number}: {type(fault).__name__}: {str(fault)[:200]} ({Path(frame.filename).name}:{frame.lineno})")


def through(data: bytes, fates: Counter[str]) -> None:
    """Detects, checks, reads and writes one document; what was written must be readable again."""
    detect(data)
    findings = structure.check(parse(data).root)
    valid = not any(finding.severity is Severity.FATAL for finding in findings)
    fates["structure-valid"] += valid
    invoice = read(data)
    fates["read"] += 1
    for syntax in Syntax:
        try:
            written = write(invoice, syntax)
        except EInvoiceError as fault:
            fates[f"{syntax}: {type(fault).__name__}"] += 1
        else:
            read(written)
            fates[f"{syntax}: written"] += 1


def _is_well_formed(data: bytes) -> bool:
    """What lxml says on its own, without our guard; deep nesting counts as well-formed."""
    try:
        etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True


def main() -> None:
    """Shows what one mutant is and does."""
    number = int(sys.argv[1])
    made = mutant(bases(corpora.folder()), SEED, number)
    sys.stdout.buffer.write(made.data + b"\n")
    through(made.data, Counter())


if __name__ == "__main__":
    main()
