"""The output intent: what the colours of the document mean. sRGB where the document does not say.

The profile is made here, from the figures of the standard, so that the same bytes come out everywhere and of no other's work.
Sources: IEC 61966-2-1 (curve, primaries), ISO 15076-1 (white point D50, Bradford adaptation), ICC.1:2001-04 (a profile of version 2),
ISO 19005-3, 6.2.3.
"""

from __future__ import annotations

import struct
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, String

CONDITION = "sRGB IEC61966-2.1"
_D50 = (0.96420, 1.0, 0.82491)
_TO_D50 = ((1.04788, 0.02292, -0.05022), (0.02959, 0.99048, -0.01707), (-0.00925, 0.01508, 0.75168))
_RED = (0.43607, 0.22249, 0.01392)
_GREEN = (0.38515, 0.71687, 0.09708)
_BLUE = (0.14307, 0.06061, 0.71410)
_STEPS = 1_024


def intend(pdf: pikepdf.Pdf) -> bool:
    """Gives the document an output intent for PDF/A where it has none: the profile that another standard's intent has, else sRGB.

    Whether it did.
    """
    intents = _intents(pdf)
    if any(each.get("/S") == "/GTS_PDFA1" for each in intents):
        return False
    other = next((each for each in intents if isinstance(each.get("/DestOutputProfile"), pikepdf.Stream)), None)
    made = Dictionary(dict(other.items())) if other is not None else _srgb(pdf)
    made.S = Name.GTS_PDFA1
    pdf.Root.OutputIntents = Array([*intents, pdf.make_indirect(made)])
    return True


def _intents(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    stated = pdf.Root.get("/OutputIntents")
    return [each for each in stated if isinstance(each, Dictionary)] if isinstance(stated, Array) else []


def components(pdf: pikepdf.Pdf) -> int | None:
    """How many colours the first profile of an output intent has, None where there is none."""
    profiles = (each.get("/DestOutputProfile") for each in _intents(pdf))
    found = next((each for each in profiles if isinstance(each, pikepdf.Stream)), None)
    stated: object = None if found is None else found.get("/N")
    return stated if isinstance(stated, int) else None


def held(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """The profile of sRGB as a stream of the PDF."""
    return pdf.make_stream(profile(), N=3, Alternate=Name.DeviceRGB)


def _srgb(pdf: pikepdf.Pdf) -> Dictionary:
    stated = Dictionary(Type=Name.OutputIntent, OutputConditionIdentifier=String(CONDITION), Info=String(CONDITION))
    stated.DestOutputProfile = held(pdf)
    return stated


@cache
def profile() -> bytes:
    """The ICC profile of sRGB, for screens."""
    curve = b"curv" + struct.pack(">LL", 0, _STEPS) + b"".join(struct.pack(">H", _level(step)) for step in range(_STEPS))
    adaptation = b"sf32" + bytes(4) + b"".join(_fixed(value) for row in _TO_D50 for value in row)
    rows = (
        (b"desc", _description(CONDITION)),
        (b"cprt", b"text" + bytes(4) + b"No copyright, use freely\0"),
        (b"wtpt", _colour(_D50)),
        (b"chad", adaptation),
        (b"rXYZ", _colour(_RED)),
        (b"gXYZ", _colour(_GREEN)),
        (b"bXYZ", _colour(_BLUE)),
        (b"rTRC", curve),
    )
    return _assembled(rows, also=((b"gTRC", b"rTRC"), (b"bTRC", b"rTRC")))


def _level(step: int) -> int:
    """The light that a value stands for, of 65,535."""
    value = step / (_STEPS - 1)
    return round(65_535 * (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4))


def _fixed(value: float) -> bytes:
    return struct.pack(">l", round(value * 65_536))


def _colour(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, values))


def _description(text: str) -> bytes:
    plain = text.encode("ascii") + b"\0"
    return b"desc" + struct.pack(">LL", 0, len(plain)) + plain + bytes(78)


def _assembled(rows: tuple[tuple[bytes, bytes], ...], *, also: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Header, table of tags and their data, each at a multiple of four; `also` are tags that share another's data."""
    at, places, body = 128 + 4 + 12 * (len(rows) + len(also)), {}, b""
    for tag, data in rows:
        places[tag] = (at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    table = [(tag, *places[tag]) for tag, _ in rows] + [(tag, *places[of]) for tag, of in also]
    listed = struct.pack(">L", len(table)) + b"".join(struct.pack(">4sLL", *row) for row in table)
    return _header(at + len(body)) + listed + body


def _header(size: int) -> bytes:
    """A display's profile of version 2.1, RGB to XYZ; its date is that of the standard."""
    date = struct.pack(">6H", 1999, 10, 18, 0, 0, 0)
    start = struct.pack(">L4sL4s4s4s", size, bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    return (start + date + b"acsp" + bytes(4 * 6) + b"".join(map(_fixed, _D50))).ljust(128, b"\0")
