"""What NLCIUS requires of CII: most of it of sellers in the Netherlands."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, text, texts, there
from einvoice_validators.rules.nlcius.scope import cii_follows_nlcius, cii_seller_is_dutch, has_dutch_scheme
from einvoice_validators.ruleset import WARNING, Context, Pattern, Rule, rule
from einvoice_validators.xpath import decimal, double, normal

TRADE = "rsm:SupplyChainTradeTransaction"
AGREED, SETTLED = f"{TRADE}/ram:ApplicableHeaderTradeAgreement", f"{TRADE}/ram:ApplicableHeaderTradeSettlement"
MEANS_OF_PAYMENT = frozenset({30.0, 48.0, 49.0, 57.0, 58.0, 59.0})

MODEL = Pattern("NLCIUS", Syntax.CII)
DOCUMENT = MODEL.context(
    "/*",
    guideline_id=text("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
    seller_country=text(f"{AGREED}/ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID"),
    has_order_reference=there(f"{AGREED}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
    type_code=text("rsm:ExchangedDocument/ram:TypeCode"),
    has_means_of_payment=there(f"{SETTLED}/ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode"),
    invoice_currency=text(f"{SETTLED}/ram:InvoiceCurrencyCode"),
)
SELLER_ORGANISATION = MODEL.context(
    "ram:SellerTradeParty/ram:SpecifiedLegalOrganization",
    when=cii_seller_is_dutch,
    legal_id=text("ram:ID"),
    legal_id_schemes=texts("ram:ID/@schemeID"),
)
AGREEMENT = MODEL.context(
    "ram:ApplicableHeaderTradeAgreement",
    when=cii_seller_is_dutch,
    has_buyer_reference=there("ram:BuyerReference"),
    has_order_reference=there("ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
)


def _address(party: str) -> Context:
    return MODEL.context(
        f"ram:{party}/ram:PostalTradeAddress",
        when=cii_seller_is_dutch,
        country=text("ram:CountryID"),
        has_line_one=there("ram:LineOne"),
        has_city=there("ram:CityName"),
        has_postcode=there("ram:PostcodeCode"),
    )


SELLER_ADDRESS = _address("SellerTradeParty")
BUYER_ADDRESS = _address("BuyerTradeParty")
REPRESENTATIVE_ADDRESS = _address("SellerTaxRepresentativeTradeParty")
TYPE = MODEL.context("/*/rsm:ExchangedDocument/ram:TypeCode", when=cii_follows_nlcius, content=text("."))
BUYER = MODEL.context(
    "ram:BuyerTradeParty",
    when=cii_seller_is_dutch,
    country=text("ram:PostalTradeAddress/ram:CountryID"),
    legal_id=text("ram:SpecifiedLegalOrganization/ram:ID"),
    legal_id_schemes=texts("ram:SpecifiedLegalOrganization/ram:ID/@schemeID"),
)
TOTALS = MODEL.context(
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation", when=cii_seller_is_dutch, amounts_due=text("ram:DuePayableAmount")
)
PAYMENT_MEANS = MODEL.context(
    "ram:SpecifiedTradeSettlementPaymentMeans",
    when=cii_seller_is_dutch,
    means_code=text("ram:TypeCode"),
)
ORDER_LINE = MODEL.context("ram:BuyerOrderReferencedDocument/ram:LineID", when=cii_follows_nlcius, content=text("."))


@rule("BR-NL-1", SELLER_ORGANISATION, at="legal_id")
def seller_has_a_dutch_legal_identifier(seller: Fact) -> object:
    """A seller in the Netherlands gives its legal registration identifier (BT-30): a KVK number (0106) or an OIN (0190)."""
    return has_dutch_scheme(*seller.legal_id_schemes) and normal(seller.legal_id)


@rule("BR-NL-2", AGREEMENT, at="has_buyer_reference")
def there_is_a_buyer_or_order_reference(agreement: Fact) -> object:
    """An invoice of a seller in the Netherlands has a buyer reference (BT-10) or a purchase order reference (BT-13)."""
    return agreement.has_buyer_reference or agreement.has_order_reference


def is_complete(address: Fact) -> bool:
    """Whether street, city and post code are there."""
    return bool(address.has_line_one and address.has_city and address.has_postcode)


@rule("BR-NL-3", SELLER_ADDRESS, at="has_line_one")
def seller_address_is_complete(address: Fact) -> object:
    """The address of a seller in the Netherlands has street (BT-35), city (BT-37) and post code (BT-38)."""
    return is_complete(address)


@rule("BR-NL-4", BUYER_ADDRESS, at="has_line_one")
def dutch_buyer_address_is_complete(address: Fact) -> object:
    """Where seller and buyer are in the Netherlands, the buyer's address has street (BT-50), city (BT-52) and post code (BT-53)."""
    return address.country != "NL" or is_complete(address)


@rule("BR-NL-5", REPRESENTATIVE_ADDRESS, at="has_line_one")
def dutch_representative_address_is_complete(address: Fact) -> object:
    """A tax representative in the Netherlands has an address with street (BT-64), city (BT-66) and post code (BT-67)."""
    return address.country != "NL" or is_complete(address)


@rule("BR-NL-7", TYPE, at="content")
def type_is_one_used_in_the_netherlands(kind: Fact) -> object:
    """The invoice type (BT-3) is 380, 381, 384 or 389."""
    return double(kind.content) in (380.0, 381.0, 384.0, 389.0)


@rule("BR-NL-10", BUYER, at="legal_id")
def dutch_buyer_has_a_dutch_legal_identifier(buyer: Fact) -> object:
    """A Dutch seller's buyer has a legal registration identifier (BT-47); a Dutch buyer a KVK number (0106) or an OIN (0190)."""
    abroad = not buyer.country == "NL"  # noqa: SIM201 - a missing country is no other country, in XPath
    return (abroad or has_dutch_scheme(*buyer.legal_id_schemes)) and normal(buyer.legal_id)


@rule("BR-NL-11", TOTALS, at="amounts_due")
def what_is_due_can_be_paid(totals: Fact) -> object:
    """Where an amount is due (BT-115), a seller in the Netherlands gives payment instructions (BG-16), but for a credit note."""
    document = totals.document
    return decimal(totals.amounts_due) <= 0 or double(document.type_code) == 381 or document.has_means_of_payment


@rule("BR-NL-12", PAYMENT_MEANS, at="means_code")
def means_of_payment_is_one_used_in_the_netherlands(means: Fact) -> object:
    """The means of payment (BT-81) of a seller in the Netherlands is 30, 48, 49, 57, 58 or 59."""
    return double(means.means_code) in MEANS_OF_PAYMENT


@rule("BR-NL-13", ORDER_LINE)
def order_line_belongs_to_an_order(line: Fact) -> object:
    """Where a purchase order line is referred to (BT-132), the document names the purchase order (BT-13)."""
    return line.document.has_order_reference


# The copy of the CEN rules within NLCIUS looks for the buyer's representative, where CEN's own looks for the seller's identifier.
NO_BUYER_REPRESENTATIVE = Rule(
    "CII-SR-282",
    (Pattern("NLCIUS syntax", Syntax.CII).context(f"/rsm:CrossIndustryInvoice/{AGREED}"),),
    None,
    "A tax representative of the buyer is not used.",
    WARNING,
    "",
    ("ram:BuyerTaxRepresentativeTradeParty",),
)
