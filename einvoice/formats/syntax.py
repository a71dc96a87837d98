"""The syntaxes that EN 16931 is written in, and the documents that carry it."""

from __future__ import annotations

from enum import StrEnum


class Syntax(StrEnum):
    """The two syntaxes of the norm (CEN/TS 16931-2)."""

    UBL = "ubl"
    CII = "cii"


class Document(StrEnum):
    """The document types an invoice or credit note comes in; the value names its structure table."""

    UBL_INVOICE = "ubl-invoice"
    UBL_CREDIT_NOTE = "ubl-creditnote"
    CII = "cii"

    @property
    def syntax(self) -> Syntax:
        return Syntax.CII if self is Document.CII else Syntax.UBL


NAMESPACES = {
    "inv": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "cn": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}

ROOTS = {
    f"{{{NAMESPACES['inv']}}}Invoice": Document.UBL_INVOICE,
    f"{{{NAMESPACES['cn']}}}CreditNote": Document.UBL_CREDIT_NOTE,
    f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice": Document.CII,
}


def full(name: str) -> str:
    """`cbc:ID` in lxml's notation, {namespace}ID; a name without prefix stays as it is."""
    prefix, colon, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if colon else name
