"""Prints every benchmark as a row: name, ours with the others beside it, bar, whether it holds."""

from __future__ import annotations

import sys

from tests.speed.benchmarks import BENCHMARKS


def main() -> int:
    """0 where every bar holds."""
    results = []
    for benchmark in BENCHMARKS:
        result = benchmark()
        results.append(result)
        verdict = "holds" if result.holds else "DOES NOT HOLD"
        print(f"{result.name:58} {result.value}; at most {result.bar} {result.unit}: {verdict}", flush=True)
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
