"""MIME as it comes: multipart/related read from a stream, part by part, in bounded memory (RFC 2045, 2046, 2387).

What is ambiguous is refused by EBMS:0007: bare line feeds around a boundary, a boundary with something behind it, a header that
stands twice, a body that ends without its last boundary. No two programs can then see different parts in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, NamedTuple, NoReturn

from einvoice_peppol.as4 import ebms
from einvoice_peppol.as4.transfer import DECODERS

HEADERS = 16_384
"""Bytes of all headers of a part."""
AROUND = 65_536
"""Bytes before the first boundary, and behind the last: nobody needs them, some write their mail headers there."""
_STEP = 1 << 17
_TYPE = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*")
_PARAMETER = re.compile(r"""\s*;\s*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\\r\n]|\\[^\r\n])*)"|([^\s;"]+))\s*)?""")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*)", re.DOTALL)
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_ONCE = ("content-type", "content-id", "content-transfer-encoding")
_MOST_HEADERS = 64


class MediaType(NamedTuple):
    """A media type in lower case, and its parameters, names in lower case."""

    name: str
    parameters: Mapping[str, str]


class Part(NamedTuple):
    """A part: its media type, its Content-ID without angle brackets (empty where it has none), its bytes decoded as they are asked for."""

    type: MediaType
    content_id: str
    chunks: Iterator[bytes]

    def read(self, most: int) -> bytes:
        """All its bytes.

        Raises Refused where there are more than `most`.
        """
        parts, size = [], 0
        for chunk in self.chunks:
            size += len(chunk)
            if size > most:
                _refuse(f"a part has more than {most:,} bytes")
            parts.append(chunk)
        return b"".join(parts)


def media_type(text: str) -> MediaType:
    """A Content-Type.

    Raises Refused where it is none, or names a parameter twice.
    """
    if len(text) > HEADERS or not (found := _TYPE.match(text)):
        _refuse("the Content-Type is no media type")
    parameters: dict[str, str] = {}
    at = found.end()
    while at < len(text):
        if not (parameter := _PARAMETER.match(text, at)):
            _refuse(f"the Content-Type has a parameter that cannot be read: {text[at : at + 40]!r}")
        at = parameter.end()
        name, quoted, token = parameter.groups()
        if name is None:
            continue
        if name.lower() in parameters:
            _refuse(f"the Content-Type has the parameter {name} twice")
        parameters[name.lower()] = token if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return MediaType(found[1].lower(), parameters)


def related(content_type: str, stream: BinaryIO) -> Iterator[Part]:
    """The parts of multipart/related, one after the other; what is left of a part is passed over when the next is asked for.

    The first is the root: where `start` names another one, or `type` another type than the root's, the message is refused. Raises
    Refused (EBMS:0007), also while a part is read; what the stream raises goes through.
    """
    kind = media_type(content_type)
    if kind.name != "multipart/related":
        _refuse(f"the message is {kind.name}, not multipart/related")
    boundary = kind.parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        _refuse("multipart/related has no boundary, or one that RFC 2046 does not allow")
    source = _Source(stream, b"\r\n--" + boundary.encode("ascii"))
    size = 0
    for chunk in source.until_boundary():
        size += len(chunk)
        if size > AROUND:
            _refuse(f"more than {AROUND:,} bytes stand before the first boundary")
    is_root = True
    while source.has_another():
        headers = source.headers()
        part = _part(headers, source.until_boundary())
        if is_root:
            _check_root(part, kind.parameters)
        yield part
        is_root = False
        for _ in part.chunks:
            pass
    source.drain(AROUND)


def _check_root(root: Part, parameters: Mapping[str, str]) -> None:
    start, kind = parameters.get("start"), parameters.get("type")
    if start is not None and _id(start) != root.content_id:
        _refuse("the parameter start names another part than the first")
    if kind is not None and kind.strip().lower() != root.type.name:
        _refuse("the parameter type is not that of the first part")


def _part(headers: Mapping[str, str], raw: Iterator[bytes]) -> Part:
    encoding = headers.get("content-transfer-encoding", "binary").strip().lower()
    decode: Callable[[Iterator[bytes]], Iterator[bytes]] | None = DECODERS.get(encoding)
    if decode is None:
        _refuse(f"the Content-Transfer-Encoding {encoding[:40]!r} is unknown")
    return Part(media_type(headers.get("content-type", "text/plain")), _id(headers.get("content-id", "")), decode(raw))


def _id(text: str) -> str:
    text = text.strip()
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text


class _Source:
    """The stream with what was read of it and not used; `_delimiter` is the boundary with the line break before it."""

    def __init__(self, stream: BinaryIO, delimiter: bytes) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._held = bytearray(b"\r\n")  # so that a boundary at the very beginning has its line break, too
        self._invented = 2

    def until_boundary(self) -> Iterator[bytes]:
        """What stands before the next boundary, which is taken."""
        skip, self._invented = self._invented, 0
        while (at := self._held.find(self._delimiter)) < 0:
            ready = len(self._held) - len(self._delimiter) + 1
            if ready > skip:
                chunk = bytes(memoryview(self._held)[skip:ready])
                del self._held[:ready]
                skip = 0
                yield chunk
            self._more("ends without its last boundary")
        last = bytes(memoryview(self._held)[skip:at]) if at > skip else b""
        del self._held[: at + len(self._delimiter)]
        if last:
            yield last

    def has_another(self) -> bool:
        """Whether a part follows the boundary that was taken, or it was the last."""
        while b"\r\n" not in self._held[:1_000] and not self._held.startswith(b"--"):
            if len(self._held) >= 1_000:
                _refuse("something stands behind a boundary")
            if self._held.startswith(b"-") and len(self._held) > 1:
                _refuse("something stands behind a boundary")
            self._more("ends within a boundary")
        if self._held.startswith(b"--"):
            del self._held[:2]
            return False
        end = self._held.find(b"\r\n")
        if self._held[:end].strip(b" \t"):
            _refuse("something stands behind a boundary")
        del self._held[:end]  # the line break stays: the headers may be none
        return True

    def headers(self) -> dict[str, str]:
        """The headers of a part, names in lower case, lines unfolded."""
        while (end := self._held.find(b"\r\n\r\n", 0, HEADERS + 4)) < 0:
            if len(self._held) > HEADERS:
                _refuse(f"a part has more than {HEADERS:,} bytes of headers")
            self._more("ends within the headers of a part")
        text = bytes(self._held[:end])
        del self._held[: end + 2]  # the last line break stays: the part may be empty
        self._invented = 2
        return _fields(text)

    def drain(self, most: int) -> None:
        """Reads to the end of the stream."""
        size = len(self._held)
        while size <= most and (chunk := self._stream.read(_STEP)):
            size += len(chunk)
        if size > most:
            _refuse(f"more than {most:,} bytes stand behind the last boundary")

    def _more(self, otherwise: str) -> None:
        """Reads on; many small pieces become one, so that whoever sends byte by byte costs no more than others."""
        size = 0
        while size < _STEP and (chunk := self._stream.read(_STEP - size)):
            self._held += chunk
            size += len(chunk)
        if not size:
            _refuse(f"the message {otherwise}")


def _fields(block: bytes) -> dict[str, str]:
    try:
        lines = re.sub(rb"\r\n(?=[ \t])", b"", block).decode("ascii").split("\r\n")[1:]
    except UnicodeDecodeError:
        _refuse("the headers of a part are not ASCII")
    if len(lines) > _MOST_HEADERS:
        _refuse(f"a part has more than {_MOST_HEADERS} headers")
    fields: dict[str, str] = {}
    for line in lines:
        if not (found := _HEADER.fullmatch(line)) or "\r" in line or "\n" in line or "\0" in line:
            _refuse("a part has a header that cannot be read")
        name = found[1].lower()
        if name in fields and name in _ONCE:
            _refuse(f"a part has the header {name} twice")
        fields[name] = found[2]
    return fields


def _refuse(why: str) -> NoReturn:
    raise ebms.Refused(ebms.MIME_INCONSISTENCY, why)
