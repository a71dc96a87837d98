"""Documents taken out of their envelopes, from stream to stream; untrusted bytes in bounded memory."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import BinaryIO

from einvoice.errors import Unreadable
from einvoice_peppol.sbdh.header import CONTENT, SBDH, Header, Node, read
from einvoice_peppol.sbdh.walking import Enough, Name, Walk
from einvoice_peppol.sbdh.wrapping import Writer

MAX_HEADER = 1 << 17
"""Bytes of an envelope up to where its document begins."""
MAX_NODES = 1_000
_ROOT, _HEADER = Name(SBDH, "StandardBusinessDocument"), Name(SBDH, "StandardBusinessDocumentHeader")
_CONTENTS = (Name(CONTENT, "BinaryContent"), Name(CONTENT, "TextContent"))
_BLANKS = {ord(blank): None for blank in " \t\r\n"}


def read_header(stream: BinaryIO) -> Header:
    """What the header of an envelope says; no more is read than needed, and the document itself is not looked at.

    Raises Unreadable, MalformedXML, UnsafeXML. Source: SBDH 2.0.2.
    """
    walk = _Envelope(None, only_header=True)
    walk.run(stream, most=MAX_HEADER)
    return walk.header()


def unwrap(stream: BinaryIO, into: Writer | None) -> Header:
    """Writes the document of an envelope, and gives its header; `into` None only checks.

    An XML document is written as it stands in the envelope, in UTF-8, with the prefixes that only the envelope declares;
    BinaryContent and TextContent are decoded. The stream is read to its end.
    Raises MalformedXML, UnsafeXML (a DOCTYPE, excessive depth or names), Unreadable for a header that is wrong, no document or
    several, a document that is another than its header says. What was written until then is of no use.
    """
    walk = _Envelope(into.write if into is not None else None)
    walk.run(stream, most=MAX_HEADER)
    return walk.header()


class _Envelope(Walk):
    def __init__(self, take: Callable[[bytes], object] | None, *, only_header: bool = False) -> None:
        super().__init__(take)
        self._only_header = only_header
        self._stack: list[Node] = []
        self._nodes = 0
        self._header: Header | None = None
        self._is_taken = self._is_binary = self._is_over = False
        self._writes = take or _nowhere
        self._left = ""

    def header(self) -> Header:
        """What was read.

        Raises Unreadable where the envelope holds no header or no document.
        """
        if self._header is None:
            raise _fault("it holds no header")
        if not self._is_taken and not self._only_header:
            raise _fault("it holds no document")
        if self._left:
            raise _fault("its BinaryContent is no base64")
        return self._header

    def begin(self, name: Name, attributes: list[str]) -> bool:
        if self.level == 1:
            if name != _ROOT:
                raise _fault(f"it is a {{{name.namespace[:80]}}}{name.local[:40]}")
            return False
        if self._stack or (self.level == 2 and self._header is None and name == _HEADER):
            self._push(name, attributes)
            return False
        return self._document(name, attributes)

    def _document(self, name: Name, attributes: list[str]) -> bool:
        if self._header is None:
            raise _fault("it does not begin with a header")
        if self._is_taken:
            raise _fault("it holds several documents")
        self._is_taken = True
        said = dict(zip(attributes[::2], attributes[1::2], strict=True))
        if name in _CONTENTS:
            self._header = self._header._replace(mime=said.get("mimeType", ""))
            if not self._header.mime:
                raise _fault(f"its {name.local} has no mimeType")
            self._is_binary = name == _CONTENTS[0]
        elif name != (self._header.standard, self._header.type):
            raise _fault(f"the document is {{{name.namespace[:80]}}}{name.local[:40]}, its header says another")
        self.outer = {prefix: uri for prefix, uri in self.outer.items() if uri != SBDH}
        return True

    def within(self) -> Callable[[str], None] | None:
        assert self._header is not None
        if self._header.mime is None:
            return None
        self._take = None
        self.parser.StartElementHandler = _no_elements
        return self._binary if self._is_binary else self._plain

    def _plain(self, text: str) -> None:
        self._writes(text.encode())

    def _binary(self, text: str) -> None:
        """Decodes base64 as it comes."""
        data = self._left + text.translate(_BLANKS)
        if data and self._is_over:
            raise _fault("its BinaryContent goes on after its end")
        whole = len(data) - len(data) % 4
        self._left = data[whole:]
        self._writes(_decoded(data[:whole]))
        self._is_over = self._is_over or "=" in data[:whole]

    def end(self) -> None:
        if not self._stack:
            return
        node = self._stack.pop()
        if not self._stack:
            self._header = read(node)
            if self._only_header:
                raise Enough

    def text(self, text: str) -> None:
        if self._stack:
            self._stack[-1].text.append(text)
        elif text.strip(" \t\r\n"):
            raise _fault("text stands beside the document")

    def _push(self, name: Name, attributes: list[str]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _fault(f"its header has more than {MAX_NODES:,} elements")
        node = Node(name.local if name.namespace == SBDH else "", dict(zip(attributes[::2], attributes[1::2], strict=True)), [], [])
        if self._stack:
            self._stack[-1].children.append(node)
        self._stack.append(node)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _fault("its BinaryContent is no base64") from None


def _no_elements(_: str, __: list[str]) -> None:
    raise _fault("its content holds elements")


def _nowhere(_: bytes) -> None:
    """Takes bytes that nobody wants."""


def _fault(text: str) -> Unreadable:
    return Unreadable(f"the envelope (SBDH): {text}", mend="the sender has to state it right")
