"""Makes invoices that people can look at: one HTML file, or a PDF/A-3b, in the style of a house.

Unless told by --format, the ending of -o says which. The style comes from --templates, else from the setting [rendering] templates, else
from the package; --init-template writes a folder to change. As JSON everything is printed that a template is given of an invoice."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli import options as common
from einvoice.cli.printing import inside, json_text, save
from einvoice.cli.problems import tell
from einvoice.cli.sources import Source, results, sources
from einvoice.errors import EInvoiceError

if TYPE_CHECKING:
    from einvoice.model import Invoice

USAGE = "FILE… [-o FILE|DIR]"
EXAMPLES = """\
  einvoice render invoice.xml -o invoice.pdf
  einvoice render inbox/ --format html --language de -o outbox/
  einvoice render --init-template house/
  einvoice render --sample --templates house/ -o sample.pdf
"""

FORMATS = ("html", "pdf", "json")
ENDINGS = {".html": "html", ".htm": "html", ".pdf": "pdf", ".json": "json"}


def options(parser: ArgumentParser) -> None:
    """What `render` understands."""
    common.files(parser, optional=True)
    common.output(parser, "FILE|DIR")
    parser.add_argument("--format", choices=FORMATS, help="what to make; unless told what -o ends with, else html")
    common.language(parser)
    parser.add_argument("--templates", metavar="DIR", help="the folder of a house style")
    parser.add_argument("--init-template", metavar="DIR", help="write style and templates of the package into a folder, to change them")
    parser.add_argument("--sample", action="store_true", help="the invoice that the package carries (see `einvoice sample`)")


def run(options: Namespace) -> int:
    """Writes each invoice; 2 where one cannot be read or rendered."""
    if options.init_template:
        _init(Path(options.init_template))
        if not options.files and not options.sample:
            return 0
    if not options.files and not options.sample:
        raise EInvoiceError("name a file, a folder or - for standard input; --sample renders the invoice that the package carries")
    kind = _kind(options)
    _refuse_one_for_many(options, kind)
    made, code, taken = _press(options, kind), 0, set[str]()
    for source, found in _invoices(options):
        try:
            if isinstance(found, Exception):
                raise found
            save(made(found), inside(options.output, _file_name(source, kind)) or options.output, force=options.force, taken=taken)
        except Exception as fault:  # whatever it is, the other invoices are to be rendered
            code = 2
            tell(fault, source.name)
    return code


def _init(folder: Path) -> None:
    from einvoice.rendering import house

    for path in house.init(folder):
        print(path)


def _kind(options: Namespace) -> str:
    """The format: as asked for, else by the ending of the output."""
    ending = ENDINGS.get(Path(options.output or "").suffix.lower())
    if options.format and ending and options.format != ending:
        raise EInvoiceError(f"{options.output} ends like {ending}, and --format says {options.format}; leave one of them out")
    return str(options.format or ending or "html")


def _refuse_one_for_many(options: Namespace, kind: str) -> None:
    many = len(sources(options.files)) + options.sample > 1
    if many and inside(options.output, "") is None:
        raise EInvoiceError("several invoices need a folder to go to, such as -o rendered/")
    if kind == "pdf" and options.output is None and sys.stdout.isatty():
        raise EInvoiceError("a PDF is nothing to print on a terminal; name a file, such as -o invoice.pdf")


def _press(options: Namespace, kind: str) -> Callable[[Invoice], bytes]:
    if kind == "json":
        return lambda invoice: _json(invoice, options.language)
    from einvoice.rendering.render import press
    from einvoice.settings import current

    return press(kind, language=options.language, templates=options.templates or current().rendering.templates)


def _json(invoice: Invoice, language: str) -> bytes:
    from einvoice.rendering.compose import sheet
    from einvoice.rendering.sheet import shape

    return f"{json_text(shape(sheet(invoice, language)), indent=1)}\n".encode()


def _invoices(options: Namespace) -> Iterator[tuple[Source, Invoice | Exception]]:
    if options.sample:
        from einvoice.samples import sample

        yield Source("sample"), sample()
    yield from results(options.files, lambda source: _read(source, options.max_size))


def _read(source: Source, max_size: int | None) -> Invoice:
    from einvoice.formats.reader import read_root

    parsed = source.parsed(max_size)
    return read_root(parsed.root, parsed.document)


def _file_name(source: Source, kind: str) -> str:
    """What the document is called in a folder."""
    return f"{Path(source.name).stem if source.name != '-' else 'invoice'}.{kind}"
