"""Takes the XML out of hybrid invoices (Factur-X, ZUGFeRD, XRechnung): byte for byte as it was embedded.

With --all every file that the PDF carries is written, an invoice or not. The other formats print what the PDF says of its XML
instead: name, standard, level, relationship."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einvoice.cli import options as common
from einvoice.cli.printing import inside, json_text, save
from einvoice.cli.problems import lines, tell
from einvoice.cli.sources import Source, results, sources
from einvoice.errors import EInvoiceError

if TYPE_CHECKING:
    from einvoice.pdf.extract import Hybrid

USAGE = "FILE…"
EXAMPLES = """\
  einvoice extract invoice.pdf > invoice.xml
  einvoice extract mail/ -o xml/
  einvoice extract invoice.pdf --all -o files/
  einvoice extract mail/ --format jsonl
"""

ENDINGS = (".pdf",)


def options(parser: ArgumentParser) -> None:
    """What `extract` understands."""
    common.files(parser, kinds=ENDINGS)
    common.output(parser, "FILE|DIR")
    common.formats(parser, "xml", "text", "json", "jsonl")
    parser.add_argument("--all", action="store_true", help="write every file that the PDF carries, into a folder")


def run(options: Namespace) -> int:
    """Writes each XML, or prints what is known of it; 2 where there is none that can be taken."""
    several = len(sources(options.files, ENDINGS)) > 1
    if options.all:
        return _all(options, several=several)
    if several and options.format == "xml" and inside(options.output, "") is None:
        raise EInvoiceError("several PDFs need a folder to go to, such as -o xml/")
    code, taken, rows = 0, set[str](), []
    for source, found in results(options.files, lambda source: _hybrid(source, options.max_size), ENDINGS):
        fault = found if isinstance(found, Exception) else _saved(source, found, options, taken)
        if fault is not None:
            code = 2
            tell(fault, source.name)
        row = _row(source, fault or found)
        if options.format == "jsonl":
            print(json_text(row), flush=True)
        elif options.format == "text" and fault is None:
            print(_text(row))
        rows.append(row)
    if options.format == "json":
        print(json_text(rows, indent=1))
    return code


def _hybrid(source: Source, max_size: int | None) -> Hybrid:
    from einvoice.pdf.extract import hybrid

    return hybrid(source.open(), name=source.name, max_size=max_size)


def _saved(source: Source, found: Hybrid, options: Namespace, taken: set[str]) -> Exception | None:
    """Writes the XML: always to the output that is named, to standard output where only the XML is asked for."""
    if options.format != "xml" and options.output in (None, "-"):
        return None
    try:
        save(found.data, inside(options.output, f"{_stem(source)}.xml") or options.output, force=options.force, taken=taken)
    except EInvoiceError as fault:
        return fault
    return None


def _all(options: Namespace, *, several: bool) -> int:
    """Writes all files: of several PDFs each PDF's into a folder of its name."""
    from einvoice.pdf.extract import files

    home = options.output
    if inside(home, "") is None:
        raise EInvoiceError("the files need a folder to go to, such as --all -o files/")
    code, taken = 0, set[str]()
    for source, found in results(options.files, lambda source: files(source.open(), name=source.name, max_size=options.max_size), ENDINGS):
        try:
            if isinstance(found, Exception):
                raise found
            if not found:
                raise EInvoiceError("the PDF carries no files")
            folder = f"{inside(home, _stem(source))}/" if several else home
            for name, data in _named(found):
                save(data, inside(folder, name), force=options.force, taken=taken)
                print(inside(folder, name))
        except Exception as fault:  # whatever it is, the other PDFs are to be opened
            code = 2
            tell(fault, source.name)
    return code


def _named(found: Any) -> list[tuple[str, bytes]]:
    """Each file under a name that no other has: the second of a name gets a number."""
    made: dict[str, bytes] = {}
    for file in found:
        path = Path(file.name.strip(". ") or "attachment")
        name, number = path.name, 1
        while name.lower() in map(str.lower, made):
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        made[name] = file.data
    return [*made.items()]


def _stem(source: Source) -> str:
    return Path(source.name).stem if source.name != "-" else "invoice"


def _row(source: Source, found: Hybrid | Exception) -> dict[str, Any]:
    if isinstance(found, Exception):
        return {"file": source.name, "error": {"type": type(found).__name__, "text": "\n".join(lines(found, source.name))}}
    facts = {name: getattr(found, name) for name in found._fields if name != "data"}
    return {"file": source.name, **facts, "size": len(found.data)}


def _text(row: dict[str, Any]) -> str:
    names = ("filename", "relationship", "standard", "level", "version", "place", "size")
    named = [(name, row[name]) for name in names] + [("attachment", name) for name in row["attachments"]]
    return "\n".join([row["file"], *(f"  {name:14}{value}" for name, value in named if value is not None)])
