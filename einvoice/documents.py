"""Documents as they come, XML or a PDF that carries it: `einvoice.read`, `einvoice.detect` and `einvoice.convert` take both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from einvoice.formats.guard import Parsed
from einvoice.formats.guard import parse as parse_xml

if TYPE_CHECKING:
    from einvoice.conversion import Converted
    from einvoice.formats.detect import Detected
    from einvoice.formats.syntax import Syntax
    from einvoice.model import Invoice


def read(source: bytes | Path | BinaryIO) -> Invoice:
    """The invoice that a document states: UBL Invoice or CreditNote, CII; also in an SBDH envelope, also in a PDF (extra `pdf`).

    Broken invoices are read as well: a value that no term can hold is listed in `invoice.unread`, with its place and the reason.
    Raises MalformedXML, UnsafeXML, UnknownFormat, Unreadable, and PDFError for a PDF without an invoice that can be taken out.
    """
    from einvoice.formats.reader import read_root  # noqa: PLC0415 - the model is loaded for who reads

    parsed = parse(source)
    return read_root(parsed.root, parsed.document)


def detect(source: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None) -> Detected:
    """What a document says it is; nothing is validated. Raises what `read` raises."""
    from einvoice.formats.detect import detect_root  # noqa: PLC0415 - who reads needs none of it

    parsed = parse(source, name=name, max_size=max_size)
    return detect_root(parsed.root, wrapped=parsed.wrapped)


def convert(document: bytes | Path | BinaryIO | Invoice, syntax: Syntax, *, profile: str | None = None) -> Converted:
    """The document in another syntax; with a profile also under its specification (BT-24) and process (BT-23).

    Losses are what the document holds and no term does, what the profile does not have, and what the syntax has no place for.
    Amounts are never changed. Raises what `read` raises, and SettingsError where no profile has the name.
    """
    from einvoice.conversion import convert as converted  # noqa: PLC0415 - who reads needs none of it
    from einvoice.model import Invoice  # noqa: PLC0415

    return converted(document if isinstance(document, Invoice) else read(document), syntax, profile=profile)


def parse(source: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None) -> Parsed:
    """The invoice in a document as a tree; `max_size` in bytes, by default the setting's. Raises what `read` raises."""
    return parse_xml(source, name=name, max_size=max_size, take_out=_taken_out)


def _taken_out(data: bytes, name: str | None, limit: int) -> tuple[bytes, str]:
    from einvoice.pdf.extract import hybrid  # noqa: PLC0415 - an extra that XML does without

    found = hybrid(data, name=name, max_size=limit)
    return found.data, found.filename
