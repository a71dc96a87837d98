"""The structure judged by the official XML Schema: libxml2 says quickly what is valid, xmlschema explains what is not.

Where the two disagree the standard holds, which xmlschema follows: libxml2 refuses white space around a date, for one. The document
is then valid, with a warning that others may refuse it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from lxml import etree

from einvoice.errors import ArtefactError, ArtefactMissing
from einvoice.formats.location import Locator
from einvoice.formats.syntax import ROOTS, Document
from einvoice.report import Finding, Layer, Severity
from einvoice_schemas.artefacts import judging
from einvoice_validators.artefacts.store import EXTRA, Installed, find
from einvoice_validators.where import term_at

NAME = "structure"
MOST = 100
"""Findings after which no more are looked for."""

_KINDS = (("Children", "xsd-content"), ("Decode", "xsd-value"), ("Attribute", "xsd-attribute"))


def layer(root: etree._Element, profile: str | None = None) -> Layer:
    """What the official schema says of an invoice, as the layer "structure"; its version is the schema's.

    `root` is an element that the guard gave; a profile of Factur-X has a schema of its own. Where the schema is missing, the layer is
    not judged and its note says what mends it.
    """
    document = ROOTS[root.tag]
    described = judging(NAME, document, profile)
    if described is None:
        return Layer.not_judged(NAME, "", f"there is no official schema of {document}")
    version = described.version or ""
    try:
        installed = find(described.name)
        version = installed.version
        if _quick(_key(installed)).validate(root):
            return Layer.judged(NAME, version, ())
        return Layer.judged(NAME, version, tuple(_findings(root, document, installed)))
    except ArtefactError as fault:
        return Layer.not_judged(NAME, version, str(fault))


_Key = tuple[Path, str]
_verified: dict[_Key, Installed] = {}


def _key(installed: Installed) -> _Key:
    key = installed.path, installed.checksum
    _verified.setdefault(key, installed)
    return key


@cache
def _quick(key: _Key) -> Any:
    """libxml2's schema.

    Raises ArtefactError where it was changed or cannot be compiled.
    """
    path = _verified[key].verified().path
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        return etree.XMLSchema(etree.parse(path, parser))
    except (etree.LxmlError, OSError) as fault:
        raise ArtefactError(f"{path} cannot be compiled: {fault}") from None


@cache
def _full(key: _Key) -> Any:
    """xmlschema's schema, which reads nothing but files; that the schema is one is not tested again, which takes seconds."""
    try:
        xmlschema = import_module("xmlschema")
    except ImportError as fault:
        raise ArtefactMissing(f"xmlschema is not installed ({fault}), and libxml2 alone does not decide; mend it: {EXTRA}") from None
    try:
        return xmlschema.XMLSchema10(str(key[0]), allow="local", validation="skip")
    except (xmlschema.XMLSchemaException, OSError, ValueError) as fault:
        raise ArtefactError(f"{key[0]} cannot be compiled: {fault}") from None


def _findings(root: etree._Element, document: Document, installed: Installed) -> Iterator[Finding]:
    """The faults that xmlschema names; without any, the warning that libxml2 sees one."""
    where, found = Locator(root), False
    for error in islice(_full(_key(installed)).iter_errors(root), MOST):
        found = True
        yield _fault(error, where, document)
    if not found:
        said = _quick(_key(installed)).error_log[0]
        text = f"libxml2, which many receivers use, refuses this although the standard allows it: {said.message}"
        yield Finding("xsd-libxml2", Severity.WARNING, text, line=said.line or None)


def _fault(error: Any, where: Locator, document: Document) -> Finding:
    """A fault of xmlschema's as a finding: the reason, and the element it names."""
    element = error.elem if isinstance(error.elem, etree._Element) else where.root
    path = where.path(element)
    kind = type(error).__name__
    rule = next((rule for part, rule in _KINDS if part in kind), "xsd-other")
    if rule != "xsd-content" and "attribute" in (error.reason or ""):
        rule = "xsd-attribute"
    value = element.text if len(element) == 0 else None
    text = " ".join((error.reason or error.message).split())[:1_000]
    return Finding(rule, Severity.FATAL, text, term_at(document, path), path, element.sourceline, value[:200] if value else None)
