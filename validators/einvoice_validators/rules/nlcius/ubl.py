"""What NLCIUS requires of UBL: most of it of sellers in the Netherlands."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, number, text, texts, there
from einvoice_validators.rules.nlcius.scope import NLCIUS, has_dutch_scheme, ubl_follows_nlcius, ubl_seller_is_dutch
from einvoice_validators.ruleset import Context, Pattern, rule
from einvoice_validators.xpath import exists, normal

MEANS_OF_PAYMENT = frozenset({"30", "48", "49", "57", "58", "59"})

IDENTITY = Pattern("NLCIUS identity", Syntax.UBL)
ROOT = IDENTITY.context("/ubl:Invoice | /cn:CreditNote", customization_id=text("cbc:CustomizationID"))
CUSTOMIZATION = IDENTITY.leaf("cbc:CustomizationID")

MODEL = Pattern("NLCIUS", Syntax.UBL)
SELLER = MODEL.context(
    "cac:AccountingSupplierParty/cac:Party",
    when=ubl_seller_is_dutch,
    legal_ids=texts("cac:PartyLegalEntity/cbc:CompanyID"),
    legal_id_schemes=texts("cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
)
DOCUMENT = MODEL.context(
    "/*",
    when=ubl_seller_is_dutch,
    customization_id=text("cbc:CustomizationID"),
    seller_country=text("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
    has_buyer_reference=there("cbc:BuyerReference"),
    has_order_reference=there("cac:OrderReference/cbc:ID"),
    has_preceding_invoice=there("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"),
    has_payment_means=there(".//cac:PaymentMeans"),
    buyer_country=text("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
    buyer_legal_id_schemes=texts("cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID/@schemeID"),
    document_currencies=distinct(".//cbc:DocumentCurrencyCode"),
)


def _address(path: str) -> Context:
    return MODEL.context(
        path,
        when=ubl_seller_is_dutch,
        country=text("cac:Country/cbc:IdentificationCode"),
        street=text("cbc:StreetName"),
        city=text("cbc:CityName"),
        postcode=text("cbc:PostalZone"),
    )


SELLER_ADDRESS = _address("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress")
BUYER_ADDRESS = _address("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress")
REPRESENTATIVE_ADDRESS = _address("cac:TaxRepresentativeParty/cac:PostalAddress")
TYPE = MODEL.context("cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode", when=ubl_seller_is_dutch, content=text("."))
BUYER_LEGAL_ENTITY = MODEL.context(
    "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity", when=ubl_seller_is_dutch, legal_id=text("cbc:CompanyID")
)
TOTALS = MODEL.context("/ubl:Invoice/cac:LegalMonetaryTotal", when=ubl_seller_is_dutch, amount_due=number("cbc:PayableAmount"))
PAYMENT_MEANS = MODEL.context(
    "cac:PaymentMeans",
    when=ubl_seller_is_dutch,
    means_code=text("cbc:PaymentMeansCode"),
    has_bank_id=there("cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"),
)
ORDER_LINE = MODEL.context("cac:OrderLineReference/cbc:LineID", when=ubl_follows_nlcius, content=text("."))


@rule("REPORT:cbc:CustomizationID", ROOT, at="customization_id")
def the_specification_is_named(document: Fact) -> object:
    """A document names the specification that it follows (BT-24)."""
    return exists(document.customization_id)


@rule("REPORT:starts-with(normalize-space(.), 'urn:cen.eu:en16931:2017#com", CUSTOMIZATION)
def the_specification_is_nlcius(specification: str) -> object:
    """The specification identifier (BT-24) begins with that of NLCIUS."""
    return normal(specification).startswith(NLCIUS)


@rule("BR-NL-1", SELLER, at="legal_ids")
def seller_has_a_dutch_legal_identifier(seller: Fact) -> object:
    """A seller in the Netherlands gives its legal registration identifier (BT-30): a KVK number (0106) or an OIN (0190)."""
    return has_dutch_scheme(*seller.legal_id_schemes) and any(normal(each) for each in seller.legal_ids)


@rule("BR-NL-2", DOCUMENT, at="has_buyer_reference")
def there_is_a_buyer_or_order_reference(document: Fact) -> object:
    """An invoice of a seller in the Netherlands has a buyer reference (BT-10) or a purchase order reference (BT-13)."""
    return document.has_buyer_reference or document.has_order_reference


def is_complete(address: Fact) -> bool:
    """Whether street, city and post code are there."""
    return exists(address.street) and exists(address.city) and exists(address.postcode)


@rule("BR-NL-3", SELLER_ADDRESS, at="street")
def seller_address_is_complete(address: Fact) -> object:
    """The address of a seller in the Netherlands has street (BT-35), city (BT-37) and post code (BT-38)."""
    return is_complete(address)


@rule("BR-NL-4", BUYER_ADDRESS, at="street")
def dutch_buyer_address_is_complete(address: Fact) -> object:
    """Where seller and buyer are in the Netherlands, the buyer's address has street (BT-50), city (BT-52) and post code (BT-53)."""
    return address.country != "NL" or is_complete(address)


@rule("BR-NL-5", REPRESENTATIVE_ADDRESS, at="street")
def dutch_representative_address_is_complete(address: Fact) -> object:
    """A tax representative in the Netherlands has an address with street (BT-64), city (BT-66) and post code (BT-67)."""
    return address.country != "NL" or is_complete(address)


@rule("BR-NL-7", TYPE, at="content")
def type_is_one_used_in_the_netherlands(kind: Fact) -> object:
    """The invoice type (BT-3) is 380, 381, 384 or 389."""
    return kind.content in ("380", "381", "384", "389")


@rule("BR-NL-8", TYPE, at="content")
def credit_notes_alone_have_type_381(kind: Fact) -> object:
    """The type 381 (BT-3) stands in a credit note document, every other type in an invoice document."""
    return (kind.content == "381") == (kind.document.name == "cn:CreditNote")


@rule("BR-NL-9", TYPE, at="content")
def corrected_invoice_names_the_one_before(kind: Fact) -> object:
    """A corrected invoice (BT-3 is 384) names the invoice that it corrects (BT-25)."""
    return kind.content != "384" or kind.document.has_preceding_invoice


@rule("BR-NL-10", BUYER_LEGAL_ENTITY, at="legal_id")
def dutch_buyer_has_a_dutch_legal_identifier(entity: Fact) -> object:
    """A Dutch buyer of a Dutch seller has a KVK number (0106) or an OIN (0190) as legal registration identifier (BT-47)."""
    abroad = not entity.document.buyer_country == "NL"  # noqa: SIM201 - a missing country is no other country, in XPath
    named = not exists(entity.legal_id) or normal(entity.legal_id)
    return (abroad or has_dutch_scheme(*entity.document.buyer_legal_id_schemes)) and named


@rule("BR-NL-11", TOTALS, at="amount_due")
def what_is_due_can_be_paid(totals: Fact) -> object:
    """Where an amount is due (BT-115), a seller in the Netherlands gives payment instructions (BG-16)."""
    return totals.amount_due <= 0 or totals.document.has_payment_means


@rule("BR-NL-12", PAYMENT_MEANS, at="means_code")
def means_of_payment_is_one_used_in_the_netherlands(means: Fact) -> object:
    """The means of payment (BT-81) of a seller in the Netherlands is 30, 48, 49, 57, 58 or 59."""
    return normal(means.means_code) in MEANS_OF_PAYMENT


@rule("BR-NL-13", ORDER_LINE)
def order_line_belongs_to_an_order(line: Fact) -> object:
    """Where a purchase order line is referred to (BT-132), the document names the purchase order (BT-13)."""
    return line.document.has_order_reference
