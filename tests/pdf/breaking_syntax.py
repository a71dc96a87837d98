"""Changes to the bytes of the rich PDF, and to objects that nothing refers to, each of which breaks a condition."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from tests.pdf.rich import Patch, patched, rich, saved

Change = Callable[[], bytes]


def instead(old: bytes, new: bytes, patch: Patch | None = None) -> Change:
    """The bytes with one place of the same length written otherwise."""

    def change() -> bytes:
        data = patched(patch) if patch else rich()
        assert len(old) == len(new)
        assert old in data, old
        return data.replace(old, new, 1)

    return change


def otherwise(pattern: bytes, new: Callable[[re.Match[bytes]], bytes], patch: Patch | None = None) -> Change:
    """The same, found by a pattern."""

    def change() -> bytes:
        data = patched(patch) if patch else rich()
        found = re.search(pattern, data, re.DOTALL)
        assert found is not None
        made = new(found)
        assert len(made) == len(found[0])
        return data[: found.start()] + made + data[found.end() :]

    return change


def with_objects(*made: Callable[[Pdf], Any]) -> Change:
    """The PDF with values that stand somewhere in it."""

    def patch(pdf: Pdf) -> None:
        pdf.Root.PieceInfo = Dictionary(Own=Dictionary(LastModified=String("D:2026"), Private=Array([each(pdf) for each in made])))

    return lambda: patched(patch)


def encrypted() -> bytes:
    """The PDF with a password that nobody needs, the same bytes each time: of random keys veraPDF misreads one file in twenty."""
    out = io.BytesIO()
    keyed = pikepdf.Encryption(owner="owner", user="", R=3, aes=False, metadata=False)
    with pikepdf.open(io.BytesIO(rich())) as pdf:
        pdf.save(out, static_id=True, encryption=keyed)
    return out.getvalue()


def without_identifier() -> bytes:
    """The PDF without a file identifier."""
    data = rich()
    return data.replace(b"/ID [", b"/IX [", 1)


def named(name: bytes) -> Change:
    """The PDF with a font whose name is not UTF-8."""

    def change() -> bytes:
        with pikepdf.open(io.BytesIO(rich()), inherit_page_attributes=False) as pdf:
            pdf.Root.Pages.Kids[-1].Resources.Font.Three.Name = Name("/" + "X" * (len(name) - 1))
            pdf.Root.Pages.Kids[-1].Resources.Font.One.BaseFont = Name("/" + "Y" * (len(name) - 1))
            data = saved(pdf)
        return data.replace(b"/" + b"Y" * (len(name) - 1), name)

    return change


def _packed(pdf: Pdf, name: Name) -> Object:
    made = pdf.make_stream(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01")
    made.Filter = name
    return made


def _with_real(pdf: Pdf) -> None:
    pdf.Root.PieceInfo = Dictionary(Own=Dictionary(LastModified=String("D:2026"), Private=String(_REAL[1:-1])))


_REAL = b"(" + b"real" * 10 + b")"
_HEX = with_objects(lambda pdf: String(b"\xff\xfe\xfd\xfc"))

SYNTAX: dict[str, list[Change]] = {
    "PDFA-6.1.2-1": [instead(b"%PDF-1.7", b"%PDF-1.8"), instead(b"%PDF-1.7", b"%PDF-2.0"), lambda: b" " + rich()],
    "PDFA-6.1.2-2": [otherwise(rb"\n%[\x80-\xff]{4}", lambda _: b"\n%abcd")],
    "PDFA-6.1.3-1": [without_identifier],
    "PDFA-6.1.3-2": [encrypted],
    "PDFA-6.1.3-3": [lambda: rich() + b"\nbye", lambda: rich() + b"\n\n"],
    "PDFA-6.1.4-2": [lambda: rich().replace(b"\nxref\n0", b"\nxref \n0"), lambda: rich().replace(b"\nxref\n0", b"\nxref 0")],
    "PDFA-6.1.6-1": [lambda: _HEX().replace(b"<fffefdfc>", b"<fffefdf >")],
    "PDFA-6.1.6-2": [lambda: _HEX().replace(b"<fffefdfc>", b"<fffefdxx>")],
    "PDFA-6.1.7.1-1": [otherwise(rb"/Length \d(\d+)(?=[^R]{0,200}stream\n)", lambda found: b"/Length 1" + found[1][:-1] + b"0")],
    "PDFA-6.1.7.1-2": [instead(b"stream\n", b"stream\r"), instead(b"\nendstream", b" endstream")],
    "PDFA-6.1.7.1-3": [with_objects(lambda pdf: pdf.make_stream(b"", Dictionary(F=String("elsewhere"))))],
    "PDFA-6.1.7.2-1": [with_objects(lambda pdf: _packed(pdf, Name.LZWDecode)), with_objects(lambda pdf: _packed(pdf, Name("/Own")))],
    "PDFA-6.1.8-1": [named(b"/ABCDEF+#80X")],
    "PDFA-6.1.9-1": [instead(b" 0 obj\n", b" 0 obj ", None), otherwise(rb"\nendobj", lambda _: b" endobj")],
    "PDFA-6.1.13-1": [with_objects(lambda pdf: 2**31), with_objects(lambda pdf: -(2**31) - 1)],
    "PDFA-6.1.13-2": [instead(_REAL, b"4" + b"0" * 39 + b".0", _with_real)],
    "PDFA-6.1.13-3": [with_objects(lambda pdf: String("x" * 32_768)), with_objects(lambda pdf: String(b"\xff\xfe" * 16_384))],
    "PDFA-6.1.13-4": [with_objects(lambda pdf: Name("/" + "x" * 128))],
    "PDFA-6.1.13-5": [instead(_REAL, b"0." + b"0" * 39 + b"1", _with_real)],
}
