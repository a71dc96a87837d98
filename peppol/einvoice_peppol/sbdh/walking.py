"""One element of a stream of XML, byte by byte as it stands there, while expat checks that the whole is well-formed.

Memory is bounded whatever comes: text is never collected, a tag or comment has at most a megabyte, names and depth are counted, a
DOCTYPE is refused, so that there are no entities but those of XML itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from einvoice.errors import Location, MalformedXML, UnsafeXML
from einvoice_peppol.sbdh.characters import utf8

MAX_DEPTH = 100
MAX_TOKEN = 1 << 20
"""Bytes of one tag, comment or processing instruction."""
MAX_NAMES = 20_000
"""Different names, prefixes and namespaces; a parser remembers each."""
MAX_NAMED = 1 << 21
"""Characters of them all."""
_TAG = re.compile(rb"<[^\s/>]++(?:\s++[^\s=]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))*+\s*+(?P<empty>/?)>")
_NAME = re.compile(rb"<[^\s/>]++")
_ATTRIBUTE = re.compile(rb"\s++([^\s=]++)\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+')")


class Name(NamedTuple):
    """The name of an element: its namespace, empty where it has none, and its local part."""

    namespace: str
    local: str


def name(text: str) -> Name:
    """A name as the parser states it, `namespace local`."""
    namespace, _, local = text.rpartition(" ")
    return Name(namespace, local)


class Enough(Exception):
    """Raised by a subclass that wants nothing more."""


class Walk:
    """Feeds a stream to the parser; a subclass says which element is wanted, and hears what stands around it.

    `begin` is called at each start tag outside the wanted element and answers whether it is the wanted one; `end` and `text` are
    called outside it. Bytes of the element go to `take`.
    """

    def __init__(self, take: Callable[[bytes], object] | None) -> None:
        self._take = take
        self._names: dict[str, str] = {}
        self._counted = self._named = 0
        self.parser = expat.ParserCreate("utf-8", " ", self._names)
        self.parser.ordered_attributes = True
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartNamespaceDeclHandler = self._declared
        self._outside()
        self.level = 0
        self._own_level = -1
        self._held = bytearray()
        self._at = self._fed = 0
        self._start: int | None = None
        self._last: int | None = None
        self._stop: int | None = None
        self._written = 0
        self.outer: dict[str, str] = {}

    def begin(self, name: Name, attributes: list[str]) -> bool:  # noqa: ARG002 - for subclasses
        """A start tag outside the wanted element; True where it is the wanted one."""
        return True

    def end(self) -> None:
        """An end tag outside the wanted element."""

    def text(self, text: str) -> None:
        """Text outside the wanted element."""

    def run(self, stream: BinaryIO, *, most: int | None = None) -> None:
        """Walks through the stream; at most so many bytes before the wanted element begins.

        Raises UnsafeXML and MalformedXML.
        """
        for chunk in utf8(stream):
            try:
                self._feed(chunk, last=False)
            except Enough:
                return
            if most is not None and self._start is None and self._fed > most:
                raise UnsafeXML(f"no document begins within {most:,} bytes", mend="a header has a few kilobytes")
        self._feed(b"", last=True)

    def _feed(self, chunk: bytes, *, last: bool) -> None:
        self._fed += len(chunk)
        try:
            self.parser.Parse(chunk, last)
        except expat.ExpatError as fault:
            raise MalformedXML(str(fault).partition(":")[0], location=Location(line=fault.lineno), mend="send well-formed XML") from None
        self._named += sum(len(name or "") for name in islice(self._names, self._counted, None))
        self._counted = len(self._names)
        if self._counted > MAX_NAMES or self._named > MAX_NAMED:
            many = f"{MAX_NAMES:,} different names, or names of more than {MAX_NAMED:,} characters"
            raise UnsafeXML(f"the document has more than {many}", mend="no business document needs so many")
        sure = self._fed if last else max(self.parser.CurrentByteIndex, 0)
        if self._fed - sure > MAX_TOKEN:
            raise UnsafeXML(f"a tag, comment or instruction has more than {MAX_TOKEN:,} bytes", mend="no business document needs one")
        if self._stop is None:
            self._held += chunk
            self._pass_on(sure)

    def _pass_on(self, sure: int) -> None:
        """Hands on what surely belongs to the element, and forgets what is before it."""
        if self._start is not None and self._written == 0 and (sure > self._start or self._last is not None):
            self._open()
        if self._last is not None and self._stop is None:
            self._stop = self._held.index(b">", max(self._last - self._at, 0)) + self._at + 1
        until = sure if self._stop is None else self._stop
        if self._start is None:
            self._forget(sure)
        elif self._written and until > self._written:
            self._give(bytes(memoryview(self._held)[self._written - self._at : until - self._at]))
            self._written = until
            self._forget(until)

    def _open(self) -> None:
        """The start tag, with the prefixes that only the envelope declares."""
        assert self._start is not None
        self._forget(self._start)
        found, named = _TAG.match(self._held), _NAME.match(self._held)
        assert found is not None
        assert named is not None
        own = {attribute.decode() for attribute in _ATTRIBUTE.findall(found[0], named.end())}
        added = "".join(_declaration(prefix, uri) for prefix, uri in self.outer.items() if _attribute(prefix) not in own)
        self._give(named[0] + added.encode())
        self._give(found[0][named.end() :])
        self._written = self._at + found.end()
        if found["empty"]:
            self._stop = self._written

    def _give(self, data: bytes) -> None:
        if self._take is not None:
            self._take(data)

    def _forget(self, until: int) -> None:
        del self._held[: until - self._at]
        self._at = max(until, self._at)

    def _outside(self) -> None:
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.text

    def _begin(self, text: str, attributes: list[str]) -> None:
        self.level += 1
        if self.level > MAX_DEPTH:
            self._too_deep()
        if self.begin(name(text), attributes):
            self._start = self.parser.CurrentByteIndex
            self._own_level = self.level
            self.parser.StartElementHandler = self._begin_within
            self.parser.EndElementHandler = self._end_within
            self.parser.CharacterDataHandler = self.within()

    def within(self) -> Callable[[str], None] | None:
        """What hears the text within the element; None where its bytes are enough."""
        return None

    def _end(self, _: str) -> None:
        self.end()
        self.level -= 1

    def _begin_within(self, _: str, __: list[str]) -> None:
        self.level += 1
        if self.level > MAX_DEPTH:
            self._too_deep()

    def _end_within(self, _: str) -> None:
        if self.level == self._own_level:
            self._last = self.parser.CurrentByteIndex
            self._outside()
        self.level -= 1

    def _declared(self, prefix: str | None, uri: str | None) -> None:
        if self.level == 0:  # on the root, whose start tag is heard next
            self.outer[prefix or ""] = uri or ""

    def _doctype(self, *_: object) -> None:
        raise UnsafeXML("the document has a DOCTYPE", mend="remove it; business documents need none")

    def _too_deep(self) -> None:
        where = Location(line=self.parser.CurrentLineNumber)
        raise UnsafeXML(f"elements are nested deeper than {MAX_DEPTH}", location=where, mend="no business document needs it")


def _declaration(prefix: str, uri: str) -> str:
    value = uri.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f' {_attribute(prefix)}="{value}"'


def _attribute(prefix: str) -> str:
    return f"xmlns:{prefix}" if prefix else "xmlns"
