"""A stream of XML as UTF-8, chunk by chunk, without its byte order mark and declaration."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from einvoice.errors import MalformedXML, Unreadable, UnsafeXML

STEP = 1 << 18
"""Bytes of a chunk."""
_LOOK = 1_024
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*[\"'](?P<version>[\w.]+)[\"'](?:\s+encoding\s*=\s*[\"'](?P<encoding>[\w.:-]+)[\"'])?"
    rb"(?:\s+standalone\s*=\s*[\"']\w+[\"'])?\s*\?>"
)
_NARROW = re.compile(r"(?i)us-ascii|iso-8859-\d{1,2}|windows-125\d")
_WIDE = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_REFUSED = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"<\0\0\0", b"\0\0\0<")


def utf8(stream: BinaryIO) -> Iterator[bytes]:
    """The stream as UTF-8; what is in UTF-16, US-ASCII, ISO-8859-x or windows-125x is recoded.

    Raises UnsafeXML for another encoding, MalformedXML where the bytes are not in the one that they declare, Unreadable where the
    stream breaks off.
    """
    first = _read(stream, _LOOK)
    if first.startswith(_REFUSED):
        raise UnsafeXML("the document is in UTF-32", mend="save it as UTF-8")
    wide = next(((mark, name) for mark, name in _WIDE if first.startswith(mark)), None)
    if wide is not None:
        mark, name = wide
        yield from _recoded(first[len(mark) :] if mark[0] > 0x7F else first, stream, name)
        return
    first = first.removeprefix(codecs.BOM_UTF8)
    declared = _declared(first)
    if declared == "utf-8":
        yield _bare(first)
        while chunk := _read(stream, STEP):
            yield chunk
        return
    yield from _recoded(first, stream, declared)


def _read(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, fewer only at the end of the stream."""
    parts, left = [], size
    try:
        while left > 0 and (part := stream.read(left)):
            parts.append(part)
            left -= len(part)
    except OSError as fault:
        raise Unreadable(f"the stream broke off: {fault}", mend="transfer it again") from None
    return b"".join(parts)


def _declared(first: bytes) -> str:
    found = _DECLARATION.match(first)
    if found is None:
        return "utf-8"
    if not found["version"].startswith(b"1.0"):
        raise UnsafeXML(f"the document is XML {found['version'].decode()}", mend="business documents are XML 1.0")
    name = (found["encoding"] or b"utf-8").decode().lower()
    if name in ("utf-8", "utf8"):
        return "utf-8"
    if name.startswith(("utf-16", "utf16")):
        raise MalformedXML("the document declares UTF-16 and is not in it", mend="save it as UTF-8")
    if _NARROW.fullmatch(name) is None or not _is_known(name):
        raise UnsafeXML(f"the document declares the encoding {name[:40]!r}", mend="save it as UTF-8")
    return name


def _is_known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _bare(first: bytes) -> bytes:
    found = _DECLARATION.match(first)
    return first[found.end() :] if found else first


def _recoded(first: bytes, stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    chunk, is_first = first, True
    while True:
        try:
            text = decoder.decode(chunk, final=not chunk).encode("utf-8")
        except UnicodeError as fault:
            raise MalformedXML(f"the bytes are not {encoding}: {fault}", mend="save the document as UTF-8") from None
        yield _bare(text) if is_first else text
        if not chunk:
            return
        is_first = False
        chunk = _read(stream, STEP)
