"""Document types: read, taken apart, found in the list."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from einvoice.errors import BadIdentifier
from einvoice_peppol.identifiers.lists import Entry, State, code_list, today
from einvoice_peppol.identifiers.values import DOCUMENTS, WILDCARD, DocumentType

LONGEST = 500
"""Characters that a value may have (Policy for use of Identifiers 4.4.0, 2)."""
_SCHEMES = (DOCUMENTS, WILDCARD)
_PRINTABLE = re.compile("[!-~]+", re.ASCII)


class Parts(NamedTuple):
    """What a value is made of: `namespace::name##customization::version`; the name is empty where the document is no XML."""

    namespace: str
    name: str
    customization: str
    version: str


def parse(text: str, *, strict: bool = False, on: date | None = None) -> DocumentType:
    """The document type that a text names, `busdox-docid-qns::urn:…` or its value alone; case counts.

    A value alone is of the scheme under which the list has it on the day, `busdox-docid-qns` where it has none. Strict, it must be in
    the list and not be removed. Raises BadIdentifier. Source: Policy for use of Identifiers 4.4.0, 16 to 23.
    """
    plain = text.strip()
    scheme, separator, value = plain.partition("::")
    if not separator or scheme not in _SCHEMES:
        scheme, value = "", plain
    if not value or len(value) > LONGEST or _PRINTABLE.fullmatch(value) is None:
        raise BadIdentifier(f"{value[:80]!r} is no document type: 1 to {LONGEST} printable ASCII characters without spaces")
    split(value)
    document = DocumentType(value, scheme or _scheme(value, on or today()))
    if strict:
        _check(document, on or today())
    return document


def split(value: str) -> Parts:
    """The parts of a value.

    Raises BadIdentifier. Source: Policy for use of Identifiers 4.4.0, 20 (`<syntax>##<customization>::<version>`).
    """
    syntax, separator, rest = value.partition("##")
    namespace, _, name = syntax.rpartition("::")
    customization, second, version = rest.rpartition("::")
    if not separator or not second or not syntax or not customization or not version:
        raise BadIdentifier(f"{value[:80]!r} is no document type; it has the form namespace::name##customization::version")
    return Parts(namespace, name, customization, version) if namespace else Parts(syntax, "", customization, version)


def entry(document: DocumentType) -> Entry | None:
    """What the list says of a document type, None where it has none such."""
    return code_list("documents").entries.get((document.scheme, document.value))


def _scheme(value: str, day: date) -> str:
    listed = [scheme for scheme in _SCHEMES if (found := entry(DocumentType(value, scheme))) and found.on(day) is not State.REMOVED]
    return listed[0] if listed else DOCUMENTS


def _check(document: DocumentType, day: date) -> None:
    found = entry(document)
    if found is None:
        raise BadIdentifier(f"there is no document type {document} in the network's list {code_list('documents').version}")
    if found.on(day) is State.REMOVED:
        raise BadIdentifier(f"{found.name} is no longer in the network{f' since {found.until}' if found.until else ''}; use its successor")
