"""Many documents: what two processes gain, a cluster that loses a worker, memory that does not grow, and the first verdict of all."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from time import perf_counter

from tests.evidence import Figure, NotMeasured, figure, scaled
from tests.speed import documents
from tests.speed.clock import ROUNDS, cold_milliseconds, peak_megabytes

EINVOICE = str(Path(sys.executable).with_name("einvoice"))


@figure("batch-two-processes", bar="`einvoice check --jobs 2` on 4,000 files at least 1.7 × as fast as without, the same lines", item=4)
def two_processes() -> Figure:
    if len(os.sched_getaffinity(0)) < 2:
        raise NotMeasured("there are no two processors")
    with _folder(scaled(4_000)) as folder:
        rounds = [(_check(folder), _check(folder, "--jobs", "2")) for _ in range(ROUNDS)]
    one, two = min(one[0] for one, _ in rounds), min(two[0] for _, two in rounds)
    same = len({lines for pair in rounds for _, lines in pair}) == 1
    speeds = f"{scaled(4_000) / one:,.0f} and {scaled(4_000) / two:,.0f} documents a second, {'the same' if same else 'OTHER'} lines"
    return Figure(f"{one / two:.2f} ×: {speeds}", same and one / two >= 1.7)


@figure("batch-dask", bar="a scheduler and two workers, one killed midway: every verdict is there and the same as in one process", item=4)
def dask() -> Figure:
    import_module("distributed")  # where it is absent, nothing is measured

    from einvoice.cli.cluster import cluster as reached
    from einvoice_validators.batch import Checked, check_many
    from tests.validators.clusters import cluster, seen
    from tests.validators.clusters import documents as various

    count = scaled(4_000)
    found: list[Checked] = []
    with cluster(2) as made, reached(made.address) as executor:
        for each in check_many(various(count), executor=executor, ship_bytes=True):
            found.append(each)
            if len(found) == count // 4:
                made.workers[0].kill()
    alone = [*check_many(various(count))]
    same = sum(one == two for one, two in zip(seen(found), seen(alone), strict=False))
    return Figure(f"{same} of {count} the same, after a worker was killed", same == count == len(found))


@figure("batch-memory", bar="30,000 documents of a generator, in one process and in two: at most 1.15 × the memory of 3,000", item=4)
def memory() -> Figure:
    many, few = scaled(30_000), scaled(3_000)
    peaks = {jobs: [peak_megabytes("tests.validators.endless", str(count), str(jobs)) for count in (few, many)] for jobs in (1, 2)}
    value = ", ".join(f"--jobs {jobs}: {large:.0f} MB after {small:.0f}" for jobs, (small, large) in peaks.items())
    return Figure(value, all(large <= 1.15 * small for small, large in peaks.values()))


@figure("check-cold", bar="`einvoice check` of a Peppol invoice of 10 lines, a whole process with all rules: at most 150 ms", item=4)
def cold() -> Figure:
    with _folder(1) as folder:
        times = cold_milliseconds({"check": [EINVOICE, "check", str(folder)], "python": [sys.executable, "-c", "pass"]}, rounds=11)
    return Figure(f"{times['check']:.0f} ms, median of 11 (an empty Python: {times['python']:.0f} ms)", times["check"] <= 150)


@contextmanager
def _folder(count: int) -> Iterator[Path]:
    """So many invoices of 10 lines, each with a number of its own."""
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            Path(name, f"{number}.xml").write_bytes(documents.ubl(10).replace(b"SPEED-10", b"SPEED-%d" % number))
        yield Path(name)


def _check(folder: Path, *more: str) -> tuple[float, bytes]:
    """The seconds that the whole command takes, and what it prints."""
    started = perf_counter()
    run = subprocess.run([EINVOICE, "check", str(folder), "--format", "jsonl", *more], capture_output=True, check=False)
    taken = perf_counter() - started
    if run.stderr:
        raise RuntimeError(run.stderr.decode().splitlines()[0])
    return taken, run.stdout
