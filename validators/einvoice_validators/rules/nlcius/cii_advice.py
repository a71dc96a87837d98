"""What NLCIUS advises sellers in the Netherlands against, in CII: warnings."""

from __future__ import annotations

from einvoice_validators.facts import Fact, text
from einvoice_validators.rules.nlcius.cii import MODEL
from einvoice_validators.rules.nlcius.scope import cii_seller_is_dutch, unwanted
from einvoice_validators.ruleset import WARNING, Rule, rule
from einvoice_validators.xpath import exists


def _unwanted(id: str, path: str, sentence: str) -> Rule:  # noqa: A002 - it is the id
    return Rule(id, (MODEL.context(path, when=cii_seller_is_dutch, content=text(".")),), unwanted, sentence, WARNING, "content")


UNWANTED = (
    _unwanted("BR-NL-19", "ram:TaxCurrencyCode", "A seller in the Netherlands needs no VAT accounting currency (BT-6)."),
    _unwanted("BR-NL-20", "ram:TaxPointDate/udt:DateString", "A seller in the Netherlands needs no tax point date (BT-7); it is ignored."),
    _unwanted("BR-NL-21", "ram:DueDateTypeCode", "A seller in the Netherlands needs no tax point date code (BT-8); it is ignored."),
    _unwanted("BR-NL-22", "ram:SubjectCode", "The subject code of a note (BT-21) is better left out, unless the buyer agreed to it."),
    _unwanted(
        "BR-NL-23",
        "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID",
        "The business process (BT-23) is better left out, unless a network wants it.",
    ),
    _unwanted(
        "BR-NL-24",
        "ram:InvoiceReferencedDocument/ram:FormattedIssueDateTime/qdt:DateTimeString",
        "The date of the preceding invoice (BT-26) is better left out.",
    ),
)

TAX_REGISTRATION = MODEL.context(
    "ram:SellerTradeParty/ram:SpecifiedTaxRegistration",
    when=cii_seller_is_dutch,
    registration=text("ram:ID"),
    registration_scheme=text("ram:ID/@schemeID"),
)


@rule("BR-NL-25", TAX_REGISTRATION, at="registration", severity=WARNING)
def seller_is_registered_for_vat_alone(party: Fact) -> object:
    """A seller in the Netherlands has no tax registration (BT-32) other than its VAT number."""
    return not exists(party.registration) or party.registration_scheme == "VA"


PARTIES = (
    ("SellerTradeParty", "seller", "BT-162", "BT-39"),
    ("BuyerTradeParty", "buyer", "BT-163", "BT-54"),
    ("SellerTaxRepresentativeTradeParty", "tax representative", "BT-164", "BT-68"),
    ("ShipToTradeParty", "place of delivery", "BT-165", "BT-79"),
)

DESCRIPTION = _unwanted(
    "BR-NL-26", "ram:SellerTradeParty/ram:Description", "A seller in the Netherlands needs no additional legal information (BT-33)."
)
THIRD_LINES = tuple(
    _unwanted(
        f"BR-NL-27-{number}",
        f"ram:{party}/ram:PostalTradeAddress/ram:LineThree",
        f"The address of the {whose} is better without a third line ({term}).",
    )
    for number, (party, whose, term, _) in enumerate(PARTIES, 1)
)
SUBDIVISIONS = tuple(
    _unwanted(
        f"BR-NL-28-{number}",
        f"ram:{party}/ram:PostalTradeAddress/ram:CountrySubDivisionName",
        f"The address of the {whose} is better without a country subdivision ({term}).",
    )
    for number, (party, whose, _, term) in enumerate(PARTIES, 1)
)
PAYMENT = (
    _unwanted(
        "BR-NL-29",
        "ram:SpecifiedTradeSettlementPaymentMeans/ram:Information",
        "The means of payment is better given without a text (BT-82).",
    ),
    _unwanted(
        "BR-NL-30", "ram:PayeePartyCreditorFinancialAccount/ram:AccountName", "The name of the payment account (BT-85) is better left out."
    ),
    _unwanted(
        "BR-NL-32-and-34",
        "ram:SpecifiedTradeAllowanceCharge/ram:ReasonCode",
        "The reason of an allowance or charge is better given as a text than as a code (BT-98, BT-105, BT-140, BT-145).",
    ),
)

TAX_AMOUNT = MODEL.context(
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:TaxTotalAmount",
    when=cii_seller_is_dutch,
    content=text("."),
    currency=text("@currencyID"),
)


@rule("BR-NL-33", TAX_AMOUNT, at="currency", severity=WARNING)
def vat_is_in_the_invoice_currency(amount: Fact) -> object:
    """A VAT total in another currency than that of the invoice (BT-111) is better left out."""
    return amount.currency == amount.document.invoice_currency


EXEMPTION_CODE = _unwanted(
    "BR-NL-35",
    "ram:ApplicableTradeTax/ram:ExemptionReasonCode",
    "The reason for a VAT exemption is better given as a text than as a code (BT-121).",
)
