"""What a document is: its syntax, its type, and the profile that its BT-24 and BT-23 name."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, NamedTuple

from lxml import etree

from einvoice.formats import guard
from einvoice.formats.syntax import ROOTS, Document, Syntax, full
from einvoice_schemas.profiles import by_specification

_CONTEXT = full("rsm:ExchangedDocumentContext")
_PATHS = {  # where BT-24 and BT-23 stand
    Syntax.UBL: ((full("cbc:CustomizationID"),), (full("cbc:ProfileID"),)),
    Syntax.CII: (
        (_CONTEXT, full("ram:GuidelineSpecifiedDocumentContextParameter"), full("ram:ID")),
        (_CONTEXT, full("ram:BusinessProcessSpecifiedDocumentContextParameter"), full("ram:ID")),
    ),
}
_STRING = etree.XPath("string()")


class Detected(NamedTuple):
    """What a document says it is.

    `profile` is the name of a profile, None where BT-24 names none that is known; `specification` is BT-24 and `process` BT-23,
    without white space around them; `wrapped` names the envelope the document came in ("sbdh", "xhe"), None where it came bare.
    """

    syntax: Syntax
    document: Document
    profile: str | None
    specification: str | None
    process: str | None
    wrapped: str | None = None


def detect(source: bytes | Path | BinaryIO, *, name: str | None = None, max_size: int | None = None) -> Detected:
    """What a file, a stream or bytes hold; nothing is validated.

    Raises what `guard.parse` raises: UnsafeXML, MalformedXML, UnknownFormat, Unreadable.
    """
    parsed = guard.parse(source, name=name, max_size=max_size)
    return detect_root(parsed.root, wrapped=parsed.wrapped)


def detect_root(root: etree._Element, *, wrapped: str | None = None) -> Detected:
    """What an invoice that has been parsed says it is; `root` is an element that `guard.parse` gave."""
    document = ROOTS[root.tag]
    syntax = document.syntax
    at_specification, at_process = _PATHS[syntax]
    specification, process = _text(root, at_specification), _text(root, at_process)
    profile = by_specification(specification, process)
    return Detected(syntax, document, profile.name if profile else None, specification, process, wrapped)


def _text(root: etree._Element, path: tuple[str, ...]) -> str | None:
    """The text at the end of a path of first children, also around comments, without white space at its ends; None where there is none."""
    element = root
    for tag in path:
        element = next(element.iterchildren(tag), None)
        if element is None:
            return None
    text: str = (_STRING(element) if len(element) else element.text) or ""
    return text.strip(" \t\r\n") or None
