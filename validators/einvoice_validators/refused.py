"""What a document seems to be that was refused before it was parsed: a report says which layers were therefore not judged."""

from __future__ import annotations

import re
from pathlib import Path

from einvoice.errors import UnsafeXML
from einvoice.formats.syntax import Document
from einvoice.report import Layer, Report
from einvoice_schemas.profiles import by_specification
from einvoice_validators import scope

LOOKED_AT = 1 << 16  # bytes; what a document says of itself stands at its beginning
_roots = {b"Invoice": Document.UBL_INVOICE, b"CreditNote": Document.UBL_CREDIT_NOTE, b"CrossIndustryInvoice": Document.CII}
_root = re.compile(rb"<(?:[\w.-]{1,50}:)?(Invoice|CreditNote|CrossIndustryInvoice)[\s>]")
_named = re.compile(
    rb"(?:CustomizationID|GuidelineSpecifiedDocumentContextParameter>\s{0,200}<(?:[\w.-]{1,50}:)?ID)[^<>]{0,200}>\s{0,200}([^<>&\s]{1,500})\s{0,200}<"
)


def report(source: bytes | Path, name: str, profile: str | None, fault: UnsafeXML) -> Report | None:
    """Every layer that the document would be held against, none of them judged; None where it does not look like an invoice.

    Nothing is parsed: two expressions look at its beginning. `profile` is the one that was asked for.
    """
    data = _beginning(source)
    root = _root.search(data)
    if root is None:
        return None
    found = _named.search(data, root.end())
    own = scope.profile(profile) or by_specification(found[1].decode("utf-8", "replace") if found else None)
    note = f"the document is refused: {fault.message}"
    wanted = [scope.Wanted("structure"), *scope.wanted(own), *([scope.Wanted("specification")] if own is None else [])]
    layers = tuple(Layer.not_judged(layer.name, "", note)._replace(required=layer.required) for layer in wanted)
    return Report(name, str(_roots[root[1]]), own.name if own else None, layers)


def _beginning(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[:LOOKED_AT]
    try:
        with source.open("rb") as stream:
            return stream.read(LOOKED_AT)
    except OSError:
        return b""
