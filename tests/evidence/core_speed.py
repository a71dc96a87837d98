"""Speed, beside eu-einvoice and factur-x on the same bytes in one run (`tests/speed`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.evidence import Figure, figure

if TYPE_CHECKING:
    from tests.speed.benchmarks import Result


def measured(name: str) -> Figure:
    """The benchmark of that name; imported only now, so that an absent peer is a figure that does not hold."""
    from tests.speed import benchmarks

    benchmark: Callable[[], Result] = getattr(benchmarks, name)
    result = benchmark()
    return Figure(result.value, result.holds)


@figure("speed-read", bar="10 lines in at most 0.6 ms", item=4)
def read() -> Figure:
    return measured("read_ten_lines")


@figure("speed-write", bar="10 lines in at most 0.3 ms", item=4)
def write() -> Figure:
    return measured("write_ten_lines")


@figure("speed-structure", bar="10 lines in at most 0.25 ms beyond the parse", item=2)
def structure() -> Figure:
    return measured("check_structure_of_ten_lines")


@figure("linear-read", bar="time per line at 10,000 at most 1.3 × that at 1,000", item=4)
def read_many() -> Figure:
    return measured("read_many_lines")


@figure("linear-write", bar="time per line at 10,000 at most 1.3 × that at 1,000", item=4)
def write_many() -> Figure:
    return measured("write_many_lines")


@figure("linear-structure", bar="time per line at 10,000 at most 1.3 × that at 1,000", item=2)
def structure_many() -> Figure:
    return measured("check_structure_of_many_lines")


@figure("memory", bar="10,000 lines read, or structure-checked, in at most 150 MB", item=4)
def memory() -> Figure:
    return measured("memory_of_many_lines")


@figure("cold-check", bar="`einvoice check` of one file in at most 150 ms, a whole process", item=7)
def cold() -> Figure:
    return measured("check_cold")


@figure("cold-import", bar="`import einvoice` in at most 3 ms", item=1)
def cold_import() -> Figure:
    return measured("import_cold")
