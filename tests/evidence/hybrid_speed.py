"""Speed of hybrids, beside eu-einvoice and factur-x in one run (`tests/speed/hybrid.py`)."""

from __future__ import annotations

from tests.evidence import Figure, figure


@figure("speed-hybrid", bar="10 lines rendered and embedded in at most 30 ms, each call another invoice", item=2)
def render_and_embed() -> Figure:
    from tests.speed import hybrid

    result = hybrid.render_and_embed()
    return Figure(result.value, result.holds)


@figure("speed-embed", bar="embedding alone, container judged, no slower than factur-x", item=2)
def embed() -> Figure:
    from tests.speed import hybrid

    result = hybrid.embed()
    return Figure(result.value, result.holds)


@figure("speed-extract", bar="in at most 1.95 ms", item=3)
def extract() -> Figure:
    from tests.speed import hybrid

    result = hybrid.extraction()
    return Figure(result.value, result.holds)


@figure("linear-html", bar="time per line at 1,000 at most 1.3 × that at 100", item=1)
def html() -> Figure:
    from tests.speed import hybrid

    result = hybrid.many_lines("html")
    return Figure(result.value, result.holds)


@figure("linear-hybrid", bar="rendered and embedded: time per line at 1,000 at most 1.3 × that at 100", item=2)
def many() -> Figure:
    from tests.speed import hybrid

    result = hybrid.many_lines("hybrid")
    return Figure(result.value, result.holds)
