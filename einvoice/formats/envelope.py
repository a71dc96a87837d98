"""Envelopes around an invoice: the SBDH of Peppol and the XHE of OASIS are opened, the invoice taken out."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from einvoice.errors import Location, Unreadable
from einvoice.formats.syntax import ROOTS

_SBD = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
_XHE = "http://docs.oasis-open.org/bdxr/ns/XHE/1/"
_XHE_PATH = [f"{{{_XHE}AggregateComponents}}{name}" for name in ("Payloads", "Payload", "PayloadContent")]

ENVELOPES = {f"{{{_SBD}}}StandardBusinessDocument": "sbdh", f"{{{_XHE}ExchangeHeaderEnvelope}}XHE": "xhe"}


def payload(root: etree._Element) -> etree._Element:
    """The one document in an envelope, as the root of a tree of its own.

    Prefixes declared on the envelope stay in scope. Lines stay those of the file, up to 65,535: beyond that they are unknown.
    Raises Unreadable where there is none, or more than one.
    """
    found = _documents(root)
    if len(found) == 1:
        return _alone(found[0]) if found[0].tag in ROOTS else found[0]
    where = Location(line=found[1].sourceline if found else root.sourceline)
    text = f"the {ENVELOPES[root.tag].upper()} envelope holds {len(found) or 'no'} documents"
    raise Unreadable(text, location=where, mend="put exactly one invoice into an envelope")


def _alone(element: etree._Element) -> etree._Element:
    """The element as the root of a tree of its own; moving it instead would leave `/` at the envelope and rename prefixes."""
    root = deepcopy(element)
    root.tail = None
    return root


def _documents(root: etree._Element) -> list[etree._Element]:
    if ENVELOPES[root.tag] == "sbdh":
        return [child for child in root.iterchildren("{*}*") if child.tag != f"{{{_SBD}}}StandardBusinessDocumentHeader"]
    parents = [root]
    for name in _XHE_PATH:
        parents = [child for parent in parents for child in parent.iterchildren(name)]
    return [child for parent in parents for child in parent.iterchildren("{*}*")]
