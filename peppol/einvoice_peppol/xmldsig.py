"""Canonical forms, digests and signatures of XML: the few algorithms that Peppol uses, and no others.

Sources: Canonical XML 1.0 and 1.1, Exclusive XML Canonicalization 1.0, XML Signature Syntax and Processing 1.1 (W3C). What is not in
the lists below is refused: SHA-1, other keys than RSA, XPath and XSLT transforms, HMAC lengths.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256 as RSA_HASH
from lxml import etree

from einvoice.errors import SignatureError, UnacceptedAlgorithm

DS = "http://www.w3.org/2000/09/xmldsig#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
CANONICAL = frozenset({INCLUSIVE, INCLUSIVE_11, EXCLUSIVE})
"""The canonical forms that are known; those with comments are refused."""
ENVELOPED = f"{DS}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SMALLEST = 2048
"""Bits of an RSA key from which its signatures count."""
LARGEST = 8192
"""Bits of an RSA key up to which its signatures are calculated."""
MOST = 20
"""References and transforms that are read of one signature; more is no signature of Peppol."""

_XML = "{http://www.w3.org/XML/1998/namespace}"
_INHERITED = {INCLUSIVE_11: (f"{_XML}lang", f"{_XML}space")}
_NAMED = b'<_ xmlns:_="#default"/>'
"""Parsed beforehand: lxml passes over prefixes that no document of the thread has named, and `#default` can be no prefix."""


class Reference(NamedTuple):
    """What a signature says of one part: its URI (None where it has none), its transforms in order, each with the prefixes that it
    includes (empty where it names none), its digest, and the ds:Reference itself.
    """

    uri: str | None
    transforms: tuple[tuple[str, str], ...]
    digest: bytes
    element: etree._Element


class Signature(NamedTuple):
    """A signature that was read and not yet verified; `canonicalization` is that of `signed_info`, with its prefixes."""

    signed_info: etree._Element
    canonicalization: tuple[str, str]
    references: tuple[Reference, ...]
    value: bytes
    key_info: etree._Element | None


def canonical(element: etree._Element, algorithm: str, prefixes: Sequence[str] = (), *, without: etree._Element | None = None) -> bytes:
    """The canonical form of an element where it stands in its tree, without comments.

    `prefixes` are the InclusiveNamespaces of the exclusive form (`#default` for the default namespace). `without` is an element within
    that is left out: an enveloped signature. Neither the tree nor the element changes. Raises SignatureError for an unknown form, and for
    what has none (relative namespaces; an xml:base above, in the form 1.1).
    """
    if algorithm not in CANONICAL:
        raise UnacceptedAlgorithm(f"the canonical form {algorithm} is not accepted: use the exclusive or an inclusive one")
    alone = _alone(element, without)
    if algorithm != EXCLUSIVE:
        _inherit(alone, element, algorithm)
    try:
        return bytes(
            etree.tostring(
                alone,
                method="c14n",
                exclusive=algorithm == EXCLUSIVE,
                with_comments=False,
                inclusive_ns_prefixes=list(prefixes) or None,
            )
        )
    except (etree.LxmlError, ValueError) as fault:
        raise SignatureError(f"what is signed has no canonical form: {fault}") from None


def digest(data: bytes) -> str:
    """The SHA-256 of bytes in Base64, as a ds:DigestValue states it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")


def read(signature: etree._Element) -> Signature:
    """What a ds:Signature says. Nothing is verified yet, but every algorithm is one that is accepted, and nothing stands twice.

    Raises SignatureError.
    """
    parts = _children(signature)
    names = [etree.QName(part).localname if _is_ds(part) else "" for part in parts]
    if names[:2] != ["SignedInfo", "SignatureValue"] or names[2:] not in ([], ["KeyInfo"]):
        raise SignatureError("a signature has SignedInfo, SignatureValue and KeyInfo, each once, in this order, and nothing else")
    info = _children(parts[0])
    if len(info) < 3 or [part.tag for part in info[:2]] != [f"{{{DS}}}CanonicalizationMethod", f"{{{DS}}}SignatureMethod"]:
        raise SignatureError("SignedInfo has CanonicalizationMethod, SignatureMethod and at least one Reference")
    if len(info) > MOST + 2 or any(part.tag != f"{{{DS}}}Reference" for part in info[2:]):
        raise SignatureError(f"SignedInfo has up to {MOST} References, and nothing else")
    _accepted(info[1], RSA_SHA256)
    if _children(info[1]):
        raise UnacceptedAlgorithm("the signature method has parameters; rsa-sha256 has none")
    form = _transform(info[0])
    if form[0] not in CANONICAL:
        raise UnacceptedAlgorithm(f"the canonical form {form[0]} is not accepted")
    references = tuple(reference(part) for part in info[2:])
    return Signature(parts[0], form, references, base64_of(parts[1]), parts[2] if len(parts) > 2 else None)


def verify(signature: Signature, key: object) -> None:
    """Holds the signature's value against its SignedInfo. The digests of its references are the caller's to check, all of them.

    Raises SignatureError; also for a key that is not RSA of 2,048 bits or more.
    """
    if not isinstance(key, RSAPublicKey) or not SMALLEST <= key.key_size <= LARGEST:
        raise SignatureError(f"the signer's key is not RSA of {SMALLEST} bits or more")
    signed = canonical(signature.signed_info, signature.canonicalization[0], signature.canonicalization[1].split())
    try:
        key.verify(signature.value, signed, PKCS1v15(), RSA_HASH())
    except (InvalidSignature, ValueError):
        raise SignatureError("the signature does not fit what it says it signs: it was altered, or another key made it") from None


def base64_of(element: etree._Element) -> bytes:
    """The bytes that an element's text holds in Base64; white space between is allowed, nothing else.

    Raises SignatureError.
    """
    if len(element):
        raise SignatureError(f"{etree.QName(element).localname} has elements or comments in it")
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError(f"{etree.QName(element).localname} is not Base64") from None


def reference(element: etree._Element) -> Reference:
    """What a ds:Reference says, by itself as a receipt repeats it.

    Raises SignatureError.
    """
    parts = _children(element)
    names = [part.tag for part in parts]
    rest = [f"{{{DS}}}DigestMethod", f"{{{DS}}}DigestValue"]
    if names not in (rest, [f"{{{DS}}}Transforms", *rest]):
        raise SignatureError("a Reference has Transforms, DigestMethod and DigestValue, in this order")
    _accepted(parts[-2], SHA256)
    value = base64_of(parts[-1])
    if len(value) != 32:
        raise SignatureError("a digest by SHA-256 has 32 bytes")
    transforms = _children(parts[0]) if len(parts) == 3 else []
    if len(transforms) > MOST or any(part.tag != f"{{{DS}}}Transform" for part in transforms):
        raise SignatureError(f"Transforms holds up to {MOST} Transform, and nothing else")
    return Reference(element.get("URI"), tuple(_transform(part) for part in transforms), value, element)


def _transform(element: etree._Element) -> tuple[str, str]:
    """An algorithm, and the prefixes of its InclusiveNamespaces.

    Raises UnacceptedAlgorithm for any other parameter.
    """
    algorithm, parts = element.get("Algorithm") or "", _children(element)
    if not parts:
        return algorithm, ""
    if algorithm != EXCLUSIVE or len(parts) > 1 or parts[0].tag != f"{{{EXCLUSIVE}}}InclusiveNamespaces":
        return algorithm, _unknown(algorithm, parts)
    return algorithm, " ".join((parts[0].get("PrefixList") or "").split())


def _unknown(algorithm: str, parts: Sequence[etree._Element]) -> str:
    raise UnacceptedAlgorithm(f"the transform {algorithm} has the parameter {parts[0].tag}, which is not accepted")


def _accepted(element: etree._Element, algorithm: str) -> None:
    if element.get("Algorithm") != algorithm:
        raise UnacceptedAlgorithm(f"the algorithm {element.get('Algorithm')} is not accepted; the network uses {algorithm}")


def _children(element: etree._Element) -> list[etree._Element]:
    """The elements in an element; comments and processing instructions are passed over, text is refused."""
    if any(text and text.strip() for text in (element.text, *(part.tail for part in element))):
        raise SignatureError(f"{etree.QName(element).localname} has text in it")
    return [part for part in element if isinstance(part.tag, str)]


def _is_ds(element: etree._Element) -> bool:
    return bool(etree.QName(element).namespace == DS)


def _alone(element: etree._Element, without: etree._Element | None) -> etree._Element:
    """The element as the root of a document of its own, with all namespaces that are in scope where it stands.

    The canonical form that lxml makes of an element within a tree lacks namespaces that are asked for, inherited attributes, and has
    some that do not belong there; that of a document is right.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, strip_cdata=True)
    try:
        etree.fromstring(_NAMED, parser)
        alone = etree.fromstring(etree.tostring(element, encoding="utf-8", with_tail=False), parser)
    except (etree.LxmlError, ValueError) as fault:
        raise SignatureError(f"what is signed cannot be written as XML: {fault}") from None
    if without is not None:
        _remove(_same(alone, element, without))
    return alone


def _same(alone: etree._Element, element: etree._Element, within: etree._Element) -> etree._Element:
    """The element of the copy that stands where `within` stands in the original."""
    steps: list[int] = []
    while within is not element:
        parent = within.getparent()
        if parent is None:
            raise SignatureError("the signature does not stand in what it signs")
        steps.append(parent.index(within))
        within = parent
    for step in reversed(steps):
        alone = alone[step]
    return alone


def _remove(element: etree._Element) -> None:
    """Takes an element out, and leaves the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        raise SignatureError("the signature is all that it signs")
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent.remove(element)


def _inherit(alone: etree._Element, element: etree._Element, algorithm: str) -> None:
    """Gives it the attributes xml:* of those above: all of them (Canonical XML 1.0, 2.4), or xml:lang and xml:space (1.1, 2.4)."""
    names = _INHERITED.get(algorithm)
    for above in element.iterancestors():
        if names and above.get(f"{_XML}base") is not None:
            raise SignatureError("an xml:base stands above what is signed, which the canonical form 1.1 would have to join")
        for name, value in above.attrib.items():
            if name.startswith(_XML) and (names is None or name in names) and name not in alone.attrib:
                alone.set(name, value)
