"""The two reports: what they are called, and how they are built."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from einvoice_peppol.identifiers import DocumentType, Process

PROFILE = "urn:fdc:peppol.eu:edec:bis:reporting:1.0"


class Kind(StrEnum):
    """The two reports of an access point."""

    TSR = "tsr"
    EUSR = "eusr"


class Shape(NamedTuple):
    """A report's names: namespace, root, version of the namespace, specification, parts; the numbers of each part in order.

    `layer` and `version` are the official rules that it is held against.
    """

    namespace: str
    root: str
    version: str
    customization: str
    total: str
    part: str
    numbers: tuple[str, ...]
    layer: str
    rules: str

    @property
    def document(self) -> DocumentType:
        """Its document type in the network."""
        return DocumentType(f"{self.namespace}::{self.root}##{self.customization}::{self.version}")

    @property
    def process(self) -> Process:
        """Its process in the network."""
        return Process(PROFILE)


SHAPES = {
    Kind.TSR: Shape(
        "urn:fdc:peppol:transaction-statistics-report:1.0",
        "TransactionStatisticsReport",
        "1.0",
        "urn:fdc:peppol.eu:edec:trns:transaction-statistics-reporting:1.0",
        "Total",
        "Subtotal",
        ("Incoming", "Outgoing"),
        "peppol-tsr",
        "1.0.5",
    ),
    Kind.EUSR: Shape(
        "urn:fdc:peppol:end-user-statistics-report:1.1",
        "EndUserStatisticsReport",
        "1.1",
        "urn:fdc:peppol.eu:edec:trns:end-user-statistics-report:1.1",
        "FullSet",
        "Subset",
        ("SendingEndUsers", "ReceivingEndUsers", "SendingOrReceivingEndUsers"),
        "peppol-eusr",
        "1.1.5",
    ),
}
"""Sources: OpenPEPPOL/edec-reporting, Transaction Statistics Reporting 1.0 and End User Statistics Reporting 1.1."""
