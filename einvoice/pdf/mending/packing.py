"""Streams packed by LZW, packed by Flate instead (ISO 19005-3, 6.1.7.2; ISO 32000-1, 7.4.4)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import pikepdf

from einvoice.errors import MalformedPDF, UnsafePDF
from einvoice.pdf import unpacking
from einvoice.pdf.conditions.seen.values import Object, array, dictionary, integer
from einvoice.pdf.opening import Opened

_NAMES = ("/LZWDecode", "/LZW")
_ESCAPED = re.compile(rb"#(?:4[Cc]|5[Aa]|57)")
"""A letter of LZW in disguise: told at a glance in a file that has none."""
_SIGN = re.compile(rb"LZW|/[!-$&-'*-.0-;=?-Z\\^-z|~]{0,30}#(?:4[Cc]|5[Aa]|57)")
_CLEAR, _END, _WIDEST = 256, 257, 12


def mend(found: Opened) -> Iterator[str]:
    """Every stream of the PDF. Raises UnsafePDF where one unpacks to more than it may, MalformedPDF where it does not unpack."""
    if not (b"LZW" in found.data or _ESCAPED.search(found.data)) or not _SIGN.search(found.data):
        return
    for each in found.pdf.objects:
        if isinstance(each, pikepdf.Stream) and any(name in _NAMES for name in unpacking.filters(each)):
            _repack(each, found.max_size)
            yield "streams packed by LZW packed by Flate"


def _repack(stream: pikepdf.Object, limit: int) -> None:
    """The filters up to LZW are undone; those within stay, with their parameters, as does a predictor of LZW's own."""
    names, data, own = unpacking.filters(stream), stream.read_raw_bytes(), None
    parms = (_parameters(stream) + [None] * len(names))[: len(names)]
    while any(name in _NAMES for name in names):
        name, own = names.pop(0), parms.pop(0)
        if name in _NAMES:
            data = unpack(data, limit, early=integer(own and own.get("/EarlyChange", 1)) != 0)
        else:
            data = unpacking.unpacked_by([name], data, limit)
    filters = pikepdf.Array([pikepdf.Name(each) for each in ("/FlateDecode", *names)])
    stated = pikepdf.Array([each if each is not None else pikepdf.Dictionary() for each in (_predictor(own), *parms)])
    stream.write(zlib.compress(data), filter=filters, decode_parms=stated)


def _parameters(stream: pikepdf.Object) -> list[Object | None]:
    stated = stream.get("/DecodeParms", stream.get("/DP"))
    return [dictionary(stated)] if dictionary(stated) is not None else [dictionary(each) for each in array(stated)]


def _predictor(own: Object | None) -> Object | None:
    """The parameters without that of LZW alone."""
    if own is None:
        return None
    made = pikepdf.Dictionary(dict(own.items()))
    if "/EarlyChange" in made:
        del made["/EarlyChange"]
    return made


def unpack(data: bytes, limit: int, *, early: bool) -> bytes:
    """What LZW packed, at most `limit` bytes; with `early` codes grow one code sooner."""
    table = [bytes((value,)) for value in range(256)] + [b"", b""]
    made, before, bits, held, width = bytearray(), b"", 0, 0, 9
    for byte in data:
        held, bits = held << 8 | byte, bits + 8
        if bits < width:
            continue
        bits -= width
        code = held >> bits
        held &= (1 << bits) - 1
        if code == _END:
            return bytes(made)
        if code == _CLEAR:
            del table[258:]
            before, width = b"", 9
            continue
        if code > len(table) or (code == len(table) and not before):
            raise MalformedPDF("a stream is damaged: LZW", mend="ask for the file again, or transfer it again")
        text = table[code] if code < len(table) else before + before[:1]
        made += text
        if len(made) > limit:
            raise UnsafePDF(f"a stream unpacks to more than {limit:,} bytes", mend="no invoice needs that")
        if before and len(table) < 1 << _WIDEST:
            table.append(before + text[:1])
        before = text
        width = min(max((len(table) + early).bit_length(), 9), _WIDEST)
    return bytes(made)
