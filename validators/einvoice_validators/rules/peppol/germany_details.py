"""Peppol BIS, German sellers and buyers: their addresses, contacts and ways of payment."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, there
from einvoice_validators.rules.peppol.check_digits import iban
from einvoice_validators.rules.peppol.common import CUSTOMER, SUPPLIER, between_germans
from einvoice_validators.ruleset import WARNING, Context, Pattern, Rule, rule
from einvoice_validators.xpath import normal

_email = partial(re.fullmatch, r"[^@ \t\r\n]+@(?:[^@. \t\r\n]+\.)+[^@. \t\r\n]+")
_three_digits = partial(re.search, "[0-9].*[0-9].*[0-9]")
_without_spaces = partial(re.sub, r"[ \t\r\n]", "")

PATTERN = Pattern("peppol germany, details", Syntax.UBL)
SELLER = PATTERN.context("/*/cac:AccountingSupplierParty", when=between_germans, contact_there=there("cac:Party/cac:Contact"))
_address: dict[str, Any] = {"city": text("cbc:CityName"), "post_code": text("cbc:PostalZone")}
SELLER_ADDRESS = PATTERN.context(f"/*/{SUPPLIER}/cac:PostalAddress", when=between_germans, **_address)
CONTACT = PATTERN.context(
    f"/*/{SUPPLIER}/cac:Contact",
    when=between_germans,
    contact_name=text("cbc:Name"),
    contact_phone=text("cbc:Telephone"),
    contact_email=text("cbc:ElectronicMail"),
)
BUYER_ADDRESS = PATTERN.context(f"/*/{CUSTOMER}/cac:PostalAddress", when=between_germans, **_address)
DELIVERY_ADDRESS = PATTERN.context("/*/cac:Delivery/cac:DeliveryLocation/cac:Address", when=between_germans, **_address)
MEANS = PATTERN.context(
    "/*/cac:PaymentMeans",
    when=between_germans,
    means_code=text("cbc:PaymentMeansCode"),
    payee_account=text("cac:PayeeFinancialAccount/cbc:ID"),
    payer_account=text("cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
    has_payee_account=there("cac:PayeeFinancialAccount"),
    has_card=there("cac:CardAccount"),
    has_mandate=there("cac:PaymentMandate"),
)
SUBTOTAL = PATTERN.context("/*/cac:TaxTotal/cac:TaxSubtotal", when=between_germans, has_rate=there("cac:TaxCategory/cbc:Percent"))
TRANSFERS, CARDS, DEBITS = ("30", "58"), ("48", "54", "55"), ("59",)


@rule("DE-R-002", SELLER, at="cac:Party")
def seller_has_a_contact(supplier: Fact) -> object:
    """A German seller names a contact (BG-6)."""
    return supplier.contact_there


def _told(id: str, context: Context, slot: str, sentence: str) -> Rule:  # noqa: A002 - it is the id
    """The rule that something is there, and not blank."""
    return Rule(id, (context,), lambda fact: normal(getattr(fact, slot)), sentence, at=slot)


TOLD = (
    _told("DE-R-003", SELLER_ADDRESS, "city", "The address of a German seller has a city (BT-37)."),
    _told("DE-R-004", SELLER_ADDRESS, "post_code", "The address of a German seller has a post code (BT-38)."),
    _told("DE-R-005", CONTACT, "contact_name", "The contact of a German seller has a name (BT-41)."),
    _told("DE-R-006", CONTACT, "contact_phone", "The contact of a German seller has a telephone number (BT-42)."),
    _told("DE-R-007", CONTACT, "contact_email", "The contact of a German seller has an email address (BT-43)."),
    _told("DE-R-008", BUYER_ADDRESS, "city", "The address of a German buyer has a city (BT-52)."),
    _told("DE-R-009", BUYER_ADDRESS, "post_code", "The address of a German buyer has a post code (BT-53)."),
    _told("DE-R-010", DELIVERY_ADDRESS, "city", "The place of a German delivery has a city (BT-77)."),
    _told("DE-R-011", DELIVERY_ADDRESS, "post_code", "The place of a German delivery has a post code (BT-78)."),
)


@rule("DE-R-014", SUBTOTAL, at="cac:TaxCategory")
def breakdown_has_a_rate(subtotal: Fact) -> object:
    """Each line of the VAT breakdown of a German invoice has a rate (BT-119)."""
    return subtotal.has_rate


@rule("DE-R-027", CONTACT, at="contact_phone", severity=WARNING)
def phone_has_three_digits(contact: Fact) -> object:
    """The telephone number of a German seller's contact (BT-42) has three digits at least."""
    return _three_digits(normal(contact.contact_phone))


@rule("DE-R-028", CONTACT, at="contact_email", severity=WARNING)
def email_has_its_shape(contact: Fact) -> object:
    """The email address of a German seller's contact (BT-43) has one @, and a point in what follows."""
    return _email(normal(contact.contact_email))


@rule("DE-R-019", MEANS, at="payee_account", severity=WARNING)
def payee_account_is_an_iban(means: Fact) -> object:
    """A German SEPA transfer (58) names a valid IBAN (BT-84)."""
    return normal(means.means_code) != "58" or iban(_bare(means.payee_account))


@rule("DE-R-020", MEANS, at="payer_account", severity=WARNING)
def payer_account_is_an_iban(means: Fact) -> object:
    """A German SEPA direct debit (59) names a valid IBAN to debit (BT-91)."""
    return normal(means.means_code) != "59" or iban(_bare(means.payer_account))


def _bare(account: str) -> str:
    return _without_spaces(account) if account else ""


@rule("DE-R-023-1", MEANS, at="means_code")
def transfer_has_an_account(means: Fact) -> object:
    """A German transfer (30 or 58) names the account to pay into (BG-17)."""
    return means.has_payee_account or normal(means.means_code) not in TRANSFERS


@rule("DE-R-023-2", MEANS, at="means_code")
def transfer_has_nothing_else(means: Fact) -> object:
    """A German transfer (30 or 58) names neither a card (BG-18) nor a direct debit (BG-19)."""
    return not (means.has_card or means.has_mandate) or normal(means.means_code) not in TRANSFERS


@rule("DE-R-024-1", MEANS, at="means_code")
def card_payment_has_a_card(means: Fact) -> object:
    """A German card payment (48, 54 or 55) names the card (BG-18)."""
    return means.has_card or normal(means.means_code) not in CARDS


@rule("DE-R-024-2", MEANS, at="means_code")
def card_payment_has_nothing_else(means: Fact) -> object:
    """A German card payment (48, 54 or 55) names neither an account to pay into (BG-17) nor a direct debit (BG-19)."""
    return not (means.has_payee_account or means.has_mandate) or normal(means.means_code) not in CARDS


@rule("DE-R-025-1", MEANS, at="means_code")
def direct_debit_has_a_mandate(means: Fact) -> object:
    """A German direct debit (59) names its mandate (BG-19)."""
    return means.has_mandate or normal(means.means_code) not in DEBITS


@rule("DE-R-025-2", MEANS, at="means_code")
def direct_debit_has_nothing_else(means: Fact) -> object:
    """A German direct debit (59) names neither an account to pay into (BG-17) nor a card (BG-18)."""
    return not (means.has_payee_account or means.has_card) or normal(means.means_code) not in DEBITS
