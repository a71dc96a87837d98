"""Streams, unpacked once for all conditions and bounded together."""

from __future__ import annotations

import pikepdf

from einvoice.errors import UnsafePDF
from einvoice.pdf import unpacking
from einvoice.pdf.conditions.seen.values import Object, array, name

_LARGER = "raise the setting [documents] max_size (EINVOICE_DOCUMENTS_MAX_SIZE) if such documents are expected"
_UNPACKED = frozenset({"FlateDecode", "Fl", "ASCIIHexDecode", "AHx", "ASCII85Decode", "A85", "RunLengthDecode", "RL"})
_LZW = "LZWDecode"
_LZW_RATIO = 2_731
"""So many bytes one byte of LZW becomes at most: a code of 12 bits stands for up to 4,096 bytes."""


class Streams:
    """Unpacks streams; all of them together may be `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self.left = limit
        self._kept: dict[tuple[int, int], bytes | None] = {}

    def read(self, stream: Object) -> bytes | None:
        """What the stream holds; None where it does not unpack, or is packed by what this does not unpack.

        Raises UnsafePDF where that is too much.
        """
        key = stream.objgen
        if key not in self._kept:
            self._kept[key] = data = self._unpacked(stream)
            self.left -= len(data or b"")
        return self._kept[key]

    def _unpacked(self, stream: Object) -> bytes | None:
        names = filters(stream)
        if not _UNPACKED.issuperset(names) and not self._is_small_lzw(stream, names):
            return None
        if len(names) > unpacking.MOST_FILTERS:
            raise UnsafePDF(f"a stream is packed {len(names)} times over", mend="no invoice needs that")
        try:
            data: bytes = stream.read_bytes()
        except pikepdf.PdfError:
            self._refuse_too_much(stream)
            return None
        if len(data) > self.left:
            raise UnsafePDF("the streams of the PDF unpack to more than they may", mend=_LARGER)
        return data

    def _is_small_lzw(self, stream: Object, names: list[str]) -> bool:
        """Whether it is packed by LZW, which qpdf unpacks without measure, and cannot become too much."""
        return names in ([_LZW], ["LZW"]) and len(stream.read_raw_bytes()) * _LZW_RATIO < self.left

    def _refuse_too_much(self, stream: Object) -> None:
        if filters(stream) == ["FlateDecode"]:
            unpacking.measure(stream.read_raw_bytes(), self.left)


def filters(stream: Object) -> list[str]:
    """The names of the filters, the outermost first; what is no name is an empty one."""
    stated = stream.get("/Filter")
    if stated is None:
        return []
    return [name(each) or "" for each in (array(stated) or [stated])]
