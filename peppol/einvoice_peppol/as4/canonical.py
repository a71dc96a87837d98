"""Text of XML that is its own exclusive canonical form, so that what is signed is written once and never parsed.

Each block declares the namespaces that it uses, in the order of their prefixes; attributes follow in the order of their namespaces;
an empty element has two tags (Exclusive XML Canonicalization 1.0, Canonical XML 1.0 section 1.1).
"""

from __future__ import annotations

import re

from lxml import etree

from einvoice_peppol.as4.message import EBMS, EXCLUSIVE, SOAP, WSU, Reference
from einvoice_peppol.xmldsig import SHA256, digest

_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"})
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"})
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MESSAGING = (
    f'<eb:Messaging xmlns:S12="{SOAP}" xmlns:eb="{EBMS}" xmlns:wsu="{WSU}" wsu:Id="{{}}" S12:mustUnderstand="true">{{}}</eb:Messaging>'
)
_BODY = f'<S12:Body xmlns:S12="{SOAP}" xmlns:wsu="{WSU}" wsu:Id="{{}}"></S12:Body>'


def text(value: str) -> str:
    """A value as text of an element."""
    return value.translate(_TEXT)


def attribute(value: str) -> str:
    """A value as text of an attribute."""
    return value.translate(_ATTRIBUTE)


def readable(value: str) -> str:
    """A value with what no XML can hold (XML 1.0, 2.2) replaced, for words that come from elsewhere."""
    return _FORBIDDEN.sub("\ufffd", value)


def is_readable(value: str) -> bool:
    """Whether XML can hold a value."""
    return _FORBIDDEN.search(value) is None


def form(block: str) -> str:
    """The canonical form of a block that holds elements from elsewhere."""
    found: bytes = etree.tostring(etree.fromstring(block), method="c14n", exclusive=True, with_comments=False)
    return found.decode()


def messaging(identifier: str, content: str) -> str:
    """The header eb:Messaging, as it stands and as it is signed."""
    return _MESSAGING.format(identifier, content)


def body(identifier: str) -> str:
    """The empty body of SOAP, as it stands and as it is signed."""
    return _BODY.format(identifier)


def reference(identifier: str, block: str) -> Reference:
    """What a signature says of a block of this module."""
    return Reference(f"#{identifier}", ((EXCLUSIVE, ""),), digest(block.encode()))


def as_xml(covered: Reference) -> str:
    """A ds:Reference, within an element that declares `ds`; prefixes that a transform includes are none of ours."""
    transforms = "".join(f'<ds:Transform Algorithm="{algorithm}"></ds:Transform>' for algorithm, _ in covered.transforms)
    return (
        f'<ds:Reference URI="{attribute(covered.uri)}"><ds:Transforms>{transforms}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod><ds:DigestValue>{covered.digest}</ds:DigestValue></ds:Reference>'
    )
