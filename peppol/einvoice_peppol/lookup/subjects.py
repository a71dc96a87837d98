"""Subjects of certificates as redirects state them: a distinguished name in the order and spacing of whoever wrote it, or its CN alone.

The network does not say how a CertificateUID is written; peers write RFC 2253 in either order (peppol-commons compares without order).
"""

from __future__ import annotations

import re
from collections import Counter

from cryptography.x509 import Certificate

from einvoice_peppol.pki.identity import common_name

_BETWEEN = re.compile(r"(?<!\\)[,;+]")
_HEX = re.compile(r"\\([0-9A-Fa-f]{2})")
_OTHER_NAMES = {
    "E": "EMAILADDRESS",
    "1.2.840.113549.1.9.1": "EMAILADDRESS",
    "S": "ST",
    "2.5.4.5": "SERIALNUMBER",
    "OID.2.5.4.5": "SERIALNUMBER",
}


def is_subject(stated: str, certificate: Certificate) -> bool:
    """Whether a text names the subject of a certificate: every part of its name, in any order, or exactly its CN."""
    text = stated.strip()
    if not text:
        return False
    if text == common_name(certificate):
        return True
    parts = _parts(text)
    return bool(parts) and parts == _parts(certificate.subject.rfc4514_string())


def _parts(name: str) -> Counter[tuple[str, str]]:
    """The attributes of a name and their values; empty where it is none."""
    found: Counter[tuple[str, str]] = Counter()
    for part in _BETWEEN.split(name):
        key, equals, value = part.partition("=")
        if not equals:
            return Counter()
        key = key.strip().upper()
        found[_OTHER_NAMES.get(key, key), _plain(value.strip())] += 1
    return found


def _plain(value: str) -> str:
    """A value without its escapes or quotes, in one case: RFC 4518 compares names without regard to it."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    octets = _HEX.sub(lambda match: chr(int(match[1], 16)), value)
    return re.sub(r"\\(.)", r"\1", octets).casefold()
