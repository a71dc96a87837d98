"""Speed of hybrids, beside eu-einvoice and factur-x in one run (`tests/speed/hybrid.py`)."""

from __future__ import annotations

from tests.evidence import Figure, figure


def measured(name: str, *arguments: str) -> Figure:
    """The benchmark of that name; imported only now, so that an absent peer is a figure that does not hold."""
    from tests.speed import hybrid

    result = getattr(hybrid, name)(*arguments)
    return Figure(result.value, result.holds)


@figure("speed-hybrid", bar="10 lines rendered and embedded in at most 30 ms, each call another invoice", item=2)
def render_and_embed() -> Figure:
    return measured("render_and_embed")


@figure("speed-embed", bar="embedding alone, container judged, no slower than factur-x", item=2)
def embed() -> Figure:
    return measured("embed")


@figure("speed-extract", bar="in at most 1.95 ms", item=3)
def extract() -> Figure:
    return measured("extraction")


@figure("linear-html", bar="time per line at 1,000 at most 1.3 × that at 100", item=1)
def html() -> Figure:
    return measured("many_lines", "html")


@figure("linear-pdf", bar="time per line at 1,000 at most 1.3 × that at 100", item=1)
def pdf() -> Figure:
    return measured("many_lines", "pdf")


@figure("linear-hybrid", bar="rendered and embedded: time per line at 1,000 at most 1.3 × that at 100", item=2)
def many() -> Figure:
    return measured("many_lines", "hybrid")
