"""Peppol BIS, sellers from the Netherlands."""

from __future__ import annotations

from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, number, text, there
from einvoice_validators.rules.peppol.common import ADDRESSES, CREDIT_NOTE, CUSTOMER, SUPPLIER, addressed
from einvoice_validators.rules.peppol.values import single
from einvoice_validators.ruleset import Context, Pattern, Rule, rule
from einvoice_validators.xpath import exists, normal

MEANS_CODES = frozenset(("30", "48", "49", "57", "58", "59"))
DUTCH_SELLER, DUTCH = addressed("NL"), addressed("NL", "NL")
PATTERN = Pattern("peppol netherlands", Syntax.UBL)


def _dutch_representative(document: Fact) -> object:
    return normal(document.representative_address_country).upper() == "NL" and DUTCH_SELLER(document)


_address: dict[str, Any] = {
    "has_street": there("cbc:StreetName"),
    "has_city": there("cbc:CityName"),
    "has_post_code": there("cbc:PostalZone"),
}
SELLER_ADDRESS = PATTERN.context(f"{SUPPLIER}/cac:PostalAddress", when=DUTCH_SELLER, **_address)
BUYER_ADDRESS = PATTERN.context(f"{CUSTOMER}/cac:PostalAddress", when=DUTCH, **_address)
REPRESENTATIVE_ADDRESS = PATTERN.context("cac:TaxRepresentativeParty/cac:PostalAddress", when=_dutch_representative, **_address)
_legal: dict[str, Any] = {"entity_id": text("cbc:CompanyID"), "entity_scheme": text("cbc:CompanyID/@schemeID")}
SELLER_ENTITY = PATTERN.context(f"{SUPPLIER}/cac:PartyLegalEntity", when=DUTCH_SELLER, **_legal)
BUYER_ENTITY = PATTERN.context(f"{CUSTOMER}/cac:PartyLegalEntity", when=DUTCH, **_legal)
MEANS = PATTERN.context("cac:PaymentMeans", when=DUTCH, means_code=text("cbc:PaymentMeansCode"))
DOCUMENT = PATTERN.context(
    "/*",
    when=DUTCH_SELLER,
    credit_note_type_there=there(".//cbc:CreditNoteTypeCode"),
    billed_document_there=there("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"),
    payable_amount=number("cac:LegalMonetaryTotal/cbc:PayableAmount"),
    payment_means_anywhere=there(".//cac:PaymentMeans"),
    order_line_there=there(".//cac:OrderLineReference/cbc:LineID"),
    order_reference_there=there("cac:OrderReference/cbc:ID"),
    representative_address_country=text("cac:TaxRepresentativeParty/cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
    **ADDRESSES,
)


@rule("NL-R-001", DOCUMENT, at="cbc:CreditNoteTypeCode")
def credit_note_names_the_invoice(document: Fact) -> object:
    """A Dutch credit note names the invoice that it corrects (BT-25)."""
    return not document.credit_note_type_there or document.billed_document_there


def _has_an_address(id: str, context: Context, who: str, terms: str) -> Rule:  # noqa: A002 - it is the id
    """The rule that an address has a street, a city and a post code."""
    return Rule(id, (context,), _is_complete, f"The address of {who} has a street, a city and a post code ({terms}).")


def _is_complete(address: Fact) -> object:
    return address.has_street and address.has_city and address.has_post_code


ADDRESS_RULES = (
    _has_an_address("NL-R-002", SELLER_ADDRESS, "a Dutch seller", "BT-35, BT-37, BT-38"),
    _has_an_address("NL-R-004", BUYER_ADDRESS, "a Dutch buyer of a Dutch seller", "BT-50, BT-52, BT-53"),
    _has_an_address("NL-R-006", REPRESENTATIVE_ADDRESS, "a Dutch tax representative of a Dutch seller", "BT-64, BT-66, BT-67"),
)


@rule("NL-R-003", SELLER_ENTITY, at="entity_id")
def seller_has_a_dutch_number(entity: Fact) -> object:
    """The registration number of a Dutch seller (BT-30) is one of KvK (0106) or an OIN (0190)."""
    return not exists(entity.entity_id) or _is_dutch_number(entity)


@rule("NL-R-005", BUYER_ENTITY, at="entity_id")
def buyer_has_a_dutch_number(entity: Fact) -> object:
    """The registration number of a Dutch buyer of a Dutch seller (BT-47) is one of KvK (0106) or an OIN (0190)."""
    return not exists(entity.entity_id) or _is_dutch_number(entity)


def _is_dutch_number(entity: Fact) -> object:
    scheme = f" {single(entity.entity_scheme)} "
    return (" 0106 " in scheme or " 0190 " in scheme) and normal(entity.entity_id)


@rule("NL-R-007", DOCUMENT, at="payable_amount")
def tells_how_to_pay(document: Fact) -> object:
    """A Dutch invoice with something to pay (BT-115) tells how to pay it (BG-16)."""
    credit = document.name == CREDIT_NOTE
    return document.payment_means_anywhere or (document.payable_amount >= 0 if credit else document.payable_amount <= 0)


@rule("NL-R-008", MEANS, at="means_code")
def payment_means_is_used_in_the_netherlands(means: Fact) -> object:
    """Dutch parties use the payment means (BT-81) 30, 48, 49, 57, 58 and 59."""
    return normal(means.means_code) in MEANS_CODES


@rule("NL-R-009", DOCUMENT, at="cac:OrderReference")
def order_line_goes_with_an_order(document: Fact) -> object:
    """A Dutch invoice whose lines refer to lines of an order (BT-132) names the order (BT-13)."""
    return not document.order_line_there or document.order_reference_there
