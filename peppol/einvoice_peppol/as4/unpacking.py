"""Unpacking gzip while it is read, within bounds: a bomb is stopped when it has grown past the limit (RFC 1952)."""

from __future__ import annotations

import zlib
from contextlib import suppress
from types import ModuleType
from typing import Any, BinaryIO, NoReturn, Protocol

from einvoice_peppol.as4 import ebms

_gzip: ModuleType = zlib
with suppress(ImportError):  # as good as the standard library's, in a quarter of the time
    from isal import isal_zlib as _gzip

_STEP = 1 << 17
_GZIP = 31
"""zlib's word for one member of gzip with its checksum."""


class Writer(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Takes bytes."""


class Unpacked:
    """A stream of what gzip holds; all that is read of it is also written to `into`, `finish` reads the rest."""

    def __init__(self, packed: BinaryIO, limit: int, into: Writer) -> None:
        self._packed = packed
        self._left = limit
        self._into = into
        self._gzip: Any = _gzip.decompressobj(_GZIP)

    def read(self, most: int = -1) -> bytes:
        """Up to `most` bytes (all where it is negative); empty at the end.

        Raises Refused (EBMS:0303) for what is no gzip of exactly one member, and past the limit.
        """
        if most < 0:
            return b"".join(iter(lambda: self.read(_STEP), b""))
        found = b""
        while most and not found and not self._gzip.eof:
            found = self._next(most)
        self._left -= len(found)
        if self._left < 0:
            _refuse("the attachment unpacks to more bytes than are accepted")
        if most and not found and (self._gzip.unused_data or self._packed.read(1)):
            _refuse("something stands behind the gzip of the attachment")
        self._into.write(found)
        return found

    def finish(self) -> None:
        """Reads to the end."""
        while self.read(_STEP):
            pass

    def _next(self, most: int) -> bytes:
        data = self._gzip.unconsumed_tail or self._packed.read(_STEP)
        try:
            found = bytes(self._gzip.decompress(data, most))
        except (zlib.error, getattr(_gzip, "error", zlib.error), ValueError, OverflowError):
            _refuse("the attachment is no gzip")
        if not data and not found and not self._gzip.eof:
            _refuse("the attachment ends within its gzip")
        return found


def _refuse(why: str) -> NoReturn:
    raise ebms.Refused(ebms.DECOMPRESSION_FAILURE, why)
