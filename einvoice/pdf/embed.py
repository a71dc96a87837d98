"""`einvoice.embed`: a PDF that a person reads becomes a hybrid invoice: PDF/A-3 with the XML that a machine books (Factur-X, ZUGFeRD).

Nothing on the pages changes. The same input gives the same bytes: dates are those of invoice and PDF, never of a clock.
Sources: Factur-X 1.0 / ZUGFeRD 2, section 6.2; ISO 19005-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pikepdf
from pikepdf import Array, String

from einvoice.errors import DocumentError, NotArchivable, PDFError, UnknownFormat
from einvoice.model import Invoice
from einvoice.pdf import attached as carried
from einvoice.pdf import attaching, colour, container, dates, extract, mending, xmp
from einvoice.pdf.attaching import Attached, documents
from einvoice.pdf.opening import Opened, opened
from einvoice.pdf.subject import Subject, subject
from einvoice.report import Finding, Severity

__all__ = ["Attached", "Embedded", "documents", "embed", "embedded"]

_METADATA = "PDFA-6.6.2.3"
_FEW = 3


class Embedded(NamedTuple):
    """A hybrid invoice: the bytes of the PDF; the level, file name and AFRelationship of its XML; and what was mended on the way."""

    data: bytes
    level: str
    filename: str
    relationship: str
    changes: tuple[str, ...] = ()


def embed(
    pdf: bytes | Path | BinaryIO,
    invoice: Invoice | bytes | Path | BinaryIO,
    *,
    profile: str | None = None,
    attachments: Sequence[Attached] = (),
    relationship: str | None = None,
) -> bytes:
    """The PDF as a Factur-X / ZUGFeRD invoice: PDF/A-3 that carries the invoice as XML (CII).

    `invoice` is an Invoice, which is written under the profile, or CII as bytes or a file, which is embedded byte for byte. `profile`
    is a level of Factur-X by its name here (`facturx-minimum` … `facturx-extended`, `xrechnung`), by default the one that the invoice
    itself names (BT-24). MINIMUM and BASIC WL are excerpts: what they have no place for is left out; any other level refuses that.
    An invoice that the PDF carries already is replaced. `attachments` are further files; `documents(invoice)` gives those that the
    invoice itself carries (BG-24), which are not attached unless asked for. `relationship` is the AFRelationship, by default
    Alternative, or Data for an excerpt. Whether the XML is valid is the business of `check`.
    Raises Unwritable (.losses); DocumentError where XML, profile, relationship or attachments do not go together; NotArchivable
    (.findings) where the PDF cannot become PDF/A-3; PDFError where it cannot be opened.
    """
    return embedded(pdf, invoice, profile=profile, attachments=attachments, relationship=relationship).data


def embedded(
    pdf: bytes | Path | BinaryIO,
    invoice: Invoice | bytes | Path | BinaryIO,
    *,
    profile: str | None = None,
    attachments: Sequence[Attached] = (),
    relationship: str | None = None,
    name: str | None = None,
    max_size: int | None = None,
) -> Embedded:
    """The same with all that is known of it. `name` is the PDF's in errors; `max_size` in bytes, by default the setting's."""
    written = subject(invoice, profile, max_size)
    related = _relationship(written, relationship)
    others = attaching.checked(attachments)
    with opened(pdf, name=name, max_size=max_size) as found:
        _refuse_signed(found.pdf)
        replaced = _invoice_of(found)
        changes = mending.mend(found)
        files = [Attached(written.level.filename, written.data, "text/xml", _described(written), related), *others]
        attaching.attach(found, files, lambda file: _is_replaced(file, replaced), dates.pdf(written.day))
        colour.intend(found.pdf)
        _identify(found)
        return Embedded(_judged(found, written), written.level.name, written.level.filename, related, changes)


def _relationship(written: Subject, stated: str | None) -> str:
    """The AFRelationship of the XML. Raises DocumentError for one that the level, or the country of the recipient, does not have."""
    allowed = written.level.allowed(written.country)
    if stated is None:
        return allowed[0]
    if stated not in allowed:
        where = " to a recipient in Germany" if stated in written.level.relationships else ""
        raise DocumentError(f"{written.level.name}{where} does not have the relationship {stated!r}", mend=f"it has {', '.join(allowed)}")
    return stated


def _described(written: Subject) -> str:
    return f"{written.title}: {written.level.name} data for machines"


def _refuse_signed(pdf: pikepdf.Pdf) -> None:
    """Raises NotArchivable where a signature would break."""
    if mending.is_signed(pdf.Root):
        text = "Embed the invoice first and sign the PDF then: the signature that it has would break."
        raise NotArchivable("the PDF is signed", [Finding("FX-unsigned", Severity.FATAL, text, value="signature")], mend=text)


def _invoice_of(found: Opened) -> object:
    """Where the invoice hangs that the PDF carries already; None where it carries none under another name than the standards'."""
    try:
        return extract.chosen(found)[1].stream.objgen
    except UnknownFormat:
        return None  # an order: it stays
    except PDFError:
        return None


def _is_replaced(file: carried.Attached, replaced: object) -> bool:
    named = file.name.lower() in attaching.INVOICES and file.name.lower() != "order-x.xml"
    return named or (replaced is not None and file.stream.objgen == replaced)


def _judged(found: Opened, written: Subject) -> bytes:
    """The hybrid, with its metadata, looked at as who receives it will: what was taken out of the PDF is no longer there.

    What the PDF said of itself is dropped where that alone is wrong.
    Raises NotArchivable where a condition of PDF/A-3 or Factur-X does not hold.
    """
    for foreign in (True, False):
        xmp.describe(found, written.facts(), foreign=foreign)
        data = _saved(found.pdf)
        fatal = _fatal(data, found)
        if not any(finding.rule.startswith(_METADATA) for finding in fatal):
            break
    if fatal:
        texts = [f"{finding.text} ({finding.value})" if finding.value else finding.text for finding in fatal]
        more = [f"and {len(texts) - _FEW} more"] if len(texts) > _FEW else []
        raise NotArchivable("the PDF cannot become PDF/A-3", fatal, mend=" ".join(texts[:_FEW] + more))
    return data


def _fatal(data: bytes, found: Opened) -> list[Finding]:
    limit = max(found.max_size, len(data))
    with opened(data, name=found.name, max_size=limit) as made:
        return [each for each in container.findings(made.pdf, data=data, limit=limit) if each.severity is Severity.FATAL]


def _identify(found: Opened) -> None:
    """A file that has no identifier gets one that its content gives (ISO 32000-1, 14.4)."""
    stated = found.pdf.trailer.get("/ID")
    if not isinstance(stated, Array) or len(stated) != 2 or not all(isinstance(each, String) and len(bytes(each)) for each in stated):
        given = String(md5(found.data, usedforsecurity=False).digest())
        found.pdf.trailer.ID = Array([given, given])


def _saved(pdf: pikepdf.Pdf) -> bytes:
    """The file: PDF 1.7, which PDF/A-3 rests on, with an identifier that its content gives."""
    out = BytesIO()
    pdf.save(
        out,
        force_version="1.7",
        deterministic_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return out.getvalue()
