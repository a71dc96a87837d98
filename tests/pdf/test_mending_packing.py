"""LZW: unpacked as qpdf unpacks it, within bounds, and packed by Flate instead."""

from __future__ import annotations

import random
import zlib
from itertools import pairwise
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from einvoice.errors import MalformedPDF, UnsafePDF
from einvoice.pdf import container
from einvoice.pdf.embed import embedded
from einvoice.pdf.mending.packing import unpack
from tests.pdf import papers
from tests.pdf.test_mending import painted

DIE = random.Random(7)
TEXTS = [
    b"",
    b"a",
    b"a" * 10_000,
    bytes(range(256)) * 40,
    DIE.randbytes(50_000),
    b"".join(DIE.choice((b"invoice ", b"total ", b"12.00 ")) for _ in range(20_000)),
]


def pack(data: bytes, *, early: int = 1) -> bytes:
    """LZW as the standard describes it, with codes of 9 to 12 bits."""
    table = {bytes((value,)): value for value in range(256)}
    codes: list[tuple[int, int]] = [(256, 9)]
    width, after, before = 9, 258, b""
    for value in data:
        longer = before + bytes((value,))
        if longer in table:
            before = longer
            continue
        codes.append((table[before], width))
        table[longer] = after
        after += 1
        width = max(width, (after + early - 1).bit_length())
        if after == 4_094:
            codes.append((256, width))
            table = {bytes((value,)): value for value in range(256)}
            width, after = 9, 258
        before = bytes((value,))
    if before:
        codes.append((table[before], width))
        after += 1
        width = min(max(width, (after + early - 1).bit_length()), 12)
    codes.append((257, width))
    bits = "".join(f"{code:0{size}b}" for code, size in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def by_qpdf(data: bytes, early: int) -> bytes:
    """The same unpacked by qpdf."""
    pdf = pikepdf.new()
    made = pikepdf.Stream(pdf, b"")
    made.write(data, filter=Name.LZWDecode, decode_parms=Dictionary(EarlyChange=early))
    return made.read_bytes()


@pytest.mark.parametrize("early", [0, 1])
@pytest.mark.parametrize("text", TEXTS, ids=len)
def test_it_is_unpacked_as_qpdf_unpacks_it(text: bytes, early: int) -> None:
    packed = pack(text, early=early)
    assert unpack(packed, 1_000_000, early=bool(early)) == by_qpdf(packed, early) == text


def test_it_is_unpacked_no_further_than_it_may() -> None:
    packed = pack(b"a" * 100_000)
    assert len(packed) < 1_000
    with pytest.raises(UnsafePDF):
        unpack(packed, 99_999, early=True)
    with pytest.raises(UnsafePDF):
        embedded(_with(packed), papers.cii(), max_size=90_000)


def test_damage_is_named() -> None:
    with pytest.raises(MalformedPDF):
        unpack(bytes((0x80, 0x3F, 0xFF, 0xFF)), 1_000, early=True)


def _with(packed: bytes, **keys: Any) -> bytes:
    """A page with a picture that is packed so."""

    def draw(pdf: pikepdf.Pdf) -> None:
        kind = {"Type": Name.XObject, "Subtype": Name.Image, "Width": 100, "Height": 100, "BitsPerComponent": 8}
        made = pdf.make_stream(b"", **kind, ColorSpace=Name.DeviceGray)
        made.write(packed, filter=keys.get("filter", Name.LZWDecode), decode_parms=keys.get("parms"))
        painted(pdf, made)

    return papers.changed(draw)


GREY = bytes(x * y % 251 for y in range(100) for x in range(100))
STACKED = Array([Name.ASCIIHexDecode, Name.LZWDecode, Name.FlateDecode])
ROWS = [GREY[at : at + 100] for at in range(0, 10_000, 100)]
DIFFERENCES = b"".join(bytes((1, row[0], *((after - before) % 256 for before, after in pairwise(row)))) for row in ROWS)


@pytest.mark.parametrize(
    ("packed", "keys"),
    [
        (pack(GREY), {}),
        (pack(GREY, early=0), {"parms": Dictionary(EarlyChange=0)}),
        (pack(zlib.compress(GREY)).hex().encode() + b">", {"filter": STACKED}),
        (pack(DIFFERENCES), {"parms": Dictionary(Predictor=15, Columns=100)}),
    ],
    ids=["plain", "late", "stacked", "predicted"],
)
def test_pictures_packed_by_it_look_the_same(packed: bytes, keys: dict[str, Any]) -> None:
    before = _with(packed, **keys)
    made = embedded(before, papers.cii())
    assert any("LZW" in change for change in made.changes)
    assert b"LZW" not in made.data
    assert container.examine(made.data).layer.findings == ()
    assert papers.seen(made.data) == papers.seen(before)
