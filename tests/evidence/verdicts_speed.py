"""Speed of the whole check, beside a native peer and the official stylesheets on the same bytes in one run."""

from __future__ import annotations

from tests.evidence import Figure, figure


@figure(
    "speed-check",
    bar="a 10-line Peppol invoice in at most 1.0 ms, at least 7 × faster than mock-einvoice, 12 × than the official path",
    item=4,
)
def ten_lines() -> Figure:
    from tests.speed import checking

    result = checking.ten_lines()
    native, official = result.others[checking.NATIVE] / result.ours, result.others[checking.OFFICIAL] / result.ours
    return Figure(result.value, result.holds and native >= 7 and official >= 12)


@figure("speed-10000", bar="10,000 lines in at most 0.8 s", item=4)
def ten_thousand_lines() -> Figure:
    from tests.speed import checking

    result = checking.ten_thousand_lines()
    return Figure(result.value, result.holds)


@figure("memory-10000", bar="10,000 lines in at most 150 MB, the whole process", item=4)
def memory() -> Figure:
    from tests.speed import checking

    result = checking.memory()
    return Figure(result.value, result.holds)


@figure("linear-100000", bar="time per line at 100,000 at most 1.3 × that at 10,000", item=4)
def hundred_thousand_lines() -> Figure:
    from tests.speed import checking

    result = checking.hundred_thousand_lines()
    return Figure(result.value, result.holds)


@figure("linear-cii", bar="time per line at 50,000 of CII at most 1.3 × that at 5,000", item=4)
def fifty_thousand_lines_of_cii() -> Figure:
    from tests.speed import checking

    result = checking.fifty_thousand_lines_of_cii()
    return Figure(result.value, result.holds)
