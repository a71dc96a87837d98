"""Puts an invoice into a PDF, which becomes a hybrid invoice: Factur-X, ZUGFeRD, XRechnung.

The PDF is yours, made PDF/A-3 where that changes nothing on its pages, or one that is rendered here. CII goes into it byte for byte;
anything else, or another profile than the invoice names, is converted, and what is lost is listed. MINIMUM and BASIC WL are excerpts.
Exit code 0 all the same; 1 with --strict where anything is lost; 2, and nothing is written, where the PDF cannot become PDF/A-3."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli import options as common
from einvoice.cli.printing import save
from einvoice.cli.problems import place, tell, warn
from einvoice.cli.sources import Source
from einvoice.errors import DocumentError, EInvoiceError, Loss, NotArchivable, Unreadable

if TYPE_CHECKING:
    from einvoice.formats.guard import Parsed
    from einvoice.model import Invoice
    from einvoice.pdf.embed import Attached, Embedded

USAGE = "INVOICE [--pdf FILE] -o OUT.pdf"
EXAMPLES = """\
  einvoice embed invoice.xml --pdf printed.pdf -o invoice.pdf
  einvoice embed invoice.xml --language de -o invoice.pdf
  einvoice embed ubl.xml --profile facturx-en16931 --attach hours.csv -o invoice.pdf
"""

RELATIONSHIPS = ("Alternative", "Source", "Data")


def options(parser: ArgumentParser) -> None:
    """What `embed` understands."""
    parser.add_argument("invoice", metavar="INVOICE", help="the XML, or a PDF that carries it, or - for standard input")
    parser.add_argument("--pdf", metavar="FILE", help="the PDF that a person reads; rendered unless given")
    common.profile(parser, "the level of Factur-X, or xrechnung; that of the invoice unless told")
    parser.add_argument("--attach", metavar="FILE", action="append", default=[], help="another file to put into the PDF; may be repeated")
    parser.add_argument("--documents", action="store_true", help="put in the files that the invoice itself carries (BG-24), too")
    parser.add_argument("--relationship", choices=RELATIONSHIPS, help="of the XML to the PDF; Alternative, Data of an excerpt, unless told")
    common.language(parser)
    parser.add_argument("--templates", metavar="DIR", help="the folder of a house style, to render in; that of the settings unless told")
    common.output(parser, "OUT.pdf")
    common.max_size(parser)
    parser.add_argument("--strict", action="store_true", help="end with 1, and write nothing, where anything is lost")


def run(options: Namespace) -> int:
    """Writes the hybrid; what was lost and what was mended is on standard error."""
    if options.output is None and sys.stdout.isatty():
        raise EInvoiceError("a PDF is nothing to print; name a file with -o OUT.pdf")
    source = Source(options.invoice)
    paper = options.pdf or source.name
    try:
        xml, invoice, losses = _xml(source, options)
        for loss in losses:
            warn(f"{place(source.name, None)}: lost: {_text(loss)}")
        if losses and options.strict:
            return 1
        made = _embedded(xml, invoice, options)
    except NotArchivable as fault:
        warn(f"{place(paper, None)}: {fault.message}")
        for finding in fault.findings:
            warn(f"{place(paper, None)}: {finding.rule}: {finding.text}" + (f" ({finding.value})" if finding.value else ""))
        return 2
    except DocumentError as fault:
        tell(fault, fault.source or source.name)
        return 2
    for change in made.changes:
        warn(f"{place(paper, None)}: mended: {change}")
    save(made.data, options.output, force=options.force)
    return 0


def _text(loss: Loss) -> str:
    term = f" ({loss.term})" if loss.term else ""
    value = loss.value if len(loss.value) <= 60 else f"{loss.value[:60]}…"
    return f"{loss.path}{term} = {value!r}: {loss.reason}"


def _xml(source: Source, options: Namespace) -> tuple[bytes, Invoice, tuple[Loss, ...]]:
    """The XML as it is embedded, the invoice that it states, and what was lost."""
    from einvoice.documents import parse
    from einvoice.formats.reader import read_root

    data = _data(source, options.max_size)
    parsed = parse(data, name=source.name, max_size=options.max_size)
    invoice = read_root(parsed.root, parsed.document)
    if _stays(parsed, options.profile):
        return data, invoice, ()
    return _converted(invoice, options.profile)


def _data(source: Source, max_size: int | None) -> bytes:
    """The bytes of the XML, out of a PDF where it is in one."""
    from einvoice.formats.guard import loaded
    from einvoice.formats.vocabularies import is_pdf
    from einvoice.settings import current

    data = loaded(source.open(), max_size or current().documents.max_size)
    if is_pdf(data):
        from einvoice.pdf.extract import hybrid

        return hybrid(data, name=source.name, max_size=max_size).data
    return data


def _stays(parsed: Parsed, profile: str | None) -> bool:
    """Whether the XML is embedded as it is: CII alone, of the level that is asked for."""
    from einvoice.formats.syntax import Document
    from einvoice.pdf.subject import is_of

    return parsed.document is Document.CII and not parsed.wrapped and (profile is None or is_of(parsed.root, profile))


def _converted(invoice: Invoice, profile: str | None) -> tuple[bytes, Invoice, tuple[Loss, ...]]:
    from einvoice.pdf.subject import written

    made, level = written(invoice, profile)
    return made.data, invoice, () if level.is_excerpt else made.losses


def _embedded(xml: bytes, invoice: Invoice, options: Namespace) -> Embedded:
    from einvoice.pdf.embed import documents, embedded

    pdf = Path(options.pdf) if options.pdf else _rendered(invoice, options)
    attachments = [*map(_attached, options.attach), *(documents(invoice) if options.documents else ())]
    return embedded(pdf, xml, attachments=attachments, relationship=options.relationship, name=options.pdf, max_size=options.max_size)


def _rendered(invoice: Invoice, options: Namespace) -> bytes:
    from einvoice.rendering.render import render
    from einvoice.settings import current

    return render(invoice, "pdf", language=options.language, templates=options.templates or current().rendering.templates)


def _attached(name: str) -> Attached:
    from einvoice.pdf.embed import Attached

    try:
        return Attached(Path(name).name, Path(name).read_bytes())
    except OSError as fault:
        raise Unreadable(f"the file cannot be read: {fault.strerror}", source=name, mend="check the path and its permissions") from None
