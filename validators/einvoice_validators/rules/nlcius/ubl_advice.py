"""What NLCIUS advises sellers in the Netherlands against, in UBL: warnings."""

from __future__ import annotations

from einvoice_validators.facts import Fact, text, there
from einvoice_validators.rules.nlcius.scope import ubl_seller_is_dutch, unwanted
from einvoice_validators.rules.nlcius.ubl import MODEL, PAYMENT_MEANS
from einvoice_validators.ruleset import WARNING, Rule, rule
from einvoice_validators.xpath import exists, normal

SEPA = frozenset({"58", "59"})


def _unwanted(id: str, path: str, sentence: str) -> Rule:  # noqa: A002 - it is the id
    return Rule(id, (MODEL.context(path, when=ubl_seller_is_dutch, content=text(".")),), unwanted, sentence, WARNING, "content")


UNWANTED = (
    _unwanted("BR-NL-19", "cbc:TaxCurrencyCode", "A seller in the Netherlands needs no VAT accounting currency (BT-6)."),
    _unwanted("BR-NL-20", "cbc:TaxPointDate", "A seller in the Netherlands needs no tax point date (BT-7); it is ignored."),
    _unwanted(
        "BR-NL-21",
        "cac:InvoicePeriod/cbc:DescriptionCode",
        "A seller in the Netherlands needs no tax point date code (BT-8); it is ignored.",
    ),
    _unwanted(
        "BR-NL-24",
        "cac:BillingReference/cac:InvoiceDocumentReference/cbc:IssueDate",
        "The date of the preceding invoice (BT-26) is better left out.",
    ),
)

TAX_REGISTRATION = MODEL.context(
    "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme",
    when=ubl_seller_is_dutch,
    registration=text("cbc:CompanyID"),
    tax_scheme=text("cac:TaxScheme/cbc:ID"),
)


@rule("BR-NL-25", TAX_REGISTRATION, at="registration", severity=WARNING)
def seller_is_registered_for_vat_alone(party: Fact) -> object:
    """A seller in the Netherlands has no tax registration (BT-32) other than its VAT number."""
    return not exists(party.registration) or party.tax_scheme == "VAT"


PLACES = (
    ("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress", "seller", "BT-162", "BT-39"),
    ("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress", "buyer", "BT-163", "BT-54"),
    ("cac:TaxRepresentativeParty/cac:PostalAddress", "tax representative", "BT-164", "BT-68"),
    ("cac:Delivery/cac:DeliveryLocation/cac:Address", "place of delivery", "BT-165", "BT-79"),
)

LEGAL_FORM = _unwanted(
    "BR-NL-26",
    "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyLegalForm",
    "A seller in the Netherlands needs no additional legal information (BT-33).",
)
THIRD_LINES = tuple(
    _unwanted(
        f"BR-NL-27-{number}", f"{path}/cac:AddressLine/cbc:Line", f"The address of the {whose} is better without a third line ({term})."
    )
    for number, (path, whose, term, _) in enumerate(PLACES, 1)
)
SUBDIVISIONS = tuple(
    _unwanted(
        f"BR-NL-28-{number}",
        f"{path}/cbc:CountrySubentity",
        f"The address of the {whose} is better without a country subdivision ({term}).",
    )
    for number, (path, whose, _, term) in enumerate(PLACES, 1)
)

MEANS_CODE = MODEL.context("cac:PaymentMeans/cbc:PaymentMeansCode", when=ubl_seller_is_dutch, content=text("."), has_name=there("@name"))


@rule("BR-NL-29", MEANS_CODE, at="has_name", severity=WARNING)
def means_of_payment_has_no_text(code: Fact) -> object:
    """The means of payment is better given as a code alone, without a text (BT-82)."""
    return not code.has_name


ACCOUNT_NAME = _unwanted(
    "BR-NL-30", "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:Name", "The name of the payment account (BT-85) is better left out."
)


@rule("BR-NL-31", PAYMENT_MEANS, at="has_bank_id", severity=WARNING)
def sepa_payment_needs_no_bank_identifier(means: Fact) -> object:
    """A SEPA payment (58, 59) needs no identifier of the payment service provider (BT-86)."""
    return not means.has_bank_id or normal(means.means_code) not in SEPA


REASON_CODE = _unwanted(
    "BR-NL-32-1",
    "cac:AllowanceCharge/cbc:AllowanceChargeReasonCode",
    "The reason of an allowance or charge is better given as a text than as a code (BT-98, BT-105, BT-140, BT-145).",
)

TAX_AMOUNT = MODEL.context("cac:TaxTotal/cbc:TaxAmount", when=ubl_seller_is_dutch, content=text("."), currency=text("@currencyID"))


@rule("BR-NL-33", TAX_AMOUNT, at="currency", severity=WARNING)
def vat_is_in_the_invoice_currency(amount: Fact) -> object:
    """A VAT total in another currency than that of the invoice (BT-111) is better left out."""
    return amount.currency in amount.document.document_currencies


EXEMPTION_CODE = _unwanted(
    "BR-NL-35",
    "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReasonCode",
    "The reason for a VAT exemption is better given as a text than as a code (BT-121).",
)
