"""The container of a hybrid invoice: what PDF/A-3 and Factur-X ask of the PDF, and the layer that a report says it in.

>>> container.findings(pdf)                 # the conditions that do not hold
>>> container.examine(data).layer.verdict   # the same for the bytes of a file, with the XML that it carries
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from einvoice.pdf import bounds
from einvoice.pdf.conditions import all_conditions
from einvoice.pdf.conditions.condition import run
from einvoice.pdf.conditions.document import MOST_UNPACKED, Document
from einvoice.report import Finding, Layer

if TYPE_CHECKING:
    import pikepdf

    from einvoice.pdf.extract import Hybrid

LAYER = "pdf"
VERSION = "ISO 19005-3:2012 level B, Factur-X 1.07; conditions 1"


class Examined(NamedTuple):
    """What the container says: the layer of the report, the XML exactly as embedded, and all that is known of the hybrid."""

    layer: Layer
    xml: bytes
    hybrid: Hybrid


def findings(pdf: pikepdf.Pdf, *, data: bytes | None = None, limit: int = MOST_UNPACKED) -> tuple[Finding, ...]:
    """The conditions of PDF/A-3B and Factur-X that the PDF does not meet, each with what to change.

    With `data`, the bytes of the file, the conditions of its syntax are looked at too: header, cross-reference table, end. `limit` is
    the most bytes that its streams may unpack to.
    Raises UnsafePDF where they are more, or where there is no end of pages, annotations or content.
    """
    with bounds.applied(limit):
        return run(Document(pdf, data, limit), all_conditions())


def examine(data: bytes, *, name: str | None = None, max_size: int | None = None) -> Examined:
    """The container of a PDF, and the invoice in it.

    Raises PDFError where the PDF cannot be opened, carries no invoice, or carries several.
    """
    from einvoice.pdf.extract import chosen  # noqa: PLC0415 - extracting needs none of the conditions
    from einvoice.pdf.opening import opened  # noqa: PLC0415

    with opened(data, name=name, max_size=max_size) as document:
        found, _ = chosen(document)
        layer = Layer.judged(LAYER, VERSION, findings(document.pdf, data=document.data, limit=document.max_size))
    return Examined(layer, found.data, found)
