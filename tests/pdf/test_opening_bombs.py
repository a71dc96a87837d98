"""Bombs: small files that unpack to 10 GB, trees without end. Each is refused at once, and takes no memory."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from functools import cache
from pathlib import Path

import pytest

from tests.pdf import raw
from tests.pdf.hybrids import cii
from tests.pdf.refusing import answer

SECONDS, MEGABYTES = 2, 300
ROOT = Path(__file__).parents[2]
FLATE = b"/Filter/FlateDecode"
INNER = b"10 0 <</Type/Filespec/F(factur-x.xml)/UF(factur-x.xml)/EF<</F 11 0 R>>>>"
NAMED = b"/Names<</EmbeddedFiles<</Names[(factur-x.xml)10 0 R]>>>>"


@cache
def bomb(before: bytes = b"") -> bytes:
    """10 MB that unpack to 10 GB."""
    return raw.zeros(10 << 30, before)


def packed(data: bytes, filters: bytes = FLATE) -> bytes:
    """A hybrid whose XML is this, packed already."""
    return raw.pdf(*raw.attached(data, filters=filters))


def objects(data: bytes, filters: bytes = FLATE, number: int = 12) -> bytes:
    """A hybrid whose file specification lies in an object stream of this content, packed already."""
    kept = {11: raw.stream(b"", cii()), number: raw.stream(b"/Type/ObjStm/N 1/First 5%b" % filters, data)}
    return raw.packed(kept, {10: (number, 0)}, NAMED)


def table(data: bytes, filters: bytes = FLATE) -> bytes:
    """A PDF with this as cross-reference stream, packed already."""
    return raw.packed({}, {}, b"", filters, data)


def branches(count: int) -> dict[int, bytes]:
    """Branches of a name tree, each with the next one thirty times: without a memory for where one was there is no end."""
    made = {n: b"<</Kids[%b]>>" % (b"%d 0 R " % (n + 1) * 30) for n in range(10, 10 + count)}
    return {**made, 10 + count: b"<</Names[]>>"}


def overlapping(count: int) -> bytes:
    """Files that all end at the same place: each holds those that begin behind it."""
    specified = {n: b"<</Type/Filespec/F(%d.xml)/EF<</F %d 0 R>>>>" % (n, n + count) for n in range(10, 10 + count)}
    names = b"".join(b"(%d)%d 0 R" % (n, n) for n in specified)
    data = raw.stream(b"", b"x" * 100_000)
    bodies = {n + count: data if n == 9 + count else b"<</Length 0000000000>>\nstream\n" for n in specified}
    whole = raw.pdf(specified | bodies, b"/Names<</EmbeddedFiles<</Names[%b]>>>>" % names)
    end = whole.rindex(b"\nendstream")
    made = bytearray(whole)
    for found in re.finditer(rb"0000000000>>\nstream\n", whole):
        made[found.start() : found.start() + 10] = b"%010d" % (end - found.end())
    return bytes(made)


BIG = {
    "flate": lambda: packed(bomb()),
    "flate in flate": lambda: packed(zlib.compress(bomb()), b"/Filter[/FlateDecode/FlateDecode]"),
    "flate in hexadecimal": lambda: packed(bomb().hex().encode(), b"/Filter[/ASCIIHexDecode/FlateDecode]"),
    "metadata": lambda: raw.pdf({10: raw.stream(FLATE, bomb())}, b"/Metadata 10 0 R"),
    "object stream": lambda: objects(bomb(INNER)),
    "cross-reference stream": lambda: table(bomb()),
    "cross-reference stream, twice": lambda: table(zlib.compress(bomb()), b"/Filter[/FlateDecode/FlateDecode]"),
}
SMALL = {
    "many filters": (packed(cii(), b"/Filter[%b]" % (b"/ASCIIHexDecode" * 20)), "UnsafePDF"),
    "run lengths": (packed(b"\x81\0" * 1_000_000, b"/Filter/RunLengthDecode"), "UnsafePDF"),
    "lzw for objects": (objects(INNER, b"/Filter/LZWDecode"), "UnsafePDF"),
    "lzw for the table": (table(INNER, b"/Filter/LZWDecode"), "UnsafePDF"),
    "lzw, disguised": (objects(INNER, b"/Filter/L#5aWDecode"), "UnsafePDF"),
    "lzw, said elsewhere": (objects(INNER, b"/Filter 99 0 R"), "UnsafePDF"),
    "lzw, said elsewhere in a list": (objects(INNER, b"/Filter[%x\n99 0 R]"), "UnsafePDF"),
    "a tree that meets itself": (raw.pdf({10: b"<</Kids[10 0 R]>>"}, b"/Names<</EmbeddedFiles 10 0 R>>"), "NoInvoice"),
    "a tree that branches": (raw.pdf(branches(60), b"/Names<</EmbeddedFiles 10 0 R>>"), "NoInvoice"),
    "a tree of direct branches": (raw.pdf({}, b"/Names<</EmbeddedFiles<</Kids[%b]>>>>" % (b"<<>>" * 150_000)), "UnsafePDF"),
    "pages that meet themselves": (raw.pdf({2: b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 1>>"}), "MalformedPDF"),
    "metadata too deep": (raw.pdf({10: raw.stream(b"", b"<a>" * 100_000)}, b"/Metadata 10 0 R"), "NoInvoice"),
    "objects too deep": (raw.pdf({}, b"/X" + b"[" * 10_000 + b"]" * 10_000), "MalformedPDF"),
    "files that overlap": (overlapping(200), "UnsafePDF"),
    "tables that meet": (raw.pdf(trailer=b"/Prev 15").replace(b"/Prev 15", b"/Prev  9"), "MalformedPDF"),
}


@pytest.mark.parametrize("name", BIG)
def test_a_bomb_takes_neither_time_nor_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(BIG[name]())
    ran = subprocess.run(
        [sys.executable, "-m", "tests.pdf.refusing", path], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    refused, seconds, megabytes = ran.stdout.split()
    assert refused == "UnsafePDF"
    assert float(seconds) < SECONDS
    assert float(megabytes) < MEGABYTES


@pytest.mark.parametrize("name", SMALL)
def test_what_has_no_end_is_refused(name: str, tmp_path: Path) -> None:
    data, expected = SMALL[name]
    path = tmp_path / "bomb.pdf"
    path.write_bytes(data)
    assert answer(path) == expected


def test_an_object_stream_that_is_no_bomb_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sound.pdf"
    path.write_bytes(objects(zlib.compress(INNER)))
    assert answer(path) == f"{len(cii())}-bytes"
