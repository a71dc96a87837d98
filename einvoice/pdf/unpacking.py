"""Unpacking a stream of a PDF step by step, so that none becomes larger than it may. Source: ISO 32000-1, 7.4.

LZW, encryption and the filters of images are not unpacked: PDF/A-3 forbids the first two in files that are attached, and the others
make no file.
"""

from __future__ import annotations

import binascii
import zlib
from collections.abc import Callable, Sequence

import pikepdf

from einvoice.errors import MalformedPDF, UnsafePDF

MOST_FILTERS = 8
_STEP = 1 << 14
_SAFE = 1 << 24
_RATIO = 1_032
"""So many bytes one byte of Flate becomes at most."""
_AGAIN = "ask for the file again, or transfer it again"
_LARGER = "raise the setting [documents] max_size (EINVOICE_DOCUMENTS_MAX_SIZE) if such documents are expected"


def unpacked(stream: pikepdf.Object, limit: int) -> bytes:
    """What the stream holds, at most `limit` bytes.

    Raises UnsafePDF where it holds more, MalformedPDF where it does not unpack.
    """
    data = unpacked_by(filters(stream), stream.read_raw_bytes(), limit)
    if _is_predicted(stream):
        raise MalformedPDF("an attached file is packed as an image is (Predictor)", mend="pack it by FlateDecode alone")
    return data


def unpacked_by(names: Sequence[str], data: bytes, limit: int) -> bytes:
    """The data unpacked by these filters, one after the other. Raises as `unpacked`."""
    if len(names) > MOST_FILTERS:
        raise UnsafePDF(f"a stream is packed {len(names)} times over", mend="no invoice needs that")
    for name in names:
        data = _step(name, data, limit)
    if len(data) > limit:
        raise _too_large(limit)
    return data


def beginning(stream: pikepdf.Object, length: int) -> bytes:
    """The first bytes of what the stream holds, fewer where it does not unpack so far: enough to tell what it is."""
    data: bytes = stream.read_raw_bytes()
    try:
        for name in filters(stream)[:MOST_FILTERS]:
            data = zlib.decompressobj().decompress(data, length) if name == "/FlateDecode" else _step(name, data, 64 * length)
    except (zlib.error, MalformedPDF, UnsafePDF):
        return b""
    return data[:length]


def filters(stream: pikepdf.Object) -> list[str]:
    """The names of the filters, the outermost first."""
    stated = stream.get("/Filter")
    if stated is None:
        return []
    each: list[object] = [*stated] if isinstance(stated, pikepdf.Array) else [stated]
    plain = [bytes(name).decode("utf-8", "replace") for name in each if isinstance(name, pikepdf.Name)]
    if len(plain) < len(each):
        raise MalformedPDF("a stream does not say how it is packed", mend=_AGAIN)
    return [_SHORT.get(name, name) for name in plain]


def _is_predicted(stream: pikepdf.Object) -> bool:
    stated = stream.get("/DecodeParms")
    each = [*stated] if isinstance(stated, pikepdf.Array) else [stated]
    return any(isinstance(row, pikepdf.Dictionary) and row.get("/Predictor", 1) != 1 for row in each)


def _step(name: str, data: bytes, limit: int) -> bytes:
    unpack = _STEPS.get(name)
    if unpack is None:
        raise MalformedPDF(f"a stream is packed by {name[1:]}, which is not unpacked here", mend="pack it by FlateDecode")
    try:
        return unpack(data, limit)
    except (zlib.error, ValueError) as fault:
        raise MalformedPDF(f"a stream is damaged: {name[1:]}: {fault}", mend=_AGAIN) from None


def _flate(data: bytes, limit: int) -> bytes:
    """Unpacked once only to be measured where it could be too much for that."""
    if not data:
        return data  # as programs pack an empty file
    if len(data) * _RATIO > _SAFE:
        measure(data, limit)
    work = zlib.decompressobj()
    made = work.decompress(data, limit + 1)
    if not work.eof:
        raise _too_large(limit) if len(made) > limit else ValueError("it is not complete")
    return made


def measure(data: bytes, limit: int) -> None:
    """Raises UnsafePDF where Flate unpacks the data, as far as they are sound, to more; never more than a little is held."""
    work, size = zlib.decompressobj(), 0
    for at in range(0, len(data), _STEP):
        left = data[at : at + _STEP]
        while left and not work.eof:
            try:
                size += len(work.decompress(left, _STEP * 16))
            except zlib.error:
                return
            left = work.unconsumed_tail
            if size > limit:
                raise _too_large(limit)


def _run_length(data: bytes, limit: int) -> bytes:
    made, at = bytearray(), 0
    while at < len(data) and data[at] != 128:
        count = data[at]
        made += data[at + 1 : at + 2 + count] if count < 128 else data[at + 1 : at + 2] * (257 - count)
        at += 2 + count if count < 128 else 2
        if len(made) > limit:
            raise _too_large(limit)
    return bytes(made)


def _hexadecimal(data: bytes, _limit: int) -> bytes:
    digits = b"".join(data.partition(b">")[0].split()).replace(b"\0", b"")
    return binascii.unhexlify(digits + b"0" * (len(digits) % 2))


def _base_85(data: bytes, limit: int) -> bytes:
    from base64 import a85decode  # noqa: PLC0415 - hardly a file is packed so

    text = data.partition(b"~>")[0]
    if len(text) + 3 * text.count(b"z") > 2 * limit:
        raise _too_large(limit)
    return a85decode(text, ignorechars=b"\0 \t\n\f\r\v")


def _too_large(limit: int) -> UnsafePDF:
    return UnsafePDF(f"a stream unpacks to more than {limit:,} bytes", mend=_LARGER)


_SHORT = {"/Fl": "/FlateDecode", "/AHx": "/ASCIIHexDecode", "/A85": "/ASCII85Decode", "/RL": "/RunLengthDecode"}
_STEPS: dict[str, Callable[[bytes, int], bytes]] = {
    "/FlateDecode": _flate,
    "/ASCIIHexDecode": _hexadecimal,
    "/ASCII85Decode": _base_85,
    "/RunLengthDecode": _run_length,
}
