"""Which registered document type serves a document (Policy for Use of Identifiers 4.4.0).

A type of the scheme `busdox-docid-qns` is served by itself alone. One of the scheme `peppol-doctype-wildcard` is served by itself, else
by the registered type whose customization identifier ends with `*` and covers most of it: `a@b@c`, `a@b@c*`, `a@b*`, `a*`.
"""

from __future__ import annotations

from collections.abc import Collection

from einvoice_peppol.identifiers.values import WILDCARD, DocumentType

_ANY = "*"
_PART = "@"


def candidates(document: DocumentType) -> tuple[DocumentType, ...]:
    """The registered types that serve a document, the best first."""
    if document.scheme != WILDCARD:
        return (document,)
    head, hashes, rest = document.value.partition("##")
    customization, colons, version = rest.rpartition("::")
    customization = customization.removesuffix(_ANY)
    if not hashes or not colons or _ANY in customization:
        return (document,)
    values = [customization, customization + _ANY]
    while _PART in customization:
        customization = customization.rpartition(_PART)[0]
        values.append(customization + _ANY)
    return tuple(DocumentType(f"{head}##{value}::{version}", document.scheme) for value in values)


def best(document: DocumentType, registered: Collection[DocumentType]) -> DocumentType | None:
    """The registered type that serves a document, None where there is none."""
    known = frozenset(registered)
    return next((candidate for candidate in candidates(document) if candidate in known), None)
