"""Converts documents from one syntax to the other, and to another profile; what is lost on the way is listed.

A loss is what the document holds and no business term does, what the other profile does not have, or what the syntax has no place
for. Amounts are never changed. Exit code 0 all the same; 1 with --strict where anything is lost."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common
from einvoice.cli.printing import inside, json_text, save
from einvoice.cli.problems import lines, place, tell
from einvoice.cli.sources import Source, results, sources
from einvoice.errors import EInvoiceError

if TYPE_CHECKING:
    from einvoice.conversion import Converted

USAGE = "FILE… --to ubl|cii"
EXAMPLES = """\
  einvoice convert invoice.xml --to cii -o invoice-cii.xml
  einvoice convert inbox/ --to ubl --profile peppol -o outbox/
  einvoice convert invoice.xml --to cii --strict > invoice-cii.xml
"""


def options(parser: ArgumentParser) -> None:
    """What `convert` understands."""
    common.files(parser)
    common.syntax(parser, "--to", required=True)
    common.profile(parser, "the profile to convert to; unless told the document keeps its own")
    common.output(parser, "FILE|DIR")
    common.formats(parser, "text", "jsonl")
    parser.add_argument("--strict", action="store_true", help="end with 1 where anything is lost")


def run(options: Namespace) -> int:
    """Writes each document, and lists its losses: on standard error, with jsonl and -o on standard output."""
    if len(sources(options.files)) > 1 and inside(options.output, "") is None:
        raise EInvoiceError("several documents need a folder to go to, such as -o outbox/")
    code, taken = 0, set[str]()
    for source, found in results(options.files, lambda source: _converted(source, options)):
        if isinstance(found, Exception):
            code = 2
            _tell_failure(source, found, options)
            continue
        code = max(code, 1 if options.strict and found.losses else 0)
        output = inside(options.output, _file_name(source)) or options.output
        try:
            save(found.data, output, force=options.force, taken=taken)
        except EInvoiceError as fault:
            code = 2
            _tell_failure(source, fault, options)
        else:
            _tell_losses(source, found, output, options)
    return code


def _file_name(source: Source) -> str:
    """What the document is called in a folder; a PDF becomes XML."""
    path = Path(source.name if source.name != "-" else "converted.xml")
    return path.with_suffix(".xml").name if path.suffix.lower() == ".pdf" else path.name


def _converted(source: Source, options: Namespace) -> Converted:
    from einvoice.conversion import convert
    from einvoice.formats.reader import read_root
    from einvoice.formats.syntax import Syntax

    parsed = source.parsed(options.max_size)
    return convert(read_root(parsed.root, parsed.document), Syntax(options.syntax), profile=options.profile)


def _tell_losses(source: Source, found: Converted, output: str | None, options: Namespace) -> None:
    if options.format == "jsonl":
        losses = [{"term": loss.term, "path": loss.path, "value": loss.value, "reason": loss.reason} for loss in found.losses]
        _print_row({"file": source.name, "output": output, "losses": losses}, options)
        return
    for loss in found.losses:
        term = f" ({loss.term})" if loss.term else ""
        value = loss.value if len(loss.value) <= 60 else f"{loss.value[:60]}…"
        print(f"{place(source.name, None)}: lost: {loss.path}{term} = {value!r}: {loss.reason}", file=sys.stderr)


def _tell_failure(source: Source, fault: Exception, options: Namespace) -> None:
    tell(fault, source.name)
    if options.format == "jsonl":
        _print_row({"file": source.name, "error": "\n".join(lines(fault, source.name))}, options)


def _print_row(row: dict[str, Any], options: Namespace) -> None:
    """On standard output, unless the document itself goes there."""
    print(json_text(row), file=sys.stdout if options.output not in (None, "-") else sys.stderr)
