"""Peppol BIS, sellers from Denmark."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, text
from einvoice_validators.rules.peppol.common import ADDRESSES, CREDIT_NOTE, CUSTOMER, SUPPLIER
from einvoice_validators.rules.peppol.values import numeric, single
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import all_of, exists, normal, text_node

MEANS_CODES = " 1 10 31 42 48 49 50 58 59 93 97 "
CLASS_VERSIONS = frozenset(("19.05.01", "19.0501", "26.08.01", "26.0801"))
_account = partial(re.fullmatch, "[0-9]{7,8}")


def _danish_seller(document: Fact) -> object:
    return document.supplier_address_country == "DK"


def _danish(document: Fact) -> object:
    return document.supplier_address_country == "DK" and document.customer_address_country == "DK"


PATTERN = Pattern("peppol denmark", Syntax.UBL)
DOCUMENT = PATTERN.context(
    "/*",
    when=_danish_seller,
    supplier_legal_id=text(f"{SUPPLIER}/cac:PartyLegalEntity/cbc:CompanyID"),
    supplier_legal_scheme=text(f"{SUPPLIER}/cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
    payable_text=text("cac:LegalMonetaryTotal/cbc:PayableAmount"),
    **ADDRESSES,
)
IDENTIFICATION = PATTERN.context(
    f"/*/{SUPPLIER}/cac:PartyIdentification | /*/{CUSTOMER}/cac:PartyIdentification", when=_danish, party_id_scheme=text("cbc:ID/@schemeID")
)
MEANS = PATTERN.context(
    "/ubl:Invoice/cac:PaymentMeans",
    when=_danish,
    means_code=text("cbc:PaymentMeansCode"),
    payment_reference=text("cbc:PaymentID"),
    payee_account=text("cac:PayeeFinancialAccount/cbc:ID"),
    payee_branch=text("cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"),
    mandate_id=text("cac:PaymentMandate/cbc:ID"),
    payer_account=text("cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
)
BUYER = PATTERN.context(
    f"/*/{CUSTOMER}",
    when=_danish,
    legal_id=text("cac:PartyLegalEntity/cbc:CompanyID"),
    legal_scheme=text("cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
)
_class = "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode"
LINE = PATTERN.context(
    "/*/cac:InvoiceLine | /*/cac:CreditNoteLine",
    when=_danish,
    item_class_lists=distinct(f"{_class}/@listID"),
    item_class_versions=distinct(f"{_class}/@listVersionID"),
)
ALLOWANCE = PATTERN.context(
    "cac:AllowanceCharge",
    when=_danish,
    allowance_reason_code=text("cbc:AllowanceChargeReasonCode"),
    allowance_reason=text("cbc:AllowanceChargeReason"),
)


@rule("DK-R-002", DOCUMENT, at=f"{SUPPLIER}/cac:PartyLegalEntity")
def seller_has_a_cvr_number(document: Fact) -> object:
    """A Danish seller gives its CVR number (BT-30)."""
    return normal(text_node(document.supplier_legal_id))


@rule("DK-R-014", DOCUMENT, at="supplier_legal_id")
def seller_number_is_of_cvr(document: Fact) -> object:
    """The registration number of a Danish seller (BT-30) is of the scheme 0184."""
    return not exists(document.supplier_legal_id) or normal(document.supplier_legal_scheme) == "0184"


@rule("DK-R-016", DOCUMENT, at="payable_text")
def danish_credit_note_is_not_negative(document: Fact) -> object:
    """A credit note between Danish parties is not for a negative amount (BT-115)."""
    danish_credit = document.name == CREDIT_NOTE and document.customer_address_country == "DK"
    return not (danish_credit and numeric(text_node(document.payable_text)) < 0)


@rule("DK-R-013", IDENTIFICATION, at="cbc:ID")
def party_identifier_has_a_scheme(identification: Fact) -> object:
    """Identifiers of Danish parties (BT-29, BT-46) name their scheme."""
    return normal(identification.party_id_scheme)


@rule("DK-R-005", MEANS, at="means_code")
def payment_means_is_used_in_denmark(means: Fact) -> object:
    """Danish parties use the payment means 1, 10, 31, 42, 48, 49, 50, 58, 59, 93 and 97."""
    return f" {means.means_code} " in MEANS_CODES


@rule("DK-R-006", MEANS, at="payee_account")
def transfer_has_account_and_branch(means: Fact) -> object:
    """A Danish transfer (31 or 42) names the account (BT-84) and the registration number of its bank (BT-86)."""
    if means.means_code not in ("31", "42"):
        return True
    return all_of(lambda: normal(text_node(means.payee_account)), lambda: normal(text_node(means.payee_branch)))


@rule("DK-R-007", MEANS, at="mandate_id")
def direct_debit_has_mandate_and_account(means: Fact) -> object:
    """A Danish direct debit (49) names the mandate (BT-89) and the account that is debited (BT-91)."""
    if means.means_code != "49":
        return True
    return all_of(lambda: normal(text_node(means.mandate_id)), lambda: normal(text_node(means.payer_account)))


@rule("DK-R-008", MEANS, at="payment_reference")
def giro_names_card_type_and_account(means: Fact) -> object:
    """A payment by GiroKort (50) begins its reference (BT-83) with 01#, 04# or 15#, and its account (BT-84) is 7 or 8 digits."""
    if means.means_code != "50":
        return True
    return single(means.payment_reference)[:3] in ("01#", "04#", "15#") and _account(single(means.payee_account))


@rule("DK-R-009", MEANS, at="payment_reference")
def giro_reference_has_its_length(means: Fact) -> object:
    """A GiroKort reference (BT-83) that begins with 04# or 15# is 19 characters long."""
    if means.means_code != "50" or single(means.payment_reference)[:3] not in ("04#", "15#"):
        return True
    return len(means.payment_reference) == 19


@rule("DK-R-010", MEANS, at="payment_reference")
def fik_names_card_type_and_account(means: Fact) -> object:
    """A payment by FIK (93) begins its reference (BT-83) with 71#, 73# or 75#, and its account (BT-84) is 8 characters."""
    if means.means_code != "93":
        return True
    return single(means.payment_reference)[:3] in ("71#", "73#", "75#") and len(text_node(means.payee_account)) == 8


@rule("DK-R-011", MEANS, at="payment_reference")
def fik_reference_has_its_length(means: Fact) -> object:
    """A FIK reference (BT-83) that begins with 71# or 75# is 18 or 19 characters long."""
    if means.means_code != "93" or single(means.payment_reference)[:3] not in ("71#", "75#"):
        return True
    return len(means.payment_reference) in (18, 19)


@rule("DK-R-017", BUYER, at="legal_id")
def buyer_number_is_of_cvr(party: Fact) -> object:
    """The registration number of a Danish buyer (BT-47) is of the scheme 0184."""
    return not exists(party.legal_id) or normal(party.legal_scheme) == "0184"


@rule("DK-R-003", LINE, at=_class)
def item_class_is_of_a_known_version(line: Fact) -> object:
    """An item classified by UNSPSC (TST) between Danish parties names the version 19.05.01 or 26.08.01 (BT-158-2)."""
    return "TST" not in line.item_class_lists or not CLASS_VERSIONS.isdisjoint(line.item_class_versions)


@rule("DK-R-004", ALLOWANCE, at="allowance_reason")
def own_reason_has_a_number_or_a_text(allowance: Fact) -> object:
    """The reason of an allowance or charge with the code ZZZ between Danish parties is a tax code of four digits, or has # within."""
    if allowance.allowance_reason_code == "ZZZ":
        return _is_danish_reason(allowance.allowance_reason)
    return True


def _is_danish_reason(found: Any) -> object:
    reason = single(found)
    if "#" in reason and not reason.startswith("#") and not reason.endswith("#"):
        return True
    return 0 <= numeric(reason) <= 9999 and len(normal(text_node(reason))) == 4
