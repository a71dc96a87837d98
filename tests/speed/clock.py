"""Time and memory: the median of five rounds, the contestants taking turns so that all meet the same machine.

Within a process a round is the quickest of many calls, ours and the others' alike: it is what the code costs, and not what else the
machine had to do meanwhile.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter, process_time

ROUNDS = 5
ENOUGH = 0.2  # seconds of calls in a round
ROOT = Path(__file__).parents[2]

Work = Callable[[], object]


def milliseconds(contestants: Mapping[str, Work], enough: float = ENOUGH) -> dict[str, float]:
    """Processor time of one call of each, in ms; `enough` is the seconds of calls in a round."""
    for work in contestants.values():
        work()  # warm: imports, caches and compiled tables are not what is measured
    rounds = [{name: _round(work, enough) for name, work in contestants.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(one[name] for one in rounds) * 1000 for name in contestants}


def growth(few: Work, many: Work, factor: int) -> tuple[float, float]:
    """What a part of a large work costs, as a multiple of the same part of a small one; and the ms of the large one.

    The small one is done `factor` times over, so that both take as long and meet the same machine.
    """

    def often() -> None:
        for _ in range(factor):
            few()

    times = milliseconds({"few": often, "many": many}, enough=5 * ENOUGH)
    return times["many"] / times["few"], times["many"]


def cold_milliseconds(commands: Mapping[str, Sequence[str]], rounds: int = ROUNDS) -> dict[str, float]:
    """Wall time of one whole process of each command, in ms, its bytecode compiled beforehand as an installation does."""
    for command in commands.values():
        _process(command)
    times = [{name: _process(command) for name, command in commands.items()} for _ in range(rounds)]
    return {name: statistics.median(one[name] for one in times) * 1000 for name in commands}


def import_milliseconds(modules: Sequence[str]) -> dict[str, float]:
    """Wall time of importing each module in a process that has done nothing else, in ms."""
    code = "from time import perf_counter as now; start = now(); import {}; print(now() - start)"
    commands = {name: [sys.executable, "-c", code.format(name)] for name in modules}
    rounds = [{name: float(_run(command)) for name, command in commands.items()} for _ in range(ROUNDS + 1)]
    return {name: statistics.median(one[name] for one in rounds[1:]) * 1000 for name in modules}


def peak_megabytes(module: str, *arguments: str) -> float:
    """What `python -m module arguments` prints: the peak of its memory, in MB."""
    command = [sys.executable, "-m", module, *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)


def _round(work: Work, enough: float) -> float:
    """Processor seconds of the quickest call, of as many as there is time for."""
    gc.collect()
    quickest, spent = float("inf"), 0.0
    while spent < enough:
        start = process_time()
        work()
        taken = process_time() - start
        quickest, spent = min(quickest, taken), spent + taken
    return quickest


def _process(command: Sequence[str]) -> float:
    start = perf_counter()
    _run(command)
    return perf_counter() - start


def _run(command: Sequence[str]) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}
    run = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if "Traceback" in run.stderr:
        raise RuntimeError(f"{command[0]} failed: {run.stderr.splitlines()[-1]}")
    return run.stdout
