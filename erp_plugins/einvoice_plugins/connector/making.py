"""What is handed in becomes invoices: drafts are calculated and written, finished ones stay byte for byte; all are checked.

Nothing here touches a folder or a database: the same bytes and settings give the same files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import einvoice
from einvoice.drafts import missing, read_drafts
from einvoice.drafts.draft import Draft
from einvoice.errors import CalculationError, DocumentError, EInvoiceError, Loss, MalformedPDF, MalformedXML, Unreadable
from einvoice.formats.profile import with_profile
from einvoice.formats.syntax import Syntax
from einvoice.model import Invoice
from einvoice.report import Report
from einvoice_plugins.connector.reasons import Reason, Refused, of, of_findings
from einvoice_plugins.connector.settings import Invoices

_NONE: tuple[Loss, ...] = ()


class Made(NamedTuple):
    """An invoice that may go out: valid, as XML, and as a hybrid PDF where that is wanted."""

    number: str
    invoice: Invoice
    xml: bytes
    pdf: bytes | None
    report: Report
    losses: tuple[Loss, ...] = ()

    @property
    def document_hash(self) -> str:
        """SHA-256 of the XML."""
        return hashlib.sha256(self.xml).hexdigest()

    @property
    def key(self) -> str:
        """What makes it one, whatever file it comes in: the seller and its number."""
        seller = self.invoice.seller
        legal = seller.legal_registration_identifier if seller else None
        who = (seller.vat_identifier or (legal.value if legal else None) or seller.name) if seller else None
        return hashlib.sha256(f"{who}\n{self.number}".encode()).hexdigest()


def made(data: bytes, name: str, wanted: Invoices) -> list[Made]:
    """The invoices of a file: of a draft in JSON or CSV all that it states, of XML or a hybrid PDF the one that it is.

    Raises Refused with every reason; one invoice that is wrong refuses the file.
    """
    begin = data[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    try:
        if begin.startswith((b"<", b"%PDF-")):
            return [_finished(data, name, wanted, begin.startswith(b"%PDF-"))]
        drafts = read_drafts(data, name=name)
    except EInvoiceError as fault:
        raise Refused(of(fault), may_mend=_may_be_half(fault)) from None
    return _all(drafts, wanted)


def _may_be_half(fault: EInvoiceError) -> bool:
    """Whether a file that is not finished yet would be refused so."""
    return isinstance(fault, MalformedXML | MalformedPDF) or (isinstance(fault, Unreadable) and not fault.findings)


def _finished(data: bytes, name: str, wanted: Invoices, is_pdf: bool) -> Made:
    xml = einvoice.extract(data) if is_pdf else data
    if einvoice.detect(xml).wrapped:
        raise DocumentError("the invoice is in an envelope", source=name, mend="hand in the invoice alone")
    invoice = einvoice.read(xml)
    report = einvoice.validate(data).require_valid()
    if not invoice.number:
        raise DocumentError("the invoice has no number (BT-1)", source=name, mend="give it one")
    return _with_pdf(Made(invoice.number, invoice, xml, data if is_pdf else None, report), wanted)


def _all(drafts: list[Draft], wanted: Invoices) -> list[Made]:
    found: list[Made] = []
    reasons: list[Reason] = []
    for draft in drafts:
        try:
            found.append(_written(draft, wanted))
        except Refused as refused:
            reasons += refused.reasons
        except EInvoiceError as fault:
            reasons += _placed(of(fault, draft.invoice.number), draft)
    if not drafts:
        reasons = [Reason("empty", "no invoice is in it", mend="state one")]
    reasons += _twice(found)
    if reasons:
        raise Refused(reasons)
    return found


def _written(draft: Draft, wanted: Invoices) -> Made:
    own = draft.invoice.process and draft.invoice.process.specification_identifier
    invoice = with_profile(draft.invoice, None if own else wanted.profile)
    try:
        invoice = einvoice.calculate(invoice, prices="gross" if wanted.prices == "gross" else "net").invoice
    except CalculationError as fault:
        raise Refused(_placed(of(fault, invoice.number), draft)) from None
    if absent := missing(invoice):
        raise Refused(_placed(of_findings(absent, invoice.number), draft))
    assert invoice.number
    xml = einvoice.write(invoice, Syntax(wanted.syntax))
    return _with_pdf(Made(invoice.number, invoice, xml, None, einvoice.validate(xml).require_valid()), wanted)


def _with_pdf(one: Made, wanted: Invoices) -> Made:
    """The same with its hybrid PDF, where that is wanted and it is not one already."""
    if one.pdf is not None or not wanted.pdf:
        return one
    from einvoice.formats.guard import parse  # noqa: PLC0415 - only who writes PDFs pays for them
    from einvoice.pdf.levels import of_specification  # noqa: PLC0415 - the same
    from einvoice.pdf.subject import is_of, written  # noqa: PLC0415 - the same

    process = one.invoice.process
    stated = process.specification_identifier if process else None
    level = None if stated and of_specification(stated) else wanted.level
    inside, losses = one.xml, _NONE
    if einvoice.detect(one.xml).syntax is not Syntax.CII or (level is not None and not is_of(parse(one.xml).root, level)):
        converted, reached = written(one.invoice, level)
        inside, losses = converted.data, _NONE if reached.is_excerpt else converted.losses
    page = einvoice.render(one.invoice, "pdf", language=wanted.language, templates=wanted.templates)
    return one._replace(pdf=einvoice.embed(page, inside), losses=losses)


def _placed(reasons: list[Reason], draft: Draft) -> list[Reason]:
    """Reasons with the line of the draft that their field stands in."""
    return [each._replace(line=each.line or (draft.line(each.field) if each.field and "/" not in each.field else None)) for each in reasons]


def _twice(found: list[Made]) -> Iterator[Reason]:
    keys = [one.key for one in found]
    for position, one in enumerate(found):
        if one.key in keys[:position]:
            yield Reason("duplicate", "the number stands twice in this file", one.number, mend="give each invoice a number of its own")


def verdict(one: Made, source: str, sha256: str, files: list[str], ids: dict[str, int]) -> bytes:
    """What was found of an invoice that goes out, as a file for programs: JSON."""
    layers = [{"name": layer.name, "version": layer.version, "verdict": str(layer.verdict)} for layer in one.report.layers]
    said: dict[str, Any] = {
        "number": one.number,
        "verdict": str(one.report.verdict),
        "syntax": one.report.syntax,
        "profile": one.report.profile,
        "files": files,
        "document_sha256": one.document_hash,
        "source": source,
        "source_sha256": sha256,
        "layers": layers,
        "findings": [each._asdict() for each in one.report.findings],
        "pdf_losses": [each._asdict() for each in one.losses],
        **ids,
    }
    return (json.dumps(said, indent=1, ensure_ascii=False, default=str) + "\n").encode()
