"""Peppol BIS, sellers from Sweden."""

from __future__ import annotations

from typing import Any

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, facts, text, texts
from einvoice_validators.rules.peppol.check_digits import swedish_organisation
from einvoice_validators.rules.peppol.common import ADDRESSES, SUPPLIER, TAX_SCHEME
from einvoice_validators.rules.peppol.values import is_number, single
from einvoice_validators.ruleset import WARNING, Pattern, rule
from einvoice_validators.xpath import exists, normal, one

RATES = (25.0, 12.0, 6.0)
F_TAX = "GODKÄND FÖR F-SKATT"


def _swedish_seller(document: Fact) -> object:
    return document.supplier_address_country == "SE"


def _swedish_vat(document: Fact) -> object:
    return document.supplier_address_country == "SE" and any(
        each.tax_scheme == "VAT" and single(each.company_identifier)[:2] == "SE" for each in document.seller_tax_numbers
    )


PATTERN = Pattern("peppol sweden", Syntax.UBL)
SELLER = PATTERN.context(SUPPLIER, when=_swedish_vat, tax_schemes=facts("cac:PartyTaxScheme"))
ENTITY = PATTERN.context(f"{SUPPLIER}/cac:PartyLegalEntity", when=_swedish_seller, entity_id=text("cbc:CompanyID"))
SCHEME = PATTERN.context(f"{SUPPLIER}/cac:PartyTaxScheme", when=_swedish_seller, **TAX_SCHEME)
CATEGORY = PATTERN.context(
    "cac:TaxCategory | cac:ClassifiedTaxCategory", when=_swedish_vat, category_code=text("cbc:ID"), category_rate=text("cbc:Percent")
)
MEANS = PATTERN.context(
    "cac:PaymentMeans",
    when=_swedish_seller,
    means_code=text("cbc:PaymentMeansCode"),
    payee_account=text("cac:PayeeFinancialAccount/cbc:ID"),
    payee_branch=text("cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"),
)
DOCUMENT = PATTERN.context(
    "/*",
    seller_tax_numbers=facts(f"{SUPPLIER}/cac:PartyTaxScheme"),
    supplier_legal_ids=texts(f"{SUPPLIER}/cac:PartyLegalEntity/cbc:CompanyID"),
    **ADDRESSES,
)


def _vat_number(party: Fact) -> Any:
    return one(each.company_identifier for each in party.tax_schemes if each.tax_scheme == "VAT" and exists(each.company_identifier))


@rule("SE-R-001", SELLER, at="cac:PartyTaxScheme/cbc:CompanyID")
def vat_number_has_14_characters(party: Fact) -> object:
    """A Swedish VAT number (BT-31) is 14 characters long."""
    return len(normal(_vat_number(party))) == 14


@rule("SE-R-002", SELLER, at="cac:PartyTaxScheme/cbc:CompanyID")
def vat_number_ends_in_digits(party: Fact) -> object:
    """A Swedish VAT number (BT-31) is SE and a number."""
    return is_number(single(_vat_number(party))[2:14])


@rule("SE-R-003", ENTITY, at="entity_id")
def organisation_number_is_a_number(entity: Fact) -> object:
    """A Swedish organisation number (BT-30) is a number."""
    return not exists(entity.entity_id) or is_number(entity.entity_id)


@rule("SE-R-004", ENTITY, at="entity_id")
def organisation_number_has_ten_digits(entity: Fact) -> object:
    """A Swedish organisation number (BT-30) is ten digits long."""
    return not exists(entity.entity_id) or len(normal(entity.entity_id)) == 10


@rule("SE-R-013", ENTITY, at="entity_id")
def organisation_number_has_its_check_digit(entity: Fact) -> object:
    """The last digit of a Swedish organisation number (BT-30) checks the others."""
    return not exists(entity.entity_id) or swedish_organisation(normal(entity.entity_id))


@rule("SE-R-005", SCHEME, at="company_identifier")
def tax_registration_is_f_tax(scheme: Fact) -> object:
    """A Swedish seller with an organisation number states its tax registration (BT-32) as "Godkänd för F-skatt"."""
    if not exists(scheme.company_identifier) or normal(single(scheme.tax_scheme).upper()) == "VAT":
        return True
    return not scheme.document.supplier_legal_ids or normal(scheme.company_identifier.upper()) == F_TAX


@rule("SE-R-006", CATEGORY, at="category_rate")
def standard_rate_is_swedish(category: Fact) -> object:
    """A Swedish seller charges VAT of the category S at 25, 12 or 6 per cent."""
    if category.category_code == "S":
        return exists(category.category_rate) and float(category.category_rate) in RATES
    return True


def _giro(means: Fact, branch: str) -> bool:
    return exists(means.payee_account) and normal(means.means_code) == "30" and normal(means.payee_branch) == branch


@rule("SE-R-007", MEANS, at="payee_account", severity=WARNING)
def plusgiro_is_a_number(means: Fact) -> object:
    """A PlusGiro account (BT-84) is a number."""
    return not _giro(means, "SE:PLUSGIRO") or is_number(normal(means.payee_account))


@rule("SE-R-010", MEANS, at="payee_account", severity=WARNING)
def plusgiro_has_its_length(means: Fact) -> object:
    """A PlusGiro account (BT-84) is two to eight characters long."""
    return not _giro(means, "SE:PLUSGIRO") or 2 <= len(normal(means.payee_account)) <= 8


@rule("SE-R-008", MEANS, at="payee_account", severity=WARNING)
def bankgiro_is_a_number(means: Fact) -> object:
    """A Bankgiro account (BT-84) is a number."""
    return not _giro(means, "SE:BANKGIRO") or is_number(normal(means.payee_account))


@rule("SE-R-009", MEANS, at="payee_account", severity=WARNING)
def bankgiro_has_its_length(means: Fact) -> object:
    """A Bankgiro account (BT-84) is seven or eight characters long."""
    return not _giro(means, "SE:BANKGIRO") or len(normal(means.payee_account)) in (7, 8)


@rule("SE-R-011", MEANS, at="means_code", severity=WARNING)
def giro_is_a_credit_transfer(means: Fact) -> object:
    """Payment by Bankgiro or PlusGiro is told by the payment means 30, not 50 or 56."""
    return means.means_code not in ("50", "56")


@rule("SE-R-012", MEANS, at="means_code", severity=WARNING)
def domestic_transfer_is_30(means: Fact) -> object:
    """A transfer between Swedish parties is told by the payment means 30, not 31."""
    return not (means.means_code == "31" and means.document.customer_address_country == "SE")
