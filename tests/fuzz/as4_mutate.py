"""Mutants of AS4 messages: of the envelope's tree, of the MIME around it, of the document inside, and of the bytes."""

from __future__ import annotations

import base64
import copy
from dataclasses import replace
from random import Random
from typing import NamedTuple, TypeAlias

from lxml import etree

from tests.peppol.as4_messages import BASE64, CORE_WORDS, NAMESPACES, Made, find, sbdh

Arriving: TypeAlias = tuple[str, bytes]
_TEXTS = (
    "",
    " ",
    "x",
    "\u00e9\U0001f600",
    "a@b",
    "0208:1",
    "::",
    "A" * 5_000,
    "2026-11-28T12:00:00Z",
    "-1",
    "cid:x",
    "#body",
    "%00",
    BASE64,
)
_BYTES = ("ds:SignatureValue", "xenc:CipherValue", "ds:DigestValue")
_HEADERS = ("Content-Type", "Content-ID", "Content-Transfer-Encoding", "Content-Description", "MIME-Version", "X")


class MutatedDocument(NamedTuple):
    """A document to be packed, signed and encrypted as it is."""

    data: bytes


def envelopes(random: Random, good: Made) -> Arriving:
    """The tree changed at a few places; it stays XML."""
    root = etree.fromstring(good.envelope)
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        _change(random, root)
    changed = replace(good, envelope=etree.tostring(root, encoding="utf-8", xml_declaration=True))
    return good.content_type, changed.body()


def tokens(random: Random, good: Made) -> Arriving:
    """The DER of a certificate, or the bytes of a key or a signature, changed within their Base64."""
    root = etree.fromstring(good.envelope)
    found = find(root, random.choice(("wsse:BinarySecurityToken[@wsu:Id='signer']", "wsse:BinarySecurityToken", *_BYTES)))
    changed = _noisy(random, base64.b64decode(found.text or ""))
    found.text = base64.b64encode(changed).decode()
    return good.content_type, replace(good, envelope=etree.tostring(root)).body()


def mime(random: Random, good: Made) -> Arriving:
    """Headers, boundaries and parts changed."""
    kind, parts = good.content_type, good.parts()
    at = random.randrange(len(parts))
    head, _, data = parts[at].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    line = random.randrange(len(lines))
    match random.randrange(10):
        case 0:
            lines[line] = b""
        case 1:
            lines[line] = lines[line].swapcase()
        case 2:
            lines.append(lines[line])
        case 3:
            lines.insert(line, f"{random.choice(_HEADERS)}: {random.choice(_TEXTS)}".encode())
        case 4:
            lines[line] = _noisy(random, lines[line])
        case 5:
            kind = _noisy(random, kind.encode()).decode("latin-1")
        case 6:
            lines[line] = lines[line].replace(b"binary", random.choice((b"base64", b"quoted-printable", b"8bit", b"x")))
        case 7:
            random.shuffle(parts)
            return kind, good.body(parts)
        case 8:
            return kind, good.body(parts + random.choices(parts, k=random.randrange(1, 4)))
        case _:
            body = good.body()
            return kind, body[: random.randrange(len(body))] + random.choice((b"", b"\r\n--=_boundary--", b"\r\n--=_boundary\r\n"))
    parts[at] = b"\r\n".join(lines) + b"\r\n\r\n" + data
    return kind, good.body(parts)


def documents(random: Random, good: Made) -> MutatedDocument:
    """Another document in its SBDH, of the sender's own making."""
    data = sbdh()
    if random.random() < 0.3:
        return MutatedDocument(_noisy(random, data))
    root = etree.fromstring(data)
    for _ in range(random.choice((1, 1, 2, 4))):
        _change(random, root)
    return MutatedDocument(etree.tostring(root, encoding=random.choice(("utf-8", "utf-8", "utf-16", "iso-8859-1"))))


def noise(random: Random, good: Made) -> Arriving:
    """Bytes changed anywhere."""
    return good.content_type, _noisy(random, good.body())


def _change(random: Random, root: etree._Element) -> None:
    elements = [found for found in root.iter() if isinstance(found.tag, str)]
    found, other = random.choice(elements), random.choice(elements)
    parent = found.getparent()
    match random.randrange(10):
        case 0 if parent is not None:
            parent.remove(found)
        case 1 if parent is not None:
            found.addnext(copy.deepcopy(found))
        case 2:
            other.append(copy.deepcopy(found))
        case 3:
            found.text = random.choice(_TEXTS)
        case 4:
            found.tag = other.tag
        case 5 | 6:
            _change_attributes(random, found, other)
        case 7:
            found.append(random.choice((etree.Comment("x"), etree.ProcessingInstruction("x", "y"))))
        case 8:
            found.tag = f"{{{random.choice(list(NAMESPACES.values()))}}}{random.choice(CORE_WORDS)}"
        case _:
            found.text, other.text = other.text, found.text


def _change_attributes(random: Random, found: etree._Element, other: etree._Element) -> None:
    if not found.attrib or random.random() < 0.2:
        found.attrib.update(other.attrib)
    elif random.random() < 0.5:
        found.set(random.choice(list(found.attrib)), random.choice(_TEXTS))
    else:
        del found.attrib[random.choice(list(found.attrib))]


def _noisy(random: Random, data: bytes) -> bytes:
    for _ in range(random.choice((1, 1, 2, 8))):
        at = random.randrange(len(data) + 1)
        match random.randrange(5):
            case 0:
                data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + random.randrange(1, 60) :]
            case 2:
                data = data[:at] + data[max(0, at - 40) : at] + data[at:]
            case 3:
                data = data[:at] + random.choice((b"<", b">", b"&", b"\0", b"\r\n", b"--", b'"', b"<!DOCTYPE x>", b"\xff\xfe")) + data[at:]
            case _:
                data = data[:at] + random.randbytes(random.randrange(1, 30)) + data[at:]
    return data
