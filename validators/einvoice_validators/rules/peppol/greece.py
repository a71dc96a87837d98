"""Peppol BIS, sellers from Greece: the invoice number carries six segments of the tax authority."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_schemas.codelists import code_set
from einvoice_validators.facts import Fact, derived, facts, text, texts
from einvoice_validators.rules.peppol.check_digits import greek_tax_number
from einvoice_validators.rules.peppol.common import (
    COUNTRIES,
    CUSTOMER,
    SUPPLIER,
    TAX_SCHEME,
    customer_country,
    sold_from,
    supplier_own_country,
)
from einvoice_validators.rules.peppol.values import is_number, single
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import SPACE, Aborted, exists, normal

GREEK = ("GR", "EL")
TYPES = partial(code_set, "greek-document-type")
MARK, LINK = "##M.AR.K##", "##INVOICE|URL##"
_day = partial(re.match, r"(0?[1-9]|[12][0-9]|3[01])[-\\/ ]?(0?[1-9]|1[0-2])[-\\/ ]?(19|20)[0-9]{2}")
_integer = partial(re.fullmatch, "[+-]?[0-9]+")

_greek_seller = sold_from(*GREEK)


def _greek_address(document: Fact) -> object:
    return _greek_seller(document) and document.supplier_address_country == "GR"


def _both_greek(document: Fact) -> bool:
    return _greek_seller(document) and customer_country(document) in GREEK


PATTERN = Pattern("peppol greece", Syntax.UBL)
DOCUMENT = PATTERN.context("/*", when=_greek_seller, number=text("cbc:ID"), issue_date=text("cbc:IssueDate"), **COUNTRIES)
_party: dict[str, Any] = {"party_names": text("cac:PartyName/cbc:Name"), "tax_schemes": facts("cac:PartyTaxScheme")}
SELLER = PATTERN.context(SUPPLIER, when=_greek_seller, **_party)
SCHEME = PATTERN.context(f"{SUPPLIER}/cac:PartyTaxScheme", when=_greek_seller, **TAX_SCHEME)
BUYER = PATTERN.context(CUSTOMER, when=_greek_seller, **_party)
REFERENCE = PATTERN.context(
    "cac:AdditionalDocumentReference",
    when=_greek_seller,
    reference_descriptions=texts("cbc:DocumentDescription"),
    reference=text("cbc:ID"),
    reference_link=text("cac:Attachment/cac:ExternalReference/cbc:URI"),
)
ENDPOINT = PATTERN.context(
    f"{SUPPLIER}/cbc:EndpointID",
    when=lambda document: supplier_own_country(document) in GREEK,
    value=text("."),
    value_scheme=text("@schemeID"),
)
LINKS = Pattern("peppol greece, links", Syntax.UBL)
ADDRESSED = LINKS.context("/*", when=_greek_address, additional_references=facts("cac:AdditionalDocumentReference"))
BOTH = Pattern("peppol greece, both parties", Syntax.UBL)
GREEK_BUYER = BOTH.context(CUSTOMER, when=_both_greek, tax_schemes=facts("cac:PartyTaxScheme"))
GREEK_ENDPOINT = BOTH.context(f"{CUSTOMER}/cbc:EndpointID", when=_both_greek, value=text("."), value_scheme=text("@schemeID"))


@derived
def _segments(document: Fact) -> list[str]:
    return document.number.split("|") if document.number else []


def _segment(document: Fact, place: int) -> str:
    found = _segments(document)
    return found[place - 1] if len(found) >= place else ""


def _vat_numbers(schemes: Iterable[Fact]) -> list[str]:
    return [each.company_identifier for each in schemes if normal(each.tax_scheme) == "VAT" and exists(each.company_identifier)]


def _is_vat_number(number: str) -> bool:
    return number.startswith("EL") and greek_tax_number(number[2:])


@rule("GR-R-001-1", DOCUMENT, at="number")
def number_has_six_segments(document: Fact) -> object:
    """The number of a Greek invoice (BT-1) has six segments, with | between them."""
    return len(_segments(document)) == 6


@rule("GR-R-001-2", DOCUMENT, at="number")
def first_segment_is_the_tax_number(document: Fact) -> object:
    """The first segment of a Greek invoice number (BT-1) is the tax number of the seller or of its tax representative."""
    number = _segment(document, 1)
    schemes = (*document.seller_tax_numbers, *document.representative_tax_schemes)
    known = [single(each.company_identifier)[2:11] for each in schemes if each.tax_scheme == "VAT"]
    return len(normal(number)) == 9 and greek_tax_number(number) and number in known


@rule("GR-R-001-3", DOCUMENT, at="number")
def second_segment_is_the_issue_date(document: Fact) -> object:
    """The second segment of a Greek invoice number (BT-1) is the issue date (BT-2) as DD/MM/YYYY."""
    segment = _segment(document, 2)
    issued = document.issue_date.split("-")
    return normal(segment) and _day(segment) and len(issued) >= 3 and segment.split("/")[:3] == [issued[2], issued[1], issued[0]]


@rule("GR-R-001-4", DOCUMENT, at="number")
def third_segment_is_a_whole_number(document: Fact) -> object:
    """The third segment of a Greek invoice number (BT-1) is a whole number, zero or more."""
    segment = _segment(document, 3)
    if not normal(segment) or not is_number(segment):
        return False
    if not _integer(segment.strip(SPACE)):
        raise Aborted("the third segment of the invoice number is a number, but no integer")
    return int(segment) >= 0


@rule("GR-R-001-5", DOCUMENT, at="number")
def fourth_segment_is_a_document_type(document: Fact) -> object:
    """The fourth segment of a Greek invoice number (BT-1) is a document type: 1.1, 1.6, 2.1, 2.4, 5.1 or 5.2."""
    return _segment(document, 4) in TYPES()


@rule("GR-R-001-6", DOCUMENT, at="number")
def fifth_segment_is_not_empty(document: Fact) -> object:
    """The fifth segment of a Greek invoice number (BT-1), the series, is not empty."""
    return _segment(document, 5)


@rule("GR-R-001-7", DOCUMENT, at="number")
def sixth_segment_is_not_empty(document: Fact) -> object:
    """The sixth segment of a Greek invoice number (BT-1), the serial number, is not empty."""
    return _segment(document, 6)


@rule("GR-R-002", SELLER, at="cac:PartyName")
def seller_has_a_name(party: Fact) -> object:
    """A Greek seller gives its trading name (BT-28)."""
    return single(party.party_names)


@rule("GR-R-005", BUYER, at="cac:PartyName")
def buyer_has_a_name(party: Fact) -> object:
    """The buyer of a Greek seller has its trading name given (BT-45)."""
    return single(party.party_names)


def _one_vat_number(party: Fact) -> bool:
    numbers = _vat_numbers(party.tax_schemes)
    return len(numbers) == 1 and _is_vat_number(numbers[0])


@rule("GR-S-011", SELLER, at="cac:PartyTaxScheme/cbc:CompanyID", severity=WARNING)
def seller_has_one_vat_number(party: Fact) -> object:
    """A Greek seller has one VAT number (BT-31): EL and a valid tax number."""
    return _one_vat_number(party)


@rule("GR-R-006", GREEK_BUYER, at="cac:PartyTaxScheme/cbc:CompanyID")
def buyer_has_one_vat_number(party: Fact) -> object:
    """A Greek buyer of a Greek seller has one VAT number (BT-48): EL and a valid tax number."""
    return _one_vat_number(party)


@rule("GR-R-003", SCHEME, at="company_identifier")
def vat_number_is_greek(scheme: Fact) -> object:
    """The VAT number of a Greek seller (BT-31) is EL and a valid tax number."""
    return normal(scheme.tax_scheme) != "VAT" or not exists(scheme.company_identifier) or _is_vat_number(scheme.company_identifier)


def _described(document: Fact, description: str) -> int:
    return sum(description in each.reference_descriptions for each in document.additional_references)


@rule("GR-R-004-1", ADDRESSED, at="cac:AdditionalDocumentReference")
def has_one_mark(document: Fact) -> object:
    """An invoice of a Greek seller has one reference (BT-122) described as ##M.AR.K##."""
    return _described(document, MARK) == 1


@rule("GR-S-008-1", ADDRESSED, at="cac:AdditionalDocumentReference", severity=WARNING)
def has_one_link(document: Fact) -> object:
    """An invoice of a Greek seller has one reference (BT-122) described as ##INVOICE|URL##."""
    return _described(document, LINK) == 1


@rule("GR-R-008-2", ADDRESSED, at="cac:AdditionalDocumentReference")
def has_one_link_at_most(document: Fact) -> object:
    """An invoice of a Greek seller has no more than one reference (BT-122) described as ##INVOICE|URL##."""
    return _described(document, LINK) <= 1


@rule("GR-R-004-2", REFERENCE, at="reference")
def mark_is_a_number(reference: Fact) -> object:
    """The reference (BT-122) described as ##M.AR.K## begins with a digit from 1 to 9."""
    applies = MARK in reference.reference_descriptions and reference.document.supplier_address_country == "GR"
    return not applies or reference.reference[:1] in tuple("123456789")


@rule("GR-R-008-3", REFERENCE, at="cac:Attachment")
def link_has_an_address(reference: Fact) -> object:
    """The reference (BT-122) described as ##INVOICE|URL## has an address (BT-124)."""
    return LINK not in reference.reference_descriptions or normal(reference.reference_link)


def _is_greek_endpoint(endpoint: Fact) -> Any:
    return endpoint.value_scheme == "9933" and greek_tax_number(endpoint.value)


@rule("GR-R-009", ENDPOINT)
def seller_endpoint_is_greek(endpoint: Fact) -> object:
    """The electronic address of a Greek seller (BT-34) is its tax number under the scheme 9933."""
    return _is_greek_endpoint(endpoint)


@rule("GR-R-010", GREEK_ENDPOINT)
def buyer_endpoint_is_greek(endpoint: Fact) -> object:
    """The electronic address of a Greek buyer of a Greek seller (BT-49) is its tax number under the scheme 9933."""
    return _is_greek_endpoint(endpoint)
