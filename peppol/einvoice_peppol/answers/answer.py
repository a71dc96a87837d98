"""An answer as a value: what an access point (MLS, MLR) or a receiver (Invoice Response) says of a document."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from einvoice_peppol.identifiers import DocumentType, Participant, Process

_RESPONSE = "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2::ApplicationResponse##"


class Kind(StrEnum):
    """The three answers."""

    INVOICE_RESPONSE = "invoice_response"
    MLR = "mlr"
    MLS = "mls"


class Specification(NamedTuple):
    """What an answer's kind is called: its specification, its processes (the first is ours), the codes it may say."""

    specification: str
    processes: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def document(self) -> DocumentType:
        """Its document type in the network."""
        return DocumentType(f"{_RESPONSE}{self.specification}::2.1")

    @property
    def process(self) -> Process:
        """Its process in the network."""
        return Process(self.processes[0])


SPECIFICATIONS = {
    Kind.INVOICE_RESPONSE: Specification(
        "urn:fdc:peppol.eu:poacc:trns:invoice_response:3",
        ("urn:fdc:peppol.eu:poacc:bis:invoice_response:3", "urn:peppol:bis:billing_with_response"),
        ("AB", "AP", "RE", "IP", "UQ", "CA", "PD"),
    ),
    Kind.MLR: Specification("urn:fdc:peppol.eu:poacc:trns:mlr:3", ("urn:fdc:peppol.eu:poacc:bis:mlr:3",), ("AB", "AP", "RE")),
    Kind.MLS: Specification("urn:peppol:edec:mls:1.0", ("urn:peppol:edec:mls",), ("AP", "AB", "RE")),
}
"""Sources: Peppol BIS Invoice Response 3, Peppol BIS Message Level Response 3, Peppol Message Level Status 1.1."""

REASONS, ACTIONS = "OPStatusReason", "OPStatusAction"
"""The two lists that clarifications of an Invoice Response come from."""


class Condition(NamedTuple):
    """A business term that a clarification is about (`BT-9`), and the value that it should have."""

    term: str
    value: str | None = None


class Clarification(NamedTuple):
    """Why (a code of OPStatusReason) or what is wanted (OPStatusAction), in words, about which terms."""

    code: str | None
    list: str = REASONS
    text: str | None = None
    conditions: tuple[Condition, ...] = ()


class Issue(NamedTuple):
    """A fault that an access point found: where (an XPath, `NA` where it has no place), what in words, its code: SV, BV, BW or FD."""

    location: str
    text: str
    code: str


class Answer(NamedTuple):
    """An answer.

    `reference` is what it answers: the invoice's number (BT-1) in an Invoice Response, the instance identifier of the SBDH in MLS and
    MLR. `time` is the time of day as stated, with its zone. `names` of sender and receiver are needed in an Invoice Response.
    """

    kind: Kind
    id: str
    issued: date
    sender: Participant
    receiver: Participant
    code: str
    reference: str
    time: str | None = None
    names: tuple[str, str] = ("", "")
    description: str | None = None
    effective: date | None = None
    clarifications: tuple[Clarification, ...] = ()
    issues: tuple[Issue, ...] = ()
    reference_type: str | None = None
    reference_issued: date | None = None
    process: str | None = None
    note: str | None = None
