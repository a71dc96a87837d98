"""Prints invoices as a person reads them: who, when, what for, how much, how to pay.

At the end stands what the document holds and an invoice has no term for. As JSON an invoice has the shape of the model, which
`einvoice write` reads back."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.cli import options as common
from einvoice.cli.printing import json_text
from einvoice.cli.problems import lines, place, tell
from einvoice.cli.sources import Source, results

if TYPE_CHECKING:
    from einvoice.cli.layout import Line
    from einvoice.model import Invoice

USAGE = "[FILE…] [--sample]"
EXAMPLES = """\
  einvoice show invoice.xml
  einvoice show --sample --language nl
  einvoice show invoice.xml --format json > draft.json
"""


def options(parser: ArgumentParser) -> None:
    """What `show` understands."""
    common.files(parser, optional=True)
    common.formats(parser, "text", "json", "jsonl")
    common.language(parser)
    parser.add_argument("--sample", action="store_true", help="the invoice that the package carries (see `einvoice sample`)")


def run(options: Namespace) -> int:
    """Prints each invoice; 2 where one cannot be read."""
    from einvoice.errors import EInvoiceError

    if not options.files and not options.sample:
        raise EInvoiceError("name a file, a folder or - for standard input; --sample shows the invoice that the package carries")
    code, made = 0, []
    if options.sample:
        from einvoice.samples import sample

        made.append(sample())
        _print("sample", made[-1], None, options, first=True)
    for source, found in results(options.files, lambda source: _read(source, options.max_size)):
        if isinstance(found, Exception):
            code = 2
            tell(found, source.name)
            if options.format == "jsonl":
                print(json_text({"file": source.name, "error": "\n".join(lines(found, source.name))}))
        else:
            made.append(found[0])
            _print(source.name, *found, options, first=len(made) == 1)
    if options.format == "json":
        shapes = [shape(invoice) for invoice in made]
        print(json_text(shapes[0] if len(shapes) == 1 else shapes, indent=1))
    return code


def _read(source: Source, max_size: int | None) -> tuple[Invoice, str | None]:
    """The invoice, and the name of its XML where it came in a PDF."""
    from einvoice.formats.reader import read_root

    parsed = source.parsed(max_size)
    return read_root(parsed.root, parsed.document), parsed.inside


def shape(invoice: Invoice) -> dict[str, object]:
    """The invoice as JSON, without what it does not say."""
    return invoice.model_dump(mode="json", exclude_defaults=True)


def _print(name: str, invoice: Invoice, inside: str | None, options: Namespace, *, first: bool) -> None:
    if options.format == "text":
        from einvoice.cli.page import page

        print_lines(page(invoice, options.language, _width()), gap=not first)
    elif options.format == "jsonl":
        unread = [{"path": item.path, "value": item.value, "reason": item.reason, "line": item.line} for item in invoice.unread]
        print(json_text({"file": name, "invoice": shape(invoice), "unread": unread}))
    else:
        for item in invoice.unread:
            print(f"{place(name, item.line, inside)}: {item.path} = {item.value[:60]!r} is not in the JSON: {item.reason}", file=sys.stderr)


def _width() -> int:
    """The terminal's, within reason; always the same where the output is kept."""
    from shutil import get_terminal_size

    return min(max(get_terminal_size().columns, 72), 110) if sys.stdout.isatty() else 100


def print_lines(page: list[Line], *, gap: bool = False) -> None:
    """Prints the page, with its styles where rich is installed and a person watches."""
    if gap:
        print("\n")
    if sys.stdout.isatty():
        try:
            from rich.console import Console
        except ImportError:
            pass
        else:
            console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
            for line in page:
                console.print(line.text, style=line.style or None)
            return
    print("\n".join(line.text for line in page))
