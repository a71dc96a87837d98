"""Peppol BIS, sellers from Iceland."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, facts, text, texts, there
from einvoice_validators.rules.peppol.common import ADDRESSES, SUPPLIER
from einvoice_validators.rules.peppol.values import is_plain_date, single
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import exists, normal, one

DUE_DATE = "EINDAGI"


def _icelandic_seller(document: Fact) -> object:
    return document.supplier_address_country == "IS"


def _icelandic(document: Fact) -> object:
    return document.supplier_address_country == "IS" and document.customer_address_country == "IS"


PATTERN = Pattern("peppol iceland", Syntax.UBL)
DOCUMENT = PATTERN.context(
    "/*",
    when=_icelandic_seller,
    invoice_type_code=text("cbc:InvoiceTypeCode"),
    credit_note_type_code=text("cbc:CreditNoteTypeCode"),
    due_date=text("cbc:DueDate"),
    supplier_legal_schemes=distinct(f"{SUPPLIER}/cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
    supplier_street_there=there(f"{SUPPLIER}/cac:PostalAddress/cbc:StreetName"),
    supplier_post_code_there=there(f"{SUPPLIER}/cac:PostalAddress/cbc:PostalZone"),
    payment_means=facts("cac:PaymentMeans"),
    additional_references=facts("cac:AdditionalDocumentReference"),
    **ADDRESSES,
)
BUYER = PATTERN.context(
    "/*/cac:AccountingCustomerParty",
    when=_icelandic,
    customer_legal_schemes=distinct("cac:Party/cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
    customer_street_there=there("cac:Party/cac:PostalAddress/cbc:StreetName"),
    customer_post_code_there=there("cac:Party/cac:PostalAddress/cbc:PostalZone"),
)
MEANS = PATTERN.context(
    "/*/cac:PaymentMeans", means_code=text("cbc:PaymentMeansCode"), payee_account=text("cac:PayeeFinancialAccount/cbc:ID")
)
REFERENCE = PATTERN.context(
    "/*/cac:AdditionalDocumentReference", reference_descriptions=texts("cbc:DocumentDescription"), reference=text("cbc:ID")
)
SCHEME = "0196"


@rule("IS-R-001", DOCUMENT, at="invoice_type_code", severity=WARNING)
def type_is_380_or_381(document: Fact) -> object:
    """An Icelandic document (BT-3) is an invoice (380) or a credit note (381)."""
    return normal(document.invoice_type_code) in ("380", "381") or normal(document.credit_note_type_code) in ("380", "381")


@rule("IS-R-002", DOCUMENT, at=f"{SUPPLIER}/cac:PartyLegalEntity")
def seller_has_a_kennitala(document: Fact) -> object:
    """An Icelandic seller gives its kennitala (BT-30) under the scheme 0196."""
    return SCHEME in document.supplier_legal_schemes


@rule("IS-R-003", DOCUMENT, at=f"{SUPPLIER}/cac:PostalAddress")
def seller_has_street_and_post_code(document: Fact) -> object:
    """The address of an Icelandic seller has a street (BT-35) and a post code (BT-38)."""
    return document.supplier_street_there and document.supplier_post_code_there


def _has_account(document: Fact, code: str) -> bool:
    means = [each for each in document.payment_means if each.means_code == code]
    return not means or len(normal(one(each.payee_account for each in means if exists(each.payee_account)))) == 12


@rule("IS-R-006", DOCUMENT, at="cac:PaymentMeans")
def claim_has_its_account(document: Fact) -> object:
    """An Icelandic payment by the means 9 names an account (BT-84) of 12 characters."""
    return _has_account(document, "9")


@rule("IS-R-007", DOCUMENT, at="cac:PaymentMeans")
def transfer_has_its_account(document: Fact) -> object:
    """An Icelandic payment by the means 42 names an account (BT-84) of 12 characters."""
    return _has_account(document, "42")


def _due_dates(document: Fact) -> list[Any]:
    return [each.reference for each in document.additional_references if DUE_DATE in each.reference_descriptions]


@rule("IS-R-008", DOCUMENT, at="cac:AdditionalDocumentReference")
def last_day_is_a_date(document: Fact) -> object:
    """The reference described as EINDAGI (BT-122), the last day for payment, is a date written as YYYY-MM-DD."""
    days = _due_dates(document)
    return not days or is_plain_date(single(one(days)))


@rule("IS-R-009", DOCUMENT, at="due_date")
def last_day_goes_with_a_due_date(document: Fact) -> object:
    """An invoice with a reference described as EINDAGI (BT-122) has a due date (BT-9)."""
    return exists(document.due_date) or not _due_dates(document)


@rule("IS-R-010", DOCUMENT, at="due_date")
def due_date_is_not_after_the_last_day(document: Fact) -> object:
    """The due date (BT-9) is not after the last day for payment, the reference described as EINDAGI (BT-122)."""
    days: Iterable[Any] = _due_dates(document)
    return not days or (exists(document.due_date) and any(document.due_date <= day for day in days))


@rule("IS-R-004", BUYER, at="cac:Party")
def buyer_has_a_kennitala(customer: Fact) -> object:
    """An Icelandic buyer of an Icelandic seller has its kennitala given (BT-47) under the scheme 0196."""
    return SCHEME in customer.customer_legal_schemes


@rule("IS-R-005", BUYER, at="cac:Party")
def buyer_has_street_and_post_code(customer: Fact) -> object:
    """The address of an Icelandic buyer of an Icelandic seller has a street (BT-50) and a post code (BT-53)."""
    return customer.customer_street_there and customer.customer_post_code_there
