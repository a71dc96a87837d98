"""Seeded mutations of invoices: half of them well-formed, a tenth valid in structure, the rest broken in every way we know.

`mutant(bases, seed, number)` depends on nothing else, so that a failure is reproduced by its number alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from lxml import etree

DATA = Path(__file__).parents[1] / "data"
SETS = ("cen-examples", "peppol-examples", "xr-testsuite", "nlcius", "zugferd", "synthetic", "traps", "phive-peppol")
MAX_BASE = 40_000


class Mutant(NamedTuple):
    """A mutated document, and how it came about: "bytes", "tree" or "values"."""

    kind: str
    data: bytes


def bases(corpora: Path | None) -> list[bytes]:
    """The documents to mutate: our own, and twelve files of each set of the corpora where they are present."""
    own = [path.read_bytes() for path in sorted(DATA.glob("*.xml"))]
    if corpora is None:
        return own
    files = [sorted((corpora / name).rglob("*.xml")) for name in SETS]
    chosen = [path for found in files for path in found[:: max(1, len(found) // 12)][:12]]
    return own + [path.read_bytes() for path in chosen if 0 < path.stat().st_size <= MAX_BASE]


def mutant(originals: Sequence[bytes], seed: int, number: int) -> Mutant:
    """The mutant of that number."""
    random = Random(f"{seed}:{number}")
    data = random.choice(originals)
    kind = random.choices(("bytes", "tree", "values"), (50, 30, 20))[0]
    if kind != "bytes":
        root = _root(data)
        if root is not None:
            return Mutant(kind, _tree_mutant(random, root, _VALUES if kind == "values" else _TREE))
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        data = random.choice(_BYTES)(random, data, originals)
    return Mutant("bytes", data)


def _root(data: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, strip_cdata=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


# --- bytes ---------------------------------------------------------------------------------------------------------------

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]
_TOKENS = (
    *(b"&", b"<", b">", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?", b"?>", b'"', b"'", b"=", b"/", b"\0", b"\x0b", b"\xff", b"\xc3"),
    *(
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"&#0;",
        b"&#xD800;",
        b"&#x1F600;",
        b"&amp;",
        b"&nbsp;",
        b"<a>" * 120,
        b'<!DOCTYPE a [<!ENTITY b "c">]>',
    ),
    *(b"\xc2\xa0", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"xmlns:cbc='urn:x'", b'xsi:nil="true"', b" " * 5_000, b"9" * 2_000, b"-", b"1e999"),
)


def _flip(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) or 1)
    return data[:at] + bytes([(data[at] if data else 0) ^ 1 << random.randrange(8)]) + data[at + 1 :]


def _cut(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start = random.randrange(len(data) + 1)
    return data[:start] + data[start + random.choice((1, 2, 5, 30, 500)) :]


def _truncate(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _insert(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(_TOKENS) + data[at:]


def _noise(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.choice((1, 4, 40))) + data[at:]


def _repeat(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start = random.randrange(len(data) + 1)
    piece = data[start : start + random.choice((10, 100, 1_000))]
    return data[:start] + piece * random.choice((2, 3, 20)) + data[start:]


def _splice(random: Random, data: bytes, originals: Sequence[bytes]) -> bytes:
    other = random.choice(originals)
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _recode(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Another encoding, declared rightly or not."""
    text = data.decode("utf-8", "replace").replace("\ufffd", "?")
    actual = random.choice(("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso8859-1", "cp1252", "cp500", "utf-7"))
    named = random.choice((actual, "UTF-8", "UTF-16", "ISO-8859-1", "windows-1252", "US-ASCII", "x-unknown"))
    return text.replace('encoding="UTF-8"', f'encoding="{named}"', 1).encode(actual, "replace")


def _in_text(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Another character in a text, where it stays well-formed."""
    starts = [at + 1 for at in range(len(data) - 1) if data[at : at + 1] == b">" and data[at + 1 : at + 2].isalnum()]
    if not starts:
        return data
    at = random.choice(starts)
    return data[:at] + random.choice((b"0", b"-", b"9999999999999999999999", b"Z", b".", b" ", "é".encode(), b"&lt;")) + data[at + 1 :]


def _other_name(random: Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """An element renamed at both its tags."""
    name = random.choice(
        (b"cbc:ID", b"cac:Item", b"cac:Party", b"ram:ID", b"ram:TypeCode", b"cbc:Name", b"cac:Price", b"udt:DateTimeString")
    )
    other = random.choice((b"cbc:Note", b"ram:Name", b"cbc:Unknown", b"cac:TaxTotal"))
    same = {b"cbc": b"cbc", b"cac": b"cac", b"ram": b"ram", b"udt": b"udt"}[name[:3]]
    return data.replace(name, same + other[3:])


_BYTES: tuple[Mutation, ...] = (
    _flip,
    _cut,
    _truncate,
    _insert,
    _noise,
    _repeat,
    _splice,
    _recode,
    _in_text,
    _in_text,
    _in_text,
    _other_name,
)


# --- trees ---------------------------------------------------------------------------------------------------------------

Change = Callable[[Random, etree._Element, list[etree._Element]], None]
_ODD_TEXTS = (
    *("", " ", "\n\t", "0", "-0", "+1", "1.", ".5", "1e5", "1E400", "NaN", "INF", "-INF", "1,5", "1 000", "٣", "१", "\u00a01", "9" * 400),
    *("0." + "0" * 300 + "1", "2026-02-30", "2026-13-01", "0000-01-01", "-2026-01-01", "99999-01-01", "2026-11-02Z", "2026-11-02+14:00"),
    *(
        "20261102",
        "202611021530",
        "true",
        "TRUE",
        "XX",
        "EUR ",
        "eur",
        "S",
        "380",
        "\u202egnp.exe",
        "\U0001f600" * 50,
        "a" * 20_000,
        "]]>",
        "<&>",
        "\x85",
    ),
)
_PLAIN_TEXTS = (
    "1",
    "2.50",
    "-3.00",
    "100",
    "0.00",
    "1234567.89",
    "2026-11-02",
    "2027-01-31",
    "20261102",
    "Text",
    "A & B",
    "EUR",
    "S",
    "NL",
    "380",
    "30",
)


def _tree_mutant(random: Random, root: etree._Element, changes: Sequence[Change]) -> bytes:
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        elements = [element for element in root.iter("*") if element is not root]
        if elements:
            random.choice(changes)(random, root, elements)
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding=random.choice(("UTF-8",) * 9 + ("UTF-16",))))


def _remove(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    element = random.choice(elements)
    element.getparent().remove(element)


def _copy(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    element = random.choice(elements)
    for _number in range(random.choice((1, 1, 2, 30))):
        element.addnext(copy.deepcopy(element))


def _move(random: Random, root: etree._Element, elements: list[etree._Element]) -> None:
    element, target = random.choice(elements), random.choice((root, *elements))
    if target is not element and element not in target.iterancestors():
        target.insert(random.randrange(len(target) + 1), element)


def _rename(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    random.choice(elements).tag = random.choice((random.choice(elements).tag, "plain", "{urn:x}other"))


def _odd_text(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    element, text = random.choice(elements), random.choice(_ODD_TEXTS)
    element.text = etree.CDATA(text) if random.random() < 0.2 and "]]>" not in text and "\x85" not in text else text


def _attribute(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    element = random.choice(elements)
    name = random.choice(
        (*element.keys(), "schemeID", "currencyID", "unitCode", "format", "{http://www.w3.org/2001/XMLSchema-instance}nil", "{urn:x}y")
    )
    if name in element.attrib and random.random() < 0.5:
        del element.attrib[name]
    else:
        element.set(name, random.choice(_ODD_TEXTS))


def _bury(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    element = random.choice(elements)
    for _number in range(random.choice((1, 3, 90, 130))):
        element = etree.SubElement(element, element.tag)


def _remark(random: Random, root: etree._Element, elements: list[etree._Element]) -> None:
    """A comment or an instruction, also in the middle of a text."""
    element, remark = random.choice((root, *elements)), random.choice((etree.Comment(" x "), etree.ProcessingInstruction("x", "y")))
    text = element.text or ""
    at = random.randrange(len(text) + 1)
    element.text, remark.tail = text[:at], text[at:]
    element.insert(0, remark)


def _value(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    """Another value of the same look: digits for digits, letters for letters, which mostly stays valid in structure."""
    leaves = [element for element in elements if not len(element) and element.text and element.text.strip()]
    if leaves:
        leaf = random.choice(leaves)
        leaf.text = "".join(_like(random, character) for character in leaf.text)


def _like(random: Random, character: str) -> str:
    if random.random() < 0.6:
        return character
    return random.choice("0123456789") if character.isdigit() else random.choice("ABCDEXYZ") if character.isupper() else character


def _plain_text(random: Random, _: etree._Element, elements: list[etree._Element]) -> None:
    leaves = [element for element in elements if not len(element)]
    random.choice(leaves).text = random.choice(_PLAIN_TEXTS)


def _more_of_a_line(random: Random, root: etree._Element, _: list[etree._Element]) -> None:
    """A copy of a group that may repeat."""
    lines = [element for element in root.iter("*") if str(element.tag).endswith(("Line", "LineItem", "}AllowanceCharge", "}TaxSubtotal"))]
    if lines:
        line = random.choice(lines)
        line.addnext(copy.deepcopy(line))


_TREE: tuple[Change, ...] = (_remove, _copy, _move, _rename, _odd_text, _odd_text, _attribute, _bury, _remark, _plain_text)
_VALUES: tuple[Change, ...] = (_value, _value, _value, _value, _remark, _more_of_a_line)
