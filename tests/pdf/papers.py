"""PDFs as an ERP prints them, for the tests of embedding: by Typst, by reportlab, by a browser; and what a page looks like."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst

from einvoice.conversion import convert
from einvoice.formats.syntax import Syntax
from einvoice.model import Invoice
from einvoice.samples import sample

LEVELS = ("facturx-minimum", "facturx-basicwl", "facturx-basic", "facturx-en16931", "facturx-extended", "xrechnung")
_PAGE = """
#set document(title: "Printed", author: "ERP", date: datetime(year: 2026, month: 1, day: 2))
= Invoice 4711
Total: *1,234.50* #h(1fr) #box(fill: rgb("#1d4f91"), inset: 4pt, text(fill: white)[paid])
#table(columns: 3, ..range(1, 11).map(i => ([#i], [Article #i], [#(i * 10).00])).flatten())
#link("https://example.org")[our terms]
"""
_HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Invoice 4711</title>
<style>body{font-family:"DejaVu Sans","Liberation Sans",sans-serif} td{border:1px solid #888} h1{color:#1d4f91;opacity:.8}</style></head>
<body><h1>Invoice 4711</h1><p>Äpfel <a href="https://example.org">terms</a></p><table><tr><td>Pears</td><td>12.00</td></tr></table></body></html>"""


@cache
def printed() -> bytes:
    """One page, tagged, that is no PDF/A."""
    return typst.compile(_PAGE.encode(), ignore_system_fonts=True)


@cache
def archived() -> bytes:
    """The same page as PDF/A-3."""
    return typst.compile(_PAGE.encode(), ignore_system_fonts=True, pdf_standards="a-3b")


@cache
def by_reportlab(*, embedded: bool = True) -> bytes:
    """A page of reportlab, with or without its font."""
    reportlab = pytest.importorskip("reportlab", reason="reportlab is not installed; the extra `peers` has it")
    canvases, fonts, truetype = (import_module(f"reportlab.{name}") for name in ("pdfgen.canvas", "pdfbase.pdfmetrics", "pdfbase.ttfonts"))
    out = io.BytesIO()
    canvas = canvases.Canvas(out, invariant=1)
    canvas.setTitle("untitled")
    if embedded:
        fonts.registerFont(truetype.TTFont("Vera", Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"))
    canvas.setFont("Vera" if embedded else "Helvetica", 12)
    canvas.drawString(72, 720, "Invoice 4711: 12.00")
    canvas.setFillColorRGB(0.1, 0.3, 0.6)
    canvas.rect(72, 600, 100, 50, fill=1)
    canvas.linkURL("https://example.org", (72, 600, 172, 650))
    canvas.save()
    return out.getvalue()


@cache
def by_a_browser() -> bytes:
    """A page that Chromium printed."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(_HTML, "utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}"]
        subprocess.run([program, *flags, page.as_uri()], check=False, capture_output=True, timeout=60)
        return out.read_bytes() if out.exists() else pytest.skip("Chromium printed nothing here")


def changed(change: Callable[[pikepdf.Pdf], object], pdf: bytes | None = None) -> bytes:
    """A page, printed unless given, with something done to it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf or printed())) as made:
        change(made)
        plain = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}  # as it was made
        made.save(out, deterministic_id=True, fix_metadata_version=False, **plain)
    return out.getvalue()


@cache
def cii(profile: str = "facturx-en16931") -> bytes:
    """The sample as XML of a level, without what the level has no place for."""
    return convert(sample(), Syntax.CII, profile=profile).data


def invoice() -> Invoice:
    """The sample."""
    return sample()


def read(pdf: bytes) -> pikepdf.Pdf:
    """The PDF, open."""
    return pikepdf.open(io.BytesIO(pdf))


def seen(pdf: bytes) -> list[bytes]:
    """Each page as it is painted."""
    pdfium = pytest.importorskip("pypdfium2", reason="pypdfium2 is not installed; the extra `dev` has it")
    document: Any = pdfium.PdfDocument(pdf)
    document.init_forms()
    try:
        return [bytes(page.render(scale=2, may_draw_forms=True).buffer) for page in document]
    finally:
        document.close()
