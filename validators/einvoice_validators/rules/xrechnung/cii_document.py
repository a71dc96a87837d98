"""The document as a whole (CII): references, type, specification, attachments, delivery date."""

from __future__ import annotations

from einvoice.formats.syntax import Syntax
from einvoice_validators.facts import Fact, distinct, facts, text, texts, there
from einvoice_validators.rules.xrechnung.forms import discounts_are_well_formed, is_absolute_url
from einvoice_validators.rules.xrechnung.specification import INVOICE_TYPES, KNOWN, TAXED_CATEGORIES
from einvoice_validators.ruleset import INFORMATION, WARNING, Pattern, rule
from einvoice_validators.xpath import exists, normal

PATTERN = Pattern("xrechnung document", Syntax.CII)

_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_DELIVERY = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery"
_SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_LINE = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_LINE_TAX = f"{_LINE}/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax"
_ALLOWANCE_TAX = f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge/ram:CategoryTradeTax"

ROOT = PATTERN.context(
    "/rsm:CrossIndustryInvoice",
    buyer_reference=text(f"{_AGREEMENT}/ram:BuyerReference"),
    type_code=text("rsm:ExchangedDocument/ram:TypeCode"),
    payment_means_named=there(f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"),
    preceding_invoice_named=there(f"{_SETTLEMENT}/ram:InvoiceReferencedDocument"),
    line_tax_types=distinct(f"{_LINE_TAX}/ram:TypeCode"),
    line_category_codes=distinct(f"{_LINE_TAX}/ram:CategoryCode"),
    allowance_taxes=distinct(_ALLOWANCE_TAX),
    allowance_categories=distinct(f"{_ALLOWANCE_TAX}/ram:CategoryCode"),
    tax_representative_named=there(f"{_AGREEMENT}/ram:SellerTaxRepresentativeTradeParty"),
    seller_registrations=facts(f"{_AGREEMENT}/ram:SellerTradeParty/ram:SpecifiedTaxRegistration"),
    document_terms=facts(f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms"),
    referenced_documents=facts(".//ram:AdditionalReferencedDocument"),
    delivery_dated=there(f"{_DELIVERY}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime"),
    invoicing_period_named=there(f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod"),
    document_lines=facts(_LINE),
)
REGISTRATION = PATTERN.context(
    f"/rsm:CrossIndustryInvoice/{_AGREEMENT}/ram:SellerTradeParty/ram:SpecifiedTaxRegistration",
    registration=text("ram:ID"),
    registration_scheme=text("ram:ID/@schemeID"),
)
TERMS = PATTERN.context(f"/rsm:CrossIndustryInvoice/{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms", terms_notes=texts("ram:Description"))
LINE = PATTERN.context(
    f"/rsm:CrossIndustryInvoice/{_LINE}",
    line_period_named=there("ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod"),
)
CONTEXT = PATTERN.context(
    "/rsm:CrossIndustryInvoice/rsm:ExchangedDocumentContext",
    named_specifications=texts("ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
)
SUPPORTING_DOCUMENT = PATTERN.context(
    f"/rsm:CrossIndustryInvoice/{_AGREEMENT}/ram:AdditionalReferencedDocument",
    where=lambda document: document.document_type_code == "916",
    document_type_code=text("ram:TypeCode"),
    location=text("ram:URIID"),
)
SUBORDINATE_LINE = PATTERN.context("ram:IncludedSubordinateTradeLineItem")
ATTACHED = PATTERN.context("ram:AdditionalReferencedDocument", attachment_names=distinct("ram:AttachmentBinaryObject/@filename"))


@rule("BR-DE-1", ROOT)
def payment_instructions_are_given(document: Fact) -> object:
    """The invoice says how it is to be paid (BG-16)."""
    return document.payment_means_named


@rule("BR-DE-15", ROOT, at="buyer_reference")
def buyer_reference_is_given(document: Fact) -> object:
    """The buyer reference is given (BT-10); in Germany's public sector it is the Leitweg-ID."""
    return normal(document.buyer_reference)


@rule("BR-DE-16", ROOT, at=f"{_AGREEMENT}/ram:SellerTradeParty")
def seller_has_a_tax_number(document: Fact) -> object:
    """Where VAT applies, the seller has a VAT or tax number (BT-31, BT-32) or a tax representative (BG-11)."""
    return (
        not _vat_applies(document)
        or document.tax_representative_named
        or any(normal(each.registration_scheme) in ("VA", "FC") and normal(each.registration) for each in document.seller_registrations)
    )


def _vat_applies(document: Fact) -> bool:
    """Whether a line, or an allowance or charge, is of a VAT category that asks for a tax number."""
    return ("VAT" in document.line_tax_types and not TAXED_CATEGORIES().isdisjoint(document.line_category_codes)) or (
        "VAT" in document.allowance_taxes and not TAXED_CATEGORIES().isdisjoint(document.allowance_categories)
    )


@rule("BR-DE-17", ROOT, at="type_code", severity=WARNING)
def type_is_one_of_xrechnung(document: Fact) -> object:
    """The type of the invoice (BT-3) is one that XRechnung knows."""
    return normal(document.type_code) in INVOICE_TYPES()


@rule("BR-DE-18", ROOT, at=f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:Description")
def cash_discount_is_well_formed(document: Fact) -> object:
    """A line with # in the payment terms (BT-20) is a cash discount, #SKONTO#TAGE=14#PROZENT=2.00#, and a new line ends it."""
    return discounts_are_well_formed([terms.terms_notes[0] for terms in document.document_terms if terms.terms_notes])


@rule("BR-DE-22", ROOT, at=f"{_AGREEMENT}/ram:AdditionalReferencedDocument")
def attachment_names_are_unique(document: Fact) -> object:
    """No two attached documents (BT-125) that stand side by side have the same file name."""
    seen: dict[tuple[int, tuple[str, ...]], set[str]] = {}
    for reference in document.referenced_documents:
        before = seen.setdefault((reference.parent.index, reference.path), set())
        if not before.isdisjoint(reference.attachment_names):
            return False
        before.update(reference.attachment_names)
    return True


@rule("BR-DE-26", ROOT, at="type_code", severity=WARNING)
def correction_names_what_it_corrects(document: Fact) -> object:
    """A corrected invoice (type 384) names the invoice before it (BG-3)."""
    return normal(document.type_code) != "384" or document.preceding_invoice_named


@rule("BR-DE-TMP-32", ROOT, severity=INFORMATION)
def delivery_is_dated(document: Fact) -> object:
    """The day of delivery (BT-72), the invoicing period (BG-14) or the period of each line (BG-26) is given."""
    return document.delivery_dated or document.invoicing_period_named or all(line.line_period_named for line in document.document_lines)


@rule("BR-DE-21", CONTEXT, at="named_specifications", severity=WARNING)
def specification_is_xrechnung(context: Fact) -> object:
    """The specification identifier (BT-24) is that of XRechnung, its Extension or its CVD."""
    return not KNOWN.isdisjoint(context.named_specifications)


@rule("BR-TMP-2", SUPPORTING_DOCUMENT, at="location", severity=WARNING)
def location_is_an_absolute_url(document: Fact) -> object:
    """The location of an external document (BT-124) is an absolute web address."""
    return not exists(document.location) or is_absolute_url(document.location)
