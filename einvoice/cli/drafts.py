"""Drafts and documents alike: whatever a file is, the invoices that it states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from einvoice.cli.sources import Source
from einvoice.errors import Unreadable

if TYPE_CHECKING:
    from einvoice.drafts import Draft


def drafts_of(source: Source, max_size: int | None = None, *, documents: bool = True) -> list[Draft]:
    """The invoices of a draft in JSON or CSV; of a document in XML or a PDF, the one, where documents are welcome too.

    Raises DocumentError.
    """
    from einvoice.documents import parse
    from einvoice.drafts import Draft, read_drafts
    from einvoice.formats.reader import read_root

    data = _bytes(source, max_size)
    if not documents or _is_draft(source.name, data):
        return read_drafts(data, name=source.name, max_size=max_size)
    parsed = parse(data, name=source.name, max_size=max_size)
    return [Draft(read_root(parsed.root, parsed.document))]


def _bytes(source: Source, max_size: int | None) -> bytes:
    """The bytes, of which no more than one beyond the limit is read: whoever parses them refuses them then."""
    from einvoice.settings import current

    limit = current().documents.max_size if max_size is None else max_size
    opened = source.open()
    try:
        if not isinstance(opened, Path):
            return opened.read(limit + 1)
        with opened.open("rb") as stream:
            return stream.read(limit + 1)
    except OSError as fault:
        raise Unreadable(f"the file cannot be read: {fault.strerror}", mend="check the path and its permissions") from None


def _is_draft(name: str, data: bytes) -> bool:
    """By its name or its first character; standard input that begins with a letter is CSV."""
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return Path(name).suffix.lower() in (".json", ".csv") or first in (b"{", b"[") or (name == "-" and first.isalpha())
