"""What the XMP metadata of a hybrid claim: of which standard it is, at which level, and which attached file is the invoice.

Source: Factur-X 1.0, section 6.2.2; ISO 16684-1, 7 (a property is an element or an attribute of rdf:Description, under any prefix).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pikepdf
from lxml import etree

from einvoice.errors import DocumentError, UnsafePDF
from einvoice.formats import guard
from einvoice.pdf import unpacking
from einvoice.pdf.levels import STANDARDS, Standard
from einvoice.pdf.opening import Opened

MOST = 10_000_000
"""Bytes of metadata; they have a few thousand."""
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_STANDARDS = {standard.namespace.rstrip("#").lower(): standard for standard in STANDARDS}


class Claim(NamedTuple):
    """The properties under one namespace, as they are spelled; `namespace` is as it stands there, `standard` what is meant by it."""

    standard: Standard
    namespace: str
    filename: str | None = None
    level: str | None = None
    version: str | None = None
    document_type: str | None = None


def claims(opened: Opened) -> tuple[Claim, ...]:
    """What the metadata of the PDF claim, in their order; nothing where there are none, or none that can be read."""
    root = metadata(opened)
    return () if root is None else tuple(_claims(root))


def metadata(opened: Opened) -> etree._Element | None:
    """The XMP metadata of the document as a tree, None where there are none that can be read.

    Raises UnsafePDF where they unpack to more than they may.
    """
    stream = opened.pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        return None
    limit = min(opened.max_size, MOST)
    try:
        return guard.tree(unpacking.unpacked(stream, limit).strip(b"\0 \t\r\n"), limit)
    except UnsafePDF:
        raise
    except DocumentError:
        return None


def _claims(root: etree._Element) -> Iterator[Claim]:
    found: dict[str, dict[str, str]] = {}
    for tag, value in _properties(root):
        namespace, _, name = tag.removeprefix("{").rpartition("}")
        if namespace.rstrip("#").lower() in _STANDARDS:
            found.setdefault(namespace, {}).setdefault(name, value.strip())
    for namespace, said in found.items():
        stated = (said.get(key) for key in ("DocumentFileName", "ConformanceLevel", "Version", "DocumentType"))
        yield Claim(_STANDARDS[namespace.rstrip("#").lower()], namespace, *stated)


def _properties(root: etree._Element) -> Iterator[tuple[str, str]]:
    for description in root.iter(f"{_RDF}Description"):
        yield from description.items()
        for child in description.iterchildren(etree.Element):
            yield str(child.tag), "".join(child.itertext())
