"""Prints every benchmark as a row: what, ours with the others beside it, the bar, whether it holds."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.speed.benchmarks import BENCHMARKS, Result


def main() -> int:
    """0 where every bar holds."""
    rows = [_row(*benchmark) for benchmark in BENCHMARKS.items()]
    return 0 if all(rows) else 1


def _row(name: str, benchmark: Callable[[], Result]) -> bool:
    try:
        result = benchmark()
    except Exception as error:
        print(f"{name:24} not measured: {type(error).__name__}: {error}", flush=True)
        return False
    print(f"{name:24} {result.value}; at most {result.bar} {result.unit}: {'holds' if result.holds else 'DOES NOT HOLD'}", flush=True)
    return result.holds


if __name__ == "__main__":
    sys.exit(main())
