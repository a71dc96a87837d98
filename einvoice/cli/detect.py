"""Says what each file is: its syntax, document type, profile, and the identifiers (BT-24, BT-23) that it states; of a PDF, its XML."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from einvoice.cli import options as common
from einvoice.cli.printing import json_text
from einvoice.cli.problems import lines, tell
from einvoice.cli.sources import Source, results

if TYPE_CHECKING:
    from einvoice.formats.detect import Detected

USAGE = "FILE…"
EXAMPLES = """\
  einvoice detect invoice.xml
  einvoice detect mail/ --format jsonl
"""

TITLES = {"ubl-invoice": "UBL invoice", "ubl-creditnote": "UBL credit note", "cii": "CII invoice"}


def options(parser: ArgumentParser) -> None:
    """What `detect` understands."""
    common.files(parser)
    common.formats(parser, "text", "json", "jsonl")


def run(options: Namespace) -> int:
    """Prints what each file is; 2 where one is not an invoice or cannot be read."""
    code, rows = 0, []
    for source, found in results(options.files, lambda source: _detect(source, options.max_size)):
        if isinstance(found, Exception):
            code = 2
            tell(found, source.name)
        row = _row(source, found)
        if options.format == "jsonl":
            print(json_text(row))
        elif options.format == "text" and not isinstance(found, Exception):
            print(_text(source, found))
        rows.append(row)
    if options.format == "json":
        print(json_text(rows, indent=1))
    return code


def _detect(source: Source, max_size: int | None) -> Detected:
    from einvoice.documents import detect

    return detect(source.open(), name=source.name, max_size=max_size)


def _row(source: Source, found: Detected | Exception) -> dict[str, str | None]:
    if isinstance(found, Exception):
        return {"file": source.name, "error": "\n".join(lines(found, source.name))}
    return {"file": source.name, **{name: getattr(found, name) for name in found._fields}}


def _text(source: Source, found: Detected) -> str:
    from einvoice_schemas.profiles import profile

    title = profile(found.profile).title if found.profile else "of a specification that is not known here"
    head = f"{source.name}: {TITLES[found.document]}, {title}"
    named = [("profile", found.profile), ("specification", found.specification), ("process", found.process), ("wrapped in", found.wrapped)]
    return "\n".join([head, *(f"  {name:15}{value}" for name, value in named if value)])
