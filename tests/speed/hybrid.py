"""What rendering, embedding and extracting take, beside eu-einvoice and factur-x.

Ours renders another invoice at each call; twenty are embedded and extracted in turn; eu-einvoice has one and the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from itertools import count, cycle

import einvoice
from einvoice.model import Invoice
from einvoice.pdf.extract import extract
from einvoice.rendering.render import press
from tests.speed import documents
from tests.speed.benchmarks import OURS, Result
from tests.speed.clock import Work, growth, milliseconds

PROFILE = "facturx-en16931"
_numbers = count(1)


def varied(given: Invoice) -> Invoice:
    """The invoice with a number and names of items that none had before, so that nothing remembered helps."""
    number = next(_numbers)
    lines = tuple(
        line.model_copy(update={"item": line.item and line.item.model_copy(update={"name": f"{line.item.name} {number}-{at}"})})
        for at, line in enumerate(given.lines)
    )
    return given.model_copy(update={"number": f"INV-{number}", "lines": lines})


def read(lines: int) -> Invoice:
    """An invoice of so many lines."""
    return einvoice.read(documents.ubl(lines))


def hybrid(given: Invoice) -> Work:
    """Renders another invoice at each call, and embeds it."""
    make = press("pdf")

    def work() -> bytes:
        invoice = varied(given)
        return einvoice.embed(make(invoice), invoice, profile=PROFILE)

    return work


def rendering(given: Invoice, kind: str) -> Work:
    """Renders another invoice at each call."""
    make = press(kind)
    return lambda: make(varied(given))


def render_and_embed() -> Result:
    """Ten lines, from an invoice to a hybrid PDF, beside eu-einvoice, which renders too."""
    given = read(10)
    times = milliseconds({OURS: hybrid(given), "ours, rendering": rendering(given, "pdf"), "eu-einvoice": _eu()}, enough=1)
    return Result(times.pop(OURS), 30, "ms", times)


def embed() -> Result:
    """A rendered PDF and its XML to a hybrid; ours judges its container in that time, factur-x does not."""
    facturx = importlib.import_module("facturx")
    ours, others = cycle(_pairs()), cycle(_pairs())

    def theirs() -> object:
        pdf, xml = next(others)
        return facturx.generate_from_binary(pdf, xml, check_xsd=False, check_schematron=False)

    times = milliseconds({OURS: lambda: einvoice.embed(*next(ours)), "factur-x": theirs})
    return Result(times[OURS], times["factur-x"], "ms", {"factur-x": times["factur-x"]})


def extraction() -> Result:
    """A hybrid PDF to its XML."""
    facturx = importlib.import_module("facturx")
    hybrids = [einvoice.embed(pdf, xml) for pdf, xml in _pairs()]
    ours, others = cycle(hybrids), cycle(hybrids)
    times = milliseconds(
        {OURS: lambda: extract(next(ours)), "factur-x": lambda: facturx.get_xml_from_pdf(next(others), check_xsd=False)},
    )
    return Result(times[OURS], 1.95, "ms", {"factur-x": times["factur-x"]})


def _pairs() -> list[tuple[bytes, bytes]]:
    """Twenty PDFs, each with its XML."""
    invoices = [varied(read(10)) for _ in range(20)]
    return [(press("pdf")(each), einvoice.convert(each, einvoice.Syntax.CII, profile=PROFILE).data) for each in invoices]


def many_lines(kind: str) -> Result:
    """What a line costs among 1,000, as a multiple of what it costs among 100."""
    make: Callable[[Invoice], Work] = hybrid if kind == "hybrid" else lambda given: rendering(given, kind)
    times, took = growth(make(read(100)), make(read(1_000)), 10)
    return Result(times, 1.3, "×", note=f"1,000 lines take {took:.0f} ms")


def _eu() -> Work:
    """eu-einvoice's own PDF of the same ten lines with its own XML in it."""
    names = ("parse", "model", "profiles", "cii", "pdf")
    parse, model, profiles, cii, pdf = (importlib.import_module(f"eu_einvoice.{name}") for name in names)
    key, profile = profiles.get_profile("facturx")
    invoice, _ = model.prepare(parse.parse_bytes(documents.ubl(10))[0], key, trust_amounts=True)
    return lambda: pdf.make_facturx(invoice, cii.generate(invoice, profile))
