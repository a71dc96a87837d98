"""What a peer and we agree upon: a PKI, two access points, and documents of several kinds and sizes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import NamedTuple

from cryptography.x509 import Certificate
from lxml import etree

import einvoice
from einvoice.events import Status
from einvoice.formats.syntax import Syntax
from einvoice.model import Invoice
from einvoice.model.references import Attachment, SupportingDocument
from einvoice.samples import sample
from einvoice_peppol.answers import creating, writing
from einvoice_peppol.answers.answer import SPECIFICATIONS
from einvoice_peppol.identifiers import derive
from einvoice_peppol.identifiers.values import DocumentType, Participant, Process
from einvoice_peppol.pki import testing
from einvoice_peppol.pki.identity import Identity, Trust
from einvoice_peppol.sbdh.header import Header
from tests.interop import ours

KINDS = ("invoice", "credit-note", "cross-industry", "invoice-response", "attachment-300-kb", "attachment-5-mb")
"""Documents by name; the attachments stand in one text node each, the larger ones in our spool."""
LARGE = "attachment-12-mb"
"""A text node of 16 MB: more than parsers take that were not told to."""
_SIZES = {"attachment-300-kb": 300_000, "attachment-5-mb": 5_000_000, LARGE: 12_000_000}


class World(NamedTuple):
    """A PKI with the access point that sends (C2) and the one that receives (C3), and who trusts it."""

    pki: testing.TestNetwork
    c2: Identity
    c3: Identity
    trust: Trust

    @property
    def anchors(self) -> Sequence[Certificate]:
        """From the CA of access points to the root."""
        return (self.pki.ap_ca.certificate, self.pki.root.certificate)


class Paper(NamedTuple):
    """A business document and what the network wants to know of it."""

    data: bytes
    sender: Participant
    receiver: Participant
    kind: DocumentType
    process: Process
    country: str

    def header(self) -> Header:
        """Of its envelope, with a new instance identifier."""
        return ours.header(self.sender, self.receiver, self.kind, self.process, self.country)


def world() -> World:
    """A new PKI."""
    pki = testing.network()
    return World(pki, pki.access_point("PNL000001"), pki.access_point("PBE000002", country="BE"), pki.trust())


@cache
def paper(name: str) -> Paper:
    """A document by its name."""
    invoice = sample(credit_note=name == "credit-note").model_copy(update={"number": f"2026-{name}"})
    if name == "invoice-response":
        return _response(invoice)
    if name in _SIZES:
        content = b64encode(Random(name).randbytes(_SIZES[name])).decode()
        file = Attachment(content=content, mime_code="application/pdf", filename="a.pdf")
        attached = SupportingDocument(reference="A-1", attachment=file)
        invoice = invoice.model_copy(update={"supporting_documents": (attached,)})
    data = einvoice.write(invoice, Syntax.CII if name == "cross-industry" else Syntax.UBL)
    derived = derive.of(data)
    assert derived.sender is not None
    assert derived.receiver is not None
    assert derived.country is not None
    return Paper(data, derived.sender, derived.receiver, derived.document, derived.process, derived.country)


class _Came(NamedTuple):
    """An invoice that came, as far as an answer to it looks."""

    instance_id: str
    access_point: str
    sender: Participant
    receiver: Participant
    mls_to: Participant | None = None


def _response(invoice: Invoice) -> Paper:
    """What its buyer answers to an invoice; it goes the other way."""
    derived = derive.of(invoice)
    assert derived.sender is not None
    assert derived.receiver is not None
    came = _Came("1234", "PNL000001", derived.sender, derived.receiver)
    answer = creating.to_invoice(invoice, Status.ACCEPTED, came, ours.now())
    said = SPECIFICATIONS[answer.kind]
    return Paper(writing.write(answer), answer.sender, answer.receiver, said.document, said.process, "BE")


def canonical(document: bytes) -> bytes:
    """What is the same document, whatever its declaration and its prefixes' place."""
    form: bytes = etree.tostring(etree.fromstring(document, etree.XMLParser(huge_tree=True)), method="c14n", exclusive=True)
    return form
