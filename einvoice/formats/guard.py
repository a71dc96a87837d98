"""Unsafe input: every document enters through `parse`, which refuses by a named error what no invoice needs.

No DTD, no entities, no network, no archives; size, depth and attributes bounded; envelopes opened. Comments, processing
instructions and CDATA stay in the tree, because the rules look at them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias

from lxml import etree

from einvoice import settings
from einvoice.errors import DocumentError, Location, MalformedXML, UnknownFormat, Unreadable, UnsafeXML
from einvoice.formats import faults, prolog, vocabularies
from einvoice.formats.envelope import ENVELOPES, payload
from einvoice.formats.syntax import ROOTS, Document

MAX_DEPTH = 100
MAX_ATTRIBUTES = 1_000
BYTES_PER_MARKUP = 16
"""So many bytes of the size limit allow one tag or attribute, which takes up to 200 bytes of memory; invoices have 18 and more."""

_HUGE = 3_000_000
"""Bytes from which libxml2's own limits (10 MB a text, in UTF-8) are lifted: no shorter document can reach them."""

_LARGER = "raise the setting [documents] max_size (EINVOICE_DOCUMENTS_MAX_SIZE) if such documents are expected"
_CROWD = 20_000
"""Bytes below which attributes need not be counted: libxml2 before 2.12 takes time with their square."""

_DASHES = 1_000
_BROKEN_COMMENT = rb"<!--(?:[^-]|-(?!-))*+--(?!>)"
_CROWDED = rb"""<[^<>"']*+(?:"[^"<]*+"[^<>"']*+|'[^'<]*+'[^<>"']*+){%d}""" % (MAX_ATTRIBUTES + 1)


class Parsed(NamedTuple):
    """A document that is safe to walk.

    `root` is the invoice itself, outside any envelope; `wrapped` names the envelope it came in ("sbdh", "xhe");
    `encoding` is what the bytes were in; `inside` is the name of the XML within `source` where that is a PDF.
    """

    root: etree._Element
    document: Document
    wrapped: str | None
    source: str | None
    encoding: str
    inside: str | None = None


TakeOut: TypeAlias = Callable[[bytes, str | None, int], tuple[bytes, str]]
"""Takes the XML out of a PDF (its bytes, its name, the most bytes), and says the name that it has there."""


def parse(
    source: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None, take_out: TakeOut | None = None
) -> Parsed:
    """The invoice in a file, a stream or bytes, as a tree; `max_size` is in bytes, by default the setting's.

    A PDF is refused, unless it is said how the XML is taken out of it: then that is parsed, under the name `a.pdf[factur-x.xml]`.
    Raises UnsafeXML, MalformedXML, UnknownFormat or Unreadable, each naming `name` (by default the file's).
    """
    named = name or label(source)
    try:
        limit = settings.current().documents.max_size if max_size is None else max_size
        data = loaded(source, limit)
        if take_out is not None and vocabularies.is_pdf(data):
            return _hybrid(data, named, limit, take_out)
        text = _checked(data, limit)
        return _opened(_tree(text), named, text.encoding)
    except DocumentError as fault:
        raise fault.within(named) from None


def _hybrid(data: bytes, named: str | None, limit: int, take_out: TakeOut) -> Parsed:
    xml, inside = take_out(data, named, limit)
    parsed = parse(xml, name=f"{named}[{inside}]" if named else inside, max_size=limit)
    return parsed._replace(source=named, inside=inside)


def tree(data: bytes, limit: int) -> etree._Element:
    """The root of XML of any vocabulary, such as metadata; as safe as an invoice.

    Raises UnsafeXML, MalformedXML or UnknownFormat.
    """
    if len(data) > limit:
        raise _too_large(limit)
    return _tree(_checked(data, limit))


def label(source: object) -> str | None:
    """The name of the file that a source comes from, None where it has none."""
    named = source if isinstance(source, Path) else getattr(source, "name", None)
    return str(named) if isinstance(named, str | Path) else None


def loaded(source: bytes | Path | BinaryIO, limit: int) -> bytes:
    """All bytes of the source, of which no more than one beyond the limit is ever read.

    Raises UnsafeXML where there are more, Unreadable where they cannot be read.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        data = bytes(source)
    elif isinstance(source, Path):
        data = _file(source, limit)
    elif hasattr(source, "read"):
        data = _stream(source, limit)
    else:
        raise TypeError(f"a document is bytes, a pathlib.Path or a binary stream, not {type(source).__name__}")
    if len(data) > limit:
        raise _too_large(limit)
    return data


def _file(path: Path, limit: int) -> bytes:
    try:
        if path.stat().st_size > limit:
            raise _too_large(limit)
        with path.open("rb") as stream:
            return _stream(stream, limit)
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise Unreadable(f"the file cannot be read: {reason}", source=str(path), mend="check the path and its permissions") from None


def _stream(stream: BinaryIO, limit: int) -> bytes:
    parts, left = [], limit + 1
    try:
        while left > 0 and (part := stream.read(min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
    except (OSError, ValueError) as fault:
        raise Unreadable(f"the stream broke off: {fault}", mend="transfer it again") from None
    if parts and not isinstance(parts[0], bytes):
        raise TypeError("the stream gives text; open it in binary mode")
    return b"".join(parts)


def _too_large(limit: int) -> UnsafeXML:
    return UnsafeXML(f"the document is larger than {limit:,} bytes", mend=_LARGER)


def _checked(data: bytes, limit: int) -> prolog.Prolog:
    """The bytes as UTF-8 that may be XML: no other format, no DTD, no crowded element."""
    if other := refused(data):
        raise other
    text = prolog.read(data)
    if not text.plain and (other := vocabularies.refuse_bytes(text.data)):
        raise other
    if len(text.data) > _CROWD:
        _count(text.data, limit // BYTES_PER_MARKUP)
    return text


def refused(data: bytes) -> UnknownFormat | None:
    """What bytes are that are no XML, by how they begin; None where they may be XML."""
    return None if data.startswith(b"<?xml") or prolog.is_wide(data) else vocabularies.refuse_bytes(data)


def _count(data: bytes, most: int) -> None:
    """Raises UnsafeXML for more tags and attributes than any invoice has, in the document or in one element.

    Raises MalformedXML for many broken comments: libxml2 before 2.12 takes time with their square.
    """
    if data.count(b"--") > _DASHES and _dashes(data) > _DASHES:
        raise MalformedXML("comments hold `--` or are not closed", mend="close each with -->, and write single dashes within")
    attributes = data.count(b"=")
    if attributes + data.count(b"<") > most:
        raise UnsafeXML(f"the document has more than {most:,} tags and attributes", mend=_LARGER)
    if attributes > MAX_ATTRIBUTES and (crowded := re.search(_CROWDED, data)):
        where = Location(line=data.count(b"\n", 0, crowded.start()) + 1)
        raise UnsafeXML(f"an element has more than {MAX_ATTRIBUTES:,} attributes", location=where, mend="no invoice needs more than a few")


def _dashes(data: bytes) -> int:
    """How many double dashes stand within comments, where XML forbids them; counted until there are too many."""
    found = at = 0
    broken, closing = re.compile(_BROKEN_COMMENT), re.compile(rb"(?<!-)-->")
    while found <= _DASHES and (comment := broken.search(data, at)):
        end = closing.search(data, comment.end())
        at = end.start() if end else len(data)
        found += 1 + data.count(b"--", comment.end(), at)
    return found


class _Tools(threading.local):
    """The parsers of one thread: lxml lets only one thread at a time use a parser."""

    def __init__(self) -> None:
        self.plain = _parser(encoding=None, huge=False)
        self.recoded = _parser(encoding="utf-8", huge=False)
        self.deeper = etree.XPath("(/" + "/".join("*" * (MAX_DEPTH + 1)) + ")[1]")


def _parser(*, encoding: str | None, huge: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        huge_tree=huge,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=False,
        remove_pis=False,
        strip_cdata=False,
    )


_tools = _Tools()


def _tree(text: prolog.Prolog) -> etree._Element:
    """The document's root element.

    Raises MalformedXML, or UnsafeXML where it is too deep or has a DTD after all.
    """
    if len(text.data) > _HUGE:
        parser = _parser(encoding=None if text.plain else "utf-8", huge=True)
    else:
        parser = _tools.plain if text.plain else _tools.recoded
    try:
        root = etree.fromstring(text.data, parser)
        deeper = _tools.deeper(root)
    except etree.XMLSyntaxError as fault:
        raise faults.from_parser(fault) from None
    except (etree.LxmlError, MemoryError, ValueError, AssertionError) as fault:
        raise faults.from_machinery(fault) from None
    if deeper:
        raise faults.too_deep(deeper[0].sourceline)
    if root.getroottree().docinfo.internalDTD is not None:
        raise prolog.dtd()
    return root


def _opened(root: etree._Element, source: str | None, encoding: str) -> Parsed:
    """The invoice at the root, or in the envelope there."""
    wrapped = ENVELOPES.get(root.tag)
    invoice = payload(root) if wrapped else root
    document = ROOTS.get(invoice.tag)
    if document is None:
        raise _refused(invoice, wrapped)
    return Parsed(invoice, document, wrapped, source, encoding)


def _refused(root: etree._Element, wrapped: str | None) -> UnknownFormat:
    fault = vocabularies.refuse_root(root)
    if wrapped:
        fault.message = f"in the {wrapped.upper()} envelope: {fault.message}"
    return fault
