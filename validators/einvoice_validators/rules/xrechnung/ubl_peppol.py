"""The rules of Peppol that XRechnung carries itself: document, parties, payment, allowances (UBL)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, Keep, Read, facts, number, text, there
from einvoice_validators.rules.xrechnung.specification import MANDATED, slack, within
from einvoice_validators.ruleset import Pattern, rule
from einvoice_validators.xpath import EXACT, SPACE, Uncast, divide, exists, normal, text_node

EMPTY = Pattern("xrechnung empty elements", Syntax.UBL)
PATTERN = Pattern("xrechnung peppol", Syntax.UBL)
HUNDRED = Decimal(100)

ANY = EMPTY.leaf("*", blank=True)
ROOT = PATTERN.context(
    "/ubl:Invoice | /cn:CreditNote",
    process_named=there("cbc:ProfileID"),
    currency_code=text("cbc:DocumentCurrencyCode"),
    vat_accounting_currency_code=text("cbc:TaxCurrencyCode"),
    document_tax_totals=facts("cac:TaxTotal"),
)
TAX_TOTAL = PATTERN.context(
    "/ubl:Invoice/cac:TaxTotal | /cn:CreditNote/cac:TaxTotal",
    tax_amount_uncast=Read("cbc:TaxAmount", Keep.ONE, Uncast),
    tax_amount_currency=text("cbc:TaxAmount/@currencyID"),
    broken_down=there("cac:TaxSubtotal"),
)
BUYER = PATTERN.context("cac:AccountingCustomerParty/cac:Party", electronic_address_named=there("cbc:EndpointID"))
SELLER = PATTERN.context("cac:AccountingSupplierParty/cac:Party", electronic_address_named=there("cbc:EndpointID"))
_ALLOWANCES = " | ".join(
    f"{path}/cac:AllowanceCharge"
    for path in ("ubl:Invoice", "ubl:Invoice/cac:InvoiceLine", "cn:CreditNote", "cn:CreditNote/cac:CreditNoteLine")
)
MEANS = PATTERN.context(
    "cac:PaymentMeans",
    where=lambda means: normal(means.means_code) in MANDATED,
    means_code=text("cbc:PaymentMeansCode"),
    mandate_reference_named=there("cac:PaymentMandate/cbc:ID"),
)


def _has(percentage: bool, base: bool) -> Callable[[Fact], bool]:
    return lambda allowance: exists(allowance.percentage) is percentage and exists(allowance.base_amount) is base


ALLOWANCE_WITHOUT_BASE = PATTERN.context(
    _ALLOWANCES,
    where=_has(percentage=True, base=False),
    percentage=number("cbc:MultiplierFactorNumeric"),
    base_amount=number("cbc:BaseAmount"),
    amount=number("cbc:Amount"),
    indicator=text("cbc:ChargeIndicator"),
)
ALLOWANCE_WITHOUT_PERCENTAGE = PATTERN.context(_ALLOWANCES, where=_has(percentage=False, base=True))
ALLOWANCE = PATTERN.context(_ALLOWANCES)


@rule("PEPPOL-EN16931-R008", ANY)
def no_element_is_empty(text: str) -> object:
    """No element is empty."""
    return text.strip(SPACE)


@rule("PEPPOL-EN16931-R001", ROOT)
def process_is_named(document: Fact) -> object:
    """The business process is named (BT-23)."""
    return document.process_named


@rule("PEPPOL-EN16931-R053", ROOT, at="cac:TaxTotal")
def one_tax_total_is_broken_down(document: Fact) -> object:
    """Exactly one VAT total has a breakdown by rate (BG-23)."""
    return sum(total.broken_down for total in document.document_tax_totals) == 1


@rule("PEPPOL-EN16931-R054", ROOT, at="cac:TaxTotal")
def accounting_currency_has_its_total(document: Fact) -> object:
    """One VAT total without breakdown (BT-111) stands where there is a VAT accounting currency (BT-6), none where there is not."""
    plain = sum(not total.broken_down for total in document.document_tax_totals)
    return plain == exists(document.vat_accounting_currency_code)


@rule("PEPPOL-EN16931-R055", ROOT, at="cac:TaxTotal")
def tax_totals_have_the_same_sign(document: Fact) -> object:
    """The VAT totals in the two currencies (BT-110, BT-111) have the same sign."""
    if not exists(document.vat_accounting_currency_code):
        return True
    sides = [_amounts_in(document, document.vat_accounting_currency_code), _amounts_in(document, document.currency_code)]
    return all(any(amount <= 0 for amount in side) for side in sides) or all(any(amount >= 0 for amount in side) for side in sides)


def _amounts_in(document: Fact, currency: str) -> list[Uncast]:
    wanted = normal(currency)
    return [total.tax_amount_uncast for total in document.document_tax_totals if total.tax_amount_currency == wanted]


@rule("PEPPOL-EN16931-R005", ROOT, at="vat_accounting_currency_code")
def accounting_currency_is_another(document: Fact) -> object:
    """The VAT accounting currency (BT-6) is another than the invoice currency (BT-5)."""
    code = document.vat_accounting_currency_code
    return not exists(code) or normal(text_node(code)) != normal(text_node(document.currency_code))


@rule("PEPPOL-EN16931-R010", BUYER)
def buyer_has_an_electronic_address(party: Fact) -> object:
    """The buyer's electronic address is given (BT-49)."""
    return party.electronic_address_named


@rule("PEPPOL-EN16931-R020", SELLER)
def seller_has_an_electronic_address(party: Fact) -> object:
    """The seller's electronic address is given (BT-34)."""
    return party.electronic_address_named


@rule("PEPPOL-EN16931-R061", MEANS, at="means_code")
def debit_names_its_mandate(means: Fact) -> object:
    """A direct debit names its mandate reference (BT-89)."""
    return means.mandate_reference_named


@rule("PEPPOL-EN16931-R041", ALLOWANCE_WITHOUT_BASE, at="percentage")
def percentage_has_a_base(_: Fact) -> object:
    """An allowance or charge with a percentage names the base amount too."""
    return False


@rule("PEPPOL-EN16931-R042", ALLOWANCE_WITHOUT_PERCENTAGE, at="base_amount")
def base_has_a_percentage(_: Fact) -> object:
    """An allowance or charge with a base amount names the percentage too."""
    return False


@rule("PEPPOL-EN16931-R040", ALLOWANCE, at="amount")
def amount_is_the_percentage_of_the_base(allowance: Fact) -> object:
    """The amount of an allowance or charge is its percentage of its base amount, give or take two cents (half a forint)."""
    if not (exists(allowance.percentage) and exists(allowance.base_amount)):
        return True
    calculated = divide(EXACT.multiply(allowance.base_amount, allowance.percentage), HUNDRED)
    return within(allowance.amount, calculated, slack(allowance.document.currency_code))


@rule("PEPPOL-EN16931-R043", ALLOWANCE, at="indicator")
def indicator_is_a_word(allowance: Fact) -> object:
    """The indicator of an allowance or charge is true or false, not 1 or 0."""
    return normal(text_node(allowance.indicator)) in ("true", "false")
