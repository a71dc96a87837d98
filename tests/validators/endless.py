"""Checks so many documents of a generator: `python -m tests.validators.endless COUNT JOBS` prints the peak of its memory in MB."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from einvoice.report import Verdict
from einvoice_validators.batch import check_many
from tests.speed.documents import ubl
from tests.speed.memory import peak


def documents(count: int) -> Iterator[bytes]:
    """Invoices, each with a number of its own."""
    for number in range(count):
        yield ubl(5).replace(b"SPEED-5", b"SPEED-%d" % number)


def main(count: int, jobs: int) -> None:
    """Counts the verdicts and keeps none."""
    done = sum(checked.verdict is Verdict.VALID for checked in check_many(documents(count), jobs=jobs))
    assert done == count, f"{done} of {count} are valid"
    print(peak())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
