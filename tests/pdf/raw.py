"""PDFs written by hand, object by object, for what no program writes: bombs, loops, lies."""

from __future__ import annotations

import struct
import zlib

CATALOG = b"<</Type/Catalog/Pages 2 0 R%b>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>"
HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
END = b"\nstartxref\n%d\n%%%%EOF\n"


def stream(dictionary: bytes, data: bytes, length: int | None = None) -> bytes:
    """A stream; `length` is what it claims, by default the truth."""
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (dictionary, len(data) if length is None else length, data)


def pdf(objects: dict[int, bytes] | None = None, catalog: bytes = b"", **others: bytes) -> bytes:
    """A PDF of one page with a cross-reference table; `objects` by number, `catalog` what its catalog has besides."""
    made, offsets = _body({1: CATALOG % catalog, 2: PAGES, 3: PAGE, **(objects or {})})
    size = max(offsets) + 1
    rows = b"".join(b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(size))
    trailer = others.get("trailer", b"")
    return made + b"xref\n0 %d\n%btrailer\n<</Size %d/Root 1 0 R%b>>" % (size, rows, size, trailer) + END % len(made)


def packed(
    objects: dict[int, bytes], within: dict[int, tuple[int, int]], catalog: bytes = b"", filters: bytes = b"", pad: bytes = b""
) -> bytes:
    """The same with a cross-reference stream; `within` says which objects lie in which object stream, at which place.

    `pad` is put behind its rows, which are packed by `filters` already where these are named.
    """
    made, offsets = _body({1: CATALOG % catalog, 2: PAGES, 3: PAGE, **objects})
    number = max([*offsets, *within]) + 1
    offsets[number] = len(made)
    rows = b"".join(_row(n, offsets, within) for n in range(number + 1))
    kind = b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R%b" % (number + 1, filters)
    return made + b"%d 0 obj\n%b\nendobj" % (number, stream(kind, pad or rows)) + END % len(made)


def _row(number: int, offsets: dict[int, int], within: dict[int, tuple[int, int]]) -> bytes:
    if number in within:
        return struct.pack(">BIH", 2, *within[number])
    return struct.pack(">BIH", 1, offsets[number], 0) if number in offsets else bytes(7)


def _body(objects: dict[int, bytes]) -> tuple[bytes, dict[int, int]]:
    made, offsets = bytearray(HEAD), {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(made)
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    return bytes(made), offsets


def zeros(size: int, before: bytes = b"") -> bytes:
    """What Flate unpacks to some bytes and then very many zeros: made in no time, since it repeats itself."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = pack.compress(before) + pack.flush(zlib.Z_FULL_FLUSH)
    step = 1 << 24
    block = pack.compress(bytes(step)) + pack.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + head + block * (size // step) + pack.flush(zlib.Z_FINISH) + bytes(4)


def attached(data: bytes, name: bytes = b"factur-x.xml", filters: bytes = b"", first: int = 10) -> tuple[dict[int, bytes], bytes]:
    """The objects of an attached file, and what the catalog says of it; `data` is packed already where filters are named."""
    specification = b"<</Type/Filespec/F(%b)/UF(%b)/AFRelationship/Data/EF<</F %d 0 R>>>>" % (name, name, first + 1)
    return {first: specification, first + 1: stream(filters, data)}, b"/Names<</EmbeddedFiles<</Names[(%b)%d 0 R]>>>>" % (name, first)
