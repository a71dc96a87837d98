"""PDFs with random small changes, the same for the same seed: values of dictionaries and arrays, and the bytes of streams."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests.pdf.rich import saved

_KEPT = frozenset({"/Type", "/Pages", "/Kids", "/Count", "/Parent", "/Length", "/Filter", "/DecodeParms", "/P"})
_NAMES = (
    "DeviceCMYK DeviceRGB DeviceGray Identity Default TrueType Type1 Type3 Link Widget Movie Named GoTo JavaScript Data XML PS Form"
).split()
_TEXTS = re.compile(rb">[^<>]{1,40}<")
_OPERATORS = (b"rg", b"k", b"g", b"Tj", b"q", b"Q", b"f", b"cs", b"gs", b"ri", b"Do", b"zz")


def mutants(bases: list[bytes], seed: int, count: int) -> Iterator[bytes]:
    """So many mutants, each of one of the PDFs."""
    dice = random.Random(seed)
    made = 0
    while made < count:
        changed = _mutant(dice.choice(bases), random.Random(dice.getrandbits(64)))
        if changed is not None:
            made += 1
            yield changed


def _mutant(data: bytes, dice: random.Random) -> bytes | None:
    with pikepdf.open(io.BytesIO(data), inherit_page_attributes=False, suppress_warnings=True) as pdf:
        for _ in range(dice.choice((1, 1, 2))):
            _change(pdf, dice)
        try:
            return saved(pdf)
        except (pikepdf.PdfError, RuntimeError, ValueError):
            return None


def _change(pdf: Pdf, dice: random.Random) -> None:
    """One change somewhere."""
    places = [each for each in pdf.objects if isinstance(each, Dictionary | Stream | Array)]
    place = dice.choice(places)
    if isinstance(place, Stream) and dice.random() < 0.5:
        if not any(key in place for key in ("/Length1", "/N")) and place.get("/Subtype") not in {"/CIDFontType0C", "/Type1C"}:
            _change_stream(place, dice)  # damaged programs of fonts and profiles are read differently by different readers
        return
    for _ in range(dice.randrange(4)):  # into what stands within it
        inner = [each for each in _values(place) if isinstance(each, Dictionary | Array) and not each.is_indirect]
        if not inner:
            break
        place = dice.choice(inner)
    if isinstance(place, Array):
        if len(place):
            at = dice.randrange(len(place))
            if dice.random() < 0.3:
                del place[at]
            else:
                place[at] = _other(place[at], pdf, dice)
        return
    keys = sorted(set(place.keys()) - _KEPT)
    if keys:
        key = dice.choice(keys)
        if dice.random() < 0.4:
            del place[key]
        else:
            place[key] = _other(place[key], pdf, dice)


def _values(place: Any) -> list[Any]:
    return list(place) if isinstance(place, Array) else [place.get(key) for key in sorted(set(place.keys()) - _KEPT)]


def _other(value: Any, pdf: Pdf, dice: random.Random) -> Any:
    """Another value, mostly of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return dice.choice((0, 1, 2, 3, value + 1, value - 1, value * 2, 2**31))
    if isinstance(value, Decimal):
        return dice.choice((Decimal(0), value + 1, -value, value * 2))
    if isinstance(value, Name):
        return Name("/" + dice.choice(_NAMES))
    if isinstance(value, String):
        return dice.choice((String(""), String("x"), String("Adobe"), String("D:2026")))
    return dice.choice((Name.Identity, 1, Array([]), Dictionary(), value))


def _change_stream(stream: Any, dice: random.Random) -> None:
    """Other bytes, where they are text: a word of the metadata, or an operator; else a byte."""
    try:
        data = bytearray(stream.read_bytes())
    except pikepdf.PdfError:
        return
    if data[:2] == b"<?":
        found = list(_TEXTS.finditer(bytes(data)))
        if found:
            one = dice.choice(found)
            data[one.start() : one.end()] = dice.choice((b"><", b">Text<", b">3<", b">internal<", b">nothing such<"))
    elif stream.get("/Subtype") == "/Form" or b" Tf" in data or b" re" in data:
        words = bytes(data).split(b" ")
        words[dice.randrange(len(words))] = dice.choice(_OPERATORS)
        data = bytearray(b" ".join(words))
    elif data:
        data[dice.randrange(len(data))] = dice.randrange(256)
    stream.write(bytes(data))
