"""Documents put into an envelope, from stream to stream."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Protocol
from xml.sax.saxutils import escape, quoteattr

from einvoice.errors import MalformedXML, Unreadable
from einvoice_peppol.sbdh.characters import STEP
from einvoice_peppol.sbdh.header import CONTENT, END, Header, complete, written
from einvoice_peppol.sbdh.walking import Name, Walk

_MIME = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}", re.ASCII)
_BEYOND_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Writer(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Takes bytes."""


def wrap(document: BinaryIO, header: Header, into: Writer) -> None:
    """Writes the document in its envelope, in UTF-8, in bounded memory whatever its size.

    Of an XML document the root element is taken as it stands; its declaration and what stands around the root are not, and UTF-16,
    US-ASCII, ISO-8859-x and windows-125x are recoded. Where `header.mime` is given the document is no XML: `text/…` goes into a
    TextContent, anything else into a BinaryContent.
    Raises MalformedXML, UnsafeXML (a DOCTYPE, excessive depth), Unreadable where the header cannot be stated or the root is another
    than its document type says. What was written until then is of no use. Source: SBDH 2.0.2; XML 1.0.
    """
    whole = complete(header)
    into.write(written(whole))
    if whole.mime is None:
        _Document(into, whole).run(document)
    else:
        _content(document, whole.mime, into)
    into.write(END)


class _Document(Walk):
    def __init__(self, into: Writer, header: Header) -> None:
        super().__init__(into.write)
        self._header = header

    def begin(self, name: Name, attributes: list[str]) -> bool:  # noqa: ARG002 - the root's name is enough
        if name != (self._header.standard, self._header.type):
            raise Unreadable(
                f"the document is {{{name.namespace}}}{name.local}, its type {{{self._header.standard}}}{self._header.type}",
                mend="send it under its own document type",
            )
        return True


def _content(document: BinaryIO, mime: str, into: Writer) -> None:
    if _MIME.fullmatch(mime) is None:
        raise Unreadable(f"{mime[:80]!r} is no MIME type", mend="write it as application/pdf")
    kind, parts = ("TextContent", _escaped(document)) if mime.startswith("text/") else ("BinaryContent", _base64(document))
    into.write(f'<{kind} xmlns="{CONTENT}" mimeType={quoteattr(mime)}>'.encode())
    for part in parts:
        into.write(part)
    into.write(f"</{kind}>".encode())


def _base64(document: BinaryIO) -> Iterator[bytes]:
    left = b""
    while chunk := document.read(STEP):
        data = left + chunk
        whole = len(data) - len(data) % 3
        left = data[whole:]
        yield base64.b64encode(data[:whole])
    yield base64.b64encode(left)


def _escaped(document: BinaryIO) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    while True:
        chunk = document.read(STEP)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as fault:
            raise MalformedXML(f"the text is not in UTF-8: {fault}", mend="send it under another MIME type, as binary content") from None
        if beyond := _BEYOND_XML.search(text):
            raise MalformedXML(f"XML cannot hold {beyond[0]!r}", mend="send it under another MIME type, as binary content")
        yield escape(text, {"\r": "&#13;"}).encode()
        if not chunk:
            return
