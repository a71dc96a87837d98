"""Hybrids: what is embedded passes the judges, comes out again byte for byte, and what cannot become one is refused by name."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import einvoice
from einvoice.errors import EInvoiceError
from einvoice.model import Invoice
from tests.evidence import Figure, corpora, figure, scaled


def chosen(count: int) -> list[tuple[Path, Invoice]]:
    """Valid invoices of the corpora, from as many folders as there are."""
    from tests.facturx import published

    cases = published("cen-examples", "peppol-examples", "xr-testsuite", "synthetic", "zugferd", "nlcius", "phive-en16931")
    corpora()
    step = max(len(cases) // count, 1)
    found = [(case.path, einvoice.read(case.path)) for case in cases[::step]]
    return [(path, invoice) for path, invoice in found if invoice.lines][:count]


def hybrids(count: int) -> dict[Path, tuple[str, bytes, bytes]]:
    """Invoices rendered and embedded, the levels in turn: file → level, XML, PDF."""
    from tests.facturx import LEVELS

    made = {}
    for (path, invoice), level in zip(chosen(count), cycle(LEVELS), strict=False):
        xml = einvoice.convert(invoice, einvoice.Syntax.CII, profile=level).data
        made[path] = (level, xml, einvoice.embed(einvoice.render(invoice, "pdf"), xml, profile=level))
    return made


@figure("embed-verapdf", bar="20 different invoices rendered and embedded: all pass veraPDF's PDF/A-3B and our conditions", item=2)
def judged() -> Figure:
    from tests import verapdf

    made = hybrids(24)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, (_, _, pdf) in enumerate(made.values()):
            paths.append(Path(folder, f"{number}.pdf"))
            paths[-1].write_bytes(pdf)
        failed = sum(bool(each) for each in verapdf.verdicts(paths).values())
    ours = Counter(str(_container(pdf)) for _, _, pdf in made.values())
    levels = len({level for level, _, _ in made.values()})
    text = f"{len(made)} PDFs of {levels} levels: veraPDF refuses {failed}, our layer says {dict(ours)}"
    return Figure(text, not failed and set(ours) == {"valid"} and len(made) >= 20)


def _container(pdf: bytes) -> str:
    return str(next(layer.verdict for layer in einvoice.validate(pdf).layers if layer.name == "pdf"))


@figure("embed-byte-equal", bar="extract(embed(x)) is x for every level, and the same input gives the same bytes", item=2)
def equal() -> Figure:
    made = hybrids(24)
    same = sum(einvoice.extract(pdf) == xml for _, xml, pdf in made.values())
    invoice = chosen(1)[0][1]
    twice = len({einvoice.embed(einvoice.render(invoice, "pdf"), invoice, profile="facturx-extended") for _ in range(2)})
    levels = len({level for level, _, _ in made.values()})
    return Figure(f"{same} of {len(made)} at {levels} levels; {twice} form of two", same == len(made) and levels == 6 and twice == 1)


@figure("levels-schema", bar="what is written for a level passes its official XSD; no value is lost silently", item=2)
def schemas() -> Figure:
    from lxml import etree

    from tests import facturx

    sources = chosen(scaled(200))
    wrong = silent = 0
    for _, invoice in sources:
        for level in facturx.LEVELS:
            done = einvoice.convert(invoice, einvoice.Syntax.CII, profile=level)
            wrong += not facturx.schema(level).validate(etree.fromstring(done.data))
            silent += bool(facturx.unaccounted(invoice, done))
    text = f"{len(sources)} invoices × {len(facturx.LEVELS)} levels: {wrong} refused by the schema, {silent} with silent losses"
    return Figure(text, not wrong and not silent and bool(sources))


@figure("embed-programs", bar="PDFs of Typst, reportlab and Chromium pass veraPDF once embedded, their pixels unchanged", item=2)
def programs() -> Figure:
    from tests import verapdf
    from tests.pdf import papers

    sources: list[Callable[[], bytes]] = [papers.printed, papers.archived, papers.by_reportlab, papers.by_a_browser]
    made = [(source(), einvoice.embed(source(), papers.cii())) for source in sources]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.pdf") for number in range(len(made))]
        for path, (_, pdf) in zip(paths, made, strict=True):
            path.write_bytes(pdf)
        failed = sum(bool(each) for each in verapdf.verdicts(paths).values())
    same = sum(papers.seen(before) == papers.seen(after) for before, after in made)
    return Figure(f"{len(made) - failed} of {len(made)} pass, pixels equal in {same}", not failed and same == len(made))


@figure("embed-refusals", bar="encrypted, fonts not embedded, not a PDF, a bomb, truncated: each by its own error", item=2)
def refusals() -> Figure:
    from tests.pdf import papers

    good = papers.archived()
    asked = {
        "EncryptedPDF": _encrypted(good),
        "EncryptedPDF, its password secret": _encrypted(good, user="secret"),
        "NotArchivable": papers.by_reportlab(embedded=False),
        "UnknownFormat": b"no PDF at all",
        "UnsafePDF": _bomb(good),
        "MalformedPDF": good[: len(good) * 2 // 3],
    }
    met = {name: _refused(lambda pdf=pdf: einvoice.embed(pdf, papers.cii())) for name, pdf in asked.items()}  # type: ignore[misc]
    right = sum(name.partition(",")[0] == error for name, error in met.items())
    return Figure(f"{right} of {len(asked)}: {', '.join(met.values())}", right == len(asked))


def _refused(call: Callable[[], object]) -> str:
    try:
        call()
    except EInvoiceError as error:
        return type(error).__name__
    return "nothing"


def _encrypted(pdf: bytes, user: str = "") -> bytes:
    import io

    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.save(out, encryption=pikepdf.Encryption(owner="owner", user=user))
    return out.getvalue()


def _bomb(pdf: bytes) -> bytes:
    import io

    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.pages[0].Contents = opened.make_stream(b" " * 150_000_000)
        opened.save(out, compress_streams=True)
    return out.getvalue()
