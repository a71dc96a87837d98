"""The boxes of a JPEG 2000 image (ISO/IEC 15444-1, annex I)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from einvoice.pdf.conditions.seen.painted import Image

_NESTED = frozenset({b"jp2h"})


class Specification(NamedTuple):
    """A colour specification: its method, how exact it is, the enumerated space."""

    method: int
    approximation: int
    enumerated: int | None


class JPX(NamedTuple):
    """Channels, bits of a sample, whether bits differ by channel, colour specifications."""

    channels: int | None
    bits: int | None
    differing: bool
    specifications: tuple[Specification, ...]
    own_space: bool
    place: str

    @property
    def method(self) -> int | None:
        """The method of the best specification."""
        return self.best.method if self.best else None

    @property
    def best(self) -> Specification | None:
        """The specification that is exact, or the only one."""
        exact = [each for each in self.specifications if each.approximation == 1]
        return exact[0] if exact else self.specifications[0] if len(self.specifications) == 1 else None


def read(image: Image) -> JPX:
    """What an image's header says; `own_space` says that the PDF states the colour space itself."""
    data: bytes = image.dictionary.read_raw_bytes()
    channels = bits = None
    differing, stated = False, list[Specification]()
    for kind, body in _boxes(data):
        if kind == b"ihdr" and len(body) >= 14:
            channels, bits = int.from_bytes(body[8:10]), body[10] + 1 if body[10] < 0x80 else None
        elif kind == b"bpcc":
            differing = True
        elif kind == b"colr" and len(body) >= 3:
            enumerated = int.from_bytes(body[3:7]) if body[0] == 1 and len(body) >= 7 else None
            stated.append(Specification(body[0], body[2], enumerated))
    return JPX(channels, bits, differing, tuple(stated), image.dictionary.get("/ColorSpace") is not None, image.place)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every box before the samples, with those within the header."""
    at = 0
    while at + 8 <= len(data):
        size, kind, start = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16]), at + 16
        end = at + size if size else len(data)
        if kind == b"jp2c" or end <= at:
            return
        body = data[start:end]
        if kind in _NESTED:
            yield from _boxes(body)
        else:
            yield kind, body
        at = end
